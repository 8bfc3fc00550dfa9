//! Parameters of requests, read with a problem for what is not right.

use super::problem::{Kind, Problem};
use super::receive::{self, BodyLimits};
use super::service::Service;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use std::sync::Arc;

/// Bytes of a body that is JSON.
pub(super) const JSON_BYTES_MAX: u64 = 64 << 10;
/// Bytes of a body that are read, and dropped, after it has turned out to be too large.
const REST_BYTES_MAX: u64 = 256 << 10;
/// Characters of a text that something is looked up by.
const FILTER_CHARS_MAX: usize = 1_000;

/// Parameters behind the question mark.
#[derive(Clone, Debug)]
pub(super) struct Query<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let read = axum::extract::Query::<T>::try_from_uri(&parts.uri);
        let wrong = |error: axum::extract::rejection::QueryRejection| {
            let text = error.body_text();
            let why = text.rsplit_once("query string: ").map_or(text.as_str(), |(_, why)| why);
            Problem::parameter("query", why)
        };
        read.map(|axum::extract::Query(value)| Self(value)).map_err(wrong)
    }
}

/// A number in a path.
#[derive(Clone, Copy, Debug)]
pub(super) struct Id(pub(super) i64);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        number(&part(parts, state, "id").await?).map(Self)
    }
}

/// A body that is JSON of a known form.
#[derive(Clone, Debug)]
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Arc<Service>> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, service: &Arc<Service>) -> Result<Self, Problem> {
        if media_type(request.headers()) != "application/json" {
            return Err(Problem::new(Kind::UnsupportedMediaType, "the body is sent as `application/json`"));
        }
        let rate_min = service.plan.settings.body_rate_min;
        let limits = BodyLimits { bytes_max: JSON_BYTES_MAX, rate_min };
        read_json(&whole(request, limits).await?).map(Self)
    }
}

/// The body as bytes, under limits.
pub(super) async fn whole(request: Request, limits: BodyLimits) -> Result<Vec<u8>, Problem> {
    let admitted = limits.admit(length(request.headers()));
    let mut body = request.into_body().into_data_stream();
    let read = match admitted {
        Err(problem) => Err(problem),
        Ok(()) => receive::in_memory(&mut body, limits).await,
    };
    if read.as_ref().is_err_and(|problem| problem.kind() == Kind::TooLarge) {
        // Whoever is still sending would not see the answer.
        let rest = BodyLimits { bytes_max: REST_BYTES_MAX, ..limits };
        let _ = receive::in_memory(&mut body, rest).await;
    }
    let told = format!("{} bytes may be sent, and nothing of it was kept", limits.bytes_max);
    read.map_err(|problem| match problem.kind() {
        // It says how feeds may be sent.
        Kind::TooLarge => Problem::new(Kind::TooLarge, told),
        _ => problem,
    })
}

fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let wrong = |error: serde_json::Error| {
        Problem::new(Kind::InvalidRequest, format!("the body is not as it has to be: {error}"))
    };
    serde_json::from_slice(bytes).map_err(wrong)
}

/// A whole number, also as JSON Schema takes one: `7.0` is 7.
pub(super) fn whole_number<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    let said = serde_json::Number::deserialize(from)?;
    let whole = |said: f64| (said.fract() == 0.0).then(|| format!("{said:.0}").parse().ok()).flatten();
    let number = said.as_i64().or_else(|| said.as_f64().and_then(whole));
    number.ok_or_else(|| D::Error::custom(format!("`{said}` is no whole number that something here has")))
}

/// The media type of a body, without parameters; empty when none is said.
pub(super) fn media_type(headers: &HeaderMap) -> String {
    let said = headers.get(CONTENT_TYPE).and_then(|said| said.to_str().ok()).unwrap_or_default();
    said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The length that is said.
pub(super) fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// A text that something is looked up by.
pub(super) fn filter(name: &'static str, said: Option<String>) -> Result<Option<String>, Problem> {
    let is_wrong = |text: &str| text.chars().count() > FILTER_CHARS_MAX || text.chars().any(char::is_control);
    if said.as_deref().is_some_and(is_wrong) {
        let why = format!("at most {FILTER_CHARS_MAX} characters and no control characters may be asked for");
        return Err(Problem::parameter(name, why));
    }
    Ok(said)
}

/// A number, as a path has it.
pub(super) fn number(said: &str) -> Result<i64, Problem> {
    from_1("id", said.parse().unwrap_or(0))
}

/// A number as all are numbered: from 1.
pub(super) fn from_1(name: &'static str, number: i64) -> Result<i64, Problem> {
    if number < 1 {
        return Err(Problem::parameter(name, "a number here is whole, and 1 or more"));
    }
    Ok(number)
}

/// The name of a source in a path.
#[derive(Clone, Debug)]
pub(super) struct Name(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let said = part(parts, state, "source").await?;
        super::page::text("source", Some(&said))?;
        Ok(Self(said))
    }
}

/// A part of the path.
async fn part<S: Send + Sync>(parts: &mut Parts, state: &S, wanted: &str) -> Result<String, Problem> {
    let wrong = || Problem::not_found("the address is not right: `/openapi.json` lists what there is");
    let path = axum::extract::RawPathParams::from_request_parts(parts, state).await.map_err(|_| wrong())?;
    path.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned()).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Said {
        run: i64,
    }

    #[track_caller]
    fn case(body: &str, why: &str) {
        let problem = read_json::<Said>(body.as_bytes()).expect_err("it is wrong");
        assert_eq!(problem.kind(), Kind::InvalidRequest, "{body}");
        assert!(format!("{problem:?}").contains(why), "{problem:?}");
    }

    #[test]
    fn a_body_says_what_is_wrong_with_it() {
        assert_eq!(read_json::<Said>(b"{\"run\": 7}").expect("it is right").run, 7);
        case("{\"run\": 7, \"later\": 1}", "unknown field `later`");
        case("{\"run\": \"7\"}", "invalid type");
        case("{}", "missing field `run`");
        case("", "EOF");
        case("{\"run\": 7} x", "trailing characters");
    }

    #[tokio::test]
    async fn json_bytes_max() {
        let of = async |bytes: u64| {
            let limits = BodyLimits { bytes_max: JSON_BYTES_MAX, rate_min: 0 };
            let body = vec![b' '; usize::try_from(bytes).expect("it is small")];
            whole(Request::new(body.into()), limits).await.map(|body| body.len() as u64)
        };
        assert_eq!(of(JSON_BYTES_MAX).await.expect("at the limit"), JSON_BYTES_MAX);
        assert_eq!(of(JSON_BYTES_MAX + 1).await.expect_err("one above").kind(), Kind::TooLarge);
    }

    #[tokio::test]
    async fn rest_bytes_max() {
        let taken = async |rest: u64| {
            let piece = axum::body::Bytes::from_static(&[b' '; 1 << 10]);
            let (limit, count) = (10 << 10, (10 << 10) + rest);
            let taken = Arc::new(std::sync::atomic::AtomicU64::new(0));
            let counter = Arc::clone(&taken);
            let pieces = (0..count >> 10).map(move |_| {
                counter.fetch_add(1 << 10, std::sync::atomic::Ordering::Relaxed);
                Ok::<_, std::io::Error>(piece.clone())
            });
            let body = axum::body::Body::from_stream(futures_util::stream::iter(pieces));
            let limits = BodyLimits { bytes_max: limit, rate_min: 0 };
            let problem = whole(Request::new(body), limits).await.expect_err("it is too large");
            assert_eq!(problem.kind(), Kind::TooLarge);
            taken.load(std::sync::atomic::Ordering::Relaxed) - limit
        };
        // The first piece too many tells that it is too large.
        let most = REST_BYTES_MAX + (1 << 10);
        assert_eq!(taken(most).await, most, "at the limit all of it is read");
        assert_eq!(taken(most + (64 << 10)).await, most + (1 << 10), "above it, no more than is needed");
    }

    #[test]
    fn a_whole_number_may_have_a_point() {
        let read = |text: &str| whole_number(&mut serde_json::Deserializer::from_str(text)).ok();
        for (text, number) in [("7", 7), ("7.0", 7), ("1e15", 1_000_000_000_000_000), ("-2", -2)] {
            assert_eq!(read(text), Some(number), "{text}");
        }
        for text in ["7.5", "1e30", "\"7\"", "null", "[7]"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn filter_chars_max() {
        for letter in ["k", "ü", "🎼"] {
            assert!(filter("key", Some(letter.repeat(FILTER_CHARS_MAX))).is_ok());
            assert!(filter("key", Some(letter.repeat(FILTER_CHARS_MAX + 1))).is_err());
        }
        assert!(filter("key", Some("a\0".to_owned())).is_err());
        assert!(filter("key", None).expect("none").is_none());
    }
}
