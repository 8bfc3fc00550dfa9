//! Counting lines, columns and source bytes forward from a known place.
//!
//! A line ends with LF, CR LF or a lone CR. The LF of a CR LF belongs to the line it ends, so a CR
//! at the very end of what is known leaves a question open, which [`Checkpoint`] carries along.

use super::encoding::Encoding;
use super::position::{ByteOffset, Offset, Place};

/// A place that is known exactly, from which later places are counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Checkpoint {
    /// Position in the decoded stream.
    pub(super) offset: u64,
    /// The same position as a person counts.
    place: Place,
    /// The byte before is a CR; whether it ended a line depends on the next byte.
    after_cr: bool,
}

impl Checkpoint {
    /// The beginning of a source whose first `skipped` bytes are a byte order mark.
    pub(super) fn beginning(skipped: u64) -> Self {
        let place = Place { byte: ByteOffset(skipped), line: 1, column: 1 };
        Self { offset: 0, place, after_cr: false }
    }

    /// A checkpoint of which nothing but the position in the decoded stream is known.
    pub(super) fn somewhere(offset: u64) -> Self {
        Self { offset, ..Self::beginning(0) }
    }

    /// The checkpoint behind `bytes`, which follow this one.
    pub(super) fn advanced(self, bytes: &[u8], encoding: Encoding) -> Self {
        let Some(&last) = bytes.last() else { return self };
        let (breaks, line_start) = self.line_breaks(bytes);
        let column = match line_start {
            Some(start) => 1 + count_characters(&bytes[start..]),
            None => self.place.column + count_characters(bytes),
        };
        Self {
            offset: self.offset + bytes.len() as u64,
            place: Place {
                byte: ByteOffset(self.place.byte.0 + encoding.source_length(bytes)),
                line: self.place.line + breaks,
                column,
            },
            after_cr: last == b'\r',
        }
    }

    /// The place, given the byte that stands there, if any.
    pub(super) fn place(&self, next: Option<u8>) -> Place {
        if self.after_cr && next != Some(b'\n') {
            Place { line: self.place.line + 1, column: 1, ..self.place }
        } else {
            self.place
        }
    }

    /// How many lines begin inside `bytes`, and where the last of them does.
    fn line_breaks(self, bytes: &[u8]) -> (u64, Option<usize>) {
        let mut breaks = memchr::memchr_iter(b'\n', bytes).count() as u64;
        let mut line_start = memchr::memrchr(b'\n', bytes).map(|at| at + 1);
        if self.after_cr && bytes[0] != b'\n' {
            breaks += 1;
            line_start = line_start.or(Some(0));
        }
        for at in memchr::memchr_iter(b'\r', bytes) {
            if bytes.get(at + 1).is_some_and(|&next| next != b'\n') {
                breaks += 1;
                line_start = line_start.max(Some(at + 1));
            }
        }
        (breaks, line_start)
    }

    /// Position in the decoded stream, typed.
    pub(super) fn offset(&self) -> Offset {
        Offset(self.offset)
    }
}

/// Characters of well-formed UTF-8: every byte that does not continue another.
pub(super) fn count_characters(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    /// Line and column of each byte of `text`, whatever checkpoints were taken on the way.
    #[track_caller]
    fn case(text: &str, expected: &str) {
        let bytes = text.as_bytes();
        for stop in 0..=bytes.len() {
            let mut seen = String::new();
            let start = Checkpoint::beginning(0).advanced(&bytes[..stop], Encoding::Utf8);
            for at in (stop..=bytes.len()).filter(|&at| text.is_char_boundary(at)) {
                let here = start.advanced(&bytes[stop..at], Encoding::Utf8);
                let place = here.place(bytes.get(at).copied());
                assert_eq!(place.byte.0, at as u64);
                let _ = write!(seen, "{place} ");
            }
            assert!(expected.ends_with(seen.trim_end()), "from {stop}: {seen} is no end of {expected}");
        }
    }

    #[test]
    fn each_form_of_line_end_counts_once() {
        case("a\nb", "1:1 1:2 2:1 2:2");
        case("a\r\nb", "1:1 1:2 1:3 2:1 2:2");
        case("a\rb", "1:1 1:2 2:1 2:2");
        case("\r\r\n\n\r", "1:1 2:1 2:2 3:1 4:1 5:1");
    }

    #[test]
    fn columns_count_characters() {
        case("ä€😀x", "1:1 1:2 1:3 1:4 1:5");
    }

    #[test]
    fn source_bytes_are_counted_in_the_encoding_of_the_source() {
        let bytes = "a€😀\n".as_bytes();
        let byte = |encoding| Checkpoint::beginning(2).advanced(bytes, encoding).place(None).byte.0;
        assert_eq!(byte(Encoding::Utf8), 2 + 9);
        assert_eq!(byte(Encoding::Utf16Le), 2 + 2 * 5);
        assert_eq!(byte(Encoding::Windows1252), 2 + 4);
    }
}
