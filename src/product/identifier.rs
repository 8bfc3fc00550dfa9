//! Product numbers and the key of a record.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The sender's permanent key of a record; never empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecordReference(String);

impl RecordReference {
    /// A reference, or `None` for an empty text. White space at the ends does not count.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// The reference as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RecordReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What numbering scheme an identifier follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentifierKind {
    /// The sender's own number.
    Proprietary,
    /// GTIN-13 (EAN).
    Gtin13,
    /// ISBN-13.
    Isbn13,
    /// ISBN-10, withdrawn in 2007.
    Isbn10,
    /// ISMN, 13 digits since 2008 or `M` and nine digits before.
    Ismn,
    /// DOI.
    Doi,
    /// Any other scheme of the format.
    Other,
}

/// A product number under its scheme.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identifier {
    /// The scheme.
    pub kind: IdentifierKind,
    /// The number, hyphens and spaces removed where the scheme has digits only.
    pub value: String,
}
