//! The report for people: equal deviations grouped, samples with excerpts, a table at the end.
//!
//! ```text
//! error: `12,50` is not a decimal number [cvc-datatype-valid.1.2.1], 412 times in 398 records
//!   catalogue.xml:31:15, record HN-4711
//!     /catalogue/product[3]/price[1]/amount
//!     | <amount>12,50</amount>
//!     |         ^^^^^
//!   and 409 more
//! ```

use super::escape::{clean, shown};
use super::excerpt::MarkedExcerpt;
use super::paint::Paint;
use super::sample::{KINDS_MAX, Sample, groups};
use super::summary_table::{summary_table, times};
use super::{NamedFinding, Reporter, Summary};
use crate::judgement::{FeedEnd, FeedStart, Finding, Group, Groups, Language};
use std::io::{self, Write};

/// Where more is said of what stands in brackets.
pub(super) const EXPLAIN: &str = "`feedgate explain CODE` says more of a code in brackets";

/// Writes the `text` form, all of it at the end of the run.
pub struct TextReporter<W> {
    out: W,
    paint: Paint,
    groups: Groups<Sample>,
    table: bool,
    language: Language,
}

impl<W: Write> TextReporter<W> {
    /// Writes to `out`; of each group so many samples are shown, at least one.
    pub fn new(out: W, paint: Paint, samples_max: usize) -> Self {
        Self {
            out,
            paint,
            groups: groups(KINDS_MAX, samples_max),
            table: true,
            language: Language::default(),
        }
    }

    /// Tells sentences in a language.
    #[must_use]
    pub fn in_language(self, language: Language) -> Self {
        Self { language, ..self }
    }

    /// Leaves out what stands below the deviations.
    #[must_use]
    pub fn without_table(self) -> Self {
        Self { table: false, ..self }
    }

    fn group(&mut self, group: &Group<Sample>) -> io::Result<()> {
        writeln!(
            self.out,
            "{}: {} {}, {}",
            self.paint.severity(group.severity),
            self.paint.strong(&shown(&self.language.heading(group))),
            self.paint.faint(&format!("[{}]", group.code)),
            times(group.count, group.records)
        )?;
        for sample in &group.samples {
            self.sample(sample, &group.sentence)?;
        }
        match group.count - group.samples.len() as u64 {
            0 => writeln!(self.out),
            more => writeln!(self.out, "  and {more} more\n"),
        }
    }

    fn sample(&mut self, sample: &Sample, heading: &str) -> io::Result<()> {
        let Finding { place, path, excerpt, sentence, .. } = &sample.finding;
        let record = match (&sample.finding.key, sample.finding.record) {
            (Some(key), _) => format!(", record {}", shown(key.as_str())),
            (None, Some(ordinal)) => format!(", record number {}", ordinal.0),
            (None, None) => String::new(),
        };
        let other = if sentence == heading {
            String::new()
        } else {
            format!(": {}", shown(&self.language.told(&sample.finding)))
        };
        // What is said of a feed as a whole stands nowhere in it.
        let place = if place.line > 0 { format!(":{place}") } else { String::new() };
        writeln!(self.out, "  {}{place}{record}{other}", clean(&sample.feed))?;
        if !path.is_empty() {
            writeln!(self.out, "    {}", self.paint.faint(&shown(path)))?;
        }
        if let Some(excerpt) = MarkedExcerpt::of(excerpt) {
            self.excerpt(&excerpt)?;
        }
        match &sample.link {
            Some(link) => writeln!(self.out, "    trace {}", shown(&link.to_string())),
            None => Ok(()),
        }
    }

    fn excerpt(&mut self, excerpt: &MarkedExcerpt) -> io::Result<()> {
        let (blanks, mark) = excerpt.below();
        writeln!(self.out, "    | {}", excerpt.line())?;
        writeln!(self.out, "    | {blanks}{}", self.paint.mark(&mark))
    }

    fn groups(&mut self, told: u64) -> io::Result<()> {
        let groups = std::mem::replace(&mut self.groups, groups(0, 0));
        for group in groups.by_severity() {
            self.group(group)?;
        }
        let ungrouped = groups.ungrouped().map_or(0, |ungrouped| ungrouped.count);
        match told.saturating_sub(groups.total()) + ungrouped {
            0 => Ok(()),
            1 => writeln!(self.out, "1 deviation more is counted below and not shown here\n"),
            more => writeln!(self.out, "{more} deviations more are counted below and not shown here\n"),
        }
    }
}

impl<W: Write + Send> Reporter for TextReporter<W> {
    fn feed(&mut self, _: &FeedStart) -> io::Result<()> {
        self.groups.begin_feed();
        Ok(())
    }

    fn finding(&mut self, told: &NamedFinding<'_>) -> io::Result<()> {
        self.groups.add(told.finding, || Sample::of(told));
        Ok(())
    }

    fn feed_end(&mut self, _: &FeedEnd) -> io::Result<()> {
        Ok(())
    }

    fn feed_failed(&mut self, _: &str, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn summary(&mut self, summary: &Summary) -> io::Result<()> {
        if summary.failure.is_some() && summary.all_feeds() == 0 {
            // Nothing was looked at: the error that is told says it all.
            return self.out.flush();
        }
        self.groups(summary.tally.findings.values().sum())?;
        if !self.table {
            return self.out.flush();
        }
        write!(self.out, "{}", summary_table(summary, self.paint))?;
        if !summary.tally.findings.is_empty() {
            writeln!(self.out, "\n{EXPLAIN}")?;
        }
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::super::TraceLink;
    use super::super::testing::{feed, feed_end, finding, told};
    use super::*;
    use crate::judgement::Excerpt;
    use crate::judgement::Severity;

    /// Reports the findings; gives what stands above the table.
    fn report(paint: Paint, findings: &[Finding]) -> String {
        let mut out = Vec::new();
        let mut reporter = TextReporter::new(&mut out, paint, 2);
        for finding in findings {
            reporter.finding(&told(&feed("a.xml"), finding)).expect("writes to memory");
        }
        reporter.summary(&Summary::default()).expect("writes to memory");
        let text = String::from_utf8(out).expect("text");
        text.split("feeds  ").next().expect("a first part").to_owned()
    }

    #[test]
    fn one_deviation() {
        let expected = "\
error: `12,50` is not a decimal number [cvc-datatype-valid.1.2.1], once
  a.xml:31:15, record HN-4711
    /catalogue/product[3]/price[1]/amount
    | <amount>12,50</amount>
    |         ^^^^^

";
        assert_eq!(report(Paint::Plain, &[finding(31, 15)]), expected);
    }

    #[test]
    fn what_is_said_of_a_feed_as_a_whole_stands_nowhere_in_it() {
        let held = Finding { key: None, path: String::new(), excerpt: Excerpt::default(), ..finding(0, 0) };
        let told = report(Paint::Plain, &[held]);
        assert!(told.contains("\n  a.xml") && !told.contains("0:0"), "{told}");
    }

    #[test]
    fn a_sampled_record_and_the_run_have_their_links() {
        let link = |span: Option<&str>| TraceLink {
            trace_id: "ab".repeat(16),
            span_id: span.map(str::to_owned),
            url: span.is_none().then(|| "http://jaeger/trace/1".to_owned()),
        };
        let (mut out, record, run) = (Vec::new(), link(Some("0123456789abcdef")), link(None));
        let mut reporter = TextReporter::new(&mut out, Paint::Plain, 2);
        let (feed, finding) = (feed("a.xml"), finding(31, 15));
        let told = NamedFinding { link: Some(&record), ..told(&feed, &finding) };
        reporter.finding(&told).expect("writes to memory");
        let summary = Summary { trace: Some(run), ..Summary::default() };
        reporter.summary(&summary).expect("writes to memory");
        let text = String::from_utf8(out).expect("text");
        assert!(text.contains(&format!("\n    trace {} span 0123456789abcdef\n", "ab".repeat(16))), "{text}");
        assert!(text.contains("\ntrace    http://jaeger/trace/1\n"), "{text}");
    }

    #[test]
    fn equal_ones_are_told_once_with_their_total() {
        let other = Finding { sentence: "`9,-` is not a decimal number".to_owned(), ..finding(40, 15) };
        let bare = Finding {
            key: None,
            record: None,
            path: String::new(),
            excerpt: Excerpt::default(),
            fingerprint: 7,
            severity: Severity::Notice,
            sentence: "the feed has no namespace".to_owned(),
            code: "feed.namespace",
            ..finding(1, 1)
        };
        let expected = "\
error: for example: `12,50` is not a decimal number [cvc-datatype-valid.1.2.1], 4 times in 1 record
  a.xml:31:15, record HN-4711
    /catalogue/product[3]/price[1]/amount
    | <amount>12,50</amount>
    |         ^^^^^
  a.xml:40:15, record HN-4711: `9,-` is not a decimal number
    /catalogue/product[3]/price[1]/amount
    | <amount>12,50</amount>
    |         ^^^^^
  and 2 more

notice: the feed has no namespace [feed.namespace], once
  a.xml:1:1

";
        let findings = [bare, finding(31, 15), other, finding(41, 1), finding(42, 1)];
        assert_eq!(report(Paint::Plain, &findings), expected);
    }

    #[test]
    fn a_feed_does_not_command_the_terminal() {
        let evil = Finding {
            sentence: "\x1b]0;title\x07".to_owned(),
            path: "/a\x1b[2J".to_owned(),
            excerpt: Excerpt { text: "\u{9b}1m".to_owned(), caret: 99, width: usize::MAX },
            ..finding(1, 1)
        };
        let text = report(Paint::Plain, &[evil]);
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text}");
        assert!(text.contains("    |         ^\n"), "{text}");
    }

    #[test]
    fn colour_only_when_asked() {
        assert!(report(Paint::Colored, &[finding(1, 1)]).starts_with("\x1b[1;31merror\x1b[0m: "));
        assert!(!report(Paint::Plain, &[finding(1, 1)]).contains('\x1b'));
    }

    #[test]
    fn what_is_not_shown_is_said() {
        let mut out = Vec::new();
        let mut reporter = TextReporter::new(&mut out, Paint::Plain, 1);
        reporter.finding(&told(&feed("a.xml"), &finding(1, 1))).expect("writes to memory");
        let summary = Summary { tally: feed_end("a.xml").tally, ..Summary::default() };
        reporter.summary(&summary).expect("writes to memory");
        let text = String::from_utf8(out).expect("text");
        assert!(text.contains("1 deviation more is counted below and not shown here"), "{text}");
    }
}
