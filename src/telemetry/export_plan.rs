//! Which signals are sent, and how: settled from the environment as OpenTelemetry names its variables.
//!
//! The exporters read addresses, headers, timeouts and compression themselves. What they do not read is read here:
//! whether anything is sent at all, and by which protocol; certificates are read by [`super::tls`]. What of the
//! variables of their specification has no effect is named in a notice.

use crate::config::{Environment, ExportChoice};

/// How a signal travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// OTLP over gRPC.
    Grpc,
    /// OTLP over HTTP, as protocol buffers.
    Http,
}

/// A signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    Traces,
    Metrics,
    Logs,
}

impl Signal {
    /// What `OTEL_EXPORTER_OTLP_TRACES_{ending}` says, of this signal, else `OTEL_EXPORTER_OTLP_{ending}`; with the
    /// name of the variable.
    pub(super) fn setting(self, ending: &str, environment: &Environment) -> Option<(String, String)> {
        let names = [format!("{}_{ending}", self.in_variables()), ending.to_owned()];
        let mut names = names.into_iter().map(|name| format!("OTEL_EXPORTER_OTLP_{name}"));
        names.find_map(|name| environment.get(&name).map(str::to_owned).map(|value| (name, value)))
    }

    /// As variables of the environment name it.
    const fn in_variables(self) -> &'static str {
        match self {
            Self::Traces => "TRACES",
            Self::Metrics => "METRICS",
            Self::Logs => "LOGS",
        }
    }
}

/// The signals that are sent, and what of the environment could not be understood.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ExportPlan {
    pub(super) traces: Option<Protocol>,
    pub(super) metrics: Option<Protocol>,
    pub(super) logs: Option<Protocol>,
    pub(super) notices: Vec<String>,
}

impl ExportPlan {
    /// Settles setting and environment.
    pub(super) fn settle(export: ExportChoice, environment: &Environment) -> Self {
        let mut plan = Self::default();
        let disabled =
            environment.get("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        if disabled || export == ExportChoice::Off {
            return plan;
        }
        plan.traces = plan.signal(Signal::Traces, export, environment);
        plan.metrics = plan.signal(Signal::Metrics, export, environment);
        plan.logs = plan.signal(Signal::Logs, export, environment);
        plan
    }

    /// Whether anything is sent.
    pub(super) fn any(&self) -> bool {
        self.traces.is_some() || self.metrics.is_some() || self.logs.is_some()
    }

    fn signal(
        &mut self,
        signal: Signal,
        export: ExportChoice,
        environment: &Environment,
    ) -> Option<Protocol> {
        let of =
            |variable: &str| environment.get(variable).map(|value| (variable.to_owned(), value.to_owned()));
        let name = signal.in_variables();
        let named = signal.setting("ENDPOINT", environment).is_some();
        if export == ExportChoice::Auto && !named {
            return None;
        }
        match of(&format!("OTEL_{name}_EXPORTER")) {
            None => {}
            Some((_, value)) if value == "otlp" => {}
            Some((_, value)) if value == "none" => return None,
            Some((variable, value)) => {
                self.notices.push(format!(
                    "`{variable}` asks for `{value}`, which is not known here: `otlp` or `none`"
                ));
                return None;
            }
        }
        self.without_effect(signal, environment);
        match signal.setting("PROTOCOL", environment) {
            Some((_, value)) if value == "grpc" => Some(Protocol::Grpc),
            None => Some(Protocol::Http),
            Some((_, value)) if value == "http/protobuf" => Some(Protocol::Http),
            Some((variable, value)) => {
                self.notices.push(format!(
                    "`{variable}` asks for `{value}`, which is not known here: `http/protobuf` is taken; \
                     `grpc` is the other"
                ));
                Some(Protocol::Http)
            }
        }
    }

    /// Names values that have no effect, each variable once.
    fn without_effect(&mut self, signal: Signal, environment: &Environment) {
        let known = |value: &str, words: &[&str]| words.iter().any(|word| value.eq_ignore_ascii_case(word));
        let mut of = |ending: &str, is_known: &dyn Fn(&str) -> bool, instead: &str| {
            let Some((variable, value)) = signal.setting(ending, environment) else { return };
            let notice = format!("`{variable}` asks for `{value}`, which has no effect here: {instead}");
            if !is_known(&value) && !self.notices.contains(&notice) {
                self.notices.push(notice);
            }
        };
        of("COMPRESSION", &|value| known(value, &["gzip", "none"]), "`gzip` or `none`");
        of("TIMEOUT", &|value| value.parse::<u64>().is_ok(), "milliseconds are a whole number");
        of("INSECURE", &|value| known(value, &["true", "false"]), "`true` or `false`");
        if signal == Signal::Metrics {
            let preferences = ["cumulative", "delta", "lowmemory"];
            of(
                "TEMPORALITY_PREFERENCE",
                &|value| known(value, &preferences),
                "`cumulative`, `delta` or `lowmemory`",
            );
            let buckets = "explicit_bucket_histogram";
            let instead = "histograms have the buckets of `INSTRUMENTS.md`";
            of("DEFAULT_HISTOGRAM_AGGREGATION", &|value| known(value, &[buckets]), instead);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRPC: Option<Protocol> = Some(Protocol::Grpc);
    const HTTP: Option<Protocol> = Some(Protocol::Http);
    const ADDRESS: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");

    #[track_caller]
    fn case(
        export: ExportChoice,
        environment: &[(&str, &str)],
        signals: [Option<Protocol>; 3],
        notices: usize,
    ) {
        let plan = ExportPlan::settle(export, &Environment::of(environment));
        assert_eq!([plan.traces, plan.metrics, plan.logs], signals, "{:?}", plan.notices);
        assert_eq!((plan.any(), plan.notices.len()), (signals != [None; 3], notices));
    }

    #[test]
    fn a_named_collector_turns_all_three_on() {
        case(ExportChoice::Auto, &[], [None; 3], 0);
        case(ExportChoice::Auto, &[ADDRESS], [HTTP; 3], 0);
        case(ExportChoice::On, &[], [HTTP; 3], 0);
        case(ExportChoice::Off, &[ADDRESS], [None; 3], 0);
        case(ExportChoice::Auto, &[("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://a")], [None, None, HTTP], 0);
    }

    #[test]
    fn disabled_is_disabled() {
        case(ExportChoice::On, &[ADDRESS, ("OTEL_SDK_DISABLED", "TRUE")], [None; 3], 0);
        case(ExportChoice::Auto, &[ADDRESS, ("OTEL_SDK_DISABLED", "false")], [HTTP; 3], 0);
        case(ExportChoice::Auto, &[ADDRESS, ("OTEL_METRICS_EXPORTER", "none")], [HTTP, None, HTTP], 0);
        case(ExportChoice::Auto, &[ADDRESS, ("OTEL_METRICS_EXPORTER", "console")], [HTTP, None, HTTP], 1);
    }

    #[test]
    fn what_has_no_effect_is_named_once() {
        let of = |name: &str, value: &str| {
            let variable = format!("OTEL_EXPORTER_OTLP_{name}");
            let environment = Environment::of(&[ADDRESS, (&variable, value)]);
            ExportPlan::settle(ExportChoice::Auto, &environment).notices
        };
        for (name, wrong, right) in [
            ("COMPRESSION", "zstd", "gzip"),
            ("TIMEOUT", "10s", "10000"),
            ("INSECURE", "yes", "TRUE"),
            ("LOGS_COMPRESSION", "brotli", "none"),
            ("METRICS_TEMPORALITY_PREFERENCE", "sometimes", "Delta"),
            (
                "METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
                "base2_exponential_bucket_histogram",
                "explicit_bucket_histogram",
            ),
        ] {
            let notices = of(name, wrong);
            let expected =
                format!("`OTEL_EXPORTER_OTLP_{name}` asks for `{wrong}`, which has no effect here: ");
            assert!(notices.len() == 1 && notices[0].starts_with(&expected), "{notices:?}");
            assert!(of(name, right).is_empty(), "{name}={right}");
        }
    }

    #[test]
    fn the_protocol_is_that_of_the_signal_or_of_all() {
        let all = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
        let of_logs = ("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "http/protobuf");
        case(ExportChoice::Auto, &[ADDRESS, all], [GRPC; 3], 0);
        case(ExportChoice::Auto, &[ADDRESS, all, of_logs], [GRPC, GRPC, HTTP], 0);
        case(ExportChoice::Auto, &[ADDRESS, ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")], [HTTP; 3], 3);
    }
}
