//! The stretch of the decoded stream that is at hand.
//!
//! ```text
//!  stream   ……………………┃ kept for a mark ┃ not yet parsed ┃ free ┃
//!                    base                              filled
//! ```
//!
//! Places are counted from the base when somebody asks; places asked for in order cost one pass over
//! the bytes, because the last answer is remembered.

use super::encoding::Encoding;
use super::lines::Checkpoint;
use super::position::{Offset, Place, Span};
use std::cell::Cell;

/// Decoded bytes with the position of the first.
#[derive(Debug)]
pub(super) struct Window {
    bytes: Vec<u8>,
    filled: usize,
    base: Checkpoint,
    /// The last place that was asked for, at or after the base.
    latest: Cell<Checkpoint>,
    pub(super) encoding: Encoding,
    /// The source has nothing after what is filled.
    pub(super) ended: bool,
}

/// A piece of the source line around a place, for a caret below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// The text, white space as blanks, control characters escaped, cut to about 120 characters.
    pub text: String,
    /// Column of the caret in `text`, in characters, from 0.
    pub caret: usize,
    /// How many characters the caret underlines, at least 1.
    pub width: usize,
}

/// Characters of an excerpt before and after its caret.
const BEFORE_CARET: usize = 40;
const AFTER_CARET: usize = 80;

impl Window {
    pub(super) fn new(size: usize) -> Self {
        let beginning = Checkpoint::beginning(0);
        Self {
            bytes: vec![0; size],
            filled: 0,
            base: beginning,
            latest: Cell::new(beginning),
            encoding: Encoding::Utf8,
            ended: false,
        }
    }

    /// Empties it for another document; the memory is kept.
    pub(super) fn restart(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        *self = Self { bytes, ..Self::new(0) };
    }

    /// Settles what the first bytes of the source told.
    pub(super) fn open(&mut self, encoding: Encoding, mark: usize) {
        self.encoding = encoding;
        self.base = Checkpoint::beginning(mark as u64);
        self.latest.set(self.base);
    }

    /// What is at hand.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }

    pub(super) fn filled(&self) -> usize {
        self.filled
    }

    #[cfg(test)]
    pub(super) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Position of a byte of the window in the stream.
    pub(super) fn offset(&self, index: usize) -> Offset {
        Offset(self.base.offset + index as u64)
    }

    /// Index of a position of the stream in the window, if it is there.
    pub(super) fn index(&self, at: Offset) -> Option<usize> {
        let distance = at.0.checked_sub(self.base.offset)?;
        usize::try_from(distance).ok().filter(|&index| index <= self.filled)
    }

    /// Lets go of everything before `index`.
    pub(super) fn shift(&mut self, index: usize) {
        self.base = self.checkpoint(index);
        self.latest.set(self.base);
        self.bytes.copy_within(index..self.filled, 0);
        self.filled -= index;
    }

    /// The space to fill; made larger when less than half is left.
    pub(super) fn space(&mut self) -> &mut [u8] {
        if self.filled > self.bytes.len() / 2 {
            self.bytes.resize(self.bytes.len() * 2, 0);
        }
        &mut self.bytes[self.filled..]
    }

    /// Notes that `count` bytes of the space were filled.
    pub(super) fn grow(&mut self, count: usize) {
        self.filled += count;
    }

    /// The place of a byte of the window.
    pub(super) fn place(&self, index: usize) -> Place {
        self.checkpoint(index).place(self.bytes().get(index).copied())
    }

    /// The place of a position, clamped into the window.
    pub(super) fn locate(&self, at: Offset) -> Place {
        let index = match self.index(at) {
            Some(index) => index,
            None if at < self.base.offset() => 0,
            None => self.filled,
        };
        self.place(index)
    }

    fn checkpoint(&self, index: usize) -> Checkpoint {
        let latest = self.latest.get();
        let known = self.index(latest.offset()).expect("the latest place is kept inside the window");
        let (from, start) = if known <= index { (latest, known) } else { (self.base, 0) };
        let found = from.advanced(&self.bytes[start..index], self.encoding);
        self.latest.set(found);
        found
    }

    /// The source line around a span, cut.
    pub(super) fn excerpt(&self, span: Span) -> Excerpt {
        let bytes = self.bytes();
        let Some(at) = self.index(span.start) else { return Excerpt::default() };
        let end = self.index(span.end).unwrap_or(bytes.len()).max(at);
        let is_break = |&byte: &u8| matches!(byte, b'\n' | b'\r');
        let line_start = bytes[..at].iter().rposition(&is_break).map_or(0, |found| found + 1);
        let line_end = bytes[at..].iter().position(is_break).map_or(bytes.len(), |found| at + found);

        let before = String::from_utf8_lossy(&bytes[line_start..at]);
        let skipped = before.chars().count().saturating_sub(BEFORE_CARET);
        let before: String = before.chars().skip(skipped).flat_map(visible).collect();
        let mut text = before.trim_start().to_owned();
        let caret = text.chars().count();
        let covered_end = end.min(line_end);
        let covered = String::from_utf8_lossy(&bytes[at..covered_end]);
        text.extend(covered.chars().take(AFTER_CARET).flat_map(visible));
        let width = (text.chars().count() - caret).max(1);
        let after = String::from_utf8_lossy(&bytes[covered_end..line_end]);
        text.extend(after.chars().take(AFTER_CARET.saturating_sub(width)).flat_map(visible));
        Excerpt { text, caret, width }
    }
}

/// A character as it is shown: white space as a blank, other control characters escaped.
fn visible(c: char) -> impl Iterator<Item = char> {
    let escaped = c.is_control() && c != '\t';
    let plain = (!escaped).then_some(if c == '\t' { ' ' } else { c });
    plain.into_iter().chain(escaped.then(|| c.escape_unicode()).into_iter().flatten())
}
