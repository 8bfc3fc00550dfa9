//! What was made against what arrived.
//!
//! The SDK drops what does not fit its queues, gives up on batches after some tries, and says `Ok` when it is shut
//! down all the same. So both ends are counted here: what was handed to it, and what its exporters were
//! told has arrived. The difference is lost.

use super::export_plan::Signal;
use super::tls::explained;
use opentelemetry::Context;
use opentelemetry::InstrumentationScope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::logs::{LogBatch, LogExporter, LogProcessor, SdkLogRecord};
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::trace::{Span, SpanData, SpanExporter, SpanProcessor};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What became of one signal.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) signal: Signal,
    made: AtomicU64,
    arrived: AtomicU64,
    /// Those of them that the collector took and then refused.
    refused: AtomicU64,
    /// The last export went wrong, or has no answer yet.
    owes: AtomicBool,
    why: Mutex<Option<String>>,
    /// What went wrong with the connection last, where the exporter does not say.
    heard: Mutex<Option<String>>,
    /// The connection is encrypted, and we have no certificate to show.
    is_unproven: bool,
    /// What is lost and was not told yet, and why; of metrics, exports.
    untold: Mutex<Option<(u64, String)>>,
}

impl Delivery {
    #[cfg(test)]
    pub(super) fn new(signal: Signal) -> Arc<Self> {
        Self::over(signal, false)
    }

    /// Of a signal that is sent by a connection which is encrypted and on which the client does not show who it is, if
    /// it is `unproven`.
    pub(super) fn over(signal: Signal, is_unproven: bool) -> Arc<Self> {
        Arc::new(Self {
            signal,
            made: AtomicU64::new(0),
            arrived: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            owes: AtomicBool::new(false),
            why: Mutex::default(),
            heard: Mutex::default(),
            is_unproven,
            untold: Mutex::default(),
        })
    }

    /// How many were made and how many of them are lost.
    pub(super) fn balance(&self) -> (u64, u64) {
        let count = |counter: &AtomicU64| counter.load(Ordering::Acquire);
        let kept = count(&self.arrived).saturating_sub(count(&self.refused));
        (count(&self.made), count(&self.made).saturating_sub(kept))
    }

    /// Whether the last export did not succeed: of metrics, each export holds everything. Nothing is owed when nothing
    /// was ever handed over.
    pub(super) fn owes(&self) -> bool {
        self.owes.load(Ordering::Acquire)
    }

    /// What the exporter said when something did not arrive.
    pub(super) fn why(&self) -> Option<String> {
        self.why.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The collector took a batch and refused some of it; it says so before the batch counts as arrived.
    pub(super) fn refused(&self, count: u64) {
        self.refused.fetch_add(count, Ordering::AcqRel);
        self.lost(count, "the collector refused them".to_owned());
    }

    /// What was lost since this was asked for last, and why the last of it was.
    pub(super) fn take_untold(&self) -> Option<(u64, String)> {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn lost(&self, count: u64, why: String) {
        let mut untold = self.untold.lock().unwrap_or_else(PoisonError::into_inner);
        let before = untold.take().map_or(0, |(before, _)| before);
        *untold = Some((before + count, why.clone()));
        self.why.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
    }

    /// What went wrong with the connection, or that nothing did.
    pub(super) fn hears(&self, why: Option<String>) {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }

    /// Why an export failed: as the connection says, if it does.
    fn reason(&self, error: &OTelSdkError) -> String {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner).take();
        let said = heard.unwrap_or_else(|| match error {
            OTelSdkError::InternalFailure(reason) => reason.clone(),
            other => other.to_string(),
        });
        explained(&said, self.is_unproven)
    }

    fn made_one(&self) {
        self.made.fetch_add(1, Ordering::AcqRel);
    }

    /// An export begins.
    fn exporting(&self) {
        self.owes.store(true, Ordering::Release);
    }

    pub(super) fn exported(&self, count: u64, result: &OTelSdkResult) {
        match result {
            Ok(()) => {
                self.arrived.fetch_add(count, Ordering::AcqRel);
            }
            // An export of metrics counts as one.
            Err(error) => self.lost(count.max(1), self.reason(error)),
        }
        self.owes.store(result.is_err(), Ordering::Release);
    }
}

/// An exporter that counts what arrives.
#[derive(Debug)]
pub(super) struct CountingExporter<E> {
    exporter: E,
    delivery: Arc<Delivery>,
}

impl<E> CountingExporter<E> {
    pub(super) fn new(exporter: E, delivery: &Arc<Delivery>) -> Self {
        Self { exporter, delivery: Arc::clone(delivery) }
    }
}

impl<E: SpanExporter> SpanExporter for CountingExporter<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let count = batch.len() as u64;
        let result = self.exporter.export(batch).await;
        self.delivery.exported(count, &result);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

impl<E: LogExporter> LogExporter for CountingExporter<E> {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        let count = batch.iter().count() as u64;
        let result = self.exporter.export(batch).await;
        self.delivery.exported(count, &result);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

impl<E: PushMetricExporter> PushMetricExporter for CountingExporter<E> {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        self.delivery.exporting();
        let result = self.exporter.export(metrics).await;
        self.delivery.exported(0, &result);
        result
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.exporter.temporality()
    }
}

/// Counts what is handed to the SDK; stands before the processor that may drop it.
#[derive(Debug)]
pub(super) struct CountingProcessor(pub(super) Arc<Delivery>);

impl SpanProcessor for CountingProcessor {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() {
            self.0.made_one();
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

impl LogProcessor for CountingProcessor {
    fn emit(&self, _: &mut SdkLogRecord, _: &InstrumentationScope) {
        self.0.made_one();
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(why: &str) -> OTelSdkResult {
        Err(OTelSdkError::InternalFailure(why.to_owned()))
    }

    #[test]
    fn what_did_not_arrive_is_lost_whatever_anybody_says() {
        let delivery = Delivery::new(Signal::Traces);
        for _ in 0..10 {
            delivery.made_one();
        }
        delivery.exported(4, &Ok(()));
        delivery.exported(3, &failure("connection refused"));
        delivery.exported(1, &failure("timed out"));
        assert_eq!(delivery.balance(), (10, 6));
        assert_eq!(delivery.why().as_deref(), Some("connection refused"));
        delivery.refused(1);
        assert_eq!(delivery.balance(), (10, 7));
        let refusing = Delivery::new(Signal::Logs);
        refusing.made_one();
        refusing.refused(1);
        refusing.exported(1, &Ok(()));
        assert_eq!(refusing.balance(), (1, 1));
    }

    #[test]
    fn what_the_connection_says_is_why() {
        let delivery = Delivery::new(Signal::Logs);
        delivery.hears(Some("connection refused".to_owned()));
        delivery.exported(1, &failure("network error"));
        assert_eq!(delivery.why().as_deref(), Some("connection refused"));
        delivery.hears(Some("broken pipe".to_owned()));
        delivery.hears(None);
        delivery.exported(1, &failure("503"));
        assert_eq!(delivery.take_untold(), Some((2, "503".to_owned())));
    }

    #[test]
    fn metrics_are_owed_until_an_export_succeeds() {
        let delivery = Delivery::new(Signal::Metrics);
        assert!(!delivery.owes(), "nothing was handed over");
        delivery.exporting();
        assert!(delivery.owes());
        delivery.exported(0, &Ok(()));
        assert!(!delivery.owes());
        delivery.exported(0, &failure("x"));
        assert!(delivery.owes());
    }
}
