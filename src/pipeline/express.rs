//! Deviations, faults and errors, each made into a finding while its bytes are at hand.

use super::finding::{Excerpt, Finding, Severity};
use crate::map::MappingFault;
use crate::xml::{self, Block, Offset, Place, Span, XmlError};
use crate::xsd::Deviation;

impl From<xml::Excerpt> for Excerpt {
    fn from(excerpt: xml::Excerpt) -> Self {
        let xml::Excerpt { text, caret, width } = excerpt;
        Self { text, caret, width }
    }
}

/// A finding that is outside of records until somebody says otherwise.
pub(super) fn finding(severity: Severity, code: &'static str, sentence: String, place: Place) -> Finding {
    Finding {
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

/// What the engine saw.
pub(super) fn of_deviation(deviation: Deviation, severity: Severity, block: &Block<'_>) -> Finding {
    let Deviation { clause, at, path, operand, sentence, found, expected } = deviation;
    Finding {
        fingerprint: fingerprint(clause.code(), &path, &operand),
        path,
        found,
        expected,
        excerpt: block.excerpt(at).into(),
        ..finding(severity, clause.code(), sentence, block.locate(at.start))
    }
}

/// The same once its bytes are gone, with the last known place before it.
pub(super) fn of_gone(deviation: Deviation, severity: Severity, place: Place) -> Finding {
    let Deviation { clause, at: _, path, operand, sentence, found, expected } = deviation;
    Finding {
        fingerprint: fingerprint(clause.code(), &path, &operand),
        path,
        found,
        expected,
        ..finding(severity, clause.code(), sentence, place)
    }
}

/// What a rule beyond the schema saw.
pub(super) fn of_fault(fault: MappingFault, block: &Block<'_>) -> Finding {
    let MappingFault { rule, level, at, path, found, expected, sentence } = fault;
    Finding {
        fingerprint: fingerprint(rule.code(), &path, ""),
        path,
        found,
        expected,
        excerpt: block.excerpt(here(at)).into(),
        ..finding(level.into(), rule.code(), sentence, block.locate(at))
    }
}

/// Why the document could not be read on.
pub(super) fn of_xml_error(error: &XmlError, path: String, excerpt: xml::Excerpt) -> Finding {
    let sentence = capital(&error.to_string());
    Finding {
        fingerprint: fingerprint(error.code(), &path, ""),
        path,
        excerpt: excerpt.into(),
        ..finding(Severity::Fatal, error.code(), sentence, error.place)
    }
}

fn here(at: Offset) -> Span {
    Span { start: at, end: at }
}

/// The sentence with a capital letter.
pub(super) fn capital(sentence: &str) -> String {
    let mut rest = sentence.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

/// Groups equal findings over feeds, runs and machines: code, path without positions, operand class.
pub(super) fn fingerprint(code: &str, path: &str, operand: &str) -> u64 {
    let mut hash = Fnv::default();
    hash.add(code.as_bytes());
    hash.end();
    let mut positioned = false;
    for byte in path.bytes() {
        positioned |= byte == b'[';
        if !positioned {
            hash.add(&[byte]);
        }
        positioned &= byte != b']';
    }
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
