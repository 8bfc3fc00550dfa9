//! A finding: what the engine or a rule saw, in which record, how severe.

use super::outcome::RecordOrdinal;
use crate::product::RecordReference;
use crate::xml::Place;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How much a finding weighs. An error refuses the record; the rest is told and let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing, changes nothing.
    Notice,
    /// Suspicious; the record is imported.
    Warning,
    /// The record is refused.
    Error,
    /// The whole feed is refused: it ends here or cannot be trusted.
    Fatal,
}

/// How much breaking a rule weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth knowing.
    Notice,
    /// Suspicious; the record is imported.
    Warning,
    /// The record is refused.
    Error,
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Notice => Self::Notice,
            Level::Warning => Self::Warning,
            Level::Error => Self::Error,
        }
    }
}

impl Severity {
    /// The word for it, in reports and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One deviation with its record, place and weight; owned, ready for reports and the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How much it weighs.
    pub severity: Severity,
    /// Clause of the Recommendation (`cvc-complex-type.2.4.a`), rule of the format (`rule.gtin`),
    /// or `xml.*` for what is not well-formed.
    pub code: &'static str,
    /// One English sentence, without place.
    pub sentence: String,
    /// Where in the source.
    pub place: Place,
    /// Element path with positions, such as `/ONIXMessage/Product[3]/DescriptiveDetail/ProductForm`.
    pub path: String,
    /// What was found, cut; empty when nothing was.
    pub found: String,
    /// What was expected, cut; empty when no list or rule says it.
    pub expected: String,
    /// Number of the record in the feed, from 1; `None` outside of records.
    pub record: Option<RecordOrdinal>,
    /// Key of the record, once known.
    pub key: Option<RecordReference>,
    /// Groups equal deviations: clause, path without positions, operand class.
    pub fingerprint: u64,
    /// The line of the feed around the place, cut, for a caret below it; empty when not at hand.
    pub excerpt: Excerpt,
}

/// A piece of the source line a finding stands in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// The text, tabs as spaces, control characters escaped, cut to about 120 characters.
    pub text: String,
    /// Column of the caret in `text`, in characters, from 0.
    pub caret: usize,
    /// How many characters the caret underlines, at least 1.
    pub width: usize,
}

impl Finding {
    /// Bytes of memory it takes beside itself, near enough.
    pub(super) fn heap_bytes(&self) -> usize {
        let key = self.key.as_ref().map_or(0, |key| key.as_str().len());
        let texts = [&self.sentence, &self.path, &self.found, &self.expected, &self.excerpt.text];
        key + texts.iter().map(|text| text.capacity()).sum::<usize>()
    }

    /// A finding outside of records of which only this is known.
    #[must_use]
    pub fn new(severity: Severity, code: &'static str, sentence: String, place: Place) -> Self {
        Self {
            severity,
            code,
            sentence,
            place,
            path: String::new(),
            found: String::new(),
            expected: String::new(),
            record: None,
            key: None,
            fingerprint: fingerprint(code, "", ""),
            excerpt: Excerpt::default(),
        }
    }
}

/// The path of an element without the positions: `/a/b[3]/@c` as `/a/b/@c`.
#[must_use]
pub(crate) fn without_positions(path: &str) -> String {
    parts_without_positions(path).collect()
}

/// What stands between the positions of a path.
fn parts_without_positions(path: &str) -> impl Iterator<Item = &str> {
    path.split('[').enumerate().map(|(at, part)| match part.split_once(']') {
        Some((_, rest)) if at > 0 => rest,
        _ if at > 0 => "",
        _ => part,
    })
}

/// Groups equal findings over feeds, runs and machines: code, path without positions, operand class.
#[must_use]
pub fn fingerprint(code: &str, path: &str, operand: &str) -> u64 {
    let mut hash = Fnv::default();
    hash.add(code.as_bytes());
    hash.end();
    parts_without_positions(path).for_each(|part| hash.add(part.as_bytes()));
    hash.end();
    hash.add(operand.as_bytes());
    hash.0
}

/// FNV-1a: stable for ever, and there is nobody to defend against.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }

    /// A byte that stands in no text.
    fn end(&mut self) {
        self.add(&[0xFF]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_without_positions_is_that_of_all_its_like() {
        assert_eq!(without_positions("/a/b[3]/c[1]/@d"), "/a/b/c/@d");
        assert_eq!(without_positions("/a/b"), "/a/b");
        assert_eq!(without_positions("/a[1"), "/a");
        assert_eq!(without_positions("/a]b[2]"), "/a]b");
    }

    #[test]
    fn positions_do_not_part_equal_findings() {
        let print = |path| fingerprint("cvc-elt.1", path, "x");
        assert_eq!(print("/a/b[12]/c"), print("/a/b/c"));
        assert_eq!(print("/a/b[12]/c[3]"), print("/a[2]/b[1]/c"));
        assert_ne!(print("/a/b"), print("/a/c"));
        assert_ne!(print("/a"), fingerprint("cvc-elt.2", "/a", "x"));
        assert_ne!(print("/a"), fingerprint("cvc-elt.1", "/a", "y"));
        assert_ne!(fingerprint("a", "b", "c"), fingerprint("a", "bc", ""));
    }

    #[test]
    fn fingerprints_never_change() {
        assert_eq!(fingerprint("cvc-elt.1", "/a[2]/b", "x"), 0xFED7_0B1D_A620_66B9);
    }
}
