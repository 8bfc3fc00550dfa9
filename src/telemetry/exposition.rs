//! The metrics as Prometheus text, for whoever comes and asks.
//!
//! It stands beside the collector, not in its place: both read the same instruments, each in its own time.

use opentelemetry_sdk::metrics::MeterProviderBuilder;
use prometheus::{Registry, TextEncoder};

/// Media type of [`Telemetry::exposition`](super::Telemetry::exposition).
pub const EXPOSITION_MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Whether the metrics can be asked for, beside those that a collector is sent.
///
/// The environment and `telemetry.export` have no say in it: they are about what is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposition {
    /// Nobody asks: the process is gone before anybody could.
    None,
    /// By [`Telemetry::exposition`](super::Telemetry::exposition), whatever is sent to a collector.
    Scrape,
}

/// Reads the instruments when it is asked.
#[derive(Clone, Debug)]
pub(super) struct Scraped(Registry);

impl Scraped {
    /// Attaches a reader to what will measure.
    ///
    /// The scope of the instruments is no label: there is one, and a collector would not say it either.
    pub(super) fn attach(builder: MeterProviderBuilder) -> (MeterProviderBuilder, Self) {
        let registry = Registry::new();
        let exporter = opentelemetry_prometheus::exporter().with_registry(registry.clone());
        let reader = exporter.scope_info_enabled(false).build();
        let reader = reader.expect("a new registry takes its first collector");
        (builder.with_reader(reader), Self(registry))
    }

    /// All series as they stand.
    pub(super) fn text(&self) -> String {
        let encoded = TextEncoder::new().encode_to_string(&self.0.gather());
        encoded.expect("families are complete, and memory takes what is written")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::test_support::started;

    #[test]
    fn metrics_are_exposed_whatever_is_sent() {
        for environment in [[("OTEL_SDK_DISABLED", "true")], [("FEEDGATE_TELEMETRY_EXPORT", "off")]] {
            let text = started(&environment, Exposition::Scrape).exposition().expect("it is exposed");
            assert!(text.contains("target_info{") && text.contains("feedgate_workers_busy 0\n"), "{text}");
            assert!(started(&environment, Exposition::None).0.is_none());
        }
    }

    #[test]
    fn nothing_is_asked_for_after_the_end() {
        let telemetry = started(&[], Exposition::Scrape);
        assert!(telemetry.exposition().is_some());
        assert_eq!(telemetry.flush(), None);
        assert_eq!(telemetry.exposition(), None);
    }
}
