//! Positions: cheap offsets while reading, places only when somebody asks.
//!
//! An [`Offset`] counts bytes of the decoded (UTF-8) stream and costs nothing to keep. A [`Place`]
//! is what a person needs: the byte in the file as it was delivered, before any transcoding, and
//! line and column. `Block::locate` turns the first into the second while the bytes are at hand.

use std::fmt;

/// Distance in bytes from the start of the decoded UTF-8 stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset(pub u64);

/// Distance in bytes from the start of the source (decompressed, before any transcoding).
///
/// `u64`, not `usize`: a position is a fact about the file, not an index into memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteOffset(pub u64);

/// A stretch of the decoded stream, end excluded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: Offset,
    /// One past the last byte.
    pub end: Offset,
}

/// Where something stands in a source, as a person counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Byte in the source, from 0.
    pub byte: ByteOffset,
    /// Line, from 1. A line ends with LF, CR LF or a lone CR.
    pub line: u64,
    /// Column in characters, from 1.
    pub column: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}
