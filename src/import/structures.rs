//! What the records look like that a run applies, by source and format, until the transaction that applies them keeps
//! it.
//!
//! Feeds of one run are one night: what they look like is added up, as far as it was gathered. So that a run of
//! thousands of sources takes no more memory than one of a few, what is kept already is forgotten when there is much of
//! it, and read again when the source comes back.

use crate::drift::Profile;
use crate::store::{Digest, Structure};
use std::collections::{HashMap, HashSet};

/// Paths of all profiles in memory, beyond which a batch is applied.
pub(super) const PATHS_OPEN_MAX: usize = 32_768;

/// Whose records: source and format.
pub(super) type Whose = (String, String);

/// What the run has applied so far, as far as it is in memory.
#[derive(Debug, Default)]
pub(super) struct Structures {
    open: HashMap<Whose, Open>,
    /// Of whom something is kept for this run.
    kept: HashSet<Digest>,
    /// Paths of those in memory.
    paths: usize,
}

#[derive(Debug)]
struct Open {
    profile: Profile,
    feeds: u64,
    /// Something of it is not kept yet.
    is_new: bool,
}

impl Structures {
    /// Whether something was kept for this run, and forgotten: it has to be there before more is added.
    pub(super) fn lacks(&self, source: &str, format: &str) -> bool {
        self.kept.contains(&digest(source, format)) && !self.open.contains_key(&whose(source, format))
    }

    /// Takes up what was kept for this run; what cannot be read is begun anew.
    pub(super) fn take_up(&mut self, structure: &Structure) {
        let Ok(profile) = Profile::unpack(&structure.packed) else { return };
        self.paths += profile.paths();
        let open = Open { profile, feeds: structure.feeds, is_new: false };
        self.open.insert(whose(&structure.source, &structure.format), open);
    }

    /// Adds a feed that is applied.
    pub(super) fn add(&mut self, source: &str, format: &str, profile: Profile) {
        let new = || Open { profile: Profile::default(), feeds: 0, is_new: true };
        let open = self.open.entry(whose(source, format)).or_insert_with(new);
        let before = open.profile.paths();
        open.profile.add_feed(profile);
        open.feeds += 1;
        open.is_new = true;
        // What is added may push other paths out.
        self.paths = (self.paths + open.profile.paths()).saturating_sub(before);
    }

    /// Whether there is so much that it should be kept now.
    pub(super) fn is_full(&self) -> bool {
        self.paths > PATHS_OPEN_MAX
    }

    /// What is to be kept with the batch that is applied now.
    pub(super) fn to_keep(&self) -> Vec<Structure> {
        let new = self.open.iter().filter(|(_, open)| open.is_new);
        let packed = |((source, format), open): (&Whose, &Open)| Structure {
            source: source.clone(),
            format: format.clone(),
            feeds: open.feeds,
            records: open.profile.records,
            packed: open.profile.pack(),
        };
        let mut structures: Vec<_> = new.map(packed).collect();
        // In one order, as everything that several imports may write at a time.
        structures.sort_unstable_by(|a, b| (&a.source, &a.format).cmp(&(&b.source, &b.format)));
        structures
    }

    /// All of it is kept.
    pub(super) fn are_kept(&mut self) {
        let whose = self.open.keys().map(|(source, format)| digest(source, format));
        self.kept.extend(whose);
        self.open.values_mut().for_each(|open| open.is_new = false);
        if self.paths > PATHS_OPEN_MAX / 2 {
            self.open.clear();
            self.paths = 0;
        }
    }
}

/// Feeds of a format that bring products of a source.
pub(super) fn whose(source: &str, format: &str) -> Whose {
    (source.to_owned(), format.to_owned())
}

fn digest(source: &str, format: &str) -> Digest {
    Digest::of(format!("{source}\n{format}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::{KindProfile, OCCURRENCES, PathProfile, RecordKind};

    fn profile(paths: usize, records: u64) -> Profile {
        let path = PathProfile {
            records,
            instances: records,
            occurrences: vec![0; OCCURRENCES],
            most: (0, 1),
            mixed: 0,
            neighbours: None,
            first: 1,
            absent: None,
            texts: None,
        };
        let paths = (0..paths).map(|number| (format!("p{number}").into(), path.clone())).collect();
        let kind = KindProfile { records, first: 1, paths };
        Profile { kinds: [(RecordKind::New, kind)].into(), records, ..Profile::default() }
    }

    #[test]
    fn feeds_of_a_run_are_added_up_and_kept_when_something_is_new() {
        let mut structures = Structures::default();
        structures.add("b", "f", profile(2, 10));
        structures.add("a", "f", profile(2, 1));
        structures.add("b", "f", profile(3, 5));
        let kept = structures.to_keep();
        let said: Vec<_> = kept.iter().map(|each| (&*each.source, each.feeds, each.records)).collect();
        assert_eq!(said, [("a", 1, 1), ("b", 2, 15)]);
        assert_eq!(Profile::unpack(&kept[1].packed).map(|profile| profile.paths()), Ok(3));
        structures.are_kept();
        assert!(structures.to_keep().is_empty() && !structures.lacks("a", "f"));
        structures.add("a", "f", profile(2, 1));
        assert_eq!(structures.to_keep()[0].feeds, 2);
    }

    #[test]
    fn paths_open_max() {
        let mut structures = Structures::default();
        let (of_one, sources) = (1_024, PATHS_OPEN_MAX / 1_024);
        (0..sources).for_each(|number| structures.add(&number.to_string(), "f", profile(of_one, 1)));
        assert!(!structures.is_full());
        structures.add("more", "f", profile(1, 1));
        assert!(structures.is_full());
        let kept = structures.to_keep();
        assert_eq!(kept.len(), sources + 1);
        structures.are_kept();
        assert!(!structures.is_full() && structures.lacks("more", "f") && !structures.lacks("other", "f"));
        structures.take_up(kept.last().expect("the last"));
        structures.add("more", "f", profile(1, 1));
        let again = structures.to_keep();
        assert_eq!((again.len(), again[0].feeds, again[0].records), (1, 2, 2));
    }
}
