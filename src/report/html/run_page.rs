//! What the templates of the page are filled with.

use super::chart::Chart;
use super::code_spread::CodeSpread;
use super::words::ReportWords;
use super::{FEEDS_MAX, FeedRow, FeedRows};
use crate::judgement::{Acceptance, Group, Groups, Language, Severity};
use crate::report::escape::shown;
use crate::report::excerpt::MarkedExcerpt;
use crate::report::headline::{Deed, Ended, Headline, Things};
use crate::report::sample::Sample;
use crate::report::{Summary, codes, filters, german, summary_table};
use askama::Template;
use jiff::Timestamp;
use std::borrow::Borrow;
use std::collections::BTreeSet;

/// Groups on the page.
pub(super) const GROUPS_SHOWN_MAX: usize = 200;
/// Groups that are open from the beginning.
const GROUPS_OPEN: usize = 3;
const FEEDS: [[&str; 2]; 2] = [["feed", "feeds"], ["Lieferung", "Lieferungen"]];
const DOCUMENTS: [[&str; 2]; 2] = [["document", "documents"], ["Dokument", "Dokumente"]];
const IN_RECORDS: [[&str; 2]; 2] = [["record", "records"], ["Datensatz", "Datensätzen"]];
/// The code of what a feed is held for.
const GUARD: &str = "rule.guard";
/// The code of a feed of which nobody knows whose it is.
const NO_SENDER: &str = "rule.no-sender";

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
    pub(super) language: Language,
    pub(super) words: &'static ReportWords,
}

/// Rows of the table of feeds.
struct ListedFeeds<'a> {
    rows: Vec<&'a FeedRow>,
    /// How many feeds have no row: those with something to say, and others.
    left_out: [u64; 2],
}

impl RunPage<'_> {
    fn deviations(&self) -> u64 {
        self.summary.tally.findings.values().sum()
    }

    /// Deviations that were not told one by one.
    fn untold(&self) -> u64 {
        self.deviations().saturating_sub(self.summary.findings_told)
    }

    fn meaning(&self) -> &'static str {
        match self.summary.status {
            Acceptance::Accepted => self.words.all_accepted,
            Acceptance::Deviations => self.words.with_deviations,
            Acceptance::Failed => self.words.could_not,
            Acceptance::Held => self.words.is_held,
            Acceptance::NotFullyChecked => self.words.not_fully_checked,
            Acceptance::Cancelled => self.words.cancelled,
        }
    }

    fn effort(&self) -> String {
        let (seconds, bytes) = (self.summary.elapsed.as_secs_f64(), self.summary.tally.bytes);
        let told =
            format!("{seconds:.1} s {} {:.1} MB", self.language.pick("for", "für"), bytes as f64 / 1e6);
        if self.language == Language::German { told.replace('.', ",") } else { told }
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
            deed: if summary.import.is_some() && !summary.dry_run { Deed::Import } else { Deed::Check },
            feeds: summary.all_feeds(),
            unread: summary.feeds(Acceptance::Failed),
            held: summary.feeds(Acceptance::Held),
            known: summary.import.map_or(0, |import| import.feeds_known),
            turned_down: summary.import.map_or(0, |import| u64::from(import.changes_nothing())),
            records: tally.records,
            refused: tally.refused,
            findings: self.deviations(),
            fatals: tally.findings.iter().filter_map(fatal).sum(),
            is_nobodys: summary.import.is_some() && summary.all_feeds() == 1 && self.names_no_sender(),
            unchecked: summary.checks.unchecked.iter().map(String::as_str).collect(),
            rolls_back: None,
            would: None,
        };
        Headline::of(self.language, &ended)
    }

    fn names_no_sender(&self) -> bool {
        self.summary.tally.findings.keys().any(|(code, _)| &**code == NO_SENDER)
    }

    /// What it is about: the feed, or how many there are.
    fn about(&self) -> String {
        let things = if self.of_schemas() { DOCUMENTS } else { FEEDS };
        match self.only_feed() {
            Some(feed) if feed.about.is_empty() => feed.name.clone(),
            Some(feed) => format!("{} ({})", feed.name, feed.about),
            None => self.language.counted(self.summary.all_feeds(), things),
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
        let broken_off = self.language.pick("The run was broken off", "Der Lauf wurde abgebrochen");
        lines.extend(summary.failure.as_ref().map(|why| format!("{broken_off}: {}", self.sentence(why))));
        lines.extend(self.only_feed().and_then(|feed| feed.verdict.why()).map(|why| self.sentence(why)));
        let known = self.only_feed().map(|feed| feed.known.clone()).filter(|known| !known.is_empty());
        lines.extend(known);
        let guards = self.groups.by_severity().into_iter().filter(|group| group.code == GUARD);
        lines.extend(guards.map(|group| self.language.heading(group)));
        lines.extend(summary.dry_run.then(|| self.words.dry_run.to_owned()));
        lines
    }

    /// The numbers that matter; one that says nothing happened is left out.
    fn totals(&self) -> Vec<(&'static str, u64)> {
        let (summary, tally, words) = (self.summary, &self.summary.tally, self.words);
        let all = summary.all_feeds();
        let feeds = (if self.of_schemas() { words.documents } else { words.feeds }, all);
        let mut totals: Vec<_> = (all != 1).then_some(feeds).into_iter().collect();
        let unread = (words.unread, summary.feeds(Acceptance::Failed));
        totals.extend((all != 1).then_some(unread).filter(|(_, number)| *number > 0));
        if self.has_records() {
            totals.extend([(words.records, tally.records), (self.refused(), tally.refused)]);
        }
        match &summary.import {
            Some(import) => totals.extend(
                [
                    (words.imported, import.imported),
                    (words.unchanged, import.unchanged),
                    (words.withdrawn, import.withdrawn),
                    (words.stale, import.stale),
                    (words.quarantined, import.quarantined),
                    (words.known, import.feeds_known),
                    (words.recognised, summary.recognised.count),
                ]
                .into_iter()
                // All that are refused are in quarantine, as a rule.
                .filter(|(name, number)| *name != words.quarantined || *number != tally.refused)
                .filter(|(name, number)| *number > 0 || *name == words.imported),
            ),
            None => totals.extend(self.has_records().then_some((words.accepted, tally.accepted))),
        }
        totals.push((words.deviations, self.deviations()));
        totals
    }

    /// What refused records are called: a check refuses nothing.
    fn refused(&self) -> &'static str {
        if self.summary.import.is_some() { self.words.refused } else { self.words.would_be_refused }
    }

    /// The states that a check of these feeds is in, each with its place among all.
    fn states(&self) -> Vec<(usize, &'static str)> {
        let words = self.words;
        let states = [words.passed, words.failed, words.partly, words.skipped, words.not_done];
        let named = states.into_iter().enumerate();
        named
            .filter(|(at, _)| self.summary.checks.iter().any(|(_, counts)| counts.numbers()[*at] > 0))
            .collect()
    }

    /// How many of these groups there are of each severity, with its name, the gravest first.
    fn severities(&self, groups: &[&Group<Sample>]) -> Vec<(Severity, &'static str, u64)> {
        let mut counts: Vec<(Severity, &'static str, u64)> = Vec::new();
        for group in groups {
            match counts.last_mut() {
                Some((severity, _, count)) if *severity == group.severity => *count += 1,
                _ => counts.push((group.severity, self.severity(group.severity), 1)),
            }
        }
        counts
    }

    fn severity(&self, severity: impl Borrow<Severity>) -> &'static str {
        match severity.borrow() {
            Severity::Notice => self.words.notice,
            Severity::Warning => self.words.warning,
            Severity::Error => self.words.error,
            Severity::Fatal => self.words.fatal,
        }
    }

    /// A sentence of ours that no finding says.
    fn sentence(&self, english: &str) -> String {
        match self.language {
            Language::English => english.to_owned(),
            Language::German => german::sentence(english).into_owned(),
        }
    }

    /// What is asked for under a code.
    fn demand(&self, code: &str) -> Option<String> {
        let german = || german::explanation(code)?.demand;
        let german = if self.language == Language::German { german() } else { None };
        german.or_else(|| codes::demand(code).map(str::to_owned))
    }

    /// What a feed came to, and why.
    fn verdict(&self, feed: &FeedRow) -> String {
        let words = match feed.verdict.acceptance {
            Acceptance::Accepted => self.words.feed_accepted,
            Acceptance::NotFullyChecked => self.words.not_fully_checked,
            Acceptance::Held => self.words.is_held,
            Acceptance::Deviations => self.words.feed_deviations,
            Acceptance::Failed => self.words.feed_unread,
            Acceptance::Cancelled => self.words.feed_cancelled,
        };
        match feed.verdict.why() {
            Some(why) => format!("{words}: {}", shown(&self.sentence(why))),
            None => words.to_owned(),
        }
    }

    /// How often the findings of a group stand in how many records.
    fn times(&self, group: &Group<Sample>) -> String {
        match self.language {
            Language::English => summary_table::times(group.count, group.records),
            Language::German => {
                let times = format!("{}-mal", self.language.grouped(group.count));
                match (group.count, group.records) {
                    (1, _) => "einmal".to_owned(),
                    (_, 0) => times,
                    (_, records) => format!("{times} in {}", self.language.counted(records, IN_RECORDS)),
                }
            }
        }
    }

    fn where_told(&self) -> String {
        let last = self.language.grouped(self.spread.last());
        match self.language {
            Language::English => {
                format!(
                    "Where: the bars go from the first record to number {last}, in the order they were read."
                )
            }
            Language::German => {
                format!(
                    "Wo: Die Balken reichen vom ersten Datensatz bis Nummer {last}, in der Reihenfolge, in der \
                     gelesen wurde."
                )
            }
        }
    }

    fn untold_told(&self, untold: u64) -> String {
        let number = self.language.grouped(untold);
        match self.language {
            Language::English => {
                format!("{number} deviations more were counted and are not told one by one.")
            }
            Language::German => {
                format!("{number} weitere Abweichungen sind gezählt und nicht einzeln aufgeführt.")
            }
        }
    }

    fn more_like_it(&self, more: usize) -> String {
        let number = self.language.grouped(more as u64);
        match self.language {
            Language::English => format!("{number} more like it"),
            Language::German => format!("{number} weitere dieser Art"),
        }
    }

    fn not_shown(&self, left_out: u64) -> String {
        let number = self.language.grouped(left_out);
        match self.language {
            Language::English => {
                format!("{number} more are counted and not shown: the report in JSON has each.")
            }
            Language::German => {
                format!("{number} weitere sind gezählt und nicht gezeigt: Der JSON-Bericht enthält jede.")
            }
        }
    }

    fn kinds_not_shown(&self, hidden: u64, kinds: u64) -> String {
        let [hidden, kinds] = [hidden, kinds].map(|number| self.language.grouped(number));
        match self.language {
            Language::English => format!(
                "{hidden} deviations more, among them {kinds} kinds that are no longer shown, are counted above."
            ),
            Language::German => format!(
                "{hidden} weitere Abweichungen, darunter {kinds} nicht mehr gezeigte Arten, sind oben mitgezählt."
            ),
        }
    }

    /// How many feeds have no row, and which.
    fn feeds_left_out(&self, listed: &ListedFeeds<'_>) -> Vec<String> {
        let [noteworthy, clean] = listed.left_out;
        let told = |number: u64, english: &str, german: &str| {
            let count = self.language.grouped(number);
            let told = match self.language {
                Language::English => format!("{count} more {english} are counted above and not listed."),
                Language::German => {
                    format!("{count} weitere {german} sind oben mitgezählt und nicht aufgeführt.")
                }
            };
            (number > 0).then_some(told)
        };
        let all = [
            told(noteworthy, "with deviations", "mit Abweichungen"),
            told(clean, "without deviations", "ohne Abweichungen"),
        ];
        all.into_iter().flatten().collect()
    }

    /// What a search does not reach, where it does not reach all.
    fn cut(&self, groups: &[&Group<Sample>]) -> String {
        if groups.iter().all(|group| self.left_out_of(group) == 0) {
            return String::new();
        }
        self.words.cut.to_owned()
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
            (self.words.unchecked, &checks.unchecked),
            (self.words.skipped_for, &checks.skipped),
            (self.words.not_done_for, &checks.not_done),
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
            left_out: [*noteworthy_left_out, clean_left_out],
        }
    }
}
