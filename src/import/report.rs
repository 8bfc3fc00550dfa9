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
}

impl ImportReport {
    /// Exit status of the whole: deviations before held, held before not fully checked.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        let has = |status: u8| self.feeds.iter().any(|feed| feed.exit_status == status);
        [1, 3, 4].into_iter().find(|status| has(*status)).unwrap_or(0)
    }

    pub(super) fn add(&mut self, feed: FeedReport) {
        self.counts.merge(&feed.counts);
        self.feeds.push(feed);
    }
}
