//! One difference looked into: both versions read again and compared.

use super::canonical::{Fingerprinter, Hashes};
use super::compare::Comparer;
use super::error::DiffError;
use super::event::{RecordChange, RecordSpot};
use super::index::Entry;
use super::join::Difference;
use super::options::DiffOptions;
use super::reread::Rereader;
use super::scan::Scanned;
use crate::feed::{FeedProfile, Record};

/// Looks into differences; one for each thread.
pub(super) struct Look<'a> {
    options: &'a DiffOptions,
    profile: &'a FeedProfile,
    old: Rereader<'a>,
    new: Rereader<'a>,
    comparer: Comparer<'a>,
}

impl<'a> Look<'a> {
    pub(super) fn new(
        options: &'a DiffOptions,
        hashes: &Hashes,
        old: &'a Scanned,
        new: &'a Scanned,
    ) -> Result<Self, DiffError> {
        let fingerprinter = || Fingerprinter::new(hashes.clone());
        Ok(Self {
            options,
            profile: &new.profile,
            old: Rereader::new(old, options.xml, fingerprinter())?,
            new: Rereader::new(new, options.xml, fingerprinter())?,
            comparer: Comparer::new(&new.profile, &options.filter, fingerprinter),
        })
    }

    /// What became of the record.
    pub(super) fn at(&mut self, difference: &Difference) -> Result<RecordChange, DiffError> {
        let old = difference.before().map(|entry| self.old.record(entry)).transpose()?;
        let new = difference.after().map(|entry| self.new.record(entry)).transpose()?;
        let changes = match (old, new) {
            (Some(old), Some(new)) => self.comparer.changes(old, new),
            _ => Vec::new(),
        };
        let told = new.or(old);
        let key = told.and_then(|record| key(self.profile, record)).unwrap_or_default();
        let title = told.and_then(|record| title(self.profile, record));
        let source =
            difference.after().filter(|_| self.options.with_source).map(|entry| self.new.source(entry));
        Ok(RecordChange {
            kind: difference.kind(),
            key,
            title,
            old: difference.before().map(RecordSpot::from),
            new: difference.after().map(RecordSpot::from),
            changes,
            source,
        })
    }

    /// Key of a record of the old feed.
    pub(super) fn old_key(&mut self, entry: &Entry) -> Result<String, DiffError> {
        Ok(key(self.profile, self.old.record(entry)?).unwrap_or_default())
    }

    /// Key of a record of the new feed.
    pub(super) fn new_key(&mut self, entry: &Entry) -> Result<String, DiffError> {
        Ok(key(self.profile, self.new.record(entry)?).unwrap_or_default())
    }
}

fn key(profile: &FeedProfile, record: &Record) -> Option<String> {
    Some(profile.key().find(record, record.root()?)?.text.into_owned())
}

fn title(profile: &FeedProfile, record: &Record) -> Option<String> {
    Some(profile.mapping().title.as_ref()?.find(record, record.root()?)?.text.into_owned())
}
