//! What the templates of the page are filled with.

use super::chart::Chart;
use super::code_spread::CodeSpread;
use super::{FEEDS_MAX, FeedRow, FeedRows};
use crate::judgement::{Acceptance, Group, Groups};
use crate::report::Summary;
use crate::report::excerpt::MarkedExcerpt;
use crate::report::filters;
use crate::report::sample::Sample;
use askama::Template;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Groups on the page.
pub(super) const GROUPS_SHOWN_MAX: usize = 200;
/// Groups that are open from the beginning.
const GROUPS_OPEN: usize = 5;

/// All that stands on a page.
#[derive(Template)]
#[template(path = "html/run_page.html")]
pub(super) struct RunPage<'a> {
    pub(super) command: &'static str,
    pub(super) started: Option<Timestamp>,
    pub(super) summary: &'a Summary,
    pub(super) groups: &'a Groups<Sample>,
    pub(super) spread: &'a CodeSpread,
    pub(super) feeds: &'a FeedRows,
}

/// Rows of the table of feeds.
struct ListedFeeds<'a> {
    rows: Vec<&'a FeedRow>,
    /// How many feeds have no row, and which.
    left_out: [(u64, &'static str); 2],
}

impl RunPage<'_> {
    fn deviations(&self) -> u64 {
        self.summary.tally.findings.values().sum()
    }

    /// Deviations that were not told one by one.
    fn untold(&self) -> u64 {
        self.deviations().saturating_sub(self.summary.findings_told)
    }

    /// What the status means, without the part that sends the reader of a terminal elsewhere.
    fn meaning(&self) -> &'static str {
        let meaning = self.summary.status.meaning();
        meaning.split_once(';').map_or(meaning, |(meaning, _)| meaning)
    }

    fn effort(&self) -> String {
        let (seconds, bytes) = (self.summary.elapsed.as_secs_f64(), self.summary.tally.bytes);
        format!("{seconds:.1} s for {:.1} MB", bytes as f64 / 1e6)
    }

    /// Whether the run was over schema documents.
    fn of_schemas(&self) -> bool {
        self.command == "schema check"
    }

    /// Whether there is anything to say of records; a schema has none.
    fn has_records(&self) -> bool {
        self.spread.last() > 0 || self.summary.import.is_some()
    }

    fn totals(&self) -> Vec<(&'static str, u64)> {
        let (summary, tally) = (self.summary, &self.summary.tally);
        let unread = summary.feeds(Acceptance::Failed);
        let mut totals = vec![(if self.of_schemas() { "documents" } else { "feeds" }, summary.all_feeds())];
        if !self.has_records() {
            totals.extend([("not readable", unread), ("deviations", self.deviations())]);
            return totals;
        }
        if unread > 0 {
            totals.push(("feeds not readable", unread));
        }
        totals.push(("records", tally.records));
        match &summary.import {
            Some(import) => {
                totals.extend([
                    ("imported", import.imported),
                    ("unchanged", import.unchanged),
                    ("withdrawn", import.withdrawn),
                ]);
                totals.extend((import.stale > 0).then_some(("older, passed over", import.stale)));
                totals.extend([
                    ("in quarantine", import.quarantined),
                    ("feeds imported before", import.feeds_known),
                ]);
            }
            None => totals.push(("accepted", tally.accepted)),
        }
        totals.extend([("refused", tally.refused), ("deviations", self.deviations())]);
        totals
    }

    /// What was not judged, and why.
    fn unjudged(&self) -> [(&'static str, &BTreeSet<String>); 3] {
        let checks = &self.summary.checks;
        [
            ("Not checked by the engine", &checks.unchecked),
            ("Skipped", &checks.skipped),
            ("Not done", &checks.not_done),
        ]
    }

    /// The groups on the page; how many kinds of deviations are not, and how many deviations.
    fn groups_shown(&self) -> (Vec<&Group<Sample>>, u64, u64) {
        let mut shown = self.groups.by_severity();
        let hidden = shown.split_off(shown.len().min(GROUPS_SHOWN_MAX));
        let ungrouped = self.groups.ungrouped().map_or(0, |ungrouped| ungrouped.count);
        let count = hidden.iter().map(|group| group.count).sum::<u64>() + ungrouped;
        (shown, hidden.len() as u64, count)
    }

    /// The feeds with something to say, then others while there is room.
    fn feeds_listed(&self) -> ListedFeeds<'_> {
        let FeedRows { noteworthy, clean, noteworthy_left_out, clean_left_out } = self.feeds;
        let room = clean.len().min(FEEDS_MAX.saturating_sub(noteworthy.len()));
        let clean_left_out = clean_left_out + (clean.len() - room) as u64;
        ListedFeeds {
            rows: noteworthy.iter().chain(&clean[..room]).collect(),
            left_out: [(*noteworthy_left_out, "with deviations"), (clean_left_out, "without deviations")],
        }
    }
}
