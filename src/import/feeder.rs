//! The one seam between threads that read and tasks that write: an [`OutcomeSink`] that fills a bounded channel.
//!
//! Outcomes travel in parcels, because a wake-up for each of 20,000 would cost more than the parcel holds. A parcel
//! closes by number, by size or by age, and at the end of a feed only when one of these is reached:
//! thousands of small feeds share parcels. When the database cannot follow, the channel is full and the reader waits; when the
//! database is gone, the reader is told to stop.

use crate::pipeline::{FeedEnd, FeedStart, Finding, Flow, Outcome, OutcomeSink};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Sender;

/// Messages in one parcel.
pub(super) const PARCEL_MESSAGES_MAX: usize = 1_000;
/// Bytes of feed behind one parcel.
pub(super) const PARCEL_BYTES_MAX: u64 = 2 << 20;
/// How long a parcel waits for more.
pub(super) const PARCEL_AGE_MAX: Duration = Duration::from_millis(500);
/// Parcels that wait for the writer.
pub(super) const PARCELS_WAITING_MAX: usize = 3;

/// What a sink is told, as a value.
#[derive(Debug)]
pub(super) enum Message {
    Start(FeedStart),
    Outcome(Outcome),
    Finding(Finding),
    End(FeedEnd),
}

/// Hands the outcomes of all feeds, one after the other, to the writer.
#[derive(Debug)]
pub(super) struct Feeder {
    sender: Sender<Vec<Message>>,
    parcel: Vec<Message>,
    bytes: u64,
    since: Instant,
}

impl Feeder {
    pub(super) fn new(sender: Sender<Vec<Message>>) -> Self {
        Self { sender, parcel: Vec::new(), bytes: 0, since: Instant::now() }
    }

    fn push(&mut self, message: Message, bytes: u64) -> Flow {
        if self.parcel.is_empty() {
            self.since = Instant::now();
        }
        self.parcel.push(message);
        self.bytes += bytes;
        let full = self.parcel.len() >= PARCEL_MESSAGES_MAX || self.bytes >= PARCEL_BYTES_MAX;
        if full || self.since.elapsed() >= PARCEL_AGE_MAX { self.send() } else { Flow::Continue }
    }

    /// Sends what waits.
    pub(super) fn send(&mut self) -> Flow {
        self.bytes = 0;
        let parcel = std::mem::take(&mut self.parcel);
        match self.sender.blocking_send(parcel) {
            Ok(()) => Flow::Continue,
            // The writer has ended: it has failed, and says why when it is asked.
            Err(_) => Flow::Stop,
        }
    }
}

impl OutcomeSink for Feeder {
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
