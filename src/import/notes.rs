//! Findings of one feed on their way into the database: equal ones counted, a few of each kept.

use crate::judgement::{Finding, Group, GroupLimits, Groups, UngroupedFindings};
use crate::store::{FindingGroup, FindingView, fingerprint_text};

/// Findings kept of one group.
pub(super) const SAMPLES_PER_GROUP_MAX: usize = 20;
/// Findings kept of one feed.
pub(super) const SAMPLES_PER_FEED_MAX: usize = 2_000;
/// Groups told apart in one feed; what comes after is counted together.
pub(super) const GROUPS_PER_FEED_MAX: usize = 2_000;
/// The group of those, by a fingerprint that no finding has.
const REST: &str = "rest";

const LIMITS: GroupLimits = GroupLimits {
    kinds_max: GROUPS_PER_FEED_MAX,
    samples_per_kind_max: SAMPLES_PER_GROUP_MAX,
    samples_max: SAMPLES_PER_FEED_MAX,
};

/// Findings of one feed.
#[derive(Debug)]
pub(super) struct Notes {
    /// Samples are numbered, as the database has them in the order of the feed.
    groups: Groups<(u64, FindingView)>,
    added: u64,
}

impl Default for Notes {
    fn default() -> Self {
        Self { groups: Groups::new(LIMITS), added: 0 }
    }
}

impl Notes {
    /// Counts a finding; keeps it while there is room.
    pub(super) fn add(&mut self, finding: &Finding) {
        self.added += 1;
        self.groups.add(finding, || (self.added, finding.into()));
    }

    /// Groups in the order of their first finding, and the kept findings in theirs.
    pub(super) fn take(&mut self) -> (Vec<FindingGroup>, Vec<FindingView>) {
        let (mut all, ungrouped) = std::mem::take(self).groups.into_parts();
        let mut samples: Vec<_> = all.iter_mut().flat_map(|group| group.samples.drain(..)).collect();
        samples.sort_by_key(|(number, _)| *number);
        let groups = all.into_iter().map(stored).chain(ungrouped.map(rest)).collect();
        (groups, samples.into_iter().map(|(_, sample)| sample).collect())
    }
}

fn stored<S>(group: Group<S>) -> FindingGroup {
    FindingGroup {
        fingerprint: fingerprint_text(group.fingerprint),
        code: group.code.to_owned(),
        severity: group.severity,
        path: group.path,
        count: group.count,
        records: Some(group.records),
        sentence: group.sentence,
    }
}

fn rest(UngroupedFindings { count, severity }: UngroupedFindings) -> FindingGroup {
    FindingGroup {
        fingerprint: REST.to_owned(),
        code: REST.to_owned(),
        severity,
        path: String::new(),
        count,
        records: None,
        sentence: format!("Further kinds of findings, beyond the first {GROUPS_PER_FEED_MAX}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::Severity;
    use crate::xml::Place;

    fn finding(fingerprint: u64) -> Finding {
        let path = "/a/b[3]/c[1]/@d".to_owned();
        let (severity, sentence) = (Severity::Warning, fingerprint.to_string());
        Finding { path, fingerprint, ..Finding::new(severity, "rule.example", sentence, Place::default()) }
    }

    fn taken(fingerprints: impl IntoIterator<Item = u64>) -> (Vec<FindingGroup>, Vec<FindingView>) {
        let mut notes = Notes::default();
        fingerprints.into_iter().for_each(|fingerprint| notes.add(&finding(fingerprint)));
        notes.take()
    }

    #[test]
    fn groups_and_samples_stand_in_the_order_of_the_feed() {
        let (groups, samples) = taken([2, 1, 2]);
        let counts: Vec<_> = groups.iter().map(|group| (group.fingerprint.as_str(), group.count)).collect();
        assert_eq!(counts, [("0000000000000002", 2), ("0000000000000001", 1)]);
        assert_eq!(groups[0].path, "/a/b/c/@d");
        let sentences: Vec<_> = samples.iter().map(|sample| sample.sentence.as_str()).collect();
        assert_eq!(sentences, ["2", "1", "2"]);
    }

    #[test]
    fn notes_max() {
        let of = |(groups, samples): (Vec<FindingGroup>, Vec<FindingView>)| {
            let counted: u64 = groups.iter().map(|group| group.count).sum();
            (groups.len(), counted, samples.len())
        };
        let [per_group, kinds] = [SAMPLES_PER_GROUP_MAX, GROUPS_PER_FEED_MAX].map(|max| max as u64);
        assert_eq!(of(taken((0..=per_group).map(|_| 1))), (1, per_group + 1, SAMPLES_PER_GROUP_MAX));
        assert_eq!(of(taken(0..kinds)), (GROUPS_PER_FEED_MAX, kinds, SAMPLES_PER_FEED_MAX));
        let (groups, samples) = taken(0..=kinds);
        let rest = groups.last().expect("the rest");
        assert_eq!((rest.code.as_str(), rest.severity, rest.count), (REST, Severity::Warning, 1));
        assert_eq!(of((groups, samples)), (GROUPS_PER_FEED_MAX + 1, kinds + 1, SAMPLES_PER_FEED_MAX));
    }
}
