//! Forms: the parts of a body that is `multipart/form-data`, in bounded time and memory.

use super::problem::{Kind, Problem};
use super::receive::{self, BodyLimits};
use axum::body::Bytes;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use futures_util::Stream;

/// Bytes of a part that is a text.
const TEXT_BYTES_MAX: usize = 1_000;

/// A form that is being read.
pub(super) struct Form(Multipart);

/// One part of it.
pub(super) struct Part<'a>(Field<'a>);

impl Form {
    /// Begins to read a body that says it is a form.
    pub(super) async fn begin(request: Request) -> Result<Self, Problem> {
        let form = Multipart::from_request(request, &()).await;
        form.map(Self).map_err(|error| Problem::new(Kind::InvalidRequest, error.body_text()))
    }

    /// The next part, without waiting for ever.
    pub(super) async fn next(&mut self) -> Result<Option<Part<'_>>, Problem> {
        match tokio::time::timeout(receive::PAUSE_MAX, self.0.next_field()).await {
            Err(_) => Err(Problem::new(Kind::Timeout, "the form came too slowly; nothing of it was kept")),
            Ok(Err(error)) => Err(Problem::new(Kind::InvalidRequest, error.body_text())),
            Ok(Ok(part)) => Ok(part.map(Part)),
        }
    }
}

impl<'a> Part<'a> {
    /// The name of the part.
    pub(super) fn name(&self) -> &str {
        self.0.name().unwrap_or_default()
    }

    /// The name of the file that it is, as the sender says it.
    pub(super) fn file_name(&self) -> Option<&str> {
        self.0.file_name()
    }

    /// Its bytes.
    pub(super) fn bytes(self) -> impl Stream<Item = Result<Bytes, MultipartError>> + use<'a> {
        self.0
    }

    /// Its bytes when it is a short text.
    pub(super) async fn text(self, name: &'static str) -> Result<String, Problem> {
        let limits = BodyLimits { bytes_max: TEXT_BYTES_MAX as u64, rate_min: 0 };
        let long = |problem: Problem| match problem.kind() {
            Kind::TooLarge => Problem::parameter(name, format!("it has at most {TEXT_BYTES_MAX} bytes")),
            _ => problem,
        };
        let bytes = receive::in_memory(self.bytes(), limits).await.map_err(long)?;
        String::from_utf8(bytes).map_err(|_| Problem::parameter(name, "it is no UTF-8 text"))
    }
}

/// A form without the feed that it is for.
pub(super) fn without_feed() -> Problem {
    Problem::new(Kind::InvalidRequest, "the form has no part `feed`: it is the file")
}
