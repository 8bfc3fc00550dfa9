//! What the SDK says about itself.
//!
//! Its warnings never reach a collector: a warning about an export that failed would be exported in turn. What it says
//! of exports is kept for the one sentence at the end; anything else is told on standard error, once for each kind.

use super::delivery::Delivery;
use super::export_plan::Signal;
use std::collections::HashSet;
use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// Crates that carry signals to a collector, and what they talk through.
const TRANSPORT: &[&str] = &["opentelemetry", "hyper", "h2", "tonic", "tower", "reqwest", "rustls"];
/// Kinds of events about exports; our own counts know better what became of them.
const ABOUT_EXPORTS: &[&str] =
    &["Export", "Shutdown", "Dropp", "HttpClient", "AfterShutdown", "Client.", "PartialSuccess"];
/// Kinds of warnings that are told.
const KINDS_MAX: usize = 20;

/// Whether an event comes from what carries signals.
pub(super) fn is_of_transport(metadata: &Metadata<'_>) -> bool {
    TRANSPORT.iter().any(|part| metadata.target().starts_with(part))
}

/// Listens to the SDK.
#[derive(Debug)]
pub(super) struct SdkWarnings {
    deliveries: Vec<Arc<Delivery>>,
    told: Mutex<HashSet<String>>,
}

impl SdkWarnings {
    pub(super) fn new(deliveries: Vec<Arc<Delivery>>) -> Self {
        Self { deliveries, told: Mutex::default() }
    }
}

impl<S: Subscriber> Layer<S> for SdkWarnings {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        if *metadata.level() > Level::WARN || !metadata.target().starts_with("opentelemetry") {
            return;
        }
        let mut said = Said::default();
        event.record(&mut said);
        for (signal, count) in said.refused {
            if let Some(delivery) = self.deliveries.iter().find(|delivery| delivery.signal == signal) {
                delivery.refused(count);
            }
        }
        if ABOUT_EXPORTS.iter().any(|part| metadata.name().contains(part)) {
            return;
        }
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() < KINDS_MAX && told.insert(metadata.name().to_owned()) {
            // Nobody is left to tell that telling failed.
            let _ =
                writeln!(std::io::stderr().lock(), "notice: telemetry: {}: {}", metadata.name(), said.text);
        }
    }
}

/// The fields of an event of the SDK.
#[derive(Default)]
struct Said {
    text: String,
    refused: Vec<(Signal, u64)>,
}

impl Visit for Said {
    fn record_i64(&mut self, field: &Field, value: i64) {
        let signal = match field.name() {
            "rejected_spans" => Signal::Traces,
            "rejected_log_records" => Signal::Logs,
            "rejected_data_points" => Signal::Metrics,
            _ => return self.record_debug(field, &value),
        };
        self.refused.push((signal, u64::try_from(value).unwrap_or(0)));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() != "name" {
            let gap = if self.text.is_empty() { "" } else { "; " };
            let said = crate::judgement::escape::shown(&format!("{value:?}"));
            self.text.push_str(gap);
            self.text.push_str(&said);
        }
    }
}
