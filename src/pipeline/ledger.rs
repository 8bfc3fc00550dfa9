//! What is counted and what is kept of the findings of one feed.
//!
//! Counts are exact. Of findings themselves a feed keeps so many, and so many of each group of equal
//! ones, so that 100,000 equal ones neither fill the memory nor drown the one that matters.

use super::plan::FeedLimits;
use crate::judgement::Severity;
use crate::judgement::Tally;
use foldhash::{HashMap, HashMapExt};

/// Code and severity.
pub(super) type Kind = (&'static str, Severity);

/// Counts of one feed, and how much room is left for samples.
#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) tally: Tally,
    /// Findings at error severity by the schema, and by rules.
    pub(super) schema_failed: bool,
    pub(super) rules_failed: bool,
    room: usize,
    samples_max: u32,
    samples: HashMap<u64, u32>,
}

impl Ledger {
    pub(super) fn new(limits: &FeedLimits) -> Self {
        Self {
            tally: Tally { feeds: 1, ..Tally::default() },
            schema_failed: false,
            rules_failed: false,
            room: limits.findings_max,
            samples_max: limits.samples_max,
            samples: HashMap::new(),
        }
    }

    /// Counts so many findings of a kind.
    pub(super) fn count(&mut self, kind: Kind, count: u64) {
        *self.tally.findings.entry(kind).or_default() += count;
        if kind.1 >= Severity::Error {
            // A limit of the engine leaves something unjudged: that is never valid.
            self.schema_failed |= kind.0.starts_with("cvc-") || kind.0.starts_with("limit.");
            self.rules_failed |= kind.0.starts_with("rule.");
        }
    }

    /// Whether one more finding with this fingerprint is to be kept; it is, if so.
    pub(super) fn keeps(&mut self, fingerprint: u64) -> bool {
        if self.room == 0 {
            return false;
        }
        let samples = self.samples.entry(fingerprint).or_default();
        if *samples == self.samples_max {
            return false;
        }
        *samples += 1;
        self.room -= 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_kept_up_to_their_limits() {
        let limits = FeedLimits { findings_max: 5, samples_max: 2, ..FeedLimits::default() };
        let mut ledger = Ledger::new(&limits);
        let kept: Vec<bool> = [1, 1, 1, 2, 2, 3, 4].map(|print| ledger.keeps(print)).into();
        assert_eq!(kept, [true, true, false, true, true, true, false]);
    }

    #[test]
    fn errors_fail_the_check_they_belong_to() {
        let mut ledger = Ledger::new(&FeedLimits::default());
        ledger.count(("cvc-elt.1", Severity::Warning), 2);
        assert!(!ledger.schema_failed);
        ledger.count(("rule.gtin", Severity::Error), 1);
        assert!(!ledger.schema_failed && ledger.rules_failed);
        ledger.count(("cvc-elt.1", Severity::Error), 1);
        assert!(ledger.schema_failed);
        assert_eq!(ledger.tally.at(Severity::Warning), 2);
        let mut unjudged = Ledger::new(&FeedLimits::default());
        unjudged.count((crate::xsd::Clause::ReferencesLimit.code(), Severity::Error), 1);
        assert!(unjudged.schema_failed);
    }
}
