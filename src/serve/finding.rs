//! Findings and groups of them, as they are told.

use crate::judgement::{self, Severity};
use crate::store::{FindingGroup, FindingView, GroupView, NumberedSample, SampleView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum SeverityWord {
    /// Worth knowing, changes nothing.
    Notice,
    /// Suspicious; the record is imported.
    Warning,
    /// The record is refused.
    Error,
    /// The whole feed is refused.
    Fatal,
}

impl SeverityWord {
    pub(super) const fn severity(self) -> Severity {
        match self {
            Self::Notice => Severity::Notice,
            Self::Warning => Severity::Warning,
            Self::Error => Severity::Error,
            Self::Fatal => Severity::Fatal,
        }
    }
}

impl From<Severity> for SeverityWord {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Notice => Self::Notice,
            Severity::Warning => Self::Warning,
            Severity::Error => Self::Error,
            Severity::Fatal => Self::Fatal,
        }
    }
}

/// A deviation, in which record, and where.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Finding {
    /// Name of the feed.
    pub(super) feed: String,
    /// How much it weighs.
    pub(super) severity: SeverityWord,
    /// Clause of the Recommendation, or rule.
    pub(super) code: String,
    /// One English sentence.
    pub(super) sentence: String,
    /// Line in the feed, from 1.
    pub(super) line: u64,
    /// Column in characters, from 1.
    pub(super) column: u64,
    /// Byte in the feed, from 0.
    pub(super) byte: u64,
    /// Element path with positions.
    pub(super) path: String,
    /// What was found.
    pub(super) found: String,
    /// What was expected.
    pub(super) expected: String,
    /// Number of the record, from 1; `null` outside of records.
    pub(super) record: Option<u64>,
    /// Key of the record.
    pub(super) key: Option<String>,
    /// Shared by equal findings.
    pub(super) fingerprint: String,
    /// The line around the place.
    pub(super) excerpt: Excerpt,
}

/// A piece of a source line.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Excerpt {
    /// The text; empty when it is not at hand.
    pub(super) text: String,
    /// Where the caret stands in it, in characters, from 0.
    pub(super) caret: u64,
    /// How wide it is.
    pub(super) width: u64,
}

/// Equal findings of a feed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Group {
    /// Name of the feed.
    pub(super) feed: String,
    /// How much they weigh.
    pub(super) severity: SeverityWord,
    /// Clause of the Recommendation, or rule.
    pub(super) code: String,
    /// Element path without positions.
    pub(super) path: String,
    /// How many there were.
    pub(super) count: u64,
    /// The sentence of the first of them.
    pub(super) sentence: String,
    /// What they share.
    pub(super) fingerprint: String,
}

impl From<NumberedSample> for Finding {
    fn from(NumberedSample { sample: SampleView { feed, finding }, .. }: NumberedSample) -> Self {
        Self::of(feed, finding)
    }
}

impl Finding {
    /// One that was just found.
    pub(super) fn found(feed: &str, finding: &judgement::Finding) -> Self {
        Self::of(feed.to_owned(), FindingView::from(finding))
    }

    fn of(feed: String, finding: FindingView) -> Self {
        Self {
            feed,
            severity: finding.severity.into(),
            code: finding.code,
            sentence: finding.sentence,
            line: finding.line,
            column: finding.column,
            byte: finding.byte,
            path: finding.path,
            found: finding.found,
            expected: finding.expected,
            record: finding.ordinal,
            key: finding.reference,
            fingerprint: finding.fingerprint,
            excerpt: Excerpt { text: finding.excerpt, caret: finding.caret, width: finding.caret_width },
        }
    }
}

impl From<GroupView> for Group {
    fn from(GroupView { feed, group }: GroupView) -> Self {
        let FindingGroup { fingerprint, code, severity, path, count, sentence, .. } = group;
        Self { feed, severity: severity.into(), code, path, count, sentence, fingerprint }
    }
}
