//! A feed whose bytes the database keeps, as one that can be read again.

use crate::source::{FeedSource, KeepError, unpacked};
use crate::store::{HeldView, Store, StoreError, VersionView};
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

/// Whose bytes.
#[derive(Clone, Copy)]
pub(super) enum Kept<'a> {
    Held(&'a HeldView),
    Applied(&'a VersionView),
}

/// Fetches a feed that a run has read, by its number, under the name it had: applied, held or only checked. It can be
/// read as long as the file is there; `None` when nobody keeps its bytes.
pub async fn read_feed(
    store: &Store,
    id: i64,
    name: &str,
) -> Result<Option<(FeedSource, NamedTempFile)>, KeptFeedError> {
    let mut packed = tempfile::tempfile()?;
    if store.version_bytes(id, &mut packed).await? == 0 && store.held_bytes(id, &mut packed).await? == 0 {
        return Ok(None);
    }
    Ok(Some(unpacked(name, packed)?))
}

/// Fetches a feed under the name it had; it can be read as long as the file is there. `None` when there are no packed
/// bytes, or others than were kept.
pub(super) async fn kept_feed(
    store: &Store,
    kept: Kept<'_>,
) -> Result<Option<(FeedSource, NamedTempFile)>, KeptFeedError> {
    let mut packed = tempfile::tempfile()?;
    let (name, expected, found) = match kept {
        Kept::Held(held) => {
            (&held.feed, Some(held.packed_bytes), store.held_bytes(held.id, &mut packed).await?)
        }
        Kept::Applied(version) => {
            (&version.feed, version.packed_bytes, store.version_bytes(version.id, &mut packed).await?)
        }
    };
    if expected != Some(found) {
        return Ok(None);
    }
    Ok(Some(unpacked(name, packed)?))
}
