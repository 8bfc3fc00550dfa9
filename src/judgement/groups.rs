//! Equal findings together: exact totals, a few samples.
//!
//! ```text
//!  finding ─▶ its fingerprint ─┬ known            its group counts one more
//!                              ├ new, and room    a group of its own
//!                              └ new, no room     counted among the rest
//!          └▶ a sample, in the caller's own form, while its group and all groups have room for one
//! ```
//!
//! 100,000 findings of one kind are one group with its count. Memory is bounded by [`GroupLimits`]; what they leave
//! out is counted, never dropped in silence.

use super::finding::{Finding, Severity, without_positions};
use super::outcome::RecordOrdinal;
use std::cmp::Reverse;
use std::collections::HashMap;

/// How much is remembered of findings.
#[derive(Clone, Copy, Debug)]
pub struct GroupLimits {
    /// Groups that are kept apart; what comes after them is counted together.
    pub kinds_max: usize,
    /// Samples of one group.
    pub samples_per_kind_max: usize,
    /// Samples of all groups together.
    pub samples_max: usize,
}

/// Findings with the same fingerprint: the same clause, path and kind of operand.
#[derive(Clone, Debug)]
pub struct Group<S> {
    /// Clause or rule.
    pub code: &'static str,
    /// How much the gravest of them weighs.
    pub severity: Severity,
    /// Element path without positions.
    pub path: String,
    /// What they share.
    pub fingerprint: u64,
    /// The sentence of the first of them.
    pub sentence: String,
    /// How many there are.
    pub count: u64,
    /// In how many records.
    pub records: u64,
    /// Whether all of them say the same.
    pub is_uniform: bool,
    /// The first of them.
    pub samples: Vec<S>,
    /// The feed and the record that were counted last.
    last: Option<(u64, RecordOrdinal)>,
}

impl<S> Group<S> {
    fn of(finding: &Finding) -> Self {
        Self {
            code: finding.code,
            severity: finding.severity,
            path: without_positions(&finding.path),
            fingerprint: finding.fingerprint,
            sentence: finding.sentence.clone(),
            count: 0,
            records: 0,
            is_uniform: true,
            samples: Vec::new(),
            last: None,
        }
    }

    fn count(&mut self, finding: &Finding, feed: u64) {
        self.count += 1;
        self.is_uniform = self.is_uniform && finding.sentence == self.sentence;
        self.severity = self.severity.max(finding.severity);
        // Findings come in feed order: a record that was left does not come back.
        let record = finding.record.map(|ordinal| (feed, ordinal));
        if record.is_some() && record != self.last {
            self.records += 1;
            self.last = record;
        }
    }
}

/// Findings beyond the groups that are kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UngroupedFindings {
    /// How many there are.
    pub count: u64,
    /// How much the gravest of them weighs.
    pub severity: Severity,
}

/// The groups of one feed or of a run.
#[derive(Debug)]
pub struct Groups<S> {
    limits: GroupLimits,
    /// Where the group of a fingerprint stands.
    index: HashMap<u64, usize>,
    all: Vec<Group<S>>,
    ungrouped: Option<UngroupedFindings>,
    samples: usize,
    feed: u64,
}

impl<S> Groups<S> {
    /// No group yet.
    #[must_use]
    pub fn new(limits: GroupLimits) -> Self {
        Self { limits, index: HashMap::new(), all: Vec::new(), ungrouped: None, samples: 0, feed: 0 }
    }

    /// Another feed begins: its first record is none of those before.
    pub fn begin_feed(&mut self) {
        self.feed += 1;
    }

    /// Puts a finding to its like, with a sample of it while there is room.
    pub fn add(&mut self, finding: &Finding, sample: impl FnOnce() -> S) {
        let Some(at) = self.place(finding) else { return self.add_ungrouped(finding.severity) };
        let group = &mut self.all[at];
        group.count(finding, self.feed);
        if group.samples.len() < self.limits.samples_per_kind_max && self.samples < self.limits.samples_max {
            self.samples += 1;
            group.samples.push(sample());
        }
    }

    /// Where its group stands; `None` when there is no room for one.
    fn place(&mut self, finding: &Finding) -> Option<usize> {
        let next = self.all.len();
        match self.index.get(&finding.fingerprint) {
            Some(at) => Some(*at),
            None if next < self.limits.kinds_max => {
                self.index.insert(finding.fingerprint, next);
                self.all.push(Group::of(finding));
                Some(next)
            }
            None => None,
        }
    }

    fn add_ungrouped(&mut self, severity: Severity) {
        let ungrouped = self.ungrouped.get_or_insert(UngroupedFindings { count: 0, severity });
        ungrouped.count += 1;
        ungrouped.severity = ungrouped.severity.max(severity);
    }

    /// The gravest first, then those in most records, then the largest, then in order of appearance.
    #[must_use]
    pub fn by_severity(&self) -> Vec<&Group<S>> {
        self.sorted_by(|group| (Reverse(group.severity), Reverse(group.records), Reverse(group.count)))
    }

    /// The largest first, then in order of appearance.
    #[must_use]
    pub fn by_count(&self) -> Vec<&Group<S>> {
        self.sorted_by(|group| Reverse(group.count))
    }

    fn sorted_by<K: Ord>(&self, key: impl Fn(&Group<S>) -> K) -> Vec<&Group<S>> {
        let mut sorted: Vec<_> = self.all.iter().collect();
        sorted.sort_by_key(|group| key(group));
        sorted
    }

    /// Findings that stand in no group.
    #[must_use]
    pub fn ungrouped(&self) -> Option<UngroupedFindings> {
        self.ungrouped
    }

    /// Findings in groups or not.
    #[must_use]
    pub fn total(&self) -> u64 {
        let ungrouped = self.ungrouped.map_or(0, |ungrouped| ungrouped.count);
        ungrouped + self.all.iter().map(|group| group.count).sum::<u64>()
    }

    /// All groups in order of appearance, and what stands in none.
    #[must_use]
    pub fn into_parts(self) -> (Vec<Group<S>>, Option<UngroupedFindings>) {
        (self.all, self.ungrouped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::Place;

    const LIMITS: GroupLimits = GroupLimits { kinds_max: 4, samples_per_kind_max: 3, samples_max: 5 };

    fn finding(fingerprint: u64, severity: Severity) -> Finding {
        let path = "/a/b[3]/@c".to_owned();
        let place = Place::default();
        Finding { path, fingerprint, ..Finding::new(severity, "rule.gtin", format!("{fingerprint}"), place) }
    }

    /// Groups of findings of these kinds, each with its number as its sample.
    fn groups(kinds: impl IntoIterator<Item = u64>) -> Groups<usize> {
        let mut groups = Groups::new(LIMITS);
        for (number, kind) in kinds.into_iter().enumerate() {
            groups.add(&finding(kind, Severity::Error), || number);
        }
        groups
    }

    #[test]
    fn totals_are_exact_and_samples_few() {
        let groups = groups((0..100_000).map(|_| 7));
        let (all, ungrouped) = groups.into_parts();
        let Group { code, path, fingerprint, sentence, count, records, samples, .. } = &all[0];
        assert_eq!((*code, path.as_str(), *fingerprint, sentence.as_str()), ("rule.gtin", "/a/b/@c", 7, "7"));
        assert_eq!((*count, *records, samples.as_slice()), (100_000, 0, &[0, 1, 2][..]));
        assert_eq!((all.len(), ungrouped, all[0].is_uniform), (1, None, true));
    }

    #[test]
    fn a_group_knows_whether_its_findings_say_the_same() {
        let mut groups = Groups::new(LIMITS);
        let said = |sentence: &str| Finding { sentence: sentence.to_owned(), ..finding(7, Severity::Error) };
        for (sentence, is_uniform) in [("a", true), ("a", true), ("b", false), ("a", false)] {
            groups.add(&said(sentence), || ());
            assert_eq!(groups.by_count()[0].is_uniform, is_uniform);
        }
    }

    #[test]
    fn a_record_counts_once_in_each_feed() {
        let mut groups = Groups::new(LIMITS);
        for record in [Some(1), Some(1), None, Some(2)] {
            let finding = Finding { record: record.map(RecordOrdinal), ..finding(7, Severity::Error) };
            groups.add(&finding, || ());
        }
        groups.begin_feed();
        groups.add(&Finding { record: Some(RecordOrdinal(2)), ..finding(7, Severity::Error) }, || ());
        let group = groups.by_count()[0];
        assert_eq!((group.count, group.records), (5, 3));
    }

    #[test]
    fn the_gravest_comes_first_then_the_largest() {
        let mut groups = Groups::new(LIMITS);
        for (kind, severity) in [(1, Severity::Notice), (1, Severity::Notice), (2, Severity::Error)] {
            groups.add(&finding(kind, severity), || ());
        }
        for (kind, severity) in [(3, Severity::Warning), (3, Severity::Error), (4, Severity::Fatal)] {
            groups.add(&finding(kind, severity), || ());
        }
        let kinds = |sorted: Vec<&Group<()>>| -> Vec<_> {
            sorted.iter().map(|group| (group.fingerprint, group.severity)).collect()
        };
        let [notices, error, mixed, fatal] =
            [(1, Severity::Notice), (2, Severity::Error), (3, Severity::Error), (4, Severity::Fatal)];
        assert_eq!(kinds(groups.by_severity()), [fatal, mixed, error, notices]);
        assert_eq!(kinds(groups.by_count()), [notices, mixed, error, fatal]);
    }

    #[test]
    fn kinds_max() {
        let full = groups(0..4);
        assert_eq!((full.ungrouped(), full.by_count().len(), full.total()), (None, 4, 4));
        let mut over = groups([0, 1, 2, 3, 4, 0, 4]);
        over.add(&finding(5, Severity::Fatal), || 7);
        over.add(&finding(6, Severity::Notice), || 8);
        let rest = UngroupedFindings { count: 4, severity: Severity::Fatal };
        assert_eq!((over.ungrouped(), over.by_count().len(), over.total()), (Some(rest), 4, 9));
    }

    #[test]
    fn samples_max() {
        let samples = |kinds: &[u64]| {
            let (all, _) = groups(kinds.iter().copied()).into_parts();
            all.into_iter().map(|group| group.samples).collect::<Vec<_>>()
        };
        assert_eq!(samples(&[1, 1, 1, 1, 2, 2]), [vec![0, 1, 2], vec![4, 5]]);
        assert_eq!(samples(&[1, 1, 1, 1, 2, 2, 2]), [vec![0, 1, 2], vec![4, 5]]);
    }
}
