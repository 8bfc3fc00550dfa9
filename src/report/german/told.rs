//! Sentences of reports for people, in their language.

use super::{explanation, of_finding, sentence};
use crate::judgement::{Finding, Group, Language};
use crate::report::Explanation;
use crate::report::sample::Sample;
use std::borrow::Cow;

impl Language {
    /// The sentence of a finding.
    pub(in crate::report) fn told(self, finding: &Finding) -> Cow<'_, str> {
        match self {
            Self::English => Cow::Borrowed(&finding.sentence),
            Self::German => of_finding(finding),
        }
    }

    /// The sentence that stands for a group: that of its first finding.
    pub(in crate::report) fn heading(self, group: &Group<Sample>) -> Cow<'_, str> {
        let first = group.samples.iter().find(|sample| sample.finding.sentence == group.sentence);
        match (self, first) {
            (Self::English, _) => Cow::Borrowed(&group.sentence),
            (Self::German, Some(first)) => of_finding(&first.finding),
            (Self::German, None) => sentence(&group.sentence),
        }
    }

    /// What a code means, and what to do.
    pub(in crate::report) fn explained(self, told: &Explanation) -> [&'static str; 2] {
        match (self, explanation(told.code)) {
            (Self::German, Some(german)) => [german.meaning, german.action],
            _ => [told.meaning, told.action],
        }
    }
}
