//! Product numbers and the key of a record.

use super::number::{self, NumberError};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Characters of the name of a source at most: whatever characters they are, an index of any database has room for it
/// and a record reference.
pub const SOURCE_CHARS_MAX: usize = 250;

/// The sender's permanent key of a record; never empty, and short enough for an index of any database.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecordReference(String);

impl RecordReference {
    /// Bytes of a reference at most.
    pub const BYTES_MAX: usize = 1_000;

    /// A reference, or `None` for a text that is empty or has more than [`BYTES_MAX`](Self::BYTES_MAX). White space at
    /// the ends does not count.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty() && text.len() <= Self::BYTES_MAX).then(|| Self(text.to_owned()))
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

    /// The thirteen digits by which a product is known everywhere: those of an EAN, ISBN or ISMN, or those that an
    /// ISBN-10 stands for. `None` under any other scheme, or when the value was stored although it is none.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        match self.kind {
            IdentifierKind::Gtin13 | IdentifierKind::Isbn13 | IdentifierKind::Ismn => {
                let is_whole = self.value.len() == 13 && self.value.bytes().all(|byte| byte.is_ascii_digit());
                is_whole.then(|| self.value.parse().ok()).flatten()
            }
            IdentifierKind::Isbn10 => number::isbn10_as_13(&self.value)?.parse().ok(),
            IdentifierKind::Proprietary | IdentifierKind::Doi | IdentifierKind::Other => None,
        }
    }

    /// The values under which such a number is stored.
    pub fn forms(number: u64) -> impl Iterator<Item = String> {
        let thirteen = format!("{number:013}");
        let ten = number::isbn13_as_10(&thirteen);
        [Some(thirteen), ten].into_iter().flatten()
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
    fn a_number_is_one_under_all_its_schemes() {
        let case = |kind, value: &str, expected: &[&str]| {
            let number = Identifier { kind, value: value.to_owned() }.number();
            let forms: Vec<_> = number.into_iter().flat_map(Identifier::forms).collect();
            assert_eq!(forms, expected, "{value}");
        };
        case(IdentifierKind::Isbn10, "316148410X", &["9783161484100", "316148410X"]);
        case(IdentifierKind::Isbn13, "9783161484100", &["9783161484100", "316148410X"]);
        case(IdentifierKind::Gtin13, "9790110000007", &["9790110000007"]);
        case(IdentifierKind::Gtin13, "0012345678905", &["0012345678905"]);
        case(IdentifierKind::Gtin13, "12345", &[]);
        case(IdentifierKind::Isbn10, "31614841", &[]);
        case(IdentifierKind::Isbn10, "äöü1484100", &[]);
        case(IdentifierKind::Other, "9783161484100", &[]);
    }

    #[test]
    fn a_reference_is_never_empty() {
        assert_eq!(RecordReference::new(" \n"), None);
        assert_eq!(RecordReference::new(" a b ").map(|key| key.to_string()), Some("a b".into()));
    }

    #[test]
    fn reference_bytes_max() {
        let of = |length| RecordReference::new(&"x".repeat(length)).is_some();
        assert!(of(RecordReference::BYTES_MAX) && !of(RecordReference::BYTES_MAX + 1));
    }
}
