//! What the judge tells: one thing that is not as it was, with what was expected, what was seen, where first, and since
//! when.

use super::baseline::Subject;
use super::profile::RecordPlace;
use serde::Serialize;

/// What is not as it was. Of several at one path, the first in this order is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DriftKind {
    /// So much is different that another program must have written it.
    Generator,
    /// A path that was there is gone.
    PathLost,
    /// A path that was never there.
    PathNew,
    /// A path is gone, and a new one in its place in as many records.
    PathRenamed,
    /// A path is gone, and stands elsewhere in as many records.
    PathMoved,
    /// Texts that end at one length, where they were longer.
    Cut,
    /// Texts in a form that they never had.
    Class,
    /// More of it in one parent than ever.
    Occurrence,
    /// Siblings in an order that they never had.
    Order,
    /// Numbers of another size.
    Number,
    /// In more records than usual, or in fewer.
    Presence,
    /// A value more often than usual, or less often.
    Value,
    /// Texts longer or shorter than usual.
    Length,
    /// Another encoding.
    Encoding,
    /// Lines end in another way.
    LineEnds,
    /// Another namespace or prefix.
    Namespace,
    /// Another value in the header.
    Header,
    /// More or fewer records than usual.
    Volume,
    /// Records larger or smaller than usual.
    Size,
    /// Another mix of notification types.
    Notification,
    /// More or fewer records refused than usual.
    Refused,
}

impl DriftKind {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::Generator,
        Self::PathLost,
        Self::PathNew,
        Self::PathRenamed,
        Self::PathMoved,
        Self::Cut,
        Self::Class,
        Self::Occurrence,
        Self::Order,
        Self::Number,
        Self::Presence,
        Self::Value,
        Self::Length,
        Self::Encoding,
        Self::LineEnds,
        Self::Namespace,
        Self::Header,
        Self::Volume,
        Self::Size,
        Self::Notification,
        Self::Refused,
    ];

    /// The code of findings of it; stable.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Generator => "drift.generator",
            Self::PathLost => "drift.path-lost",
            Self::PathNew => "drift.path-new",
            Self::PathRenamed => "drift.path-renamed",
            Self::PathMoved => "drift.path-moved",
            Self::Class => "drift.class",
            Self::Occurrence => "drift.occurrence",
            Self::Order => "drift.order",
            Self::Number => "drift.number",
            Self::Cut => "drift.cut",
            Self::Presence => "drift.presence",
            Self::Value => "drift.value",
            Self::Length => "drift.length",
            Self::Encoding => "drift.encoding",
            Self::LineEnds => "drift.line-ends",
            Self::Namespace => "drift.namespace",
            Self::Header => "drift.header",
            Self::Volume => "drift.volume",
            Self::Size => "drift.size",
            Self::Notification => "drift.notification",
            Self::Refused => "drift.refused",
        }
    }

    /// Whether it says that something was never there before, which needs no statistics.
    #[must_use]
    pub const fn is_structural(self) -> bool {
        matches!(
            self,
            Self::Generator
                | Self::PathLost
                | Self::PathNew
                | Self::PathRenamed
                | Self::PathMoved
                | Self::Class
                | Self::Occurrence
                | Self::Order
                | Self::Encoding
                | Self::LineEnds
                | Self::Namespace
                | Self::Header
        )
    }
}

/// Whether what was seen can be chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// Hardly.
    Certain,
    /// It can: there is too little to hold it against, or too little of it.
    Possible,
}

/// The first record that shows a drift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FirstRecord {
    /// Its number in the feed, from 1.
    pub ordinal: u64,
    /// Where it stands, when that was kept.
    #[serde(flatten)]
    pub place: Option<RecordPlace>,
}

/// One thing that is not as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    /// What.
    pub kind: DriftKind,
    /// Where.
    pub subject: Subject,
    /// Whether it can be chance.
    pub certainty: Certainty,
    /// One English sentence, without place.
    pub sentence: String,
    /// What was expected: `in 99.8 % of records`.
    pub expected: String,
    /// What was seen: `in 61 % (12,280 of 20,131)`.
    pub observed: String,
    /// Records, or texts, that are not as expected.
    pub affected: u64,
    /// The first of them.
    pub first: Option<FirstRecord>,
    /// What is drawn as a line: by feed of the window, oldest first; `None` where a feed says nothing.
    pub series: Vec<Option<f64>>,
    /// The same of this feed.
    pub now: Option<f64>,
    /// Paths below, or others at the same path, that are told by this one.
    pub folded: usize,
}

impl Drift {
    pub(super) fn new(kind: DriftKind, subject: Subject, affected: u64) -> Self {
        Self {
            kind,
            subject,
            certainty: Certainty::Certain,
            sentence: String::new(),
            expected: String::new(),
            observed: String::new(),
            affected,
            first: None,
            series: Vec::new(),
            now: None,
            folded: 0,
        }
    }

    /// The same in words: `about` what was and is, of how many feeds.
    pub(super) fn saying(mut self, sentence: String, expected: String, observed: String) -> Self {
        (self.sentence, self.expected, self.observed) = (sentence, expected, observed);
        self
    }

    pub(super) fn first(mut self, ordinal: Option<u64>) -> Self {
        self.first = ordinal.map(|ordinal| FirstRecord { ordinal, place: None });
        self
    }

    pub(super) fn drawn(mut self, series: Vec<Option<f64>>, now: Option<f64>) -> Self {
        (self.series, self.now) = (series, now);
        self
    }

    pub(super) fn certain_if(mut self, certain: bool) -> Self {
        self.certainty = if certain { Certainty::Certain } else { Certainty::Possible };
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_kind_has_its_own_code() {
        let codes: BTreeSet<_> = DriftKind::ALL.iter().map(|kind| kind.code()).collect();
        assert_eq!(codes.len(), DriftKind::ALL.len());
        assert!(codes.iter().all(|code| code.starts_with("drift.")));
        assert!(DriftKind::ALL.is_sorted());
    }
}
