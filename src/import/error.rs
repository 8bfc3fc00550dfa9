//! Why an import could not be done.

use crate::store::StoreError;

/// Why an import could not be done; nothing of its last batch stands.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The database could not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
}
