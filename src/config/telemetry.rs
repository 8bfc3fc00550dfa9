//! Settings of the three signals and of the log.

use super::choice::{ChoiceError, choose};
use super::error::ConfigError;
use super::layers::Layers;
use super::quantity::parse_duration;
use super::settings::{parsed, text};
use std::str::FromStr;
use std::time::Duration;

/// When signals are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportChoice {
    /// When the environment names a collector.
    Auto,
    /// Always; to the usual address when none is named.
    On,
    /// Never.
    Off,
}

/// How deviations are told to a collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviationSignals {
    /// As a span for each failed record.
    Spans,
    /// As log events.
    Logs,
    /// As both, with the same ids.
    Both,
}

impl DeviationSignals {
    /// Whether there are spans.
    #[must_use]
    pub fn as_spans(self) -> bool {
        self != Self::Logs
    }

    /// Whether there are log events.
    #[must_use]
    pub fn as_logs(self) -> bool {
        self != Self::Spans
    }
}

/// What the log on standard error looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogForm {
    /// Plain for people at a terminal and where nothing is sent, else as text.
    Auto,
    /// Sentences: notices and errors.
    Plain,
    /// A line for each event with its fields and ids.
    Text,
    /// The same as JSON.
    Json,
}

/// The least grave events that are logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// Somebody should act.
    Error,
    /// Also what is suspicious.
    Warn,
    /// Also what happens.
    Info,
    /// Also how.
    Debug,
}

impl FromStr for ExportChoice {
    type Err = ChoiceError;

    fn from_str(word: &str) -> Result<Self, ChoiceError> {
        choose(word, &["auto", "on", "off"], &[Self::Auto, Self::On, Self::Off])
    }
}

impl FromStr for DeviationSignals {
    type Err = ChoiceError;

    fn from_str(word: &str) -> Result<Self, ChoiceError> {
        choose(word, &["spans", "logs", "both"], &[Self::Spans, Self::Logs, Self::Both])
    }
}

impl FromStr for LogForm {
    type Err = ChoiceError;

    fn from_str(word: &str) -> Result<Self, ChoiceError> {
        choose(word, &["auto", "plain", "text", "json"], &[Self::Auto, Self::Plain, Self::Text, Self::Json])
    }
}

impl FromStr for LogLevel {
    type Err = ChoiceError;

    fn from_str(word: &str) -> Result<Self, ChoiceError> {
        choose(word, &["error", "warn", "info", "debug"], &[Self::Error, Self::Warn, Self::Info, Self::Debug])
    }
}

/// Address of a page that shows a trace, with places for its ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceUrl(String);

/// A template that names no trace leads to the same page for each.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the address of a trace needs a place for its id: write `http://jaeger.example/trace/{{trace_id}}`")]
pub struct TraceUrlError;

impl TraceUrl {
    const TRACE: &str = "{trace_id}";
    const SPAN: &str = "{span_id}";

    /// The address of a span of a trace.
    #[must_use]
    pub fn of(&self, trace_id: &str, span_id: &str) -> String {
        self.0.replace(Self::TRACE, trace_id).replace(Self::SPAN, span_id)
    }
}

impl FromStr for TraceUrl {
    type Err = TraceUrlError;

    fn from_str(text: &str) -> Result<Self, TraceUrlError> {
        if text.contains(Self::TRACE) { Ok(Self(text.to_owned())) } else { Err(TraceUrlError) }
    }
}

/// What is sent to a collector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TelemetrySettings {
    /// When it is sent.
    pub export: ExportChoice,
    /// How deviations are told.
    pub deviations: DeviationSignals,
    /// Failed records of one feed that are told one by one.
    pub budget: usize,
    /// Failed records of one feed that are told although the same is wrong with them.
    pub equal: usize,
    /// How long the end of the program waits for a collector.
    pub deadline: Duration,
    /// Where a trace can be seen.
    pub trace_url: Option<TraceUrl>,
}

impl TelemetrySettings {
    pub(super) fn settle(layers: &Layers) -> Result<Self, ConfigError> {
        let url = text(layers, "trace_url");
        Ok(Self {
            export: parsed(layers, "telemetry.export")?,
            deviations: parsed(layers, "telemetry.deviations")?,
            budget: parsed(layers, "telemetry.budget")?,
            equal: parsed(layers, "telemetry.equal")?,
            deadline: parsed::<Deadline>(layers, "telemetry.deadline")?.0,
            trace_url: if url.is_empty() { None } else { Some(parsed(layers, "trace_url")?) },
        })
    }
}

/// A span of time as a setting.
struct Deadline(Duration);

impl FromStr for Deadline {
    type Err = super::quantity::QuantityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_duration(text).map(Self)
    }
}

/// The log on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// What it looks like.
    pub form: LogForm,
    /// What is in it.
    pub level: LogLevel,
}

impl LogSettings {
    pub(super) fn settle(layers: &Layers) -> Result<Self, ConfigError> {
        Ok(Self { form: parsed(layers, "log.form")?, level: parsed(layers, "log.level")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_filled() {
        let url: TraceUrl = "http://jaeger/trace/{trace_id}?uiFind={span_id}".parse().expect("a template");
        assert_eq!(url.of("aa", "bb"), "http://jaeger/trace/aa?uiFind=bb");
        let error = "http://jaeger/trace".parse::<TraceUrl>().expect_err("no place for the id");
        assert!(error.to_string().ends_with("`http://jaeger.example/trace/{trace_id}`"), "{error}");
    }

    #[test]
    fn words_choose() {
        assert_eq!("on".parse(), Ok(ExportChoice::On));
        assert_eq!("both".parse(), Ok(DeviationSignals::Both));
        assert_eq!("json".parse(), Ok(LogForm::Json));
        assert!("loud".parse::<LogLevel>().is_err());
        let [spans, logs, both] = ["spans", "logs", "both"].map(str::parse::<DeviationSignals>);
        let told = [spans, logs, both].map(|each| each.map(|each| (each.as_spans(), each.as_logs())));
        assert_eq!(told, [Ok((true, false)), Ok((false, true)), Ok((true, true))]);
    }
}
