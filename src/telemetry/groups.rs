//! Equal deviations of one feed, counted for its span.

use super::deviation::{fingerprint, text};
use crate::judgement::{Finding, Severity, without_positions};
use std::cmp::Reverse;
use std::collections::HashMap;

/// Groups told apart in one feed; what comes after is counted together.
pub(super) const GROUPS_MAX: usize = 1_000;
/// Groups that the span of a feed names.
pub(super) const GROUPS_NAMED_MAX: usize = 20;

#[derive(Debug)]
struct Group {
    code: &'static str,
    severity: Severity,
    path: String,
    fingerprint: String,
    count: u64,
}

/// The groups of one feed.
#[derive(Debug, Default)]
pub(super) struct FeedGroups {
    index: HashMap<u64, usize>,
    groups: Vec<Group>,
    rest: u64,
}

impl FeedGroups {
    pub(super) fn add(&mut self, finding: &Finding) {
        if let Some(&at) = self.index.get(&finding.fingerprint) {
            self.groups[at].count += 1;
        } else if self.groups.len() < GROUPS_MAX {
            self.index.insert(finding.fingerprint, self.groups.len());
            self.groups.push(Group {
                code: finding.code,
                severity: finding.severity,
                path: text(&without_positions(&finding.path)),
                fingerprint: fingerprint(finding),
                count: 1,
            });
        } else {
            self.rest += 1;
        }
    }

    /// The largest groups, a line for each: `400 × error cvc-maxLength-valid /a/b 0123456789abcdef`.
    pub(super) fn largest(&self) -> Vec<String> {
        let mut sorted: Vec<&Group> = self.groups.iter().collect();
        sorted.sort_by_key(|group| Reverse(group.count));
        let named = sorted.iter().take(GROUPS_NAMED_MAX).map(|group| {
            let Group { code, severity, path, fingerprint, count } = group;
            format!("{count} × {severity} {code} {path} {fingerprint}")
        });
        let others: u64 = sorted.iter().skip(GROUPS_NAMED_MAX).map(|group| group.count).sum();
        let rest = (others + self.rest > 0).then(|| format!("{} × others", others + self.rest));
        named.chain(rest).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::Excerpt;
    use crate::xml::Place;

    #[track_caller]
    fn case(fingerprints: impl Iterator<Item = u64>, lines: usize, first: &str, last: &str) {
        let mut groups = FeedGroups::default();
        for fingerprint in fingerprints {
            groups.add(&Finding {
                severity: Severity::Error,
                code: "rule.gtin",
                sentence: String::new(),
                place: Place::default(),
                path: "/a/b[2]".into(),
                found: String::new(),
                expected: String::new(),
                record: None,
                key: None,
                fingerprint,
                excerpt: Excerpt::default(),
            });
        }
        let told = groups.largest();
        let (start, end) = (told.first().map_or("", String::as_str), told.last().map_or("", String::as_str));
        assert_eq!((told.len(), start, end), (lines, first, last));
    }

    #[test]
    fn the_largest_comes_first() {
        let one = "1 × error rule.gtin /a/b 0000000000000001";
        case([1, 2, 2].into_iter(), 2, "2 × error rule.gtin /a/b 0000000000000002", one);
        case(std::iter::empty(), 0, "", "");
    }

    #[test]
    fn groups_named_max() {
        let max = GROUPS_NAMED_MAX as u64;
        let first = "1 × error rule.gtin /a/b 0000000000000000";
        case(0..max, GROUPS_NAMED_MAX, first, "1 × error rule.gtin /a/b 0000000000000013");
        case(0..=max, GROUPS_NAMED_MAX + 1, first, "1 × others");
    }

    #[test]
    fn groups_max() {
        let max = GROUPS_MAX as u64;
        let first = "1 × error rule.gtin /a/b 0000000000000000";
        case(0..max, GROUPS_NAMED_MAX + 1, first, "980 × others");
        case(0..=max, GROUPS_NAMED_MAX + 1, first, "981 × others");
    }
}
