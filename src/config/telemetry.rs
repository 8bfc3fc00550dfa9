//! Settings of the three signals and of the log.

use super::choice::Choice;
use super::database::HIDDEN;
use super::error::ConfigError;
use super::layers::Layers;
use super::value::{Refusal, SettingValue};
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
    /// Plain for people at a terminal and where nothing is sent or exposed, else as text.
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

impl Choice for ExportChoice {
    const WORDS: &'static [(&'static str, Self)] =
        &[("auto", Self::Auto), ("on", Self::On), ("off", Self::Off)];
}

impl Choice for DeviationSignals {
    const WORDS: &'static [(&'static str, Self)] =
        &[("spans", Self::Spans), ("logs", Self::Logs), ("both", Self::Both)];
}

impl Choice for LogForm {
    const WORDS: &'static [(&'static str, Self)] =
        &[("auto", Self::Auto), ("plain", Self::Plain), ("text", Self::Text), ("json", Self::Json)];
}

impl Choice for LogLevel {
    const WORDS: &'static [(&'static str, Self)] =
        &[("error", Self::Error), ("warn", Self::Warn), ("info", Self::Info), ("debug", Self::Debug)];
}

/// Address of a page that shows a trace, with places for its ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceUrl(String);

/// A template that names no trace leads to the same page for each.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the address of a trace needs a place for its id: write `http://jaeger.example/trace/{{trace_id}}`")]
struct TraceUrlError;

impl TraceUrl {
    const TRACE: &str = "{trace_id}";
    const SPAN: &str = "{span_id}";

    /// The address of a span of a trace.
    #[must_use]
    pub fn of(&self, trace_id: &str, span_id: &str) -> String {
        self.0.replace(Self::TRACE, trace_id).replace(Self::SPAN, span_id)
    }
}

impl SettingValue for TraceUrl {
    const NOUN: &'static str = "URL with `{trace_id}`";

    fn read(text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        if text.contains(Self::TRACE) { Ok(Self(text.to_owned())) } else { Err(TraceUrlError.into()) }
    }

    /// Hides a user and a password; they end at the last `@`, which a password may hold too.
    fn shown(text: &str) -> String {
        let start = text.find("://").map_or(0, |scheme| scheme + "://".len());
        match text[start..].rfind('@') {
            Some(at) => format!("{}{HIDDEN}{}", &text[..start], &text[start + at..]),
            None => text.to_owned(),
        }
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
        Ok(Self {
            export: layers.read("telemetry.export")?,
            deviations: layers.read("telemetry.deviations")?,
            budget: layers.read("telemetry.budget")?,
            equal: layers.read("telemetry.equal")?,
            deadline: layers.read("telemetry.deadline")?,
            trace_url: layers.read("trace_url")?,
        })
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
        Ok(Self { form: layers.read("log.form")?, level: layers.read("log.level")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_filled() {
        let url = TraceUrl::read("http://jaeger/trace/{trace_id}?uiFind={span_id}").expect("a template");
        assert_eq!(url.of("aa", "bb"), "http://jaeger/trace/aa?uiFind=bb");
        let error = TraceUrl::read("http://jaeger/trace").expect_err("no place for the id");
        assert!(error.to_string().ends_with("`http://jaeger.example/trace/{trace_id}`"), "{error}");
    }

    #[test]
    fn who_may_see_traces_is_hidden() {
        let shown = TraceUrl::shown;
        assert_eq!(shown("http://jaeger/{trace_id}"), "http://jaeger/{trace_id}");
        assert_eq!(shown("http://me:ge@heim@jaeger/{trace_id}"), "http://***@jaeger/{trace_id}");
        assert_eq!(shown("http://geheim@jaeger/{trace_id}"), "http://***@jaeger/{trace_id}");
        assert_eq!(shown("me:geheim@jaeger/{trace_id}"), "***@jaeger/{trace_id}");
    }

    #[test]
    fn words_choose() {
        assert_eq!(ExportChoice::of("on"), Ok(ExportChoice::On));
        assert_eq!(DeviationSignals::of("both"), Ok(DeviationSignals::Both));
        assert_eq!(LogForm::of("json"), Ok(LogForm::Json));
        assert!(LogLevel::of("loud").is_err());
        let [spans, logs, both] = ["spans", "logs", "both"].map(DeviationSignals::of);
        let told = [spans, logs, both].map(|each| each.map(|each| (each.as_spans(), each.as_logs())));
        assert_eq!(told, [Ok((true, false)), Ok((false, true)), Ok((true, true))]);
    }
}
