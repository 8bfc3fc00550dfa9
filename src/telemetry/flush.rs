//! The end: what is left is sent, all signals at once, within one deadline.
//!
//! Whoever answers late is left alone; nothing here waits for a thread. What did not arrive is told in one
//! sentence, counted by ourselves (`delivery`).

use super::delivery::Delivery;
use super::export_plan::Signal;
use super::exposition::Scraped;
use crate::judgement::escape::shown;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

/// What sends the signals, and what is known of how that goes.
#[derive(Debug)]
pub(super) struct Senders {
    pub(super) traces: Option<(SdkTracerProvider, Arc<Delivery>)>,
    pub(super) metrics: Option<Metering>,
    pub(super) logs: Option<(SdkLoggerProvider, Arc<Delivery>)>,
    pub(super) deadline: Duration,
}

/// What measures, and who reads it: a collector, someone who scrapes, or both.
#[derive(Debug)]
pub(super) struct Metering {
    pub(super) provider: SdkMeterProvider,
    pub(super) delivery: Option<Arc<Delivery>>,
    pub(super) scraped: Option<Scraped>,
}

impl Senders {
    /// What became of each signal that is sent.
    pub(super) fn deliveries(&self) -> Vec<Arc<Delivery>> {
        let traces = self.traces.iter().map(|(_, delivery)| delivery);
        let metrics = self.metrics.iter().filter_map(|metering| metering.delivery.as_ref());
        let logs = self.logs.iter().map(|(_, delivery)| delivery);
        traces.chain(metrics).chain(logs).map(Arc::clone).collect()
    }

    /// Sends what is left; a sentence says what did not arrive.
    pub(super) fn flush(&self) -> Option<String> {
        let until = Instant::now() + self.deadline;
        let (done, ended) = channel();
        let mut waiting = 0;
        let mut in_background = |work: Box<dyn FnOnce() + Send>| {
            let done = done.clone();
            let spawned = std::thread::Builder::new().name("telemetry-flush".to_owned()).spawn(move || {
                work();
                let _ = done.send(());
            });
            waiting += u32::from(spawned.is_ok());
        };
        let deadline = self.deadline;
        // What these say is of no use: see `delivery`.
        if let Some((provider, _)) = self.traces.clone() {
            in_background(Box::new(move || drop(provider.shutdown_with_timeout(deadline))));
        }
        if let Some(provider) = self.metrics.as_ref().map(|metering| metering.provider.clone()) {
            in_background(Box::new(move || drop(provider.shutdown_with_timeout(deadline))));
        }
        if let Some((provider, _)) = self.logs.clone() {
            in_background(Box::new(move || drop(provider.shutdown_with_timeout(deadline))));
        }
        let mut late = false;
        for _ in 0..waiting {
            late |= ended.recv_timeout(until.saturating_duration_since(Instant::now())).is_err();
        }
        lost(&self.deliveries(), late.then_some(self.deadline))
    }
}

/// What is lost and why, in one sentence; `None` when nothing is.
fn lost(deliveries: &[Arc<Delivery>], late: Option<Duration>) -> Option<String> {
    let parts: Vec<String> = deliveries.iter().filter_map(|delivery| part(delivery)).collect();
    if parts.is_empty() {
        return None;
    }
    let said = deliveries.iter().find_map(|delivery| delivery.why());
    let waited =
        late.map(|deadline| format!("the collector did not answer within {} s", deadline.as_secs_f64()));
    let why = said.or(waited).unwrap_or_else(|| "the queues of the exporters were full".to_owned());
    Some(format!("telemetry was lost: {} did not reach the collector: {}", parts.join(", "), shown(&why)))
}

fn part(delivery: &Delivery) -> Option<String> {
    let (made, lost) = delivery.balance();
    match delivery.signal {
        Signal::Traces => (lost > 0).then(|| format!("{lost} of {made} spans")),
        Signal::Logs => (lost > 0).then(|| format!("{lost} of {made} log events")),
        Signal::Metrics => delivery.owes().then(|| "the metrics".to_owned()),
    }
}
