//! A feed whose bytes the database keeps, as one that can be read again.

use crate::source::{FeedSource, KeepError, unpacked};
use crate::store::StoreError;
use std::fs::File;
use std::io;
use tempfile::NamedTempFile;

/// Why the kept bytes of a feed cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeptFeedError {
    /// The database does not give them.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// They cannot be copied to where they can be read.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// There is no place for a copy.
    #[error("no temporary file can be made for the feed: check that there is room, or set TMPDIR")]
    Room(#[from] io::Error),
}

/// Fetches a feed under the name it had; it can be read as long as the file is there. `None` when there are fewer or
/// more packed bytes than were kept.
pub(super) async fn kept_feed(
    name: &str,
    packed_bytes: u64,
    fetch: impl AsyncFnOnce(&mut File) -> Result<u64, StoreError>,
) -> Result<Option<(FeedSource, NamedTempFile)>, KeptFeedError> {
    let mut packed = tempfile::tempfile()?;
    if fetch(&mut packed).await? != packed_bytes {
        return Ok(None);
    }
    Ok(Some(unpacked(name, packed)?))
}
