//! The page itself, part by part.

use super::spread::{Row, Spread};
use super::{Feed, Feeds};
use crate::judgement::{Acceptance, Finding, Group, Groups};
use crate::report::escape::shown;
use crate::report::excerpt::Marked;
use crate::report::groups::Sample;
use crate::report::rules::{demand, reference};
use crate::report::table::{grouped, times};
use crate::report::{RunStart, Summary, TraceLink};
use crate::xml::MarkupWriter;
use std::io::{self, Write};

/// Groups on the page.
pub(super) const GROUPS_SHOWN_MAX: usize = 200;
/// Groups that are open from the beginning.
const GROUPS_OPEN: usize = 5;
/// Height of a chart, in its own units.
const HEIGHT: f64 = 20.0;

/// What the numbers of a feed are called.
const FEED_NUMBERS: [&str; 3] = ["records", "refused", "deviations"];

const STYLE: &str = include_str!("style.css");
/// Nothing is asked for but the style that the page carries.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// All that stands on a page.
pub(super) struct Page<'a, W: Write> {
    pub(super) out: &'a mut MarkupWriter<W>,
    pub(super) start: Option<&'a RunStart>,
    pub(super) summary: &'a Summary,
    pub(super) groups: &'a Groups<Sample>,
    pub(super) spread: &'a Spread,
    pub(super) feeds: &'a Feeds,
}

impl<W: Write> Page<'_, W> {
    pub(super) fn write(mut self) -> io::Result<()> {
        self.out.doctype("html")?;
        self.out.start("html", &[("lang", "en")])?;
        self.head()?;
        self.out.start("body", &[])?;
        self.out.start("main", &[])?;
        self.heading()?;
        self.totals()?;
        self.codes()?;
        self.grouped()?;
        self.checks()?;
        self.feeds()?;
        let program = concat!("feedgate ", env!("CARGO_PKG_VERSION"));
        self.out.element("footer", &[], program)?;
        for _ in ["main", "body", "html"] {
            self.out.end()?;
        }
        self.out.finish()
    }

    fn command(&self) -> &'static str {
        self.start.map_or("", |start| start.command)
    }

    fn deviations(&self) -> u64 {
        self.summary.tally.findings.values().sum()
    }

    fn head(&mut self) -> io::Result<()> {
        self.out.start("head", &[])?;
        self.out.empty("meta", &[("charset", "utf-8")])?;
        for (name, content) in [
            ("viewport", "width=device-width, initial-scale=1"),
            ("referrer", "no-referrer"),
            ("color-scheme", "light dark"),
        ] {
            self.out.empty("meta", &[("name", name), ("content", content)])?;
        }
        self.out.empty("meta", &[("http-equiv", "Content-Security-Policy"), ("content", POLICY)])?;
        let title = format!("feedgate {}: {}", self.command(), meaning(self.summary.status));
        self.out.element("title", &[], &title)?;
        self.out.start("style", &[])?;
        self.out.verbatim(STYLE)?;
        self.out.end()?;
        self.out.end()
    }

    fn heading(&mut self) -> io::Result<()> {
        let summary = self.summary;
        self.out.start("header", &[])?;
        self.out.element("h1", &[], &format!("feedgate {}", self.command()))?;
        let verdict = format!("exit status {}: {}", summary.status.exit_status(), meaning(summary.status));
        let class = format!("verdict {}", class(summary.status));
        self.out.element("p", &[("class", &class)], &verdict)?;
        if let Some(why) = &summary.failure {
            self.out.element(
                "p",
                &[("class", "error")],
                &format!("The run was broken off: {}", shown(why)),
            )?;
        }
        if summary.dry_run {
            self.out.element("p", &[], "A dry run: nothing was written.")?;
        }
        self.out.start("p", &[("class", "quiet")])?;
        if let Some(started) = self.start.and_then(|start| start.started) {
            let (exact, shown) =
                (started.strftime("%Y-%m-%dT%H:%M:%SZ"), started.strftime("%Y-%m-%d %H:%M:%S UTC"));
            self.out.text("Started ")?;
            self.out.element("time", &[("datetime", &exact.to_string())], &shown.to_string())?;
            self.out.text(", ")?;
        }
        let (seconds, megabytes) = (summary.elapsed.as_secs_f64(), summary.tally.bytes as f64 / 1e6);
        self.out.text(&format!("took {seconds:.1} s for {megabytes:.1} MB"))?;
        if let Some(run) = &summary.run {
            self.out.text(&format!("; run {}", shown(run)))?;
        }
        if let Some(trace) = &summary.trace {
            self.out.text("; ")?;
            self.trace(trace, "trace of this run")?;
        }
        self.out.end()?;
        self.out.end()
    }

    /// A link where the address is one of a page, else what to search for.
    fn trace(&mut self, link: &TraceLink, label: &str) -> io::Result<()> {
        let page = |url: &&String| url.starts_with("http://") || url.starts_with("https://");
        if let Some(url) = link.url.as_ref().filter(page) {
            return self.out.element("a", &[("href", url), ("rel", "noopener noreferrer")], label);
        }
        self.out.text(&format!("{label} "))?;
        self.out.element("code", &[], &shown(&link.to_string()))
    }

    /// So that the source of a page can be read too.
    fn line(&mut self) -> io::Result<()> {
        self.out.text("\n")
    }

    fn section(&mut self, heading: &str) -> io::Result<()> {
        self.line()?;
        self.out.start("section", &[])?;
        self.out.element("h2", &[], heading)
    }

    fn totals(&mut self) -> io::Result<()> {
        let (summary, tally) = (self.summary, &self.summary.tally);
        let unread = summary.feeds(Acceptance::Failed);
        let mut totals = vec![(self.feeds_word(), tally.feeds)];
        if !self.has_records() {
            totals.extend([("not readable", unread), ("deviations", self.deviations())]);
            return self.tiles(&totals);
        }
        totals.push(("records", tally.records));
        match &summary.import {
            Some(import) => totals.extend([
                ("imported", import.imported),
                ("unchanged", import.unchanged),
                ("withdrawn", import.withdrawn),
                ("in quarantine", import.quarantined),
                ("feeds imported before", import.feeds_known),
            ]),
            None => totals.push(("accepted", tally.accepted)),
        }
        totals.extend([("refused", tally.refused), ("deviations", self.deviations())]);
        if unread > 0 {
            totals.insert(1, ("feeds not readable", unread));
        }
        self.tiles(&totals)
    }

    /// What the run was over.
    fn feeds_word(&self) -> &'static str {
        if self.command() == "schema check" { "documents" } else { "feeds" }
    }

    /// Whether there is anything to say of records; a schema has none.
    fn has_records(&self) -> bool {
        self.spread.last() > 0 || self.summary.import.is_some()
    }

    fn tiles(&mut self, totals: &[(&str, u64)]) -> io::Result<()> {
        self.line()?;
        self.out.start("dl", &[("class", "totals")])?;
        for (name, number) in totals {
            self.out.start("div", &[])?;
            self.out.element("dt", &[], name)?;
            self.out.element("dd", &[], &grouped(*number))?;
            self.out.end()?;
        }
        self.out.end()
    }

    /// Head of a table; a column whose name ends with `#` holds numbers.
    fn table(&mut self, class: &str, caption: &str, columns: &[&str]) -> io::Result<()> {
        self.out.start("table", &[("class", class)])?;
        self.out.element("caption", &[], caption)?;
        self.out.start("thead", &[])?;
        self.out.start("tr", &[])?;
        for column in columns {
            match column.strip_suffix('#') {
                Some(name) => self.out.element("th", &[("scope", "col"), ("class", "number")], name)?,
                None => self.out.element("th", &[("scope", "col")], column)?,
            }
        }
        self.out.end()?;
        self.out.end()?;
        self.out.start("tbody", &[])
    }

    fn table_end(&mut self) -> io::Result<()> {
        self.out.end()?;
        self.out.end()
    }

    fn number(&mut self, number: u64) -> io::Result<()> {
        self.out.element("td", &[("class", "number")], &grouped(number))
    }

    fn codes(&mut self) -> io::Result<()> {
        if self.deviations() == 0 {
            return Ok(());
        }
        self.section("Deviations by code")?;
        let records = grouped(self.spread.last());
        let caption = format!(
            "On the right, where: from the first record to number {records}, in the order they were read."
        );
        match self.spread.last() {
            0 => self.table("codes", "Clauses and rules that were broken", &["code", "number#"]),
            _ => self.table("codes", &caption, &["code", "number#", "where"]),
        }?;
        for row in self.spread.rows() {
            self.code(row)?;
        }
        self.table_end()?;
        let left_out = self.deviations().saturating_sub(self.summary.findings_told);
        if left_out > 0 {
            let text =
                format!("{} deviations more were counted and are not told one by one.", grouped(left_out));
            self.out.element("p", &[("class", "quiet")], &text)?;
        }
        self.out.end()
    }

    fn code(&mut self, row: &Row) -> io::Result<()> {
        let severity = row.severity.to_string();
        self.line()?;
        self.out.start("tr", &[])?;
        self.out.start("th", &[("scope", "row")])?;
        self.out.element("span", &[("class", &severity)], &severity)?;
        self.out.text(" ")?;
        match row.code {
            Some(code) => self.named(code)?,
            None => self.out.text("all other codes")?,
        }
        self.out.end()?;
        self.number(row.total)?;
        if self.spread.last() > 0 {
            self.out.start("td", &[("class", &format!("where {severity}"))])?;
            if row.total > row.outside {
                self.chart(row)?;
            }
            if row.outside > 0 {
                let outside = format!("{} outside of records", grouped(row.outside));
                self.out.element("span", &[("class", "quiet")], &outside)?;
            }
            self.out.end()?;
        }
        self.out.end()
    }

    /// A code, with what is asked for under it and where the Recommendation says so.
    fn named(&mut self, code: &str) -> io::Result<()> {
        match reference(code) {
            Some(address) => {
                self.out.start("a", &[("href", &address), ("rel", "noopener noreferrer")])?;
                self.out.element("code", &[], code)?;
                self.out.end()?;
            }
            None => self.out.element("code", &[], code)?,
        }
        match demand(code) {
            Some(demand) => self.out.element("div", &[("class", "quiet wide")], demand),
            None => Ok(()),
        }
    }

    fn chart(&mut self, row: &Row) -> io::Result<()> {
        let used = self.spread.used();
        let most = row.buckets.iter().copied().max().unwrap_or(0).max(1);
        let fullest = row.buckets.iter().position(|count| *count == most).unwrap_or(0);
        let (from, to) = self.spread.records(fullest);
        let label = format!("most of them, {}, in {}", grouped(most), records(from, to));
        let view = format!("0 0 {used} {HEIGHT}");
        let attributes = [
            ("viewBox", view.as_str()),
            ("preserveAspectRatio", "none"),
            ("role", "img"),
            ("aria-label", &label),
        ];
        self.out.start("svg", &attributes)?;
        for (at, count) in row.buckets.iter().enumerate().filter(|(_, count)| **count > 0) {
            // One among thousands is still to be seen.
            let height = (*count as f64 / most as f64 * HEIGHT).max(2.0);
            let (from, to) = self.spread.records(at);
            self.out.start(
                "rect",
                &[
                    ("x", &at.to_string()),
                    ("y", &format!("{:.1}", HEIGHT - height)),
                    ("width", "0.9"),
                    ("height", &format!("{height:.1}")),
                ],
            )?;
            let title = format!("{}: {}", records(from, to), grouped(*count));
            self.out.element("title", &[], &title)?;
            self.out.end()?;
        }
        self.out.end()
    }

    fn grouped(&mut self) -> io::Result<()> {
        let groups = self.groups.by_severity();
        if groups.is_empty() {
            return Ok(());
        }
        self.section("What was found")?;
        for (at, group) in groups.iter().take(GROUPS_SHOWN_MAX).enumerate() {
            self.group(group, at < GROUPS_OPEN)?;
        }
        let ungrouped = self.groups.ungrouped().map_or(0, |ungrouped| ungrouped.count);
        let hidden = groups.iter().skip(GROUPS_SHOWN_MAX);
        let (kinds, left_out) =
            hidden.fold((0, ungrouped), |(kinds, sum), group| (kinds + 1, sum + group.count));
        if left_out > 0 {
            let text = format!(
                "{} deviations more, among them {} kinds that are no longer shown, are counted above.",
                grouped(left_out),
                grouped(kinds)
            );
            self.out.element("p", &[("class", "quiet")], &text)?;
        }
        self.out.end()
    }

    fn group(&mut self, group: &Group<Sample>, open: bool) -> io::Result<()> {
        let severity = group.severity.to_string();
        let attributes: &[(&str, &str)] = if open { &[("open", "")] } else { &[] };
        self.line()?;
        self.out.start("details", attributes)?;
        self.out.start("summary", &[])?;
        self.out.element("strong", &[("class", &severity)], &severity)?;
        self.out.text(&format!(" {}", shown(&group.sentence)))?;
        self.out.start("span", &[("class", "quiet")])?;
        self.out.text(&format!("{}, ", times(group.count, group.records)))?;
        self.out.element("code", &[], group.code)?;
        self.out.end()?;
        self.out.end()?;
        self.out.start("ul", &[("class", "samples")])?;
        for sample in &group.samples {
            self.sample(sample, &group.sentence)?;
        }
        self.out.end()?;
        let more = group.count - group.samples.len() as u64;
        if more > 0 {
            self.out.element("p", &[("class", "quiet")], &format!("and {} more", grouped(more)))?;
        }
        self.out.end()
    }

    fn sample(&mut self, sample: &Sample, heading: &str) -> io::Result<()> {
        let Finding { key, record, place, sentence, path, excerpt, .. } = &sample.finding;
        self.line()?;
        self.out.start("li", &[])?;
        match (key, record) {
            (Some(key), _) => {
                self.out.text("Record ")?;
                self.out.element("strong", &[], &shown(key.as_str()))?;
                self.out.text(", ")?;
            }
            (None, Some(ordinal)) => self.out.text(&format!("Record number {}, ", ordinal.0))?,
            (None, None) => {}
        }
        self.out.text(&format!("{}, line {}, column {}", shown(&sample.feed), place.line, place.column))?;
        if let Some(link) = &sample.link {
            self.out.text(", ")?;
            self.trace(link, "trace")?;
        }
        if sentence != heading {
            self.out.element("div", &[], &shown(sentence))?;
        }
        if !path.is_empty() {
            self.out.element("div", &[("class", "path")], &shown(path))?;
        }
        if let Some(marked) = Marked::of(excerpt) {
            // In reach of the keyboard, as it may have to be scrolled.
            self.out.start("pre", &[("tabindex", "0")])?;
            self.out.text(&marked.before)?;
            self.out.element("mark", &[], &marked.meant)?;
            self.out.text(&marked.after)?;
            self.out.end()?;
        }
        self.out.end()
    }

    fn checks(&mut self) -> io::Result<()> {
        let checks = &self.summary.checks;
        if checks.iter().next().is_none() {
            return Ok(());
        }
        self.section("Checks")?;
        self.table(
            "checks",
            "Feeds by how each check went",
            &["check", "passed#", "failed#", "partly#", "skipped#", "not done#"],
        )?;
        for (check, counts) in checks.iter() {
            self.line()?;
            self.out.start("tr", &[])?;
            self.out.element("th", &[("scope", "row")], check.as_str())?;
            for number in [counts.passed, counts.failed, counts.partial, counts.skipped, counts.not_done] {
                self.number(number)?;
            }
            self.out.end()?;
        }
        self.table_end()?;
        for (intro, names) in [
            ("Not checked by the engine", &checks.unchecked),
            ("Skipped", &checks.skipped),
            ("Not done", &checks.not_done),
        ] {
            if !names.is_empty() {
                let names: Vec<String> = names.iter().map(|name| shown(name)).collect();
                self.out.element("p", &[("class", "quiet")], &format!("{intro}: {}", names.join("; ")))?;
            }
        }
        self.out.end()
    }

    fn feeds(&mut self) -> io::Result<()> {
        let Feeds { noteworthy, clean, noteworthy_left_out, clean_left_out } = self.feeds;
        if noteworthy.is_empty() && clean.is_empty() {
            return Ok(());
        }
        let (heading, first) =
            if self.feeds_word() == "feeds" { ("Feeds", "feed") } else { ("Documents", "document") };
        self.section(heading)?;
        let columns = [first, "records#", "refused#", "deviations#", "verdict"];
        let without_records = [first, "deviations#", "verdict"];
        let columns: &[&str] = if self.has_records() { &columns } else { &without_records };
        self.table("feeds", "Those with deviations first", columns)?;
        let room = super::FEEDS_MAX.saturating_sub(noteworthy.len());
        for feed in noteworthy.iter().chain(clean.iter().take(room)) {
            self.feed(feed)?;
        }
        self.table_end()?;
        let clean_left_out = clean_left_out + clean.len().saturating_sub(room) as u64;
        for (number, what) in
            [(*noteworthy_left_out, "with deviations"), (clean_left_out, "without deviations")]
        {
            if number > 0 {
                let text = format!("{} more {what} are counted above and not listed.", grouped(number));
                self.out.element("p", &[("class", "quiet")], &text)?;
            }
        }
        self.out.end()
    }

    fn feed(&mut self, feed: &Feed) -> io::Result<()> {
        self.line()?;
        self.out.start("tr", &[])?;
        self.out.start("th", &[("scope", "row")])?;
        self.out.text(&feed.name)?;
        if !feed.about.is_empty() {
            self.out.element("div", &[("class", "quiet")], &feed.about)?;
        }
        self.out.end()?;
        let skipped = if self.has_records() { 0 } else { 2 };
        for (at, label) in FEED_NUMBERS.iter().enumerate().skip(skipped) {
            // The label stands beside the number where the table is too narrow for a head.
            match feed.counts {
                Some(counts) => {
                    let attributes = [("class", "number"), ("data-label", *label)];
                    self.out.element("td", &attributes, &grouped(counts[at]))?;
                }
                None => self.out.element("td", &[], "")?,
            }
        }
        self.out.element("td", &[("class", class(feed.verdict.acceptance))], &feed.verdict.sentence())?;
        self.out.end()
    }
}

fn records(from: u64, to: u64) -> String {
    if from == to {
        format!("record {}", grouped(from))
    } else {
        format!("records {} to {}", grouped(from), grouped(to))
    }
}

/// What a status means, without the part that sends the reader of a terminal elsewhere.
fn meaning(status: Acceptance) -> &'static str {
    let meaning = status.meaning();
    meaning.split_once(';').map_or(meaning, |(meaning, _)| meaning)
}

/// The colour of a status.
fn class(status: Acceptance) -> &'static str {
    match status {
        Acceptance::Accepted => "good",
        Acceptance::NotFullyChecked | Acceptance::Held | Acceptance::Cancelled => "warning",
        Acceptance::Deviations | Acceptance::Failed => "error",
    }
}
