//! Sizes against those of the window: records, bytes of a record, medians of numbers.

use super::baseline::{SHIFT_RUNS, Seen, Subject};
use super::finding::{Drift, DriftKind};
use super::profile::{PathProfile, Profile};
use super::statistics::robust;
use super::words;

/// How far from the median, in robust deviations.
const DEVIATIONS_MIN: f64 = 6.0;
/// Least deviation, as a share.
const DEVIATION_FLOOR: f64 = 0.05;
/// A size that some feed of the window came so near to is no news: feeds may have a rhythm.
const KNOWN_FACTOR: f64 = 1.25;
/// A size has to be below or above the median by such a factor.
const FACTOR_MIN: f64 = 1.6;
/// Fewer numbers have no median to speak of.
const NUMBERS_MIN: u64 = 30;
/// Fewer different ones are codes.
const NUMBERS_DIFFERENT_MIN: usize = 12;
/// Share of the texts at a path that are numbers.
const NUMERIC_SHARE_MIN: f64 = 0.9;

/// A size that is told: what it is, and of what.
struct Size<'a> {
    kind: DriftKind,
    subject: Subject,
    what: &'a str,
    affected: u64,
}

/// Sizes of the feed as a whole.
pub(super) fn of_feed<'p>(window: impl Fn(&str) -> Vec<&'p Profile>, now: &Profile) -> Vec<Drift> {
    let size = |kind, name: &str, what: &'static str| Size {
        kind,
        subject: Subject { kind: None, path: name.into() },
        what,
        affected: now.records,
    };
    let records = |feed: &Profile| (feed.records + feed.refused) as f64;
    let bytes = |feed: &Profile| feed.bytes as f64 / records(feed).max(1.0);
    let of = |name: &str, measure: &dyn Fn(&Profile) -> f64| {
        window(name).iter().map(|feed| measure(feed)).collect()
    };
    let volume = judged(
        size(DriftKind::Volume, "records", "the number of records"),
        of("records", &records),
        records(now),
    );
    let what = "the number of bytes for each record";
    let size = judged(size(DriftKind::Size, "record bytes", what), of("record bytes", &bytes), bytes(now));
    [volume, size].into_iter().flatten().collect()
}

/// Numbers at a path.
pub(super) fn of_path(subject: &Subject, seen: &Seen<'_>) -> Option<Drift> {
    let now = seen.now?;
    let window: Vec<f64> = seen.known().filter_map(median).collect();
    let what = format!("the median of {}", words::path(subject));
    let size = Size {
        kind: DriftKind::Number,
        subject: subject.clone(),
        what: &what,
        affected: now.texts().total(),
    };
    judged(size, window, median(now)?)
}

fn median(path: &PathProfile) -> Option<f64> {
    let texts = path.texts();
    let numbers = texts.numbers.total();
    // A few numbers are codes, and their shares are asked for.
    let few = texts.vocabulary.as_ref().is_some_and(|values| values.len() < NUMBERS_DIFFERENT_MIN);
    let numeric =
        !few && numbers >= NUMBERS_MIN && numbers as f64 >= NUMERIC_SHARE_MIN * texts.total() as f64;
    texts.numbers.median().filter(|_| numeric)
}

/// Whether a size is far from those of the window.
fn judged(size: Size<'_>, window: Vec<f64>, now: f64) -> Option<Drift> {
    let logs: Vec<f64> = window.iter().filter(|value| **value > 0.0).map(|value| value.ln()).collect();
    let (centre, spread) = robust(&logs)?;
    let size_now = now.max(f64::MIN_POSITIVE).ln();
    let far = size_now - centre;
    let known = logs.iter().any(|log| (log - size_now).abs() <= KNOWN_FACTOR.ln());
    let told =
        !known && far.abs() >= FACTOR_MIN.ln() && far.abs() >= DEVIATIONS_MIN * spread.max(DEVIATION_FLOOR);
    if !told {
        return None;
    }
    let (was, is, feeds) = (words::number(centre.exp()), words::number(now), words::feeds(window.len()));
    let sentence = format!("{} was {was} in the median of {feeds}, now {is}", size.what);
    let drift = Drift::new(size.kind, size.subject, size.affected)
        .saying(sentence, was, is)
        .certain_if(window.len() >= SHIFT_RUNS || (size.kind == DriftKind::Number && window.len() == 1))
        .drawn(window.into_iter().map(Some).collect(), Some(now));
    Some(drift)
}
