//! Equal deviations together: exact totals, a few samples.
//!
//! 100,000 findings of one kind are one group with its count. Memory is bounded by the number of
//! groups and samples, both capped; what the cap leaves out is counted, never dropped in silence.

use super::{Told, TraceLink};
use crate::judgement::{Finding, RecordOrdinal, Severity};
use std::collections::HashMap;
use std::sync::Arc;

/// Groups of different deviations that are kept apart.
pub const GROUPS_MAX: usize = 10_000;

/// One deviation of a group, with its feed.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Name of the feed.
    pub feed: Arc<str>,
    /// The deviation.
    pub finding: Finding,
    /// Where to see its record.
    pub link: Option<TraceLink>,
}

/// Deviations with the same fingerprint and severity.
#[derive(Clone, Debug)]
pub struct Group {
    /// How many there are.
    pub total: u64,
    /// In how many records.
    pub records: u64,
    /// The first of them; never empty.
    pub samples: Vec<Sample>,
    last_record: Option<(Arc<str>, RecordOrdinal)>,
}

impl Group {
    /// The first deviation stands for all.
    #[must_use]
    pub fn first(&self) -> &Finding {
        &self.samples[0].finding
    }

    fn add(&mut self, told: &Told<'_>, samples_max: usize) {
        let (feed, finding) = (&told.feed.name, told.finding);
        self.total += 1;
        // Findings come in feed order: a record that was left does not come back.
        let record = finding.record.map(|ordinal| (Arc::clone(feed), ordinal));
        if record.is_some() && record != self.last_record {
            self.records += 1;
            self.last_record = record;
        }
        if self.samples.len() < samples_max.max(1) {
            let (feed, finding, link) = (Arc::clone(feed), finding.clone(), told.link.cloned());
            self.samples.push(Sample { feed, finding, link });
        }
    }
}

/// All groups of a run.
#[derive(Debug)]
pub struct Groups {
    samples_max: usize,
    kinds_max: usize,
    index: HashMap<(u64, Severity), usize>,
    all: Vec<Group>,
    /// Findings of kinds beyond [`GROUPS_MAX`].
    ungrouped: u64,
}

impl Groups {
    /// No group yet; each keeps so many samples, at least one.
    #[must_use]
    pub fn new(samples_max: usize) -> Self {
        Self::bounded(samples_max, GROUPS_MAX)
    }

    /// The same with fewer groups, for forms that show fewer.
    #[must_use]
    pub fn bounded(samples_max: usize, kinds_max: usize) -> Self {
        Self { samples_max, kinds_max, index: HashMap::new(), all: Vec::new(), ungrouped: 0 }
    }

    /// Puts a finding to its like.
    pub fn add(&mut self, told: &Told<'_>) {
        let key = (told.finding.fingerprint, told.finding.severity);
        let at = match self.index.get(&key) {
            Some(at) => *at,
            None if self.all.len() == self.kinds_max => {
                self.ungrouped += 1;
                return;
            }
            None => {
                self.index.insert(key, self.all.len());
                self.all.push(Group { total: 0, records: 0, samples: Vec::new(), last_record: None });
                self.all.len() - 1
            }
        };
        self.all[at].add(told, self.samples_max);
    }

    /// The groups: the gravest first, then the largest, then in order of appearance.
    #[must_use]
    pub fn sorted(&self) -> Vec<&Group> {
        let mut sorted: Vec<&Group> = self.all.iter().collect();
        sorted
            .sort_by_key(|group| (std::cmp::Reverse(group.first().severity), std::cmp::Reverse(group.total)));
        sorted
    }

    /// Findings that stand in no group.
    #[must_use]
    pub fn ungrouped(&self) -> u64 {
        self.ungrouped
    }

    /// Findings in groups or not.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.ungrouped + self.all.iter().map(|group| group.total).sum::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{feed, finding, told};
    use super::*;

    fn added(findings: impl IntoIterator<Item = Finding>) -> Groups {
        let mut groups = Groups::new(3);
        let feed = feed("a.xml");
        findings.into_iter().for_each(|finding| groups.add(&told(&feed, &finding)));
        groups
    }

    #[test]
    fn totals_are_exact_and_samples_few() {
        let many = (0..100_000).map(|n| Finding { record: Some(RecordOrdinal(n / 2)), ..finding(n + 1, 1) });
        let groups = added(many);
        let group = groups.sorted()[0];
        assert_eq!((group.total, group.records, group.samples.len()), (100_000, 50_000, 3));
        assert_eq!(groups.total(), 100_000);
    }

    #[test]
    fn the_gravest_comes_first_then_the_largest() {
        let of = |fingerprint, severity| Finding { severity, fingerprint, ..finding(1, 1) };
        let groups = added([
            of(1, Severity::Notice),
            of(1, Severity::Notice),
            of(2, Severity::Error),
            of(3, Severity::Error),
            of(3, Severity::Error),
            of(4, Severity::Fatal),
        ]);
        let order: Vec<_> = groups.sorted().iter().map(|group| group.first().fingerprint).collect();
        assert_eq!(order, [4, 3, 2, 1]);
    }

    #[test]
    fn groups_max() {
        let kinds =
            |count: usize| added((0..count).map(|n| Finding { fingerprint: n as u64, ..finding(1, 1) }));
        assert_eq!(kinds(GROUPS_MAX).ungrouped(), 0);
        let groups = kinds(GROUPS_MAX + 1);
        assert_eq!((groups.ungrouped(), groups.sorted().len()), (1, GROUPS_MAX));
        assert_eq!(groups.total(), GROUPS_MAX as u64 + 1);
    }
}
