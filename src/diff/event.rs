//! What is told: a record that came, went or changed, and the sum of it.

use super::compare::Change;
use crate::xml::Encoding;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Different paths that are counted one by one.
const PATHS_MAX: usize = 10_000;

/// Examples kept of each path.
const EXAMPLES_MAX: usize = 3;

/// Characters of a value that an example keeps.
const EXAMPLE_CHARS_MAX: usize = 60;

/// What stands around records, needed to read one alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surroundings {
    /// Encoding of the feed.
    pub encoding: Encoding,
    /// Prefixes bound around the record, with their namespaces.
    pub bindings: Vec<(String, String)>,
    /// Path of the elements around it, such as `/ONIXMessage`.
    pub path: String,
}

/// Where a record stands in its feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordSpot {
    /// Its number, from 1.
    pub ordinal: u64,
    /// The line on which it begins, from 1.
    pub line: u64,
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It is in the new feed only.
    Added,
    /// It is in both and different.
    Changed,
    /// It is in the old feed only.
    Removed,
}

/// A record that is not the same in both feeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordChange {
    /// What became of it.
    pub kind: ChangeKind,
    /// Its key.
    pub key: String,
    /// Its title, if the format says where one stands.
    pub title: Option<String>,
    /// Where it stood.
    pub old: Option<RecordSpot>,
    /// Where it stands.
    pub new: Option<RecordSpot>,
    /// What changed; empty for a record that came or went.
    pub changes: Vec<Change>,
    /// The record in the new feed as XML, when it was asked for.
    pub source: Option<String>,
}

/// Records of one feed that cannot be matched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unmatched {
    /// Records without key: the first of them.
    pub missing_keys: Vec<RecordSpot>,
    /// How many there are.
    pub missing_keys_count: u64,
    /// Records with a key that another record of the feed has too: the first of them.
    pub duplicates: Vec<(String, RecordSpot)>,
    /// How many there are.
    pub duplicates_count: u64,
}

/// One of the two feeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffSide {
    /// Its name.
    pub name: Arc<str>,
    /// Its format.
    pub format: String,
    /// Namespace of its root element.
    pub namespace: String,
    /// Records in it.
    pub records: u64,
    /// Bytes of it, decompressed.
    pub bytes: u64,
    /// What of it cannot be matched.
    pub unmatched: Unmatched,
}

/// How often one path changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathCount {
    /// Records in which it did.
    pub records: u64,
    /// Changes of it.
    pub changes: u64,
    /// A few of them: key, old, new.
    pub examples: Vec<(String, Option<String>, Option<String>)>,
}

/// What the comparison came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffSummary {
    /// The old feed.
    pub old: DiffSide,
    /// The new feed.
    pub new: DiffSide,
    /// Records in the new feed only.
    pub added: u64,
    /// Records in the old feed only.
    pub removed: u64,
    /// Records that are different.
    pub changed: u64,
    /// Records that are the same.
    pub unchanged: u64,
    /// Records that are different only where it does not count; among `unchanged`.
    pub ignored: u64,
    /// Records that are not the same and are not told one by one.
    pub untold: u64,
    /// Paths by how they changed, without conditions and positions.
    pub paths: BTreeMap<String, PathCount>,
    /// Changes at more paths than are counted one by one.
    pub uncounted: u64,
}

impl DiffSummary {
    pub(super) fn new(old: DiffSide, new: DiffSide) -> Self {
        Self {
            old,
            new,
            added: 0,
            removed: 0,
            changed: 0,
            unchanged: 0,
            ignored: 0,
            untold: 0,
            paths: BTreeMap::new(),
            uncounted: 0,
        }
    }

    /// Whether nothing is different that counts, and everything could be matched.
    #[must_use]
    pub fn is_same(&self) -> bool {
        let unmatched = |side: &DiffSide| side.unmatched.missing_keys_count + side.unmatched.duplicates_count;
        self.added + self.removed + self.changed + unmatched(&self.old) + unmatched(&self.new) == 0
    }

    /// Paths, those first that changed in most records.
    #[must_use]
    pub fn by_count(&self) -> Vec<(&str, &PathCount)> {
        let mut paths: Vec<_> = self.paths.iter().map(|(path, count)| (path.as_str(), count)).collect();
        paths.sort_by_key(|(_, count)| std::cmp::Reverse(count.records));
        paths
    }

    pub(super) fn count(&mut self, record: &RecordChange) {
        match record.kind {
            ChangeKind::Added => self.added += 1,
            ChangeKind::Removed => self.removed += 1,
            ChangeKind::Changed => self.changed += 1,
        }
        let mut seen: Vec<&str> = Vec::new();
        for change in &record.changes {
            if !self.paths.contains_key(&change.general) && self.paths.len() >= PATHS_MAX {
                self.uncounted += 1;
                continue;
            }
            let count = self.paths.entry(change.general.clone()).or_default();
            count.changes += 1;
            if !seen.contains(&change.general.as_str()) {
                seen.push(&change.general);
                count.records += 1;
            }
            if count.examples.len() < EXAMPLES_MAX {
                let cut = |value: &Option<String>| value.as_deref().map(cut);
                count.examples.push((record.key.clone(), cut(&change.old), cut(&change.new)));
            }
        }
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(EXAMPLE_CHARS_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
