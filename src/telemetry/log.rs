//! The log on standard error: a line for each event, with the ids of the span it belongs to.
//!
//! ```text
//! 2026-11-23T04:03:51.123Z WARN `12,50` is not a decimal number feedgate.record.key=HN-4711 trace_id=0af7…
//! {"timestamp":"2026-11-23T04:03:51.123Z","level":"WARN","message":"…","trace_id":"0af7…"}
//! ```

use crate::judgement::escape::{clean, json_safe};
use jiff::Timestamp;
use opentelemetry::trace::TraceContextExt;
use serde_json::{Map, Value};
use std::fmt;
use std::io::Write;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// How a line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineForm {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Writes events to standard error.
#[derive(Debug)]
pub(super) struct StderrLog(pub(super) LineForm);

impl<S: Subscriber> Layer<S> for StderrLog {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let line =
            Line { at: Timestamp::now(), level: event.metadata().level().as_str(), fields, ids: ids() };
        let text = match self.0 {
            LineForm::Text => line.text(),
            LineForm::Json => line.json(),
        };
        // Nobody is left to tell that telling failed.
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }
}

/// Trace and span of the current context.
fn ids() -> Option<(String, String)> {
    let context = opentelemetry::Context::current();
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| (span.trace_id().to_string(), span.span_id().to_string()))
}

/// One line.
struct Line {
    at: Timestamp,
    level: &'static str,
    fields: Fields,
    ids: Option<(String, String)>,
}

impl Line {
    fn text(&self) -> String {
        let Fields { message, fields } = &self.fields;
        let mut text = format!("{} {} {}", moment(self.at), self.level, clean(message));
        let mut field = |name: &str, value: &str| {
            text.push(' ');
            text.push_str(name);
            text.push('=');
            text.push_str(&clean(value));
        };
        for (name, value) in fields {
            match value {
                Value::String(value) if value.is_empty() => {}
                Value::String(value) if value.contains(' ') => field(name, &format!("{value:?}")),
                Value::String(value) => field(name, value),
                other => field(name, &other.to_string()),
            }
        }
        if let Some((trace, span)) = &self.ids {
            field("trace_id", trace);
            field("span_id", span);
        }
        text
    }

    fn json(self) -> String {
        let mut object = Map::new();
        object.insert("timestamp".to_owned(), moment(self.at).into());
        object.insert("level".to_owned(), self.level.into());
        object.insert("message".to_owned(), clean(&self.fields.message).into());
        object.extend(self.fields.fields.into_iter().map(|(name, value)| (name.to_owned(), value)));
        if let Some((trace, span)) = self.ids {
            object.insert("trace_id".to_owned(), trace.into());
            object.insert("span_id".to_owned(), span.into());
        }
        json_safe(&Value::Object(object).to_string()).into_owned()
    }
}

fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Message and fields of an event.
#[derive(Default)]
struct Fields {
    message: String,
    fields: Vec<(&'static str, Value)>,
}

impl Fields {
    fn add(&mut self, field: &Field, value: Value) {
        if field.name() == "message" {
            self.message = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        } else {
            self.fields.push((field.name(), value));
        }
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, format!("{value:?}").into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Line {
        let fields = vec![
            ("feedgate.record.key", "HN-4711".into()),
            ("found", "a\u{1b}b\u{202e} c".into()),
            ("empty", "".into()),
            ("line", 31.into()),
        ];
        Line {
            at: Timestamp::UNIX_EPOCH,
            level: "WARN",
            fields: Fields { message: "no\nsuch \u{9b}thing".to_owned(), fields },
            ids: Some(("0af7".to_owned(), "b7ad".to_owned())),
        }
    }

    #[test]
    fn a_line_for_people() {
        let expected = "1970-01-01T00:00:00.000Z WARN no\\nsuch \\u{9b}thing feedgate.record.key=HN-4711 \
            found=\"a\\u{1b}b\\u{202e} c\" line=31 trace_id=0af7 span_id=b7ad";
        assert_eq!(line().text(), expected);
    }

    #[test]
    fn a_line_for_programs_is_one_line_of_json() {
        let text = line().json();
        assert!(!text.contains(['\n', '\u{1b}', '\u{202e}']), "{text}");
        let object: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(object["message"], "no\\nsuch \\u{9b}thing");
        assert_eq!((&object["line"], &object["trace_id"]), (&31.into(), &"0af7".into()));
        assert_eq!(object["found"], "a\u{1b}b\u{202e} c");
    }
}
