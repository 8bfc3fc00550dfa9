//! Who is told of a run: its reports, and its traces, metrics and logs.

use crate::judgement::FeedEvent;
use crate::report::{ReportSink, TraceLink};
use crate::telemetry::{SpanAddress, Trail};

/// Everybody who is told, in this order: what telemetry makes of an event is linked in the reports.
pub struct Watchers {
    /// Follows the feeds for traces, metrics and logs, when somebody listens.
    pub telemetry: Option<Trail>,
    /// The reports.
    pub reports: ReportSink<'static>,
}

impl Watchers {
    pub(super) fn see(&mut self, event: &FeedEvent) {
        let address = self.telemetry.as_mut().and_then(|telemetry| telemetry.see(event));
        self.reports.see(event, address.map(link).as_ref());
    }
}

/// Where reports lead to.
fn link(address: SpanAddress) -> TraceLink {
    TraceLink { trace_id: address.trace_id, span_id: Some(address.span_id), url: address.url }
}
