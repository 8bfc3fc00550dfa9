//! What is asked of a feed by counting: shares of records, parents or texts, against those of the window.

use super::baseline::{Seen, Subject};
use super::finding::{Drift, DriftKind};
use super::lexical::LexicalClass;
use super::profile::{NO_TEXTS, PathProfile, Profile, RecordKind, Texts, length_words, occurrence_words};
use super::statistics::{BetaBinomial, Spread};
use super::words;
use std::collections::{BTreeMap, BTreeSet};

/// Fewer records, parents or texts say nothing about shares.
const COUNT_MIN: u64 = 30;
/// A share has to move by so much, however certain it is that it moved,
const EFFECT_MIN: f64 = 0.02;
/// and its odds by such a factor.
const ODDS_MIN: f64 = 2.0;

/// What is counted. Questions of one family have an overdispersion in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Family {
    Presence,
    Parents,
    Occurrence,
    Class,
    Value,
    Length,
    Notification,
    Refused,
}

impl Family {
    pub(super) const ALL: [Self; 8] = [
        Self::Presence,
        Self::Parents,
        Self::Occurrence,
        Self::Class,
        Self::Value,
        Self::Length,
        Self::Notification,
        Self::Refused,
    ];

    const fn drift(self) -> DriftKind {
        match self {
            Self::Presence | Self::Parents => DriftKind::Presence,
            Self::Occurrence => DriftKind::Occurrence,
            Self::Class => DriftKind::Class,
            Self::Value => DriftKind::Value,
            Self::Length => DriftKind::Length,
            Self::Notification => DriftKind::Notification,
            Self::Refused => DriftKind::Refused,
        }
    }
}

/// One category of what is counted.
#[derive(Clone, Debug)]
struct Category {
    /// What it is called: the value, the class, the length.
    label: String,
    /// The first record of this feed that is in it.
    first: Option<u64>,
}

/// Counts by category, in the feeds of the window and in this one.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) family: Family,
    pub(super) subject: Subject,
    /// What is counted: `records`, `records with …`, `texts`.
    of: String,
    categories: Vec<Category>,
    window: Vec<Vec<u64>>,
    now: Vec<u64>,
    pub(super) spread: Spread,
}

/// The answer: the category that moved most, and the chance of that.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Answer {
    pub(super) category: usize,
    pub(super) chance: f64,
    pub(super) direction: Direction,
}

/// Where a share went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Direction {
    Up,
    Down,
}

impl Question {
    fn new(
        (family, subject): (Family, Subject),
        of: String,
        categories: Vec<Category>,
        window: Vec<Vec<u64>>,
        now: Vec<u64>,
    ) -> Option<Self> {
        let size = |counts: &Vec<u64>| counts.iter().sum::<u64>();
        let window: Vec<_> = window.into_iter().filter(|counts| size(counts) > 0).collect();
        let asks =
            categories.len() > 1 && size(&now) >= COUNT_MIN && window.iter().map(size).sum::<u64>() > 0;
        let spread = Spread::of(&window);
        asks.then_some(Self { family, subject, of, categories, window, now, spread })
    }

    /// Feeds that say something.
    pub(super) fn runs(&self) -> usize {
        self.window.len()
    }

    /// The key by which a shift is known again in the next feed.
    pub(super) fn key(&self, answer: Answer) -> (Family, Subject, String, Direction) {
        (self.family, self.subject.clone(), self.categories[answer.category].label.clone(), answer.direction)
    }

    /// The category that moved most, by the overdispersion of its family.
    pub(super) fn answer(&self, pool: f64) -> Option<Answer> {
        let rho = self.spread.settled(pool);
        let size = self.now.iter().sum::<u64>();
        let n = size as f64;
        let moved = |category: usize| {
            let (share, k) = (self.spread.shares[category], self.now[category]);
            let residual =
                (k as f64 - n * share) / (n * share * (1.0 - share) * (1.0 + rho * (n - 1.0))).sqrt();
            has_effect(k, size, share).then_some((category, residual))
        };
        let (category, residual) =
            (0..self.told()).filter_map(moved).max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))?;
        let chance = BetaBinomial::new(size, self.spread.shares[category], rho).two_sided(self.now[category]);
        // Two categories are one question; of many, the one that moved most was picked.
        let picked = if self.categories.len() == 2 { 1.0 } else { self.categories.len() as f64 };
        let direction = if residual > 0.0 { Direction::Up } else { Direction::Down };
        Some(Answer { category, chance: (chance * picked).min(1.0), direction })
    }

    /// Categories that are told of: of what is there or not, the former.
    fn told(&self) -> usize {
        match self.family {
            Family::Presence | Family::Parents | Family::Refused => 1,
            _ => self.categories.len(),
        }
    }

    /// Chance that a path is in so many or so few records by chance alone.
    fn chance_of_presence(&self, pool: f64) -> f64 {
        let size = self.now.iter().sum::<u64>();
        BetaBinomial::new(size, self.spread.shares[0], self.spread.settled(pool)).two_sided(self.now[0])
    }

    /// The answer in words.
    pub(super) fn drift(&self, answer: Answer) -> Drift {
        let Answer { category, direction, .. } = answer;
        let size = self.now.iter().sum::<u64>();
        let (share, k) = (self.share(), self.now[category]);
        let expected = share(category);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a difference of counts")]
        let affected = (k as f64 - expected * size as f64).abs().round() as u64;
        let label = &self.categories[category];
        let (was, is) = (self.was(label, expected), words::of(k, size));
        let feeds = words::feeds(self.runs());
        let sentence = format!("{was} of {} in {feeds}, now in {is}", self.of);
        let drawn = |counts: &Vec<u64>| {
            let size = counts.iter().sum::<u64>();
            Some(counts[category] as f64 / size as f64)
        };
        let series = self.window.iter().map(drawn).collect();
        let first = match (self.family, direction) {
            (Family::Presence | Family::Parents, Direction::Down) => self.categories[1].first,
            (_, Direction::Down) => None,
            (_, Direction::Up) => label.first,
        };
        Drift::new(self.family.drift(), self.subject.clone(), affected)
            .saying(sentence, format!("in {} of {}", words::percent(expected), self.of), format!("in {is}"))
            .first(first)
            .drawn(series, drawn(&self.now))
    }

    /// Share of a category over the window, as it is told.
    fn share(&self) -> impl Fn(usize) -> f64 {
        |category| {
            let part: u64 = self.window.iter().map(|counts| counts[category]).sum();
            part as f64 / self.spread.total.max(1) as f64
        }
    }

    fn was(&self, label: &Category, expected: f64) -> String {
        let (path, label, share) = (words::path(&self.subject), &label.label, words::percent(expected));
        match self.family {
            Family::Presence | Family::Parents => format!("{path} was in {share}"),
            Family::Occurrence => format!("{path} stood {label} in {share}"),
            Family::Class => format!("{path} was {label} in {share}"),
            Family::Value => format!("{path} was `{label}` in {share}"),
            Family::Length => format!("{path} had {label} in {share}"),
            Family::Notification => format!("the notification type was {label} in {share}"),
            Family::Refused => format!("records were {label} in {share}"),
        }
    }
}

/// Whether a share moved so much that it matters.
fn has_effect(k: u64, n: u64, share: f64) -> bool {
    let observed = (k as f64 + 0.5) / (n as f64 + 1.0);
    let odds = (observed / (1.0 - observed)) / (share / (1.0 - share));
    (k as f64 / n as f64 - share).abs() >= EFFECT_MIN && odds.max(1.0 / odds) >= ODDS_MIN
}

/// All that is asked of a path; `above` is where its parent stands.
pub(super) fn of_path(subject: &Subject, seen: &Seen<'_>, above: &Seen<'_>) -> Vec<Question> {
    let window: Vec<&Texts> = seen.known().map(PathProfile::texts).collect();
    let now = seen.now.map_or(&NO_TEXTS, PathProfile::texts);
    let asked = [
        presence(subject, seen, above),
        parents(subject, seen, above),
        occurrence(subject, seen),
        class(subject, &window, now),
        value(subject, &window, now),
        length(subject, &window, now),
    ];
    asked.into_iter().flatten().collect()
}

fn presence(subject: &Subject, seen: &Seen<'_>, above: &Seen<'_>) -> Option<Question> {
    let split = |path: Option<&PathProfile>, above: Option<&PathProfile>| {
        let whole = above.map_or(0, |above| above.records);
        let part = path.map_or(0, |path| path.records).min(whole);
        vec![part, whole - part]
    };
    let window =
        seen.runs.iter().zip(&above.runs).map(|((_, path), (_, above))| split(*path, *above)).collect();
    let everywhere =
        above.runs.iter().all(|(kind, above)| above.is_some_and(|above| above.records == kind.records));
    let of =
        if everywhere { "records".to_owned() } else { format!("records with `{}`", parent(&subject.path)) };
    Question::new(
        (Family::Presence, subject.clone()),
        of,
        with_and_without(seen.now),
        window,
        split(seen.now, above.now),
    )
}

fn with_and_without(now: Option<&PathProfile>) -> Vec<Category> {
    let category = |label: &str, first: Option<u64>| Category { label: label.to_owned(), first };
    vec![category("there", now.map(|path| path.first)), category("absent", now.and_then(|path| path.absent))]
}

/// In how many of its parents it stands, where there are several of them in a record.
fn parents(subject: &Subject, seen: &Seen<'_>, above: &Seen<'_>) -> Option<Question> {
    let several = |above: Option<&PathProfile>| above.is_some_and(|above| above.instances > above.records);
    if !several(above.now) && !above.runs.iter().any(|(_, above)| several(*above)) {
        return None;
    }
    let split = |path: Option<&PathProfile>, above: Option<&PathProfile>| {
        let whole = above.map_or(0, |above| above.instances);
        let part = path.map_or(0, PathProfile::parents).min(whole);
        vec![part, whole - part]
    };
    let window =
        seen.runs.iter().zip(&above.runs).map(|((_, path), (_, above))| split(*path, *above)).collect();
    let of = format!("`{}`", parent(&subject.path));
    let mut categories = with_and_without(seen.now);
    // The first record without it may have others.
    categories[1].first = None;
    Question::new((Family::Parents, subject.clone()), of, categories, window, split(seen.now, above.now))
}

fn occurrence(subject: &Subject, seen: &Seen<'_>) -> Option<Question> {
    let now = seen.now?;
    let window: Vec<_> = seen.known().map(|path| path.occurrences.clone()).collect();
    let used = used(&window, &now.occurrences);
    let category = |bin: &usize| Category { label: occurrence_words(*bin).to_owned(), first: None };
    let categories = used.iter().map(category).collect();
    let (window, now) = (picked(&window, &used), pick(&now.occurrences, &used));
    Question::new(
        (Family::Occurrence, subject.clone()),
        "parents with it".to_owned(),
        categories,
        window,
        now,
    )
}

fn class(subject: &Subject, window: &[&Texts], now: &Texts) -> Option<Question> {
    let classes: BTreeSet<LexicalClass> =
        window.iter().chain([&now]).flat_map(|texts| texts.classes.keys().copied()).collect();
    let counts = |texts: &Texts| {
        let count = |class: &LexicalClass| texts.classes.get(class).map_or(0, |class| class.count);
        classes.iter().map(count).collect::<Vec<_>>()
    };
    let first = |class: &LexicalClass| now.classes.get(class).map(|class| class.first);
    let category = |class: &LexicalClass| Category { label: class.as_str().to_owned(), first: first(class) };
    let categories = classes.iter().map(category).collect();
    let window = window.iter().map(|texts| counts(texts)).collect();
    Question::new((Family::Class, subject.clone()), "its texts".to_owned(), categories, window, counts(now))
}

/// Shares of values, where the vocabulary is small in this feed and in those that are looked back at.
fn value(subject: &Subject, window: &[&Texts], now: &Texts) -> Option<Question> {
    let known: Vec<_> = window.iter().filter_map(|texts| texts.vocabulary.as_ref()).collect();
    let current = now.vocabulary.as_ref()?;
    if known.len() * 2 < window.len() {
        return None;
    }
    let values: BTreeSet<&str> =
        known.iter().chain([&current]).flat_map(|texts| texts.keys()).map(|v| &**v).collect();
    let counts = |texts: &BTreeMap<Box<str>, super::profile::ValueCount>| {
        values.iter().map(|value| texts.get(*value).map_or(0, |value| value.count)).collect::<Vec<_>>()
    };
    let first = |value: &str| current.get(value).map(|value| value.first);
    let categories = values.iter().map(|value| Category { label: (*value).to_owned(), first: first(value) });
    let window = known.iter().map(|texts| counts(texts)).collect();
    let categories = categories.collect();
    Question::new(
        (Family::Value, subject.clone()),
        "its texts".to_owned(),
        categories,
        window,
        counts(current),
    )
}

fn length(subject: &Subject, window: &[&Texts], now: &Texts) -> Option<Question> {
    let lengths: Vec<_> =
        window.iter().filter(|texts| texts.total() > 0).map(|texts| texts.lengths.clone()).collect();
    if lengths.is_empty() || now.total() == 0 {
        return None;
    }
    let used = used(&lengths, &now.lengths);
    let categories = used.iter().map(|bin| Category { label: length_words(*bin), first: None }).collect();
    let (window, now) = (picked(&lengths, &used), pick(&now.lengths, &used));
    Question::new((Family::Length, subject.clone()), "its texts".to_owned(), categories, window, now)
}

/// The bins in which something is.
fn used(window: &[Vec<u64>], now: &[u64]) -> Vec<usize> {
    let is_used = |bin: &usize| now[*bin] > 0 || window.iter().any(|counts| counts[*bin] > 0);
    (0..now.len()).filter(is_used).collect()
}

fn pick(counts: &[u64], used: &[usize]) -> Vec<u64> {
    used.iter().map(|bin| counts[*bin]).collect()
}

fn picked(window: &[Vec<u64>], used: &[usize]) -> Vec<Vec<u64>> {
    window.iter().map(|counts| pick(counts, used)).collect()
}

/// What is asked of the feed as a whole.
pub(super) fn of_feed(window: &[&Profile], now: &Profile) -> Vec<Question> {
    [notification(window, now), refused(window, now)].into_iter().flatten().collect()
}

fn notification(window: &[&Profile], now: &Profile) -> Option<Question> {
    let counts = |profile: &Profile| {
        let count = |kind: &RecordKind| profile.kinds.get(kind).map_or(0, |kind| kind.records);
        RecordKind::ALL.iter().map(count).collect::<Vec<_>>()
    };
    let all: Vec<_> = window.iter().map(|profile| counts(profile)).collect();
    let used = used(&all, &counts(now));
    let first = |bin: usize| now.kinds.get(&RecordKind::ALL[bin]).map(|kind| kind.first);
    let category =
        |bin: &usize| Category { label: RecordKind::ALL[*bin].as_str().to_owned(), first: first(*bin) };
    let categories = used.iter().map(category).collect();
    let subject = Subject { kind: None, path: "notification types".into() };
    let (window, now) = (picked(&all, &used), pick(&counts(now), &used));
    Question::new((Family::Notification, subject), "records".to_owned(), categories, window, now)
}

fn refused(window: &[&Profile], now: &Profile) -> Option<Question> {
    let counts = |profile: &Profile| vec![profile.refused, profile.records];
    let categories = ["refused", "accepted"].map(|label| Category { label: label.to_owned(), first: None });
    let subject = Subject { kind: None, path: "refused records".into() };
    let window = window.iter().map(|profile| counts(profile)).collect();
    Question::new((Family::Refused, subject), "all".to_owned(), categories.to_vec(), window, counts(now))
}

/// The path of the parent; the record's is empty.
pub(super) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// Chance that a path is in so many records as it is, or in none; 1 where too few could have it.
pub(super) fn chance_of_presence(subject: &Subject, seen: &Seen<'_>, above: &Seen<'_>, pool: f64) -> f64 {
    presence(subject, seen, above).map_or(1.0, |question| question.chance_of_presence(pool))
}
