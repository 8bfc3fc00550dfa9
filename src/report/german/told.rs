//! Sentences of reports for people, in their language.

use super::{explanation, of_finding};
use crate::judgement::{Finding, Group, Language};
use crate::report::Explanation;
use crate::report::kind::{Alike, of_kind};
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

    /// The sentence that stands for a group: that of its first finding, as it holds for all.
    pub(in crate::report) fn heading(self, group: &Group<Sample>) -> String {
        let first = group.samples.iter().find(|sample| sample.finding.sentence == group.sentence);
        let first = first.map(|sample| &sample.finding);
        let key = first.and_then(|finding| finding.key.as_ref()).map_or("", |key| key.as_str());
        let found = first.map_or("", |finding| finding.found.as_str());
        let alike = if group.is_uniform { Alike::Yes } else { Alike::No };
        of_kind(self, &group.sentence, &[found, key], alike)
    }

    /// What a code means, and what to do.
    pub(in crate::report) fn explained(self, told: &Explanation) -> [&'static str; 2] {
        match (self, explanation(told.code)) {
            (Self::German, Some(german)) => [german.meaning, german.action],
            _ => [told.meaning, told.action],
        }
    }
}
