//! The members of a gzip stream and the frames of a zstd stream, and what stands behind them.
//!
//! ```text
//!  member member 0000000000          padding, as tapes, block devices and tar leave it: passed over
//!  member 0000 member                read on behind it
//!  member <html>…                    something else: refused, whatever its length; nothing of it is a member
//!  mem                               cut off
//!  mem0000000000                     cut off, in a file that was made large enough before
//! ```

use super::limits::{RAW_READ_BYTES, ZSTD_WINDOW_LOG_MAX};
use super::wrapping::Wrapping;
use crate::xml::{PackingCutOff, PackingFault, Rest};
use std::io::{self, BufRead, Read};

/// A decoder's own words are for programmers; this says what it means for the feed.
#[derive(Debug, thiserror::Error)]
enum DecodeError {
    #[error("the {0} data is damaged ({1}); have it sent again")]
    Damaged(&'static str, String),
    #[error("bytes stand behind the end of the packed data ({0}): have it packed again, or cut them off")]
    Behind(&'static str),
    #[error("the zstd data needs a window of more than {} MiB: compress it without `--long` and `--ultra`",
        1 << (ZSTD_WINDOW_LOG_MAX - 20))]
    Window,
}

impl From<DecodeError> for io::Error {
    fn from(error: DecodeError) -> Self {
        PackingFault(error.to_string()).into()
    }
}

/// A decoder of one member, which leaves alone what stands behind it.
pub(super) trait Member: Read + Sized {
    /// Name of the packing.
    const PACKING: &'static str;
    /// What it is made of.
    type Raw: BufRead;

    /// What is left, behind the member.
    fn into_raw(self) -> Self::Raw;
    /// What is left, while the member is read.
    fn raw(&mut self) -> &mut Self::Raw;
    /// Whether a member begins so; all of the first bytes, or what there is of them.
    fn begins(first: &[u8]) -> bool;
}

impl<R: BufRead> Member for flate2::bufread::GzDecoder<R> {
    const PACKING: &'static str = "gzip";
    type Raw = R;

    fn into_raw(self) -> R {
        self.into_inner()
    }

    fn raw(&mut self) -> &mut R {
        self.get_mut()
    }

    fn begins(first: &[u8]) -> bool {
        matches!(first, [0x1f] | [0x1f, 0x8b, ..])
    }
}

impl<R: BufRead> Member for zstd::Decoder<'static, R> {
    const PACKING: &'static str = "zstd";
    type Raw = R;

    fn into_raw(self) -> R {
        self.finish()
    }

    fn raw(&mut self) -> &mut R {
        self.get_mut()
    }

    fn begins(first: &[u8]) -> bool {
        let Some((head, rest)) = first.split_first() else { return false };
        let magic: &[u8] = match head {
            0x28 => &[0xb5, 0x2f, 0xfd],
            // A skippable frame.
            0x50..=0x5f => &[0x2a, 0x4d, 0x18],
            _ => return false,
        };
        magic.starts_with(rest)
    }
}

/// All members of a stream, as one.
pub(super) struct Members<R: Read, D> {
    state: State<R, D>,
    open: Open<R, D>,
    /// What a member ends with whose last bytes are zero: not handed out before the member was whole.
    held: io::Cursor<Vec<u8>>,
}

/// Begins to read a member.
type Open<R, D> = fn(Packed<R>) -> io::Result<D>;

/// So many zero bytes at the end of a file are no accident of what is packed.
const ZEROS_MIN: usize = 16;

enum State<R: Read, D> {
    Between(Packed<R>),
    Within(D),
    /// At the end, or refused.
    Done,
}

impl<R: Read, D: Member<Raw = Packed<R>>> Members<R, D> {
    pub(super) fn new(raw: R, open: Open<R, D>) -> Self {
        Self { state: State::Between(Packed::new(raw)), open, held: io::Cursor::default() }
    }

    /// What is within a member, until it ends.
    fn within(&mut self, mut member: D, buffer: &mut [u8]) -> io::Result<usize> {
        let read = member.read(buffer);
        if member.raw().tail == Tail::Reached {
            return self.last(member, read, buffer);
        }
        match read {
            Ok(0) if !buffer.is_empty() => self.behind(member.into_raw()).map(|()| 0),
            Err(error) if !is_of_system(&error) => Err(explain(D::PACKING, error, Rest::Absent)),
            read => {
                self.state = State::Within(member);
                read
            }
        }
    }

    /// The end of a member that has come upon the zero bytes that end the file: what it makes of them is nothing,
    /// unless it is whole with the first of them.
    fn last(&mut self, mut member: D, read: io::Result<usize>, buffer: &[u8]) -> io::Result<usize> {
        let whole = read.and_then(|count| {
            let mut held = buffer[..count].to_vec();
            if count > 0 {
                member.read_to_end(&mut held)?;
            }
            Ok(held)
        });
        match whole {
            Ok(held) => {
                self.held = io::Cursor::new(held);
                Ok(0)
            }
            Err(error) if is_of_system(&error) => Err(error),
            Err(error) => Err(explain(D::PACKING, error, Rest::Zeros)),
        }
    }

    /// Behind a member: the end, padding, or another one.
    fn behind(&mut self, mut raw: Packed<R>) -> io::Result<()> {
        pass_zeros(&mut raw)?;
        let first = raw.first()?;
        if first.is_empty() {
            return Ok(());
        }
        if !D::begins(first) {
            return Err(DecodeError::Behind(D::PACKING).into());
        }
        self.state = State::Between(raw);
        Ok(())
    }
}

impl<R: Read, D: Member<Raw = Packed<R>>> Read for Members<R, D> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let held = self.held.read(buffer)?;
            if held > 0 {
                return Ok(held);
            }
            match std::mem::replace(&mut self.state, State::Done) {
                State::Between(raw) => self.state = State::Within((self.open)(raw)?),
                State::Within(member) => {
                    let count = self.within(member, buffer)?;
                    // An empty member does not end the stream.
                    if count > 0 || buffer.is_empty() {
                        return Ok(count);
                    }
                }
                State::Done => return Ok(0),
            }
        }
    }
}

/// The packed bytes. Zero bytes are handed out apart from what stands before them, when it is known what follows: if
/// nothing does, only the first of them, which may belong to a member still.
pub(super) struct Packed<R> {
    inner: R,
    buffer: Box<[u8]>,
    /// What is not taken yet, and how far it goes before zero bytes at the end of the buffer.
    start: usize,
    solid: usize,
    end: usize,
    /// Zero bytes to hand out before that.
    due: u64,
    tail: Tail,
}

/// Whether the zero bytes that end a file were reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tail {
    Ahead,
    Reached,
}

impl<R: Read> Packed<R> {
    fn new(inner: R) -> Self {
        let buffer = vec![0; RAW_READ_BYTES].into_boxed_slice();
        Self { inner, buffer, start: 0, solid: 0, end: 0, due: 0, tail: Tail::Ahead }
    }

    /// Reads on behind what is not taken yet; `false` at the end.
    fn read_on(&mut self) -> io::Result<bool> {
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        let count = self.inner.read(&mut self.buffer[self.end..])?;
        self.end += count;
        let solid = self.buffer[..self.end].iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        self.solid = if self.end - solid < ZEROS_MIN { self.end } else { solid };
        Ok(count > 0)
    }

    /// Reads on behind zero bytes that end the buffer, to see what follows them.
    fn look_on(&mut self) -> io::Result<()> {
        loop {
            self.due += (self.end - self.start) as u64;
            self.start = self.end;
            let more = self.read_on()?;
            if !more {
                self.tail = Tail::Reached;
                self.due = self.due.min(ZEROS_MIN as u64);
                return Ok(());
            }
            let zeros = self.buffer[..self.end].iter().position(|&byte| byte != 0).unwrap_or(self.end);
            if zeros < self.end {
                self.due += zeros as u64;
                self.start = zeros;
                return Ok(());
            }
        }
    }

    /// The first of what is not taken yet: enough to tell whether a member begins, unless the end comes before that.
    fn first(&mut self) -> io::Result<&[u8]> {
        while self.end - self.start < Wrapping::SIGNATURE_BYTES && self.read_on()? {}
        Ok(&self.buffer[self.start..self.end.min(self.start + Wrapping::SIGNATURE_BYTES)])
    }
}

/// What zero bytes that were counted are handed out of.
const ZEROS: [u8; 256] = [0; 256];

impl<R: Read> Read for Packed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Packed<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.due == 0 && self.start == self.end {
            self.read_on()?;
        }
        if self.due == 0 && self.start >= self.solid && self.start < self.end {
            self.look_on()?;
        }
        if self.due > 0 {
            let due = usize::try_from(self.due).unwrap_or(ZEROS.len());
            return Ok(&ZEROS[..due.min(ZEROS.len())]);
        }
        Ok(&self.buffer[self.start..self.solid.max(self.start)])
    }

    fn consume(&mut self, count: usize) {
        if self.due > 0 {
            self.due -= count as u64;
        } else {
            self.start += count;
        }
    }
}

/// Passes over zero bytes.
fn pass_zeros(raw: &mut impl BufRead) -> io::Result<()> {
    loop {
        let bytes = raw.fill_buf()?;
        let zeros = bytes.iter().position(|&byte| byte != 0).unwrap_or(bytes.len());
        let is_passed = zeros < bytes.len() || bytes.is_empty();
        raw.consume(zeros);
        if is_passed {
            return Ok(());
        }
    }
}

/// Whether the file below said it, not the decoder.
fn is_of_system(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, Other, UnexpectedEof};
    error.raw_os_error().is_some()
        || !matches!(error.kind(), InvalidData | InvalidInput | Other | UnexpectedEof)
}

/// A decoder's error in our words; `rest` is what stands where it could not go on.
pub(super) fn explain(packing: &'static str, error: io::Error, rest: Rest) -> io::Error {
    if is_of_system(&error) {
        error
    } else if error.kind() == io::ErrorKind::UnexpectedEof || rest == Rest::Zeros {
        PackingCutOff { packing, rest }.into()
    } else if packing == "zstd" && error.to_string().contains("too much memory") {
        DecodeError::Window.into()
    } else {
        DecodeError::Damaged(packing, error.to_string()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::super::wrapping::{gzip, zstd};
    use super::*;
    use std::io::{Cursor, Write};

    const TEXT: &[u8] = b"<a>some text that is long enough to be worth a block of its own, 0123456789</a>";

    type Reader = fn(Cursor<Vec<u8>>) -> Box<dyn Read + Send>;

    /// Each packing with its reader and the text packed.
    fn packings() -> [(Reader, Vec<u8>); 2] {
        let text = TEXT.repeat(20);
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&text).expect("writes to memory");
        let gzipped = encoder.finish().expect("writes to memory");
        [(gzip, gzipped), (zstd, ::zstd::encode_all(&text[..], 0).expect("encodes"))]
    }

    /// How many texts are read; or what is said instead.
    fn read(reader: Reader, parts: &[&[u8]]) -> Result<usize, io::Error> {
        let mut text = Vec::new();
        reader(Cursor::new(parts.concat())).read_to_end(&mut text)?;
        assert!(text.chunks(TEXT.len()).all(|each| each == TEXT));
        Ok(text.len() / TEXT.len())
    }

    #[test]
    fn zero_bytes_behind_a_member_are_padding() {
        for (reader, whole) in packings() {
            for zeros in [1, 2, 7, 512, 3 * RAW_READ_BYTES] {
                assert_eq!(read(reader, &[&whole, &vec![0; zeros]]).expect("padded"), 20);
                assert_eq!(read(reader, &[&whole, &vec![0; zeros], &whole]).expect("padded"), 40);
            }
        }
    }

    #[test]
    fn other_bytes_behind_a_member_are_told_whatever_their_number() {
        for (reader, whole) in packings() {
            for behind in
                [&b"x"[..], b"xy", b"\x1fx", b"\x28x", b"\n", &b"<html>".repeat(9), b"\0\0x", b"PK\x03\x04"]
            {
                let error = read(reader, &[&whole, behind]).expect_err("no member");
                assert!(PackingCutOff::told_by(&error).is_none(), "{behind:?}: {error}");
                let found = error.to_string();
                assert!(
                    found.starts_with("bytes stand behind the end of the packed data ("),
                    "{behind:?}: {found}"
                );
            }
        }
    }

    #[test]
    fn a_second_member_that_is_cut_anywhere_is_told() {
        for (reader, whole) in packings() {
            for end in 1..whole.len() {
                let error = read(reader, &[&whole, &whole[..end]]).expect_err("cut off");
                let cut = PackingCutOff::told_by(&error);
                assert!(cut.is_some_and(|cut| cut.rest == Rest::Absent), "{end}: {error}");
            }
        }
    }

    #[test]
    fn zero_bytes_in_the_place_of_the_rest_are_a_cut() {
        for (reader, whole) in packings() {
            for end in 20..whole.len() - 8 {
                let error = read(reader, &[&whole[..end], &[0; 4096]]).expect_err("cut off");
                let cut = PackingCutOff::told_by(&error);
                assert!(cut.is_some_and(|cut| cut.rest == Rest::Zeros), "{end} of {}: {error}", whole.len());
            }
        }
    }

    #[test]
    fn nothing_is_read_out_of_zero_bytes() {
        for (reader, whole) in packings() {
            for end in 20..whole.len() - 8 {
                let mut text = Vec::new();
                let packed = [&whole[..end], &[0; 4096]].concat();
                reader(Cursor::new(packed)).read_to_end(&mut text).expect_err("cut off");
                assert!(TEXT.repeat(20).starts_with(&text), "{end}: {}", String::from_utf8_lossy(&text));
            }
        }
        // The end of an empty member is zero bytes itself.
        let encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        let empty = encoder.finish().expect("writes to memory");
        assert_eq!(read(gzip, &[&empty, &[0; 4096]]).expect("padded"), 0);
        assert_eq!(read(gzip, &[&packings()[0].1, &empty, &[0; 4096]]).expect("padded"), 20);
    }

    #[test]
    fn what_is_damaged_is_so_with_padding_behind_it_too() {
        for (reader, mut whole) in packings() {
            whole[30] ^= 0x55;
            let error = read(reader, &[&whole, &[0; 4096]]).expect_err("damaged");
            assert!(PackingCutOff::told_by(&error).is_none(), "{error}");
        }
    }
}
