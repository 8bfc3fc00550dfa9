//! What is lost while a process lives on, told when it begins and then from time to time.
//!
//! Counted is what exporters gave up and what the collector refused. What is dropped because a queue is full cannot be
//! told from what waits before the end: that is counted there ([`super::flush`]).

use super::delivery::Delivery;
use super::export_plan::Signal;
use super::instruments::Instruments;
use super::names::SIGNAL;
use crate::judgement::escape::shown;
use opentelemetry::KeyValue;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The shortest time between two notices.
const NOTICE_PAUSE: Duration = Duration::from_mins(1);

/// When losses were told last.
#[derive(Debug, Default)]
pub(super) struct Losses(Mutex<Option<Instant>>);

/// What was lost since the last notice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Loss {
    spans: u64,
    log_events: u64,
    /// Exports of the metrics: the next that arrives has all of them.
    metric_exports: u64,
    why: String,
}

impl Losses {
    /// What is to be told now, once: nothing when nothing was lost, or when losses were told a moment ago.
    pub(super) fn due(&self, deliveries: &[Arc<Delivery>], now: Instant) -> Option<Loss> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_some_and(|at| now.saturating_duration_since(at) < NOTICE_PAUSE) {
            return None;
        }
        let loss = Loss::take(deliveries)?;
        *told = Some(now);
        Some(loss)
    }
}

impl Loss {
    fn take(deliveries: &[Arc<Delivery>]) -> Option<Self> {
        let mut loss = Self::default();
        for delivery in deliveries {
            let Some((count, why)) = delivery.take_untold() else { continue };
            match delivery.signal {
                Signal::Traces => loss.spans = count,
                Signal::Logs => loss.log_events = count,
                Signal::Metrics => loss.metric_exports = count,
            }
            loss.why = why;
        }
        (loss != Self::default()).then_some(loss)
    }

    /// Counts it, also where nothing is lost: so a series begins at 0.
    pub(super) fn count(&self, instruments: &Instruments) {
        let Self { spans, log_events, metric_exports, .. } = *self;
        for (signal, count) in [("traces", spans), ("logs", log_events), ("metrics", metric_exports)] {
            instruments.telemetry_lost.add(count, &[KeyValue::new(SIGNAL, signal)]);
        }
    }

    /// Logs it.
    pub(super) fn log(&self) {
        tracing::warn!(
            name: "feedgate.loss",
            target: "feedgate",
            { feedgate.lost.spans = self.spans,
            feedgate.lost.log_events = self.log_events,
            feedgate.lost.metric_exports = self.metric_exports },
            "{}",
            self.sentence(),
        );
    }

    /// The sentence for people.
    pub(super) fn sentence(&self) -> String {
        let Self { spans, log_events, metric_exports, why } = self;
        let counts =
            [(spans, "spans"), (log_events, "log events"), (metric_exports, "exports of the metrics")];
        let lost =
            counts.iter().filter(|(count, _)| **count > 0).map(|(count, what)| format!("{count} {what}"));
        let lost = lost.collect::<Vec<_>>().join(", ");
        format!("telemetry is being lost: {lost} did not reach the collector: {}", shown(why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};

    fn failure(why: &str) -> OTelSdkResult {
        Err(OTelSdkError::InternalFailure(why.to_owned()))
    }

    #[test]
    fn what_is_lost_is_counted_by_signal() {
        let telemetry = crate::telemetry::test_support::scraped();
        let loss = Loss { spans: 3, metric_exports: 1, ..Loss::default() };
        for _ in 0..2 {
            loss.count(telemetry.instruments().expect("they are exposed"));
        }
        let text = telemetry.exposition().expect("a text");
        let of = |signal| format!("feedgate_telemetry_lost_total{{feedgate_signal=\"{signal}\"}}");
        for line in [of("traces") + " 6", of("logs") + " 0", of("metrics") + " 2"] {
            assert!(text.lines().any(|each| each == line), "no `{line}` in {text}");
        }
    }

    #[test]
    fn a_loss_is_told_at_once_and_then_now_and_then_with_what_was_lost_in_between() {
        let deliveries = [Signal::Traces, Signal::Metrics, Signal::Logs].map(Delivery::new);
        let [traces, metrics, logs] = &deliveries;
        let (losses, began) = (Losses::default(), Instant::now());
        let due = |after| losses.due(&deliveries, began + after).map(|loss| loss.sentence());
        let told = |what: &str| Some(format!("telemetry is being lost: {what}"));
        traces.exported(7, &Ok(()));
        assert_eq!(due(Duration::ZERO), None, "nothing is lost");
        traces.exported(3, &failure("no route"));
        metrics.exported(0, &failure("refused"));
        let both = "3 spans, 1 exports of the metrics did not reach the collector: refused";
        assert_eq!(due(Duration::ZERO), told(both));
        logs.refused(2);
        let pause = NOTICE_PAUSE.checked_sub(Duration::from_millis(1)).expect("it is longer");
        assert_eq!(due(pause), None, "not yet");
        logs.exported(4, &failure("timed\nout"));
        assert_eq!(due(NOTICE_PAUSE), told("6 log events did not reach the collector: timed\\nout"));
        assert_eq!(due(NOTICE_PAUSE * 9), None, "nothing more is lost");
        traces.exported(1, &failure("again"));
        assert_eq!(due(NOTICE_PAUSE * 9), told("1 spans did not reach the collector: again"));
    }
}
