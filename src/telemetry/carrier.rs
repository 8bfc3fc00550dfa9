//! The trace of whoever started the program, handed on in its environment.
//!
//! `TRACEPARENT` and `TRACESTATE`, as OpenTelemetry's specification of environment variables as carriers names
//! them, are read once at the start.

use crate::config::Environment;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{SpanContext, TraceContextExt};
use opentelemetry_sdk::propagation::TraceContextPropagator;

struct Carrier<'a>(&'a Environment);

impl Extractor for Carrier<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(&key.to_uppercase())
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent", "tracestate"]
    }
}

/// The span that the run is a part of, when the environment names one.
pub(super) fn remote(environment: &Environment) -> Option<SpanContext> {
    let context = TraceContextPropagator::new().extract(&Carrier(environment));
    let span = context.span().span_context().clone();
    span.is_valid().then_some(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(parent: &str, expected: Option<(&str, bool)>) {
        let environment = Environment::of(&[("TRACEPARENT", parent), ("TRACESTATE", "a=b")]);
        let found = remote(&environment).map(|span| (span.trace_id().to_string(), span.is_sampled()));
        assert_eq!(found, expected.map(|(trace, sampled)| (trace.to_owned(), sampled)));
    }

    #[test]
    fn a_parent_is_read_and_nonsense_is_none() {
        let trace = "0af7651916cd43dd8448eb211c80319c";
        case(&format!("00-{trace}-b7ad6b7169203331-01"), Some((trace, true)));
        case(&format!("00-{trace}-b7ad6b7169203331-00"), Some((trace, false)));
        case(&format!("00-{trace}-0000000000000000-01"), None);
        case("yes", None);
        case("", None);
    }
}
