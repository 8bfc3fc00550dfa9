//! Times the work that an import has done in the database.

use super::deviation::cause;
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

/// One piece of database work.
#[derive(Clone, Copy, Debug)]
pub struct DatabaseWork<'a> {
    /// What is done.
    pub operation: &'static str,
    /// Which kind of database it is, as the conventions name it.
    pub system: &'static str,
    /// Name of the database, where it is known.
    pub namespace: Option<&'a str>,
    /// Host of its server.
    pub server: Option<&'a str>,
    /// Port of its server.
    pub port: Option<u16>,
    /// How many things are done at once, where they can be counted.
    pub batch: Option<usize>,
}

impl RunTelemetry {
    /// Does one piece of database work: a span of the run's trace, and a value of the histogram.
    ///
    /// The span has the run for its parent, said explicitly, because the work is done by tasks that know nothing of
    /// the thread that began it. `kind` names the failure in few words.
    pub async fn database<T, E: Error>(
        &self,
        of: DatabaseWork<'_>,
        work: impl Future<Output = Result<T, E>>,
        kind: impl FnOnce(&E) -> &'static str,
    ) -> Result<T, E> {
        let Some(run) = &self.0 else { return work.await };
        let span = run.database_span(&of);
        let began = Instant::now();
        let result = work.instrument(span.clone()).await;
        let failure = result.as_ref().err().map(|error| (kind(error), error));
        if let Some((kind, error)) = &failure {
            span.record("error.type", kind);
            span.record("otel.status_code", "ERROR");
            // Behind the code, which takes the description away.
            span.record("otel.status_description", cause(&error.to_string()));
        }
        if let Some(instruments) = &run.equipment.instruments {
            let mut labels =
                vec![KeyValue::new(OPERATION, of.operation), KeyValue::new(DB_SYSTEM_NAME, of.system)];
            labels.extend(failure.map(|(kind, _)| KeyValue::new(ERROR_TYPE, kind)));
            instruments.database_duration.record(began.elapsed().as_secs_f64(), &labels);
        }
        result
    }
}

impl ActiveRun {
    /// A span for database work; one that tells nothing when there were enough.
    fn database_span(&self, of: &DatabaseWork<'_>) -> Span {
        if self.database_spans.fetch_add(1, Ordering::Relaxed) >= SPANS_MAX {
            return Span::none();
        }
        // One is no batch, say the conventions.
        let batch = of.batch.filter(|size| *size > 1).map(|size| size as u64);
        let span = self.equipment.tells(|| {
            tracing::info_span!(
                target: "feedgate::database",
                "database",
                otel.name = of.operation,
                otel.kind = "client",
                db.system.name = of.system,
                db.operation.name = of.operation,
                db.namespace = of.namespace,
                server.address = of.server,
                server.port = of.port.map(u64::from),
                db.operation.batch.size = batch,
                feedgate.operation = of.operation,
                otel.status_code = tracing::field::Empty,
                otel.status_description = tracing::field::Empty,
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
