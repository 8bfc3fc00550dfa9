//! What a feed is held against: the last good feeds of the same source, format and kind of record.

use super::profile::{KindProfile, PathProfile, Profile, RecordKind};
use std::collections::BTreeMap;

/// Good feeds that are looked back at.
pub const WINDOW_RUNS: usize = 20;
/// Feeds it takes until something is told as more than a notice.
pub const LEARNING_RUNS: usize = 5;
/// Feeds it takes until shares and volumes are judged by how they differ from feed to feed.
pub const SHIFT_RUNS: usize = 8;
/// Acceptances that are remembered of one baseline; the oldest go first.
pub const ACCEPTANCES_MAX: usize = 1_000;

/// A good feed.
#[derive(Clone, Debug, PartialEq)]
pub struct Remembered {
    /// Which it is; rises from feed to feed.
    pub number: u64,
    /// Digest of its bytes.
    pub digest: [u8; 32],
    /// What it looked like.
    pub profile: Profile,
}

/// What a drift is about: a path in records of a kind, or a feed as a whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// The records; `None` of the feed.
    pub kind: Option<RecordKind>,
    /// The path from the record inwards, or the name of a fact of the feed.
    pub path: Box<str>,
}

/// The last good feeds, oldest first, and what was accepted since.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Baseline {
    runs: Vec<Remembered>,
    accepted: BTreeMap<Subject, u64>,
}

impl Baseline {
    /// Adds a good feed, newer than all others. One with the bytes of a feed that is known counts once.
    pub fn add(&mut self, remembered: Remembered) {
        if self.runs.iter().any(|run| run.digest == remembered.digest) {
            return;
        }
        self.runs.push(remembered);
        let wanted: Vec<bool> = (0..self.runs.len()).map(|at| self.is_wanted(at)).collect();
        let mut wanted = wanted.into_iter();
        self.runs.retain(|_| wanted.next().unwrap_or(true));
    }

    /// Whether the feed is one of the last [`WINDOW_RUNS`], of all or of those with some kind of record.
    fn is_wanted(&self, at: usize) -> bool {
        let newer = &self.runs[at + 1..];
        let short = |kind: &RecordKind| {
            newer.iter().filter(|run| run.profile.kinds.contains_key(kind)).count() < WINDOW_RUNS
        };
        newer.len() < WINDOW_RUNS || self.runs[at].profile.kinds.keys().any(short)
    }

    /// From now on, only feeds from the one with this number on say what is expected of the subject and of what is
    /// below it.
    pub fn accept(&mut self, subject: Subject, number: u64) {
        self.accepted.insert(subject, number);
        while self.accepted.len() > ACCEPTANCES_MAX {
            let oldest =
                self.accepted.iter().min_by_key(|(_, number)| **number).map(|(subject, _)| subject.clone());
            oldest.and_then(|subject| self.accepted.remove(&subject));
        }
    }

    /// The profiles of feeds that are remembered, oldest first.
    pub fn profiles(&self) -> impl Iterator<Item = &Profile> {
        self.runs.iter().map(|run| &run.profile)
    }

    /// The feeds that are remembered, oldest first.
    #[must_use]
    pub fn runs(&self) -> &[Remembered] {
        &self.runs
    }

    /// How many feeds it looks back at, at most [`WINDOW_RUNS`].
    #[must_use]
    pub fn depth(&self) -> usize {
        self.runs.len().min(WINDOW_RUNS)
    }

    /// The baseline as it was before its last feed.
    pub(super) fn before_last(&self) -> Option<(Self, &Remembered)> {
        let (last, runs) = self.runs.split_last()?;
        Some((Self { runs: runs.to_vec(), accepted: self.accepted.clone() }, last))
    }

    /// The last feeds, for what is about the feed as a whole.
    pub(super) fn feeds(&self, fact: &str) -> Vec<&Profile> {
        let since = self.since(None, fact);
        let from = self.runs.len().saturating_sub(WINDOW_RUNS);
        self.runs[from..].iter().filter(|run| run.number >= since).map(|run| &run.profile).collect()
    }

    /// The last feeds with records of a kind, each with its number.
    pub(super) fn window(&self, kind: RecordKind) -> Vec<(u64, &KindProfile)> {
        let of_kind = |run: &'_ Remembered| run.profile.kinds.contains_key(&kind);
        let runs: Vec<_> = self.runs.iter().filter(|run| of_kind(run)).collect();
        let from = runs.len().saturating_sub(WINDOW_RUNS);
        runs[from..].iter().map(|run| (run.number, &run.profile.kinds[&kind])).collect()
    }

    /// The number of the first feed that says what is expected of a subject.
    pub(super) fn since(&self, kind: Option<RecordKind>, path: &str) -> u64 {
        if self.accepted.is_empty() {
            return 0;
        }
        let steps = path.match_indices(['/']).map(|(at, _)| &path[..at]);
        let above = ["", path].into_iter().chain(steps);
        let number = |path: &str| self.accepted.get(&Subject { kind, path: path.into() }).copied();
        above.filter_map(number).max().unwrap_or(0)
    }
}

/// A path of records of a kind in the feeds that count for it, and now.
#[derive(Clone, Debug)]
pub(super) struct Seen<'a> {
    /// The records of the kind, and what was at the path, by feed.
    pub(super) runs: Vec<(&'a KindProfile, Option<&'a PathProfile>)>,
    pub(super) now: Option<&'a PathProfile>,
}

impl Seen<'_> {
    /// The path in the feeds of the window that have it.
    pub(super) fn known(&self) -> impl Iterator<Item = &PathProfile> {
        self.runs.iter().filter_map(|(_, path)| *path)
    }

    /// Records of the kind in the window.
    pub(super) fn records(&self) -> u64 {
        self.runs.iter().map(|(kind, _)| kind.records).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(number: u64, kinds: &[RecordKind]) -> Remembered {
        let kinds =
            kinds.iter().map(|kind| (*kind, KindProfile { records: number, ..KindProfile::default() }));
        let profile = Profile { kinds: kinds.collect(), records: number, ..Profile::default() };
        let mut digest = [0; 32];
        digest[..8].copy_from_slice(&number.to_le_bytes());
        Remembered { number, digest, profile }
    }

    fn of(runs: impl IntoIterator<Item = Remembered>) -> Baseline {
        let mut baseline = Baseline::default();
        runs.into_iter().for_each(|run| baseline.add(run));
        baseline
    }

    #[test]
    fn the_last_feeds_count() {
        let baseline = of((1..=WINDOW_RUNS as u64 + 3).map(|number| run(number, &[RecordKind::New])));
        assert_eq!((baseline.runs().len(), baseline.runs()[0].number), (WINDOW_RUNS, 4));
        assert_eq!(baseline.window(RecordKind::New).len(), WINDOW_RUNS);
        assert_eq!(baseline.window(RecordKind::Delete).len(), 0);
    }

    #[test]
    fn a_feed_is_kept_for_a_kind_that_is_rare() {
        let kinds = |number| if number == 1 { vec![RecordKind::Delete] } else { vec![RecordKind::New] };
        let baseline = of((1..=50).map(|number| run(number, &kinds(number))));
        assert_eq!(baseline.runs().len(), WINDOW_RUNS + 1);
        assert_eq!(baseline.window(RecordKind::Delete)[0].0, 1);
        assert!(baseline.feeds("encoding").iter().all(|profile| profile.records > 30));
    }

    #[test]
    fn the_same_bytes_count_once() {
        let again = Remembered { number: 2, ..run(1, &[RecordKind::New]) };
        assert_eq!(of([run(1, &[RecordKind::New]), again]).runs().len(), 1);
    }

    #[test]
    fn an_acceptance_restarts_the_path_and_what_is_below() {
        let mut baseline = of((1..=3).map(|number| run(number, &[RecordKind::New])));
        let subject = |path: &str| Subject { kind: Some(RecordKind::New), path: path.into() };
        baseline.accept(subject("Price/Tax"), 3);
        let since = |path| baseline.since(Some(RecordKind::New), path);
        assert_eq!((since("Price/Tax"), since("Price/Tax/Rate"), since("Price/Tax/@x")), (3, 3, 3));
        assert_eq!((since("Price"), since("Price/TaxRate"), since("")), (0, 0, 0));
        baseline.accept(subject(""), 2);
        assert_eq!(baseline.since(Some(RecordKind::New), "Price"), 2);
        assert_eq!(baseline.since(Some(RecordKind::Delete), "Price"), 0);
    }

    #[test]
    fn acceptances_have_a_limit() {
        let mut baseline = Baseline::default();
        let subject = |number: u64| Subject { kind: None, path: number.to_string().into() };
        (1..=ACCEPTANCES_MAX as u64).for_each(|number| baseline.accept(subject(number), number));
        assert_eq!((baseline.accepted.len(), baseline.since(None, "1")), (ACCEPTANCES_MAX, 1));
        baseline.accept(subject(0), 5_000);
        assert_eq!((baseline.accepted.len(), baseline.since(None, "1")), (ACCEPTANCES_MAX, 0));
    }
}
