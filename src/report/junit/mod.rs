//! The report as the XML of `JUnit`, for GitLab, Jenkins and whatever else shows tests.
//!
//! ```text
//!  testsuite  a feed         tests = its records, and what was found outside of them
//!   ├ properties             format, sender, digest, totals, exit status
//!   ├ testcase  a refused record: failure with the clause, the sentence, all its findings
//!   ├ testcase  what was found outside of records; a check that could not run is skipped
//!   ├ testcase  an error when the feed was held, cancelled or could not be read to its end
//!   └ testcase  one that passes, for all records that were accepted
//! ```
//!
//! A suite says its totals before its cases, so the cases wait for the end of their feed, at most
//! [`test_suite::CASES_MAX`] of them and [`test_suite::CASES_BYTES_MAX`] bytes; those beyond are counted, and the
//! suite says how many.
//! Names are different inside a suite, as tools keep one case for each name.

mod test_suite;

use super::escape::{clean, shown};
use super::feed_verdict::FeedVerdict;
use super::{NamedFinding, Reporter, RunStart, Summary};
use crate::judgement::{FeedEnd, FeedStart, Outcome};
use crate::xml::{Layout, MarkupWriter};
use std::io::{self, Write};
use test_suite::TestSuite;

/// The code of a run that did not come to its end.
const BROKEN_OFF: &str = "run.broken-off";

/// Writes the `junit` form.
pub struct JunitReporter<W: Write> {
    xml: MarkupWriter<W>,
    /// The feed that is read.
    open: Option<TestSuite>,
    command: &'static str,
    timestamp: Option<String>,
}

impl<W: Write> JunitReporter<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        let xml = MarkupWriter::new(out, Layout::Indented);
        Self { xml, open: None, command: "", timestamp: None }
    }

    fn write(&mut self, suite: TestSuite) -> io::Result<()> {
        suite.write(&mut self.xml, self.timestamp.as_deref())
    }
}

impl<W: Write + Send> Reporter for JunitReporter<W> {
    fn run(&mut self, start: &RunStart) -> io::Result<()> {
        self.command = start.command;
        // The form has no time zone; tools read the time as UTC.
        self.timestamp = start.started.map(|started| started.strftime("%Y-%m-%dT%H:%M:%S").to_string());
        self.xml.declaration()?;
        self.xml.start("testsuites", &[("name", &format!("feedgate {}", start.command))])
    }

    fn feed(&mut self, start: &FeedStart) -> io::Result<()> {
        self.open = Some(TestSuite::new(clean(&start.name).into_owned(), start));
        Ok(())
    }

    fn finding(&mut self, told: &NamedFinding<'_>) -> io::Result<()> {
        if let Some(open) = &mut self.open {
            open.finding(told);
        }
        Ok(())
    }

    fn refused(&mut self, _: &FeedStart, outcome: &Outcome) -> io::Result<()> {
        if let Some(open) = &mut self.open {
            open.refused(outcome);
        }
        Ok(())
    }

    fn feed_end(&mut self, end: &FeedEnd) -> io::Result<()> {
        let Some(mut suite) = self.open.take() else { return Ok(()) };
        suite.ended(end);
        self.write(suite)
    }

    fn feed_failed(&mut self, feed: &str, why: &str) -> io::Result<()> {
        let mut suite = TestSuite::bare(clean(feed).into_owned());
        suite.verdict(&FeedVerdict::unreadable(why));
        self.write(suite)
    }

    fn summary(&mut self, summary: &Summary) -> io::Result<()> {
        if let Some(mut open) = self.open.take() {
            open.error("not read to its end", BROKEN_OFF, "the run was broken off".to_owned());
            self.write(open)?;
        }
        if let Some(why) = &summary.failure {
            let mut suite = TestSuite::bare(format!("feedgate {}", self.command));
            suite.error("the run was broken off", BROKEN_OFF, shown(why));
            self.write(suite)?;
        }
        self.xml.end()?;
        self.xml.finish()
    }
}

#[cfg(test)]
mod tests;
