//! Rows of a fixed size, sorted as bytes; beyond a cap they are sorted on disk.
//!
//! ```text
//!  push ─▶ rows in memory ─(full)─▶ sort ─▶ run in a nameless file
//!                                            run ┐
//!                                            run ┼─▶ merge ─▶ rows in order
//!                          last rows, sorted ─▶ run ┘
//! ```
//!
//! Rows are written big-endian by whoever makes them, so that the order of bytes is the order meant.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

/// Bytes read ahead of each run while merging.
const READ_AHEAD_BYTES: usize = 64 << 10;

/// Collects rows of `N` bytes and gives them back in order.
#[derive(Debug)]
pub(super) struct Sorter<const N: usize> {
    rows: Vec<[u8; N]>,
    runs: Vec<File>,
    /// Rows kept in memory.
    rows_max: usize,
}

impl<const N: usize> Sorter<N> {
    /// Keeps at most so many rows in memory, at least one.
    pub(super) fn new(rows_max: usize) -> Self {
        Self { rows: Vec::new(), runs: Vec::new(), rows_max: rows_max.max(1) }
    }

    /// Adds a row.
    ///
    /// # Errors
    ///
    /// The temporary file of a run cannot be written.
    pub(super) fn push(&mut self, row: [u8; N]) -> io::Result<()> {
        if self.rows.len() == self.rows_max {
            self.spill()?;
        }
        self.rows.push(row);
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        self.rows.sort_unstable();
        let mut run = BufWriter::with_capacity(READ_AHEAD_BYTES, tempfile::tempfile()?);
        for row in self.rows.drain(..) {
            run.write_all(&row)?;
        }
        let mut run = run.into_inner().map_err(io::IntoInnerError::into_error)?;
        run.rewind()?;
        self.runs.push(run);
        Ok(())
    }

    /// All rows in order.
    pub(super) fn sorted(mut self) -> io::Result<Sorted<N>> {
        self.rows.sort_unstable();
        let mut sources: Vec<Run<N>> = self
            .runs
            .into_iter()
            .map(|run| Run::File(BufReader::with_capacity(READ_AHEAD_BYTES, run)))
            .collect();
        sources.push(Run::Memory(self.rows.into_iter()));
        let mut heads = BinaryHeap::with_capacity(sources.len());
        for (number, source) in sources.iter_mut().enumerate() {
            if let Some(row) = source.next()? {
                heads.push(Reverse((row, number)));
            }
        }
        Ok(Sorted { sources, heads })
    }
}

/// Rows in order.
#[derive(Debug)]
pub(super) struct Sorted<const N: usize> {
    sources: Vec<Run<N>>,
    /// The next row of each run that is not at its end.
    heads: BinaryHeap<Reverse<([u8; N], usize)>>,
}

impl<const N: usize> Sorted<N> {
    /// The next row, without taking it.
    pub(super) fn peek(&self) -> Option<&[u8; N]> {
        self.heads.peek().map(|Reverse((row, _))| row)
    }

    /// The next row.
    pub(super) fn next(&mut self) -> io::Result<Option<[u8; N]>> {
        let Some(Reverse((row, number))) = self.heads.pop() else { return Ok(None) };
        if let Some(next) = self.sources[number].next()? {
            self.heads.push(Reverse((next, number)));
        }
        Ok(Some(row))
    }
}

#[derive(Debug)]
enum Run<const N: usize> {
    Memory(std::vec::IntoIter<[u8; N]>),
    File(BufReader<File>),
}

impl<const N: usize> Run<N> {
    fn next(&mut self) -> io::Result<Option<[u8; N]>> {
        match self {
            Self::Memory(rows) => Ok(rows.next()),
            Self::File(file) => {
                let mut row = [0; N];
                match file.read_exact(&mut row) {
                    Ok(()) => Ok(Some(row)),
                    Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
                    Err(error) => Err(error),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(rows_max: usize, runs: usize) {
        let mut rows = Sorter::<8>::new(rows_max);
        let numbers = (0..1000_u64).map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 700);
        for number in numbers.clone() {
            rows.push(number.to_be_bytes()).expect("a temporary file");
        }
        assert_eq!(rows.runs.len(), runs);
        let mut expected: Vec<u64> = numbers.collect();
        expected.sort_unstable();
        let mut sorted = rows.sorted().expect("a temporary file");
        let mut found = Vec::new();
        while let Some(peeked) = sorted.peek().copied() {
            assert_eq!(sorted.next().expect("readable"), Some(peeked));
            found.push(u64::from_be_bytes(peeked));
        }
        assert_eq!(found, expected);
    }

    #[test]
    fn rows_come_back_in_order_from_memory_and_from_disk() {
        case(1000, 0);
        case(999, 1);
        case(64, 15);
        case(1, 999);
    }
}
