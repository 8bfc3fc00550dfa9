//! Around every request: it is traced, measured and logged, ends in time, and does not come from another site's page.

use super::problem::{Kind, Problem};
use super::service::Service;
use crate::telemetry::{RequestEnd, RequestStart, RequestTelemetry};
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;
use tower_http::csrf::ProtectionError;

/// Where links to records are followed; what stands behind it is a secret.
pub(super) const SHARED: &str = "/shared/";
/// How long looking something up may take.
const LOOK_TIME_MAX: Duration = Duration::from_mins(1);

/// What a request turns out to be about, for its log.
#[derive(Clone, Debug, Default)]
pub(super) struct RequestNotes(Arc<Notes>);

#[derive(Debug, Default)]
struct Notes {
    telemetry: RequestTelemetry,
    token: OnceLock<String>,
    run: OnceLock<i64>,
    request_bytes: AtomicU64,
}

impl RequestNotes {
    /// Name of the token, never the token.
    pub(super) fn token(&self, name: &str) {
        let _ = self.0.token.set(name.to_owned());
    }

    /// The run that it is about.
    pub(super) fn run(&self, run: i64) {
        let _ = self.0.run.set(run);
    }

    /// The W3C text of its span.
    pub(super) fn traceparent(&self) -> Option<String> {
        self.0.telemetry.traceparent()
    }
}

/// Traces, measures and logs a request, and answers in time.
pub(super) async fn observe(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let telemetry = service.plan.telemetry.request(&start(&request));
    let notes = RequestNotes(Arc::new(Notes { telemetry, ..Notes::default() }));
    let looks = request.method() == Method::GET && !request.uri().path().ends_with("/events");
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(notes.clone());
    let body = Body::new(Counted { body, count: Count::Request(notes.clone()) });
    let answered = next.run(Request::from_parts(parts, body));
    let response = if looks {
        tokio::time::timeout(LOOK_TIME_MAX, answered).await.unwrap_or_else(|_| late().into_response())
    } else {
        answered.await
    };
    let status = response.status().as_u16();
    let told = Told { notes, status, bytes: 0 };
    response.map(|body| Body::new(Counted { body, count: Count::Response(told) }))
}

fn late() -> Problem {
    let seconds = LOOK_TIME_MAX.as_secs();
    Problem::new(Kind::DatabaseUnavailable, format!("it was not found out within {seconds} s"))
}

/// The request came from a page of another site.
pub(super) fn foreign(_: ProtectionError) -> Response {
    let why = "the request comes from a page of another site: call the service from a program, or from its own pages";
    Problem::new(Kind::OtherSite, why).into_response()
}

fn start(request: &Request) -> RequestStart<'_> {
    let headers = request.headers();
    let client = request.extensions().get::<ConnectInfo<SocketAddr>>();
    RequestStart {
        method: request.method().as_str(),
        route: request.extensions().get::<MatchedPath>().map(MatchedPath::as_str),
        path: told_path(request.uri().path()),
        host: text(headers, header::HOST.as_str()),
        traceparent: text(headers, "traceparent"),
        tracestate: text(headers, "tracestate"),
        client: client.map(|ConnectInfo(address)| address.ip()),
        user_agent: text(headers, header::USER_AGENT.as_str()),
    }
}

/// A path as it may be told: the secret of a link is not.
fn told_path(path: &str) -> &str {
    if path.starts_with(SHARED) { SHARED } else { path }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Whether a request means this machine by its own name: a page that a browser was led to by another name does not.
pub(super) fn means_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = text(headers, header::HOST.as_str()) else { return true };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// A body whose bytes are counted.
struct Counted {
    body: Body,
    count: Count,
}

enum Count {
    Request(RequestNotes),
    Response(Told),
}

impl Count {
    fn add(&mut self, count: usize) {
        match self {
            Self::Request(notes) => _ = notes.0.request_bytes.fetch_add(count as u64, Ordering::Relaxed),
            Self::Response(told) => told.bytes += count as u64,
        }
    }
}

/// What was answered; told when the last byte has gone, or nobody takes it.
struct Told {
    notes: RequestNotes,
    status: u16,
    bytes: u64,
}

impl Drop for Told {
    fn drop(&mut self) {
        let notes = &self.notes.0;
        notes.telemetry.end(&RequestEnd {
            status: self.status,
            request_bytes: notes.request_bytes.load(Ordering::Relaxed),
            response_bytes: Some(self.bytes),
            token: notes.token.get().map(String::as_str).filter(|name| !name.is_empty()),
            run: notes.run.get().copied(),
        });
    }
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(data) = frame.data_ref()
        {
            let count = data.len();
            self.count.add(count);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(host: &str, expected: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().expect("a header"));
        assert_eq!(means_this_machine(&headers), expected, "{host}");
    }

    #[test]
    fn this_machine_is_meant_by_its_own_names_only() {
        for host in ["localhost", "LocalHost:8080", "127.0.0.1:8080", "127.8.8.8", "[::1]:8080", "[::1]"] {
            case(host, true);
        }
        for host in ["feeds.example", "localhost.example:8080", "10.0.0.1:8080", "[2001:db8::1]:80", ""] {
            case(host, false);
        }
    }
}
