//! Many feeds on many threads, told to one sink in the order in which they were named.
//!
//! One large feed is read on one thread while the sink works on another; thousands of small ones are
//! read on all of them. Each thread has a [`FeedReader`] of its own; the sink is called on the caller's
//! thread only.

use super::finding::Finding;
use super::line::{Demand, Line, Message, Parcel};
use super::outcome::{FeedEnd, FeedStart, Flow, Outcome, OutcomeSink};
use super::plan::{FeedError, FeedLimits, Plans, StopFlag};
use super::progress::Progress;
use super::sequential::FeedReader;
use crate::source::{Digesting, FeedSource, Input, InputLimits};
use std::sync::Arc;

/// How feeds are read.
#[derive(Clone, Debug)]
pub struct FeedsOptions {
    /// Feeds read at a time; 0 means one for each core.
    pub threads: usize,
    /// Caps on inputs.
    pub input: InputLimits,
    /// When digests are taken.
    pub digesting: Digesting,
    /// Bounds on each feed.
    pub limits: FeedLimits,
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
            stop: StopFlag::default(),
        }
    }
}

/// A sink that also hears of feeds that could not be judged.
pub trait FeedsSink: OutcomeSink {
    /// A feed could not be opened, read to its end, or validated. If it had a start, it had its end.
    fn failed(&mut self, feed: &Arc<str>, error: FeedError);
}

/// The threads for reading could not be had.
#[derive(Debug, thiserror::Error)]
#[error("cannot start the threads that read feeds")]
pub struct ThreadsError(#[from] rayon::ThreadPoolBuildError);

/// Messages in one parcel.
const PARCEL_MESSAGES_MAX: usize = 256;
/// Bytes of feed behind one parcel.
const PARCEL_BYTES_MAX: u64 = 256 << 10;
/// What a message counts at least.
const MESSAGE_BYTES_MIN: u64 = 512;

/// Reads feeds and tells the sink about them, one after the other.
pub fn run_feeds(
    feeds: &[FeedSource],
    plans: &dyn Plans,
    options: &FeedsOptions,
    progress: &Progress,
    sink: &mut dyn FeedsSink,
) -> Result<(), ThreadsError> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let wanted = if options.threads == 0 { cores } else { options.threads };
    let threads = wanted.min(feeds.len()).max(1);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|number| format!("feed-{number}"))
        .build()?;
    let line = Line::new(feeds.len());
    pool.in_place_scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|_| work(feeds, plans, options, progress, &line));
        }
        // Should the sink panic, the threads must not wait for it.
        let _guard = BreakOff(&line);
        let mut flow = Flow::Continue;
        while let Some((feed, parcel)) = line.take() {
            let last = parcel.last;
            flow = tell(parcel, &feeds[feed], flow, sink);
            if last {
                flow = Flow::Continue;
            } else if flow == Flow::Stop {
                line.enough();
            }
        }
    });
    Ok(())
}

/// Breaks the line off when its thread panics.
struct BreakOff<'a>(&'a Line);

impl Drop for BreakOff<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.break_off();
        }
    }
}

fn work(feeds: &[FeedSource], plans: &dyn Plans, options: &FeedsOptions, progress: &Progress, line: &Line) {
    let _guard = BreakOff(line);
    let mut reader = FeedReader::new(options.limits, options.stop.clone());
    while let Some(number) = line.claim(options.stop.is_raised()) {
        let mut packer = Packer { line, number, parcel: Parcel::default(), demand: Demand::More };
        let input = Input::open(&feeds[number], &options.input, options.digesting);
        let read = match input {
            Ok(input) => {
                let name = Arc::clone(input.name());
                reader.read(input, &name, plans, progress, &mut packer)
            }
            Err(error) => Err(FeedError::Open(error)),
        };
        packer.close(read.err());
    }
}

/// Tells the messages of a feed, unless the sink has said that it wants no more of it.
fn tell(parcel: Parcel, feed: &FeedSource, mut flow: Flow, sink: &mut dyn FeedsSink) -> Flow {
    for message in parcel.messages {
        match message {
            Message::Start(start) => flow = sink.start(&start),
            Message::End(end) => sink.end(end),
            Message::Failed(error) => sink.failed(&feed.name, error),
            Message::Outcome(outcome) if flow == Flow::Continue => flow = sink.outcome(outcome),
            Message::Finding(finding) if flow == Flow::Continue => flow = sink.finding(finding),
            // Nobody wants them any more.
            Message::Outcome(_) | Message::Finding(_) => {}
        }
    }
    flow
}

/// Packs what a feed tells into parcels.
struct Packer<'a> {
    line: &'a Line,
    number: usize,
    parcel: Parcel,
    demand: Demand,
}

impl Packer<'_> {
    fn push(&mut self, message: Message, bytes: u64) -> Flow {
        self.parcel.messages.push(message);
        self.parcel.bytes += bytes.max(MESSAGE_BYTES_MIN);
        if self.parcel.messages.len() >= PARCEL_MESSAGES_MAX || self.parcel.bytes >= PARCEL_BYTES_MAX {
            self.send(false);
        }
        match self.demand {
            Demand::More => Flow::Continue,
            Demand::Enough => Flow::Stop,
        }
    }

    fn send(&mut self, last: bool) {
        let parcel = Parcel { last, ..std::mem::take(&mut self.parcel) };
        self.demand = self.line.add(self.number, parcel);
    }

    fn close(mut self, error: Option<FeedError>) {
        if let Some(error) = error {
            self.push(Message::Failed(error), 0);
        }
        self.send(true);
    }
}

impl OutcomeSink for Packer<'_> {
    fn start(&mut self, start: &FeedStart) -> Flow {
        self.push(Message::Start(start.clone()), 0)
    }

    fn outcome(&mut self, outcome: Outcome) -> Flow {
        let bytes = outcome.end.0.saturating_sub(outcome.place.byte.0);
        self.push(Message::Outcome(outcome), bytes)
    }

    fn finding(&mut self, finding: Finding) -> Flow {
        self.push(Message::Finding(finding), 0)
    }

    fn end(&mut self, end: FeedEnd) {
        self.push(Message::End(end), 0);
    }
}
