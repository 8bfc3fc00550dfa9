//! Many feeds on many threads, taken by one consumer in the order in which they were named.
//!
//! One large feed is read on one thread while the consumer works on another; thousands of small ones are
//! read on all of them. Each thread has a [`FeedReader`] of its own.

use super::board::Board;
use super::plan::{FeedError, FeedLimits, Plans, StopFlag, Structure};
use super::progress::Progress;
use super::queue::{Demand, FeedQueue, Parcel};
use super::sequential::FeedReader;
use super::spread::Measure;
use crate::judgement::{EventSink, FeedEvent, Flow};
use crate::map::Products;
use crate::source::{Digesting, FeedSource, Input, InputLimits};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

/// How feeds are read.
#[derive(Clone, Debug)]
pub struct FeedsOptions {
    /// Threads that read feeds, and share those that are large; 0 means one for each core.
    pub threads: usize,
    /// Caps on inputs.
    pub input: InputLimits,
    /// When digests are taken.
    pub digesting: Digesting,
    /// Bounds on each feed.
    pub limits: FeedLimits,
    /// Whether somebody takes products; where nobody does, accepted records are counted, and told only when there is
    /// something to say of them.
    pub products: Products,
    /// Whether it is gathered what records look like.
    pub structure: Structure,
    /// Ends it all early.
    pub stop: StopFlag,
}

impl Default for FeedsOptions {
    fn default() -> Self {
        Self {
            threads: 0,
            input: InputLimits::default(),
            digesting: Digesting::WhileReading,
            limits: FeedLimits::default(),
            products: Products::Wanted,
            structure: Structure::default(),
            stop: StopFlag::default(),
        }
    }
}

/// The threads for reading could not be had.
#[derive(Debug, thiserror::Error)]
#[error("cannot start the threads that read feeds")]
pub struct ThreadsError(#[from] rayon::ThreadPoolBuildError);

/// Events in one parcel.
const PARCEL_EVENTS_MAX: usize = 256;
/// Bytes of memory that one parcel takes.
const PARCEL_BYTES_MAX: u64 = 256 << 10;

/// So many feeds of a run are all looked at, when it is gathered what records look like.
pub const FEEDS_ALL: usize = 1_024;
/// Of the others one in so many: what thousands of small feeds look like is told by some of them, and each costs as
/// much as reading it.
pub const FEEDS_ONE_IN: usize = 8;

/// Whether it is gathered what the feed with this number in its run looks like, from 0.
const fn is_gathered(number: usize) -> bool {
    number < FEEDS_ALL || number.is_multiple_of(FEEDS_ONE_IN)
}

/// What all threads share.
struct Work {
    feeds: Vec<FeedSource>,
    plans: Arc<dyn Plans>,
    options: FeedsOptions,
    progress: Arc<Progress>,
    queue: FeedQueue,
    board: Arc<Board>,
}

/// Threads that read feeds; they end when this is dropped.
pub struct FeedReaders {
    work: Arc<Work>,
    /// More is to come of the feed whose events were taken last.
    open: bool,
    /// Nobody wants it.
    skips: bool,
    _pool: rayon::ThreadPool,
}

impl FeedReaders {
    /// Begins to read feeds, as many at a time as there are threads.
    pub fn start(
        feeds: Vec<FeedSource>,
        plans: Arc<dyn Plans>,
        options: FeedsOptions,
        progress: Arc<Progress>,
    ) -> Result<Self, ThreadsError> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let wanted = if options.threads == 0 { cores } else { options.threads };
        // One feed may be large enough for all of them.
        let threads = if feeds.is_empty() { 1 } else { wanted };
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|number| format!("feed-{number}"))
            // A panic is told by the consumer, who misses the thread.
            .panic_handler(|_| {})
            .build()?;
        let queue = FeedQueue::new(feeds.len());
        let board = Arc::new(Board::new(threads));
        let work = Arc::new(Work { feeds, plans, options, progress, queue, board });
        for _ in 0..threads {
            let work = Arc::clone(&work);
            pool.spawn(move || work.work());
        }
        Ok(Self { work, open: false, skips: false, _pool: pool })
    }

    /// What is told next, in the order of the feeds, and nothing across the end of one; `None` when all is told.
    ///
    /// # Panics
    /// When a thread that reads feeds has panicked.
    pub async fn next(&mut self) -> Option<VecDeque<FeedEvent>> {
        poll_fn(|task| self.poll_next(task)).await
    }

    /// The same for those who poll.
    ///
    /// # Panics
    /// When a thread that reads feeds has panicked.
    pub fn poll_next(&mut self, task: &mut Context<'_>) -> Poll<Option<VecDeque<FeedEvent>>> {
        let taken = self.work.queue.poll_take(task);
        taken.map(|taken| {
            if taken.is_none() {
                assert!(!self.work.queue.is_broken(), "a thread that reads feeds has panicked");
            }
            taken.map(|parcel| self.wanted(parcel))
        })
    }

    /// Whether more is to come of the feed whose events were taken last.
    #[must_use]
    pub fn is_within(&self) -> bool {
        self.open
    }

    /// No more is wanted of the feed whose events were taken last, but its end.
    pub fn next_feed(&mut self) {
        if self.open {
            self.skips = true;
            self.work.queue.enough();
        }
    }

    fn wanted(&mut self, parcel: Parcel) -> VecDeque<FeedEvent> {
        let mut events = VecDeque::from(parcel.events);
        if self.skips {
            events.retain(|event| !matches!(event, FeedEvent::Outcome(_) | FeedEvent::Finding(_)));
        }
        self.open = !parcel.last;
        self.skips &= self.open;
        events
    }
}

impl Drop for FeedReaders {
    fn drop(&mut self) {
        self.work.queue.break_off();
    }
}

/// A thread that reads no more feeds, also when it has panicked.
struct Retire<'a>(&'a Board);

impl Drop for Retire<'_> {
    fn drop(&mut self) {
        self.0.retire();
    }
}

/// Breaks the queue off when its thread panics: nobody is to wait for it.
struct BreakOff<'a>(&'a FeedQueue);

impl Drop for BreakOff<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.break_off();
        }
    }
}

impl Work {
    /// One thread's part: feeds, as long as there are any, then what others leave it of theirs.
    fn work(&self) {
        let _guard = BreakOff(&self.queue);
        self.read();
        self.board.help();
    }

    fn read(&self) {
        let Self { feeds, plans, options, progress, queue, board } = self;
        let _retire = Retire(board);
        let mut reader = FeedReader::new(options.limits, options.stop.clone())
            .with_products(options.products)
            .with_help(Arc::clone(board), Measure::default());
        while let Some(number) = queue.claim(options.stop.is_raised()) {
            reader.gather(if is_gathered(number) { options.structure } else { Structure::Ignored });
            let mut packer = Packer { queue, number, parcel: Parcel::default(), demand: Demand::More };
            let input = Input::open(&feeds[number], &options.input, options.digesting);
            let read = match input {
                Ok(input) => {
                    let name = Arc::clone(input.name());
                    reader.read(input, &name, plans.as_ref(), progress, &mut packer)
                }
                Err(error) => Err(FeedError::Open(error)),
            };
            packer.close(
                read.err().map(|error| FeedEvent::Failed(feeds[number].name.clone(), error.failure())),
            );
        }
    }
}

/// Packs what a feed tells into parcels.
struct Packer<'a> {
    queue: &'a FeedQueue,
    number: usize,
    parcel: Parcel,
    demand: Demand,
}

impl Packer<'_> {
    fn send(&mut self, last: bool) {
        let parcel = Parcel { last, ..std::mem::take(&mut self.parcel) };
        self.demand = self.queue.add(self.number, parcel);
    }

    fn close(mut self, failure: Option<FeedEvent>) {
        self.parcel.events.extend(failure);
        self.send(true);
    }
}

impl EventSink for Packer<'_> {
    fn take(&mut self, event: FeedEvent) -> Flow {
        self.parcel.bytes += event.memory_bytes();
        self.parcel.events.push(event);
        if self.parcel.events.len() >= PARCEL_EVENTS_MAX || self.parcel.bytes >= PARCEL_BYTES_MAX {
            self.send(false);
        }
        match self.demand {
            Demand::More => Flow::Continue,
            Demand::Enough => Flow::NextFeed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_feeds_some_are_looked_at() {
        let of = |feeds: usize| (0..feeds).filter(|number| is_gathered(*number)).count();
        assert_eq!((of(FEEDS_ALL), of(FEEDS_ALL + 1)), (FEEDS_ALL, FEEDS_ALL + 1));
        assert_eq!(of(FEEDS_ALL + FEEDS_ONE_IN), FEEDS_ALL + 1);
        assert_eq!(of(20_000), FEEDS_ALL + (20_000 - FEEDS_ALL) / FEEDS_ONE_IN);
    }
}
