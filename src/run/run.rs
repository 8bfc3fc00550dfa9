//! A run from its beginning to its end.

use super::conclusion::{Conclusion, Failures, RunError};
use super::originals::FeedFiles;
use super::plan::{KnownFeeds, RunPlan};
use super::recognition::{Met, in_order, recognise};
use super::watchers::Watchers;
use crate::config::DatabaseUrl;
use crate::import::{Import, ImportReport, Recalled};
use crate::judgement::{Acceptance, Failure, FeedEvent};
use crate::pipeline::{Advance, FeedReaders, Products, Progress, Structure, judged_with};
use crate::report::{Finished, ImportCounts, Summary};
use crate::source::FeedSource;
use crate::store::{self, Store};
use crate::telemetry::{SENDERS_MAX, Standing};
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Instant;
use tokio::runtime::Builder;

/// Threads for database work; the reading of feeds has its own.
const DATABASE_THREADS: usize = 2;

/// A run under way: [`read`](Self::read) its feeds, then [`end`](Self::end) it.
pub struct Run {
    plan: RunPlan,
    watchers: Watchers,
    began: Instant,
    failures: Failures,
    import: Option<Import>,
    error: Option<RunError>,
    /// What the import did.
    report: Option<ImportReport>,
}

impl Run {
    /// A run of which nothing is done yet.
    #[must_use]
    pub fn new(plan: RunPlan, watchers: Watchers) -> Self {
        let (began, failures) = (Instant::now(), Failures::default());
        Self { plan, watchers, began, failures, import: None, error: None, report: None }
    }

    /// Reads all feeds and imports what is right in them, if that is the plan. What goes wrong is told at the end.
    pub async fn read(&mut self, progress: &Arc<Progress>) {
        self.error = self.try_read(progress).await.err();
    }

    async fn try_read(&mut self, progress: &Arc<Progress>) -> Result<(), RunError> {
        if self.plan.import.is_none() {
            self.plan.reading.products = Products::Unread;
        } else {
            // Whoever imports wants to know what is usual.
            self.plan.reading.structure = Structure::Gathered;
        }
        let (plans, reading) = (Arc::clone(&self.plan.plans), self.plan.reading.clone());
        if let Some(plan) = &mut self.plan.import {
            plan.judged_with = judged_with(plans.as_ref(), &reading);
            let (plan, telemetry) = (plan.clone(), self.watchers.telemetry.clone());
            let import = match self.plan.begun.clone() {
                Some(begun) => Import::join(plan, telemetry, begun).await?,
                None => Import::open(plan, telemetry).await?,
            };
            self.summary().run = import.run().map(|run| run.to_string());
            self.import = Some(import);
        }
        let met = self.meet().await?;
        let unread = met.iter().filter(|(_, recalled)| recalled.is_none()).map(|(feed, _)| feed.clone());
        let mut readers = FeedReaders::start(unread.collect(), plans, reading, Arc::clone(progress))?;
        for (feed, recalled) in met {
            match recalled {
                None => self.take_read(&mut readers).await?,
                Some(recalled) => self.take_known(feed, recalled, progress).await?,
            }
        }
        Ok(())
    }

    /// The feeds in the order in which they are told, those that are known by their bytes among them.
    async fn meet(&mut self) -> Result<Vec<Met>, RunError> {
        let feeds = std::mem::take(&mut self.plan.feeds);
        let RunPlan { plans, reading, known, import: plan, .. } = &self.plan;
        let unread = |feeds: Vec<FeedSource>| feeds.into_iter().map(|feed| (feed, None)).collect();
        let (Some(import), Some(plan)) = (&mut self.import, plan) else { return Ok(unread(feeds)) };
        let is_told = *known == KnownFeeds::Told && plan.release.is_none();
        let met = if is_told { recognise(import, feeds, plans, reading).await? } else { unread(feeds) };
        let met = in_order(met, plan, plans.as_ref(), reading);
        let (feeds, recalled): (Vec<_>, Vec<_>) = met.into_iter().unzip();
        let (feeds, files) = FeedFiles::of(feeds);
        self.import = self.import.take().map(|import| import.with_originals(Box::new(files)));
        Ok(feeds.into_iter().zip(recalled).collect())
    }

    /// Takes all that the next feed tells that is read.
    async fn take_read(&mut self, readers: &mut FeedReaders) -> Result<(), RunError> {
        while let Some(events) = readers.next().await {
            self.take_all(events).await?;
            if !readers.is_within() {
                break;
            }
        }
        Ok(())
    }

    /// Takes what a known feed told, or reads it where it does not stand any more.
    async fn take_known(
        &mut self,
        feed: FeedSource,
        recalled: Recalled,
        progress: &Arc<Progress>,
    ) -> Result<(), RunError> {
        if self.plan.reading.stop.is_raised() {
            return Ok(());
        }
        let digest = recalled.digest();
        let import = self.import.as_mut().expect("only an import recalls feeds");
        let telling = import.telling(recalled).await?;
        let told = telling.and_then(|telling| telling.events(digest, Instant::now()));
        let Some(events) = told else {
            let (plans, reading) = (Arc::clone(&self.plan.plans), self.plan.reading.clone());
            let mut alone = FeedReaders::start(vec![feed], plans, reading, Arc::clone(progress))?;
            return self.take_read(&mut alone).await;
        };
        progress.add(advance(&events, feed.delivered_bytes()));
        self.take_all(events).await
    }

    /// Takes events in order: first the import, then whoever watches.
    async fn take_all(&mut self, mut events: VecDeque<FeedEvent>) -> Result<(), RunError> {
        while let Some(mut event) = events.pop_front() {
            if let Some(import) = &mut self.import {
                for finding in import.take(&mut event, &events).await? {
                    self.watchers.see(&FeedEvent::Finding(finding));
                }
            }
            self.see(&event);
            if self.import.as_ref().is_none_or(Import::is_applied) {
                self.watchers.settle();
            }
        }
        Ok(())
    }

    fn see(&mut self, event: &FeedEvent) {
        match event {
            FeedEvent::Failed(_, failure) => self.failures.add(failure),
            FeedEvent::End(end) => end.failure.iter().for_each(|failure| self.failures.add(failure)),
            FeedEvent::Start(_) | FeedEvent::Outcome(_) | FeedEvent::Finding(_) => {}
        }
        self.watchers.see(event);
    }

    /// Brings the run to its end: what is left is applied, the run closed, everybody told.
    pub async fn end(mut self) -> Conclusion {
        let stopped = self.plan.reading.stop.is_raised();
        if stopped {
            self.breaks_off(Acceptance::Cancelled, "cancelled by a signal");
        }
        let mut message = self.message(stopped);
        if let Some(import) = self.import.take() {
            // Large, and so kept apart from every future around it.
            let ended = Box::pin(self.end_import(import, stopped, message.as_deref())).await;
            self.error = self.error.or(ended.err());
        }
        if let Some(error) = &self.error {
            let why = Failure::of("run", error).one_line();
            self.breaks_off(Acceptance::Failed, &why);
            message = Some(why);
        }
        let elapsed = self.began.elapsed();
        let dry_run = self.plan.import.as_ref().is_some_and(|import| !import.mode.writes());
        let summary = self.summary();
        (summary.elapsed, summary.dry_run) = (elapsed, dry_run);
        let Watchers { feeds, reports, .. } = self.watchers;
        let Finished { summary, failures: unwritten } = reports.finish();
        if let Some(mut feeds) = feeds {
            feeds.compiled(&self.plan.plans.compiled());
            // Who began the run for us watches the database, too.
            let standing = match &self.plan.import {
                Some(import) if self.plan.begun.is_none() => standing(&import.database).await,
                _ => None,
            };
            feeds.conclude(summary.status, summary.run.as_deref(), standing.as_ref());
        }
        Conclusion {
            summary,
            failures: self.failures,
            unwritten,
            error: self.error,
            import: self.report,
            stopped,
            message,
        }
    }

    /// Why the run is not done, or not all of it.
    fn message(&self, stopped: bool) -> Option<String> {
        let cancelled = "cancelled by a signal; what was not read whole by then was dropped";
        if stopped { Some(cancelled.to_owned()) } else { self.failures.sentence() }
    }

    /// Applies what is left and closes the run in the database.
    async fn end_import(
        &mut self,
        mut import: Import,
        stopped: bool,
        message: Option<&str>,
    ) -> Result<(), RunError> {
        if let Some(error) = &self.error {
            // An error of the import's own counts for more than one of closing.
            let _ = import.close(Acceptance::Failed, Some(&Failure::of("run", error).one_line())).await;
            return Ok(());
        }
        if stopped && self.plan.begun.is_some() {
            return Ok(import.close(Acceptance::Cancelled, message).await?);
        }
        let report = match import.finish().await {
            Ok(report) => report,
            Err(error) => {
                let _ = import.close(Acceptance::Failed, Some(&Failure::of("run", &error).one_line())).await;
                return Err(error.into());
            }
        };
        self.watchers.settle();
        self.summary().import = Some(counts(&report));
        self.report = Some(report);
        let acceptance = self.summary().status;
        Ok(import.close(acceptance, message).await?)
    }

    fn breaks_off(&mut self, acceptance: Acceptance, why: &str) {
        let summary = self.summary();
        summary.failure = Some(why.to_owned());
        summary.status = summary.status.and(acceptance);
    }

    fn summary(&mut self) -> &mut Summary {
        self.watchers.reports.summary()
    }
}

/// How far telling a feed brings the run.
fn advance(events: &VecDeque<FeedEvent>, delivered_bytes: Option<u64>) -> Advance {
    let Some(FeedEvent::End(end)) = events.back() else { return Advance::default() };
    let tally = &end.tally;
    Advance {
        feeds: 1,
        delivered_bytes: delivered_bytes.unwrap_or_default(),
        bytes: tally.bytes,
        records: tally.records,
        refused: tally.refused,
    }
}

fn counts(report: &ImportReport) -> ImportCounts {
    ImportCounts {
        imported: report.counts.inserted + report.counts.updated,
        unchanged: report.counts.unchanged,
        withdrawn: report.counts.withdrawn,
        stale: report.counts.stale,
        quarantined: report.quarantined,
        feeds_known: report.repeated,
    }
}

/// What the database holds now, for gauges; what cannot be asked is not told.
async fn standing(database: &DatabaseUrl) -> Option<Standing> {
    let store = Store::open_existing(database).await.ok()??;
    told_standing(&store).await
}

/// What a database holds now, as gauges tell it; what cannot be asked is not told.
pub async fn told_standing(store: &Store) -> Option<Standing> {
    let store::Standing { quarantined, quarantined_since, held, last_good } =
        store.standing(SENDERS_MAX).await.ok()?;
    let last_good = last_good.into_iter().map(|(sender, at)| (sender, at.into())).collect();
    Some(Standing { quarantined, quarantined_since: quarantined_since.map(Into::into), held, last_good })
}

/// Runs asynchronous work to its end for a caller who is not, on threads of its own.
pub fn block_on<T>(work: impl Future<Output = T>) -> io::Result<T> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(DATABASE_THREADS)
        .thread_name("feedgate-database")
        .enable_all()
        .build()?;
    Ok(runtime.block_on(work))
}
