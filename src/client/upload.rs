//! Feeds on their way to a service.
//!
//! ```text
//!  Delivery ─▶ pieces, each read by a thread that may wait for the disk ─▶ body ─▶ 202 or 200: a run
//!                 └─ counted: progress, and the watch over silence
//! ```
//!
//! An upload that broke off may have been taken or not. It is sent again, and is the same submission: by its bytes, or
//! by a key of its own where a new run was asked for.

use super::client::Client;
use super::error::{ClientError, UnreadableFeed};
use crate::judgement::escape::clean;
use crate::source::Delivery;
use futures_util::{Stream, stream};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Body, Method, RequestBuilder, Response, StatusCode};
use serde::Deserialize;
use std::fmt::Write;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::timeout;

/// Bytes of a feed that are read at a time.
const PIECE_BYTES: usize = 64 << 10;
/// How long a service may neither take bytes nor answer.
const UPLOAD_PAUSE_MAX: Duration = Duration::from_mins(2);
/// How long an upload that broke off before waits behind its first piece: a refusal may be on its way, and is lost
/// when more is sent to a service that does not read it.
const REFUSAL_TIME: Duration = Duration::from_secs(2);
/// Characters of the name of a feed that a service takes.
const NAME_CHARS_MAX: usize = 255;

/// What is to be done with feeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// What is right in them is imported.
    #[default]
    Import,
    /// They are judged, and the shop stays as it is.
    Check,
}

impl Mode {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Check => "check",
        }
    }
}

/// What a feed becomes that was submitted before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Repeated {
    /// The run of then.
    #[default]
    Same,
    /// A run of its own.
    Again,
}

/// What is asked for with feeds.
#[derive(Clone, Debug, Default)]
pub struct SubmitOptions {
    /// What is to be done.
    pub mode: Mode,
    /// The format; without it, the root element decides.
    pub format: Option<String>,
    /// Whose products they bring; without it, the header decides.
    pub source: Option<String>,
    /// What becomes of those that were submitted before.
    pub repeated: Repeated,
    /// The trace that they are a part of, as W3C Trace Context writes it.
    pub traceparent: Option<String>,
}

/// A feed about to be sent.
#[derive(Debug)]
pub struct Upload {
    delivery: Arc<Delivery>,
    key: Option<String>,
    sent: Arc<AtomicU64>,
}

/// A feed that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Number of its run.
    pub run: i64,
    /// It was submitted before, and the run is that of then.
    pub is_repeated: bool,
}

#[derive(Deserialize)]
struct Submitted {
    run: i64,
}

impl Upload {
    /// Prepares to send a feed.
    pub fn new(delivery: Delivery, options: &SubmitOptions) -> io::Result<Self> {
        let key = match options.repeated {
            Repeated::Same => None,
            Repeated::Again => Some(random_key()?),
        };
        Ok(Self { delivery: Arc::new(delivery), key, sent: Arc::default() })
    }

    /// Bytes on their way so far, also while it is sent.
    #[must_use]
    pub fn sent(&self) -> &Arc<AtomicU64> {
        &self.sent
    }

    fn body(&self, tries: u32) -> Body {
        self.sent.store(0, Ordering::Relaxed);
        let pause = if tries > 1 { REFUSAL_TIME } else { Duration::ZERO };
        Body::wrap_stream(pieces(Arc::clone(&self.delivery), Arc::clone(&self.sent), pause))
    }
}

/// The bytes of a feed, piece by piece.
fn pieces(
    delivery: Arc<Delivery>,
    sent: Arc<AtomicU64>,
    pause: Duration,
) -> impl Stream<Item = Result<Vec<u8>, UnreadableFeed>> + Send + 'static {
    stream::try_unfold((delivery, sent, 0), move |(delivery, sent, at)| async move {
        if at == PIECE_BYTES as u64 {
            tokio::time::sleep(pause).await;
        }
        let reading = Arc::clone(&delivery);
        let read = tokio::task::spawn_blocking(move || reading.piece(at, PIECE_BYTES)).await;
        let piece = read.map_err(io::Error::other).and_then(|read| read);
        let piece = piece.map_err(|source| UnreadableFeed { feed: delivery.name().to_string(), source })?;
        let at = at + piece.len() as u64;
        sent.store(at, Ordering::Relaxed);
        Ok((!piece.is_empty()).then_some((piece, (delivery, sent, at))))
    })
}

/// A key that nobody else has.
fn random_key() -> io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes.iter().fold("submit-".to_owned(), |mut key, byte| {
        write!(key, "{byte:02x}").expect("writes to memory");
        key
    }))
}

/// The name as a service takes it: the end of one that is too long says more.
fn told_name(name: &str) -> String {
    let name = clean(name.trim());
    let skipped = name.chars().count().saturating_sub(NAME_CHARS_MAX);
    let end: String = name.chars().skip(skipped).collect();
    if end.trim().is_empty() { "feed".to_owned() } else { end }
}

impl Client {
    /// Sends a feed, again if need be, until it is taken.
    pub async fn submit(&self, upload: &Upload, options: &SubmitOptions) -> Result<Taken, ClientError> {
        let what = format!("`{}`", upload.delivery.name());
        self.persistently(&what, async |tries| self.send(upload, options, tries).await).await
    }

    async fn send(&self, upload: &Upload, options: &SubmitOptions, tries: u32) -> Result<Taken, ClientError> {
        let request = self.upload_request(upload, options).body(upload.body(tries));
        let response = self.watched(request, &upload.sent).await?;
        let response = self.accepted(response).await?;
        let is_repeated = match response.status() {
            StatusCode::ACCEPTED => false,
            StatusCode::OK => true,
            other => return Err(self.other_program(&format!("status {}", other.as_u16()))),
        };
        let Submitted { run } = self.json(response).await?;
        if run < 1 {
            return Err(self.other_program(&format!("run {run}")));
        }
        Ok(Taken { run, is_repeated })
    }

    fn upload_request(&self, upload: &Upload, options: &SubmitOptions) -> RequestBuilder {
        let name = told_name(upload.delivery.name());
        let mut query = vec![("mode", options.mode.as_str()), ("name", &name)];
        query.extend(options.format.as_deref().map(|format| ("format", format)));
        query.extend(options.source.as_deref().map(|source| ("source", source)));
        let mut request = self
            .request(Method::POST, "v1/feeds", &query)
            .header(CONTENT_TYPE, upload.delivery.media_type())
            .header(CONTENT_LENGTH, upload.delivery.bytes());
        if let Some(key) = &upload.key {
            request = request.header("idempotency-key", key);
        }
        if let Some(traceparent) = &options.traceparent {
            request = request.header("traceparent", traceparent);
        }
        request
    }

    /// Sends, as long as bytes are taken or an answer comes.
    async fn watched(&self, request: RequestBuilder, sent: &AtomicU64) -> Result<Response, ClientError> {
        let mut sending = std::pin::pin!(request.send());
        let mut before = sent.load(Ordering::Relaxed);
        loop {
            if let Ok(answered) = timeout(UPLOAD_PAUSE_MAX, &mut sending).await {
                return answered.map_err(|error| ClientError::of_transport(self.host(), &error));
            }
            let now = sent.load(Ordering::Relaxed);
            if now == before {
                return Err(ClientError::Silent { host: self.host(), time: UPLOAD_PAUSE_MAX });
            }
            before = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FeedSource;
    use futures_util::TryStreamExt;

    fn delivery(bytes: &[u8]) -> (tempfile::TempDir, Delivery) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("feed.xml");
        std::fs::write(&path, bytes).expect("written");
        let delivery = Delivery::open(&FeedSource::file(path)).expect("opened");
        (folder, delivery)
    }

    #[tokio::test]
    async fn a_feed_is_sent_whole_piece_by_piece() {
        let bytes: Vec<u8> = (0..=255).cycle().take(2 * PIECE_BYTES + 1).collect();
        let (_folder, delivery) = delivery(&bytes);
        let sent = Arc::new(AtomicU64::new(0));
        let all = pieces(Arc::new(delivery), Arc::clone(&sent), Duration::ZERO);
        let all: Vec<Vec<u8>> = all.try_collect().await.expect("read");
        assert_eq!(all.iter().map(Vec::len).collect::<Vec<_>>(), [PIECE_BYTES, PIECE_BYTES, 1]);
        assert_eq!((all.concat(), sent.load(Ordering::Relaxed)), (bytes, 2 * PIECE_BYTES as u64 + 1));
    }

    #[tokio::test]
    async fn a_feed_that_shrinks_is_told_by_name() {
        let (folder, delivery) = delivery(b"<list/>");
        std::fs::write(folder.path().join("feed.xml"), "<").expect("written");
        let all = pieces(Arc::new(delivery), Arc::default(), Duration::ZERO);
        let error = all.try_collect::<Vec<_>>().await.expect_err("shorter");
        assert!(error.feed.ends_with("feed.xml"), "{}", error.feed);
    }

    #[test]
    fn name_chars_max() {
        assert_eq!(told_name(&"ä".repeat(NAME_CHARS_MAX)).chars().count(), NAME_CHARS_MAX);
        let long = told_name(&format!("x{}", "ä".repeat(NAME_CHARS_MAX)));
        assert_eq!(long, "ä".repeat(NAME_CHARS_MAX));
        assert_eq!((told_name(" a\nb ").as_str(), told_name(" ").as_str()), ("a\\nb", "feed"));
    }

    #[test]
    fn a_new_run_has_a_key_of_its_own() {
        let of = |repeated| {
            let options = SubmitOptions { repeated, ..SubmitOptions::default() };
            Upload::new(delivery(b"<a/>").1, &options).expect("prepared").key
        };
        assert_eq!(of(Repeated::Same), None);
        let (one, other) = (of(Repeated::Again), of(Repeated::Again));
        assert!(one.is_some() && one != other, "{one:?}");
    }
}
