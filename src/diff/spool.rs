//! Changes that wait to be told: JSON lines in a nameless file.

use super::event::RecordChange;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};

/// Changes in the order in which they were added.
#[derive(Debug)]
pub struct Spool {
    out: BufWriter<File>,
    count: u64,
}

impl Spool {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { out: BufWriter::new(tempfile::tempfile()?), count: 0 })
    }

    pub(super) fn add(&mut self, change: &RecordChange) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, change)?;
        self.count += 1;
        self.out.write_all(b"\n")
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.count
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All of them, from the first; may be asked for again.
    ///
    /// # Errors
    ///
    /// The temporary file cannot be written or read.
    pub fn read(&mut self) -> io::Result<Changes<'_>> {
        self.out.flush()?;
        let file = self.out.get_mut();
        file.rewind()?;
        Ok(Changes { lines: BufReader::new(file), line: String::new() })
    }
}

/// Changes, one after the other.
#[derive(Debug)]
pub struct Changes<'a> {
    lines: BufReader<&'a mut File>,
    line: String,
}

impl Iterator for Changes<'_> {
    type Item = io::Result<RecordChange>;

    fn next(&mut self) -> Option<Self::Item> {
        self.line.clear();
        match self.lines.read_line(&mut self.line) {
            Ok(0) => None,
            Ok(_) => Some(serde_json::from_str(&self.line).map_err(io::Error::from)),
            Err(error) => Some(Err(error)),
        }
    }
}
