//! Where the window gets its bytes: reads, recognises the encoding, decodes.
//!
//! How many bytes a read gives never shows: a filling goes on until the space is full or the input at
//! its end. What goes wrong is kept back until everything before it was handed out.

use super::encoding::{Decoder, Encoding, SNIFFED_BYTES, Sniffed, sniff};
use super::error::{Piece, XmlErrorKind};
use std::io::{self, Read};

/// Bytes read ahead of a decoder.
const RAW_BYTES: usize = 64 << 10;

/// Below this much space nothing is decoded: the longest form of one character, and room to finish.
const SPACE_MIN: usize = 8;

/// An input with its decoder.
#[derive(Debug)]
pub(super) struct Source<R> {
    input: R,
    decoder: Decoder,
    encoding: Encoding,
    /// Undecoded bytes: `raw[start..end]`.
    raw: Vec<u8>,
    start: usize,
    end: usize,
    /// The input has no more bytes, or cannot be read further.
    exhausted: bool,
    /// Why the input cannot be read further.
    broken: Option<io::Error>,
    /// What follows is not of the encoding.
    undecodable: bool,
    /// What follows is the beginning of a character, and the input ends with it.
    cut: bool,
}

/// What a filling came to.
#[derive(Debug)]
pub(super) enum Filled {
    /// So many bytes, at least one.
    Bytes(usize),
    /// The source is complete.
    End,
}

impl<R: Read> Source<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            decoder: Decoder::Identity,
            encoding: Encoding::Utf8,
            raw: Vec::new(),
            start: 0,
            end: 0,
            exhausted: false,
            broken: None,
            undecodable: false,
            cut: false,
        }
    }

    /// A source for another input, with the memory of this one.
    pub(super) fn reuse<S: Read>(self, input: S) -> Source<S> {
        Source { raw: self.raw, ..Source::new(input) }
    }

    /// Reads the first bytes and settles the encoding; called once, before anything is filled.
    pub(super) fn open(&mut self) -> Result<Sniffed, XmlErrorKind> {
        self.raw.resize(SNIFFED_BYTES, 0);
        self.read_raw();
        let sniffed = sniff(&self.raw[..self.end])?;
        self.decode_from(sniffed.encoding);
        self.start = sniffed.mark;
        Ok(sniffed)
    }

    /// Settles the encoding; instead of [`open`](Self::open) where it is known.
    pub(super) fn decode_from(&mut self, encoding: Encoding) {
        self.encoding = encoding;
        self.decoder = Decoder::new(encoding);
    }

    /// Fills `target` from its beginning, as far as the source goes.
    pub(super) fn fill(&mut self, target: &mut [u8]) -> Result<Filled, XmlErrorKind> {
        let mut written = 0;
        while target.len() - written >= SPACE_MIN && !self.undecodable {
            if self.exhausted && self.start == self.end {
                break;
            }
            written += self.fill_once(&mut target[written..]);
        }
        if written > 0 {
            Ok(Filled::Bytes(written))
        } else if self.cut {
            Err(XmlErrorKind::CutOff { within: Some(Piece::Character), open: Vec::new() })
        } else if self.undecodable {
            Err(XmlErrorKind::Undecodable { encoding: self.encoding.label() })
        } else {
            self.broken.take().map_or(Ok(Filled::End), |error| Err(XmlErrorKind::Io(error)))
        }
    }

    fn fill_once(&mut self, target: &mut [u8]) -> usize {
        let direct = matches!(self.decoder, Decoder::Identity) && self.start == self.end;
        let written = if direct { self.read_direct(target) } else { self.decode(target) };
        if self.encoding != Encoding::UsAscii {
            return written;
        }
        let beyond = target[..written].iter().position(|byte| !byte.is_ascii());
        self.undecodable |= beyond.is_some();
        beyond.unwrap_or(written)
    }

    /// The bytes need no decoding: read them where they are wanted.
    fn read_direct(&mut self, target: &mut [u8]) -> usize {
        let read = read_some(&mut self.input, target);
        self.count(read)
    }

    fn decode(&mut self, target: &mut [u8]) -> usize {
        if self.start == self.end {
            self.raw.resize(RAW_BYTES, 0);
            self.read_raw();
        }
        let last = self.exhausted && self.broken.is_none();
        let decoded = self.decoder.decode(&self.raw[self.start..self.end], target, last);
        self.start += decoded.read;
        self.undecodable |= decoded.malformed;
        self.cut |= decoded.malformed && last && self.start == self.end;
        decoded.written
    }

    /// Fills `raw` as far as the input goes.
    fn read_raw(&mut self) {
        (self.start, self.end) = (0, 0);
        while self.end < self.raw.len() && !self.exhausted {
            let read = read_some(&mut self.input, &mut self.raw[self.end..]);
            self.end += self.count(read);
        }
    }

    /// Notes how a read went.
    fn count(&mut self, read: io::Result<usize>) -> usize {
        match read {
            Ok(read) => {
                self.exhausted = read == 0;
                read
            }
            Err(error) => {
                self.exhausted = true;
                self.broken = Some(error);
                0
            }
        }
    }
}

fn read_some(input: &mut impl Read, target: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(target) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
