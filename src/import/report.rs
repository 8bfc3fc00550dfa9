//! What an import did, for whoever asked for it.

use crate::judgement::Acceptance;
use crate::store::{Counts, FeedState, RunId};

/// Feeds that are reported one by one; all are counted.
const FEED_REPORTS_MAX: usize = 10_000;

/// What became of one feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedReport {
    /// Number of its version in the database.
    pub id: i64,
    /// Its name.
    pub feed: String,
    /// What became of it.
    pub state: FeedState,
    /// The run that had imported the same bytes, when it was repeated.
    pub earlier: Option<RunId>,
    /// It was recognised by its bytes, and not read.
    pub recognised: bool,
    /// What became of its records.
    pub counts: Counts,
    /// Its refused records that lie in quarantine: those of which nothing newer is known, if it was applied.
    pub quarantined: u64,
    /// What it came to.
    pub acceptance: Acceptance,
}

/// What an import did: everything that stands when it has finished.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Its run; `None` when nothing was to be written.
    pub run: Option<RunId>,
    /// What became of all records.
    pub counts: Counts,
    /// Feeds whose very bytes had been imported before.
    pub repeated: u64,
    /// Those of them that were recognised by their bytes, and not read.
    pub recognised: u64,
    /// Refused records that were put into quarantine: those of feeds that were applied, of which nothing newer is
    /// known.
    pub quarantined: u64,
    /// Feeds in the order given, the first `FEED_REPORTS_MAX`.
    pub feeds: Vec<FeedReport>,
}

impl ImportReport {
    pub(super) fn add(&mut self, feed: FeedReport) {
        self.counts.merge(&feed.counts);
        self.repeated += u64::from(feed.state == FeedState::Repeated);
        self.recognised += u64::from(feed.recognised);
        self.quarantined += feed.quarantined;
        if self.feeds.len() < FEED_REPORTS_MAX {
            self.feeds.push(feed);
        }
    }
}
