//! What a run came to, in numbers and in words.

use super::TraceLink;
use crate::pipeline::{Check, CheckState, FeedEnd, Tally};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Names of schema constructs kept for the verdict.
const CONSTRUCTS_MAX: usize = 100;

/// What became of accepted records in the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// Products written, new or changed.
    pub imported: u64,
    /// Products that were the same already.
    pub unchanged: u64,
    /// Products withdrawn.
    pub withdrawn: u64,
    /// Records put into quarantine.
    pub quarantined: u64,
    /// Feeds skipped because this very version was imported before.
    pub feeds_known: u64,
}

/// How the checks of all feeds went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckCounts {
    counts: BTreeMap<Check, StateCounts>,
    /// Constructs of the schemas that the engine did not check.
    pub unchecked: BTreeSet<String>,
    /// Why checks were skipped.
    pub skipped: BTreeSet<String>,
}

/// Feeds by the state of one check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StateCounts {
    /// Nothing found at error severity.
    pub passed: u64,
    /// Errors found.
    pub failed: u64,
    /// Not all of it could be judged.
    pub partial: u64,
    /// Not run.
    pub skipped: u64,
}

impl CheckCounts {
    /// Takes in the verdict of a feed.
    pub fn add(&mut self, end: &FeedEnd) {
        for (check, state) in &end.verdict.checks {
            let counts = self.counts.entry(*check).or_default();
            match state {
                CheckState::Passed => counts.passed += 1,
                CheckState::Failed => counts.failed += 1,
                CheckState::Partial(constructs) => {
                    counts.partial += 1;
                    keep(&mut self.unchecked, constructs);
                }
                CheckState::Skipped(why) => {
                    counts.skipped += 1;
                    keep(&mut self.skipped, std::slice::from_ref(why));
                }
            }
        }
    }

    /// Each check with its counts.
    pub fn iter(&self) -> impl Iterator<Item = (Check, StateCounts)> {
        self.counts.iter().map(|(check, counts)| (*check, *counts))
    }
}

fn keep(set: &mut BTreeSet<String>, names: &[String]) {
    for name in names {
        if set.len() < CONSTRUCTS_MAX {
            set.insert(name.clone());
        }
    }
}

/// The name of a check for people and programs.
#[must_use]
pub fn check_name(check: Check) -> &'static str {
    match check {
        Check::WellFormed => "well-formed",
        Check::Schema => "schema",
        Check::Rules => "rules",
    }
}

/// The exit status of the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExitStatus {
    /// 0.
    #[default]
    Accepted,
    /// 1.
    Deviations,
    /// 2.
    Failed,
    /// 3.
    Held,
    /// 4.
    NotFullyChecked,
    /// 5.
    Cancelled,
}

impl ExitStatus {
    /// All of them, by their numbers.
    pub const ALL: [Self; 6] =
        [Self::Accepted, Self::Deviations, Self::Failed, Self::Held, Self::NotFullyChecked, Self::Cancelled];

    /// The number the process ends with.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Accepted => 0,
            Self::Deviations => 1,
            Self::Failed => 2,
            Self::Held => 3,
            Self::NotFullyChecked => 4,
            Self::Cancelled => 5,
        }
    }

    /// The status of that number; anything unknown is a failure.
    #[must_use]
    pub fn of_code(code: u8) -> Self {
        match code {
            0 => Self::Accepted,
            1 => Self::Deviations,
            3 => Self::Held,
            4 => Self::NotFullyChecked,
            5 => Self::Cancelled,
            _ => Self::Failed,
        }
    }

    /// What it means.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Accepted => "everything was checked and accepted",
            Self::Deviations => "deviations at error severity",
            Self::Failed => "could not do all of it; see the errors above",
            Self::Held => "held by the guard",
            Self::NotFullyChecked => "not fully checked",
            Self::Cancelled => "cancelled by a signal before the end",
        }
    }

    /// The status of two feeds together: what could not be done outweighs what was found.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let weight = |status| match status {
            Self::Accepted => 0,
            Self::NotFullyChecked => 1,
            Self::Held => 2,
            Self::Deviations => 3,
            Self::Failed => 4,
            Self::Cancelled => 5,
        };
        if weight(other) > weight(self) { other } else { self }
    }
}

/// Everything the end of a report tells.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Counts over all feeds that were read.
    pub tally: Tally,
    /// Feeds that could not be opened or read.
    pub feeds_failed: u64,
    /// Deviations that were told one by one; the tally counts all.
    pub findings_told: u64,
    /// What became of the records, for an import.
    pub import: Option<ImportCounts>,
    /// Whether nothing was to be written.
    pub dry_run: bool,
    /// The run's name in the database.
    pub run: Option<String>,
    /// How the checks went.
    pub checks: CheckCounts,
    /// Time from start to end.
    pub elapsed: Duration,
    /// Why the run ended before its time, if it did.
    pub failure: Option<String>,
    /// Its trace, when there is one.
    pub trace: Option<TraceLink>,
    /// How the program will end.
    pub status: ExitStatus,
}

impl Summary {
    /// Decoded bytes per second, in millions.
    #[must_use]
    pub fn megabytes_per_second(&self) -> f64 {
        let seconds = self.elapsed.as_secs_f64();
        if seconds > 0.0 { self.tally.bytes as f64 / 1e6 / seconds } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_survives_its_number() {
        for (code, status) in (0..).zip(ExitStatus::ALL) {
            assert_eq!((ExitStatus::of_code(code), status.code()), (status, code));
        }
        assert_eq!(ExitStatus::of_code(77), ExitStatus::Failed);
    }

    #[test]
    fn the_graver_status_stands() {
        use ExitStatus::{Accepted, Cancelled, Deviations, Failed, Held, NotFullyChecked};
        let rising = [Accepted, NotFullyChecked, Held, Deviations, Failed, Cancelled];
        for (at, low) in rising.iter().enumerate() {
            for high in &rising[at..] {
                assert_eq!((low.and(*high), high.and(*low)), (*high, *high));
            }
        }
    }
}
