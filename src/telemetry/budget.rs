//! How many failed records are told one by one.
//!
//! ```text
//!  a failed record ─▶ room in the run? ─▶ room in its feed? ─▶ not yet too many of its like? ─▶ told
//!                          └─ no ────────────┴─ no ──────────────────┴─ no ─▶ counted on the feed
//! ```
//!
//! The last question keeps 20,000 equal faults from using up the room of the one that is different.

use std::collections::HashMap;

/// Failed records that one run tells one by one, whatever the budget of its feeds says.
///
/// Sized with the queues of the exporters: what a run tells fits into them, so nothing is lost where
/// nobody looks. When no collector takes them, as many spans and log events stay in memory, some 5 KiB for each record.
pub(super) const RECORDS_PER_RUN_MAX: usize = 2_000;
/// Feeds of one run that have a span each, failed or not.
pub(super) const FEED_SPANS_MAX: usize = 1_000;
/// Feeds with deviations that have a span although there were more than [`FEED_SPANS_MAX`] before them.
pub(super) const FAILED_FEED_SPANS_MAX: usize = 250;

/// The room that is left.
#[derive(Debug)]
pub(super) struct Budget {
    per_feed: usize,
    equal: usize,
    run_left: usize,
    feed_left: usize,
    told: HashMap<u64, usize>,
}

impl Budget {
    pub(super) fn new(per_feed: usize, equal: usize) -> Self {
        Self { per_feed, equal, run_left: RECORDS_PER_RUN_MAX, feed_left: 0, told: HashMap::new() }
    }

    /// Another feed begins.
    pub(super) fn feed(&mut self) {
        self.feed_left = self.per_feed;
        self.told.clear();
    }

    /// Whether a record that fails in this way is told; takes the room, if so.
    pub(super) fn grants(&mut self, fingerprint: u64) -> bool {
        if self.run_left == 0 || self.feed_left == 0 {
            return false;
        }
        let told = self.told.entry(fingerprint).or_default();
        if *told >= self.equal {
            return false;
        }
        *told += 1;
        self.run_left -= 1;
        self.feed_left -= 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(per_feed: usize, equal: usize, feeds: &[&[u64]], granted: &[usize]) {
        let mut budget = Budget::new(per_feed, equal);
        let told = feeds.iter().map(|records| {
            budget.feed();
            records.iter().filter(|print| budget.grants(**print)).count()
        });
        assert_eq!(told.collect::<Vec<_>>(), granted);
    }

    #[test]
    fn a_feed_has_its_budget() {
        case(3, 9, &[&[1, 2, 3], &[1, 2, 3, 4]], &[3, 3]);
        case(0, 9, &[&[1, 2, 3]], &[0]);
    }

    #[test]
    fn equal_faults_leave_room_for_others() {
        case(3, 2, &[&[1, 1, 1, 1, 2], &[1, 1, 2, 2]], &[3, 3]);
        case(3, 0, &[&[1]], &[0]);
    }

    #[test]
    fn records_per_run_max() {
        let many: Vec<u64> = (0..RECORDS_PER_RUN_MAX as u64).collect();
        case(usize::MAX, 1, &[&many, &[1]], &[RECORDS_PER_RUN_MAX, 0]);
        case(usize::MAX, 1, &[&many[1..], &[1, 2]], &[RECORDS_PER_RUN_MAX - 1, 1]);
    }
}
