//! What changed between two versions of a feed, record by record.
//!
//! ```text
//!  OLD ─▶ scan ─▶ index ┐                              pass 1: key, fingerprint, place of each record
//!                       ├─▶ join ─▶ differences        by key; equal fingerprints are the end of it
//!  NEW ─▶ scan ─▶ index ┘               │
//!            both again, these only ─▶ compare ─▶ RecordChange ─▶ spool     pass 2, on all cores
//! ```
//!
//! Memory holds 68 bytes of each record up to a cap, beyond which the indexes are sorted on disk; records
//! are read again by their bytes, only those that are not the same. Changes wait in a temporary file,
//! so that the summary can be told first.

mod canonical;
mod compare;
mod error;
mod event;
mod index;
mod join;
mod known;
mod look;
mod options;
mod pattern;
mod reread;
mod scan;
mod sorter;
mod spool;
#[cfg(test)]
mod testing;

pub use compare::Change;
pub use error::DiffError;
pub use event::{
    ChangeKind, DiffSide, DiffSummary, PathCount, RecordChange, RecordSpot, Surroundings, Unmatched,
};
pub use index::INDEX_ROWS_MAX;
pub use options::DiffOptions;
pub use pattern::{Filter, Pattern};
pub use spool::Spool;

use crate::feed::FeedProfile;
use crate::pipeline::{Progress, StopFlag};
use crate::source::FeedSource;
use canonical::Hashes;
use index::Index;
use join::{Difference, Differences, Duplicates, Joined, Told};
use look::Look;
use rayon::prelude::*;
use scan::{Scan, Scanned};
use std::collections::HashSet;
use std::sync::Arc;

/// Records compared at a time, by all threads together.
const BATCH_RECORDS: usize = 256;

/// What the comparison found.
#[derive(Debug)]
pub struct Compared {
    /// Counts.
    pub summary: DiffSummary,
    /// What stands around the records of the new feed, for whoever reads their sources.
    pub surroundings: Vec<Surroundings>,
    /// The records that are not the same.
    pub changes: Spool,
}

/// Compares two feeds.
///
/// # Errors
///
/// A feed cannot be read to its end, is of no known format, or the two are of different formats; a
/// temporary file cannot be used; `stop` was raised.
pub fn compare(
    old: &FeedSource,
    new: &FeedSource,
    profiles: &[Arc<FeedProfile>],
    options: &DiffOptions,
    progress: &Progress,
    stop: &StopFlag,
) -> Result<Compared, DiffError> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads)
        .thread_name(|number| format!("diff-{number}"))
        .build()
        .map_err(|error| DiffError::Temporary(std::io::Error::other(error)))?;
    pool.install(|| {
        let hashes = Hashes::default();
        let scan = Scan { profiles, options, hashes: hashes.clone(), progress, stop };
        let (old, new) = rayon::join(|| scan.read(old), || scan.read(new));
        Comparison::of(old?, new?, options, hashes, stop)
    })
}

/// Two feeds, read once.
struct Comparison<'a> {
    old: Scanned,
    new: Scanned,
    options: &'a DiffOptions,
    hashes: Hashes,
}

impl<'a> Comparison<'a> {
    fn of(
        mut old: Scanned,
        mut new: Scanned,
        options: &'a DiffOptions,
        hashes: Hashes,
        stop: &StopFlag,
    ) -> Result<Compared, DiffError> {
        if old.profile.format != new.profile.format {
            return Err(DiffError::Formats {
                old_format: old.profile.id(),
                new_format: new.profile.id(),
                old: old.name,
                new: new.name,
            });
        }
        known::check(options, [&old.met, &new.met])?;
        let wanted: HashSet<u128> = options.records.iter().map(|key| hashes.text(key)).collect();
        let told = |feed: &mut Scanned| {
            let index = std::mem::replace(&mut feed.index, Index::new(1));
            (index, Told::new(feed.recall.needs_extracts()))
        };
        let mut joined =
            Joined::new(told(&mut old), told(&mut new), &wanted).map_err(DiffError::Temporary)?;
        for (feed, told) in [(&mut old, &mut joined.old), (&mut new, &mut joined.new)] {
            if let Some(parts) = told.take_parts() {
                feed.recall.extract(parts)?;
            }
        }
        Self { old, new, options, hashes }.run(joined, stop)
    }

    fn run(self, joined: Joined, stop: &StopFlag) -> Result<Compared, DiffError> {
        let mut look = Look::new(self.options, &self.hashes, &self.old, &self.new)?;
        let mut summary = DiffSummary {
            unchanged: joined.unchanged,
            ..DiffSummary::new(
                side(&self.old, &joined.old.duplicates, |entry| look.old_key(entry))?,
                side(&self.new, &joined.new.duplicates, |entry| look.new_key(entry))?,
            )
        };
        drop(look);
        let mut differences = joined.differences().map_err(DiffError::Temporary)?;
        let mut spool = Spool::new().map_err(DiffError::Temporary)?;
        loop {
            let batch = take_batch(&mut differences)?;
            if batch.is_empty() {
                break;
            }
            if stop.is_raised() {
                return Err(DiffError::Stopped);
            }
            for change in self.looked_into(&batch)? {
                self.tell(&change, &mut summary, &mut spool)?;
            }
        }
        Ok(Compared { summary, surroundings: self.new.surroundings, changes: spool })
    }

    fn tell(
        &self,
        change: &RecordChange,
        summary: &mut DiffSummary,
        spool: &mut Spool,
    ) -> Result<(), DiffError> {
        if change.kind == ChangeKind::Changed && change.changes.is_empty() {
            summary.unchanged += 1;
            summary.ignored += 1;
            return Ok(());
        }
        summary.count(change);
        if spool.len() < self.options.told_max {
            return spool.add(change).map_err(DiffError::Temporary);
        }
        summary.untold += 1;
        Ok(())
    }

    /// A batch of records, read again and compared, in order.
    fn looked_into(&self, batch: &[Difference]) -> Result<Vec<RecordChange>, DiffError> {
        let size = batch.len().div_ceil(rayon::current_num_threads());
        let part = |part: &[Difference]| {
            let mut look = Look::new(self.options, &self.hashes, &self.old, &self.new)?;
            part.iter().map(|difference| look.at(difference)).collect()
        };
        let parts: Vec<Vec<RecordChange>> =
            batch.par_chunks(size).map(part).collect::<Result<_, DiffError>>()?;
        Ok(parts.into_iter().flatten().collect())
    }
}

fn take_batch(differences: &mut Differences) -> Result<Vec<Difference>, DiffError> {
    let mut batch = Vec::new();
    while batch.len() < BATCH_RECORDS
        && let Some(difference) = differences.next().map_err(DiffError::Temporary)?
    {
        batch.push(difference);
    }
    Ok(batch)
}

fn side(
    feed: &Scanned,
    duplicates: &Duplicates,
    mut key: impl FnMut(&index::Entry) -> Result<String, DiffError>,
) -> Result<DiffSide, DiffError> {
    let mut told = Vec::new();
    for entry in &duplicates.first {
        told.push((key(entry)?, RecordSpot::from(entry)));
    }
    told.sort_by(|(a, at), (b, bt)| (a, at.ordinal).cmp(&(b, bt.ordinal)));
    Ok(DiffSide {
        name: Arc::clone(&feed.name),
        format: feed.profile.id(),
        namespace: feed.namespace.clone(),
        records: feed.records,
        bytes: feed.bytes,
        unmatched: Unmatched {
            missing_keys: feed.missing_keys.clone(),
            missing_keys_count: feed.missing_keys_count,
            duplicates: told,
            duplicates_count: duplicates.count,
        },
    })
}
