//! What the pipeline pushes to whoever drives it: one outcome per record, in order.

use crate::pipeline::finding::Finding;
use crate::pipeline::tally::Tally;
use crate::pipeline::verdict::Verdict;
use crate::product::{Fingerprint, Product, RecordReference};
use crate::xml::{ByteOffset, Place};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Instant;

/// Number of a record in its feed, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordOrdinal(pub u64);

/// What is known of a feed once its root and header were read, before the first record.
#[derive(Clone, Debug)]
pub struct FeedStart {
    /// File name or `-`, with the member of an archive behind a `!`.
    pub name: Arc<str>,
    /// Format and version such as `onix/3.0`; `None` for plain schema validation.
    pub format: Option<Arc<str>>,
    /// Version of the profile, part of what makes a feed version.
    pub profile_version: Option<u32>,
    /// Sender as the header names it.
    pub sender: Option<String>,
    /// Message or sequence number of the header.
    pub message_number: Option<String>,
    /// What a record of this feed needs to be read again without its feed.
    pub context: RecordContext,
    /// When reading it began, if it was read now.
    pub began: Option<Instant>,
}

/// From when to when something was worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lapse {
    /// The beginning.
    pub began: Instant,
    /// The end.
    pub ended: Instant,
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

/// What to do with an accepted record.
#[derive(Clone, Debug)]
pub enum Action {
    /// The record says all there is: insert or replace.
    Upsert(Box<Product>, Fingerprint),
    /// The record says what changed: absent parts stay as they are. With the record byte for byte, for
    /// the quarantine when there is no product to change.
    Amend(Box<Product>, Vec<u8>),
    /// The record withdraws the product.
    Withdraw,
    /// Validated only: no profile, so nothing to import.
    None,
}

/// The verdict on one record.
#[derive(Clone, Debug)]
pub enum RecordResult {
    /// Nothing at error severity.
    Accepted(Action),
    /// Refused; the record byte for byte in the encoding of the source.
    Refused(Vec<u8>),
}

/// One record, judged.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its number in the feed.
    pub ordinal: RecordOrdinal,
    /// Its key, if it has one that can be read.
    pub key: Option<RecordReference>,
    /// Where its start tag begins.
    pub place: Place,
    /// One past its last byte in the source.
    pub end: ByteOffset,
    /// Accepted with an action, or refused with its bytes.
    pub result: RecordResult,
    /// What was found in it, of any severity, at most the configured number.
    pub findings: Vec<Finding>,
    /// When a refused record was read. Accepted ones have none: looking at the clock 20,000 times is not free.
    pub lapse: Option<Lapse>,
}

/// The end of a feed: complete or broken off.
#[derive(Clone, Debug)]
pub struct FeedEnd {
    /// What was checked, skipped, failed.
    pub verdict: Verdict,
    /// Exact counts.
    pub tally: Tally,
    /// SHA-256 of the source bytes as delivered (before decompression), when the feed was read to its end.
    pub digest: Option<[u8; 32]>,
    /// When its last byte was read, if it was read now.
    pub ended: Option<Instant>,
    /// The final form of what `FeedStart` knew at the beginning.
    pub start: FeedStart,
}

/// What the sink wants next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// Stop reading this feed.
    Stop,
}

/// The caller's side of a pipeline; every call comes from one thread, in feed order.
pub trait OutcomeSink {
    /// The header is read; called once, before any outcome.
    fn start(&mut self, start: &FeedStart) -> Flow;
    /// A record was judged.
    fn outcome(&mut self, outcome: Outcome) -> Flow;
    /// Something outside of records: header, stray element, not well-formed.
    fn finding(&mut self, finding: Finding) -> Flow;
    /// The feed is at its end, also when it broke off.
    fn end(&mut self, end: FeedEnd);
}
