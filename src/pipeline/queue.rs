//! Where threads that read feeds hand over what they have to tell, to be taken in the order of the feeds.
//!
//! ```text
//!  feed 3 (being taken)  ▣▣ ──────────▶ consumer      may always add one parcel
//!  feed 4                ▣▣▣▣  whole, waits
//!  feed 5                ▣▣            waits for room
//!  feed 6                              not begun
//! ```
//!
//! Feeds are begun in order, so the one being taken always has a thread, and that thread can always go
//! on: nothing waits for ever. What waits for its turn is bounded by the memory it takes, whatever the feeds' sizes:
//! records that nobody is told of cost nothing.
//!
//! The one way from readers to whoever takes: readers block when there is no room, the consumer is woken through its
//! task, so that it may stand in asynchronous code as well as on a thread of its own.

use crate::judgement::FeedEvent;
use foldhash::{HashMap, HashMapExt};
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Bytes of memory of what waits for its turn.
const WAITING_BYTES_MAX: u64 = 8 << 20;

/// What one feed tells, in part.
#[derive(Debug, Default)]
pub(super) struct Parcel {
    pub(super) events: Vec<FeedEvent>,
    /// Bytes of memory they take.
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

/// The feeds of a run, in order.
#[derive(Debug)]
pub(super) struct FeedQueue {
    state: Mutex<State>,
    /// There is room, or nothing to wait for any more.
    room: Condvar,
    waiting_bytes_max: u64,
}

#[derive(Debug)]
struct State {
    /// The feed being taken.
    head: usize,
    /// The next feed to begin.
    next: usize,
    /// One past the last feed that will be taken.
    end: usize,
    /// No more is wanted of the feed being taken.
    enough: bool,
    /// Nobody takes any more, or a reading thread is gone.
    broken: bool,
    waiting: HashMap<usize, VecDeque<Parcel>>,
    waiting_bytes: u64,
    consumer: Option<Waker>,
}

impl FeedQueue {
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
            consumer: None,
        };
        Self { state: Mutex::new(state), room: Condvar::new(), waiting_bytes_max }
    }

    /// The next feed for a thread that has nothing to do.
    pub(super) fn claim(&self, stopped: bool) -> Option<usize> {
        let mut state = self.lock();
        if stopped || state.broken {
            state.end = state.next;
            state.wake();
        }
        let next = state.next;
        state.next += usize::from(next < state.end);
        (next < state.end).then_some(next)
    }

    /// Adds a parcel of a feed, once there is room.
    pub(super) fn add(&self, feed: usize, parcel: Parcel) -> Demand {
        let mut state = self.lock();
        while !state.has_room(feed, parcel.bytes, self.waiting_bytes_max) {
            state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let enough = state.broken || (state.enough && state.head == feed);
        state.waiting_bytes += parcel.bytes;
        state.waiting.entry(feed).or_default().push_back(parcel);
        if state.head == feed {
            state.wake();
        }
        if enough { Demand::Enough } else { Demand::More }
    }

    /// Everything at hand of the feed whose turn it is; `None` when all feeds are taken.
    pub(super) fn poll_take(&self, task: &mut Context<'_>) -> Poll<Option<Parcel>> {
        let mut state = self.lock();
        if state.head >= state.end || state.broken {
            return Poll::Ready(None);
        }
        let Some(parcel) = state.take_head() else {
            state.consumer = Some(task.waker().clone());
            return Poll::Pending;
        };
        self.room.notify_all();
        Poll::Ready(Some(parcel))
    }

    /// No more is wanted of the feed whose parcel was taken last.
    pub(super) fn enough(&self) {
        self.lock().enough = true;
    }

    /// Nobody takes any more, or a thread is gone without a word: nobody is to wait.
    pub(super) fn break_off(&self) {
        let mut state = self.lock();
        state.broken = true;
        state.wake();
        self.room.notify_all();
    }

    /// Whether it was broken off.
    pub(super) fn is_broken(&self) -> bool {
        self.lock().broken
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

    /// What waits of the feed at the head, put together.
    fn take_head(&mut self) -> Option<Parcel> {
        let waiting = self.waiting.get_mut(&self.head)?;
        let mut whole = waiting.pop_front()?;
        for parcel in waiting.drain(..) {
            whole.events.extend(parcel.events);
            whole.bytes += parcel.bytes;
            whole.last |= parcel.last;
        }
        self.waiting_bytes -= whole.bytes;
        if whole.last {
            self.waiting.remove(&self.head);
            self.head += 1;
            self.enough = false;
        }
        Some(whole)
    }

    fn wake(&mut self) {
        if let Some(consumer) = self.consumer.take() {
            consumer.wake();
        }
    }
}

/// Waits on this thread for what is polled.
#[cfg(test)]
pub(super) fn waited<T>(mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> T {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = std::sync::Arc::new(Unpark(std::thread::current())).into();
    let mut task = Context::from_waker(&waker);
    loop {
        match poll(&mut task) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::Failure;
    use std::sync::atomic::{AtomicU64, Ordering};

    impl FeedQueue {
        /// The next parcel, waited for.
        fn take(&self) -> Option<Parcel> {
            waited(|task| self.poll_take(task))
        }
    }

    fn parcel(bytes: u64, last: bool) -> Parcel {
        Parcel { events: Vec::new(), bytes, last }
    }

    /// A parcel that can be told from others, also when they come together.
    fn named(name: usize, last: bool) -> Parcel {
        let failure = Failure { kind: "name", causes: Vec::new() };
        let events = vec![FeedEvent::Failed(name.to_string().into(), failure)];
        Parcel { events, bytes: name as u64, last }
    }

    fn names(parcel: Parcel) -> impl Iterator<Item = usize> {
        parcel.events.into_iter().map(|event| match event {
            FeedEvent::Failed(name, _) => name.parse().expect("a number"),
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn feeds_are_taken_in_order_whoever_is_faster() {
        for threads in [1, 2, 5] {
            let queue = FeedQueue::with_room(40, 10);
            let most = AtomicU64::new(0);
            let mut told = Vec::new();
            std::thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|| {
                        while let Some(feed) = queue.claim(false) {
                            for number in 0..feed % 7 {
                                queue.add(feed, named(number, false));
                                most.fetch_max(queue.lock().waiting_bytes, Ordering::Relaxed);
                            }
                            queue.add(feed, named(feed + 100, true));
                        }
                    });
                }
                while let Some(parcel) = queue.take() {
                    told.extend(names(parcel));
                }
            });
            let expected: Vec<usize> = (0..40).flat_map(|feed| (0..feed % 7).chain([feed + 100])).collect();
            assert_eq!(told, expected);
            // The feed being taken may add one parcel beyond the bound.
            assert!(most.into_inner() <= 10 + 139);
        }
    }

    #[test]
    fn feeds_that_were_not_begun_are_not_told_after_a_stop() {
        let queue = FeedQueue::new(3);
        assert_eq!(queue.claim(false), Some(0));
        assert_eq!(queue.claim(true), None);
        assert_eq!(queue.claim(false), None);
        queue.add(0, parcel(1, true));
        assert!(queue.take().is_some());
        assert!(queue.take().is_none());
    }

    #[test]
    fn enough_is_said_of_one_feed_only() {
        let queue = FeedQueue::new(2);
        assert_eq!([queue.claim(false), queue.claim(false)], [Some(0), Some(1)]);
        queue.add(0, parcel(1, false));
        queue.take();
        queue.enough();
        assert_eq!(queue.add(0, parcel(1, true)), Demand::Enough);
        assert_eq!(queue.add(1, parcel(1, false)), Demand::More);
        queue.take();
        assert_eq!(queue.add(1, parcel(1, true)), Demand::More);
    }

    #[test]
    fn nobody_waits_for_a_thread_that_is_gone() {
        let queue = FeedQueue::new(2);
        queue.claim(false);
        queue.break_off();
        assert!(queue.take().is_none());
        assert_eq!(queue.add(1, parcel(u64::MAX, true)), Demand::Enough);
    }
}
