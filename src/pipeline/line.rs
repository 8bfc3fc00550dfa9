//! Where threads that read feeds hand over what they have to tell, to be told in the order of the feeds.
//!
//! ```text
//!  feed 3 (being told)   ▣▣ ──────────▶ sink          may always add one parcel
//!  feed 4                ▣▣▣▣  whole, waits
//!  feed 5                ▣▣            waits for room
//!  feed 6                              not begun
//! ```
//!
//! Feeds are begun in order, so the one being told always has a thread, and that thread can always go
//! on: nothing waits for ever. What waits for its turn is bounded in bytes, whatever the feeds' sizes.

use super::finding::Finding;
use super::outcome::{FeedEnd, FeedStart, Outcome};
use super::plan::FeedError;
use foldhash::{HashMap, HashMapExt};
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Bytes of feed behind what waits for its turn.
const WAITING_BYTES_MAX: u64 = 8 << 20;

/// What a sink is told, as a value.
#[derive(Debug)]
pub(super) enum Message {
    Start(FeedStart),
    Outcome(Outcome),
    Finding(Finding),
    End(FeedEnd),
    Failed(FeedError),
}

/// Messages of one feed.
#[derive(Debug, Default)]
pub(super) struct Parcel {
    pub(super) messages: Vec<Message>,
    /// Bytes of feed behind them.
    pub(super) bytes: u64,
    /// Nothing of this feed follows.
    pub(super) last: bool,
}

/// Whether whoever adds parcels is to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Demand {
    More,
    /// Nobody wants more of this feed.
    Enough,
}

/// The feeds of a run, in line.
#[derive(Debug)]
pub(super) struct Line {
    state: Mutex<State>,
    changed: Condvar,
    waiting_bytes_max: u64,
}

#[derive(Debug)]
struct State {
    /// The feed being told.
    head: usize,
    /// The next feed to begin.
    next: usize,
    /// One past the last feed that will be told.
    end: usize,
    /// The sink wants no more of the feed being told.
    enough: bool,
    /// A reading thread is gone.
    broken: bool,
    waiting: HashMap<usize, VecDeque<Parcel>>,
    waiting_bytes: u64,
}

impl Line {
    pub(super) fn new(feeds: usize) -> Self {
        Self::with_room(feeds, WAITING_BYTES_MAX)
    }

    fn with_room(feeds: usize, waiting_bytes_max: u64) -> Self {
        let state = State {
            head: 0,
            next: 0,
            end: feeds,
            enough: false,
            broken: false,
            waiting: HashMap::new(),
            waiting_bytes: 0,
        };
        Self { state: Mutex::new(state), changed: Condvar::new(), waiting_bytes_max }
    }

    /// The next feed for a thread that has nothing to do.
    pub(super) fn claim(&self, stopped: bool) -> Option<usize> {
        let mut state = self.lock();
        if stopped || state.broken {
            state.end = state.next;
            self.changed.notify_all();
        }
        let next = state.next;
        state.next += usize::from(next < state.end);
        (next < state.end).then_some(next)
    }

    /// Adds a parcel of a feed, once there is room.
    pub(super) fn add(&self, feed: usize, parcel: Parcel) -> Demand {
        let mut state = self.lock();
        while !state.has_room(feed, parcel.bytes, self.waiting_bytes_max) {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let enough = state.broken || (state.enough && state.head == feed);
        state.waiting_bytes += parcel.bytes;
        state.waiting.entry(feed).or_default().push_back(parcel);
        self.changed.notify_all();
        if enough { Demand::Enough } else { Demand::More }
    }

    /// The next parcel to tell and its feed; `None` when all feeds are told.
    pub(super) fn take(&self) -> Option<(usize, Parcel)> {
        let mut state = self.lock();
        loop {
            let head = state.head;
            if head >= state.end || state.broken {
                return None;
            }
            if let Some(parcel) = state.waiting.get_mut(&head).and_then(VecDeque::pop_front) {
                state.waiting_bytes -= parcel.bytes;
                if parcel.last {
                    state.waiting.remove(&head);
                    state.head += 1;
                    state.enough = false;
                }
                self.changed.notify_all();
                return Some((head, parcel));
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The sink wants no more of the feed whose parcel was taken last.
    pub(super) fn enough(&self) {
        self.lock().enough = true;
    }

    /// A thread is gone without a word: nobody is to wait for it.
    pub(super) fn break_off(&self) {
        self.lock().broken = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn has_room(&self, feed: usize, bytes: u64, max: u64) -> bool {
        let is_awaited = feed == self.head && self.waiting.get(&feed).is_none_or(VecDeque::is_empty);
        self.broken || is_awaited || self.waiting_bytes + bytes <= max
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    fn parcel(bytes: u64, last: bool) -> Parcel {
        Parcel { messages: Vec::new(), bytes, last }
    }

    #[test]
    fn feeds_are_told_in_order_whoever_is_faster() {
        for threads in [1, 2, 5] {
            let line = Line::with_room(40, 10);
            let most = AtomicU64::new(0);
            let mut told = Vec::new();
            std::thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|| {
                        while let Some(feed) = line.claim(false) {
                            for number in 0..feed % 7 {
                                line.add(feed, parcel(number as u64, false));
                                most.fetch_max(line.lock().waiting_bytes, Ordering::Relaxed);
                            }
                            line.add(feed, parcel(feed as u64 + 100, true));
                        }
                    });
                }
                while let Some((_, parcel)) = line.take() {
                    told.push(parcel.bytes);
                }
            });
            let expected: Vec<u64> = (0..40).flat_map(|feed| (0..feed % 7).chain([feed + 100])).collect();
            assert_eq!(told, expected);
            // The feed being told may add one parcel beyond the bound.
            assert!(most.into_inner() <= 10 + 139);
        }
    }

    #[test]
    fn feeds_that_were_not_begun_are_not_told_after_a_stop() {
        let line = Line::new(3);
        assert_eq!(line.claim(false), Some(0));
        assert_eq!(line.claim(true), None);
        assert_eq!(line.claim(false), None);
        line.add(0, parcel(1, true));
        assert!(line.take().is_some());
        assert!(line.take().is_none());
    }

    #[test]
    fn enough_is_said_of_one_feed_only() {
        let line = Line::new(2);
        assert_eq!([line.claim(false), line.claim(false)], [Some(0), Some(1)]);
        line.add(0, parcel(1, false));
        line.take();
        line.enough();
        assert_eq!(line.add(0, parcel(1, true)), Demand::Enough);
        assert_eq!(line.add(1, parcel(1, false)), Demand::More);
        line.take();
        assert_eq!(line.add(1, parcel(1, true)), Demand::More);
    }

    #[test]
    fn nobody_waits_for_a_thread_that_is_gone() {
        let line = Line::new(2);
        line.claim(false);
        line.break_off();
        assert!(line.take().is_none());
        assert_eq!(line.add(1, parcel(u64::MAX, true)), Demand::Enough);
    }
}
