//! What a profile may grow to, whatever a feed holds.
//!
//! Every cap is such that parts of a feed, gathered apart and merged, come to what the whole comes to: what is kept
//! are the *first in an order that does not depend on the feed's* (the shallowest paths), and what is given up once
//! (a vocabulary that grew too large) stays given up.

/// Element and attribute paths of a profile, over all record kinds; the shallowest are kept.
pub const PATHS_MAX: usize = 4_096;
/// Levels below a record that are looked at.
pub const DEPTH_MAX: u16 = 24;
/// Bytes of the name of an element or attribute that is looked at.
pub const NAME_BYTES_MAX: usize = 64;
/// Bytes of a value that a vocabulary may hold.
pub const VALUE_BYTES_MAX: usize = 32;
/// Values of a vocabulary in a profile of few paths.
pub const VALUES_MAX: usize = 64;
/// Different left neighbours of a path that are kept.
pub const NEIGHBOURS_MAX: usize = 16;
/// Bytes of a record's key that are kept beside its place.
pub const KEY_BYTES_MAX: usize = 64;
/// Bytes of a value of the header or of a namespace that are kept.
pub const FACT_BYTES_MAX: usize = 256;
/// Prefixes bound at the root element that are kept, the first in the order of their names.
pub const PREFIXES_MAX: usize = 64;
/// Bytes of a packed profile.
pub const PACKED_BYTES_MAX: usize = 4 << 20;

/// How much is kept of each path: less, the more paths there are.
///
/// Paths only ever become more while a feed is read, so that what a part keeps is never less than what the whole
/// keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Allowance {
    /// Values of a vocabulary.
    pub(super) values: usize,
    /// Whether records are remembered by what is first in them below the level of a path.
    pub(super) firsts: Firsts,
}

/// Of which firsts the record's place and key are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Firsts {
    /// Of paths, classes, values, repetitions.
    All,
    /// Of paths.
    Paths,
}

/// Paths up to which everything is kept.
const PATHS_FEW: usize = 512;
/// Paths up to which a good part is kept.
const PATHS_MANY: usize = 2_048;

impl Allowance {
    pub(super) const fn of(paths: usize) -> Self {
        if paths <= PATHS_FEW {
            Self { values: VALUES_MAX, firsts: Firsts::All }
        } else if paths <= PATHS_MANY {
            Self { values: 16, firsts: Firsts::Paths }
        } else {
            Self { values: 4, firsts: Firsts::Paths }
        }
    }
}

/// The beginning of a text, at most so many bytes.
pub(super) fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_paths_the_less_of_each() {
        let values = |paths| Allowance::of(paths).values;
        assert_eq!((values(PATHS_FEW), values(PATHS_FEW + 1)), (VALUES_MAX, 16));
        assert_eq!((values(PATHS_MANY), values(PATHS_MANY + 1)), (16, 4));
        assert_eq!(values(PATHS_MAX), 4);
        assert_eq!(Allowance::of(PATHS_FEW).firsts, Firsts::All);
        assert_eq!(Allowance::of(PATHS_FEW + 1).firsts, Firsts::Paths);
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!((cut("aüb", 1), cut("aüb", 2), cut("aüb", 3)), ("a", "a", "aü"));
    }
}
