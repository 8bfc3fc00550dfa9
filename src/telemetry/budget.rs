//! How many failed records are told one by one.
//!
//! ```text
//!  a failed record ─▶ room in the run? ─▶ room in its feed? ─▶ not yet too many of its like? ─▶ told
//!                          └─ no ────────────┴─ no ──────────────────┴─ no ─▶ counted on the feed
//! ```
//!
//! The last question keeps 20,000 equal faults from using up the room of the one that is different. It does not
//! keep ten groups with their twenty records each from using it up before the eleventh comes. So a share of every
//! room ([`RESERVED_SHARE`]) is kept for fingerprints that were not told yet: in the feed for those that are new in
//! the feed, in the run for those that are new in the run. Records are seen once, in the order of the feeds, so what
//! was told cannot be taken back; what can be promised is this, where a room of `n` records keeps `r = ⌈n / 4⌉`:
//!
//! * *Of a feed, each of the first `r` fingerprints has a record that is told*, whatever comes before it, as long as
//!   the run has room for it: 50 with the usual budget of 200.
//! * *Of a run, each of the first 500 fingerprints* (`r` of [`RECORDS_PER_RUN_MAX`]) *has a record that is told*, as
//!   long as its feed has room for it.
//! * Beyond, a fingerprint is told when room is left. At most `n - r` records repeat a fingerprint.
//!
//! A record speaks for one fingerprint: of its gravest findings, that of the first which is not told yet. A finding
//! that never is among the gravest of its record has no record of its own; log events and counts tell it.
//!
//! Memory: one entry for each record that was told, so at most as many as the room.

use std::collections::{HashMap, HashSet};

/// Failed records that one run tells one by one, whatever the budget of its feeds says.
///
/// Sized with the queues of the exporters: what a run tells fits into them, so nothing is lost where
/// nobody looks. When no collector takes them, as many spans and log events stay in memory, some 5 KiB for each record.
pub(super) const RECORDS_PER_RUN_MAX: usize = 2_000;
/// Feeds of one run that have a span each, failed or not.
pub(super) const FEED_SPANS_MAX: usize = 1_000;
/// Feeds with deviations that have a span although there were more than [`FEED_SPANS_MAX`] before them.
pub(super) const FAILED_FEED_SPANS_MAX: usize = 250;

/// One of so many records of a room is kept for a fingerprint that was not told yet.
const RESERVED_SHARE: usize = 4;

/// Records that may still be told.
#[derive(Clone, Copy, Debug)]
struct Room {
    left: usize,
    /// Those of them that may repeat a fingerprint.
    repeats_left: usize,
}

impl Room {
    const fn of(records: usize) -> Self {
        Self { left: records, repeats_left: records - records.div_ceil(RESERVED_SHARE) }
    }

    fn has(self, is_new: bool) -> bool {
        self.left > 0 && (is_new || self.repeats_left > 0)
    }

    fn take(&mut self, is_new: bool) {
        self.left -= 1;
        self.repeats_left -= usize::from(!is_new);
    }
}

/// The room that is left.
#[derive(Debug)]
pub(super) struct Budget {
    per_feed: usize,
    equal: usize,
    run: Room,
    feed: Room,
    /// Fingerprints that the run has told.
    told_in_run: HashSet<u64>,
    /// Those that the feed has told, and how often.
    told: HashMap<u64, usize>,
}

impl Budget {
    pub(super) fn new(per_feed: usize, equal: usize) -> Self {
        let (run, feed) = (Room::of(RECORDS_PER_RUN_MAX), Room::of(0));
        Self { per_feed, equal, run, feed, told_in_run: HashSet::new(), told: HashMap::new() }
    }

    /// Another feed begins.
    pub(super) fn feed(&mut self) {
        self.feed = Room::of(self.per_feed);
        self.told.clear();
    }

    /// Whether a record that fails in these ways is told, and as which of them: the first that was not told yet, else
    /// the first. Takes the room, if so.
    pub(super) fn grants(&mut self, ways: &(impl Iterator<Item = u64> + Clone)) -> Option<u64> {
        if self.equal == 0 || !self.run.has(true) || !self.feed.has(true) {
            return None;
        }
        let new_in_run = ways.clone().find(|way| !self.told_in_run.contains(way));
        let new_in_feed = || ways.clone().find(|way| !self.told.contains_key(way));
        let way = new_in_run.or_else(new_in_feed).or_else(|| ways.clone().next())?;
        self.takes(way).then_some(way)
    }

    fn takes(&mut self, fingerprint: u64) -> bool {
        let told = self.told.get(&fingerprint).copied().unwrap_or_default();
        let (new_in_feed, new_in_run) = (told == 0, !self.told_in_run.contains(&fingerprint));
        if told >= self.equal || !self.feed.has(new_in_feed) || !self.run.has(new_in_run) {
            return false;
        }
        self.told.insert(fingerprint, told + 1);
        self.told_in_run.insert(fingerprint);
        self.feed.take(new_in_feed);
        self.run.take(new_in_run);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::iter;

    #[track_caller]
    fn case(per_feed: usize, equal: usize, feeds: &[&[u64]], granted: &[usize]) {
        let mut budget = Budget::new(per_feed, equal);
        let told = feeds.iter().map(|records| {
            budget.feed();
            records.iter().filter(|print| budget.grants(&iter::once(**print)).is_some()).count()
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
        case(4, 2, &[&[1, 1, 1, 1, 2], &[1, 1, 2, 2]], &[3, 4]);
        case(3, 0, &[&[1]], &[0]);
    }

    #[test]
    fn records_per_run_max() {
        let many: Vec<u64> = (0..RECORDS_PER_RUN_MAX as u64).collect();
        case(usize::MAX, 1, &[&many, &[1]], &[RECORDS_PER_RUN_MAX, 0]);
        case(usize::MAX, 1, &[&many[1..], &[1, 2]], &[RECORDS_PER_RUN_MAX - 1, 1]);
    }

    /// Which of `late` fingerprints a feed tells that come when `early` ones have each had all the records they want.
    fn late(per_feed: usize, early: u64, late: u64) -> Vec<u64> {
        let mut budget = Budget::new(per_feed, 20);
        budget.feed();
        for fingerprint in (0..early).flat_map(|fingerprint| iter::repeat_n(fingerprint, 1_000)) {
            let _ = budget.grants(&iter::once(fingerprint));
        }
        (early..early + late)
            .filter(|fingerprint| budget.grants(&iter::once(*fingerprint)).is_some())
            .collect()
    }

    #[test]
    fn each_of_the_first_fingerprints_of_a_feed_is_told_whatever_came_before() {
        // A room of 200 keeps 50: those of the early ones count among them, as they were told once at least.
        assert_eq!(late(200, 8, 42), (8..50).collect::<Vec<_>>());
        assert_eq!(late(200, 8, 43), (8..50).collect::<Vec<_>>(), "the 51st has no room");
        assert_eq!(late(200, 49, 1), [49]);
        // One that comes when few were told takes what is left.
        assert_eq!(late(200, 1, 300).len(), 200 - 20);
        assert_eq!(late(1, 1, 1), [0; 0]);
        assert_eq!((late(5, 1, 1).len(), late(5, 1, 2).len()), (1, 1));
    }

    #[test]
    fn each_of_the_first_fingerprints_of_a_run_is_told_whatever_came_before() {
        let reserved = RECORDS_PER_RUN_MAX.div_ceil(RESERVED_SHARE);
        let mut budget = Budget::new(200, 20);
        let mut tell = |records: &mut dyn Iterator<Item = u64>| {
            budget.feed();
            records.filter(|print| budget.grants(&iter::once(*print)).is_some()).count()
        };
        let told: usize = (0..1_000).map(|_| tell(&mut iter::repeat_n(7, 1_000))).sum();
        assert_eq!(told, RECORDS_PER_RUN_MAX - reserved + 1, "the one that was new, and all repeats");
        let mut late = (1_000..).take(reserved).map(|fingerprint| tell(&mut iter::once(fingerprint)));
        assert!(late.by_ref().take(reserved - 1).all(|told| told == 1));
        assert_eq!(late.next(), Some(0), "the room is used up");
    }

    #[test]
    fn a_record_speaks_for_what_was_not_told_yet() {
        let mut budget = Budget::new(200, 2);
        budget.feed();
        let mut tell = |ways: &[u64]| budget.grants(&ways.iter().copied());
        assert_eq!([tell(&[1, 2]), tell(&[1, 2]), tell(&[1, 2])], [Some(1), Some(2), Some(1)]);
        assert_eq!([tell(&[1, 2]), tell(&[1, 3]), tell(&[])], [None, Some(3), None]);
        budget.feed();
        let mut tell = |ways: &[u64]| budget.grants(&ways.iter().copied());
        assert_eq!([tell(&[1, 4]), tell(&[1, 4]), tell(&[1, 4])], [Some(4), Some(1), Some(1)]);
    }

    #[test]
    fn memory_is_that_of_what_was_told() {
        for equal in [0, 1, 20] {
            let mut budget = Budget::new(10, equal);
            budget.feed();
            for fingerprint in 0..10_000 {
                let _ = budget.grants(&iter::once(fingerprint));
            }
            assert!(budget.told.len() <= 10 && budget.told_in_run.len() <= 10);
        }
    }
}
