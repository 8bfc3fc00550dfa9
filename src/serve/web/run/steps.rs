//! What is done with a feed one after another, and how far that is.

use super::super::held_words::percent;
use super::super::language::Language;
use super::super::moment::between;
use super::super::words::RunWords;
use super::facts::{in_shop, refused_word};
use crate::serve::run::{Run, is_final};
use jiff::Timestamp;

/// What took shorter has no rate.
const RATE_MS_MIN: u64 = 100;
const RECORDS: [[&str; 2]; 2] = [["record", "records"], ["Datensatz", "Datensätze"]];

/// A part of the way of a feed, and how far it is.
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) words: String,
    pub(super) class: &'static str,
}

/// What is done with a feed one after another, and how far that is.
pub(super) fn steps(language: Language, now: Timestamp, run: &Run, is_broken: bool) -> Vec<Step> {
    let words = RunWords::of(language);
    let received =
        run.bytes.map(|all| Step { name: words.received, words: bytes(language, all), class: "done" });
    let (read, checked) = match (&run.started_at, is_final(&run.state)) {
        (None, _) => (words.to_come.to_owned(), words.to_come.to_owned()),
        (Some(_), is_over) => {
            let ms = elapsed(now, run);
            (read(language, run, is_over, ms), checked(language, run, ms))
        }
    };
    let class = match (&run.started_at, is_final(&run.state)) {
        (None, _) => "later",
        (_, false) => "now",
        (_, true) if is_broken => "broken",
        (_, true) if run.state == "cancelled" => "left",
        (_, true) => "done",
    };
    let steps = [
        Step { name: words.read, words: read, class },
        Step { name: words.checked, words: checked, class },
        applied(language, run),
    ];
    received.into_iter().chain(steps).collect()
}

/// How long it has taken so far, in milliseconds.
fn elapsed(now: Timestamp, run: &Run) -> Option<u64> {
    let until = run.finished_at.clone().unwrap_or_else(|| now.to_string());
    between(run.started_at.as_deref()?, &until)
}

fn read(language: Language, run: &Run, is_over: bool, ms: Option<u64>) -> String {
    let so_far = match (run.progress.bytes, &run.counts) {
        // A command does not say how far it is.
        (0, Some(counts)) => counts.bytes,
        (bytes, _) => bytes,
    };
    let all = run.progress.bytes_all.filter(|all| !is_over && *all > 0);
    let share = all.and_then(|all| percent(language, so_far, all));
    let told = (so_far > 0).then(|| bytes(language, so_far));
    let rate = rate(so_far, ms).map(|rate| format!("{}/s", bytes(language, rate)));
    [share, told, rate].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn checked(language: Language, run: &Run, ms: Option<u64>) -> String {
    let (records, refused) = (run.progress.records, run.progress.refused);
    let word = refused_word(language, run, refused);
    let refused = (refused > 0).then(|| format!("{} {word}", language.grouped(refused)));
    let rate = rate(records, ms).map(|rate| {
        let unit = language.pick("records/s", "Datensätze/s");
        format!("{} {unit}", language.grouped(rate))
    });
    let all = [Some(language.counted(records, RECORDS)), refused, rate];
    all.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// So many a second; none of what took too short to say.
fn rate(number: u64, ms: Option<u64>) -> Option<u64> {
    let ms = ms.filter(|ms| *ms >= RATE_MS_MIN)?;
    let rate = u128::from(number) * 1_000 / u128::from(ms);
    u64::try_from(rate).ok().filter(|rate| *rate > 0)
}

fn applied(language: Language, run: &Run) -> Step {
    let words = RunWords::of(language);
    let counts = run.counts.as_ref();
    let changed = counts.map_or(0, |counts| counts.inserted + counts.updated + counts.withdrawn);
    let (told, class) = match (run.command.as_str(), is_final(&run.state)) {
        ("check", _) => (words.not_applied.to_owned(), "left"),
        (_, false) => (words.to_come.to_owned(), "later"),
        (_, true) if changed == 0 => (words.nothing_applied.to_owned(), "left"),
        (_, true) => (counts.map(|counts| in_shop(language, counts)).unwrap_or_default(), "done"),
    };
    Step { name: words.applied, words: told, class }
}

/// So many bytes, for people: three digits at most.
fn bytes(language: Language, bytes: u64) -> String {
    const KB: u64 = 1_000;
    const MB: u64 = KB * KB;
    let tenths =
        |unit: u64| format!("{}{}{}", bytes / unit, language.pick(".", ","), bytes % unit * 10 / unit);
    match bytes {
        ..KB => format!("{bytes} B"),
        KB..MB => format!("{} kB", bytes / KB),
        _ => format!("{} MB", tenths(MB)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::run::testing::run;
    use crate::serve::run::{Counts, RunProgress};

    #[test]
    fn bytes_are_told_in_few_digits() {
        let of = |count| bytes(Language::German, count);
        assert_eq!([of(999), of(1_000), of(999_999), of(1_000_000)], ["999 B", "1 kB", "999 kB", "1,0 MB"]);
        assert_eq!(bytes(Language::English, 157_300_000), "157.3 MB");
    }

    fn told(run: &Run) -> Vec<(&'static str, String)> {
        let now = "2026-11-27T02:10:02.000Z".parse().expect("a moment");
        steps(Language::English, now, run, run.state == "failed")
            .into_iter()
            .map(|step| (step.class, step.words))
            .collect()
    }

    #[test]
    fn steps_say_how_far_it_is() {
        let classes = |run: &Run| told(run).iter().map(|(class, _)| *class).collect::<Vec<_>>();
        assert_eq!(classes(&run("queued", None, 0, 0)), ["done", "later", "later", "later"]);
        assert_eq!(classes(&run("running", None, 5, 0)), ["done", "now", "now", "later"]);
        assert_eq!(classes(&run("failed", None, 5, 0)), ["done", "broken", "broken", "left"]);
        let mut checked = run("succeeded", Some(0), 5, 0);
        assert_eq!(classes(&checked), ["done", "done", "done", "left"]);
        checked.counts = Some(Counts { inserted: 1, unchanged: 4, ..checked.counts.expect("counts") });
        checked.bytes = None;
        assert_eq!(classes(&checked), ["done", "done", "done"]);
        assert_eq!(told(&checked)[2].1, "1 new, 4 as before");
    }

    #[test]
    fn steps_say_how_fast_it_is_where_that_is_known() {
        let mut running = run("running", None, 5_000, 12);
        running.started_at = Some("2026-11-27T02:10:00.000Z".to_owned());
        running.progress = RunProgress { bytes: 250_000, bytes_all: Some(1_000_000), ..running.progress };
        assert_eq!(told(&running)[1].1, "25.0 % · 250 kB · 125 kB/s");
        assert_eq!(told(&running)[2].1, "5,000 records · 12 refused · 2,500 records/s");
        let mut by_command = run("succeeded", Some(0), 1, 0);
        by_command.progress = RunProgress { bytes: 0, bytes_all: None, ..by_command.progress };
        by_command.finished_at.clone_from(&by_command.started_at);
        assert_eq!((told(&by_command)[1].1.as_str(), told(&by_command)[2].1.as_str()), ("", "1 record"));
    }
}
