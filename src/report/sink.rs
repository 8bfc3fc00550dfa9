//! From the pipeline's outcomes to the reporters: names findings, adds up, tells each the same.

use super::named_finding::FindingIds;
use super::{NamedFinding, ReportError, Reporter, RunStart, Summary, TraceLink, Written};
use crate::judgement::{Acceptance, FeedEnd, FeedEvent, FeedStart, Finding, Outcome};
use std::io;

/// Takes outcomes of feeds one after another, tells the reporters, adds up.
pub struct ReportSink<'a> {
    reports: Vec<Written<dyn Reporter + 'a>>,
    ids: FindingIds,
    current: Option<FeedStart>,
    summary: Summary,
}

/// A report that is over.
#[derive(Debug)]
pub struct Finished {
    /// What the run came to; a report that failed makes its status.
    pub summary: Summary,
    /// Reports that could not be written.
    pub failures: Vec<ReportError>,
}

impl<'a> ReportSink<'a> {
    /// Begins the reports of a run.
    #[must_use]
    pub fn new(reports: Vec<Written<dyn Reporter + 'a>>, start: &RunStart) -> Self {
        let summary = Summary { trace: start.trace.clone(), ..Summary::default() };
        let mut sink = Self { reports, ids: FindingIds::default(), current: None, summary };
        sink.tell(|reporter| reporter.run(start));
        sink
    }

    /// What has been added up so far; the caller completes it.
    pub fn summary(&mut self) -> &mut Summary {
        &mut self.summary
    }

    /// Ends the reports.
    #[must_use]
    pub fn finish(mut self) -> Finished {
        if self.reports.iter().any(Written::has_failed) {
            self.summary.status = self.summary.status.and(Acceptance::Failed);
        }
        let finished =
            self.reports.into_iter().map(|report| report.finish(|last| last.summary(&self.summary)));
        let failures: Vec<_> = finished.filter_map(Result::err).collect();
        if !failures.is_empty() {
            self.summary.status = self.summary.status.and(Acceptance::Failed);
        }
        Finished { summary: self.summary, failures }
    }

    fn tell(&mut self, say: impl Fn(&mut (dyn Reporter + 'a)) -> io::Result<()>) {
        self.reports.iter_mut().for_each(|report| report.tell(&say));
    }

    fn begin(&mut self, start: &FeedStart) {
        self.tell(|reporter| reporter.feed(start));
        self.ids.begin();
        self.current = Some(start.clone());
    }

    fn finding(&mut self, finding: &Finding, link: Option<&TraceLink>) {
        // Taken out while it is told: its fields are borrowed beside those of the reports.
        let feed = self.current.take().expect("a finding stands between the start and the end of its feed");
        self.summary.findings_told += 1;
        let told = NamedFinding { feed: &feed, finding, id: self.ids.next(&feed.name, finding), link };
        self.tell(|reporter| reporter.finding(&told));
        self.current = Some(feed);
    }

    /// Takes what feeds tell, with where to see it in the tracing system.
    ///
    /// # Panics
    /// When a finding stands in no feed.
    pub fn see(&mut self, event: &FeedEvent, link: Option<&TraceLink>) {
        match event {
            FeedEvent::Start(start) => self.begin(start),
            FeedEvent::Outcome(outcome) => self.outcome(outcome, link),
            FeedEvent::Finding(finding) => self.finding(finding, link),
            FeedEvent::End(end) => self.end(end),
            FeedEvent::Failed(feed, failure) => {
                self.summary.judge(Acceptance::Failed);
                self.tell(|reporter| reporter.feed_failed(feed, &failure.one_line()));
            }
        }
    }

    fn outcome(&mut self, outcome: &Outcome, link: Option<&TraceLink>) {
        outcome.findings.iter().for_each(|finding| self.finding(finding, link));
        if let (true, Some(feed)) = (outcome.is_refused(), &self.current) {
            self.reports
                .iter_mut()
                .for_each(|report| report.tell(|reporter| reporter.refused(feed, outcome)));
        }
    }

    fn end(&mut self, end: &FeedEnd) {
        self.current = None;
        self.summary.tally.merge(&end.tally);
        self.summary.checks.add(end);
        self.summary.recognised.add(end);
        self.summary.judge(end.acceptance);
        self.tell(|reporter| reporter.feed_end(end));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{feed, feed_end, finding};
    use super::super::{JsonReporter, LinesReporter};
    use super::*;
    use std::error::Error;
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

    fn start() -> RunStart {
        RunStart { command: "validate", feeds: 1, started: None, trace: None }
    }

    fn lines<'a>(out: impl Write + Send + 'a) -> Written<dyn Reporter + 'a> {
        Written::to_output(Box::new(LinesReporter::new(out)))
    }

    fn fed(reports: Vec<Written<dyn Reporter + '_>>) -> Finished {
        let mut sink = ReportSink::new(reports, &start());
        sink.see(&FeedEvent::Start(feed("a.xml")), None);
        for line in 1..100 {
            sink.see(&FeedEvent::Finding(finding(line, 1)), None);
        }
        sink.see(&FeedEvent::End(feed_end("a.xml")), None);
        sink.finish()
    }

    #[test]
    fn a_run_may_be_reported_on_another_thread() {
        let mut out = Vec::new();
        let sink = ReportSink::new(vec![lines(&mut out)], &start());
        let summary =
            std::thread::scope(|scope| scope.spawn(|| sink.finish().summary).join().expect("no panic"));
        assert_eq!(summary.status, Acceptance::Accepted);
    }

    #[test]
    fn a_closed_pipe_is_no_error_and_counts_go_on() {
        let Finished { summary, failures } = fed(vec![lines(Closing(150, io::ErrorKind::BrokenPipe))]);
        assert!(failures.is_empty());
        assert_eq!(summary.tally.records, 50);
        assert_eq!(summary.status, Acceptance::Deviations);
    }

    #[test]
    fn a_report_that_fails_is_told_and_silences_no_other() {
        let (mut first, mut last) = (Vec::new(), Vec::new());
        let full = lines(Closing(150, io::ErrorKind::StorageFull));
        let json = Written::<dyn Reporter>::to_output(Box::new(JsonReporter::new(&mut last)));
        let Finished { summary, failures } = fed(vec![lines(&mut first), full, json]);
        let sources: Vec<_> =
            failures.iter().map(|failure| failure.source().expect("why").to_string()).collect();
        assert_eq!(sources, [io::Error::from(io::ErrorKind::StorageFull).to_string()]);
        assert_eq!(summary.status, Acceptance::Failed);
        assert_eq!(String::from_utf8(first).expect("text").lines().count(), 99);
        let json = String::from_utf8(last).expect("text");
        assert!(json.lines().last().expect("a line").contains("\"exit_status\":2"), "{json}");
    }

    #[test]
    fn a_file_that_cannot_be_made_stops_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = Written::<dyn Reporter>::to_file(&folder.path().join("no/such.txt"), |out| {
            Box::new(LinesReporter::new(out))
        });
        let mut out = Vec::new();
        let Finished { summary, failures } = fed(vec![file, lines(&mut out)]);
        assert!(failures[0].to_string().starts_with("cannot write the report to `"), "{failures:?}");
        assert_eq!((summary.status, summary.findings_told), (Acceptance::Failed, 99));
        assert!(!out.is_empty());
    }
}
