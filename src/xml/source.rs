//! Where the window gets its bytes: reads, recognises the encoding, decodes.
//!
//! How many bytes a read gives never shows: a filling goes on until the space is full or the input at
//! its end. What goes wrong is kept back until everything before it was handed out.

use super::encoding::{Decoder, Encoding, SNIFFED_BYTES, Sniffed, sniff};
use super::error::{Rest, XmlErrorKind};
use super::zeros::Zeros;
use std::io::{self, Read};

/// Bytes read ahead of a decoder.
const RAW_BYTES: usize = 64 << 10;

/// Bytes that are decoded at a time to see what follows zero bytes.
const LOOKED_AHEAD_BYTES: usize = 16 << 10;

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
    /// Zero bytes that may be all that follows.
    zeros: Zeros,
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
            zeros: Zeros::default(),
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
        let head = &self.raw[..self.end];
        let sniffed = sniff(head).map_err(|kind| kind.followed_by(head))?;
        self.decode_from(sniffed.encoding);
        self.start = sniffed.mark;
        Ok(sniffed)
    }

    /// Settles the encoding; instead of [`open`](Self::open) where it is known.
    pub(super) fn decode_from(&mut self, encoding: Encoding) {
        self.encoding = encoding;
        self.decoder = Decoder::new(encoding);
    }

    /// Fills `target` from its beginning, as far as the source goes; zero bytes at its end are not filled in.
    pub(super) fn fill(&mut self, target: &mut [u8]) -> Result<Filled, XmlErrorKind> {
        while self.zeros.are_undecided() && self.has_more() {
            self.look_ahead();
        }
        if self.is_garbled() {
            self.zeros.settle();
        }
        if self.zeros.are_undecided() {
            return self.ending();
        }
        let mut written = self.zeros.hand_over(target);
        while target.len() - written >= SPACE_MIN && self.has_more() && !self.zeros.are_owed() {
            written += self.fill_once(&mut target[written..]);
        }
        if !self.is_garbled() {
            written -= self.zeros.withhold(&target[..written]);
        }
        if written > 0 {
            Ok(Filled::Bytes(written))
        } else if self.zeros.are_undecided() {
            self.fill(target)
        } else {
            self.ending()
        }
    }

    /// What stands behind the last byte that was filled in, once that is known.
    pub(super) fn rest(&self) -> Rest {
        if self.zeros.are_undecided() && !self.has_more() { Rest::Zeros } else { Rest::Absent }
    }

    /// Whether something else follows what was decoded, which cannot be.
    fn is_garbled(&self) -> bool {
        self.undecodable && !self.cut
    }

    /// Whether more can be had of the input.
    fn has_more(&self) -> bool {
        let is_taken = self.exhausted && self.start == self.end;
        !self.undecodable && !is_taken
    }

    /// Reads on behind zero bytes.
    #[cold]
    fn look_ahead(&mut self) {
        let mut ahead = vec![0; LOOKED_AHEAD_BYTES];
        let written = self.fill_once(&mut ahead);
        ahead.truncate(written);
        self.zeros.followed_by(ahead);
    }

    /// Why nothing follows.
    fn ending(&mut self) -> Result<Filled, XmlErrorKind> {
        if self.cut {
            Err(XmlErrorKind::cut_in_character())
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
