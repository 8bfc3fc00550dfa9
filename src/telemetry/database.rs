//! Times the work that an import has done in the database.

use super::names::{DB_SYSTEM_NAME, ERROR_TYPE, OPERATION};
use opentelemetry::KeyValue;
use std::error::Error;
use std::sync::atomic::Ordering;
use std::time::Instant;
use tracing::Instrument;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Pieces of work of one run that have a span; thousands of senders would make as many. All are measured.
pub const SPANS_MAX: usize = 500;

/// Does one piece of database work: a span of the run's trace, and a value of the histogram.
///
/// The span has the run for its parent, said explicitly, because the work is done by tasks that know nothing of
/// the thread that began it. `kind` names the failure in few words.
pub async fn database<T, E: Error>(
    operation: &'static str,
    system: &'static str,
    work: impl Future<Output = Result<T, E>>,
    kind: impl FnOnce(&E) -> &'static str,
) -> Result<T, E> {
    let Some(active) = super::active() else { return work.await };
    if active.database_spans.fetch_add(1, Ordering::Relaxed) >= SPANS_MAX {
        return measured(operation, system, work, kind).await.0;
    }
    let span = tracing::info_span!(
        target: "feedgate::database",
        "database",
        otel.name = operation,
        otel.kind = "client",
        db.system.name = system,
        feedgate.operation = operation,
        otel.status_code = tracing::field::Empty,
        error.type = tracing::field::Empty,
    );
    if let Some(run) = &active.run {
        // It fails where no layer of the subscriber makes spans, and then there is nothing to be the parent of.
        let _ = span.set_parent(run.context().clone());
    }
    let (result, failure) = measured(operation, system, work.instrument(span.clone()), kind).await;
    if let Some(kind) = failure {
        span.record("otel.status_code", "ERROR");
        span.record("error.type", kind);
    }
    result
}

/// Does the work, and gives back how it failed, if it did.
async fn measured<T, E: Error>(
    operation: &'static str,
    system: &'static str,
    work: impl Future<Output = Result<T, E>>,
    kind: impl FnOnce(&E) -> &'static str,
) -> (Result<T, E>, Option<&'static str>) {
    let began = Instant::now();
    let result = work.await;
    let failure = result.as_ref().err().map(kind);
    if let Some(instruments) = super::active().and_then(|active| active.instruments.as_ref()) {
        let mut labels = vec![KeyValue::new(OPERATION, operation), KeyValue::new(DB_SYSTEM_NAME, system)];
        labels.extend(failure.map(|kind| KeyValue::new(ERROR_TYPE, kind)));
        instruments.database_duration.record(began.elapsed().as_secs_f64(), &labels);
    }
    (result, failure)
}
