//! A feed held against its baseline.
//!
//! ```text
//!  each path ─┬─ structure   never seen, always seen                    told at once
//!             ├─ question    shares: beta-binomial, all of the feed together by Benjamini and Hochberg
//!             └─ volume      medians, robust                            told at once
//!  all ─▶ one at each path ─▶ what is below a lost or new path goes with it ─▶ renamed, moved
//!      ─▶ more than two fifths of all paths: another generator ─▶ by records concerned, the first few told
//! ```
//!
//! A shift that is less certain is told only when the feed before shows it, too, against its own baseline.

use super::baseline::{Baseline, LEARNING_RUNS, Remembered, SHIFT_RUNS, Seen, Subject};
use super::finding::{Certainty, Drift, DriftKind, FirstRecord};
use super::profile::{KindProfile, PathProfile, Profile, RecordKind};
use super::question::{self, Answer, Direction, Family, Question, parent};
use super::statistics::{RHO_UNKNOWN, pooled, significant};
use super::{structure, volume, words};
use std::collections::{BTreeMap, BTreeSet};

/// Share of chance findings among the shifts that are told at once.
const CHANCE_SHARE: f64 = 0.001;
/// The same of those that are told when they repeat.
const CHANCE_SHARE_REPEATED: f64 = 0.05;
/// Share of all paths that makes many drifts one: another program writes the feed.
const GENERATOR_SHARE: f64 = 0.4;
/// Fewer paths are no sign of a program.
const GENERATOR_PATHS_MIN: usize = 10;
/// Share by which a lost and a new path may differ in records to be taken for one.
const RENAMED_SHARE: f64 = 0.1;
/// Drifts of a feed that are told, unless something else is set.
pub const ALARMS_MAX: usize = 5;

/// What is to be said of a feed.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The drifts that are told, those that concern most records first; at most as many as were asked for.
    pub told: Vec<Drift>,
    /// How many more there are.
    pub more: usize,
    /// What can be chance, in the same order; for those who look.
    pub possible: Vec<Drift>,
    /// Feeds that it was held against.
    pub runs: usize,
}

impl Judgement {
    /// How many feeds are known, while they are too few to tell more than notices: *learning, 3 of 5*.
    #[must_use]
    pub fn learning(&self) -> Option<usize> {
        (self.runs < LEARNING_RUNS).then_some(self.runs)
    }

    /// Drifts that are no chance, told or not.
    #[must_use]
    pub fn drifts(&self) -> usize {
        self.told.len() + self.more
    }
}

/// Holds a feed against its baseline.
#[must_use]
pub fn judge(baseline: &Baseline, profile: &Profile, alarms_max: usize) -> Judgement {
    let asked = Asked::of(baseline, profile);
    let repeated = baseline.before_last().filter(|_| baseline.depth() > SHIFT_RUNS);
    let before = repeated.map(|(before, last)| soft(&before, last)).unwrap_or_default();
    let shifts = asked.shifts(&before);
    let mut drifts = asked.structural;
    drifts.extend(shifts);
    drifts.extend(volume::of_feed(|fact| baseline.feeds(fact), profile));
    let settled = Settled { baseline, profile }.settle(drifts, asked.paths);
    let (mut certain, mut possible): (Vec<_>, Vec<_>) =
        settled.into_iter().partition(|drift| drift.certainty == Certainty::Certain);
    for drift in certain.iter_mut().chain(&mut possible) {
        place(drift, profile);
    }
    let more = certain.len().saturating_sub(alarms_max);
    certain.truncate(alarms_max);
    Judgement { told: certain, more, possible, runs: baseline.depth() }
}

/// By what a shift is known again.
type ShiftKey = (Family, Subject, String, Direction);

/// The shifts of a feed that would be told if they had been there before.
fn soft(baseline: &Baseline, last: &Remembered) -> BTreeSet<ShiftKey> {
    let asked = Asked::of(baseline, &last.profile);
    let answers = asked.answers();
    let limit = asked.limit(&answers, CHANCE_SHARE_REPEATED);
    let counts = |(_, answer): &(usize, Answer)| limit.is_some_and(|limit| answer.chance <= limit);
    answers.into_iter().filter(counts).map(|(at, answer)| asked.questions[at].key(answer)).collect()
}

/// All that is asked of a feed, and what needs no statistics.
struct Asked {
    questions: Vec<Question>,
    structural: Vec<Drift>,
    /// Paths of the feed and its baseline.
    paths: usize,
    /// Overdispersion by family.
    pools: BTreeMap<Family, f64>,
}

impl Asked {
    fn of(baseline: &Baseline, profile: &Profile) -> Self {
        let feeds = baseline.feeds("notification types");
        let mut asked = Self {
            questions: question::of_feed(&feeds, profile),
            structural: structure::of_feed(|fact| baseline.feeds(fact), profile),
            paths: 0,
            pools: BTreeMap::new(),
        };
        let window = baseline.runs().iter().map(|run| &run.profile);
        let kinds = structure::kinds(window.chain([profile]));
        let looks: Vec<Look<'_>> = kinds.into_iter().map(|kind| Look::new(baseline, profile, kind)).collect();
        for look in &looks {
            asked.questions.extend(look.questions());
            asked.paths += look.paths.len();
        }
        asked.pools = Family::ALL.into_iter().map(|family| (family, asked.pool(family))).collect();
        for look in &looks {
            asked.structural.extend(look.structural(&asked.pools));
        }
        asked
    }

    fn pool(&self, family: Family) -> f64 {
        let of_family = || self.questions.iter().filter(|question| question.family == family);
        let pool = pooled(of_family().map(|question| &question.spread));
        let runs = of_family().map(Question::runs).max().unwrap_or(0);
        if runs < SHIFT_RUNS { pool.max(RHO_UNKNOWN) } else { pool }
    }

    fn answers(&self) -> Vec<(usize, Answer)> {
        let answer =
            |(at, question): (usize, &Question)| Some((at, question.answer(self.pools[&question.family])?));
        self.questions.iter().enumerate().filter_map(answer).collect()
    }

    /// The chance up to which answers count; questions without an answer were asked, too.
    fn limit(&self, answers: &[(usize, Answer)], share: f64) -> Option<f64> {
        let mut chances = vec![1.0; self.questions.len()];
        for (at, answer) in answers {
            chances[*at] = answer.chance;
        }
        significant(&chances, share)
    }

    fn shifts(&self, before: &BTreeSet<ShiftKey>) -> Vec<Drift> {
        let answers = self.answers();
        let certain = self.limit(&answers, CHANCE_SHARE);
        let soft = self.limit(&answers, CHANCE_SHARE_REPEATED);
        let mut drifts = Vec::new();
        for (at, answer) in answers {
            let counts = |limit: Option<f64>| limit.is_some_and(|limit| answer.chance <= limit);
            let question = &self.questions[at];
            let told = counts(certain) || (counts(soft) && before.contains(&question.key(answer)));
            if told || counts(soft) {
                drifts.push(question.drift(answer).certain_if(told));
            }
        }
        drifts
    }
}

/// The records of one kind, path by path.
struct Look<'a> {
    kind: RecordKind,
    since: &'a Baseline,
    window: Vec<(u64, &'a KindProfile)>,
    now: Option<&'a KindProfile>,
    /// All paths but those in mixed content, the record among them.
    paths: BTreeSet<&'a str>,
}

impl<'a> Look<'a> {
    fn new(baseline: &'a Baseline, profile: &'a Profile, kind: RecordKind) -> Self {
        let (window, now) = (baseline.window(kind), profile.kinds.get(&kind));
        let profiles = || window.iter().map(|(_, profile)| *profile).chain(now);
        let all = || profiles().flat_map(|profile| &profile.paths);
        let mixed: BTreeSet<&str> =
            all().filter(|(_, path)| path.mixed > 0).map(|(path, _)| &**path).collect();
        let is_inside = |path: &str| path.match_indices('/').any(|(at, _)| mixed.contains(&path[..at]));
        let paths = all().map(|(path, _)| &**path).filter(|path| !is_inside(path)).collect();
        Self { kind, since: baseline, window, now, paths }
    }

    fn subject(&self, path: &str) -> Subject {
        Subject { kind: Some(self.kind), path: path.into() }
    }

    /// A path as it is seen by feeds from this number on.
    fn seen(&self, path: &str, since: u64) -> Seen<'a> {
        let runs = self.window.iter().filter(|(number, _)| *number >= since);
        let at = |(_, kind): &(u64, &'a KindProfile)| (*kind, kind.paths.get(path));
        Seen { runs: runs.map(at).collect(), now: self.now.and_then(|now| now.paths.get(path)) }
    }

    fn questions(&self) -> Vec<Question> {
        let inside = self.paths.iter().filter(|path| !path.is_empty());
        let of_path = |path: &&str| {
            let since = self.since.since(Some(self.kind), path);
            question::of_path(&self.subject(path), &self.seen(path, since), &self.seen(parent(path), since))
        };
        inside.flat_map(of_path).collect()
    }

    fn structural(&self, pools: &BTreeMap<Family, f64>) -> Vec<Drift> {
        // Of a kind that no feed has or had, the mix of kinds is all there is to say.
        if self.window.is_empty() || self.now.is_none() {
            return Vec::new();
        }
        let inside = self.paths.iter().filter(|path| !path.is_empty());
        inside.flat_map(|path| self.structural_at(path, pools)).collect()
    }

    fn structural_at(&self, path: &str, pools: &BTreeMap<Family, f64>) -> Vec<Drift> {
        let since = self.since.since(Some(self.kind), path);
        let (subject, seen) = (self.subject(path), self.seen(path, since));
        let above = self.seen(parent(path), since);
        let mut drifts = structure::of_path(&subject, &seen);
        let chance = question::chance_of_presence(&subject, &seen, &above, pools[&Family::Presence]);
        drifts.extend(structure::path_new(&subject, &seen, &above, chance));
        drifts.extend(structure::path_lost(&subject, &seen, &above, chance));
        drifts.extend(volume::of_path(&subject, &seen));
        let sibling = |name: &str| self.neighbours(&subject, name, since);
        drifts.extend(structure::order(&subject, &seen, &sibling));
        drifts
    }

    /// The names behind which a sibling of this name stood in the window.
    fn neighbours(&self, subject: &Subject, name: &str, since: u64) -> Vec<Box<str>> {
        let above = parent(&subject.path);
        let path = if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") };
        let seen = self.seen(&path, since);
        let names = |path: &PathProfile| path.neighbours.iter().flatten().cloned().collect::<Vec<_>>();
        seen.known().flat_map(names).collect()
    }
}

/// From all that was found to what is said.
struct Settled<'a> {
    baseline: &'a Baseline,
    profile: &'a Profile,
}

impl Settled<'_> {
    fn settle(&self, drifts: Vec<Drift>, paths: usize) -> Vec<Drift> {
        let drifts = one_at_each_path(drifts);
        let drifts = self.paired(drifts);
        let mut folded = fold(drifts);
        for drift in &mut folded {
            drift.folded += self.gone_below(&drift.subject, drift.kind);
        }
        let mut settled = self.generator(folded, paths);
        settled.sort_by(|a, b| {
            let rank = |drift: &Drift| (drift.certainty, std::cmp::Reverse(drift.affected), drift.kind);
            rank(a).cmp(&rank(b)).then_with(|| a.subject.cmp(&b.subject))
        });
        settled
    }

    /// Paths of the window that went with one that is gone.
    fn gone_below(&self, subject: &Subject, kind: DriftKind) -> usize {
        let gone = matches!(kind, DriftKind::PathLost | DriftKind::PathRenamed | DriftKind::PathMoved);
        let Some(records) = subject.kind.filter(|_| gone) else { return 0 };
        let window = self.baseline.window(records);
        let inside =
            |path: &&str| path.strip_prefix(&*subject.path).is_some_and(|rest| rest.starts_with('/'));
        window
            .iter()
            .flat_map(|(_, kind)| kind.paths.keys())
            .map(|path| &**path)
            .filter(inside)
            .collect::<BTreeSet<_>>()
            .len()
    }

    /// A path that is lost and one that is new in as many records are one that was renamed or moved.
    fn paired(&self, mut drifts: Vec<Drift>) -> Vec<Drift> {
        let mut pairs = Vec::new();
        for lost in drifts.iter().filter(|drift| drift.kind == DriftKind::PathLost) {
            let others = drifts.iter().filter(|new| new.kind == DriftKind::PathNew && is_pair(lost, new));
            // In the same parent before elsewhere.
            let found = others.min_by_key(|new| parent(&new.subject.path) != parent(&lost.subject.path));
            let taken =
                |new: &Drift| pairs.iter().any(|(_, other): &(Subject, Subject)| *other == new.subject);
            if let Some(new) = found.filter(|new| !taken(new)) {
                pairs.push((lost.subject.clone(), new.subject.clone()));
            }
        }
        for (old, new) in pairs {
            if let Some(at) =
                drifts.iter().position(|drift| drift.subject == new && drift.kind == DriftKind::PathNew)
            {
                let new = drifts.remove(at);
                if let Some(lost) = drifts.iter_mut().find(|drift| drift.subject == old) {
                    *lost = self.joined(lost, &new);
                }
            }
        }
        drifts
    }

    fn joined(&self, lost: &Drift, new: &Drift) -> Drift {
        let same = parent(&lost.subject.path) == parent(&new.subject.path);
        let (kind, verb) =
            if same { (DriftKind::PathRenamed, "named") } else { (DriftKind::PathMoved, "at") };
        let (old_path, new_path) = (words::path(&lost.subject), words::path(&new.subject));
        let feeds = words::feeds(self.baseline.depth());
        let sentence = format!("{old_path} of {feeds} is gone; in as many records there is now {new_path}");
        Drift { kind, certainty: lost.certainty.max(new.certainty), ..lost.clone() }
            .saying(sentence, old_path, format!("{verb} {new_path}"))
            .first(new.first.as_ref().map(|first| first.ordinal))
    }

    /// Very much at once is one thing.
    fn generator(&self, drifts: Vec<Drift>, paths: usize) -> Vec<Drift> {
        let told = |drift: &&Drift| drift.subject.kind.is_some() && drift.certainty == Certainty::Certain;
        let concerned: usize = drifts.iter().filter(told).map(|drift| 1 + drift.folded).sum();
        if paths < GENERATOR_PATHS_MIN || (concerned as f64) <= GENERATOR_SHARE * paths as f64 {
            return drifts;
        }
        let of = words::of(concerned as u64, paths as u64);
        let feeds = words::feeds(self.baseline.depth());
        let sentence =
            format!("{of} of all paths are not as in {feeds}: another program seems to write the feed");
        let subject = Subject { kind: None, path: "".into() };
        let one = Drift::new(DriftKind::Generator, subject, self.profile.records).saying(
            sentence,
            format!("paths as in {feeds}"),
            format!("{of} not so"),
        );
        let mut rest: Vec<_> = drifts.into_iter().filter(|drift| !told(&drift)).collect();
        rest.push(Drift { folded: concerned, ..one });
        rest
    }
}

/// Whether a new path can be what a lost one has become.
fn is_pair(lost: &Drift, new: &Drift) -> bool {
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let (old_path, new_path) = (&lost.subject.path, &new.subject.path);
    let attribute = |path: &str| name(path).starts_with('@');
    let same_parent = parent(old_path) == parent(new_path) && attribute(old_path) == attribute(new_path);
    let near = lost.affected.abs_diff(new.affected) as f64 <= RENAMED_SHARE * lost.affected as f64;
    lost.subject.kind == new.subject.kind && near && (same_parent || name(old_path) == name(new_path))
}

/// Of several drifts at one path, the first in the order of kinds; what is certain before what is not.
fn one_at_each_path(mut drifts: Vec<Drift>) -> Vec<Drift> {
    drifts.sort_by(|a, b| {
        let rank = |drift: &Drift| (drift.certainty, drift.kind, std::cmp::Reverse(drift.affected));
        a.subject.cmp(&b.subject).then_with(|| rank(a).cmp(&rank(b)))
    });
    drifts.dedup_by(|later, first| later.subject == first.subject);
    drifts
}

/// What is below a lost or new path goes with it; so does what is below one that was renamed or moved.
fn fold(drifts: Vec<Drift>) -> Vec<Drift> {
    let whole = |kind| {
        matches!(
            kind,
            DriftKind::PathLost | DriftKind::PathNew | DriftKind::PathRenamed | DriftKind::PathMoved
        )
    };
    let mut folded: Vec<Drift> = Vec::new();
    for drift in drifts {
        let is_above = |above: &Drift| {
            whole(above.kind)
                && above.subject.kind == drift.subject.kind
                && drift
                    .subject
                    .path
                    .strip_prefix(&*above.subject.path)
                    .is_some_and(|rest| rest.starts_with('/'))
        };
        match folded.iter_mut().find(|above| is_above(above)) {
            Some(above) => above.folded += 1,
            None => folded.push(drift),
        }
    }
    folded
}

/// Looks up where the first record stands.
fn place(drift: &mut Drift, profile: &Profile) {
    if let Some(FirstRecord { ordinal, place }) = &mut drift.first {
        *place = profile.places.get(ordinal).cloned();
    }
}
