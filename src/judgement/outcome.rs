//! One record, judged.

use super::event::Lapse;
use super::finding::Finding;
use crate::product::{Amendment, Fingerprint, Product, RecordReference};
use crate::xml::{ByteOffset, Place};

/// Number of a record in its feed, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordOrdinal(pub u64);

/// What to do with an accepted record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// The record says all there is: insert or replace.
    Upsert(Box<Product>, Fingerprint),
    /// The record says what changed.
    Amend(Box<Amendment>),
    /// The record withdraws the product.
    Withdraw,
    /// Valid, and nothing to do.
    Ignore,
}

/// The verdict on one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordResult {
    /// Nothing at error severity.
    Accepted(Action),
    /// Something at error severity.
    Refused,
}

/// One record, judged.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its number in the feed.
    pub ordinal: RecordOrdinal,
    /// Its key, if it has one that can be read.
    pub key: Option<RecordReference>,
    /// When it was changed last, as it says itself, in seconds since 1970.
    pub changed: Option<i64>,
    /// Where its start tag begins.
    pub place: Place,
    /// One past its last byte in the source.
    pub end: ByteOffset,
    /// Accepted with an action, or refused.
    pub result: RecordResult,
    /// The record byte for byte in the encoding of the source, when it is refused or may still be: an
    /// [amendment](Action::Amend) needs its product. Empty for all others.
    pub bytes: Vec<u8>,
    /// What was found in it, of any severity, at most the configured number.
    pub findings: Vec<Finding>,
    /// When a refused record was read. Accepted ones have none: looking at the clock 20,000 times is not free.
    pub lapse: Option<Lapse>,
}

impl Outcome {
    /// Whether the record was refused.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.result == RecordResult::Refused
    }

    /// Bytes of memory it takes beside itself, near enough.
    pub(super) fn heap_bytes(&self) -> usize {
        let findings = self.findings.capacity() * size_of::<Finding>()
            + self.findings.iter().map(Finding::heap_bytes).sum::<usize>();
        let action = match &self.result {
            RecordResult::Accepted(Action::Upsert(product, _)) => size_of::<Product>() + product.heap_bytes(),
            RecordResult::Accepted(Action::Amend(amendment)) => {
                size_of::<Amendment>() + amendment.change.heap_bytes()
            }
            RecordResult::Accepted(Action::Withdraw | Action::Ignore) | RecordResult::Refused => 0,
        };
        let key = self.key.as_ref().map_or(0, |key| key.as_str().len());
        findings + action + key + self.bytes.capacity()
    }

    /// Bytes of the feed it stands for.
    #[must_use]
    pub fn source_bytes(&self) -> u64 {
        self.end.0.saturating_sub(self.place.byte.0)
    }
}
