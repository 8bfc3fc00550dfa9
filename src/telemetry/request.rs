//! What one request tells: a span, a value of a histogram, and one line of the access log.
//!
//! ```text
//!  start ─▶ span of kind SERVER, below the caller's when the headers name one
//!  end ───▶ status and bytes on the span; duration; access log     dropped without: the client went away, 499
//! ```
//!
//! A request is served on whatever thread is free, so nothing here is current beyond one call: the span is held by the
//! handle. Paths are told without queries, and of what came with the request only the name of its token.

use super::carrier::{self, Carrier};
use super::deviation::{number, text};
use super::{Equipment, Gravity, Telemetry, names};
use crate::judgement::escape::{clean, cut};
use opentelemetry::trace::{SpanKind, Status, TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Characters of a path that are told.
const PATH_CHARS_MAX: usize = 400;
/// The status of a response that nobody waited for; clients never see it.
const CLIENT_GONE: u16 = 499;
/// The label of requests that fit no route.
const NO_ROUTE: &str = "none";
/// Methods that are told apart, and the word for all others.
const METHODS: &[&str] = &["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "CONNECT", "TRACE"];
const OTHER_METHOD: &str = "_OTHER";

/// A request as it begins.
#[derive(Clone, Copy, Debug, Default)]
pub struct RequestStart<'a> {
    /// `GET`, `POST` and so on.
    pub method: &'a str,
    /// The template that it fits, such as `/v1/runs/{id}`: one of the router's, never a path, for it becomes a label.
    pub route: Option<&'a str>,
    /// Its path; a query is not told.
    pub path: &'a str,
    /// The header `host`: whom the client meant to reach.
    pub host: Option<&'a str>,
    /// The header of that name, W3C Trace Context.
    pub traceparent: Option<&'a str>,
    /// The header of that name; several are joined by `,`.
    pub tracestate: Option<&'a str>,
    /// Where it comes from.
    pub client: Option<IpAddr>,
    /// The header `user-agent`.
    pub user_agent: Option<&'a str>,
}

/// What was answered, and to whom.
#[derive(Clone, Copy, Debug, Default)]
pub struct RequestEnd<'a> {
    /// Status of the response.
    pub status: u16,
    /// Bytes of the body that were read.
    pub request_bytes: u64,
    /// Bytes of the body that was sent, when they were counted.
    pub response_bytes: Option<u64>,
    /// Name of the token, never the token.
    pub token: Option<&'a str>,
    /// The run that it was about.
    pub run: Option<i64>,
}

/// The telemetry of one request: a handle, cheap to clone. The default is that nobody listens.
///
/// When the last of its handles is dropped before it is [ended](Self::end), the client went away.
#[derive(Clone, Debug, Default)]
pub struct RequestTelemetry(Option<Arc<ActiveRequest>>);

/// A request that somebody hears of.
#[derive(Debug)]
struct ActiveRequest {
    equipment: Arc<Equipment>,
    /// Its span, or that of the caller where no spans are made.
    context: Context,
    method: &'static str,
    route: Option<String>,
    path: String,
    began: Instant,
    has_ended: AtomicBool,
}

impl Telemetry {
    /// Begins a request.
    #[must_use]
    pub fn request(&self, start: &RequestStart<'_>) -> RequestTelemetry {
        RequestTelemetry(self.0.as_ref().map(|equipment| Arc::new(ActiveRequest::begin(equipment, start))))
    }
}

impl RequestTelemetry {
    /// The W3C text of its span, to be kept with what it asks for: see [`Telemetry::run_for`].
    ///
    /// Where no spans are made, that of the caller is handed on.
    #[must_use]
    pub fn traceparent(&self) -> Option<String> {
        let span = self.0.as_ref()?.context.span();
        let span = span.span_context();
        span.is_valid().then(|| carrier::traceparent(span))
    }

    /// Logs a sentence as [`Telemetry::tell`] does, with the ids of the request.
    #[must_use]
    pub fn tell(&self, gravity: Gravity, sentence: &str) -> bool {
        let Some(request) = &self.0 else { return false };
        let _current = request.context.clone().attach();
        Telemetry(Some(Arc::clone(&request.equipment))).tell(gravity, sentence)
    }

    /// Ends it, once: when the last byte of the response is sent.
    pub fn end(&self, end: &RequestEnd<'_>) {
        if let Some(request) = &self.0 {
            request.end(end);
        }
    }
}

impl ActiveRequest {
    fn begin(equipment: &Arc<Equipment>, start: &RequestStart<'_>) -> Self {
        let caller = Carrier { traceparent: start.traceparent, tracestate: start.tracestate }.span();
        let parent = caller.map_or_else(Context::new, |span| Context::new().with_remote_span_context(span));
        let method = method(start.method);
        let path = path(start.path);
        let senders = equipment.setup.as_ref().map(|setup| &setup.senders);
        let context = match senders.and_then(|senders| senders.traces.as_ref()) {
            Some((provider, _)) => span(provider, &parent, method, start, attributes(method, &path, start)),
            None => parent,
        };
        Self {
            equipment: Arc::clone(equipment),
            context,
            method,
            route: start.route.map(str::to_owned),
            path,
            began: Instant::now(),
            has_ended: AtomicBool::new(false),
        }
    }

    fn end(&self, end: &RequestEnd<'_>) {
        if self.has_ended.swap(true, Ordering::AcqRel) {
            return;
        }
        let took = self.began.elapsed();
        self.end_span(end);
        self.measure(end.status, took);
        self.log(end, took);
    }

    fn end_span(&self, end: &RequestEnd<'_>) {
        let span = self.context.span();
        span.set_attribute(KeyValue::new(names::HTTP_RESPONSE_STATUS_CODE, i64::from(end.status)));
        span.set_attribute(KeyValue::new(names::HTTP_REQUEST_BODY_SIZE, number(end.request_bytes)));
        let bytes =
            end.response_bytes.map(|bytes| KeyValue::new(names::HTTP_RESPONSE_BODY_SIZE, number(bytes)));
        let token = end.token.map(|token| KeyValue::new(names::TOKEN, text(token)));
        let run = end.run.map(|run| KeyValue::new(names::RUN, run.to_string()));
        span.set_attributes(bytes.into_iter().chain(token).chain(run));
        if end.status >= 500 {
            span.set_attribute(KeyValue::new(names::ERROR_TYPE, end.status.to_string()));
            span.set_status(Status::error(""));
        }
        span.end();
    }

    fn measure(&self, status: u16, took: Duration) {
        let Some(instruments) = &self.equipment.instruments else { return };
        let labels = [
            KeyValue::new(names::HTTP_REQUEST_METHOD, self.method),
            KeyValue::new(names::HTTP_ROUTE, self.route.clone().unwrap_or_else(|| NO_ROUTE.to_owned())),
            KeyValue::new(names::STATUS_CLASS, status_class(status)),
        ];
        instruments.http_duration.record(took.as_secs_f64(), &labels);
    }

    fn log(&self, end: &RequestEnd<'_>, took: Duration) {
        let (token, run) = (end.token.map(text), end.run.map(|run| run.to_string()));
        let elapsed_ms = (took.as_secs_f64() * 1e6).round() / 1e3;
        let answer = match end.status {
            CLIENT_GONE => "the client went away".to_owned(),
            status => status.to_string(),
        };
        let _current = self.context.clone().attach();
        self.equipment.tells(|| {
            tracing::info!(
                name: "feedgate.request",
                target: "feedgate::access",
                { http.request.method = self.method,
                http.route = self.route.as_deref(),
                url.path = self.path,
                http.response.status_code = u64::from(end.status),
                http.request.body.size = end.request_bytes,
                http.response.body.size = end.response_bytes,
                feedgate.elapsed_ms = elapsed_ms,
                feedgate.token = token.as_deref(),
                feedgate.run = run.as_deref() },
                "{} {}: {answer} after {elapsed_ms:.1} ms",
                self.method,
                self.path,
            );
        });
    }
}

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        self.end(&RequestEnd { status: CLIENT_GONE, ..RequestEnd::default() });
    }
}

/// The context of a new span of kind SERVER below another.
fn span(
    provider: &SdkTracerProvider,
    parent: &Context,
    method: &'static str,
    start: &RequestStart<'_>,
    attributes: Vec<KeyValue>,
) -> Context {
    let method = if method == OTHER_METHOD { "HTTP" } else { method };
    let name = start.route.map_or_else(|| method.to_owned(), |route| format!("{method} {route}"));
    let tracer = provider.tracer_with_scope(names::scope());
    let builder = tracer.span_builder(name).with_kind(SpanKind::Server).with_attributes(attributes);
    parent.with_span(tracer.build_with_context(builder, parent))
}

/// What is known of a request at its start.
fn attributes(method: &'static str, path: &str, start: &RequestStart<'_>) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new(names::HTTP_REQUEST_METHOD, method),
        KeyValue::new(names::URL_PATH, path.to_owned()),
        KeyValue::new(names::URL_SCHEME, "http"),
    ];
    let original = (method == OTHER_METHOD).then_some(start.method);
    let client = start.client.map(|client| client.to_string());
    let (address, port) = start.host.map(server).unzip();
    let optional = [
        (names::HTTP_REQUEST_METHOD_ORIGINAL, original),
        (names::HTTP_ROUTE, start.route),
        (names::SERVER_ADDRESS, address),
        (names::CLIENT_ADDRESS, client.as_deref()),
        (names::USER_AGENT_ORIGINAL, start.user_agent),
    ];
    for (name, value) in optional {
        attributes.extend(value.map(|value| KeyValue::new(name, text(value))));
    }
    attributes.extend(port.flatten().map(|port| KeyValue::new(names::SERVER_PORT, i64::from(port))));
    attributes
}

/// Address and port of a `host`.
fn server(host: &str) -> (&str, Option<u16>) {
    let parted = host.rsplit_once(':').and_then(|(address, port)| Some((address, port.parse().ok()?)));
    parted.map_or((host, None), |(address, port)| (address, Some(port)))
}

/// A method that is known; labels have to be few.
fn method(method: &str) -> &'static str {
    METHODS.iter().find(|known| **known == method).copied().unwrap_or(OTHER_METHOD)
}

/// A path as it is told: without a query, cut and harmless.
fn path(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    cut(&clean(path), PATH_CHARS_MAX).into_owned()
}

/// Hundreds of a status.
fn status_class(status: u16) -> &'static str {
    match status {
        100..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::test_support::scraped;
    use std::sync::Weak;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn count(telemetry: &Telemetry, labels: &str) -> Option<String> {
        let text = telemetry.exposition().expect("a text");
        let series = format!("feedgate_http_duration_seconds_count{{{labels}}} ");
        text.lines().find_map(|line| line.strip_prefix(&series)).map(str::to_owned)
    }

    #[test]
    fn a_request_is_measured_once() {
        let telemetry = scraped();
        let start = RequestStart {
            method: "GET",
            route: Some("/v1/runs/{id}"),
            path: "/v1/runs/7",
            ..Default::default()
        };
        let request = telemetry.request(&start);
        request.clone().end(&RequestEnd { status: 404, ..RequestEnd::default() });
        request.end(&RequestEnd { status: 200, ..RequestEnd::default() });
        drop(request);
        let labels = |class| {
            format!(
                "feedgate_http_status_class=\"{class}\",http_request_method=\"GET\",http_route=\"/v1/runs/{{id}}\""
            )
        };
        assert_eq!(count(&telemetry, &labels("4xx")).as_deref(), Some("1"));
        assert_eq!(count(&telemetry, &labels("2xx")), None);
    }

    #[test]
    fn labels_are_few_whatever_is_asked() {
        let telemetry = scraped();
        for number in 0..1_000 {
            let (method, path) = (format!("M{number}"), format!("/{number}"));
            drop(telemetry.request(&RequestStart { method: &method, path: &path, ..Default::default() }));
        }
        let labels = "feedgate_http_status_class=\"4xx\",http_request_method=\"_OTHER\",http_route=\"none\"";
        assert_eq!(count(&telemetry, labels).as_deref(), Some("1000"));
    }

    #[test]
    fn nothing_is_kept_of_a_request_that_has_ended() {
        let telemetry = scraped();
        let request = telemetry.request(&RequestStart::default());
        let held: Weak<_> = request.0.as_ref().map(Arc::downgrade).expect("somebody listens");
        request.end(&RequestEnd { status: 200, ..RequestEnd::default() });
        assert!(held.upgrade().is_some());
        drop(request);
        assert!(held.upgrade().is_none());
    }

    #[test]
    fn the_span_of_the_caller_is_handed_on_where_none_are_made() {
        let start = RequestStart { traceparent: Some(PARENT), ..RequestStart::default() };
        assert_eq!(scraped().request(&start).traceparent().as_deref(), Some(PARENT));
        assert_eq!(scraped().request(&RequestStart::default()).traceparent(), None);
        assert_eq!(Telemetry::off().request(&start).traceparent(), None);
    }

    #[test]
    fn paths_are_told_without_queries_and_not_too_long() {
        assert_eq!(path("/v1/runs?token=geheim"), "/v1/runs");
        assert_eq!(path("/a\u{1b}b#c"), "/a\\u{1b}b");
        for (chars, told) in [(PATH_CHARS_MAX, PATH_CHARS_MAX), (PATH_CHARS_MAX + 1, PATH_CHARS_MAX)] {
            assert_eq!(path(&"x".repeat(chars)).chars().count(), told);
        }
        assert!(path(&"x".repeat(PATH_CHARS_MAX + 1)).ends_with('…'));
    }

    #[test]
    fn a_host_is_an_address_and_perhaps_a_port() {
        assert_eq!(server("feeds.example:8080"), ("feeds.example", Some(8080)));
        assert_eq!(server("feeds.example"), ("feeds.example", None));
        assert_eq!(server("[::1]"), ("[::1]", None));
        assert_eq!(server("[::1]:80"), ("[::1]", Some(80)));
    }

    #[test]
    fn a_status_has_a_class() {
        let classes = [100, 202, 304, 499, 503, 999].map(status_class);
        assert_eq!(classes, ["1xx", "2xx", "3xx", "4xx", "5xx", "5xx"]);
    }
}
