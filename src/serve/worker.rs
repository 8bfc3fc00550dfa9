//! Workers: each claims a run whose turn it is, does it, and ends it.
//!
//! ```text
//!  claim ─▶ run (the same as `import`) ─▶ reports, copy ─▶ end of the run ─▶ spool emptied
//!    │         │ heartbeat: lease, progress; learns of cancelling, and of being too late
//!    │         ├─ the service stops: given back at once
//!    │         ├─ the source is being imported by somebody else: given back, tried again in a moment
//!    │         └─ not ours any more: nothing is written
//!    └ nothing to do: until the bell rings, or a look now and then
//! ```

use super::kept::{self, KeptReports};
use super::release::{self, ReleaseError};
use super::service::{RunControl, Service};
use crate::import::{Begun, ImportError, ImportPlan, Mode};
use crate::judgement::{Acceptance, Failure};
use crate::pipeline::FeedsOptions;
use crate::report::{ReportSink, Reporter, RunStart, TraceLink, Written, summary_json};
use crate::run::{Conclusion, KnownFeeds, Run, RunError, RunPlan, Watchers};
use crate::source::{Digesting, FeedSource};
use crate::store::{
    Advance, Attempt, ClaimedRun, Completion, PackedFeed, RunEnd, Store, StoreError, SubmissionMode,
};
use crate::telemetry::{Gravity, RunTelemetry};
use std::sync::Arc;
use std::time::Duration;
use tempfile::NamedTempFile;
use tokio::task::JoinHandle;

/// How often to look without having heard the bell.
const LOOK: Duration = Duration::from_secs(2);
/// How long to wait when the database does not answer.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest pause between two signs of life.
const BEAT_MAX: Duration = Duration::from_secs(2);
/// When a run is tried again whose source somebody else imports.
const LOCKED_SECONDS: i64 = 2;
/// When a run is tried again whose database went away.
const ABSENT_SECONDS: i64 = 5;
/// How often the end of a run is written again when the database does not take it.
const END_TRIES: u32 = 5;

/// Works until the service stops.
pub(super) async fn work(service: Arc<Service>, store: Store) {
    while !service.stopping.is_raised() {
        match store.claim(service.now(), service.lease_until()).await {
            Ok(Some(claimed)) => Job::begin(&service, &store, claimed).work().await,
            Ok(None) => {
                let _ = tokio::time::timeout(LOOK, service.bell.notified()).await;
            }
            Err(error) => {
                tell(&service, &format!("no run can be claimed: {}", chain(&error)));
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn tell(service: &Service, sentence: &str) {
    let _ = service.plan.telemetry.tell(Gravity::Error, sentence);
}

/// An error with its causes, in one line.
pub(super) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        text = format!("{text}: {deeper}");
        cause = deeper.source();
    }
    text
}

/// One claimed run.
struct Job {
    service: Arc<Service>,
    store: Store,
    claimed: ClaimedRun,
    control: Arc<RunControl>,
    telemetry: RunTelemetry,
}

impl Job {
    fn begin(service: &Arc<Service>, store: &Store, claimed: ClaimedRun) -> Self {
        let control = service.enter(claimed.run);
        let telemetry = service.plan.telemetry.run_for(claimed.command(), claimed.traceparent.as_deref());
        telemetry.numbered(&claimed.run.to_string());
        Self { service: Arc::clone(service), store: store.clone(), claimed, control, telemetry }
    }

    fn attempt(&self) -> Attempt {
        self.claimed.attempt()
    }

    async fn work(self) {
        let _busy = self.service.plan.telemetry.busy();
        let waited = u64::try_from(self.claimed.waited_ms).unwrap_or_default();
        self.service.plan.telemetry.waited(Duration::from_millis(waited));
        let heart = self.heart();
        if let Some(root) = self.telemetry.address() {
            // A run without its trace is a run all the same.
            let _ = self.store.trace(self.attempt(), &root.trace_id).await;
        }
        let ended = match self.feed().await {
            Ok(Fed { source, copy }) => {
                let (reports, written) = KeptReports::begin(self.service.plan.samples);
                let conclusion = Box::pin(self.run(self.plan(source.clone()), written)).await;
                let ended = self.conclude(conclusion, reports, &source).await;
                drop(copy);
                ended
            }
            Err(unfed) => self.unfed(unfed).await,
        };
        drop(heart);
        self.service.leave(self.claimed.run);
        self.told(ended);
        self.telemetry.end(ended);
    }

    /// A line for the log.
    fn told(&self, ended: Acceptance) {
        let ClaimedRun { run, feed, attempt, .. } = &self.claimed;
        let sentence = format!("run {run}, attempt {attempt}, `{feed}`: {}", ended.as_str());
        let gravity = if ended == Acceptance::Accepted { Gravity::Account } else { Gravity::Notice };
        let _ = self.telemetry.tell(gravity, &sentence);
    }

    /// What is read, if its bytes are still there.
    async fn feed(&self) -> Result<Fed, Unfed> {
        let Some(release) = &self.claimed.release else { return self.spooled().ok_or(Unfed::Unspooled) };
        match release::feed(&self.store, release).await {
            Ok((source, copy)) => Ok(Fed { source, copy: Some(copy) }),
            Err(error) => Err(Unfed::Unreleased(error)),
        }
    }

    fn spooled(&self) -> Option<Fed> {
        let source = self.service.spool.feed(self.claimed.spool.as_deref()?, &self.claimed.feed);
        source.delivered_bytes()?;
        Some(Fed { source, copy: None })
    }

    /// Ends a run whose bytes are not there.
    async fn unfed(&self, unfed: Unfed) -> Acceptance {
        match unfed {
            Unfed::Unspooled => self.fail("its bytes are not in the spool any more: submit it again").await,
            Unfed::Unreleased(error) if error.is_absence() => self.give_back(ABSENT_SECONDS).await,
            Unfed::Unreleased(error) => match self.before() {
                // It was let in by an earlier attempt, and nobody keeps its bytes any more.
                Some(acceptance) => {
                    let end = RunEnd { acceptance, message: None, summary: None };
                    self.end(&Completion { end, reports: &[], copy: None }).await
                }
                None => self.fail(&chain(&error)).await,
            },
        }
    }

    /// What an earlier attempt has come to, if only the end of the run was lost.
    fn before(&self) -> Option<Acceptance> {
        let before = self.claimed.acceptance.as_deref().and_then(Acceptance::of_word);
        before.filter(|_| self.claimed.feeds > 0)
    }

    /// What is done with the feed.
    fn plan(&self, feed: FeedSource) -> RunPlan {
        let claimed = &self.claimed;
        let mode = match claimed.mode {
            // Only its end was lost: nothing is done twice.
            _ if claimed.feeds > 0 => Mode::DryRun,
            SubmissionMode::Import => Mode::Write,
            SubmissionMode::Check => Mode::Check,
        };
        let import = ImportPlan {
            mode,
            source: claimed.source.clone().filter(|_| claimed.source_asked),
            doubts_source: true,
            ..self.service.plan.import.clone()
        };
        let import = match &claimed.release {
            Some(release) => release::import(release, import),
            None => import,
        };
        let reading = FeedsOptions {
            threads: 1,
            digesting: Digesting::WhileReading,
            stop: self.control.stop.clone(),
            ..self.service.plan.reading.clone()
        };
        let begun =
            Some(Begun { store: self.store.clone(), attempt: self.attempt(), digest: claimed.digest() });
        let plans = self.service.plans(claimed.format.as_deref());
        // Of an attempt that is not the first, a request to cancel it may wait to be heard: that takes a beat.
        let known = if self.attempt().number > 1 { KnownFeeds::Read } else { KnownFeeds::Told };
        RunPlan { feeds: vec![feed], plans, reading, import: Some(import), begun, known }
    }

    async fn run(&self, plan: RunPlan, reports: Vec<Written<dyn Reporter>>) -> Conclusion {
        let trace = self.telemetry.address().map(|root| TraceLink {
            trace_id: root.trace_id,
            span_id: None,
            url: root.url,
        });
        let start =
            RunStart { command: self.claimed.command(), feeds: 1, started: Some(self.service.now()), trace };
        let watchers = Watchers::new(self.telemetry.clone(), ReportSink::new(reports, &start));
        let mut run = Run::new(plan, watchers);
        run.read(&self.control.progress).await;
        Box::pin(run.end()).await
    }

    /// Ends the run as what it came to, or gives it back.
    async fn conclude(&self, conclusion: Conclusion, reports: KeptReports, feed: &FeedSource) -> Acceptance {
        if self.control.lost.is_raised() {
            return self.too_late();
        }
        match &conclusion.error {
            Some(RunError::Import(ImportError::Store(StoreError::LeaseLost { .. }))) => {
                return self.too_late();
            }
            Some(RunError::Import(ImportError::Store(StoreError::Locked { .. }))) => {
                return self.give_back(LOCKED_SECONDS).await;
            }
            Some(RunError::Import(ImportError::Store(error))) if error.is_absence() => {
                return self.give_back(ABSENT_SECONDS).await;
            }
            _ => {}
        }
        if conclusion.stopped && !self.control.cancel.is_raised() {
            return self.give_back(0).await;
        }
        let before = self.before();
        let acceptance = before.unwrap_or(conclusion.summary.status);
        // There is one feed: why it could not be read says more than that there was one.
        let unread = conclusion.failures.first.first().map(Failure::one_line);
        let why = unread.as_deref().or(conclusion.message.as_deref());
        let message = if conclusion.stopped { Some(cancelled(before)) } else { why };
        let summary = summary_json(&conclusion.summary);
        let end = RunEnd { acceptance, message, summary: Some(&summary) };
        // Reports that cannot be kept are no reason to do the run again.
        let reports = reports.packed().unwrap_or_default();
        let copy = self.copy(&conclusion, feed);
        let keep = self.service.plan.versions_keep;
        let copy = copy.as_ref().map(|(id, packed)| (*id, packed, keep));
        self.end(&Completion { end, reports: &reports, copy }).await
    }

    /// The feed, if its bytes are to be kept.
    fn copy(&self, conclusion: &Conclusion, feed: &FeedSource) -> Option<(i64, PackedFeed)> {
        let report = conclusion.import.as_ref().filter(|_| self.service.plan.versions_keep > 0)?;
        kept::read(feed, report, self.claimed.digest()?)
    }

    async fn fail(&self, message: &str) -> Acceptance {
        let end = RunEnd { acceptance: Acceptance::Failed, message: Some(message), summary: None };
        self.end(&Completion { end, reports: &[], copy: None }).await
    }

    /// Writes the end of the run; what the database does not take is begun again when the lease is over.
    async fn end(&self, completion: &Completion<'_>) -> Acceptance {
        completion.end.message.iter().for_each(|message| self.telemetry.because(message));
        for attempt in 1..=END_TRIES {
            match self.store.complete_run(self.attempt(), self.service.now(), completion).await {
                Ok(()) => {
                    self.empty_spool().await;
                    return completion.end.acceptance;
                }
                Err(StoreError::LeaseLost { .. }) => return self.too_late(),
                Err(error) if attempt == END_TRIES => {
                    tell(
                        &self.service,
                        &format!("run {} cannot be ended: {}", self.claimed.run, chain(&error)),
                    );
                }
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
        Acceptance::Failed
    }

    async fn empty_spool(&self) {
        let Some(name) = self.claimed.spool.clone() else { return };
        let spool = Arc::clone(&self.service.spool);
        // What cannot be removed now is swept later.
        let _ = super::cpu::blocking(move || spool.remove(&name)).await;
    }

    /// Another attempt is under way, or has been: nothing more is written.
    fn too_late(&self) -> Acceptance {
        let run = self.claimed.run;
        tell(
            &self.service,
            &format!("run {run} was taken over by another worker: nothing of this attempt stands"),
        );
        Acceptance::Cancelled
    }

    /// Gives the run back, not to be begun within so many seconds.
    async fn give_back(&self, seconds: i64) -> Acceptance {
        let later = jiff::SignedDuration::from_secs(seconds);
        let not_before = (seconds > 0).then(|| self.service.now().saturating_add(later).unwrap_or_default());
        for _ in 1..=END_TRIES {
            match self.store.give_back(self.attempt(), not_before).await {
                Ok(_) => break,
                // Its lease will be over, and then it waits again.
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
        Acceptance::Cancelled
    }

    /// Shows signs of life until it is dropped.
    fn heart(&self) -> Heart {
        let (service, store) = (Arc::clone(&self.service), self.store.clone());
        let (control, attempt) = (Arc::clone(&self.control), self.attempt());
        let pause = (service.plan.import.lease / 4).min(BEAT_MAX);
        Heart(tokio::spawn(async move {
            loop {
                tokio::time::sleep(pause).await;
                let now = control.progress.now();
                let advance =
                    Advance { bytes: now.delivered_bytes, records: now.records, refused: now.refused };
                match store.advance(attempt, service.lease_until(), advance).await {
                    Ok(true) => control.cancel(),
                    Err(StoreError::LeaseLost { .. }) => return control.lose(),
                    // A database that does not answer now may do so at the next beat, and before the lease ends.
                    Ok(false) | Err(_) => {}
                }
            }
        }))
    }
}

/// What is said of a run that was stopped because somebody wanted that.
const fn cancelled(before: Option<Acceptance>) -> &'static str {
    match before {
        None => "cancelled on request",
        Some(_) => {
            "the request to cancel it came too late: an earlier attempt had finished the feed, and what it did stands"
        }
    }
}

/// A feed to read.
struct Fed {
    source: FeedSource,
    /// Where its bytes are, when they are in no spool.
    copy: Option<NamedTempFile>,
}

/// Why there is none.
enum Unfed {
    Unspooled,
    Unreleased(ReleaseError),
}

/// Signs of life, as long as this is there.
struct Heart(JoinHandle<()>);

impl Drop for Heart {
    fn drop(&mut self) {
        self.0.abort();
    }
}
