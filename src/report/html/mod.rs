//! The report as one page: for a phone at night and for a mail in the morning.
//!
//! The page stands alone, as all pages do (see [`super::page`]), and all that stems from a feed is text in it. It tells
//! groups, never all findings, and is written at the end of the run: what came of it in one sentence, the numbers that
//! matter, groups with samples, feeds, where the deviations stand, checks.
//!
//! The markup stands in templates beside this file, `run_page.html` and its parts; [`run_page::RunPage`] is what
//! fills them. They escape everything for HTML; what stems from a feed passes the filter `shown` as well.
//!
//! What may grow is bounded: [`run_page::GROUPS_SHOWN_MAX`], [`SAMPLES_MAX`], [`FEEDS_MAX`], and the buckets of
//! [`code_spread`]. What is left out is counted and said.

mod chart;
mod code_spread;
mod run_page;
mod words;

use super::escape::shown;
use super::feed_verdict::FeedVerdict;
use super::sample::Sample;
use super::{NamedFinding, Reporter, RunStart, Summary};
use crate::judgement::{Acceptance, FeedEnd, FeedStart, GroupLimits, Groups, Language, Recognised};
use askama::Template;
use code_spread::CodeSpread;
use jiff::Timestamp;
use run_page::RunPage;
use std::io::{self, Write};
use words::ReportWords;

/// Samples of one group; those beyond what was asked for are folded away.
const SAMPLES_MAX: usize = 100;
/// Samples of all groups: some two million bytes of page.
const ALL_SAMPLES_MAX: usize = 5_000;
/// Kinds of deviations that are kept apart.
const GROUPS_MAX: usize = 1_000;
/// Feeds with something to say, and feeds without, that are kept.
const FEEDS_MAX: usize = 500;

/// Writes the `html` form, all of it at the end of the run.
pub struct HtmlReporter<W: Write> {
    out: W,
    command: &'static str,
    started: Option<Timestamp>,
    groups: Groups<Sample>,
    spread: CodeSpread,
    feeds: FeedRows,
    samples: usize,
    language: Language,
}

/// Feeds on their way to the table.
#[derive(Debug, Default)]
struct FeedRows {
    /// With deviations, not fully checked, or not read.
    noteworthy: Vec<FeedRow>,
    clean: Vec<FeedRow>,
    noteworthy_left_out: u64,
    clean_left_out: u64,
}

/// A row of the table.
#[derive(Debug)]
struct FeedRow {
    name: String,
    /// Format and sender.
    about: String,
    /// What there is to say where its bytes were known; empty where they were not.
    known: String,
    /// Records, refused ones, deviations; none when it could not be begun.
    counts: Option<[u64; 3]>,
    verdict: FeedVerdict,
}

/// What there is to say of a feed whose bytes were known.
fn known(end: &FeedEnd, language: Language) -> String {
    let Some(Recognised { run, since, .. }) = &end.start.recognised else { return String::new() };
    match language {
        Language::English => {
            format!("recognised by its bytes: judged in run {run} on {since}, told again, not read again")
        }
        Language::German => format!(
            "an ihren Bytes erkannt: geprüft in Lauf {run} am {since}, hier noch einmal mitgeteilt, nicht neu gelesen"
        ),
    }
}

impl FeedRows {
    fn add(&mut self, feed: FeedRow) {
        let clean = feed.verdict.acceptance == Acceptance::Accepted
            && feed.counts.is_some_and(|[_, _, found]| found == 0);
        let (list, left_out) = if clean {
            (&mut self.clean, &mut self.clean_left_out)
        } else {
            (&mut self.noteworthy, &mut self.noteworthy_left_out)
        };
        if list.len() < FEEDS_MAX {
            list.push(feed);
        } else {
            *left_out += 1;
        }
    }
}

impl<W: Write> HtmlReporter<W> {
    /// Writes to `out`; of each group so many samples are seen at once, at least one.
    pub fn new(out: W, samples: usize) -> Self {
        let limits = GroupLimits {
            kinds_max: GROUPS_MAX,
            samples_per_kind_max: SAMPLES_MAX,
            samples_max: ALL_SAMPLES_MAX,
        };
        Self {
            out,
            command: "",
            started: None,
            groups: Groups::new(limits),
            spread: CodeSpread::new(),
            feeds: FeedRows::default(),
            samples,
            language: Language::default(),
        }
    }

    /// Tells sentences in a language.
    #[must_use]
    pub fn in_language(self, language: Language) -> Self {
        Self { language, ..self }
    }
}

impl<W: Write + Send> Reporter for HtmlReporter<W> {
    fn run(&mut self, start: &RunStart) -> io::Result<()> {
        (self.command, self.started) = (start.command, start.started);
        Ok(())
    }

    fn feed(&mut self, _: &FeedStart) -> io::Result<()> {
        self.groups.begin_feed();
        Ok(())
    }

    fn finding(&mut self, told: &NamedFinding<'_>) -> io::Result<()> {
        self.groups.add(told.finding, || Sample::of(told));
        let finding = told.finding;
        self.spread.add(finding.code, finding.severity, finding.record.map(|ordinal| ordinal.0));
        Ok(())
    }

    fn feed_end(&mut self, end: &FeedEnd) -> io::Result<()> {
        self.spread.feed_end(end.tally.records);
        let about = [end.start.format.as_deref(), end.start.sender.as_deref()];
        let findings = end.tally.findings.values().sum();
        self.feeds.add(FeedRow {
            name: shown(&end.start.name),
            about: shown(&about.into_iter().flatten().collect::<Vec<_>>().join(", ")),
            known: known(end, self.language),
            counts: Some([end.tally.records, end.tally.refused, findings]),
            verdict: FeedVerdict::of(end),
        });
        Ok(())
    }

    fn feed_failed(&mut self, feed: &str, why: &str) -> io::Result<()> {
        let (name, verdict) = (shown(feed), FeedVerdict::unreadable(why));
        self.feeds.add(FeedRow { name, about: String::new(), known: String::new(), counts: None, verdict });
        Ok(())
    }

    fn summary(&mut self, summary: &Summary) -> io::Result<()> {
        let Self { out, command, started, groups, spread, feeds, samples, language } = self;
        let (command, started, samples, language) = (*command, *started, *samples, *language);
        RunPage {
            command,
            started,
            summary,
            groups,
            spread,
            feeds,
            samples,
            language,
            words: ReportWords::of(language),
        }
        .write_into(out)?;
        out.flush()
    }
}

#[cfg(test)]
mod tests;
