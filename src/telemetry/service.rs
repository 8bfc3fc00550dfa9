//! What a service tells of itself between runs: uploads, the queue, its workers.
//!
//! Every call sets or adds at once and keeps nothing; labels are words of ours.

use super::losses::Loss;
use super::names::{COMMAND, FORMAT, OUTCOME, QUEUE_STATE};
use super::run_metrics::READING;
use super::{Equipment, Telemetry};
use crate::judgement::Acceptance;
use opentelemetry::KeyValue;
use std::sync::Arc;
use std::time::Duration;

/// Formats whose series begin before their first feed.
const FORMATS_BEGUN_MAX: usize = 50;

/// What became of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UploadOutcome {
    /// It is a run of the queue now.
    Accepted,
    /// The same is a run already.
    Repeated,
    /// Its key is that of another upload.
    KeyReused,
    /// The request or what it asks for is wrong.
    Invalid,
    /// No token, or none that is known.
    Unauthorized,
    /// The token does not allow it.
    Forbidden,
    /// More bytes than the limit.
    TooLarge,
    /// A media type that is not taken.
    UnsupportedType,
    /// Too slow, or no end within the time.
    TimedOut,
    /// Too many uploads at once.
    Busy,
    /// No room in the queue.
    QueueFull,
    /// No room in the spool.
    StorageFull,
    /// The database does not answer.
    DatabaseUnavailable,
    /// The client went away before the end.
    Aborted,
    /// The service has failed.
    Failed,
}

impl UploadOutcome {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Accepted,
        Self::Repeated,
        Self::KeyReused,
        Self::Invalid,
        Self::Unauthorized,
        Self::Forbidden,
        Self::TooLarge,
        Self::UnsupportedType,
        Self::TimedOut,
        Self::Busy,
        Self::QueueFull,
        Self::StorageFull,
        Self::DatabaseUnavailable,
        Self::Aborted,
        Self::Failed,
    ];

    /// Its word, the value of a label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Repeated => "repeated",
            Self::KeyReused => "key_reused",
            Self::Invalid => "invalid",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::TooLarge => "too_large",
            Self::UnsupportedType => "unsupported_type",
            Self::TimedOut => "timed_out",
            Self::Busy => "busy",
            Self::QueueFull => "queue_full",
            Self::StorageFull => "storage_full",
            Self::DatabaseUnavailable => "database_unavailable",
            Self::Aborted => "aborted",
            Self::Failed => "failed",
        }
    }

    fn label(self) -> KeyValue {
        KeyValue::new(OUTCOME, self.as_str())
    }
}

/// The queue as the database has it; replicas that share it tell the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueStanding {
    /// Runs that wait.
    pub queued: u64,
    /// Runs that a worker has.
    pub running: u64,
    /// How long the oldest of those that wait does so; `None` when none waits.
    pub oldest_age: Option<Duration>,
}

/// A worker that has a run, until this is dropped.
#[derive(Debug, Default)]
#[must_use = "the worker is idle again when this is dropped"]
pub struct BusyWorker(Option<Arc<Equipment>>);

impl Telemetry {
    /// Counts an upload that took so long to be answered.
    pub fn uploaded(&self, outcome: UploadOutcome, took: Duration) {
        let Some(instruments) = self.instruments() else { return };
        let labels = [outcome.label()];
        instruments.uploads.add(1, &labels);
        instruments.upload_duration.record(took.as_secs_f64(), &labels);
    }

    /// Sets how long the queue is and how old.
    pub fn queue(&self, standing: &QueueStanding) {
        let Some(instruments) = self.instruments() else { return };
        let state = |state| [KeyValue::new(QUEUE_STATE, state)];
        instruments.queue_depth.record(standing.queued, &state("queued"));
        instruments.queue_depth.record(standing.running, &state("running"));
        instruments.queue_age.record(standing.oldest_age.unwrap_or_default().as_secs_f64(), &[]);
    }

    /// A run was begun that waited so long since its feed had arrived.
    pub fn waited(&self, wait: Duration) {
        if let Some(instruments) = self.instruments() {
            instruments.queue_wait.record(wait.as_secs_f64(), &[]);
        }
    }

    /// Begins series of feeds of these formats at 0: who scrapes sees the first feed, too.
    pub fn expect_formats(&self, formats: impl IntoIterator<Item = String>) {
        let Some(instruments) = self.instruments() else { return };
        for format in formats.into_iter().take(FORMATS_BEGUN_MAX) {
            for command in READING {
                let labels = [KeyValue::new(COMMAND, command), KeyValue::new(FORMAT, format.clone())];
                instruments.read.add(0, &labels);
                for outcome in Acceptance::ALL {
                    let outcome = KeyValue::new(OUTCOME, outcome.as_str());
                    instruments.feeds.add(0, &[labels.as_slice(), &[outcome]].concat());
                }
            }
        }
    }

    /// Counts a worker as busy until what is given back is dropped.
    pub fn busy(&self) -> BusyWorker {
        if let Some(equipment) = &self.0 {
            equipment.add_busy(1);
        }
        BusyWorker(self.0.clone())
    }
}

impl Equipment {
    fn add_busy(&self, workers: i64) {
        if let Some(instruments) = &self.instruments {
            instruments.workers_busy.add(workers, &[]);
        }
    }

    /// Begins series at 0: one that appears with its first value shows no increase to who scrapes.
    pub(super) fn begin_series(&self) {
        self.add_busy(0);
        if let Some(instruments) = &self.instruments {
            for outcome in UploadOutcome::ALL {
                instruments.uploads.add(0, &[outcome.label()]);
            }
            Loss::default().count(instruments);
        }
    }
}

impl Drop for BusyWorker {
    fn drop(&mut self) {
        if let Some(equipment) = &self.0 {
            equipment.add_busy(-1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::test_support::scraped;
    use std::collections::HashSet;

    #[track_caller]
    fn holds(text: &str, series: &str) {
        assert!(text.lines().any(|line| line == series), "no `{series}` in {text}");
    }

    #[test]
    fn uploads_are_counted_by_what_became_of_them() {
        let telemetry = scraped();
        telemetry.uploaded(UploadOutcome::Accepted, Duration::from_millis(20));
        telemetry.uploaded(UploadOutcome::Accepted, Duration::from_millis(30));
        telemetry.uploaded(UploadOutcome::TooLarge, Duration::from_millis(1));
        let text = telemetry.exposition().expect("a text");
        holds(&text, "feedgate_uploads_total{feedgate_outcome=\"accepted\"} 2");
        holds(&text, "feedgate_uploads_total{feedgate_outcome=\"too_large\"} 1");
        holds(&text, "feedgate_uploads_total{feedgate_outcome=\"aborted\"} 0");
        holds(&text, "feedgate_upload_duration_seconds_sum{feedgate_outcome=\"accepted\"} 0.05");
        let outcomes = text.lines().filter(|line| line.starts_with("feedgate_uploads_total{")).count();
        assert_eq!(outcomes, UploadOutcome::ALL.len());
    }

    #[test]
    fn what_can_be_counted_begins_at_0() {
        let telemetry = scraped();
        telemetry.expect_formats((0..=FORMATS_BEGUN_MAX).map(|number| format!("format/{number}")));
        let text = telemetry.exposition().expect("a text");
        for signal in ["traces", "logs", "metrics"] {
            holds(&text, &format!("feedgate_telemetry_lost_total{{feedgate_signal=\"{signal}\"}} 0"));
        }
        let last = format!("feedgate_format=\"format/{}\"", FORMATS_BEGUN_MAX - 1);
        holds(&text, &format!("feedgate_read_bytes_total{{feedgate_command=\"import\",{last}}} 0"));
        let failed = "feedgate_outcome=\"failed\"";
        holds(&text, &format!("feedgate_feeds_total{{feedgate_command=\"validate\",{last},{failed}}} 0"));
        assert!(!text.contains(&format!("format/{FORMATS_BEGUN_MAX}")), "{text}");
    }

    #[test]
    fn every_outcome_has_a_word_of_its_own() {
        let words: HashSet<_> = UploadOutcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
        assert_eq!(words.len(), UploadOutcome::ALL.len());
    }

    #[test]
    fn the_queue_is_as_it_was_last_told() {
        let telemetry = scraped();
        let oldest_age = Some(Duration::from_secs(90));
        telemetry.queue(&QueueStanding { queued: 7, running: 2, oldest_age });
        let text = telemetry.exposition().expect("a text");
        holds(&text, "feedgate_queue_depth{feedgate_queue_state=\"queued\"} 7");
        holds(&text, "feedgate_queue_depth{feedgate_queue_state=\"running\"} 2");
        holds(&text, "feedgate_queue_age_seconds 90");
        telemetry.queue(&QueueStanding { running: 1, ..QueueStanding::default() });
        let text = telemetry.exposition().expect("a text");
        holds(&text, "feedgate_queue_depth{feedgate_queue_state=\"queued\"} 0");
        holds(&text, "feedgate_queue_age_seconds 0");
    }

    #[test]
    fn waits_are_measured_and_busy_workers_counted() {
        let telemetry = scraped();
        telemetry.waited(Duration::from_secs(4));
        let (first, second) = (telemetry.busy(), telemetry.busy());
        drop(first);
        let text = telemetry.exposition().expect("a text");
        holds(&text, "feedgate_queue_wait_seconds_bucket{le=\"1\"} 0");
        holds(&text, "feedgate_queue_wait_seconds_bucket{le=\"5\"} 1");
        holds(&text, "feedgate_workers_busy 1");
        drop(second);
        holds(&telemetry.exposition().expect("a text"), "feedgate_workers_busy 0");
    }

    #[test]
    fn nobody_listens_and_nothing_is_kept() {
        let telemetry = Telemetry::off();
        telemetry.uploaded(UploadOutcome::Failed, Duration::ZERO);
        telemetry.queue(&QueueStanding::default());
        telemetry.waited(Duration::ZERO);
        assert!(telemetry.busy().0.is_none() && telemetry.exposition().is_none());
    }
}
