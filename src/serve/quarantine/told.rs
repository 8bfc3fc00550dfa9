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
    pub(in crate::serve) code: String,
    /// How much it weighs: `notice`, `warning`, `error` or `fatal`.
    #[schema(example = "error")]
    pub(in crate::serve) severity: &'static str,
    /// One sentence.
    pub(in crate::serve) sentence: String,
    /// Element path with positions.
    #[schema(example = "/catalogue/product[1]/prices/price[1]/amount")]
    pub(in crate::serve) path: String,
    /// Line, from 1: in the feed, or in the record that was sent.
    pub(in crate::serve) line: u64,
    /// Column in characters, from 1.
    pub(in crate::serve) column: u64,
    /// Byte, from 0.
    pub(in crate::serve) byte: u64,
    /// What was found.
    #[schema(example = "12,50")]
    pub(in crate::serve) found: String,
    /// What was expected.
    pub(in crate::serve) expected: String,
    /// The line around the place.
    pub(in crate::serve) excerpt: String,
    /// Where the caret stands in it, in characters.
    pub(in crate::serve) caret: u64,
    /// How wide the caret is.
    pub(in crate::serve) caret_width: u64,
    /// Equal findings have the same.
    #[schema(example = "00c1d2e3f4a5b697")]
    pub(in crate::serve) fingerprint: String,
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
    pub(in crate::serve) id: i64,
    /// How it stands.
    pub(in crate::serve) state: EntryState,
    /// When it was refused first.
    #[schema(example = "2026-11-27T02:10:00.123Z")]
    pub(in crate::serve) created_at: String,
    /// The run that refused it first.
    pub(in crate::serve) first_run: i64,
    /// The last run that refused it.
    pub(in crate::serve) last_run: i64,
    /// When it was replayed, superseded or discarded.
    pub(in crate::serve) resolved_at: Option<String>,
    /// The source.
    #[schema(example = "GLN 4012345000009")]
    pub(in crate::serve) source: String,
    /// Name of the feed that brought it last.
    #[schema(example = "catalogue.xml")]
    pub(in crate::serve) feed: String,
    /// Key, if it could be read.
    pub(in crate::serve) key: Option<String>,
    /// Number in the feed, from 1.
    pub(in crate::serve) ordinal: u64,
    /// Line in the feed, from 1.
    pub(in crate::serve) line: u64,
    /// Column, from 1.
    pub(in crate::serve) column: u64,
    /// Byte in the feed, from 0.
    pub(in crate::serve) byte: u64,
    /// Format and version.
    #[schema(example = "onix/3.0")]
    pub(in crate::serve) format: String,
    /// Version of the profile it was judged by.
    pub(in crate::serve) profile_version: u32,
    /// Bytes of the record.
    pub(in crate::serve) size: u64,
    /// Bytes of the corrected record that was imported in its place.
    pub(in crate::serve) mended_size: Option<u64>,
    /// Digest of the record, hexadecimal; `seen` of a replay names it.
    pub(in crate::serve) digest: String,
    /// How many findings are kept with it.
    pub(in crate::serve) findings_count: u64,
    /// Why it was refused; a list tells the first five.
    pub(in crate::serve) findings: Vec<EntryFinding>,
}

impl Entry {
    /// An entry with at most so many findings.
    pub(in crate::serve) fn of(entry: QuarantineEntry, findings_max: usize) -> Self {
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
