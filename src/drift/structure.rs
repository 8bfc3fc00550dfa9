//! What was never there before, and what always was: no statistics, but silence has to have been long enough to mean
//! something.

use super::baseline::{Seen, Subject};
use super::finding::{Drift, DriftKind};
use super::lexical::LexicalClass;
use super::profile::{PathProfile, Profile, RecordKind, Texts, occurrence_words};
use super::question::parent;
use super::words;
use std::collections::BTreeMap;

/// So many records or texts without it make its absence mean something: a chance above 1 in 43 would have shown.
const SILENCE_MIN: u64 = 300;
/// So many at once are no slip.
const NOVEL_MIN: u64 = 3;
/// Share of texts from which on a lexical class is that of a path.
const CLASS_SHARE_MIN: f64 = 0.99;
/// Chance below which a path is lost or new, and not only rare.
const RARE_CHANCE_MAX: f64 = 1e-4;
/// Shortest text that can have been cut.
const CUT_CHARS_MIN: u64 = 20;
/// Texts of just one length that show a cut, and their share.
const CUT_TEXTS_MIN: u64 = 5;
const CUT_SHARE_MIN: f64 = 0.01;
/// By how much they are more than in any feed before.
const CUT_FACTOR: f64 = 4.0;
/// Share of one value that makes it the value of all, and share of any value that no feed before went over.
const DEFAULT_SHARE_MIN: f64 = 0.9;
const DEFAULT_SHARE_BEFORE_MAX: f64 = 0.5;
const DEFAULT_TEXTS_MIN: u64 = 30;

/// A path that no feed of the window has: `chance` is that of so many records with it, were it only rare.
pub(super) fn path_new(subject: &Subject, seen: &Seen<'_>, above: &Seen<'_>, chance: f64) -> Option<Drift> {
    let now = seen.now.filter(|_| seen.known().next().is_none() && !seen.runs.is_empty())?;
    let whole = above.now.map_or(now.records, |above| above.records);
    let of = words::of(now.records, whole);
    let feeds = words::feeds(seen.runs.len());
    let sentence = format!("{} was in no record of {feeds}, now in {of}", words::path(subject));
    let drift = Drift::new(DriftKind::PathNew, subject.clone(), now.records)
        .saying(sentence, "in no record".to_owned(), format!("in {of}"))
        .first(Some(now.first))
        .drawn(vec![Some(0.0); seen.runs.len()], Some(now.records as f64 / whole.max(1) as f64))
        .certain_if(seen.records() >= SILENCE_MIN && now.records >= NOVEL_MIN && chance <= RARE_CHANCE_MAX);
    Some(drift)
}

/// A path that every feed of the window has, and this one not: `chance` is that of it being only rare.
pub(super) fn path_lost(subject: &Subject, seen: &Seen<'_>, above: &Seen<'_>, chance: f64) -> Option<Drift> {
    let whole = above.now.map(|above| above.records).filter(|whole| *whole > 0)?;
    let (mut has, mut had) = (0, 0);
    let mut series = Vec::new();
    for ((_, path), (_, above)) in seen.runs.iter().zip(&above.runs) {
        let Some(above) = above else { continue };
        has += (*path)?.records;
        had += above.records;
        series.push(Some((*path)?.records as f64 / above.records.max(1) as f64));
    }
    let gone = seen.now.is_none_or(|now| now.records == 0) && had > 0;
    let share = has as f64 / had.max(1) as f64;
    let of = if parent(&subject.path).is_empty() {
        "records".to_owned()
    } else {
        format!("records with `{}`", parent(&subject.path))
    };
    let (path, was, feeds) = (words::path(subject), words::percent(share), words::feeds(series.len()));
    let sentence = format!("{path} was in {was} of {of} in {feeds}, now in none of {}", words::count(whole));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count")]
    let affected = (share * whole as f64).round() as u64;
    let drift = Drift::new(DriftKind::PathLost, subject.clone(), affected)
        .saying(sentence, format!("in {was} of {of}"), format!("in none of {}", words::count(whole)))
        .drawn(series, Some(0.0))
        .certain_if(chance <= RARE_CHANCE_MAX);
    gone.then_some(drift)
}

/// All that can be said of a path that is there and was.
pub(super) fn of_path(subject: &Subject, seen: &Seen<'_>) -> Vec<Drift> {
    let (Some(now), Some(_)) = (seen.now, seen.known().next()) else { return Vec::new() };
    let texts: Vec<&Texts> = seen.known().map(PathProfile::texts).filter(|texts| texts.total() > 0).collect();
    let found = [
        class(subject, &texts, now.texts()),
        occurrence(subject, seen, now),
        cut(subject, &texts, now.texts()),
        default(subject, &texts, now.texts()),
    ];
    found.into_iter().flatten().collect()
}

/// A class that no text of the window has, where nearly all had one that nobody writes by chance.
fn class(subject: &Subject, window: &[&Texts], now: &Texts) -> Option<Drift> {
    let mut counts: BTreeMap<LexicalClass, u64> = BTreeMap::new();
    let all = window.iter().flat_map(|texts| &texts.classes);
    all.for_each(|(class, count)| *counts.entry(*class).or_default() += count.count);
    let total: u64 = counts.values().sum();
    let (usual, most) = counts.iter().max_by_key(|(_, count)| **count)?;
    let settled = *most as f64 >= CLASS_SHARE_MIN * total as f64;
    let telling = |class: LexicalClass| {
        let marked = matches!(class, LexicalClass::Markup | LexicalClass::Padded | LexicalClass::Empty);
        !counts.contains_key(&class) && (marked || (settled && !usual.is_free()))
    };
    let novel = now.classes.iter().filter(|(class, _)| telling(**class));
    let (class, count) = novel.max_by_key(|(_, count)| count.count)?;
    let (path, was, is) = (words::path(subject), usual.as_str(), class.as_str());
    let of = words::of(count.count, now.total());
    let share = words::percent(*most as f64 / total.max(1) as f64);
    let sentence = format!(
        "{path} was {was} in {share} of its texts in {} and never {is}, which it is now in {of}",
        words::feeds(window.len())
    );
    let drift = Drift::new(DriftKind::Class, subject.clone(), count.count)
        .saying(sentence, format!("{was} in {share}"), format!("{is} in {of}"))
        .first(Some(count.first))
        .drawn(vec![Some(0.0); window.len()], Some(count.count as f64 / now.total() as f64))
        .certain_if(total >= SILENCE_MIN && count.count >= NOVEL_MIN);
    Some(drift)
}

/// Twice or more in one parent, where it was once at most.
fn occurrence(subject: &Subject, seen: &Seen<'_>, now: &PathProfile) -> Option<Drift> {
    let repeated = |path: &PathProfile| path.occurrences[1..].iter().sum::<u64>();
    let (parents, runs) = (seen.known().map(PathProfile::parents).sum::<u64>(), seen.known().count());
    let more = repeated(now);
    if more == 0 || seen.known().map(repeated).sum::<u64>() > 0 {
        return None;
    }
    let of = words::of(more, now.parents());
    let sentence = format!(
        "{} stood once at most in its parent in {}, now up to {}, several times in {of}",
        words::path(subject),
        words::feeds(runs),
        occurrence_words(usize::from(now.most.0)),
    );
    let drift = Drift::new(DriftKind::Occurrence, subject.clone(), more)
        .saying(sentence, "once at most".to_owned(), format!("several times in {of}"))
        .first(Some(now.most.1))
        .drawn(vec![Some(0.0); runs], Some(more as f64 / now.parents().max(1) as f64))
        .certain_if(parents >= SILENCE_MIN && more >= NOVEL_MIN);
    Some(drift)
}

/// Texts that are never longer than a length that many of them have, where they were longer.
fn cut(subject: &Subject, window: &[&Texts], now: &Texts) -> Option<Drift> {
    let share = |texts: &Texts| texts.at_longest as f64 / texts.total().max(1) as f64;
    let longest = window.iter().map(|texts| texts.longest).min()?;
    let usual = window.iter().map(|texts| share(texts)).fold(0.0, f64::max);
    let is_cut = now.longest >= CUT_CHARS_MIN
        && now.longest < longest
        && now.at_longest >= CUT_TEXTS_MIN
        && share(now) >= CUT_SHARE_MIN.max(usual * CUT_FACTOR);
    let of = words::of(now.at_longest, now.total());
    let (at, feeds) = (words::count(now.longest), words::feeds(window.len()));
    let longest = words::count(longest);
    let sentence = format!(
        "{} has at most {at} characters, and just so many in {of}; the longest text had at least {longest} in {feeds}",
        words::path(subject)
    );
    let series = window.iter().map(|texts| Some(texts.longest as f64)).collect();
    let drift = Drift::new(DriftKind::Cut, subject.clone(), now.at_longest)
        .saying(sentence, format!("up to {longest} characters and more"), format!("cut at {at} characters"))
        .drawn(series, Some(now.longest as f64));
    is_cut.then_some(drift)
}

/// One value in nearly all texts, where values were too many to be counted.
fn default(subject: &Subject, window: &[&Texts], now: &Texts) -> Option<Drift> {
    let top = |texts: &Texts| {
        let values = texts.vocabulary.as_ref()?;
        values.values().map(|value| value.count).max().map(|most| most as f64 / texts.total().max(1) as f64)
    };
    let (value, count) = now.vocabulary.as_ref()?.iter().max_by_key(|(_, value)| value.count)?;
    let before: Vec<f64> = window.iter().map(|texts| top(texts).unwrap_or(0.0)).collect();
    let total: u64 = window.iter().map(|texts| texts.total()).sum();
    let open = window.iter().filter(|texts| texts.vocabulary.is_none()).count();
    let is_default = open * 2 > window.len()
        && now.total() >= DEFAULT_TEXTS_MIN
        && count.count as f64 >= DEFAULT_SHARE_MIN * now.total() as f64
        && before.iter().all(|share| *share <= DEFAULT_SHARE_BEFORE_MAX);
    let of = words::of(count.count, now.total());
    let sentence = format!(
        "{} is `{value}` in {of}; no value was in more than half of its texts in {}",
        words::path(subject),
        words::feeds(window.len())
    );
    let drift = Drift::new(DriftKind::Value, subject.clone(), count.count)
        .saying(sentence, "no value in more than half".to_owned(), format!("`{value}` in {of}"))
        .first(Some(count.first))
        .drawn(before.into_iter().map(Some).collect(), Some(count.count as f64 / now.total() as f64))
        .certain_if(total >= SILENCE_MIN);
    is_default.then_some(drift)
}

/// A neighbour that a path never had, where the two stood the other way round.
pub(super) fn order(
    subject: &Subject,
    seen: &Seen<'_>,
    sibling: &dyn Fn(&str) -> Vec<Box<str>>,
) -> Option<Drift> {
    let name = subject.path.rsplit('/').next()?;
    let now = seen.now?;
    let novel = |left: &&str| {
        let behind = |path: &PathProfile| path.neighbours.as_ref().is_none_or(|names| names.contains(*left));
        !left.is_empty() && seen.known().next().is_some() && !seen.known().any(behind)
    };
    let turned = |left: &&str| sibling(left).iter().any(|each| **each == *name);
    let left = now.neighbours.as_ref()?.iter().map(|name| &**name).filter(novel).find(turned)?;
    let (path, feeds) = (words::path(subject), words::feeds(seen.known().count()));
    let sentence = format!("{path} now stands behind `{left}`, which stood behind it in {feeds}");
    let drift = Drift::new(DriftKind::Order, subject.clone(), now.records)
        .saying(sentence, format!("before `{left}`"), format!("behind `{left}`"))
        .first(Some(now.first))
        .certain_if(seen.records() >= SILENCE_MIN && now.records >= NOVEL_MIN);
    Some(drift)
}

/// What is said of a feed as a whole, and was never before.
pub(super) fn of_feed<'p>(window: impl Fn(&str) -> Vec<&'p Profile>, now: &Profile) -> Vec<Drift> {
    let facts = &now.facts;
    let mut found = Vec::new();
    let mut fact =
        |kind, name: &str, what: &str, value: Option<&str>, of: &dyn Fn(&Profile) -> Option<String>| {
            found.extend(fact_drift((kind, name), what, value, (&window(name), now.records), of));
        };
    fact(DriftKind::Encoding, "encoding", "the encoding", Some(&facts.encoding), &|feed| {
        Some(feed.facts.encoding.clone())
    });
    let ends = Some(&*facts.line_ends).filter(|ends| !ends.is_empty());
    fact(DriftKind::LineEnds, "line ends", "the end of lines", ends, &|feed| {
        Some(feed.facts.line_ends.clone()).filter(|ends| !ends.is_empty())
    });
    fact(DriftKind::Namespace, "root", "the root element", Some(&facts.root), &|feed| {
        Some(feed.facts.root.clone())
    });
    let bound = namespaces(now);
    fact(DriftKind::Namespace, "namespaces", "the set of namespaces", Some(&bound), &|feed| {
        Some(namespaces(feed))
    });
    let names: std::collections::BTreeSet<String> = window("header")
        .iter()
        .copied()
        .chain([now])
        .flat_map(|feed| feed.facts.header.keys().cloned())
        .collect();
    for name in names {
        let value = facts.header.get(&name).map(String::as_str);
        let what = format!("the {name} of the header");
        fact(DriftKind::Header, &format!("header/{name}"), &what, value, &|feed| {
            feed.facts.header.get(&name).cloned()
        });
    }
    found
}

/// A fact that no feed of the window shares.
fn fact_drift(
    (kind, name): (DriftKind, &str),
    what: &str,
    value: Option<&str>,
    (window, records): (&[&Profile], u64),
    of: &dyn Fn(&Profile) -> Option<String>,
) -> Option<Drift> {
    let before: Vec<Option<String>> = window.iter().map(|feed| of(feed)).collect();
    let last = before.last()?;
    if before.iter().any(|each| each.as_deref() == value) {
        return None;
    }
    let said = |value: Option<&str>| value.map_or_else(|| "absent".to_owned(), |value| format!("`{value}`"));
    let (was, is) = (said(last.as_deref()), said(value));
    let feeds = words::feeds(window.len());
    let sentence = if before.iter().all(|each| each == last) {
        format!("{what} was {was} in {feeds}, now it is {is}")
    } else {
        format!("{what} is {is}, which it was in none of {feeds}; last it was {was}")
    };
    let subject = Subject { kind: None, path: name.into() };
    Some(Drift::new(kind, subject, records).saying(sentence, was, is))
}

/// Namespaces by their prefixes, in one text.
fn namespaces(profile: &Profile) -> String {
    let bound = profile.facts.namespaces.iter();
    let one = |(prefix, name): (&String, &String)| {
        if prefix.is_empty() { name.clone() } else { format!("{prefix}={name}") }
    };
    bound.map(one).collect::<Vec<_>>().join(" ")
}

/// The kinds of records in some profiles.
pub(super) fn kinds<'p>(
    profiles: impl Iterator<Item = &'p Profile>,
) -> std::collections::BTreeSet<RecordKind> {
    profiles.flat_map(|profile| profile.kinds.keys().copied()).collect()
}
