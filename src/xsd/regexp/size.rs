//! How large an expression will be once compiled, estimated from its tree: roughly, but at once, where
//! compiling it would take seconds to find out.

use super::blocks;
use super::parse::{Atom, Branches, Class, Part, Piece, Polarity, Set};
use crate::xsd::value::name_chars;

/// What a character of up to one byte takes.
const CHAR_BYTES: u64 = 32;
/// What a range of characters takes.
const RANGE_BYTES: u64 = 64;
/// What the complement of a small set takes: ranges of all lengths in UTF-8.
const COMPLEMENT_BYTES: u64 = 1_024;
/// What the sets of Unicode take: all word characters, a group of categories, a category.
const WORD_BYTES: u64 = 48 << 10;
const GROUP_BYTES: u64 = 16 << 10;
const CATEGORY_BYTES: u64 = 4 << 10;

impl Branches {
    /// About how many bytes it takes compiled.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes_by(&Atom::bytes)
    }

    /// The same, where a character takes as much as said.
    pub(super) fn bytes_by(&self, atom: &dyn Fn(&Atom) -> u64) -> u64 {
        let branch = |pieces: &Vec<Piece>| {
            pieces.iter().map(|piece| piece.bytes_by(atom)).fold(CHAR_BYTES, u64::saturating_add)
        };
        self.0.iter().map(branch).fold(0, u64::saturating_add)
    }
}

impl Piece {
    fn bytes_by(&self, atom: &dyn Fn(&Atom) -> u64) -> u64 {
        let once = match &self.atom {
            Atom::Group(branches) => branches.bytes_by(atom),
            other => atom(other),
        };
        let copies = self.quantifier.max.unwrap_or(self.quantifier.min).max(1);
        once.saturating_mul(u64::from(copies))
    }
}

impl Atom {
    fn bytes(&self) -> u64 {
        match self {
            Self::Char(_) => CHAR_BYTES,
            Self::Any => COMPLEMENT_BYTES,
            Self::Set(set) => set.bytes(),
            Self::Class(class) => class.bytes(),
            Self::Group(branches) => branches.bytes(),
        }
    }
}

impl Class {
    fn bytes(&self) -> u64 {
        let part = |part: &Part| match part {
            Part::Range(..) => RANGE_BYTES,
            Part::Set(set) => set.bytes(),
        };
        let subtracted = self.subtracted.as_ref().map_or(0, |class| class.bytes());
        let complement = if self.negative { COMPLEMENT_BYTES } else { 0 };
        // Parts that overlap count twice: they are written out before they are made one.
        self.parts.iter().map(part).fold(subtracted.saturating_add(complement), u64::saturating_add)
    }
}

impl Set {
    fn bytes(self) -> u64 {
        let listed = |ranges: usize| RANGE_BYTES * ranges as u64;
        let starts = name_chars::STARTS.len();
        let (bytes, polarity) = match self {
            Self::Space(polarity) => (4 * CHAR_BYTES, polarity),
            Self::NameStart(polarity) => (listed(starts), polarity),
            Self::NameChar(polarity) => (listed(starts + name_chars::OTHERS.len()), polarity),
            Self::Word(polarity) => (WORD_BYTES, polarity),
            Self::Category(name, polarity) if name.len() == 1 => (GROUP_BYTES, polarity),
            Self::Digit(polarity) | Self::Category(_, polarity) => (CATEGORY_BYTES, polarity),
            Self::Block(name, polarity) => (listed(blocks::ranges(name).count()), polarity),
        };
        bytes + if polarity == Polarity::Except { COMPLEMENT_BYTES } else { 0 }
    }
}
