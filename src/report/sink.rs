//! From the pipeline's outcomes to a reporter, with what writing may go wrong.

use super::{ExitStatus, Reporter, RunStart, Summary};
use crate::pipeline::{
    FeedEnd, FeedStart, Finding, Flow, Outcome, OutcomeSink, RecordContext, RecordResult, Tally,
};
use std::io;

/// A reporter that falls silent once its reader is gone, and remembers any other failure.
pub struct Written<'a> {
    reporter: Box<dyn Reporter + 'a>,
    state: io::Result<()>,
}

impl<'a> Written<'a> {
    /// Nothing went wrong yet.
    #[must_use]
    pub fn new(reporter: Box<dyn Reporter + 'a>) -> Self {
        Self { reporter, state: Ok(()) }
    }

    /// Tells the reporter something, unless it is silent.
    pub fn tell(&mut self, say: impl FnOnce(&mut dyn Reporter) -> io::Result<()>) {
        if self.state.is_ok() {
            self.state = say(&mut *self.reporter);
        }
    }

    /// What went wrong, if anything but a closed pipe did.
    pub fn finish(self) -> io::Result<()> {
        match self.state {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            state => state,
        }
    }
}

/// Takes outcomes of feeds one after another, tells a reporter, adds up.
pub struct ReportSink<'a> {
    written: Written<'a>,
    current: Option<FeedStart>,
    /// Found before the header was read: told once the feed is known.
    early: Vec<Finding>,
    summary: Summary,
}

impl<'a> ReportSink<'a> {
    /// Begins the report of a run.
    #[must_use]
    pub fn new(reporter: Box<dyn Reporter + 'a>, start: &RunStart) -> Self {
        let mut written = Written::new(reporter);
        written.tell(|reporter| reporter.run(start));
        Self { written, current: None, early: Vec::new(), summary: Summary::default() }
    }

    /// What has been added up so far; the caller completes it.
    pub fn summary(&mut self) -> &mut Summary {
        &mut self.summary
    }

    /// Counts so far.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.summary.tally
    }

    /// A feed could not be opened or read.
    pub fn feed_failed(&mut self, feed: &str, why: &str) {
        self.current = None;
        self.summary.feeds_failed += 1;
        self.summary.status = self.summary.status.and(ExitStatus::Failed);
        self.written.tell(|reporter| reporter.feed_failed(feed, why));
    }

    /// Ends the report.
    pub fn finish(mut self) -> io::Result<Summary> {
        let summary = self.summary;
        self.written.tell(|reporter| reporter.summary(&summary));
        self.written.finish().map(|()| summary)
    }

    fn begin(&mut self, start: &FeedStart) {
        self.written.tell(|reporter| reporter.feed(start));
        self.current = Some(start.clone());
        for finding in std::mem::take(&mut self.early) {
            self.tell_finding(&finding);
        }
    }

    fn tell_finding(&mut self, finding: &Finding) {
        match &self.current {
            Some(feed) => {
                self.summary.findings_told += 1;
                self.written.tell(|reporter| reporter.finding(feed, finding));
            }
            None => self.early.push(finding.clone()),
        }
    }
}

impl ReportSink<'_> {
    /// A record was judged; looks and lets it pass on to whoever takes it.
    pub fn watch(&mut self, outcome: &Outcome) {
        outcome.findings.iter().for_each(|finding| self.tell_finding(finding));
        if let (RecordResult::Refused(_), Some(feed)) = (&outcome.result, &self.current) {
            self.written.tell(|reporter| reporter.refused(feed, outcome));
        }
    }

    /// Something outside of records was found.
    pub fn watch_finding(&mut self, finding: &Finding) {
        self.tell_finding(finding);
    }

    /// Something was found wrong with a feed after its end, by the import.
    pub fn late_finding(&mut self, feed: &str, finding: &Finding) {
        let start = FeedStart {
            name: feed.into(),
            format: None,
            profile_version: None,
            sender: None,
            message_number: None,
            context: RecordContext::default(),
            began: None,
        };
        *self.summary.tally.findings.entry((finding.code, finding.severity)).or_default() += 1;
        self.summary.findings_told += 1;
        self.written.tell(|reporter| reporter.finding(&start, finding));
    }

    /// A feed begins.
    pub fn watch_start(&mut self, start: &FeedStart) {
        self.begin(start);
    }

    /// A feed is at its end.
    pub fn watch_end(&mut self, end: &FeedEnd) {
        if self.current.is_none() {
            self.begin(&end.start);
        }
        self.summary.tally.merge(&end.tally);
        self.summary.checks.add(end);
        self.summary.status = self.summary.status.and(ExitStatus::of_code(end.verdict.exit_status()));
        self.written.tell(|reporter| reporter.feed_end(end));
        self.current = None;
    }
}

impl OutcomeSink for ReportSink<'_> {
    fn start(&mut self, start: &FeedStart) -> Flow {
        self.watch_start(start);
        Flow::Continue
    }

    fn outcome(&mut self, outcome: Outcome) -> Flow {
        self.watch(&outcome);
        Flow::Continue
    }

    fn finding(&mut self, finding: Finding) -> Flow {
        self.watch_finding(&finding);
        Flow::Continue
    }

    fn end(&mut self, end: FeedEnd) {
        self.watch_end(&end);
    }
}

#[cfg(test)]
mod tests {
    use super::super::LinesReporter;
    use super::super::testing::{feed, feed_end, finding};
    use super::*;
    use std::io::Write;

    /// Fails after so many bytes.
    struct Closing(usize, io::ErrorKind);

    impl Write for Closing {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(self.1)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn run(kind: io::ErrorKind) -> io::Result<Summary> {
        let reporter = Box::new(LinesReporter::new(Closing(150, kind)));
        let mut sink = ReportSink::new(reporter, &RunStart { command: "validate", feeds: 1 });
        assert_eq!(sink.start(&feed("a.xml")), Flow::Continue);
        for line in 1..100 {
            assert_eq!(sink.finding(finding(line, 1)), Flow::Continue);
        }
        sink.end(feed_end("a.xml"));
        sink.finish()
    }

    #[test]
    fn a_closed_pipe_is_no_error_and_counts_go_on() {
        let summary = run(io::ErrorKind::BrokenPipe).expect("no error");
        assert_eq!(summary.tally.records, 50);
        assert_eq!(summary.status, ExitStatus::Deviations);
    }

    #[test]
    fn what_is_found_before_the_header_is_told_with_its_feed() {
        let mut out = Vec::new();
        let reporter = Box::new(LinesReporter::new(&mut out));
        let mut sink = ReportSink::new(reporter, &RunStart { command: "validate", feeds: 1 });
        sink.finding(finding(1, 1));
        sink.end(feed_end("a.xml"));
        sink.finish().expect("writes to memory");
        assert!(out.starts_with(b"a.xml:1:1: error: "));
    }

    #[test]
    fn a_full_disk_is_told() {
        let error = run(io::ErrorKind::StorageFull).expect_err("an error");
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
