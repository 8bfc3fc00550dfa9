//! Keys of identity constraints as digests: fixed in size, seeded at random.

use crate::xml::{Offset, Span};
use foldhash::fast::FixedState;
use foldhash::quality::RandomState;
use smallvec::SmallVec;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hasher};

/// Tables up to this size are searched, not hashed.
const SMALL_TABLE: usize = 8;

/// Digests that no feed can aim at: two independently seeded hashes.
#[derive(Clone, Debug, Default)]
pub(in crate::xsd::validate) struct Digester {
    high: RandomState,
    low: RandomState,
}

impl Digester {
    pub(in crate::xsd::validate) fn digest(&self, bytes: &[u8]) -> u128 {
        let hash = |state: &RandomState| {
            let mut hasher = state.build_hasher();
            hasher.write(bytes);
            hasher.finish()
        };
        (u128::from(hash(&self.high)) << 64) | u128::from(hash(&self.low))
    }
}

/// The keys of a scope.
#[derive(Debug, Default)]
pub(super) struct KeyTable {
    small: SmallVec<[u128; SMALL_TABLE]>,
    large: HashSet<u128, FixedState>,
}

/// What became of a key put into a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inserted {
    New,
    Known,
    Full,
}

impl KeyTable {
    pub(super) fn contains(&self, key: u128) -> bool {
        if self.large.is_empty() { self.small.contains(&key) } else { self.large.contains(&key) }
    }

    /// Puts a key in, where there is room for so many.
    pub(super) fn insert(&mut self, key: u128, keys_max: usize) -> Inserted {
        if self.contains(key) {
            return Inserted::Known;
        }
        if self.small.len() + self.large.len() >= keys_max {
            return Inserted::Full;
        }
        if self.large.is_empty() && self.small.len() < SMALL_TABLE {
            self.small.push(key);
            return Inserted::New;
        }
        if self.large.is_empty() {
            self.large.extend(self.small.drain(..));
        }
        self.large.insert(key);
        Inserted::New
    }

    pub(super) fn clear(&mut self) {
        self.small.clear();
        self.large.clear();
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = u128> + Clone + '_ {
        self.small.iter().chain(&self.large).copied()
    }
}

/// Where a key or an ID was given or referred to, and what a message about it needs.
#[derive(Debug)]
pub(in crate::xsd::validate) struct Occurrence {
    pub(in crate::xsd::validate) at: Span,
    pub(in crate::xsd::validate) path: String,
    pub(in crate::xsd::validate) shown: String,
}

/// References that wait.
#[derive(Debug, Default)]
pub(super) struct References {
    /// Each with its number: several may stand at one place, in a list.
    waiting: HashMap<u128, (u64, Occurrence), FixedState>,
    added: u64,
}

impl References {
    pub(super) fn contains(&self, key: u128) -> bool {
        self.waiting.contains_key(&key)
    }

    /// Keeps a reference, or gives it back when there is no room: for so many there is.
    pub(super) fn add(
        &mut self,
        key: u128,
        reference: Occurrence,
        references_max: usize,
    ) -> Result<(), Occurrence> {
        if !self.contains(key) && self.waiting.len() >= references_max {
            return Err(reference);
        }
        self.waiting.entry(key).or_insert((self.added, reference));
        self.added += 1;
        Ok(())
    }

    /// What was referred to is there.
    pub(super) fn settle(&mut self, key: u128) {
        self.waiting.remove(&key);
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// Where they stand.
    pub(super) fn positions(&self) -> impl Iterator<Item = Offset> {
        self.waiting.values().map(|(_, reference)| reference.at.start)
    }

    /// Takes out all that still wait, in document order.
    pub(super) fn dangling(&mut self) -> Vec<Occurrence> {
        let mut dangling: Vec<(u64, Occurrence)> = self.waiting.drain().map(|(_, waiting)| waiting).collect();
        dangling.sort_by_key(|(number, reference)| (reference.at.start, *number));
        dangling.into_iter().map(|(_, reference)| reference).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Inserted, KeyTable, Occurrence, References};
    use crate::xml::Span;

    #[test]
    fn references_wait_up_to_the_limit() {
        let reference = || Occurrence { at: Span::default(), path: String::new(), shown: String::new() };
        let mut references = References::default();
        assert!(references.add(1, reference(), 2).is_ok());
        assert!(references.add(2, reference(), 2).is_ok());
        assert!(references.add(2, reference(), 2).is_ok(), "it waits already");
        assert!(references.add(3, reference(), 2).is_err());
        references.settle(1);
        assert!(references.add(3, reference(), 2).is_ok());
        assert_eq!(references.dangling().len(), 2);
    }

    #[test]
    fn a_key_table_is_full_at_its_limit() {
        for keys_max in [1, 8, 9, 100] {
            let mut table = KeyTable::default();
            for key in 0..keys_max as u128 {
                assert_eq!(table.insert(key, keys_max), Inserted::New);
            }
            assert_eq!(table.insert(0, keys_max), Inserted::Known);
            assert_eq!(table.insert(keys_max as u128, keys_max), Inserted::Full);
            assert_eq!(table.keys().count(), keys_max);
        }
    }
}
