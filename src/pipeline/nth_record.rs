//! One record of a feed, found by its number.
//!
//! The feed is read and judged up to that record, and no further.

use super::feeds::FeedsOptions;
use super::plan::{Plans, StopFlag};
use super::progress::Progress;
use super::sequential::FeedReader;
use crate::judgement::{EventSink, FeedEvent, Flow, Outcome, RecordContext, RecordOrdinal};
use crate::source::{Digesting, FeedSource, Input};
use std::io::{self, Read};

/// A record as it stands in its feed.
#[derive(Clone, Debug)]
pub struct NthRecord {
    /// What stands around it.
    pub context: RecordContext,
    /// What is right and wrong with it, by the formats as they are now; with its bytes also when it is right.
    pub outcome: Outcome,
}

/// The record of this number; `None` when there is none, or the feed cannot be read so far.
#[must_use]
pub fn nth_record(
    feed: &FeedSource,
    plans: &dyn Plans,
    options: &FeedsOptions,
    ordinal: RecordOrdinal,
) -> Option<NthRecord> {
    let open = || Input::open(feed, &options.input, Digesting::Never).ok();
    let mut seek = Seek { ordinal, context: RecordContext::default(), found: None };
    let input = open()?;
    let name = input.name().clone();
    let mut reader = FeedReader::new(options.limits, StopFlag::default());
    reader.read(input, &name, plans, &Progress::default(), &mut seek).ok()?;
    let mut outcome = seek.found?;
    if outcome.bytes.is_empty() && outcome.source_bytes() <= options.limits.xml.record_bytes_max as u64 {
        outcome.bytes = cut(open()?, &outcome).ok()?;
    }
    Some(NthRecord { context: seek.context, outcome })
}

/// The bytes of a record, out of its feed.
fn cut(mut input: Input, outcome: &Outcome) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::copy(&mut input.by_ref().take(outcome.place.byte.0), &mut io::sink())?;
    input.take(outcome.source_bytes()).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Waits for a record, and wants no more of the feed then.
struct Seek {
    ordinal: RecordOrdinal,
    context: RecordContext,
    found: Option<Outcome>,
}

impl EventSink for Seek {
    fn take(&mut self, event: FeedEvent) -> Flow {
        match event {
            FeedEvent::Start(start) => self.context = start.context,
            FeedEvent::Outcome(outcome) if outcome.ordinal == self.ordinal => self.found = Some(outcome),
            _ => {}
        }
        if self.found.is_some() { Flow::NextFeed } else { Flow::Continue }
    }
}
