//! Problem details (RFC 9457): the one form of every failure.

use super::json::Json;
use crate::store::StoreError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::io;
use utoipa::ToSchema;

/// After how many seconds it is worth another try.
const RETRY_SECONDS: u32 = 5;

/// What kind of failure it is; its name is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// Nobody says who they are, or it is not true.
    Unauthorized,
    /// The token may not do that.
    Forbidden,
    /// The token is for another source.
    SourceForbidden,
    /// The form does not say which page it comes from.
    Unsaid,
    /// It comes from a page of another site.
    OtherSite,
    /// There is no such thing.
    NotFound,
    /// It cannot be done with what the address names.
    MethodNotAllowed,
    /// It took too long.
    Timeout,
    /// It cannot be done as things stand.
    Conflict,
    /// The key was used for other bytes.
    KeyReused,
    /// More than may be sent.
    TooLarge,
    /// The body is of no type that is taken there.
    UnsupportedMediaType,
    /// The request is not as it has to be.
    InvalidRequest,
    /// One of its parameters is not.
    InvalidParameter,
    /// As many uploads as there may be are under way.
    TooManyUploads,
    /// As much is being decided as may be at a time.
    Busy,
    /// As many clients follow runs as may.
    TooManyStreams,
    /// As much waits as may wait.
    QueueFull,
    /// The database does not answer.
    DatabaseUnavailable,
    /// The service is about to stop.
    Stopping,
    /// Nobody but its own machine is answered.
    Closed,
    /// There is no room for the feed.
    StorageFull,
    /// It is our fault.
    Internal,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::SourceForbidden => "source-forbidden",
            Self::Unsaid => "no-origin",
            Self::OtherSite => "other-site",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::Timeout => "timeout",
            Self::Conflict => "conflict",
            Self::KeyReused => "key-reused",
            Self::TooLarge => "too-large",
            Self::UnsupportedMediaType => "unsupported-media-type",
            Self::InvalidRequest => "invalid-request",
            Self::InvalidParameter => "invalid-parameter",
            Self::TooManyUploads => "too-many-uploads",
            Self::Busy => "busy",
            Self::TooManyStreams => "too-many-streams",
            Self::QueueFull => "queue-full",
            Self::DatabaseUnavailable => "database-unavailable",
            Self::Stopping => "stopping",
            Self::Closed => "closed",
            Self::StorageFull => "storage-full",
            Self::Internal => "internal",
        }
    }

    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::SourceForbidden | Self::Unsaid | Self::OtherSite => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Timeout => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict | Self::KeyReused => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::InvalidRequest | Self::InvalidParameter => StatusCode::BAD_REQUEST,
            Self::TooManyUploads
            | Self::Busy
            | Self::TooManyStreams
            | Self::QueueFull
            | Self::DatabaseUnavailable
            | Self::Stopping
            | Self::Closed => StatusCode::SERVICE_UNAVAILABLE,
            Self::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Unauthorized => "a valid token is needed",
            Self::Forbidden => "the token does not allow this",
            Self::SourceForbidden => "the token is for another source",
            Self::Unsaid => "the form does not say where it comes from",
            Self::OtherSite => "the request comes from another site",
            Self::NotFound => "there is no such thing",
            Self::MethodNotAllowed => "this cannot be done here",
            Self::Timeout => "the request took too long",
            Self::Conflict => "this cannot be done as things stand",
            Self::KeyReused => "the idempotency key was used for other bytes",
            Self::TooLarge => "the body is larger than it may be",
            Self::UnsupportedMediaType => "the body is of no media type that is taken here",
            Self::InvalidRequest => "the request is not right",
            Self::InvalidParameter => "a parameter is not right",
            Self::TooManyUploads => "too many uploads are under way",
            Self::Busy => "as much as may be done at a time is under way",
            Self::TooManyStreams => "too many clients follow runs",
            Self::QueueFull => "the queue is full",
            Self::DatabaseUnavailable => "the database does not answer",
            Self::Stopping => "the service is stopping",
            Self::Closed => "nobody but this machine is answered",
            Self::StorageFull => "there is no room for the feed",
            Self::Internal => "something went wrong here",
        }
    }

    /// Whether the same request may go well later.
    const fn passes(self) -> bool {
        matches!(self.status(), StatusCode::SERVICE_UNAVAILABLE | StatusCode::INSUFFICIENT_STORAGE)
    }
}

/// A failure, as it is told.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    kind: Kind,
    detail: String,
    parameter: Option<&'static str>,
    run: Option<i64>,
}

/// A failure (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProblemDetails {
    /// What kind it is: a stable name.
    #[serde(rename = "type")]
    #[schema(example = "urn:feedgate:problem:invalid-parameter")]
    kind: String,
    /// The kind, in words.
    title: &'static str,
    /// The status of the answer.
    #[schema(example = 400)]
    status: u16,
    /// What was wrong here, and what to do.
    detail: String,
    /// The parameter that is not right.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<&'static str>,
    /// The run that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<i64>,
}

impl Problem {
    /// A failure with what was wrong here and what to do.
    pub(super) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), parameter: None, run: None }
    }

    /// A parameter that is not right.
    pub(super) fn parameter(name: &'static str, detail: impl Into<String>) -> Self {
        Self { parameter: Some(name), ..Self::new(Kind::InvalidParameter, detail) }
    }

    /// There is no such thing, or it is not to be seen.
    pub(super) fn not_found(what: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, what)
    }

    /// Our fault; the cause is logged, not told.
    pub(super) fn internal() -> Self {
        Self::new(Kind::Internal, "nothing was changed; the log of the service tells more")
    }

    /// A failure about a run.
    #[must_use]
    pub(super) fn about(self, run: i64) -> Self {
        Self { run: Some(run), ..self }
    }

    /// What was wrong here, and what to do.
    pub(super) fn detail(&self) -> &str {
        &self.detail
    }

    /// Whether a number in the address is what is not right.
    pub(super) fn is_number(&self) -> bool {
        self.parameter == Some("id")
    }

    /// The run that it is about.
    pub(super) const fn run(&self) -> Option<i64> {
        self.run
    }

    /// Its kind.
    pub(super) const fn kind(&self) -> Kind {
        self.kind
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let kind = if error.is_absence() { Kind::DatabaseUnavailable } else { Kind::Internal };
        let detail = match kind {
            Kind::DatabaseUnavailable => "nothing was changed; try again in a moment",
            _ => return Self::internal(),
        };
        Self::new(kind, detail)
    }
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Self::new(
                    Kind::StorageFull,
                    "the spool has no room; nothing of the feed was kept: try again later, or tell the operators",
                )
            }
            _ => Self::internal(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let told = self.clone();
        let (kind, status) = (self.kind, self.kind.status());
        let details = ProblemDetails {
            kind: format!("urn:feedgate:problem:{}", kind.name()),
            title: kind.title(),
            status: status.as_u16(),
            detail: self.detail,
            parameter: self.parameter,
            run: self.run,
        };
        let mut response = (status, Json(details)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if kind == Kind::Unauthorized {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"feedgate\""));
        }
        if kind.passes() {
            headers.insert(header::RETRY_AFTER, RETRY_SECONDS.into());
        }
        // A page tells it in its own form.
        response.extensions_mut().insert(told);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_has_type_title_status_and_detail() {
        let response = Problem::parameter("mode", "`later` is no mode").into_response();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        assert!(response.headers().get(header::RETRY_AFTER).is_none());
    }

    #[test]
    fn what_passes_says_when_to_try_again() {
        for kind in [Kind::QueueFull, Kind::DatabaseUnavailable, Kind::StorageFull, Kind::TooManyUploads] {
            let response = Problem::new(kind, "").into_response();
            assert_eq!(response.headers()[header::RETRY_AFTER], "5", "{kind:?}");
        }
        let response = Problem::new(Kind::Unauthorized, "").into_response();
        assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer realm=\"feedgate\"");
    }
}
