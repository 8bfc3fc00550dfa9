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
            records.paths.iter().all(|(path, now)| {
                known.and_then(|known| known.get(path)).is_some_and(|ways| ways.knows(now))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::{ClassCount, KindProfile, OCCURRENCES, Texts};

    fn profile(path: PathProfile) -> Profile {
        let kind = KindProfile { records: 1, first: 1, paths: [("a".into(), path)].into() };
        Profile { kinds: [(RecordKind::New, kind)].into(), ..Profile::default() }
    }

    fn path() -> PathProfile {
        PathProfile {
            records: 1,
            instances: 1,
            occurrences: vec![0; OCCURRENCES],
            most: (0, 1),
            mixed: 0,
            neighbours: Some(["b".into()].into()),
            first: 1,
            absent: None,
            texts: Some(texts(LexicalClass::Integer)),
        }
    }

    fn texts(class: LexicalClass) -> Texts {
        Texts { classes: [(class, ClassCount { count: 1, first: 1 })].into(), ..Texts::default() }
    }

    #[test]
    fn what_was_met_is_known_and_all_else_is_not() {
        let mut familiar = Familiar::with([&profile(path())]);
        assert!(familiar.knows(&profile(path())) && familiar.knows(&Profile::default()));
        assert!(familiar.knows(&profile(PathProfile { texts: None, neighbours: None, ..path() })));
        let others = [
            PathProfile { texts: Some(texts(LexicalClass::DecimalComma)), ..path() },
            PathProfile { most: (1, 1), ..path() },
            PathProfile { neighbours: Some(["c".into()].into()), ..path() },
        ];
        for other in others {
            let other = profile(other);
            assert!(!familiar.knows(&other), "{other:?}");
            familiar.add(&other);
            assert!(familiar.knows(&other));
        }
        let mut amending = profile(path());
        amending.kinds = amending.kinds.into_values().map(|kind| (RecordKind::Amend, kind)).collect();
        assert!(!familiar.knows(&amending));
    }
}
