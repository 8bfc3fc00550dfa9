//! Equal deviations of one feed, counted for its span.

use super::deviation::{fingerprint_text, text};
use crate::judgement::{Finding, Group, GroupLimits, Groups};

/// Groups told apart in one feed; what comes after is counted together.
pub(super) const GROUPS_MAX: usize = 1_000;
/// Groups that the span of a feed names.
pub(super) const GROUPS_NAMED_MAX: usize = 20;

/// The groups of one feed.
#[derive(Debug)]
pub(super) struct FeedGroups(Groups<()>);

impl Default for FeedGroups {
    fn default() -> Self {
        let (samples_per_kind_max, samples_max) = (0, 0);
        Self(Groups::new(GroupLimits { kinds_max: GROUPS_MAX, samples_per_kind_max, samples_max }))
    }
}

impl FeedGroups {
    pub(super) fn add(&mut self, finding: &Finding) {
        self.0.add(finding, || ());
    }

    /// The largest groups, a line for each: `400 × error cvc-maxLength-valid /a/b 0123456789abcdef`.
    pub(super) fn largest(&self) -> Vec<String> {
        let sorted = self.0.by_count();
        let named = &sorted[..sorted.len().min(GROUPS_NAMED_MAX)];
        let others = self.0.total() - named.iter().map(|group| group.count).sum::<u64>();
        let rest = (others > 0).then(|| format!("{others} × others"));
        named.iter().map(|group| line(group)).chain(rest).collect()
    }
}

fn line(group: &Group<()>) -> String {
    let Group { code, severity, count, .. } = group;
    format!("{count} × {severity} {code} {} {}", text(&group.path), fingerprint_text(group.fingerprint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::Severity;
    use crate::xml::Place;

    #[track_caller]
    fn case(fingerprints: impl Iterator<Item = u64>, lines: usize, first: &str, last: &str) {
        let mut groups = FeedGroups::default();
        for fingerprint in fingerprints {
            let finding = Finding::new(Severity::Error, "rule.gtin", String::new(), Place::default());
            groups.add(&Finding { fingerprint, path: "/a/b[2]".into(), ..finding });
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
