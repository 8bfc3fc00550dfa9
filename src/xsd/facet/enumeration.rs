//! `enumeration`: a set of values (4.3.5).
//!
//! Strings are looked up as they stand; codes of up to seven bytes, which is what code lists are
//! made of, in a flat table of integers. Other values are looked up by their canonical key.

use std::collections::HashSet;

use foldhash::fast::FixedState;

/// The values a type is enumerated to, with their literals in schema order.
#[derive(Clone, Debug)]
pub struct Enumeration {
    literals: Box<[Box<str>]>,
    set: Set,
}

#[derive(Clone, Debug)]
enum Set {
    Codes(CodeSet),
    Texts(HashSet<Box<str>, FixedState>),
    Keys(HashSet<Box<[u8]>, FixedState>),
}

impl Enumeration {
    /// Of strings: the normalised literals are the values.
    pub(crate) fn of_texts(literals: Vec<Box<str>>) -> Self {
        let set = match CodeSet::new(&literals) {
            Some(codes) => Set::Codes(codes),
            None => Set::Texts(literals.iter().cloned().collect()),
        };
        Self { literals: literals.into(), set }
    }

    /// Of other values: literals and their canonical keys.
    pub(crate) fn of_keys(values: Vec<(Box<str>, Box<[u8]>)>) -> Self {
        let (literals, keys): (Vec<_>, HashSet<_, FixedState>) = values.into_iter().unzip();
        Self { literals: literals.into(), set: Set::Keys(keys) }
    }

    /// The literals, in schema order.
    #[must_use]
    pub fn literals(&self) -> &[Box<str>] {
        &self.literals
    }

    /// `cvc-enumeration-valid` for the type: text for strings, `key` to be asked for otherwise.
    #[inline]
    pub(crate) fn admits<'k>(&self, text: &str, key: impl FnOnce() -> &'k [u8]) -> bool {
        match &self.set {
            Set::Codes(codes) => codes.contains(text),
            Set::Texts(texts) => texts.contains(text),
            Set::Keys(keys) => keys.contains(key()),
        }
    }
}

/// Strings of up to seven bytes, each packed into an integer with its length.
///
/// Open addressing, at most half full; 0 is no code and marks a free place.
#[derive(Clone, Debug)]
struct CodeSet {
    places: Box<[u64]>,
    shift: u32,
}

const CODE_BYTES_MAX: usize = 7;

impl CodeSet {
    fn new(literals: &[Box<str>]) -> Option<Self> {
        let codes: Vec<u64> = literals.iter().map(|text| Self::pack(text)).collect::<Option<_>>()?;
        let size = (codes.len() * 2).next_power_of_two().max(2);
        let mut set = Self { places: vec![0; size].into(), shift: u64::BITS - size.trailing_zeros() };
        for code in codes {
            let place = set.place(code);
            set.places[place] = code;
        }
        Some(set)
    }

    #[inline]
    fn pack(text: &str) -> Option<u64> {
        let bytes = text.as_bytes();
        if bytes.len() > CODE_BYTES_MAX {
            return None;
        }
        let length = bytes.len() as u64 + 1;
        Some(bytes.iter().fold(length, |code, &byte| code << 8 | u64::from(byte)))
    }

    /// Where the code stands, or the free place where it would.
    #[inline]
    fn place(&self, code: u64) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "the shift leaves fewer bits than places has")]
        let mut at = (code.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> self.shift) as usize;
        while self.places[at] != 0 && self.places[at] != code {
            at = (at + 1) & (self.places.len() - 1);
        }
        at
    }

    #[inline]
    fn contains(&self, text: &str) -> bool {
        Self::pack(text).is_some_and(|code| self.places[self.place(code)] == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(literals: &[String], absent: &[&str]) {
        let enumeration = Enumeration::of_texts(literals.iter().map(|text| text.as_str().into()).collect());
        for text in literals {
            assert!(enumeration.admits(text, || &[]), "{text:?}");
        }
        for text in absent {
            assert!(!enumeration.admits(text, || &[]), "{text:?}");
        }
    }

    #[test]
    fn texts_are_found_and_others_are_not() {
        let strings = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        case(&strings(&["01"]), &["", "1", "02", "01 ", "01\0", "\u{1}01"]);
        case(&strings(&["", "a", "1234567"]), &["12345678", "b"]);
        case(&strings(&["", "a", "12345678"]), &["1234567", "b"]);
        let codes: Vec<_> = (0..1000).map(|number| format!("{number:03}")).collect();
        case(&codes, &["1000", "", "a"]);
    }

    #[test]
    fn codes_of_different_length_differ() {
        assert_ne!(CodeSet::pack("\0a"), CodeSet::pack("a"));
        assert_ne!(CodeSet::pack(""), Some(0));
        assert_eq!(CodeSet::pack("12345678"), None);
    }
}
