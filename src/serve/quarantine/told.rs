//! Entries of the quarantine, as they are told.

use crate::judgement::Severity;
use crate::store::{FindingView, QuarantineEntry, QuarantineState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How an entry stands.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::serve) enum EntryState {
    /// It waits for somebody.
    Open,
    /// It was judged again and imported.
    Replayed,
    /// A later feed brought the record again.
    Superseded,
    /// It is not wanted any more.
    Discarded,
}

impl From<EntryState> for QuarantineState {
    fn from(word: EntryState) -> Self {
        match word {
            EntryState::Open => Self::Open,
            EntryState::Replayed => Self::Replayed,
            EntryState::Superseded => Self::Superseded,
            EntryState::Discarded => Self::Discarded,
        }
    }
}

impl From<QuarantineState> for EntryState {
    fn from(state: QuarantineState) -> Self {
        match state {
            QuarantineState::Open => Self::Open,
            QuarantineState::Replayed => Self::Replayed,
            QuarantineState::Superseded => Self::Superseded,
            QuarantineState::Discarded => Self::Discarded,
        }
    }
}

/// Why a record was refused.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::serve) struct EntryFinding {
    /// Clause or rule.
    #[schema(example = "cvc-datatype-valid.1.2.1")]
    code: String,
    /// How much it weighs: `notice`, `warning`, `error` or `fatal`.
    #[schema(example = "error")]
    severity: &'static str,
    /// One sentence.
    sentence: String,
    /// Element path with positions.
    #[schema(example = "/catalogue/product[1]/prices/price[1]/amount")]
    path: String,
    /// Line, from 1: in the feed, or in the record that was sent.
    line: u64,
    /// Column in characters, from 1.
    column: u64,
    /// Byte, from 0.
    byte: u64,
    /// What was found.
    #[schema(example = "12,50")]
    found: String,
    /// What was expected.
    expected: String,
    /// The line around the place.
    excerpt: String,
    /// Where the caret stands in it, in characters.
    caret: u64,
    /// How wide the caret is.
    caret_width: u64,
    /// Equal findings have the same.
    #[schema(example = "00c1d2e3f4a5b697")]
    fingerprint: String,
}

impl From<FindingView> for EntryFinding {
    fn from(view: FindingView) -> Self {
        let severity: Severity = view.severity;
        Self {
            code: view.code,
            severity: severity.as_str(),
            sentence: view.sentence,
            path: view.path,
            line: view.line,
            column: view.column,
            byte: view.byte,
            found: view.found,
            expected: view.expected,
            excerpt: view.excerpt,
            caret: view.caret,
            caret_width: view.caret_width,
            fingerprint: view.fingerprint,
        }
    }
}

/// A refused record.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::serve) struct Entry {
    /// Its number.
    #[schema(example = 7)]
    pub(super) id: i64,
    /// How it stands.
    state: EntryState,
    /// When it was refused first.
    #[schema(example = "2026-11-27T02:10:00.123Z")]
    created_at: String,
    /// The run that refused it first.
    first_run: i64,
    /// The last run that refused it.
    last_run: i64,
    /// When it was replayed, superseded or discarded.
    resolved_at: Option<String>,
    /// The source.
    #[schema(example = "GLN 4012345000009")]
    source: String,
    /// Name of the feed that brought it last.
    #[schema(example = "catalogue.xml")]
    feed: String,
    /// Key, if it could be read.
    key: Option<String>,
    /// Number in the feed, from 1.
    ordinal: u64,
    /// Line in the feed, from 1.
    line: u64,
    /// Column, from 1.
    column: u64,
    /// Byte in the feed, from 0.
    byte: u64,
    /// Format and version.
    #[schema(example = "onix/3.0")]
    format: String,
    /// Version of the profile it was judged by.
    profile_version: u32,
    /// Bytes of the record.
    size: u64,
    /// Bytes of the corrected record that was imported in its place.
    mended_size: Option<u64>,
    /// SHA-256 of the record, hexadecimal; `seen` of a replay names it.
    digest: String,
    /// How many findings are kept with it.
    findings_count: u64,
    /// Why it was refused; a list tells the first five.
    findings: Vec<EntryFinding>,
}

impl Entry {
    /// An entry with at most so many findings.
    pub(super) fn of(entry: QuarantineEntry, findings_max: usize) -> Self {
        Self {
            id: entry.id,
            state: entry.state.into(),
            created_at: entry.created_at,
            first_run: entry.first_run.0,
            last_run: entry.last_run.0,
            resolved_at: entry.resolved_at,
            source: entry.source,
            feed: entry.feed,
            key: entry.reference,
            ordinal: entry.ordinal,
            line: entry.line,
            column: entry.column,
            byte: entry.byte,
            format: entry.format,
            profile_version: entry.profile_version,
            size: entry.size,
            mended_size: entry.mended_size,
            digest: entry.digest,
            findings_count: entry.findings.len() as u64,
            findings: entry.findings.into_iter().take(findings_max).map(EntryFinding::from).collect(),
        }
    }
}
