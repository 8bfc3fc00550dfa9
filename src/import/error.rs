//! Why an import could not be done.

use crate::store::StoreError;

/// Why an import could not be done; nothing of its last batch stands.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The database could not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The feeds could not be read on.
    #[error("the feeds could not be read")]
    Read(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The threads for database work could not be started.
    #[error("the threads of the import cannot be started: is the system out of processes or memory?")]
    Threads(#[source] std::io::Error),
    /// Nothing was ever imported there.
    #[error(
        "the database `{0}` holds no tables of feedgate: import a feed first, or name another with `--database`"
    )]
    NoTables(String),
}
