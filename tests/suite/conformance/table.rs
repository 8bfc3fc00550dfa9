//! What the run came to, beside what it has to reach.

use super::departures::Departures;
use super::run::{Outcome, Wrong};
use super::{ALL_MIN, CASE_TIME_MAX, MEMORY_MIB_MAX, SCHEMA_INVALID_MIN};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

/// The figures that have targets, and all of them as text.
pub(super) struct Table {
    pub(super) text: String,
    pub(super) all: Rate,
    pub(super) schema_invalid: Rate,
    pub(super) memory_mib: Option<u64>,
}

/// Right answers of so many.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rate {
    right: usize,
    count: usize,
}

impl Rate {
    fn of<'a>(outcomes: impl Iterator<Item = &'a Outcome<'a>>) -> Self {
        outcomes.fold(Self::default(), |rate, each| Self {
            right: rate.right + usize::from(each.wrong.is_none()),
            count: rate.count + 1,
        })
    }

    pub(super) fn percent(self) -> f64 {
        self.right as f64 * 100.0 / self.count.max(1) as f64
    }
}

pub(super) fn of(outcomes: &[Outcome<'_>], departures: &Departures, elapsed: Duration) -> Table {
    let counted = || outcomes.iter().filter(|each| each.row.counts());
    let kind = |kind: &str, expected: &str| {
        Rate::of(counted().filter(|each| each.row.kind == kind && each.row.expected == expected))
    };
    let (all, schema_invalid) = (Rate::of(counted()), kind("schema", "invalid"));
    let mut text = String::new();
    let mut line = |name: &str, found: String, target: String| {
        writeln!(text, "{name:36} {found:>24}   {target}").expect("a string takes everything");
    };
    let rate = |rate: Rate| format!("{} of {}  {:7.3} %", rate.right, rate.count, rate.percent());
    let grave = |grave: Wrong| outcomes.iter().filter(|each| each.wrong == Some(grave)).count();

    line("XSD 1.0, open half", "answered as expected".to_owned(), "target".to_owned());
    line("all counted cases", rate(all), format!("at least {ALL_MIN} %"));
    line("  schema documents, valid", rate(kind("schema", "valid")), String::new());
    line("  schema documents, invalid", rate(schema_invalid), format!("at least {SCHEMA_INVALID_MIN} %"));
    line("  instances, valid", rate(kind("instance", "valid")), String::new());
    line("  instances, invalid", rate(kind("instance", "invalid")), String::new());
    let nist = Rate::of(outcomes.iter().filter(|each| each.row.is_nist()));
    line("NIST datatype cases", rate(nist), "all but those that every validator contradicts".to_owned());
    for (set, rate_of_set) in imperfect_sets(outcomes) {
        line(&format!("  wrong in set {set}"), rate(rate_of_set), String::new());
    }
    line("departures", departures.departure.len().to_string(), "each explained".to_owned());
    for (theme, count) in departures.themes() {
        line(&format!("  {theme}"), count.to_string(), String::new());
    }
    line("known to be our fault", departures.known.len().to_string(), String::new());
    let runs = format!("in {} rows", outcomes.len());
    line(&format!("crashes {runs}"), grave(Wrong::Crash).to_string(), "none".to_owned());
    line(
        &format!("over {} s {runs}", CASE_TIME_MAX.as_secs()),
        grave(Wrong::Late).to_string(),
        "none".to_owned(),
    );
    let memory_mib = peak_memory_mib();
    let memory = memory_mib.map_or("not known".to_owned(), |mib| format!("{mib} MiB"));
    line("peak memory of the test program", memory, format!("at most {MEMORY_MIB_MAX} MiB"));
    line("time for all rows", format!("{:.1} s", elapsed.as_secs_f64()), "well under a minute".to_owned());
    Table { text, all, schema_invalid, memory_mib }
}

/// Sets with wrong answers.
fn imperfect_sets<'a>(outcomes: &'a [Outcome<'_>]) -> BTreeMap<&'a str, Rate> {
    let mut sets: BTreeMap<&str, Rate> = BTreeMap::new();
    for each in outcomes.iter().filter(|each| each.is_scored()) {
        let rate = sets.entry(&each.row.set).or_default();
        rate.right += usize::from(each.wrong.is_none());
        rate.count += 1;
    }
    sets.retain(|_, rate| rate.right < rate.count);
    sets
}

/// The most memory the program ever held, as Linux counts it.
fn peak_memory_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib / 1024)
}
