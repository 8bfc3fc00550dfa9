//! What is usual of the sources of a run, as far as it fits into memory.
//!
//! What a run brought of a source and format is one profile, whatever number of feeds it came in. Where runs mostly
//! bring one, a feed is held against them in every way; where they bring several, the feeds of a run are parts of
//! something, and of a part only what is new says something: that is asked of each of them quickly, and the judge only
//! where the answer is yes.

use super::structures::{Whose, whose};
use crate::drift::{
    Baseline, Drift, DriftKind, Familiar, LEARNING_RUNS, Profile, RecordKind, Remembered, Subject,
    judge as judged,
};
use crate::store::{DriftAcceptance, EarlierStructure};
use std::collections::HashMap;

/// Paths of all profiles that are remembered; those of the feed at hand may have more.
pub(super) const PATHS_MAX: usize = 65_536;
/// Feeds of one source and format that are judged in a run, however small they are.
pub(super) const JUDGED_SMALL_MAX: u32 = 16;
/// Feeds of one source and format that are judged in a run.
pub(super) const JUDGED_MAX: u32 = 64;
/// Records of a feed that is not small.
const RECORDS_FEW: u64 = 30;

/// What is usual of the sources, by source and format.
#[derive(Debug, Default)]
pub(super) struct Baselines {
    known: HashMap<Whose, Usual>,
    /// Rises with every feed.
    clock: u64,
}

/// What is usual of a source and format.
#[derive(Debug)]
pub(super) struct Usual {
    baseline: Baseline,
    unit: Unit,
    familiar: Familiar,
    /// Feeds that were judged in this run.
    judged: u32,
    paths: usize,
    used: u64,
}

/// What a profile of the baseline is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    /// Of a feed, and the feed at hand is one like it.
    Feed,
    /// Of the feeds of a run, of which the feed at hand is a part.
    Run,
}

/// What is to be said of a feed.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// Drifts that are no chance, those first that concern most records.
    pub(super) drifts: Vec<Drift>,
    /// Runs that it was held against.
    pub(super) runs: usize,
}

impl Baselines {
    /// Whether what is usual has to be looked up.
    pub(super) fn lacks(&self, source: &str, format: &str) -> bool {
        !self.known.contains_key(&whose(source, format))
    }

    /// Remembers what is usual of a source and format; others that were used longest ago are forgotten for it.
    pub(super) fn insert(&mut self, source: &str, format: &str, usual: Usual) {
        let mut by_age: Vec<_> =
            self.known.iter().map(|(whose, usual)| (usual.used, whose.clone())).collect();
        by_age.sort_unstable();
        let mut paths: usize = usual.paths + self.known.values().map(|usual| usual.paths).sum::<usize>();
        for (_, oldest) in by_age {
            if paths <= PATHS_MAX {
                break;
            }
            paths -= self.known.remove(&oldest).map_or(0, |usual| usual.paths);
        }
        self.known.insert(whose(source, format), usual);
    }

    /// What is usual of a source and format, if it was looked up.
    pub(super) fn of(&mut self, source: &str, format: &str) -> Option<&mut Usual> {
        self.clock += 1;
        let usual = self.known.get_mut(&whose(source, format))?;
        usual.used = self.clock;
        Some(usual)
    }
}

impl Usual {
    /// What earlier runs applied, the newest first, and what was called expected since.
    pub(super) fn read(earlier: Vec<EarlierStructure>, accepted: &[DriftAcceptance]) -> Self {
        let singles = earlier.iter().filter(|structure| structure.feeds == 1).count();
        let unit = if singles * 2 >= earlier.len() { Unit::Feed } else { Unit::Run };
        let counts = |structure: &EarlierStructure| unit == Unit::Run || structure.feeds == 1;
        let mut baseline = Baseline::default();
        for EarlierStructure { run, packed, .. } in earlier.into_iter().filter(counts).rev() {
            let Ok(profile) = Profile::unpack(&packed) else { continue };
            let number = run.0.unsigned_abs();
            baseline.add(Remembered { number, digest: digest(number), profile });
        }
        for acceptance in accepted {
            for subject in subjects(acceptance) {
                baseline.accept(subject, acceptance.since.0.unsigned_abs());
            }
        }
        let paths = baseline.profiles().map(Profile::paths).sum();
        let familiar =
            if unit == Unit::Run { Familiar::with(baseline.profiles()) } else { Familiar::default() };
        Self { baseline, unit, familiar, judged: 0, paths, used: 0 }
    }

    /// Holds a feed against it; `stays` tells of which drifts every feed is told that has them, and not the first one
    /// of several alone.
    pub(super) fn judge(&mut self, profile: &Profile, stays: impl Fn(&Drift) -> bool) -> Judged {
        let runs = self.baseline.depth();
        if runs < LEARNING_RUNS || !self.is_asked(profile) {
            return Judged { drifts: Vec::new(), runs };
        }
        self.judged += 1;
        let mut drifts = judged(&self.baseline, profile, usize::MAX).told;
        if self.unit == Unit::Run {
            drifts.retain(is_of_part);
            if !drifts.iter().any(stays) {
                self.familiar.add(profile);
            }
        }
        Judged { drifts, runs }
    }

    fn is_asked(&self, profile: &Profile) -> bool {
        let is_small = profile.records + profile.refused < RECORDS_FEW;
        let has_room = self.judged < if is_small { JUDGED_SMALL_MAX } else { JUDGED_MAX };
        match self.unit {
            Unit::Feed => has_room,
            Unit::Run => !is_small && has_room && !self.familiar.knows(profile),
        }
    }
}

/// Whether it can be said of a part of what a run brings: what is missing there may stand in another part.
fn is_of_part(drift: &Drift) -> bool {
    let is_new = matches!(
        drift.kind,
        DriftKind::PathNew | DriftKind::Class | DriftKind::Occurrence | DriftKind::Order
    );
    is_new && drift.kind.is_structural()
}

/// What an acceptance is about: without a kind, all of them, and the feed as a whole.
fn subjects(acceptance: &DriftAcceptance) -> Vec<Subject> {
    let DriftAcceptance { kind, path, .. } = acceptance;
    let of = |kind| Subject { kind, path: path.as_str().into() };
    match RecordKind::of_word(kind) {
        Some(kind) => vec![of(Some(kind))],
        None if kind.is_empty() => RecordKind::ALL.into_iter().map(Some).chain([None]).map(of).collect(),
        None => Vec::new(),
    }
}

/// The database knows each run once.
fn digest(number: u64) -> [u8; 32] {
    let mut digest = [0; 32];
    digest[..8].copy_from_slice(&number.to_be_bytes());
    digest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::{KindProfile, OCCURRENCES, PathProfile};
    use crate::store::RunId;

    /// As many records, all with these paths.
    fn profile(records: u64, paths: &[&str]) -> Profile {
        let path = || PathProfile {
            records,
            instances: records,
            occurrences: [vec![records], vec![0; OCCURRENCES - 1]].concat(),
            most: (0, 1),
            mixed: 0,
            neighbours: None,
            first: 1,
            absent: None,
            texts: None,
        };
        let paths = paths.iter().chain([&""]).map(|name| ((*name).into(), path())).collect();
        let kind = KindProfile { records, first: 1, paths };
        Profile { kinds: [(RecordKind::New, kind)].into(), records, bytes: records, ..Profile::default() }
    }

    /// What so many runs applied, the newest first.
    fn earlier(runs: i64, feeds: u64, of: &Profile) -> Vec<EarlierStructure> {
        let structure = |run| EarlierStructure {
            run: RunId(run),
            started_at: String::new(),
            feeds,
            records: of.records,
            packed: of.pack(),
        };
        (1..=runs).rev().map(structure).collect()
    }

    fn usual(runs: i64, feeds: u64) -> Usual {
        Usual::read(earlier(runs, feeds, &profile(400, &["a", "b"])), &[])
    }

    fn kinds(judged: &Judged) -> Vec<DriftKind> {
        judged.drifts.iter().map(|drift| drift.kind).collect()
    }

    #[test]
    fn below_five_runs_nothing_is_told() {
        let without = profile(400, &["a"]);
        let learning = usual(4, 1).judge(&without, |_| false);
        assert_eq!((learning.runs, kinds(&learning)), (4, vec![]));
        let known = usual(5, 1).judge(&without, |_| false);
        assert_eq!((known.runs, kinds(&known)), (5, vec![DriftKind::PathLost]));
    }

    #[test]
    fn what_is_called_expected_is_learned_from_that_run_on() {
        let accepted = |kind: &str, path: &str| DriftAcceptance {
            kind: kind.to_owned(),
            path: path.to_owned(),
            since: RunId(9),
            who: String::new(),
            accepted_at: String::new(),
        };
        let judged = |kind, path| {
            let runs = earlier(8, 1, &profile(400, &["a", "b"]));
            kinds(&Usual::read(runs, &[accepted(kind, path)]).judge(&profile(400, &["a"]), |_| false))
        };
        assert_eq!(judged("new", "b"), []);
        assert_eq!(judged("", ""), []);
        assert_eq!(judged("delete", "b"), [DriftKind::PathLost]);
        assert_eq!(judged("nonsense", "b"), [DriftKind::PathLost]);
    }

    #[test]
    fn of_a_part_is_told_what_is_new_and_once() {
        let (less, more) = (profile(200, &["a"]), profile(200, &["a", "b", "c"]));
        let mut of_runs = usual(8, 2);
        assert_eq!(kinds(&of_runs.judge(&less, |_| false)), []);
        assert_eq!(kinds(&of_runs.judge(&more, |_| true)), [DriftKind::PathNew]);
        assert_eq!(kinds(&of_runs.judge(&more, |_| false)), [DriftKind::PathNew], "it was to stay");
        assert_eq!(kinds(&of_runs.judge(&more, |_| false)), []);
        let few = profile(RECORDS_FEW - 1, &["a", "d"]);
        assert!(!of_runs.is_asked(&few) && of_runs.is_asked(&profile(RECORDS_FEW, &["a", "d"])));
    }

    #[test]
    fn most_runs_say_what_a_feed_is() {
        let runs = |feeds: [u64; 4]| {
            let mut earlier = earlier(4, 1, &profile(400, &["a"]));
            earlier.iter_mut().zip(feeds).for_each(|(structure, feeds)| structure.feeds = feeds);
            let usual = Usual::read(earlier, &[]);
            (usual.unit, usual.baseline.depth())
        };
        assert_eq!(runs([1, 1, 2, 3]), (Unit::Feed, 2));
        assert_eq!(runs([1, 9, 2, 3]), (Unit::Run, 4));
    }

    #[test]
    fn judged_max() {
        let judged = |records| {
            let (mut usual, of) = (usual(8, 1), profile(records, &["a"]));
            (0..JUDGED_MAX * 2).for_each(|_| drop(usual.judge(&of, |_| false)));
            usual.judged
        };
        assert_eq!((judged(RECORDS_FEW - 1), judged(RECORDS_FEW)), (JUDGED_SMALL_MAX, JUDGED_MAX));
    }

    #[test]
    fn paths_max() {
        let mut baselines = Baselines::default();
        let of = |paths: usize| Usual { paths, ..usual(1, 1) };
        for name in ["a", "b"] {
            baselines.insert(name, "f", of(PATHS_MAX / 2));
        }
        assert!(baselines.of("a", "f").is_some());
        assert!(!baselines.lacks("a", "f") && !baselines.lacks("b", "f"));
        baselines.insert("c", "f", of(1));
        assert!(baselines.lacks("b", "f") && !baselines.lacks("a", "f"), "that which was used longest ago");
        baselines.insert("large", "f", of(PATHS_MAX * 2));
        assert!(!baselines.lacks("large", "f") && baselines.lacks("a", "f"));
    }
}
