//! Product numbers and the key of a record.

use super::number::{self, NumberError};
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
    /// ISMN, 13 digits; also those that were given as `M` and nine digits, as before 2008.
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

impl Identifier {
    /// A number of this scheme; hyphens and spaces are removed and check digits verified where the
    /// scheme has them, elsewhere white space at the ends is removed and the text taken as it is.
    pub fn parse(kind: IdentifierKind, text: &str) -> Result<Self, NumberError> {
        let value = match kind {
            IdentifierKind::Gtin13 => number::gtin13(text),
            IdentifierKind::Isbn13 => number::isbn13(text),
            IdentifierKind::Isbn10 => number::isbn10(text),
            IdentifierKind::Ismn => number::ismn(text),
            IdentifierKind::Proprietary | IdentifierKind::Doi | IdentifierKind::Other => number::opaque(text),
        }?;
        Ok(Self { kind, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(kind: IdentifierKind, text: &str, expected: Option<&str>) {
        let found = Identifier::parse(kind, text).ok();
        assert_eq!(found.as_ref().map(|identifier| identifier.value.as_str()), expected, "for `{text}`");
    }

    #[test]
    fn a_number_is_judged_by_its_scheme() {
        case(IdentifierKind::Gtin13, "979-0-1100-0000-7", Some("9790110000007"));
        case(IdentifierKind::Isbn13, "979-0-1100-0000-7", None);
        case(IdentifierKind::Isbn10, "316148410X", Some("316148410X"));
        case(IdentifierKind::Ismn, "M110000007", Some("9790110000007"));
        case(IdentifierKind::Other, " 97-8 ", Some("97-8"));
        case(IdentifierKind::Proprietary, "\n", None);
    }

    #[test]
    fn a_reference_is_never_empty() {
        assert_eq!(RecordReference::new(" \n"), None);
        assert_eq!(RecordReference::new(" a b ").map(|key| key.to_string()), Some("a b".into()));
    }
}
