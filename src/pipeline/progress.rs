//! How far reading has come, for a display on another thread.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts over all feeds of a run; they only grow.
#[derive(Debug, Default)]
pub struct Progress {
    feeds: AtomicU64,
    delivered_bytes: AtomicU64,
    bytes: AtomicU64,
    records: AtomicU64,
    refused: AtomicU64,
}

/// The counts at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Advance {
    /// Feeds read to their end.
    pub feeds: u64,
    /// Bytes taken from the sources, before decompression.
    pub delivered_bytes: u64,
    /// Bytes read, decompressed.
    pub bytes: u64,
    /// Records read.
    pub records: u64,
    /// Records refused.
    pub refused: u64,
}

impl Progress {
    /// The counts now.
    #[must_use]
    pub fn now(&self) -> Advance {
        let now = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Advance {
            feeds: now(&self.feeds),
            delivered_bytes: now(&self.delivered_bytes),
            bytes: now(&self.bytes),
            records: now(&self.records),
            refused: now(&self.refused),
        }
    }

    /// Adds what was done since the last time.
    pub fn add(&self, more: Advance) {
        let add = |counter: &AtomicU64, more| counter.fetch_add(more, Ordering::Relaxed);
        add(&self.feeds, more.feeds);
        add(&self.delivered_bytes, more.delivered_bytes);
        add(&self.bytes, more.bytes);
        add(&self.records, more.records);
        add(&self.refused, more.refused);
    }
}
