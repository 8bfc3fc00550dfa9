//! Held feeds that are let in: their bytes are kept with them, in no spool.

use crate::import::{ImportPlan, Release};
use crate::run::{HeldFeedError, KeptFeedError, held_feed};
use crate::source::FeedSource;
use crate::store::{ClaimedRelease, Decision, HeldState, HeldView, Store, StoreError};
use tempfile::NamedTempFile;

/// Why a held feed is not let in.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReleaseError {
    /// The database does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its bytes cannot be had.
    #[error(transparent)]
    Bytes(#[from] HeldFeedError),
    /// There is no such feed.
    #[error("there is no held feed {0}")]
    Unknown(i64),
    /// Somebody has decided about it, or it was kept for too long.
    #[error("held feed {0} is {1} and waits for nobody")]
    Closed(i64, &'static str),
    /// Nobody has its bytes.
    #[error("the bytes of held feed {0} were not kept: raise the limit that holds it and deliver it again")]
    NotKept(i64),
}

impl ReleaseError {
    /// Whether the database was away: then it may go well later.
    pub(super) fn is_absence(&self) -> bool {
        match self {
            Self::Store(error) | Self::Bytes(HeldFeedError::Kept(KeptFeedError::Store(error))) => {
                error.is_absence()
            }
            _ => false,
        }
    }
}

/// Whether a feed can be let in.
pub(super) fn check(feed: &HeldView) -> Result<(), ReleaseError> {
    if feed.state != HeldState::Open {
        return Err(ReleaseError::Closed(feed.id, feed.state.as_str()));
    }
    if feed.packed_bytes == 0 {
        return Err(ReleaseError::NotKept(feed.id));
    }
    Ok(())
}

/// The feed that a run lets in; it can be read as long as the file is there.
pub(super) async fn feed(
    store: &Store,
    release: &ClaimedRelease,
) -> Result<(FeedSource, NamedTempFile), ReleaseError> {
    let held = store.held_feed(release.held).await?.ok_or(ReleaseError::Unknown(release.held))?;
    check(&held)?;
    Ok(held_feed(store, &held).await?)
}

/// The import that lets it in, as it was seen and decided.
pub(super) fn import(release: &ClaimedRelease, plan: ImportPlan) -> ImportPlan {
    let ClaimedRelease { held, plan: seen, reason, decided_by } = release.clone();
    ImportPlan {
        // It was bounded when it was stored.
        decision: Decision::new(&decided_by, Some(&reason)).ok(),
        release: Some(Release { held, plan: seen, reason }),
        ..plan
    }
}
