//! The stretch of the decoded stream that is at hand.
//!
//! ```text
//!  stream   ……………………┃ kept for a mark ┃ not yet parsed ┃ looked ahead at ┃ free ┃
//!                    base                              ready             filled
//! ```
//!
//! What is parsed has enough of its line before it and behind it to be shown, however the input is cut into reads.
//!
//! Places are counted from the base when somebody asks; places asked for in order cost one pass over
//! the bytes, because the last answer is remembered; for those asked for out of order there are milestones.

use super::encoding::Encoding;
use super::error::Rest;
use super::lines::Checkpoint;
use super::position::{Offset, Place, Span};
use std::cell::{Cell, RefCell};

/// Decoded bytes with the position of the first.
#[derive(Debug)]
pub(super) struct Window {
    bytes: Vec<u8>,
    filled: usize,
    /// How many of these bytes may be parsed.
    ready: usize,
    base: Checkpoint,
    /// What stands before this is held for excerpts alone.
    edge: usize,
    /// The last place that was asked for in order, at or after the base.
    latest: Cell<Checkpoint>,
    /// Places every [`MILESTONE_BYTES`] from the base on, as far as somebody looked back.
    milestones: RefCell<Vec<Checkpoint>>,
    /// Bytes that were looked at for places and excerpts.
    looked_at: Cell<u64>,
    pub(super) encoding: Encoding,
    /// The source has nothing after what is filled.
    pub(super) ended: bool,
    /// What the source held behind that: zero bytes are not filled in.
    pub(super) rest: Rest,
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
/// Bytes of a character in UTF-8 at most.
const CHARACTER_BYTES_MAX: usize = 4;
/// Whoever looks back counts so many bytes at most.
const MILESTONE_BYTES: usize = 4 << 10;

impl Window {
    pub(super) fn new(size: usize) -> Self {
        let beginning = Checkpoint::beginning(0);
        Self {
            bytes: vec![0; size],
            filled: 0,
            ready: 0,
            edge: 0,
            base: beginning,
            latest: Cell::new(beginning),
            milestones: RefCell::default(),
            looked_at: Cell::default(),
            encoding: Encoding::Utf8,
            ended: false,
            rest: Rest::Absent,
        }
    }

    /// Empties it for another document; the memory is kept.
    pub(super) fn restart(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        *self = Self { bytes, ..Self::new(0) };
    }

    /// Holds a stretch of another document's stream, which begins at `start`; places in it are not known.
    pub(super) fn hold(&mut self, bytes: Vec<u8>, start: Offset, encoding: Encoding) {
        let base = Checkpoint::somewhere(start.0);
        let held = bytes.len();
        *self = Self {
            filled: held,
            ready: held,
            base,
            latest: Cell::new(base),
            encoding,
            bytes,
            ..Self::new(0)
        };
    }

    /// Whether all that is filled may be parsed: nothing follows it.
    pub(super) fn is_released(&self) -> bool {
        self.ready == self.filled
    }

    /// Settles what the first bytes of the source told.
    pub(super) fn open(&mut self, encoding: Encoding, mark: usize) {
        self.encoding = encoding;
        self.base = Checkpoint::beginning(mark as u64);
        self.latest.set(self.base);
        self.milestones.borrow_mut().clear();
    }

    /// What is at hand and may be parsed.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.ready]
    }

    /// How many bytes that is.
    pub(super) fn ready(&self) -> usize {
        self.ready
    }

    /// Bytes that were looked at for places and excerpts.
    #[cfg(test)]
    pub(super) fn looked_at(&self) -> u64 {
        self.looked_at.get()
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

    /// Whether a position is at hand with all of its line that may be shown.
    pub(super) fn holds(&self, at: Offset) -> bool {
        self.index(at).is_some_and(|index| index >= self.edge)
    }

    /// Lets go of everything before `index`, but for what an excerpt may show.
    pub(super) fn shift(&mut self, index: usize) -> usize {
        let edge = index;
        let index = index.saturating_sub(BEFORE_CARET * CHARACTER_BYTES_MAX);
        self.edge = edge - index;
        self.base = self.checkpoint(index);
        self.latest.set(self.base);
        self.milestones.borrow_mut().clear();
        self.bytes.copy_within(index..self.filled, 0);
        self.filled -= index;
        self.ready -= index;
        index
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
        self.ready = self.ready.max(self.filled.saturating_sub(AFTER_CARET * CHARACTER_BYTES_MAX));
    }

    /// No more bytes will come: all may be parsed.
    pub(super) fn release(&mut self) {
        self.ready = self.filled;
    }

    /// The place of a byte of the window.
    pub(super) fn place(&self, index: usize) -> Place {
        self.checkpoint(index).place(self.bytes[..self.filled].get(index).copied())
    }

    /// The place of a position, clamped into the window.
    pub(super) fn locate(&self, at: Offset) -> Place {
        let index = match self.index(at) {
            Some(index) => index,
            None if at < self.base.offset() => 0,
            None => self.ready,
        };
        self.place(index)
    }

    fn checkpoint(&self, index: usize) -> Checkpoint {
        let latest = self.latest.get();
        let known = self.index(latest.offset()).expect("the latest place is kept inside the window");
        if known > index {
            return self.advanced(self.milestone(index), index);
        }
        let found = self.advanced(latest, index);
        self.latest.set(found);
        found
    }

    /// The checkpoint at `index`, counted from one before it.
    fn advanced(&self, from: Checkpoint, index: usize) -> Checkpoint {
        let start = self.index(from.offset()).expect("checkpoints are kept inside the window");
        self.look(index - start);
        from.advanced(&self.bytes[start..index], self.encoding)
    }

    /// The last milestone at or before `index`: they are set up as far as somebody looks back, once.
    fn milestone(&self, index: usize) -> Checkpoint {
        let mut milestones = self.milestones.borrow_mut();
        loop {
            let last = milestones.last().copied().unwrap_or(self.base);
            let next =
                self.index(last.offset()).expect("checkpoints are kept inside the window") + MILESTONE_BYTES;
            if next > index {
                break;
            }
            milestones.push(self.advanced(last, next));
        }
        let before =
            milestones.partition_point(|each| self.index(each.offset()).is_some_and(|at| at <= index));
        milestones[..before].last().copied().unwrap_or(self.base)
    }

    /// Counts bytes that are looked at for places and excerpts.
    fn look(&self, bytes: usize) {
        self.looked_at.set(self.looked_at.get() + bytes as u64);
    }

    /// The source line around a span, cut. No more of the line is looked at than is shown.
    pub(super) fn excerpt(&self, span: Span) -> Excerpt {
        let bytes = &self.bytes[..self.filled];
        let Some(at) = self.index(span.start) else { return Excerpt::default() };
        let end = self.index(span.end).unwrap_or(bytes.len()).max(at);
        let before = line_before(&bytes[..at]);
        let after = line_after(&bytes[at..]);
        self.look(before.len() + after.len());

        let before = String::from_utf8_lossy(before);
        let before: String = before.chars().flat_map(visible).collect();
        let mut text = before.trim_start().to_owned();
        let caret = text.chars().count();
        let (covered, after) = after.split_at(after.len().min(end - at));
        text.extend(String::from_utf8_lossy(covered).chars().take(AFTER_CARET).flat_map(visible));
        let width = text.chars().count() - caret;
        let after = String::from_utf8_lossy(after);
        text.extend(after.chars().take(AFTER_CARET.saturating_sub(width)).flat_map(visible));
        Excerpt { text, caret, width: width.max(1) }
    }
}

const fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// The last [`BEFORE_CARET`] characters of the line that `bytes` end in.
fn line_before(bytes: &[u8]) -> &[u8] {
    let begins = |byte: u8| byte & 0xC0 != 0x80;
    let mut characters = 0;
    let mut start = bytes.len();
    while start > 0 && characters < BEFORE_CARET && !is_break(bytes[start - 1]) {
        start -= 1;
        characters += usize::from(begins(bytes[start]));
    }
    &bytes[start..]
}

/// The rest of the line that `bytes` begin in, as far as it can be shown.
fn line_after(bytes: &[u8]) -> &[u8] {
    let most = &bytes[..bytes.len().min(AFTER_CARET * CHARACTER_BYTES_MAX)];
    let end = most.iter().position(|&byte| is_break(byte)).unwrap_or(most.len());
    &most[..end]
}

/// A character as it is shown: white space as a blank, other control characters escaped.
fn visible(c: char) -> impl Iterator<Item = char> {
    let escaped = c.is_control() && c != '\t';
    let plain = (!escaped).then_some(if c == '\t' { ' ' } else { c });
    plain.into_iter().chain(escaped.then(|| c.escape_unicode()).into_iter().flatten())
}
