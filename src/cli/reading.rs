//! What `validate` and `import` share: which feeds, judged by what, reported how.

use super::context::{Context, block_on};
use super::output::{self, Messages};
use super::progress::{Extent, ProgressDisplay, Work, look_at};
use super::reports::{self, ReportArgs};
use super::stop;
use crate::config::{ReportForm, Settings};
use crate::import::{ImportPlan, Shard};
use crate::judgement::{Acceptance, Compilation};
use crate::pipeline::{
    FeedLimits, FeedsOptions, FormatPlans, Plans, Products, Progress, StopFlag, Structure, heads,
};
use crate::report::{Paint, ReportSink, RunStart, TraceLink};
use crate::run::{Conclusion, Failures, KnownFeeds, Run, RunPlan, Watchers};
use crate::source::{Digesting, FeedSource, InputLimits, Inputs, discover, discover_any};
use clap::Args;
use jiff::Timestamp;
use std::path::PathBuf;
use std::sync::Arc;

/// Arguments of every command that reads feeds.
#[derive(Debug, Args)]
pub(super) struct ReadArgs {
    /// Feeds: files, folders, or `-` for standard input
    #[arg(value_name = "FEED", required = true)]
    feeds: Vec<PathBuf>,
    /// Format of the feeds, such as `onix` or `onix/3.0`; without it, each feed's root element decides
    #[arg(long, value_name = "FORMAT")]
    pub(super) format: Option<String>,
    #[arg(long, value_name = "TIME")]
    settle: Option<String>,
    #[command(flatten)]
    options: ReadOptions,
}

/// What it means that a folder holds no feeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EmptyFolder {
    /// A feed is missing.
    Error,
    /// There is nothing to do there.
    Told,
}

/// How they are read and told.
#[derive(Debug, Args)]
pub(super) struct ReadOptions {
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
    /// What is done with feeds whose bytes were imported before.
    pub(super) known: KnownFeeds,
    /// Raised by a signal.
    pub(super) stop: StopFlag,
    messages: Messages,
    paint: Paint,
}

impl ReadArgs {
    /// Lays the flags over the other layers, settles them, finds the feeds; no report may take the place of one, nor of
    /// `documents`.
    pub(super) fn settle(
        &self,
        command: &'static str,
        empty: EmptyFolder,
        documents: &[PathBuf],
        context: &mut Context,
    ) -> anyhow::Result<ReadPlan> {
        context.flag("settle", self.settle.as_ref());
        let mut plan = self.options.settle(command, context)?;
        let settle = plan.settings.settle;
        let found = match empty {
            EmptyFolder::Error => discover(&self.feeds, settle)?,
            EmptyFolder::Told => discover_any(&self.feeds, settle)?,
        };
        let tell = |folder| context.messages().notice(&format!("notice: {folder}"));
        found.without.iter().for_each(tell);
        let mut inputs = Inputs::default();
        inputs.discovered(&found);
        for document in documents {
            inputs.file(document, format!("the schema document `{}`", document.display()));
            inputs.documents(document);
        }
        reports::admit(&plan.settings, context, inputs)?;
        plan.feeds = found.feeds;
        Ok(plan)
    }
}

impl ReadOptions {
    /// Lays the flags over the other layers and settles them; the feeds are still to be said.
    pub(super) fn settle(&self, command: &'static str, context: &mut Context) -> anyhow::Result<ReadPlan> {
        context.flag("schemas", self.schemas.as_ref().map(|path| path.to_string_lossy()));
        self.reports.settle(context)?;
        context.flag("progress", self.progress.as_ref());
        context.flag("threads", self.threads.as_ref());
        context.flag("telemetry.budget", self.telemetry_budget.as_ref());
        let settings = context.settle()?;
        context.telemetry(command, &settings)?;
        let paint = output::paint(settings.color, context.environment());
        let messages = context.messages().clone();
        let stop = stop::listen(messages.clone());
        Ok(ReadPlan { settings, feeds: Vec::new(), known: KnownFeeds::default(), stop, messages, paint })
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

    /// Leaves the feeds of other parts to those who import them.
    pub(super) fn take_part(
        &mut self,
        shard: Shard,
        plans: &FormatPlans,
        import: &ImportPlan,
    ) -> anyhow::Result<()> {
        let once = self.feeds.iter().find(|feed| feed.delivered_bytes().is_none());
        if let Some(feed) = once {
            anyhow::bail!(
                "`{}` can be read only once, and every shard looks at all feeds: name files",
                feed.name
            );
        }
        let heads = heads(&self.feeds, plans, &self.options(Digesting::Never));
        let names: Vec<&str> = self.feeds.iter().map(|feed| &*feed.name).collect();
        let part = shard.part(import, &heads, &names);
        self.feeds = part.into_iter().map(|at| self.feeds[at].clone()).collect();
        Ok(())
    }

    /// Begins the reports.
    pub(super) fn report(&self, command: &'static str) -> ReportSink<'static> {
        let start = RunStart {
            command,
            feeds: self.feeds.len() as u64,
            started: Some(Timestamp::now()),
            trace: self.messages.run().address().map(|root| TraceLink {
                trace_id: root.trace_id,
                span_id: None,
                url: root.url,
            }),
        };
        reports::begin(&self.settings, self.paint, &start)
    }

    /// Begins a run, reads all its feeds under a display of progress, and ends it; what went wrong is told.
    pub(super) fn run(
        self,
        command: &'static str,
        plans: Arc<dyn Plans>,
        digesting: Digesting,
        import: Option<ImportPlan>,
    ) -> anyhow::Result<Acceptance> {
        let watchers = Watchers::new(self.messages.run(), self.report(command));
        let progress = Arc::new(Progress::default());
        let display = self.display(&progress);
        let reading = self.options(digesting);
        if import.is_some() {
            output::detail(|| format!("the database is `{}`", self.settings.database));
        }
        let schemas = Arc::clone(&plans);
        let plan = RunPlan { feeds: self.feeds, plans, reading, import, begun: None, known: self.known };
        let concluded = block_on(async {
            let mut run = Run::new(plan, watchers);
            run.read(&progress).await;
            drop(display);
            Box::pin(run.end()).await
        });
        let Conclusion { summary, failures, unwritten, error, .. } = concluded?;
        detailed(schemas.compiled());
        tell(&failures, &self.messages);
        self.messages.closing(&self.settings, &summary);
        for report in unwritten {
            self.messages.error(&anyhow::Error::new(report));
        }
        match error {
            Some(error) => Err(anyhow::Error::new(error)),
            None => Ok(summary.status),
        }
    }

    /// How feeds are read.
    fn options(&self, digesting: Digesting) -> FeedsOptions {
        FeedsOptions {
            threads: self.settings.threads,
            input: self.input_limits(),
            digesting,
            products: Products::Wanted,
            limits: self.feed_limits(),
            structure: Structure::Ignored,
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
        let extent = Extent { work: Work::Reading, feeds: self.feeds.len() as u64, bytes };
        ProgressDisplay::start(
            self.settings.progress,
            extent,
            look_at(progress),
            self.settings.report != ReportForm::Text,
            &self.messages,
        )
    }
}

/// Tells how long each schema took, for who asked for it.
fn detailed(compiled: Vec<Compilation>) {
    for Compilation { format, document, lapse, .. } in compiled {
        let milliseconds = lapse.ended.duration_since(lapse.began).as_secs_f64() * 1000.0;
        output::detail(|| format!("format {format}: schema `{document}` compiled in {milliseconds:.1} ms"));
    }
}

/// Tells the feeds that could not be read, the first few of them.
fn tell(failures: &Failures, messages: &Messages) {
    for failure in &failures.first {
        messages.failure(failure);
    }
    if failures.more > 0 {
        messages.notice(&format!("error: {} feeds more could not be read", failures.more));
    }
}
