//! What was met before, whatever its share: the quick question whether a feed has anything new.
//!
//! A run of thousands of small feeds is asked this of each, and the judge only where the answer is no.

use super::lexical::LexicalClass;
use super::profile::{PathProfile, Profile, RecordKind};
use std::collections::{BTreeSet, HashMap};

/// Paths with the forms of what stood there.
#[derive(Clone, Debug, Default)]
pub struct Familiar {
    kinds: HashMap<RecordKind, HashMap<Box<str>, Ways>>,
}

/// What was met at a path.
#[derive(Clone, Debug, Default)]
struct Ways {
    classes: BTreeSet<LexicalClass>,
    /// Several of it stood in one parent.
    is_repeated: bool,
    /// What it stood behind; `None` when that is too much to be remembered.
    neighbours: Option<BTreeSet<Box<str>>>,
}

impl Ways {
    fn of(path: &PathProfile) -> Self {
        let classes = path.texts.iter().flat_map(|texts| texts.classes.keys().copied()).collect();
        Self { classes, is_repeated: path.most.0 > 0, neighbours: path.neighbours.clone() }
    }

    fn knows(&self, path: &PathProfile) -> bool {
        let mut classes = path.texts.iter().flat_map(|texts| texts.classes.keys());
        let stands_as_known = match (&self.neighbours, &path.neighbours) {
            (Some(known), Some(now)) => now.is_subset(known),
            _ => true,
        };
        classes.all(|class| self.classes.contains(class))
            && (self.is_repeated || path.most.0 == 0)
            && stands_as_known
    }

    fn add(&mut self, other: Self) {
        self.classes.extend(other.classes);
        self.is_repeated |= other.is_repeated;
        self.neighbours = match (self.neighbours.take(), other.neighbours) {
            (Some(mut ours), Some(theirs)) => {
                ours.extend(theirs);
                Some(ours)
            }
            _ => None,
        };
    }
}

impl Familiar {
    /// All that some feeds have.
    #[must_use]
    pub fn with<'p>(profiles: impl IntoIterator<Item = &'p Profile>) -> Self {
        let mut familiar = Self::default();
        profiles.into_iter().for_each(|profile| familiar.add(profile));
        familiar
    }

    /// What the feed has is familiar from now on.
    pub fn add(&mut self, profile: &Profile) {
        for (kind, records) in &profile.kinds {
            let known = self.kinds.entry(*kind).or_default();
            for (path, now) in &records.paths {
                match known.get_mut(path) {
                    Some(ways) => ways.add(Ways::of(now)),
                    None => drop(known.insert(path.clone(), Ways::of(now))),
                }
            }
        }
    }

    /// Whether the feed has nothing new: no path, and no form of text, repetition or order at one.
    #[must_use]
    pub fn knows(&self, profile: &Profile) -> bool {
        profile.kinds.iter().all(|(kind, records)| {
            let known = self.kinds.get(kind);
            let is_known = |(path, now): (&Box<str>, &PathProfile)| {
                known.and_then(|known| known.get(path)).is_some_and(|ways| ways.knows(now))
            };
            records.paths.iter().all(is_known)
        })
    }
}
