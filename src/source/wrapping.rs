//! How a feed is wrapped: told by its first bytes, never by its name.

use super::limits::{RAW_READ_BYTES, ZSTD_WINDOW_LOG_MAX};
use super::members::{Members, explain};
use crate::xml::Rest;
use flate2::bufread::GzDecoder;
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

/// All members of a gzip stream, one after another.
pub(crate) fn gzip(raw: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    Box::new(Members::new(raw, |raw| Ok(GzDecoder::new(raw))))
}

/// All frames of a zstd stream, one after another.
pub(crate) fn zstd(raw: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    Box::new(Members::new(raw, |raw| {
        let mut decoder = zstd::Decoder::with_buffer(raw)?.single_frame();
        decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
        Ok(decoder)
    }))
}

/// Raw deflate, as zip members hold it.
pub(crate) fn deflate(raw: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    let decoder = flate2::bufread::DeflateDecoder::new(BufReader::with_capacity(RAW_READ_BYTES, raw));
    Box::new(Explained(decoder))
}

/// Turns a decoder's errors into ours.
struct Explained<R>(R);

impl<R: Read> Read for Explained<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| explain("zip", error, Rest::Absent))
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
        assert_eq!(read(super::zstd(io::Cursor::new(two))), Ok("<a></a>".to_owned()));
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
            let found = read(super::zstd(io::Cursor::new(whole[..end].to_vec())));
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
        let read = |log| read(super::zstd(io::Cursor::new(window(log))));
        let most = u8::try_from(ZSTD_WINDOW_LOG_MAX).expect("small");
        assert_eq!(read(most), Ok(String::new()));
        let found = read(most + 1).expect_err("too large");
        assert!(found.contains("window of more than 32 MiB"), "{found}");
    }
}
