//! Ids of traces and spans: whoever knows a trace knows its root.
//!
//! A row of the database and a report hold the id of a trace, and a link has to name a span. So the id of a trace that
//! begins here ends with that of its root; the rest is random. The root of a trace that was begun elsewhere cannot be
//! known: a link to it names the right trace, and a span that is not there.

use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};
use std::cell::Cell;

thread_local! {
    /// The last id of a span that was made on this thread. The SDK makes it just before that of a new trace.
    static LAST: Cell<SpanId> = const { Cell::new(SpanId::INVALID) };
}

/// Makes random ids, where those of a trace end with that of its root.
#[derive(Debug, Default)]
pub(super) struct RootedIds(RandomIdGenerator);

impl IdGenerator for RootedIds {
    fn new_trace_id(&self) -> TraceId {
        let mut bytes = self.0.new_trace_id().to_bytes();
        bytes[8..].copy_from_slice(&LAST.get().to_bytes());
        TraceId::from_bytes(bytes)
    }

    fn new_span_id(&self) -> SpanId {
        let id = self.0.new_span_id();
        LAST.set(id);
        id
    }
}

/// The root of a trace, named as 32 hexadecimal digits, of which there was a span; `None` for nonsense.
pub(super) fn root_of(trace_id: &str) -> Option<SpanContext> {
    let trace = TraceId::from_hex(trace_id).ok().filter(|_| trace_id.len() == 32)?;
    let half = trace.to_bytes()[8..].try_into().ok()?;
    let span = SpanContext::new(trace, SpanId::from_bytes(half), TraceFlags::SAMPLED, true, TraceState::NONE);
    span.is_valid().then_some(span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry::trace::{Span, Tracer, TracerProvider};
    use opentelemetry_sdk::trace::SdkTracerProvider;

    #[test]
    fn a_root_is_known_by_its_trace() {
        let provider = SdkTracerProvider::builder().with_id_generator(RootedIds::default()).build();
        let tracer = provider.tracer("test");
        let mut seen = std::collections::HashSet::new();
        for _ in 0..100 {
            let root = tracer.start("root").span_context().clone();
            let found = root_of(&root.trace_id().to_string()).expect("it is well-formed");
            assert_eq!((found.trace_id(), found.span_id()), (root.trace_id(), root.span_id()));
            assert!(seen.insert(root.trace_id()));
        }
        for nonsense in ["", "0af7", "x".repeat(32).as_str(), "0".repeat(32).as_str()] {
            assert!(root_of(nonsense).is_none(), "{nonsense}");
        }
    }
}
