//! Bodies on their way to the spool: under limits of size, pace and time, never whole in memory.
//!
//! What is small is written at once when all of it is there; what is large goes to the disk in pieces, each by a thread
//! that may wait for the disk.

use super::cpu::blocking;
use super::problem::{Kind, Problem};
use crate::source::{Incoming, Spool, Spooled};
use axum::body::Bytes;
use futures_util::{Stream, StreamExt};
use std::error::Error;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// Bytes that wait in memory before they are written.
pub(super) const BUFFER_BYTES: usize = 64 << 10;
/// How long the next piece is waited for.
pub(super) const PAUSE_MAX: Duration = Duration::from_secs(10);
/// How long all of it may take.
const BODY_TIME_MAX: Duration = Duration::from_hours(1);
/// From when on the pace counts.
const PACE_AFTER: Duration = Duration::from_secs(10);

/// What a body may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct BodyLimits {
    /// Bytes at most.
    pub(super) bytes_max: u64,
    /// Bytes per second at least, on average.
    pub(super) rate_min: u64,
}

impl BodyLimits {
    /// The body is larger than it may be.
    pub(super) fn too_large(&self) -> Problem {
        Problem::new(
            Kind::TooLarge,
            format!(
                "{} bytes may be sent, and nothing of it was kept: send it packed (gzip, zstd, zip)",
                self.bytes_max
            ),
        )
    }

    /// Whether a body that says its length may be read.
    pub(super) fn admit(&self, said: Option<u64>) -> Result<(), Problem> {
        if said.is_some_and(|bytes| bytes > self.bytes_max) { Err(self.too_large()) } else { Ok(()) }
    }
}

/// Watches the pace of one body.
struct Pace {
    limits: BodyLimits,
    began: Instant,
    bytes: u64,
}

impl Pace {
    fn new(limits: BodyLimits) -> Self {
        Self { limits, began: Instant::now(), bytes: 0 }
    }

    /// Takes note of the next bytes.
    fn take(&mut self, count: usize) -> Result<(), Problem> {
        self.bytes += count as u64;
        if self.bytes > self.limits.bytes_max {
            return Err(self.limits.too_large());
        }
        let elapsed = self.began.elapsed();
        if elapsed > BODY_TIME_MAX
            || elapsed > PACE_AFTER && self.bytes < self.limits.rate_min * elapsed.as_secs()
        {
            return Err(slow(self.limits.rate_min));
        }
        Ok(())
    }
}

fn slow(rate_min: u64) -> Problem {
    Problem::new(
        Kind::Timeout,
        format!(
            "the body came too slowly: at least {rate_min} bytes per second are needed and no pause of more than {} s; \
             nothing of it was kept",
            PAUSE_MAX.as_secs()
        ),
    )
}

/// The next piece of a body, in time.
async fn next<E: Error + Send + Sync + 'static>(
    body: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin),
    pace: &mut Pace,
) -> Result<Option<Bytes>, Problem> {
    match timeout(PAUSE_MAX, body.next()).await {
        Err(_) => Err(slow(pace.limits.rate_min)),
        Ok(None) => Ok(None),
        Ok(Some(Err(error))) => Err(cut_off(&error)),
        Ok(Some(Ok(piece))) => pace.take(piece.len()).map(|()| Some(piece)),
    }
}

/// The body ended before its time.
fn cut_off(error: &(dyn Error + 'static)) -> Problem {
    let mut cause: &dyn Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    Problem::new(
        Kind::InvalidRequest,
        format!("the body could not be read to its end, and nothing of it was kept: {cause}"),
    )
}

/// Reads a body to its end into memory.
pub(super) async fn in_memory<E: Error + Send + Sync + 'static>(
    body: impl Stream<Item = Result<Bytes, E>>,
    limits: BodyLimits,
) -> Result<Vec<u8>, Problem> {
    let (mut body, mut pace, mut whole) = (pin!(body), Pace::new(limits), Vec::new());
    while let Some(piece) = next(&mut body, &mut pace).await? {
        whole.extend_from_slice(&piece);
    }
    Ok(whole)
}

/// Reads a body to its end into the spool; what cannot be read or kept whole leaves nothing there.
pub(super) async fn to_spool<E: Error + Send + Sync + 'static>(
    body: impl Stream<Item = Result<Bytes, E>>,
    limits: BodyLimits,
    spool: &Arc<Spool>,
) -> Result<Spooled, Problem> {
    let (mut body, mut pace) = (pin!(body), Pace::new(limits));
    let mut begun: Option<Incoming> = None;
    let mut buffer = Vec::new();
    while let Some(piece) = next(&mut body, &mut pace).await? {
        buffer.extend_from_slice(&piece);
        if buffer.len() >= BUFFER_BYTES {
            begun = Some(written(begun, std::mem::take(&mut buffer), spool).await?);
        }
    }
    if pace.bytes == 0 {
        return Err(Problem::new(Kind::InvalidRequest, "the body is empty: the feed is sent as the body"));
    }
    let spool = Arc::clone(spool);
    let finished = blocking(move || {
        let incoming = append(begun, &buffer, &spool)?;
        spool.finish(incoming)
    });
    Ok(finished.await??)
}

async fn written(begun: Option<Incoming>, bytes: Vec<u8>, spool: &Arc<Spool>) -> Result<Incoming, Problem> {
    let spool = Arc::clone(spool);
    Ok(blocking(move || append(begun, &bytes, &spool)).await??)
}

fn append(begun: Option<Incoming>, bytes: &[u8], spool: &Spool) -> io::Result<Incoming> {
    let mut incoming = match begun {
        Some(incoming) => incoming,
        None => spool.begin()?,
    };
    incoming.write(bytes)?;
    Ok(incoming)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    const LIMITS: BodyLimits = BodyLimits { bytes_max: 10, rate_min: 1 << 10 };

    fn pieces(all: &[&'static str]) -> impl Stream<Item = Result<Bytes, io::Error>> + use<> {
        let pieces: Vec<_> = all.iter().map(|piece| Ok(Bytes::from_static(piece.as_bytes()))).collect();
        stream::iter(pieces)
    }

    fn left(folder: &tempfile::TempDir) -> usize {
        std::fs::read_dir(folder.path()).expect("a folder").count()
    }

    #[tokio::test]
    async fn bytes_max() {
        let folder = tempfile::tempdir().expect("a folder");
        let spool = Arc::new(Spool::open(folder.path()).expect("opened"));
        let spooled = to_spool(pieces(&["12345", "67890"]), LIMITS, &spool).await.expect("at the limit");
        assert_eq!(spooled.bytes, 10);
        let problem = to_spool(pieces(&["12345", "678901"]), LIMITS, &spool).await.expect_err("one above");
        assert_eq!(problem.kind(), Kind::TooLarge);
        assert_eq!(left(&folder), 1, "what is too large leaves nothing");
        assert!(LIMITS.admit(Some(10)).is_ok() && LIMITS.admit(Some(11)).is_err());
        assert_eq!(in_memory(pieces(&["1", "2"]), LIMITS).await.expect("small"), b"12");
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let spool = Arc::new(Spool::open(folder.path()).expect("opened"));
        let broken = pieces(&["123"]).chain(stream::iter([Err(io::Error::other("reset"))]));
        let problem = to_spool(broken, LIMITS, &spool).await.expect_err("broken off");
        assert_eq!(problem.kind(), Kind::InvalidRequest);
        let problem = to_spool(pieces(&[]), LIMITS, &spool).await.expect_err("empty");
        assert_eq!(problem.kind(), Kind::InvalidRequest);
        assert_eq!(left(&folder), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_pauses_is_ended() {
        let stalled = pieces(&["1"]).chain(stream::pending());
        let problem = in_memory(stalled, LIMITS).await.expect_err("stalled");
        assert_eq!(problem.kind(), Kind::Timeout);
    }

    #[tokio::test(start_paused = true)]
    async fn rate_min() {
        let limits = BodyLimits { bytes_max: 1 << 20, rate_min: 10 };
        let paced = |each: &'static str| {
            stream::unfold(0, move |count| async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                (count < 60).then(|| (Ok::<_, io::Error>(Bytes::from_static(each.as_bytes())), count + 1))
            })
        };
        assert_eq!(in_memory(paced("1234567890"), limits).await.expect("at the pace").len(), 600);
        let began = Instant::now();
        let problem = in_memory(paced("123456789"), limits).await.expect_err("below it");
        assert_eq!(problem.kind(), Kind::Timeout);
        assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    }
}
