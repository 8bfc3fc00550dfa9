//! What a feed tells, in order: its start, then outcomes and findings, then its end.

use super::acceptance::Acceptance;
use super::finding::Finding;
use super::outcome::Outcome;
use super::tally::Tally;
use super::telling::Recognised;
use super::verdict::Verdict;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Instant;

/// What is known of a feed once its root and header were read, before the first record.
#[derive(Clone, Debug, Default)]
pub struct FeedStart {
    /// File name or `-`, with the member of an archive behind a `!`.
    pub name: Arc<str>,
    /// Format and version such as `onix/3.0`; `None` for plain schema validation.
    pub format: Option<Arc<str>>,
    /// Version of the profile, part of what makes a feed version.
    pub profile_version: Option<u32>,
    /// Sender as the header names it, for people.
    pub sender: Option<String>,
    /// Identifiers of the sender with their schemes, such as `GLN 4012345000009`, the most reliable first.
    pub sender_ids: Vec<String>,
    /// Message or sequence number of the header.
    pub message_number: Option<String>,
    /// How often the message was repeated under that number, as written.
    pub message_repeat: Option<String>,
    /// When the message was sent, as written.
    pub sent: Option<String>,
    /// Digest of profile and schema documents that it is judged by, 32 hexadecimal digits.
    pub judged_by: Option<Arc<str>>,
    /// What a record of this feed needs to be read again without its feed.
    pub context: RecordContext,
    /// When reading it began, if it was read now.
    pub began: Option<Instant>,
    /// Where its very bytes were judged before, when it is not read but told as it was then.
    pub recognised: Option<Recognised>,
}

/// What stands around a record and decides how its bytes are read: kept with a refused record, so
/// that it can be validated again alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordContext {
    /// Encoding of the record's bytes, as the encoding label `UTF-8`, `UTF-16LE`, `windows-1252`, …
    pub encoding: String,
    /// Name of the feed's root element as written, prefix included.
    pub root: String,
    /// Prefixes in scope where records begin, with their namespaces; the empty prefix is the default.
    pub bindings: Vec<(String, String)>,
    /// Namespace the feed is read as if it carried, when it carries none.
    pub assumed_namespace: Option<String>,
    /// Whether the feed's namespace is misspelt, and read as that of its format.
    #[serde(default)]
    pub misspelt_namespace: bool,
    /// Default language of texts, as the header says.
    #[serde(default)]
    pub language: Option<String>,
    /// Default currency of prices.
    #[serde(default)]
    pub currency: Option<String>,
    /// Default kind of prices.
    #[serde(default)]
    pub price_kind: Option<String>,
}

/// From when to when something was worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lapse {
    /// The beginning.
    pub began: Instant,
    /// The end.
    pub ended: Instant,
}

/// A schema that was compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compilation {
    /// The format, such as `onix/3.0`.
    pub format: String,
    /// Name of its main document.
    pub document: String,
    /// When.
    pub lapse: Lapse,
    /// Whether a schema came of it.
    pub done: bool,
}

/// The end of a feed: complete or broken off.
#[derive(Clone, Debug)]
pub struct FeedEnd {
    /// What was checked, and how far.
    pub verdict: Verdict,
    /// What the feed came to. An import may find it graver than its reader did; nobody else changes it.
    pub acceptance: Acceptance,
    /// Why it could not be read to its end, when that was not its content's fault.
    pub failure: Option<Failure>,
    /// Exact counts.
    pub tally: Tally,
    /// SHA-256 of the source bytes as delivered (before decompression), when the feed was read to its end.
    pub digest: Option<[u8; 32]>,
    /// What its records look like, packed as [`drift`](crate::drift) packs it; of a feed of a format that was read to
    /// its end by a reader that gathers it.
    pub structure: Option<Arc<[u8]>>,
    /// How many runs of its source it was held against for [`drift`](crate::drift), when an import did that.
    pub baseline_runs: Option<usize>,
    /// When its last byte was read, if it was read now.
    pub ended: Option<Instant>,
    /// The final form of what `FeedStart` knew at the beginning.
    pub start: FeedStart,
}

impl FeedEnd {
    /// The end of a feed that could not be begun.
    #[must_use]
    pub fn failed(start: FeedStart, failure: Failure) -> Self {
        Self {
            verdict: Verdict::default(),
            acceptance: Acceptance::Failed,
            failure: Some(failure),
            tally: Tally::default(),
            digest: None,
            structure: None,
            baseline_runs: None,
            ended: None,
            start,
        }
    }
}

/// Why something could not be done, as people are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What went wrong, in one word of few.
    pub kind: &'static str,
    /// The sentence, then what caused it, and so on.
    pub causes: Vec<String>,
}

impl Failure {
    /// The kind of a feed that ends before its time, which is a finding as well.
    pub const CUT_OFF: &'static str = "cut-off";
    /// The kind of a feed whose packing is damaged, which is a finding as well.
    pub const PACKING: &'static str = "packing";

    /// Whether a finding of the feed tells it, too.
    #[must_use]
    pub fn is_told(&self) -> bool {
        [Self::CUT_OFF, Self::PACKING].contains(&self.kind)
    }

    /// An error with all its causes.
    #[must_use]
    pub fn of(kind: &'static str, error: &dyn std::error::Error) -> Self {
        let causes = std::iter::successors(Some(error), |error| error.source());
        Self { kind, causes: causes.map(ToString::to_string).collect() }
    }

    /// All of it in one line, for reports.
    #[must_use]
    pub fn one_line(&self) -> String {
        self.causes.join(": ")
    }
}

/// What a feed tells. Of each feed that was begun there is either a start and an end, with the rest between them, or
/// nothing but a failure.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a feed has one end, and its records are moved in parcels")]
pub enum FeedEvent {
    /// The header is read.
    Start(FeedStart),
    /// A record was judged.
    Outcome(Outcome),
    /// Something outside of records: header, stray element, not well-formed.
    Finding(Finding),
    /// The feed is at its end, also when it broke off.
    End(FeedEnd),
    /// The feed could not be opened or begun; its name.
    Failed(Arc<str>, Failure),
}

impl FeedEvent {
    /// Bytes of memory it takes, near enough.
    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        let heap = match self {
            Self::Outcome(outcome) => outcome.heap_bytes(),
            Self::Finding(finding) => finding.heap_bytes(),
            // One of each for a feed.
            Self::End(end) => FEED_HEAP_BYTES + end.structure.as_ref().map_or(0, |structure| structure.len()),
            Self::Start(_) | Self::Failed(..) => FEED_HEAP_BYTES,
        };
        (size_of::<Self>() + heap) as u64
    }
}

/// What a start or an end takes beside itself, roughly.
const FEED_HEAP_BYTES: usize = 1_024;

/// The caller's side of a pipeline; every call comes from one thread, in the order of the feed.
pub trait EventSink {
    /// Takes what a feed tells next.
    fn take(&mut self, event: FeedEvent) -> Flow;
}

/// What whoever is told wants next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// No more of this feed.
    NextFeed,
}
