//! What `validate` and `import` share: which feeds, judged by what, reported how.

use super::context::Context;
use super::output;
use super::progress::{Extent, ProgressDisplay};
use super::reports::{self, ReportArgs};
use super::stop;
use crate::config::{ReportForm, Settings};
use crate::pipeline::{
    FeedEnd, FeedError, FeedLimits, FeedStart, FeedsOptions, FeedsSink, Finding, Flow, Outcome, OutcomeSink,
    Plans, Progress, StopFlag, run_feeds,
};
use crate::report::{Paint, ReportSink, RunStart, TraceLink};
use crate::source::{Digesting, FeedSource, InputLimits, discover};
use crate::telemetry::{self, SpanAddress, Trail};
use clap::Args;
use jiff::Timestamp;
use std::path::PathBuf;
use std::sync::Arc;

/// Feeds that could not be read and are told one by one.
const FAILURES_TOLD_MAX: usize = 20;

/// Arguments of every command that reads feeds.
#[derive(Debug, Args)]
pub(super) struct ReadArgs {
    /// Feeds: files, folders, or `-` for standard input
    #[arg(value_name = "FEED", required = true)]
    feeds: Vec<PathBuf>,
    /// Format of the feeds, such as `onix` or `onix/3.0`; without it, each feed's root element decides
    #[arg(long, value_name = "FORMAT")]
    pub(super) format: Option<String>,
    #[arg(long, value_name = "DIR")]
    schemas: Option<PathBuf>,
    #[command(flatten)]
    reports: ReportArgs,
    #[arg(long, value_name = "FORM")]
    progress: Option<String>,
    #[arg(long, value_name = "N")]
    threads: Option<String>,
    #[arg(long, value_name = "N")]
    telemetry_budget: Option<String>,
}

/// The same, settled.
pub(super) struct ReadPlan {
    pub(super) settings: Settings,
    pub(super) feeds: Vec<FeedSource>,
    /// Raised by a signal.
    pub(super) stop: StopFlag,
    paint: Paint,
}

impl ReadArgs {
    /// Lays the flags over the other layers, settles them, finds the feeds.
    pub(super) fn settle(&self, command: &'static str, context: &mut Context) -> anyhow::Result<ReadPlan> {
        context.flag("schemas", self.schemas.as_ref().map(|path| path.to_string_lossy()));
        self.reports.settle(context)?;
        context.flag("progress", self.progress.as_ref());
        context.flag("threads", self.threads.as_ref());
        context.flag("telemetry.budget", self.telemetry_budget.as_ref());
        let settings = context.settle()?;
        context.telemetry(command, &settings)?;
        let paint = output::paint(settings.color, context.environment());
        Ok(ReadPlan { settings, feeds: discover(&self.feeds)?, stop: stop::listen(), paint })
    }
}

impl ReadPlan {
    /// Caps on inputs.
    pub(super) fn input_limits(&self) -> InputLimits {
        let limits = &self.settings.limits;
        InputLimits {
            decoded_bytes_max: limits.decoded_bytes_max,
            ratio_max: limits.ratio_max,
            ratio_free_bytes: limits.ratio_free_bytes,
        }
    }

    /// Begins the reports.
    pub(super) fn report(&self, command: &'static str) -> ReportSink<'static> {
        let start = RunStart {
            command,
            feeds: self.feeds.len() as u64,
            started: Some(Timestamp::now()),
            trace: telemetry::trace().map(|run| TraceLink { span_id: None, ..link(run.address()) }),
        };
        reports::begin(&self.settings, self.paint, &start)
    }

    /// Reads all feeds; each is shown to the report, and to `next` if there is one.
    pub(super) fn read<'a>(
        &self,
        plans: &dyn Plans,
        digesting: Digesting,
        report: &'a mut ReportSink<'static>,
        trail: &'a mut Option<Trail>,
        next: Option<&'a mut dyn OutcomeSink>,
    ) -> anyhow::Result<()> {
        let progress = Arc::new(Progress::default());
        let display = self.display(&progress);
        let mut sink = CommandSink { report, trail, next, failures: Failures::default() };
        let read = run_feeds(&self.feeds, plans, &self.options(digesting), &progress, &mut sink);
        drop(display);
        sink.failures.tell();
        Ok(read?)
    }

    /// How feeds are read.
    fn options(&self, digesting: Digesting) -> FeedsOptions {
        FeedsOptions {
            threads: self.settings.threads,
            input: self.input_limits(),
            digesting,
            limits: self.feed_limits(),
            stop: self.stop.clone(),
        }
    }

    /// Bounds on each feed.
    pub(super) fn feed_limits(&self) -> FeedLimits {
        FeedLimits {
            xml: self.settings.limits.xml,
            findings_max: self.settings.limits.findings_max,
            record_findings_max: self.settings.limits.record_findings_max,
            // The report groups for itself and bounds its samples.
            samples_max: u32::MAX,
            ..FeedLimits::default()
        }
    }

    fn display(&self, progress: &Arc<Progress>) -> ProgressDisplay {
        let bytes = self.feeds.iter().map(FeedSource::delivered_bytes).sum();
        let extent = Extent { feeds: self.feeds.len() as u64, bytes };
        ProgressDisplay::start(
            self.settings.progress,
            extent,
            progress,
            self.settings.report != ReportForm::Text,
        )
    }
}

/// Where reports lead to.
fn link(address: SpanAddress) -> TraceLink {
    TraceLink { trace_id: address.trace_id, span_id: Some(address.span_id), url: address.url }
}

/// Shows everything to the report and hands it on.
struct CommandSink<'a> {
    report: &'a mut ReportSink<'static>,
    trail: &'a mut Option<Trail>,
    next: Option<&'a mut dyn OutcomeSink>,
    failures: Failures,
}

impl OutcomeSink for CommandSink<'_> {
    fn start(&mut self, start: &FeedStart) -> Flow {
        if let Some(trail) = &mut self.trail {
            trail.start(start);
        }
        self.report.start(start);
        self.next.as_mut().map_or(Flow::Continue, |next| next.start(start))
    }

    fn outcome(&mut self, outcome: Outcome) -> Flow {
        let link = self.trail.as_mut().and_then(|trail| trail.outcome(&outcome)).map(link);
        self.report.watch_linked(&outcome, link.as_ref());
        self.next.as_mut().map_or(Flow::Continue, |next| next.outcome(outcome))
    }

    fn finding(&mut self, finding: Finding) -> Flow {
        let link = self.trail.as_mut().and_then(|trail| trail.finding(&finding)).map(link);
        self.report.watch_finding_linked(&finding, link.as_ref());
        self.next.as_mut().map_or(Flow::Continue, |next| next.finding(finding))
    }

    fn end(&mut self, end: FeedEnd) {
        if let Some(trail) = &mut self.trail {
            trail.end(&end);
        }
        self.report.watch_end(&end);
        if let Some(next) = &mut self.next {
            next.end(end);
        }
    }
}

impl FeedsSink for CommandSink<'_> {
    fn failed(&mut self, feed: &Arc<str>, error: FeedError) {
        let kind = error.kind();
        let error = anyhow::Error::new(error);
        if let Some(trail) = &mut self.trail {
            trail.failed(feed, kind, &output::one_line(&error));
        }
        self.report.feed_failed(feed, &output::one_line(&error));
        self.failures.add(error);
    }
}

/// Feeds that could not be read; told when the display is gone, the first few of them.
#[derive(Default)]
struct Failures {
    first: Vec<anyhow::Error>,
    more: u64,
}

impl Failures {
    fn add(&mut self, error: anyhow::Error) {
        if self.first.len() < FAILURES_TOLD_MAX {
            self.first.push(error);
        } else {
            self.more += 1;
        }
    }

    fn tell(&self) {
        self.first.iter().for_each(output::error);
        if self.more > 0 {
            output::notice(&format!("error: {} feeds more could not be read", self.more));
        }
    }
}
