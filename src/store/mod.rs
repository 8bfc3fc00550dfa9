//! Databases; the only module that names `sqlx`.
//!
//! ```text
//!  Store     short operations, each on one of a few connections that are kept
//!  Session   one import's own connection: staged tables, locks on sources, ids handed out
//!    Rows ──stage──▶ staged_* ──apply(Batch)──▶ product, feed_version, deviation, quarantine, run
//! ```
//!
//! PostgreSQL and SQLite do the same under one set of operations: each is one statement in both dialects, side
//! by side (`sql`), and stands in the file of what it is about, with the method of [`Store`] that does it. Columns of
//! the shop's tables stand in one place (`columns`). What always holds:
//!
//! * the shop's tables change in [`Session::apply`] and [`Session::roll_back`] alone, in one transaction, or not at
//!   all;
//! * an import that was taken over by another cannot apply any more: its first statement finds the run not running;
//! * nothing temporary outlives its session.
//!
//! Not here: what is imported and why (`import`), and any word of a feed's format.

mod apply;
mod asked;
mod attributes;
mod audit;
mod before;
mod bell;
mod chunk;
mod columns;
mod connection;
mod copy;
mod error;
mod finding;
mod held;
mod identity;
mod known;
mod load;
mod lock;
mod look;
mod mark;
mod migrate;
mod owner;
mod pool;
mod quarantine;
mod report;
mod rollback;
mod row;
mod run;
mod session;
mod share;
mod sign_in;
mod sql;
mod stage;
mod standing;
mod structure;
mod submission;
mod token;
mod told;
mod transaction;
mod waiting;

pub use apply::{Batch, FeedState, FeedVersion};
pub use audit::{AuditAction, AuditView, Decision, DecisionError, REASON_CHARS_MAX, WHO_CHARS_MAX};
pub use bell::Bell;
pub use chunk::CHUNK_BYTES;
pub use columns::shop_columns;
pub use connection::DatabasePlace;
pub use copy::{KEPT_VERSIONS, VersionFilter, VersionView};
pub use error::StoreError;
pub use finding::{FindingGroup, FindingView, GroupView, SampleView, fingerprint_text};
pub use held::{EarlierRun, HeldChange, HeldFeed, HeldFilter, HeldState, HeldView, OpenHeld, PackedFeed};
pub use identity::{Holder, Numbers as NumbersOf};
pub use known::{
    Digest, EARLIER_FEEDS_MAX, EarlierFeed, Known, KnownProduct, RecordDate, USUAL_FEEDS_MAX, Usual,
};
pub use load::Origin;
pub use look::{
    CODED_ENTRIES_MAX, CodeCount, DRIFT_FEEDS_MAX, DriftView, EARLIER_RUNS_MAX, EarlierKinds, FindingFilter,
    KindCount, KindFilter, KindSample, LastGoodFeed, NewKinds, NumberedSample, RUN_FEEDS_MAX, ReplayDecision,
    ReplayedRecord, RunFeed, RunFilter, RunProgress, RunRecord, ShopProduct, SourceChange, SourceMark,
    SourceMoments, SourceStanding, SourceView, SourceWaiting,
};
pub use mark::{Mark, MovedMark, Tombstone};
pub use migrate::{Tables, TablesFound};
pub use quarantine::{
    NoDigest, Outdated, QuarantineEntry, QuarantineFilter, QuarantineState, QuarantinedRecord, ReplayedEntry,
    SeenDigest,
};
pub use report::{PackedBytes, PackedReport};
pub use rollback::{
    LaterChange, LaterChanges, ProductFate, ROLLED_PRODUCTS_MAX, RollbackOrder, RollbackOutcome,
    RollbackRefusal, RolledProduct, SourceRollback,
};
pub use run::{Attempt, Counts, RunEnd, RunId, RunState, RunView};
pub use session::{IdKind, KEPT_RUNS, Session};
pub use share::{NewShare, SHARE_HASH_BYTES, ShareView, SharedEntry};
pub use sign_in::SIGN_IN_HASH_BYTES;
pub use stage::{Refused, Rows, StagedAt};
pub use standing::Standing;
pub use structure::{
    ACCEPTANCES_MAX, DriftAcceptance, EarlierStructure, ExpectedDrifts, STRUCTURES_KEPT_MAX, Structure,
    StructureView,
};
pub use submission::{
    Advance, Cancelling, ClaimedRelease, ClaimedRun, Completion, Enqueued, LOST_MAX, QueueStanding,
    ReleaseOrder, Submission, SubmissionMode, TriedRelease,
};
pub use token::{KnownToken, NewToken, Revocation, TOKEN_HASH_BYTES, TokenState, TokenView};
pub use told::{RECALLED_AT_ONCE_MAX, StandingFeed, TOLD_ALONG_BYTES_MAX, ToldFeed};
pub use waiting::{is_waiting, tell_waits};

use crate::config::{DatabaseKind, DatabaseUrl};
use connection::{Absent, Connection};
use pool::Pool;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

/// A database that is there, with its tables as this program makes them. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Store {
    pool: Arc<Pool>,
    sessions: Arc<Mutex<Vec<Session>>>,
    sessions_max: Arc<AtomicUsize>,
}

impl Store {
    /// Opens the database for writing: makes a SQLite file when there is none, brings the tables up to date. Where they
    /// are current, the account needs no right to make any.
    pub async fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let (connection, _) = Self::migrated(url).await?;
        Ok(Self::of(Pool::new(url, connection)))
    }

    /// Brings the tables up to date, and nothing else; makes a SQLite file when there is none. Tells how far they
    /// were before.
    pub async fn migrate(url: &DatabaseUrl) -> Result<TablesFound, StoreError> {
        let (connection, found) = Self::migrated(url).await?;
        connection.close().await;
        Ok(found)
    }

    async fn migrated(url: &DatabaseUrl) -> Result<(Connection, TablesFound), StoreError> {
        let alone = match url.kind() {
            DatabaseKind::Sqlite => {
                let options = connection::sqlite_options(url)?;
                let _waiting = waiting::begin("the tables", &url.to_string());
                migrate::alone(options.get_filename()).await
            }
            DatabaseKind::Postgres => None,
        };
        let mut connection = Connection::open(url, Absent::Create).await?;
        let found = migrate::run(&mut connection).await?;
        drop(alone);
        Ok((connection, found))
    }

    /// How far the tables are. Changes nothing.
    ///
    /// # Errors
    ///
    /// The database cannot be reached, or a newer program has made its tables, or one of other migrations.
    pub async fn tables(url: &DatabaseUrl) -> Result<TablesFound, StoreError> {
        let Some(mut connection) = Self::existing(url).await? else { return Ok(migrate::none(url.kind())) };
        let found = migrate::inspect(&mut connection).await;
        connection.close().await;
        found
    }

    /// A connection; `None` where there is not even a file.
    async fn existing(url: &DatabaseUrl) -> Result<Option<Connection>, StoreError> {
        if url.kind() == DatabaseKind::Sqlite && !connection::sqlite_options(url)?.get_filename().exists() {
            return Ok(None);
        }
        Connection::open(url, Absent::Refuse).await.map(Some)
    }

    fn of(pool: Pool) -> Self {
        Self { pool: Arc::new(pool), sessions: Arc::default(), sessions_max: Arc::default() }
    }

    /// Opens the database for looking only; `None` when feedgate has never been there. Changes nothing.
    pub async fn open_existing(url: &DatabaseUrl) -> Result<Option<Self>, StoreError> {
        let Some(mut connection) = Self::existing(url).await? else { return Ok(None) };
        let TablesFound { tables, .. } = migrate::inspect(&mut connection).await?;
        if tables == Tables::Current {
            return Ok(Some(Self::of(Pool::new(url, connection))));
        }
        connection.close().await;
        match tables {
            Tables::Behind { lacks, .. } => Err(StoreError::Older { database: url.to_string(), lacks }),
            Tables::None | Tables::Current => Ok(None),
        }
    }

    /// A session of its own for an import, beside the connections of operations.
    ///
    /// One that was [given back](Self::give_back_session) is taken first.
    pub async fn session(&self, attempt: impl Into<Attempt>) -> Result<Session, StoreError> {
        let attempt = attempt.into();
        while let Some(mut session) = self.kept_session() {
            if session.answers().await {
                return Ok(session.again(attempt));
            }
        }
        Ok(Session::new(self.pool.take().await?, attempt))
    }

    /// Keeps up to so many sessions for the next imports, with their temporary tables.
    pub fn keep_sessions(&self, count: usize) {
        self.sessions_max.store(count, Ordering::Relaxed);
    }

    /// Ends the work of a session in good order: it is kept for the next import, or closed.
    pub async fn give_back_session(&self, mut session: Session) {
        let has_room = || self.sessions().len() < self.sessions_max.load(Ordering::Relaxed);
        if has_room() && session.let_go().await.is_ok() {
            self.sessions().push(session);
        } else {
            session.close().await;
        }
    }

    /// Apart, so that the lock is not held while somebody waits.
    fn kept_session(&self) -> Option<Session> {
        self.sessions().pop()
    }

    fn kept_sessions(&self) -> Vec<Session> {
        std::mem::take(&mut *self.sessions())
    }

    fn sessions(&self) -> MutexGuard<'_, Vec<Session>> {
        self.sessions.lock().expect("nobody panics while holding it")
    }

    /// Ends idle connections in good order: a SQLite file is whole without its journal then. Sessions and operations
    /// of others go on.
    pub async fn close(&self) {
        for session in self.kept_sessions() {
            session.close().await;
        }
        self.pool.close().await;
    }
}

#[cfg(test)]
mod tests;
