//! Findings of one feed on their way into the database: equal ones counted, a few of each kept.

use crate::judgement::{Finding, Severity, without_positions};
use crate::store::{FindingGroup, FindingView, fingerprint_text};
use std::collections::HashMap;

/// Findings kept of one group.
pub(super) const SAMPLES_PER_GROUP_MAX: u64 = 20;
/// Findings kept of one feed.
pub(super) const SAMPLES_PER_FEED_MAX: usize = 2_000;
/// Groups told apart in one feed; what comes after is counted together.
pub(super) const GROUPS_PER_FEED_MAX: usize = 2_000;
/// The group of those, by a fingerprint that no finding has.
const REST: &str = "rest";

/// Findings of one feed.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Where the group of a fingerprint stands.
    index: HashMap<u64, usize>,
    groups: Vec<FindingGroup>,
    rest: Option<FindingGroup>,
    samples: Vec<FindingView>,
}

impl Notes {
    /// Counts a finding; keeps it while there is room.
    pub(super) fn add(&mut self, finding: &Finding) {
        let count = match self.index.get(&finding.fingerprint) {
            Some(&at) => {
                self.groups[at].count += 1;
                self.groups[at].count
            }
            None if self.groups.len() < GROUPS_PER_FEED_MAX => {
                self.index.insert(finding.fingerprint, self.groups.len());
                self.groups.push(group(finding));
                1
            }
            None => return self.add_to_rest(finding),
        };
        if count <= SAMPLES_PER_GROUP_MAX && self.samples.len() < SAMPLES_PER_FEED_MAX {
            self.samples.push(finding.into());
        }
    }

    fn add_to_rest(&mut self, finding: &Finding) {
        let rest = self.rest.get_or_insert_with(|| FindingGroup {
            fingerprint: REST.to_owned(),
            code: REST.to_owned(),
            severity: Severity::Notice,
            path: String::new(),
            count: 0,
            sentence: format!("Further kinds of findings, beyond the first {GROUPS_PER_FEED_MAX}."),
        });
        rest.count += 1;
        rest.severity = rest.severity.max(finding.severity);
    }

    /// Groups in the order of their first finding, and the kept findings.
    pub(super) fn take(&mut self) -> (Vec<FindingGroup>, Vec<FindingView>) {
        self.index.clear();
        let mut groups = std::mem::take(&mut self.groups);
        groups.extend(self.rest.take());
        (groups, std::mem::take(&mut self.samples))
    }
}

fn group(finding: &Finding) -> FindingGroup {
    FindingGroup {
        fingerprint: fingerprint_text(finding.fingerprint),
        code: finding.code.to_owned(),
        severity: finding.severity,
        path: without_positions(&finding.path),
        count: 1,
        sentence: finding.sentence.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::Excerpt;
    use crate::xml::Place;

    fn finding(fingerprint: u64) -> Finding {
        Finding {
            severity: Severity::Warning,
            code: "rule.example",
            sentence: "An example.".into(),
            place: Place::default(),
            path: "/a/b[3]/c[1]/@d".into(),
            found: String::new(),
            expected: String::new(),
            record: None,
            key: None,
            fingerprint,
            excerpt: Excerpt::default(),
        }
    }

    #[track_caller]
    fn case(fingerprints: impl Iterator<Item = u64>, groups: usize, counts: u64, samples: usize) {
        let mut notes = Notes::default();
        fingerprints.for_each(|fingerprint| notes.add(&finding(fingerprint)));
        let (found, kept) = notes.take();
        let counted: u64 = found.iter().map(|group| group.count).sum();
        assert_eq!((found.len(), counted, kept.len()), (groups, counts, samples));
    }

    #[test]
    fn equal_findings_are_one_group_with_some_samples() {
        let max = SAMPLES_PER_GROUP_MAX;
        case((0..max).map(|_| 1), 1, max, 20);
        case((0..=max).map(|_| 1), 1, max + 1, 20);
        case([1, 2, 1].into_iter(), 2, 3, 3);
    }

    #[test]
    fn groups_beyond_the_limit_are_counted_together() {
        let max = GROUPS_PER_FEED_MAX as u64;
        case(0..max, GROUPS_PER_FEED_MAX, max, SAMPLES_PER_FEED_MAX);
        case(0..=max, GROUPS_PER_FEED_MAX + 1, max + 1, SAMPLES_PER_FEED_MAX);
    }

    #[test]
    fn samples_of_a_feed_have_a_limit() {
        let max = SAMPLES_PER_FEED_MAX as u64;
        let half = move |count: u64| (0..count).map(|number| number / 2);
        case(half(max), GROUPS_PER_FEED_MAX / 2, max, SAMPLES_PER_FEED_MAX);
        case(half(max + 1), GROUPS_PER_FEED_MAX / 2 + 1, max + 1, SAMPLES_PER_FEED_MAX);
    }

    #[test]
    fn a_group_has_a_path_without_positions() {
        assert_eq!(group(&finding(1)).path, "/a/b/c/@d");
    }
}
