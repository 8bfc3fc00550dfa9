//! How a feed is wrapped: told by its first bytes, never by its name.

use super::limits::{RAW_READ_BYTES, ZSTD_WINDOW_LOG_MAX};
use flate2::bufread::MultiGzDecoder;
use std::io::{self, BufReader, Read};

/// What the delivered bytes are wrapped in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrapping {
    Plain,
    Gzip,
    Zstd,
    Zip,
}

impl Wrapping {
    /// So many first bytes decide.
    pub(crate) const SIGNATURE_BYTES: usize = 4;

    /// By the first bytes; fewer than [`SIGNATURE_BYTES`](Self::SIGNATURE_BYTES) are all there are, and then what they
    /// begin is cut off.
    pub(crate) fn of(first: &[u8]) -> Self {
        match first {
            [0x1f, 0x8b, ..] | [0x1f] => Self::Gzip,
            // The second form is a skippable frame, which some tools put in front.
            [0x28, 0xb5, 0x2f, 0xfd, ..]
            | [0x28]
            | [0x28, 0xb5]
            | [0x28, 0xb5, 0x2f]
            | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            // A member, and the end record of an archive without any.
            [b'P', b'K', 3, 4, ..] | [b'P'] | [b'P', b'K'] | [b'P', b'K', 3] | [b'P', b'K', 5, 6, ..] => {
                Self::Zip
            }
            _ => Self::Plain,
        }
    }
}

/// A decoder's own words are for programmers; this says what it means for the feed.
#[derive(Debug, thiserror::Error)]
enum DecodeError {
    #[error("the {0} data ends early: the delivery was cut off; have it sent again")]
    CutOff(&'static str),
    #[error("the {0} data is damaged ({1}); have it sent again")]
    Damaged(&'static str, String),
    #[error("the zstd data needs a window of more than {} MiB: compress it without `--long` and `--ultra`",
        1 << (ZSTD_WINDOW_LOG_MAX - 20))]
    Window,
}

/// What reading gives that comes to the end of packed data before its time.
pub(crate) fn cut_off(kind: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, DecodeError::CutOff(kind))
}

/// All members of a gzip stream, one after another.
pub(crate) fn gzip(raw: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    let decoder = MultiGzDecoder::new(BufReader::with_capacity(RAW_READ_BYTES, raw));
    Box::new(Explained { inner: decoder, kind: "gzip" })
}

/// All frames of a zstd stream, one after another.
pub(crate) fn zstd(raw: impl Read + Send + 'static) -> io::Result<Box<dyn Read + Send>> {
    let mut decoder = zstd::Decoder::with_buffer(BufReader::with_capacity(RAW_READ_BYTES, raw))?;
    decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
    Ok(Box::new(Explained { inner: decoder, kind: "zstd" }))
}

/// Raw deflate, as zip members hold it.
pub(crate) fn deflate(raw: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    let decoder = flate2::bufread::DeflateDecoder::new(BufReader::with_capacity(RAW_READ_BYTES, raw));
    Box::new(Explained { inner: decoder, kind: "zip" })
}

/// Turns a decoder's errors into ours; errors of the file below stay what they are.
struct Explained<R> {
    inner: R,
    kind: &'static str,
}

impl<R: Read> Read for Explained<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer).map_err(|error| explain(self.kind, error))
    }
}

fn explain(kind: &'static str, error: io::Error) -> io::Error {
    use io::ErrorKind as Kind;
    let ours = |error| io::Error::new(Kind::InvalidData, error);
    match error.kind() {
        // The system said it, not the decoder.
        Kind::Interrupted => error,
        _ if error.raw_os_error().is_some() => error,
        // Under the kind that tells whoever reads that the input ended before its time.
        Kind::UnexpectedEof => cut_off(kind),
        _ if kind == "zstd" && error.to_string().contains("too much memory") => ours(DecodeError::Window),
        Kind::InvalidData | Kind::InvalidInput | Kind::Other => {
            ours(DecodeError::Damaged(kind, error.to_string()))
        }
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzipped(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text).expect("writes to memory");
        encoder.finish().expect("writes to memory")
    }

    fn read(mut reader: Box<dyn Read + Send>) -> Result<String, String> {
        let mut text = String::new();
        reader.read_to_string(&mut text).map_err(|error| error.to_string())?;
        Ok(text)
    }

    #[test]
    fn first_bytes_decide() {
        assert_eq!(Wrapping::of(b""), Wrapping::Plain);
        assert_eq!(Wrapping::of(b"<a/>"), Wrapping::Plain);
        assert_eq!(Wrapping::of(b"PKxx"), Wrapping::Plain);
        assert_eq!(Wrapping::of(b"PK\x03\x04"), Wrapping::Zip);
        assert_eq!(Wrapping::of(&gzipped(b"a")), Wrapping::Gzip);
        assert_eq!(Wrapping::of(&zstd::encode_all(&b"a"[..], 0).expect("encodes")), Wrapping::Zstd);
    }

    #[test]
    fn members_and_frames_follow_each_other() {
        let two = [gzipped(b"<a>"), gzipped(b"</a>")].concat();
        assert_eq!(read(gzip(io::Cursor::new(two))), Ok("<a></a>".to_owned()));
        let frame = |text: &[u8]| zstd::encode_all(text, 0).expect("encodes");
        let two = [frame(b"<a>"), frame(b"</a>")].concat();
        assert_eq!(read(super::zstd(io::Cursor::new(two)).expect("opens")), Ok("<a></a>".to_owned()));
    }

    #[test]
    fn every_cut_is_told() {
        let text = b"<a>some text that is long enough to be worth a block of its own</a>".repeat(20);
        let whole = gzipped(&text);
        for end in 1..whole.len() {
            let found = read(gzip(io::Cursor::new(whole[..end].to_vec())));
            assert!(
                found.as_ref().is_err_and(|error| error.contains("cut off")),
                "gzip cut at {end}: {found:?}"
            );
        }
        let whole = zstd::encode_all(&text[..], 0).expect("encodes");
        for end in 1..whole.len() {
            let found = read(super::zstd(io::Cursor::new(whole[..end].to_vec())).expect("opens"));
            assert!(
                found.as_ref().is_err_and(|error| error.contains("cut off")),
                "zstd cut at {end}: {found:?}"
            );
        }
    }

    #[test]
    fn damage_is_told() {
        let mut bytes = gzipped(b"<a>some text</a>");
        let last = bytes.len() - 6;
        bytes[last] ^= 0x55;
        let found = read(gzip(io::Cursor::new(bytes))).expect_err("damaged");
        assert!(found.contains("the gzip data is damaged"), "{found}");
    }

    /// A frame header that asks for a window of this size; no data behind it is needed.
    fn window(log: u8) -> Vec<u8> {
        vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, (log - 10) << 3, 0x01, 0, 0]
    }

    #[test]
    fn zstd_window_log_max() {
        let read = |log| read(super::zstd(io::Cursor::new(window(log))).expect("opens"));
        let most = u8::try_from(ZSTD_WINDOW_LOG_MAX).expect("small");
        assert_eq!(read(most), Ok(String::new()));
        let found = read(most + 1).expect_err("too large");
        assert!(found.contains("window of more than 32 MiB"), "{found}");
    }
}
