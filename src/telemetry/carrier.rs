//! The trace of whoever asked, as W3C Trace Context writes it: in the environment of the process, in the headers of a
//! request, or in the row of an upload.
//!
//! `TRACEPARENT` and `TRACESTATE`, as OpenTelemetry's specification of environment variables as carriers names
//! them, are read once at the start.

use crate::config::Environment;
use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{SpanContext, TraceContextExt};
use opentelemetry_sdk::propagation::TraceContextPropagator;

/// Characters of a `tracestate`; a longer one is dropped, for it would leave again with every span.
const TRACE_STATE_CHARS_MAX: usize = 512;

/// The two texts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Carrier<'a> {
    pub(super) traceparent: Option<&'a str>,
    pub(super) tracestate: Option<&'a str>,
}

impl Extractor for Carrier<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            "traceparent" => self.traceparent,
            "tracestate" => self.tracestate.filter(|state| state.len() <= TRACE_STATE_CHARS_MAX),
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent", "tracestate"]
    }
}

impl Carrier<'_> {
    /// The span that the texts name; `None` when there is none, or it is nonsense.
    pub(super) fn span(&self) -> Option<SpanContext> {
        self.traceparent.filter(|text| is_well_formed(text))?;
        // Not below the context of this thread: what is current there has nothing to do with the texts.
        let context = TraceContextPropagator::new().extract_with_context(&Context::new(), self);
        let span = context.span().span_context().clone();
        span.is_valid().then_some(span)
    }
}

/// Whether the ids have their lengths; the propagator takes short ones.
fn is_well_formed(traceparent: &str) -> bool {
    let lengths = traceparent.trim().split('-').map(str::len);
    lengths.take(4).eq([2, 32, 16, 2])
}

/// The text that names a span.
pub(super) fn traceparent(span: &SpanContext) -> String {
    format!("00-{}-{}-{:02x}", span.trace_id(), span.span_id(), u8::from(span.is_sampled()))
}

/// The span that the run is a part of, when the environment names one.
pub(super) fn remote(environment: &Environment) -> Option<SpanContext> {
    let (traceparent, tracestate) = (environment.get("TRACEPARENT"), environment.get("TRACESTATE"));
    Carrier { traceparent, tracestate }.span()
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
        case(&format!("00-{trace}-1-01"), None);
        case("00-1-b7ad6b7169203331-01", None);
        case("yes", None);
        case("", None);
    }

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn what_is_written_is_read_again() {
        for parent in [PARENT, &format!("{}00", &PARENT[..PARENT.len() - 2])] {
            let span = Carrier { traceparent: Some(parent), tracestate: None }.span().expect("a span");
            assert_eq!(traceparent(&span), parent);
        }
    }

    #[test]
    fn trace_state_chars_max() {
        for (chars, is_kept) in [(TRACE_STATE_CHARS_MAX, true), (TRACE_STATE_CHARS_MAX + 1, false)] {
            let pairs: Vec<_> = (0..8).map(|number| format!("k{number}={}", "v".repeat(50))).collect();
            let mut state = format!("{},k=", pairs.join(","));
            state.push_str(&"v".repeat(chars - state.len()));
            let span =
                Carrier { traceparent: Some(PARENT), tracestate: Some(&state) }.span().expect("a span");
            assert_eq!(span.trace_state().get("k0").is_some(), is_kept, "{chars}");
        }
    }
}
