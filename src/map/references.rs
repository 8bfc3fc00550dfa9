//! One record per reference in a feed, where the schema does not see to it.
//!
//! Digests of fixed size, so that memory grows with the number of records alone: this is the one
//! table that grows with a feed, and it has an end.

use crate::product::RecordReference;
use foldhash::{HashSet, HashSetExt};
use sha2::{Digest, Sha256};

/// References remembered at most.
const REFERENCES_MAX: usize = 1_000_000;

/// The references of a feed so far.
#[derive(Debug)]
pub struct References {
    seen: HashSet<[u8; 16]>,
    max: usize,
}

/// How a reference was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// For the first time.
    New,
    /// Not for the first time: see [`Mapper::duplicate`](super::Mapper::duplicate).
    Duplicate,
    /// Nobody knows: there are more than `REFERENCES_MAX`, so the check is partial from here on.
    Unchecked,
}

impl Default for References {
    fn default() -> Self {
        Self { seen: HashSet::new(), max: REFERENCES_MAX }
    }
}

impl References {
    /// Takes the reference of the next record.
    pub fn admit(&mut self, reference: &RecordReference) -> Admission {
        let digest = Sha256::digest(reference.as_str());
        let digest: [u8; 16] = std::array::from_fn(|index| digest[index]);
        if self.seen.contains(&digest) {
            return Admission::Duplicate;
        }
        if self.seen.len() == self.max {
            return Admission::Unchecked;
        }
        self.seen.insert(digest);
        Admission::New
    }

    /// Forgets all of them, for the next feed.
    pub fn clear(&mut self) {
        self.seen.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_of_its_kind_is_a_duplicate_up_to_the_limit() {
        let mut references = References { max: 2, ..References::default() };
        let mut admit = |text| references.admit(&RecordReference::new(text).unwrap());
        assert_eq!(admit("a"), Admission::New);
        assert_eq!(admit("b"), Admission::New);
        assert_eq!(admit(" a "), Admission::Duplicate);
        assert_eq!(admit("c"), Admission::Unchecked);
        assert_eq!(admit("b"), Admission::Duplicate);
        references.clear();
        assert_eq!(references.admit(&RecordReference::new("a").unwrap()), Admission::New);
    }
}
