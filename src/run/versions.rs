//! Applied feeds whose bytes are kept, compared with each other.
//!
//! Two steps, since one waits for the database and the other works: the bytes of both are fetched, then compared by
//! whoever has a thread for it.

use super::kept::{Kept, KeptFeedError, kept_feed};
use crate::diff::{Compared, DiffError, DiffOptions, DiffSummary, compare};
use crate::judgement::Acceptance;
use crate::judgement::Language;
use crate::pipeline::{KnownFormat, Progress, StopFlag};
use crate::report::changes::{write_json, write_part};
use crate::source::FeedSource;
use crate::store::{Store, VersionView};
use std::io::{self, Write};
use tempfile::NamedTempFile;

/// Records told of one comparison; the summary counts all.
pub const TOLD_CHANGES_MAX: u64 = 1000;

/// Why two applied feeds cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum VersionsError {
    /// The bytes of one cannot be fetched.
    #[error(transparent)]
    Kept(#[from] KeptFeedError),
    /// They are not there.
    #[error(
        "the bytes of feed {0} are not kept: `versions.keep` says of how many feeds of each source they are"
    )]
    Gone(i64),
    /// They cannot be compared.
    #[error(transparent)]
    Diff(#[from] DiffError),
    /// What was found cannot be told.
    #[error("the changes cannot be written")]
    Write(#[from] io::Error),
}

/// Two applied feeds that can be read; their files are gone with this value.
#[derive(Debug)]
pub struct StoredVersions {
    /// The earlier one.
    pub old: FeedSource,
    /// The later one.
    pub new: FeedSource,
    _files: [NamedTempFile; 2],
}

impl StoredVersions {
    /// Fetches both under the names they had.
    pub async fn fetch(store: &Store, old: &VersionView, new: &VersionView) -> Result<Self, VersionsError> {
        let (old, old_file) = fetch(store, old).await?;
        let (new, new_file) = fetch(store, new).await?;
        Ok(Self { old, new, _files: [old_file, new_file] })
    }

    /// Compares them and writes the JSON lines of `feedgate diff`, at most [`TOLD_CHANGES_MAX`] changes, however many
    /// the options ask for. Works in the calling thread and threads of its own until it is done or stopped.
    pub fn write_diff(
        &self,
        formats: &[KnownFormat],
        options: &DiffOptions,
        stop: &StopFlag,
        out: &mut impl Write,
    ) -> Result<DiffSummary, VersionsError> {
        let Compared { summary, surroundings, mut changes } = self.compared(formats, options, stop)?;
        let status = if summary.is_same() { Acceptance::Accepted } else { Acceptance::Deviations };
        write_json(out, &summary, &surroundings, changes.read()?, status.exit_status())?;
        Ok(summary)
    }

    /// The same as a part of a page.
    pub fn write_part(
        &self,
        formats: &[KnownFormat],
        options: &DiffOptions,
        stop: &StopFlag,
        language: Language,
        out: &mut impl Write,
    ) -> Result<DiffSummary, VersionsError> {
        let Compared { summary, mut changes, .. } = self.compared(formats, options, stop)?;
        write_part(out, language, &summary, changes.read()?)?;
        Ok(summary)
    }

    fn compared(
        &self,
        formats: &[KnownFormat],
        options: &DiffOptions,
        stop: &StopFlag,
    ) -> Result<Compared, VersionsError> {
        let profiles: Vec<_> = formats.iter().map(|known| known.profile.clone()).collect();
        let options = DiffOptions { told_max: options.told_max.min(TOLD_CHANGES_MAX), ..options.clone() };
        Ok(compare(&self.old, &self.new, &profiles, &options, &Progress::default(), stop)?)
    }
}

async fn fetch(store: &Store, version: &VersionView) -> Result<(FeedSource, NamedTempFile), VersionsError> {
    // Not kept, or forgotten since it was looked up.
    kept_feed(store, Kept::Applied(version)).await?.ok_or(VersionsError::Gone(version.id))
}
