//! What is wrong with a literal: a clause and a few numbers, made into words only when asked.

use super::{Shape, SimpleType};
use crate::xsd::clause::Clause;
use crate::xsd::facet::bounds::Outside;
use crate::xsd::value::Lexical;

/// Longest part of a literal that a sentence quotes.
const QUOTED_CHARS_MAX: usize = 60;

/// Why a literal is not valid; small and without strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextFault {
    /// The clause that is broken.
    pub clause: Clause,
    /// What was found.
    pub detail: Detail,
    /// Which item of a list is at fault, from 1; 0 when it is the literal as a whole.
    pub item: u32,
    /// The clause the item itself broke; the same as `clause` without an item.
    pub within: Clause,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Not in the lexical space.
    Lexical(Lexical),
    /// A length: characters, octets or items.
    Length(u64),
    /// So many digits.
    Digits(u64),
    /// The derivation step, from the primitive type on, whose patterns do not match.
    Pattern(usize),
    /// Not enumerated.
    NotListed,
    /// Beyond a bound.
    Bound,
    /// Neither within nor beyond a bound: the order of some types is partial.
    Incomparable,
    /// No member of the union accepts it.
    NoMember,
}

impl TextFault {
    pub(super) fn new(clause: Clause, detail: Detail) -> Self {
        Self { clause, detail, item: 0, within: clause }
    }

    pub(super) fn lexical(lexical: Lexical) -> Self {
        Self::new(Clause::DatatypeAtomic, Detail::Lexical(lexical))
    }

    pub(super) fn bound(outside: Outside) -> Self {
        let detail = if outside.comparable { Detail::Bound } else { Detail::Incomparable };
        Self::new(outside.clause, detail)
    }

    /// The fault of a list whose item is wrong.
    pub(super) fn in_item(self, item: u32) -> Self {
        Self { clause: Clause::DatatypeList, item, ..self }
    }

    /// The rule that is broken, in words: `a date such as 2026-11-23`, `at most 100 characters`.
    /// `found` is the literal; the values of an enumeration that are nearest to it come first.
    #[must_use]
    pub fn expected(&self, simple_type: &SimpleType, found: &str) -> String {
        let (part_type, part) = self.part(simple_type, found);
        part_type.expected_by(self.within, self.detail, part)
    }

    /// One part of a sentence that says what is wrong: `` `12,50` is not a decimal number such as 12.50 ``.
    #[must_use]
    pub fn sentence(&self, simple_type: &SimpleType, found: &str) -> String {
        let (part_type, part) = self.part(simple_type, found);
        let subject = subject(self.item, part);
        let expected = part_type.expected_by(self.within, self.detail, part);
        match self.detail {
            Detail::Lexical(lexical) => lexical_sentence(lexical, &subject, &expected),
            Detail::Length(length) => {
                format!("{subject} has {}, expected {expected}", part_type.counted(length))
            }
            Detail::Digits(_) => format!("{subject} has too many digits, expected {expected}"),
            Detail::Pattern(_) => format!("{subject} does not have the required form, expected {expected}"),
            Detail::NotListed => format!("{subject} is not an allowed value, expected {expected}"),
            Detail::Bound => format!("{subject} is out of range, expected {expected}"),
            Detail::Incomparable => {
                format!("{subject} cannot be compared with the bound, expected {expected}")
            }
            Detail::NoMember => format!("{subject} is not {expected}"),
        }
    }

    /// What was found beyond the literal itself, where that helps: a length, a number of digits, or that
    /// there is no order.
    #[must_use]
    pub fn found_in_words(&self, simple_type: &SimpleType, found: &str) -> Option<String> {
        match self.detail {
            Detail::Length(length) => {
                Some(format!("found {}", self.part(simple_type, found).0.counted(length)))
            }
            Detail::Digits(digits) => Some(format!("found {digits}")),
            Detail::Incomparable => Some("and the two cannot be compared".to_owned()),
            _ => None,
        }
    }

    /// The item at fault of a list, or the literal as it is.
    #[must_use]
    pub fn part_text<'a>(&self, simple_type: &SimpleType, found: &'a str) -> &'a str {
        match (&simple_type.shape, self.item) {
            (Shape::List(_), 1..) => {
                crate::xsd::facet::white_space::tokens(found).nth(self.item as usize - 1).unwrap_or(found)
            }
            _ => found,
        }
    }

    /// The item and its type, or the literal and the type as they are.
    pub(super) fn part<'a>(&self, simple_type: &'a SimpleType, found: &'a str) -> (&'a SimpleType, &'a str) {
        let part = self.part_text(simple_type, found);
        match (&simple_type.shape, self.item) {
            (Shape::List(item), 1..) => (item, part),
            _ => (simple_type, part),
        }
    }
}

fn subject(item: u32, found: &str) -> String {
    let quoted = match found {
        "" => "an empty value".to_owned(),
        _ => format!("`{}`", shortened(found)),
    };
    if item == 0 { quoted } else { format!("item {item}, {quoted},") }
}

fn shortened(found: &str) -> String {
    match found.char_indices().nth(QUOTED_CHARS_MAX) {
        None => found.to_owned(),
        Some((end, _)) => format!("{}…", &found[..end]),
    }
}

fn lexical_sentence(lexical: Lexical, subject: &str, expected: &str) -> String {
    match lexical_reason(lexical) {
        Some(reason) => format!("{subject} {reason}"),
        None => format!("{subject} is not {expected}"),
    }
}

/// What is wrong with a literal whose form is right.
pub(super) fn lexical_reason(lexical: Lexical) -> Option<&'static str> {
    Some(match lexical {
        Lexical::Form => return None,
        Lexical::NoSuchDay => "names a day that does not exist",
        Lexical::NoSuchMonth => "names a month that does not exist",
        Lexical::NoSuchTime => "names a time of day that does not exist",
        Lexical::NoSuchZone => "names a time zone beyond 14 hours",
        Lexical::NoYearZero => "names the year 0000, which does not exist",
        Lexical::TooManyDigits => "has a number with more digits than can be handled",
        Lexical::PrefixUndeclared => "has a prefix that is not declared here",
    })
}
