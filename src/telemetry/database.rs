//! Times the work that an import has done in the database.

use super::names::{DB_SYSTEM_NAME, ERROR_TYPE, OPERATION};
use super::run::{ActiveRun, RunTelemetry};
use opentelemetry::KeyValue;
use std::error::Error;
use std::sync::atomic::Ordering;
use std::time::Instant;
use tracing::{Instrument, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Pieces of work of one run that have a span; thousands of senders would make as many. All are measured.
const SPANS_MAX: usize = 500;

impl RunTelemetry {
    /// Does one piece of database work: a span of the run's trace, and a value of the histogram.
    ///
    /// The span has the run for its parent, said explicitly, because the work is done by tasks that know nothing of
    /// the thread that began it. `kind` names the failure in few words.
    pub async fn database<T, E: Error>(
        &self,
        operation: &'static str,
        system: &'static str,
        work: impl Future<Output = Result<T, E>>,
        kind: impl FnOnce(&E) -> &'static str,
    ) -> Result<T, E> {
        let Some(run) = &self.0 else { return work.await };
        let span = run.database_span(operation, system);
        let began = Instant::now();
        let result = work.instrument(span.clone()).await;
        let failure = result.as_ref().err().map(kind);
        if let Some(kind) = failure {
            span.record("otel.status_code", "ERROR");
            span.record("error.type", kind);
        }
        if let Some(instruments) = &run.equipment.instruments {
            let mut labels = vec![KeyValue::new(OPERATION, operation), KeyValue::new(DB_SYSTEM_NAME, system)];
            labels.extend(failure.map(|kind| KeyValue::new(ERROR_TYPE, kind)));
            instruments.database_duration.record(began.elapsed().as_secs_f64(), &labels);
        }
        result
    }
}

impl ActiveRun {
    /// A span for database work; one that tells nothing when there were enough.
    fn database_span(&self, operation: &'static str, system: &'static str) -> Span {
        if self.database_spans.fetch_add(1, Ordering::Relaxed) >= SPANS_MAX {
            return Span::none();
        }
        let span = self.equipment.tells(|| {
            tracing::info_span!(
                target: "feedgate::database",
                "database",
                otel.name = operation,
                otel.kind = "client",
                db.system.name = system,
                feedgate.operation = operation,
                otel.status_code = tracing::field::Empty,
                error.type = tracing::field::Empty,
            )
        });
        if let Some(trace) = &self.trace {
            // It fails where no layer of the subscriber makes spans, and then there is nothing to be the parent of.
            let _ = span.set_parent(trace.context().clone());
        }
        span
    }
}
