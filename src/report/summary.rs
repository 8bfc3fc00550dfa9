//! What a run came to, in numbers and in words.

use super::TraceLink;
use crate::judgement::{Acceptance, Check, CheckState, FeedEnd, Recognised, Tally};
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
    /// Records that were passed over, because a newer version was there.
    pub stale: u64,
    /// Records put into quarantine, or that lie there with the same bytes: the refused ones of feeds that were applied.
    pub quarantined: u64,
    /// Feeds skipped because this very version was imported before.
    pub feeds_known: u64,
}

impl ImportCounts {
    /// Whether no feed left a trace in the shop or in quarantine, now or before.
    pub(super) fn changes_nothing(&self) -> bool {
        let Self { imported, unchanged, withdrawn, stale, quarantined, feeds_known } = self;
        imported + unchanged + withdrawn + stale + quarantined + feeds_known == 0
    }
}

/// Feeds that were told as they were judged before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecognisedFeeds {
    /// How many there are.
    pub count: u64,
    /// When the first of them was judged, UTC.
    pub since: Option<String>,
}

impl RecognisedFeeds {
    /// Takes note of a feed, if it is one.
    pub(super) fn add(&mut self, end: &FeedEnd) {
        let Some(Recognised { since, .. }) = &end.start.recognised else { return };
        self.count += 1;
        if self.since.as_ref().is_none_or(|first| since < first) {
            self.since = Some(since.clone());
        }
    }

    /// What there is to say of them.
    pub(super) fn sentence(&self) -> Option<String> {
        let since = self.since.as_ref()?;
        let feeds = if self.count == 1 { "feed was" } else { "feeds were" };
        Some(format!(
            "{} {feeds} recognised by the bytes, told as judged at {since} (`--revalidate` reads it)",
            self.count
        ))
    }
}

/// How the checks of all feeds went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckCounts {
    counts: BTreeMap<Check, StateCounts>,
    /// Constructs of the schemas that the engine did not check.
    pub unchecked: BTreeSet<String>,
    /// Why checks had nothing to look at.
    pub skipped: BTreeSet<String>,
    /// Why checks were not brought to their end.
    pub not_done: BTreeSet<String>,
}

/// Feeds by the state of one check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct StateCounts {
    /// Nothing found at error severity.
    pub(super) passed: u64,
    /// Errors found.
    pub(super) failed: u64,
    /// Not all of it could be judged.
    pub(super) partial: u64,
    /// Nothing to look at.
    pub(super) skipped: u64,
    /// Not brought to the end.
    pub(super) not_done: u64,
}

impl StateCounts {
    /// The words for all states, in the order in which they are told.
    pub(super) const WORDS: [&'static str; 5] = ["passed", "failed", "partly", "skipped", "not done"];

    /// The number under each of the words.
    pub(super) fn numbers(self) -> [u64; 5] {
        [self.passed, self.failed, self.partial, self.skipped, self.not_done]
    }
}

impl CheckCounts {
    /// Takes in the verdict of a feed.
    pub(super) fn add(&mut self, end: &FeedEnd) {
        for (check, state) in &end.verdict.checks {
            let counts = self.counts.entry(*check).or_default();
            match state {
                CheckState::Passed => counts.passed += 1,
                CheckState::Failed => counts.failed += 1,
                CheckState::Partial(constructs) => {
                    counts.partial += 1;
                    keep(&mut self.unchecked, constructs);
                }
                CheckState::NotApplicable(why) => {
                    counts.skipped += 1;
                    keep(&mut self.skipped, &[(*why).to_owned()]);
                }
                CheckState::NotDone(why) => {
                    counts.not_done += 1;
                    keep(&mut self.not_done, &[why.to_string()]);
                }
            }
        }
    }

    /// Each check with its counts.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Check, StateCounts)> {
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

/// Everything the end of a report tells.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Counts over all feeds that were read.
    pub tally: Tally,
    /// Feeds by what they came to, also those that could not be begun.
    pub verdicts: BTreeMap<Acceptance, u64>,
    /// Deviations that were told one by one; the tally counts all.
    pub findings_told: u64,
    /// What became of the records, for an import.
    pub import: Option<ImportCounts>,
    /// Feeds that were known by their bytes, and not read.
    pub recognised: RecognisedFeeds,
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
    /// What the run came to; how the program will end.
    pub status: Acceptance,
}

impl Summary {
    /// Takes in what a feed came to.
    pub(super) fn judge(&mut self, acceptance: Acceptance) {
        *self.verdicts.entry(acceptance).or_default() += 1;
        self.status = self.status.and(acceptance);
    }

    /// Feeds that came to this; those that could not be read are [`Acceptance::Failed`].
    pub(super) fn feeds(&self, acceptance: Acceptance) -> u64 {
        self.verdicts.get(&acceptance).copied().unwrap_or_default()
    }

    /// All feeds that anything is known of.
    #[must_use]
    pub fn all_feeds(&self) -> u64 {
        self.verdicts.values().sum()
    }

    /// Decoded bytes per second, in millions.
    pub(super) fn megabytes_per_second(&self) -> f64 {
        let seconds = self.elapsed.as_secs_f64();
        if seconds > 0.0 { self.tally.bytes as f64 / 1e6 / seconds } else { 0.0 }
    }
}
