//! A held feed, as a feed that can be read again.

use super::kept::{Kept, KeptFeedError, kept_feed};
use crate::source::FeedSource;
use crate::store::{HeldView, Store};
use tempfile::NamedTempFile;

/// Why the bytes of a held feed cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum HeldFeedError {
    /// They cannot be fetched.
    #[error(transparent)]
    Kept(#[from] KeptFeedError),
    /// Fewer or more than were kept.
    #[error("the kept bytes of held feed {0} are not whole: it cannot be let in; deliver it again")]
    Torn(i64),
}

/// Fetches a held feed under the name it had; it can be read as long as the file is there.
pub async fn held_feed(store: &Store, held: &HeldView) -> Result<(FeedSource, NamedTempFile), HeldFeedError> {
    kept_feed(store, Kept::Held(held)).await?.ok_or(HeldFeedError::Torn(held.id))
}
