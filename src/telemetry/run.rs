//! What one run tells: its trace, its feeds, its database work, and how it ended.

use super::deviation;
use super::feed_signals::FeedSignals;
use super::run_metrics::RunMetrics;
use super::trace::{Cause, RunTrace, SpanAddress, WallClock};
use super::{Equipment, Gravity, Telemetry, ids, names};
use crate::judgement::Acceptance;
use opentelemetry::{ContextGuard, KeyValue};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The telemetry of one run: a handle, cheap to clone. The default is that nobody listens.
///
/// A run that is dropped before it is [ended](Self::end) has failed.
#[derive(Clone, Debug, Default)]
pub struct RunTelemetry(pub(super) Option<Arc<ActiveRun>>);

/// A run that somebody hears of.
#[derive(Debug)]
pub(super) struct ActiveRun {
    pub(super) equipment: Arc<Equipment>,
    pub(super) trace: Option<RunTrace>,
    pub(super) command: &'static str,
    pub(super) clock: WallClock,
    pub(super) database_spans: AtomicUsize,
    /// What the root says at its end; `None` once it has ended.
    last_words: Mutex<Option<Vec<KeyValue>>>,
    /// Its number in the database, once that is known.
    pub(super) number: OnceLock<String>,
    /// Why it is not accepted, as it was told last.
    why: Mutex<Option<String>>,
    /// Its metrics were set by its feeds.
    is_measured: AtomicBool,
}

impl RunTelemetry {
    /// Nobody listens.
    #[must_use]
    pub const fn off() -> Self {
        Self(None)
    }

    pub(super) fn begin(equipment: &Arc<Equipment>, command: &'static str, cause: Cause) -> Self {
        let senders = equipment.setup.as_ref().map(|setup| &setup.senders);
        let trace = senders.and_then(|senders| senders.traces.as_ref()).and_then(|(provider, _)| {
            let attributes = vec![
                KeyValue::new(names::COMMAND, command),
                KeyValue::new(names::PROCESS_PID, i64::from(std::process::id())),
            ];
            let url = equipment.settings.trace_url.clone();
            RunTrace::begin(provider, format!("feedgate {command}"), cause, url, attributes)
        });
        Self(Some(Arc::new(ActiveRun {
            equipment: Arc::clone(equipment),
            trace,
            command,
            clock: WallClock::now(),
            database_spans: AtomicUsize::new(0),
            last_words: Mutex::new(Some(Vec::new())),
            number: OnceLock::new(),
            why: Mutex::default(),
            is_measured: AtomicBool::new(false),
        })))
    }

    /// Where the root of its trace is, when there is one.
    #[must_use]
    pub fn address(&self) -> Option<SpanAddress> {
        Some(self.0.as_ref()?.trace.as_ref()?.address())
    }

    /// Makes signals of what its feeds tell; `None` when nobody listens.
    #[must_use]
    pub fn feeds(&self) -> Option<FeedSignals> {
        self.0.clone().map(FeedSignals::new)
    }

    /// Logs a sentence as [`Telemetry::tell`] does, with the ids of the run. The last error is
    /// [why](Self::because) it failed.
    #[must_use]
    pub fn tell(&self, gravity: Gravity, sentence: &str) -> bool {
        let Some(run) = &self.0 else { return false };
        if gravity == Gravity::Error {
            self.because(sentence);
        }
        let _current = run.enter();
        Telemetry(Some(Arc::clone(&run.equipment))).tell(gravity, sentence)
    }

    /// Says the exit status of the program, where it is not that of what the run comes to.
    pub fn exits(&self, status: u8) {
        if let Some(run) = &self.0 {
            run.says([KeyValue::new(names::PROCESS_EXIT_CODE, i64::from(status))]);
        }
    }

    /// Says which number the run has in the database: what it tells from here on has it, and its root.
    pub fn numbered(&self, number: &str) {
        if let Some(run) = &self.0 {
            // A run has one number.
            let _ = run.number.set(number.to_owned());
        }
    }

    /// Links the root of its trace to that of another, which a row of the database names. Nothing when that is
    /// nonsense, or there is no trace.
    pub fn links(&self, trace_id: &str) {
        let trace = self.0.as_ref().and_then(|run| run.trace.as_ref());
        if let Some((trace, span)) = trace.zip(ids::root_of(trace_id)) {
            trace.link(span);
        }
    }

    /// Says why the run is not accepted, for the status of its root; what is said last counts.
    pub fn because(&self, sentence: &str) {
        if let Some(run) = &self.0 {
            *run.why.lock().unwrap_or_else(PoisonError::into_inner) = Some(deviation::cause(sentence));
        }
    }

    /// Ends the run, once: the root of its trace, and its metrics when no feed was ever begun.
    pub fn end(&self, acceptance: Acceptance) {
        if let Some(run) = &self.0 {
            run.end(acceptance);
        }
    }
}

impl ActiveRun {
    /// Events that follow have the ids of the root, until this is dropped.
    pub(super) fn enter(&self) -> Option<ContextGuard> {
        self.trace.as_ref().map(|trace| trace.context().clone().attach())
    }

    /// Adds to what the root says at its end.
    pub(super) fn says(&self, words: impl IntoIterator<Item = KeyValue>) {
        if let Some(last) = &mut *self.last_words.lock().unwrap_or_else(PoisonError::into_inner) {
            last.extend(words);
        }
    }

    fn end(&self, acceptance: Acceptance) {
        let words = self.last_words.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut words) = words else { return };
        if !self.is_measured.load(Ordering::Acquire) {
            let (began, metrics) =
                (self.clock.time, RunMetrics::new(Arc::clone(&self.equipment), self.command));
            metrics.finish(acceptance, began, began.elapsed().unwrap_or_default(), None);
        }
        let Some(trace) = &self.trace else { return };
        words.extend(self.number.get().map(|number| KeyValue::new(names::RUN, number.clone())));
        words.push(KeyValue::new(names::OUTCOME, acceptance.as_str()));
        if words.iter().all(|word| word.key.as_str() != names::PROCESS_EXIT_CODE) {
            words.push(KeyValue::new(names::PROCESS_EXIT_CODE, i64::from(acceptance.exit_status())));
        }
        let failed = acceptance != Acceptance::Accepted;
        trace.end(words, failed.then(|| (acceptance.as_str(), self.why(acceptance))));
    }

    /// Why the run is not accepted, in a sentence.
    fn why(&self, acceptance: Acceptance) -> String {
        let told = self.why.lock().unwrap_or_else(PoisonError::into_inner).take();
        told.unwrap_or_else(|| acceptance.meaning().to_owned())
    }

    /// Its metrics are set: there were feeds to tell them.
    pub(super) fn is_measured(&self) {
        self.is_measured.store(true, Ordering::Release);
    }
}

impl Drop for ActiveRun {
    fn drop(&mut self) {
        self.end(Acceptance::Failed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::{FeedEnd, FeedEvent, FeedStart, Finding, Severity, Tally};
    use crate::telemetry::SENDERS_MAX;
    use crate::telemetry::test_support::scraped;
    use crate::xml::Place;
    use std::sync::Weak;

    /// A whole run with one feed of a sender; gives back whether anything of it is still there.
    fn run(telemetry: &Telemetry, sender: &str) -> Weak<ActiveRun> {
        let run = telemetry.run_for("import", None);
        let held = run.0.as_ref().map(Arc::downgrade).expect("somebody listens");
        let mut feeds = run.feeds().expect("somebody listens");
        let (format, sender) = (Some("onix/3.0".into()), Some(sender.to_owned()));
        let start = FeedStart {
            name: sender.clone().unwrap_or_default().into(),
            format,
            sender,
            ..FeedStart::default()
        };
        let finding = Finding::new(Severity::Error, "rule.gtin", String::new(), Place::default());
        let failure = crate::judgement::Failure { kind: "none", causes: Vec::new() };
        let tally = Tally { records: 2, accepted: 1, refused: 1, ..Tally::default() };
        feeds.see(&FeedEvent::Start(start.clone()));
        feeds.see(&FeedEvent::Finding(finding));
        feeds.see(&FeedEvent::End(FeedEnd { tally, ..FeedEnd::failed(start, failure) }));
        feeds.settle();
        feeds.conclude(Acceptance::Deviations, Some("7"), None);
        run.end(Acceptance::Deviations);
        held
    }

    #[test]
    fn nothing_grows_with_the_number_of_runs() {
        let telemetry = scraped();
        let series = || telemetry.exposition().expect("a text").lines().count();
        let runs = |numbers: std::ops::Range<usize>| {
            for number in numbers {
                assert!(run(&telemetry, &format!("Verlag {number}")).upgrade().is_none());
            }
        };
        // One sender more is `other`, the last label of all.
        runs(0..SENDERS_MAX + 1);
        let before = series();
        runs(SENDERS_MAX + 1..5 * SENDERS_MAX);
        assert_eq!(series(), before);
        assert_eq!(Arc::strong_count(telemetry.0.as_ref().expect("it is on")), 1);
    }
}
