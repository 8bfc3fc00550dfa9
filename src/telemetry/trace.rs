//! The trace of a run: its root, and spans below it with times of their own.
//!
//! Spans are made with explicit parents and explicit times, from what the pipeline tells: threads that read
//! feeds know nothing of traces.

use crate::config::TraceUrl;
use opentelemetry::trace::{
    Link, SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceState, Tracer, TracerProvider,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, Span};
use std::borrow::Cow;
use std::time::{Instant, SystemTime};

/// Turns moments of the monotonic clock into times of the day.
#[derive(Clone, Copy, Debug)]
pub(super) struct WallClock {
    at: Instant,
    /// The time of the day when it was made.
    pub(super) time: SystemTime,
}

impl WallClock {
    pub(super) fn now() -> Self {
        Self { at: Instant::now(), time: SystemTime::now() }
    }

    /// The time of a moment, also of one before the clock was made.
    pub(super) fn time(&self, at: Instant) -> SystemTime {
        match at.checked_duration_since(self.at) {
            Some(after) => self.time + after,
            None => self.time - self.at.duration_since(at),
        }
    }
}

/// Where a span can be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpanAddress {
    /// The trace, 32 hexadecimal digits.
    pub trace_id: String,
    /// The span in it, 16 hexadecimal digits.
    pub span_id: String,
    /// The page that shows it, when settings name one.
    pub url: Option<String>,
}

/// What a trace comes from.
#[derive(Clone, Debug)]
pub(super) enum Cause {
    /// Nothing that is known.
    Unknown,
    /// The span of whoever waits for the run.
    Caller(SpanContext),
    /// The span of whoever asked for the run and went away.
    Asker(SpanContext),
}

/// The trace of a run.
#[derive(Clone, Debug)]
pub(super) struct RunTrace {
    tracer: SdkTracer,
    root: Context,
    url: Option<TraceUrl>,
}

impl RunTrace {
    /// Begins the trace; `None` when the sampler wants nothing of it.
    ///
    /// The span of a caller that was sampled becomes the parent. One that was not would silence the whole run, so it
    /// is linked instead, as that of an asker is always: hours may lie between.
    pub(super) fn begin(
        provider: &SdkTracerProvider,
        name: String,
        cause: Cause,
        url: Option<TraceUrl>,
        attributes: Vec<KeyValue>,
    ) -> Option<Self> {
        let tracer = provider.tracer_with_scope(super::names::scope());
        let builder = tracer.span_builder(name).with_kind(SpanKind::Internal).with_attributes(attributes);
        let (builder, parent) = match cause {
            Cause::Caller(span) if span.is_sampled() => {
                (builder, Context::new().with_remote_span_context(span))
            }
            Cause::Caller(span) | Cause::Asker(span) => {
                (builder.with_links(vec![Link::with_context(span)]), Context::new())
            }
            Cause::Unknown => (builder, Context::new()),
        };
        let root = parent.with_span(tracer.build_with_context(builder, &parent));
        root.span().is_recording().then_some(Self { tracer, root, url })
    }

    /// Where the root can be found.
    pub(super) fn address(&self) -> SpanAddress {
        self.address_of(self.root.span().span_context().span_id())
    }

    pub(super) fn address_of(&self, span: SpanId) -> SpanAddress {
        let trace_id = self.root.span().span_context().trace_id().to_string();
        let span_id = span.to_string();
        let url = self.url.as_ref().map(|url| url.of(&trace_id, &span_id));
        SpanAddress { trace_id, span_id, url }
    }

    /// The context below which everything of the run stands.
    pub(super) fn context(&self) -> &Context {
        &self.root
    }

    /// Begins a span below another.
    pub(super) fn span(
        &self,
        parent: &Context,
        name: impl Into<Cow<'static, str>>,
        began: SystemTime,
        attributes: Vec<KeyValue>,
    ) -> Span {
        let builder = self.tracer.span_builder(name).with_start_time(began).with_attributes(attributes);
        self.tracer.build_with_context(builder, parent)
    }

    /// The same span for whoever stands below it, once it has ended.
    pub(super) fn below(&self, span: &SpanContext) -> Context {
        let local = SpanContext::new(
            span.trace_id(),
            span.span_id(),
            span.trace_flags(),
            false,
            TraceState::default(),
        );
        self.root.with_remote_span_context(local)
    }

    /// Links the root to another span.
    pub(super) fn link(&self, span: SpanContext) {
        self.root.span().add_link(span, Vec::new());
    }

    /// Ends the root, with the kind of failure and why when it is one.
    pub(super) fn end(&self, attributes: Vec<KeyValue>, failure: Option<(&'static str, String)>) {
        let root = self.root.span();
        root.set_attributes(attributes);
        if let Some((kind, why)) = failure {
            root.set_attribute(KeyValue::new(super::names::ERROR_TYPE, kind));
            root.set_status(Status::error(why));
        }
        root.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn times_before_the_clock_was_made_are_told_too() {
        let clock = WallClock::now();
        let hour = Duration::from_secs(1);
        let before = clock.at.checked_sub(hour).expect("the machine is up for longer");
        assert_eq!(clock.time(before), clock.time - hour);
        assert_eq!(clock.time(clock.at + hour), clock.time + hour);
    }
}
