//! Who is told of a run: its reports, and its traces, metrics and logs.

use crate::judgement::FeedEvent;
use crate::report::{ReportSink, TraceLink};
use crate::telemetry::{FeedSignals, RunTelemetry, SpanAddress};

/// Everybody who is told, in this order: what telemetry makes of an event is linked in the reports.
pub struct Watchers {
    pub(super) telemetry: RunTelemetry,
    /// Makes traces, metrics and logs of what feeds tell, when somebody listens.
    pub(super) feeds: Option<FeedSignals>,
    pub(super) reports: ReportSink<'static>,
}

impl Watchers {
    /// Those who are told of one run.
    #[must_use]
    pub fn new(telemetry: RunTelemetry, reports: ReportSink<'static>) -> Self {
        Self { feeds: telemetry.feeds(), telemetry, reports }
    }

    /// What they were told so far stands.
    pub(super) fn settle(&mut self) {
        self.feeds.iter_mut().for_each(FeedSignals::settle);
    }

    pub(super) fn see(&mut self, event: &FeedEvent) {
        let address = self.feeds.as_mut().and_then(|feeds| feeds.see(event));
        self.reports.see(event, address.map(link).as_ref());
    }
}

/// Where reports lead to.
fn link(address: SpanAddress) -> TraceLink {
    TraceLink { trace_id: address.trace_id, span_id: Some(address.span_id), url: address.url }
}
