//! What is remembered of each record of a feed: enough to say whether it changed and to find it again.

use super::sorter::{Sorted, Sorter};
use std::io;

/// Rows of one feed kept in memory; more of them are sorted on disk. 64 bytes each.
pub const INDEX_ROWS_MAX: usize = 500_000;

/// Bytes of an [`Entry`] as a row.
pub(super) const ENTRY_BYTES: usize = 68;

/// A record of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Hash of its key.
    pub(super) key: u128,
    /// Number in its feed, from 1.
    pub(super) ordinal: u64,
    /// Hash of what it says.
    pub(super) fingerprint: u128,
    /// Where it begins, in bytes of the decompressed feed.
    pub(super) start: u64,
    /// How many bytes it has.
    pub(super) length: u64,
    /// Line on which it begins.
    pub(super) line: u64,
    /// Which surroundings it stands in.
    pub(super) context: u32,
}

impl Entry {
    /// As a row; rows of one key stand together, in the order of the feed.
    pub(super) fn row(&self) -> [u8; ENTRY_BYTES] {
        let mut row = [0; ENTRY_BYTES];
        row[..16].copy_from_slice(&self.key.to_be_bytes());
        row[16..24].copy_from_slice(&self.ordinal.to_be_bytes());
        row[24..40].copy_from_slice(&self.fingerprint.to_be_bytes());
        row[40..48].copy_from_slice(&self.start.to_be_bytes());
        row[48..56].copy_from_slice(&self.length.to_be_bytes());
        row[56..64].copy_from_slice(&self.line.to_be_bytes());
        row[64..].copy_from_slice(&self.context.to_be_bytes());
        row
    }

    pub(super) fn of_row(row: &[u8; ENTRY_BYTES]) -> Self {
        fn number(bytes: &[u8]) -> u64 {
            bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
        }
        let wide = |from: usize| {
            u128::from(number(&row[from..from + 8])) << 64 | u128::from(number(&row[from + 8..from + 16]))
        };
        Self {
            key: wide(0),
            ordinal: number(&row[16..24]),
            fingerprint: wide(24),
            start: number(&row[40..48]),
            length: number(&row[48..56]),
            line: number(&row[56..64]),
            context: u32::try_from(number(&row[64..])).unwrap_or_default(),
        }
    }
}

/// The records of a feed, by key.
#[derive(Debug)]
pub(super) struct Index {
    sorter: Sorter<ENTRY_BYTES>,
}

impl Index {
    pub(super) fn new(rows_max: usize) -> Self {
        Self { sorter: Sorter::new(rows_max) }
    }

    pub(super) fn add(&mut self, entry: &Entry) -> io::Result<()> {
        self.sorter.push(entry.row())
    }

    pub(super) fn by_key(self) -> io::Result<ByKey> {
        Ok(ByKey { rows: self.sorter.sorted()? })
    }
}

/// The records of a feed in the order of their keys' hashes.
#[derive(Debug)]
pub(super) struct ByKey {
    rows: Sorted<ENTRY_BYTES>,
}

impl ByKey {
    /// Hash of the next key.
    pub(super) fn key(&self) -> Option<u128> {
        self.rows.peek().map(|row| Entry::of_row(row).key)
    }

    /// The records of this key; all but the first go to `more`.
    pub(super) fn take(&mut self, key: u128, mut more: impl FnMut(Entry)) -> io::Result<Option<Entry>> {
        let mut first = None;
        while self.key() == Some(key) {
            let Some(row) = self.rows.next()? else { break };
            match first {
                None => first = Some(Entry::of_row(&row)),
                Some(_) => more(Entry::of_row(&row)),
            }
        }
        Ok(first)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn entry(key: u128, ordinal: u64, fingerprint: u128) -> Entry {
        Entry { key, ordinal, fingerprint, start: ordinal * 100, length: 90, line: ordinal * 3, context: 7 }
    }

    #[test]
    fn a_row_is_its_entry() {
        let entry = Entry {
            key: u128::MAX - 5,
            ordinal: 1 << 40,
            fingerprint: 1 << 100,
            start: u64::MAX,
            length: 9,
            line: 1 << 33,
            context: u32::MAX,
        };
        assert_eq!(Entry::of_row(&entry.row()), entry);
    }

    #[test]
    fn records_of_one_key_come_together_in_the_order_of_the_feed() {
        let mut index = Index::new(2);
        for (key, ordinal) in [(9, 1), (2, 2), (9, 3), (1 << 90, 4), (9, 5)] {
            index.add(&entry(key, ordinal, 0)).expect("a temporary file");
        }
        let mut by_key = index.by_key().expect("a temporary file");
        let mut found = Vec::new();
        while let Some(key) = by_key.key() {
            let mut ordinals = Vec::new();
            let first = by_key.take(key, |more| ordinals.push(more.ordinal)).expect("readable");
            found.push((key, first.map(|entry| entry.ordinal), ordinals));
        }
        assert_eq!(found, [(2, Some(2), vec![]), (9, Some(1), vec![3, 5]), (1 << 90, Some(4), vec![])]);
    }
}
