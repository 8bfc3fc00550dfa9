//! Forms: the parts of a body that is `multipart/form-data`, in bounded time and memory.
//!
//! Whoever reads a form looks for the end of a head in all that has come so far, and keeps that: nothing bounds it but
//! what it is given. So it is given no more than a little ahead of what is taken of the parts.

use super::problem::{Kind, Problem};
use super::receive::{self, BodyLimits};
use axum::body::{Body, Bytes};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

/// Bytes of a part that is a text.
const TEXT_BYTES_MAX: usize = 1_000;
/// Bytes of a form that are no part's own: what stands before the first, between them, and their heads.
const HEADS_BYTES_MAX: usize = 64 << 10;

/// A form that is being read.
pub(super) struct Form {
    parts: Multipart,
    ahead: Ahead,
}

/// One part of it.
pub(super) struct Part<'a> {
    field: Field<'a>,
    ahead: Ahead,
}

/// Bytes that were read of a form, without those that were taken as a part's own.
#[derive(Clone, Debug, Default)]
struct Ahead(Arc<AtomicUsize>);

impl Ahead {
    fn read(&self, bytes: &Bytes) {
        self.0.fetch_add(bytes.len(), Ordering::Relaxed);
    }

    fn taken(&self, bytes: &Bytes) {
        self.0.fetch_sub(bytes.len(), Ordering::Relaxed);
    }

    fn is_far(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= HEADS_BYTES_MAX
    }

    /// The body, of which nothing comes while enough of it waits: whoever waits is asked again when some was taken.
    fn bounded(&self, body: Body) -> Body {
        let (mut body, ahead) = (body.into_data_stream(), self.clone());
        Body::from_stream(stream::poll_fn(move |context| {
            if ahead.is_far() {
                return Poll::Pending;
            }
            body.poll_next_unpin(context)
                .map(|piece| piece.map(|piece| piece.inspect(|bytes| ahead.read(bytes))))
        }))
    }
}

impl Form {
    /// Begins to read a body that says it is a form.
    pub(super) async fn begin(request: Request) -> Result<Self, Problem> {
        let ahead = Ahead::default();
        let form = Multipart::from_request(request.map(|body| ahead.bounded(body)), &()).await;
        let parts = form.map_err(|error| Problem::new(Kind::InvalidRequest, error.body_text()))?;
        Ok(Self { parts, ahead })
    }

    /// The next part, without waiting for ever.
    pub(super) async fn next(&mut self) -> Result<Option<Part<'_>>, Problem> {
        let Self { parts, ahead } = self;
        let mut next = pin!(parts.next_field());
        let next = poll_fn(|context| match next.as_mut().poll(context) {
            // What came is not enough, and no more is given.
            Poll::Pending if ahead.is_far() => Poll::Ready(None),
            next => next.map(Some),
        });
        match tokio::time::timeout(receive::PAUSE_MAX, next).await {
            Err(_) => Err(Problem::new(Kind::Timeout, "the form came too slowly; nothing of it was kept")),
            Ok(None) => Err(long_heads()),
            Ok(Some(Err(error))) => Err(Problem::new(Kind::InvalidRequest, error.body_text())),
            Ok(Some(Ok(part))) => Ok(part.map(|field| Part { field, ahead: ahead.clone() })),
        }
    }
}

fn long_heads() -> Problem {
    let why = format!("the form has more than {HEADS_BYTES_MAX} bytes beside those of its parts");
    Problem::new(Kind::InvalidRequest, why)
}

impl<'a> Part<'a> {
    /// The name of the part.
    pub(super) fn name(&self) -> &str {
        self.field.name().unwrap_or_default()
    }

    /// The name of the file that it is, as the sender says it.
    pub(super) fn file_name(&self) -> Option<&str> {
        self.field.file_name()
    }

    /// Its bytes.
    pub(super) fn bytes(self) -> impl Stream<Item = Result<Bytes, MultipartError>> + use<'a> {
        let Self { field, ahead } = self;
        field.inspect_ok(move |bytes| ahead.taken(bytes))
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

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::header::CONTENT_TYPE;
    use std::convert::Infallible;

    /// The parts of a form that comes in pieces of so many bytes.
    async fn parts(text: &str, piece: usize) -> Result<Vec<(String, String)>, Problem> {
        let pieces: Vec<_> = text
            .as_bytes()
            .chunks(piece)
            .map(|piece| Ok::<_, Infallible>(Bytes::copy_from_slice(piece)))
            .collect();
        let request = Request::builder().header(CONTENT_TYPE, "multipart/form-data; boundary=b");
        let request = request.body(Body::from_stream(stream::iter(pieces))).expect("a request");
        let (mut form, mut parts) = (Form::begin(request).await?, Vec::new());
        while let Some(part) = form.next().await? {
            let name = part.name().to_owned();
            let limits = BodyLimits { bytes_max: u64::MAX, rate_min: 0 };
            let bytes = receive::in_memory(part.bytes(), limits).await?;
            parts.push((name, String::from_utf8(bytes).expect("text")));
        }
        Ok(parts)
    }

    fn part(name: &str, head: &str, text: &str) -> String {
        format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"{head}\r\n\r\n{text}\r\n")
    }

    #[tokio::test(start_paused = true)]
    async fn heads_bytes_max() {
        let of = async |heads: usize, long: &str| {
            let text = "<a/>".repeat(HEADS_BYTES_MAX);
            let form = |filling: usize| {
                let (before, head) = if long == "before" { (filling, 0) } else { (0, filling) };
                let head = format!("\r\nx-a: {}", "b".repeat(head));
                format!(
                    "{}\r\n{}{}--b--",
                    "x".repeat(before),
                    part("feed", &head, &text),
                    part("mode", "", "check")
                )
            };
            let bare = form(0).len() - text.len() - "check".len();
            parts(&form(heads - bare), 1).await.map(|parts| parts.len())
        };
        for long in ["before", "head"] {
            assert_eq!(of(HEADS_BYTES_MAX, long).await.expect("at the limit"), 2, "{long}");
            assert_eq!(
                of(HEADS_BYTES_MAX + 1, long).await.expect_err("one above").kind(),
                Kind::InvalidRequest
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_form_is_read_as_it_is_however_it_comes() {
        let long = "a\r\n--\r".repeat(HEADS_BYTES_MAX);
        let form = part("feed", "; filename=\"f.xml\"", &long) + &part("none", "", "") + "--b--\r\n";
        let expected = vec![("feed".to_owned(), long), ("none".to_owned(), String::new())];
        for piece in [7, 100, HEADS_BYTES_MAX - 1, 10 * HEADS_BYTES_MAX] {
            assert_eq!(parts(&form, piece).await.expect("it is right"), expected, "{piece}");
        }
    }
}
