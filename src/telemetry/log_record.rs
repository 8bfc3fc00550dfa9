//! What the bridge from events to log records leaves out: a time, a name, a scope.

use super::names;
use opentelemetry::InstrumentationScope;
use opentelemetry::logs::{LogRecord, LoggerProvider};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogProcessor, SdkLogRecord, SdkLogger, SdkLoggerProvider};
use std::time::SystemTime;

/// The name of events that have none of their own: those of other crates.
const UNNAMED: &str = "log";
/// What the names begin with that an event has by where it stands in the source.
const BY_PLACE: &str = "event ";

/// Completes log records before they are sent.
#[derive(Debug)]
pub(super) struct Completing;

impl LogProcessor for Completing {
    fn emit(&self, record: &mut SdkLogRecord, _: &InstrumentationScope) {
        if record.timestamp().is_none() {
            record.set_timestamp(record.observed_timestamp().unwrap_or_else(SystemTime::now));
        }
        if record.event_name().is_none_or(|name| name.starts_with(BY_PLACE)) {
            record.set_event_name(UNNAMED);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }
}

/// Gives loggers our scope, with version and schema, whatever they are asked for.
#[derive(Clone, Debug)]
pub(super) struct Scoped(pub(super) SdkLoggerProvider);

impl LoggerProvider for Scoped {
    type Logger = SdkLogger;

    fn logger_with_scope(&self, _: InstrumentationScope) -> SdkLogger {
        self.0.logger_with_scope(names::scope())
    }
}
