//! What the templates of the page are filled with.

use super::chart::Chart;
use super::code_spread::CodeSpread;
use super::{FEEDS_MAX, FeedRow, FeedRows};
use crate::judgement::{Acceptance, Group, Groups, Language, Severity};
use crate::report::excerpt::MarkedExcerpt;
use crate::report::headline::{Deed, Ended, Headline, Things};
use crate::report::sample::Sample;
use crate::report::summary::StateCounts;
use crate::report::{Summary, counted, filters};
use askama::Template;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Groups on the page.
pub(super) const GROUPS_SHOWN_MAX: usize = 200;
/// Groups that are open from the beginning.
const GROUPS_OPEN: usize = 3;
/// The code of what a feed is held for.
const GUARD: &str = "rule.guard";

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
    /// Samples of a group that are not folded away.
    pub(super) samples: usize,
    /// Language of sentences.
    pub(super) language: Language,
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

    fn title(&self) -> String {
        format!("{}: {}", self.headline().words, self.about())
    }

    fn headline(&self) -> Headline {
        let (summary, tally) = (self.summary, &self.summary.tally);
        let fatal = |((_, severity), number): (&(_, Severity), &u64)| {
            (*severity == Severity::Fatal).then_some(*number)
        };
        let ended = Ended {
            status: summary.status,
            things: if self.of_schemas() { Things::Documents } else { Things::Feeds },
            deed: if summary.import.is_some() { Deed::Import } else { Deed::Check },
            feeds: summary.all_feeds(),
            unread: summary.feeds(Acceptance::Failed),
            held: summary.feeds(Acceptance::Held),
            known: summary.import.map_or(0, |import| import.feeds_known),
            records: tally.records,
            refused: tally.refused,
            findings: self.deviations(),
            fatals: tally.findings.iter().filter_map(fatal).sum(),
            unchecked: summary.checks.unchecked.iter().map(String::as_str).collect(),
            rolls_back: None,
            would: None,
        };
        Headline::of(self.language, &ended)
    }

    /// What it is about: the feed, or how many there are.
    fn about(&self) -> String {
        let thing = if self.of_schemas() { "document" } else { "feed" };
        match self.only_feed() {
            Some(feed) if feed.about.is_empty() => feed.name.clone(),
            Some(feed) => format!("{} ({})", feed.name, feed.about),
            None => counted(self.summary.all_feeds(), thing),
        }
    }

    /// The feed, when it is the only one.
    fn only_feed(&self) -> Option<&FeedRow> {
        let FeedRows { noteworthy, clean, .. } = self.feeds;
        let mut all = noteworthy.iter().chain(clean);
        all.next().filter(|_| all.next().is_none())
    }

    /// Whether the feeds have a table; of one alone the heading tells all.
    fn has_feed_table(&self) -> bool {
        self.feeds_listed().rows.len() > 1
    }

    /// What the headline leaves open.
    fn below(&self) -> Vec<String> {
        let summary = self.summary;
        let mut lines = Vec::new();
        lines.extend(summary.failure.as_ref().map(|why| format!("The run was broken off: {why}")));
        lines.extend(self.only_feed().and_then(|feed| feed.verdict.why()).map(str::to_owned));
        let guards = self.groups.by_severity().into_iter().filter(|group| group.code == GUARD);
        lines.extend(guards.map(|group| self.language.heading(group).into_owned()));
        lines.extend(summary.dry_run.then(|| "A dry run: nothing was written.".to_owned()));
        lines
    }

    /// The numbers that matter; one that says nothing happened is left out.
    fn totals(&self) -> Vec<(&'static str, u64)> {
        let (summary, tally) = (self.summary, &self.summary.tally);
        let all = summary.all_feeds();
        let feeds = (if self.of_schemas() { "documents" } else { "feeds" }, all);
        let mut totals: Vec<_> = (all != 1).then_some(feeds).into_iter().collect();
        let unread = ("not readable", summary.feeds(Acceptance::Failed));
        totals.extend((all != 1).then_some(unread).filter(|(_, number)| *number > 0));
        if self.has_records() {
            totals.extend([("records", tally.records), ("refused", tally.refused)]);
        }
        match &summary.import {
            Some(import) => totals.extend(
                [
                    ("imported", import.imported),
                    ("unchanged", import.unchanged),
                    ("withdrawn", import.withdrawn),
                    ("older, passed over", import.stale),
                    ("in quarantine", import.quarantined),
                    ("feeds imported before", import.feeds_known),
                ]
                .into_iter()
                // All that are refused are in quarantine, as a rule.
                .filter(|(name, number)| *name != "in quarantine" || *number != tally.refused)
                .filter(|(name, number)| *number > 0 || *name == "imported"),
            ),
            None => totals.extend(self.has_records().then_some(("accepted", tally.accepted))),
        }
        totals.push(("deviations", self.deviations()));
        totals
    }

    /// The states that a check of these feeds is in, each with its place among all.
    fn states(&self) -> Vec<(usize, &'static str)> {
        let named = StateCounts::WORDS.into_iter().enumerate();
        named
            .filter(|(at, _)| self.summary.checks.iter().any(|(_, counts)| counts.numbers()[*at] > 0))
            .collect()
    }

    /// How many of these groups there are of each severity, the gravest first.
    #[expect(clippy::unused_self, reason = "a template calls it so")]
    fn severities(&self, groups: &[&Group<Sample>]) -> Vec<(Severity, u64)> {
        let mut counts: Vec<(Severity, u64)> = Vec::new();
        for group in groups {
            match counts.last_mut() {
                Some((severity, count)) if *severity == group.severity => *count += 1,
                _ => counts.push((group.severity, 1)),
            }
        }
        counts
    }

    /// What a search does not reach, where it does not reach all.
    fn cut(&self, groups: &[&Group<Sample>]) -> String {
        if groups.iter().all(|group| self.left_out_of(group) == 0) {
            return String::new();
        }
        "not all of it is on this page, the report in JSON has each".to_owned()
    }

    /// The samples of a group that are seen at once, and those that are folded away.
    fn samples_of<'g>(&self, group: &'g Group<Sample>) -> (&'g [Sample], &'g [Sample]) {
        group.samples.split_at(self.samples.max(1).min(group.samples.len()))
    }

    /// Findings of a group that have no sample.
    #[expect(clippy::unused_self, reason = "a template calls it so")]
    fn left_out_of(&self, group: &Group<Sample>) -> u64 {
        group.count.saturating_sub(group.samples.len() as u64)
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
