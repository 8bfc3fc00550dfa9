//! What is usual of the sources of a run, as far as it fits into memory.
//!
//! What a run brought of a source and format is one profile, whatever number of feeds it came in. Where runs mostly
//! bring one, a feed is held against them in every way; where they bring several, the feeds of a run are parts of
//! something, and of a part only what is new says something: that is asked of each of them quickly, and the judge only
//! where the answer is yes.

use crate::drift::{
    Baseline, Drift, DriftKind, Familiar, Profile, RecordKind, Remembered, Subject, judge as judged,
};
use crate::store::{DriftAcceptance, EarlierStructure};
use std::collections::{HashMap, HashSet};

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
    known: HashMap<(String, String), Usual>,
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
        let (mut baseline, mut met) = (Baseline::default(), HashSet::new());
        for EarlierStructure { run, packed, .. } in earlier.into_iter().filter(counts).rev() {
            let Ok(profile) = Profile::unpack(&packed) else { continue };
            // The same bytes again, by other rules: it counts once.
            if met.insert(packed) {
                let number = run.0.unsigned_abs();
                baseline.add(Remembered { number, digest: digest(number), profile });
            }
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
        if !self.is_asked(profile) {
            return Judged { drifts: Vec::new(), runs };
        }
        self.judged += 1;
        let judgement = judged(&self.baseline, profile, usize::MAX);
        if judgement.learning().is_some() {
            return Judged { drifts: Vec::new(), runs };
        }
        let mut drifts = judgement.told;
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

fn whose(source: &str, format: &str) -> (String, String) {
    (source.to_owned(), format.to_owned())
}
