//! Second pass: one record again, by its bytes, as the cutter reads it.

use super::canonical::Fingerprinter;
use super::error::DiffError;
use super::event::Surroundings;
use super::index::Entry;
use super::scan::Scanned;
use crate::feed::{CutStep, Cutter, Record, RecordLimits};
use crate::source::PartReader;
use crate::xml::{Cursor, Limits, XmlError};
use std::sync::Arc;

/// Reads records of one feed again; one for each thread.
pub(super) struct Rereader<'a> {
    feed: &'a Scanned,
    parts: PartReader<'a>,
    limits: Limits,
    cutter: Cutter,
    fingerprinter: Fingerprinter,
    bytes: Vec<u8>,
}

impl<'a> Rereader<'a> {
    pub(super) fn new(
        feed: &'a Scanned,
        limits: Limits,
        fingerprinter: Fingerprinter,
    ) -> Result<Self, DiffError> {
        Ok(Self {
            feed,
            parts: feed.recall.reader()?,
            limits,
            cutter: Cutter::new(Arc::clone(&feed.profile), RecordLimits::default()),
            fingerprinter,
            bytes: Vec::new(),
        })
    }

    /// The record of an entry; refused when it does not say what it said.
    pub(super) fn record(&mut self, entry: &Entry) -> Result<&Record, DiffError> {
        self.parts.read((entry.start, entry.length), &mut self.bytes)?;
        let around = &self.feed.surroundings[entry.context as usize];
        let changed = || DiffError::Changed { feed: Arc::clone(&self.feed.name) };
        let read = read(&self.bytes, around, self.limits, entry.ordinal, &mut self.cutter);
        if !read.unwrap_or_default() || self.fingerprinter.record(self.cutter.record()) != entry.fingerprint {
            return Err(changed());
        }
        Ok(self.cutter.record())
    }

    /// The record that was read last, as XML in UTF-8.
    pub(super) fn source(&self, entry: &Entry) -> String {
        let around = &self.feed.surroundings[entry.context as usize];
        around.encoding.decode(&self.bytes).into_owned()
    }
}

/// Reads a record below what was bound around it.
fn read(
    bytes: &[u8],
    around: &Surroundings,
    limits: Limits,
    ordinal: u64,
    cutter: &mut Cutter,
) -> Result<bool, XmlError> {
    let mut cursor = Cursor::new(bytes, limits);
    cursor.begin_inside(around.encoding, &around.bindings)?;
    cutter.restart();
    cutter.seat(&around.path, ordinal);
    while let Some(mut block) = cursor.block()? {
        while let Some(event) = block.next()? {
            if cutter.event(&event) == CutStep::RecordEnd {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
