//! A held feed, as a feed that can be read again.

use crate::source::{FeedSource, KeepError, unpacked};
use crate::store::{HeldView, Store, StoreError};
use std::io;
use tempfile::NamedTempFile;

/// Why the bytes of a held feed cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum HeldFeedError {
    /// The database does not give them.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// They cannot be copied to where they can be read.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// There is no place for a copy.
    #[error("no temporary file can be made for the feed: check that there is room, or set TMPDIR")]
    Room(#[from] io::Error),
    /// Fewer or more than were kept.
    #[error("the kept bytes of held feed {0} are not whole: it cannot be let in; deliver it again")]
    Torn(i64),
}

/// Fetches a held feed under the name it had; it can be read as long as the file is there.
pub async fn held_feed(store: &Store, held: &HeldView) -> Result<(FeedSource, NamedTempFile), HeldFeedError> {
    let mut packed = tempfile::tempfile()?;
    if store.held_bytes(held.id, &mut packed).await? != held.packed_bytes {
        return Err(HeldFeedError::Torn(held.id));
    }
    Ok(unpacked(&held.feed, packed)?)
}
