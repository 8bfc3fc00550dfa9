//! What an import did, for whoever asked for it.

use crate::pipeline::Finding;
use crate::store::{Counts, FeedState, RunId};

/// What became of one feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedReport {
    /// Its name.
    pub feed: String,
    /// What became of it.
    pub state: FeedState,
    /// The run that had imported the same bytes, when it was repeated.
    pub earlier: Option<RunId>,
    /// What became of its records.
    pub counts: Counts,
    /// Exit status of its own: 0 accepted, 1 deviations, 3 held, 4 not fully checked.
    pub exit_status: u8,
    /// What the import found wrong, beyond what the pipeline did.
    pub findings: Vec<Finding>,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Its run; `None` when nothing was to be written.
    pub run: Option<RunId>,
    /// What became of all records.
    pub counts: Counts,
    /// Feeds in the order given.
    pub feeds: Vec<FeedReport>,
    /// Feeds that could not be read.
    pub unread: Unread,
    /// Whether it was stopped before its time: what was not applied by then was dropped.
    pub stopped: bool,
}

/// Exit status of an import that was stopped.
pub(super) const CANCELLED: u8 = 5;

/// How many feeds could not be read, while others were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unread(pub u64);

impl ImportReport {
    /// Exit status of the whole: stopped before everything else, could not be read before deviations, deviations before held, held before not
    /// fully checked.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        if self.stopped {
            return CANCELLED;
        }
        let has = |status: u8| self.feeds.iter().any(|feed| feed.exit_status == status);
        let unread = (self.unread != Unread(0)).then_some(2);
        unread.or_else(|| [1, 3, 4].into_iter().find(|status| has(*status))).unwrap_or(0)
    }

    /// Why the run failed although it came to its end.
    pub(super) fn failure(&self) -> Option<String> {
        match self.unread {
            _ if self.stopped => {
                Some("cancelled by a signal; what was not applied by then was dropped".to_owned())
            }
            Unread(0) => None,
            Unread(1) => Some("one feed could not be read".to_owned()),
            Unread(count) => Some(format!("{count} feeds could not be read")),
        }
    }

    pub(super) fn add(&mut self, feed: FeedReport) {
        self.counts.merge(&feed.counts);
        self.feeds.push(feed);
    }
}
