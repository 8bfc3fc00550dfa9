//! The two indexes side by side: which records came, went, or are different.

use super::event::{ChangeKind, RecordSpot};
use super::index::{ByKey, ENTRY_BYTES, Entry, INDEX_ROWS_MAX, Index};
use super::sorter::{Sorted, Sorter};
use crate::source::Part;
use std::collections::HashSet;
use std::io;

/// Records with a duplicate key that are told one by one.
const DUPLICATES_MAX: usize = 1_000;

const DIFFERENCE_BYTES: usize = 9 + 2 * ENTRY_BYTES;

/// A record that is not the same, not looked into yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Difference {
    Added(Entry),
    Changed(Entry, Entry),
    Removed(Entry),
}

impl Difference {
    pub(super) fn kind(&self) -> ChangeKind {
        match self {
            Self::Added(_) => ChangeKind::Added,
            Self::Changed(..) => ChangeKind::Changed,
            Self::Removed(_) => ChangeKind::Removed,
        }
    }

    pub(super) fn before(&self) -> Option<&Entry> {
        match self {
            Self::Added(_) => None,
            Self::Changed(old, _) | Self::Removed(old) => Some(old),
        }
    }

    pub(super) fn after(&self) -> Option<&Entry> {
        match self {
            Self::Removed(_) => None,
            Self::Changed(_, new) | Self::Added(new) => Some(new),
        }
    }

    /// As a row: in the order of the new feed, what went behind it in the order of the old one.
    fn row(&self) -> [u8; DIFFERENCE_BYTES] {
        let mut row = [0; DIFFERENCE_BYTES];
        let (group, ordinal) = match self {
            Self::Added(new) => (0, new.ordinal),
            Self::Changed(_, new) => (1, new.ordinal),
            Self::Removed(old) => (2, old.ordinal),
        };
        row[..8].copy_from_slice(&(ordinal | if group == 2 { 1 << 63 } else { 0 }).to_be_bytes());
        row[8] = group;
        let (old, new) = row[9..].split_at_mut(ENTRY_BYTES);
        if let Some(entry) = self.before() {
            old.copy_from_slice(&entry.row());
        }
        if let Some(entry) = self.after() {
            new.copy_from_slice(&entry.row());
        }
        row
    }

    fn of_row(row: &[u8; DIFFERENCE_BYTES]) -> Self {
        let entry = |from: usize| {
            let bytes: &[u8; ENTRY_BYTES] = row[from..from + ENTRY_BYTES].try_into().expect("as many bytes");
            Entry::of_row(bytes)
        };
        let (old, new) = (entry(9), entry(9 + ENTRY_BYTES));
        match row[8] {
            0 => Self::Added(new),
            1 => Self::Changed(old, new),
            _ => Self::Removed(old),
        }
    }
}

/// Records of one feed with a key that is not theirs alone.
#[derive(Debug, Default)]
pub(super) struct Duplicates {
    pub(super) first: Vec<Entry>,
    pub(super) count: u64,
}

impl Duplicates {
    fn add(&mut self, entry: Entry) {
        self.count += 1;
        if self.first.len() < DUPLICATES_MAX {
            self.first.push(entry);
        }
    }
}

/// What the indexes say.
#[derive(Debug)]
pub(super) struct Joined {
    differences: Sorter<DIFFERENCE_BYTES>,
    pub(super) unchanged: u64,
    pub(super) old: Told,
    pub(super) new: Told,
}

/// What has to be read again of one feed.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) duplicates: Duplicates,
    /// Places of all records that will be read again, kept where a feed has to be unpacked for them.
    pub(super) parts: Option<Vec<Part>>,
}

impl Told {
    /// `keeps_parts`: whether the places are needed in advance.
    pub(super) fn new(keeps_parts: bool) -> Self {
        Self { duplicates: Duplicates::default(), parts: keeps_parts.then(Vec::new) }
    }

    fn read_again(&mut self, entry: Option<&Entry>) {
        if let (Some(parts), Some(entry)) = (&mut self.parts, entry) {
            parts.push((entry.start, entry.length));
        }
    }

    /// All places, in the order of the feed.
    pub(super) fn take_parts(&mut self) -> Option<Vec<Part>> {
        let mut parts = self.parts.take()?;
        parts.extend(self.duplicates.first.iter().map(|entry| (entry.start, entry.length)));
        parts.sort_unstable();
        Some(parts)
    }
}

impl Joined {
    /// Compares by key; `wanted` are hashes of the only keys that count, none for all.
    pub(super) fn new(old: (Index, Told), new: (Index, Told), wanted: &HashSet<u128>) -> io::Result<Self> {
        let (old_told, new_told) = (old.1, new.1);
        let (mut old, mut new) = (old.0.by_key()?, new.0.by_key()?);
        let mut joined =
            Self { differences: Sorter::new(INDEX_ROWS_MAX / 2), unchanged: 0, old: old_told, new: new_told };
        while let Some(key) = next_key(&old, &new) {
            let [a, b] = [
                single(&mut old, key, &mut joined.old.duplicates)?,
                single(&mut new, key, &mut joined.new.duplicates)?,
            ];
            if wanted.is_empty() || wanted.contains(&key) {
                joined.take(a, b)?;
            }
        }
        Ok(joined)
    }

    fn take(&mut self, old: Held, new: Held) -> io::Result<()> {
        let difference = match (old, new) {
            (Held::One(old), Held::One(new)) if old.fingerprint == new.fingerprint => {
                self.unchanged += 1;
                return Ok(());
            }
            (Held::One(old), Held::One(new)) => Difference::Changed(old, new),
            (Held::One(old), Held::None) => Difference::Removed(old),
            (Held::None, Held::One(new)) => Difference::Added(new),
            // Which of several is meant is not guessed.
            _ => return Ok(()),
        };
        self.old.read_again(difference.before());
        self.new.read_again(difference.after());
        self.differences.push(difference.row())
    }

    pub(super) fn differences(self) -> io::Result<Differences> {
        Ok(Differences { rows: self.differences.sorted()? })
    }
}

/// Records that are not the same, in order.
pub(super) struct Differences {
    rows: Sorted<DIFFERENCE_BYTES>,
}

impl Differences {
    pub(super) fn next(&mut self) -> io::Result<Option<Difference>> {
        Ok(self.rows.next()?.as_ref().map(Difference::of_row))
    }
}

/// How many records of a feed have one key.
enum Held {
    None,
    One(Entry),
    Several,
}

fn next_key(old: &ByKey, new: &ByKey) -> Option<u128> {
    match (old.key(), new.key()) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn single(feed: &mut ByKey, key: u128, duplicates: &mut Duplicates) -> io::Result<Held> {
    let before = duplicates.count;
    let first = feed.take(key, |entry| duplicates.add(entry))?;
    Ok(match first {
        None => Held::None,
        Some(first) if duplicates.count == before => Held::One(first),
        Some(first) => {
            duplicates.add(first);
            Held::Several
        }
    })
}

impl From<&Entry> for RecordSpot {
    fn from(entry: &Entry) -> Self {
        Self { ordinal: entry.ordinal, line: entry.line }
    }
}

#[cfg(test)]
mod tests {
    use super::super::index::tests::entry;
    use super::*;

    fn index(entries: &[(u128, u64, u128)]) -> Index {
        let mut index = Index::new(2);
        for (key, ordinal, fingerprint) in entries {
            index.add(&entry(*key, *ordinal, *fingerprint)).expect("a temporary file");
        }
        index
    }

    #[test]
    fn records_are_matched_by_key_and_told_in_the_order_of_the_new_feed() {
        let old = index(&[(1, 1, 10), (2, 2, 20), (3, 3, 30), (4, 4, 40), (5, 5, 50), (5, 6, 51)]);
        let new = index(&[(9, 1, 90), (4, 2, 41), (1, 3, 10), (2, 4, 21), (5, 5, 50)]);
        let joined = Joined::new((old, Told::new(true)), (new, Told::new(false)), &HashSet::new());
        let mut joined = joined.expect("temporary files");
        let duplicates = |told: &Told| told.duplicates.count;
        assert_eq!((joined.unchanged, duplicates(&joined.old), duplicates(&joined.new)), (1, 2, 0));
        assert_eq!(joined.old.take_parts().map(|parts| parts.len()), Some(5));
        assert_eq!(joined.new.take_parts(), None);
        let mut differences = joined.differences().expect("a temporary file");
        let mut found = Vec::new();
        while let Some(difference) = differences.next().expect("readable") {
            found.push((
                difference.kind(),
                difference.before().map(|entry| entry.ordinal),
                difference.after().map(|entry| entry.ordinal),
            ));
        }
        let expected = [
            (ChangeKind::Added, None, Some(1)),
            (ChangeKind::Changed, Some(4), Some(2)),
            (ChangeKind::Changed, Some(2), Some(4)),
            (ChangeKind::Removed, Some(3), None),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn only_the_wanted_keys_count() {
        let [old, new] = [index(&[(1, 1, 10), (2, 2, 20)]), index(&[(2, 1, 20)])];
        let joined = Joined::new((old, Told::new(false)), (new, Told::new(false)), &HashSet::from([2]));
        assert_eq!(joined.expect("temporary files").unchanged, 1);
    }
}
