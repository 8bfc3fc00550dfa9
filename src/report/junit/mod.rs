//! The report as the XML of `JUnit`, for GitLab, Jenkins and whatever else shows tests.
//!
//! ```text
//!  testsuite  a feed         tests = its records, and what was found outside of them
//!   ├ properties             format, sender, digest, totals
//!   ├ testcase  a refused record: failure with the clause, the sentence, all its findings
//!   ├ testcase  what was found outside of records; a check that could not run is skipped
//!   └ testcase  one that passes, for all records that were accepted
//! ```
//!
//! A suite says its totals before its cases, so the cases wait for the end of their feed, at most
//! [`suite::CASES_MAX`] of them and [`suite::CASES_BYTES_MAX`] bytes; those beyond are counted, and the suite says how many.
//! Names are different inside a suite, as tools keep one case for each name.

mod suite;

use super::escape::{clean, shown};
use super::{FEED_UNREADABLE, Reporter, RunStart, Summary, Told};
use crate::judgement::{FeedEnd, FeedStart, Outcome};
use crate::xml::{Layout, MarkupWriter};
use std::io::{self, Write};
use suite::{Problem, Suite};

/// Writes the `junit` form.
pub struct JunitReporter<W: Write> {
    xml: MarkupWriter<W>,
    /// The feed that is read.
    open: Option<Suite>,
    /// What an import finds in a feed when all are read.
    late: Option<Suite>,
    command: &'static str,
    timestamp: Option<String>,
}

impl<W: Write> JunitReporter<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        let xml = MarkupWriter::new(out, Layout::Indented);
        Self { xml, open: None, late: None, command: "", timestamp: None }
    }

    fn write(&mut self, suite: Option<Suite>) -> io::Result<()> {
        match suite {
            Some(suite) => suite.write(&mut self.xml, self.timestamp.as_deref()),
            None => Ok(()),
        }
    }
}

impl<W: Write> Reporter for JunitReporter<W> {
    fn run(&mut self, start: &RunStart) -> io::Result<()> {
        self.command = start.command;
        // The form has no time zone; tools read the time as UTC.
        self.timestamp = start.started.map(|started| started.strftime("%Y-%m-%dT%H:%M:%S").to_string());
        self.xml.declaration()?;
        self.xml.start("testsuites", &[("name", &format!("feedgate {}", start.command))])
    }

    fn feed(&mut self, start: &FeedStart) -> io::Result<()> {
        let before = self.open.replace(Suite::new(clean(&start.name).into_owned(), start));
        self.write(before)
    }

    fn finding(&mut self, told: &Told<'_>) -> io::Result<()> {
        if let Some(open) = &mut self.open {
            open.finding(told);
            return Ok(());
        }
        let name = format!("{} ({})", clean(&told.feed.name), self.command);
        if self.late.as_ref().is_none_or(|late| late.name() != name) {
            let before = self.late.replace(Suite::new(name, told.feed));
            self.write(before)?;
        }
        self.late.as_mut().expect("just put there").finding(told);
        Ok(())
    }

    fn refused(&mut self, _: &FeedStart, outcome: &Outcome) -> io::Result<()> {
        if let Some(open) = &mut self.open {
            open.refused(outcome);
        }
        Ok(())
    }

    fn feed_end(&mut self, end: &FeedEnd) -> io::Result<()> {
        let mut suite = self.open.take();
        if let Some(suite) = &mut suite {
            suite.ended(end);
        }
        self.write(suite)
    }

    fn feed_failed(&mut self, feed: &str, why: &str) -> io::Result<()> {
        let feed = clean(feed).into_owned();
        let mut suite = self.open.take().unwrap_or_else(|| Suite::bare(feed));
        suite.error("could not be read", &Problem::new(FEED_UNREADABLE, shown(why)));
        self.write(Some(suite))
    }

    fn summary(&mut self, summary: &Summary) -> io::Result<()> {
        let (open, late) = (self.open.take(), self.late.take());
        self.write(open)?;
        self.write(late)?;
        if let Some(why) = &summary.failure {
            let mut suite = Suite::bare(format!("feedgate {}", self.command));
            suite.error("the run was broken off", &Problem::new("run.broken-off", shown(why)));
            self.write(Some(suite))?;
        }
        self.xml.end()?;
        self.xml.finish()
    }
}

#[cfg(test)]
mod tests;
