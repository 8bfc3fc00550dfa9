//! Databases; the only module that names `sqlx`.
//!
//! ```text
//!  Store     short operations, each on one of a few connections that are kept
//!  Session   one import's own connection: staged tables, locks on sources, ids handed out
//!    Rows ──stage──▶ staged_* ──apply(Batch)──▶ product, feed_version, deviation, quarantine, run
//! ```
//!
//! PostgreSQL and SQLite do the same under one set of operations: each is one statement in both dialects, side
//! by side (`sql`). Columns of the shop's tables stand in one place (`columns`). What always holds:
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
mod before;
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
mod sql;
mod stage;
mod standing;
mod transaction;

pub use apply::{Batch, FeedState, FeedVersion};
pub use chunk::CHUNK_BYTES;
pub use columns::shop_columns;
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
    FindingFilter, LastGoodFeed, NumberedSample, RUN_FEEDS_MAX, RunFeed, RunFilter, RunProgress, RunRecord,
    SourceMark, SourceView,
};
pub use mark::{Mark, MovedMark, Tombstone};
pub use quarantine::{
    Outdated, QuarantineEntry, QuarantineFilter, QuarantineState, QuarantinedRecord, ReplayedEntry,
};
pub use report::PackedReport;
pub use rollback::{
    LaterChange, LaterChanges, RollbackOrder, RollbackOutcome, RollbackRefusal, SourceRollback,
};
pub use run::{Counts, RunEnd, RunId, RunState, RunView};
pub use session::{IdKind, KEPT_RUNS, Session};
pub use stage::{Refused, Rows, StagedAt};
pub use standing::Standing;

use crate::config::{DatabaseKind, DatabaseUrl};
use connection::{Absent, Connection};
use jiff::Timestamp;
use migrate::Condition;
use pool::Pool;
use std::fs::File;
use std::io::Write;
use std::sync::Arc;

/// A database that is there, with its tables as this program makes them. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Store {
    pool: Arc<Pool>,
}

impl Store {
    /// Opens the database for writing: makes a SQLite file when there is none, brings the tables up to date.
    pub async fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let mut connection = Connection::open(url, Absent::Create).await?;
        migrate::run(&mut connection).await?;
        Ok(Self { pool: Arc::new(Pool::new(url, connection)) })
    }

    /// Opens the database for looking only; `None` when feedgate has never been there. Changes nothing.
    pub async fn open_existing(url: &DatabaseUrl) -> Result<Option<Self>, StoreError> {
        if url.kind() == DatabaseKind::Sqlite && !connection::sqlite_options(url)?.get_filename().exists() {
            return Ok(None);
        }
        let mut connection = Connection::open(url, Absent::Refuse).await?;
        if migrate::inspect(&mut connection).await? == Condition::Current {
            return Ok(Some(Self { pool: Arc::new(Pool::new(url, connection)) }));
        }
        connection.close().await;
        Ok(None)
    }

    /// Begins a run that is ours until `lease_until`, after marking as killed those that nobody works on
    /// any more.
    pub async fn begin_run(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        trace_id: Option<&str>,
    ) -> Result<RunId, StoreError> {
        let begin = async |connection: &mut Connection| {
            run::take_over(connection, now).await?;
            run::begin(connection, now, lease_until, trace_id).await
        };
        self.pool.run(begin).await
    }

    /// Extends the lease of a run; fails when another run has taken over.
    pub async fn heartbeat(&self, run: RunId, lease_until: Timestamp) -> Result<(), StoreError> {
        self.pool.run(async |connection| run::extend(connection, run, lease_until).await).await
    }

    /// Ends a run.
    pub async fn finish_run(&self, run: RunId, now: Timestamp, end: RunEnd<'_>) -> Result<(), StoreError> {
        self.pool.run(async |connection| run::finish(connection, run, now, end).await).await
    }

    /// The newest runs, newest first.
    pub async fn runs(&self, limit: u32) -> Result<Vec<RunView>, StoreError> {
        self.pool.run(async |connection| run::list(connection, limit).await).await
    }

    /// One run.
    pub async fn run(&self, run: RunId) -> Result<Option<RunView>, StoreError> {
        self.pool.run(async |connection| run::show(connection, run).await).await
    }

    /// Groups of equal findings of a run, largest first.
    pub async fn groups(&self, run: RunId, limit: u32) -> Result<Vec<GroupView>, StoreError> {
        self.finding_groups(run, FindingFilter { limit, ..FindingFilter::default() }).await
    }

    /// Samples of the findings of a run, in the order of its feeds.
    pub async fn samples(&self, run: RunId, limit: u32) -> Result<Vec<SampleView>, StoreError> {
        let samples = self.findings(run, FindingFilter { limit, ..FindingFilter::default() }).await?;
        Ok(samples.into_iter().map(|numbered| numbered.sample).collect())
    }

    /// Refused records, oldest first.
    pub async fn quarantine(
        &self,
        filter: QuarantineFilter<'_>,
        limit: u32,
    ) -> Result<Vec<QuarantineEntry>, StoreError> {
        self.pool.run(async |connection| quarantine::list(connection, filter, limit).await).await
    }

    /// One refused record with its bytes.
    pub async fn quarantined(&self, id: i64) -> Result<Option<QuarantinedRecord>, StoreError> {
        self.pool.run(async |connection| quarantine::record(connection, id).await).await
    }

    /// Gives up an open entry of the quarantine; `false` when it was not open.
    pub async fn discard(&self, id: i64, now: Timestamp) -> Result<bool, StoreError> {
        let discarded = QuarantineState::Discarded;
        self.pool.run(async |connection| quarantine::resolve(connection, id, discarded, now).await).await
    }

    /// Feeds that are or were held, oldest first.
    pub async fn held(&self, filter: HeldFilter<'_>, limit: u32) -> Result<Vec<HeldView>, StoreError> {
        self.pool.run(async |connection| held::list(connection, filter, limit).await).await
    }

    /// One feed that is or was held.
    pub async fn held_feed(&self, id: i64) -> Result<Option<HeldView>, StoreError> {
        self.held_feed_of(id, None).await
    }

    /// What feeds of the same sender and format did before a held one came, newest first.
    pub async fn before_held(&self, id: i64, limit: u32) -> Result<Vec<EarlierRun>, StoreError> {
        self.pool.run(async |connection| held::earlier(connection, id, limit).await).await
    }

    /// Writes the bytes of a held feed, packed by zstd, into a file; gives back how many.
    pub async fn held_bytes(&self, id: i64, file: &mut File) -> Result<u64, StoreError> {
        self.pool.run(async |connection| held::read(connection, id, file).await).await
    }

    /// Gives up a held feed; `false` when it was not open.
    pub async fn refuse_held(&self, id: i64, now: Timestamp, reason: &str) -> Result<bool, StoreError> {
        self.pool.run(async |connection| held::refuse(connection, id, now, reason).await).await
    }

    /// Gives up held feeds about which nobody has decided in time; says how many.
    pub async fn expire_held(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.pool.run(async |connection| held::expire(connection, now).await).await
    }

    /// The few numbers that are watched, with at most so many senders.
    pub async fn standing(&self, senders_max: usize) -> Result<Standing, StoreError> {
        self.pool.run(async |connection| standing::standing(connection, senders_max).await).await
    }

    /// A session of its own for an import, beside the connections of operations.
    pub async fn session(&self, run: RunId) -> Result<Session, StoreError> {
        Ok(Session::new(self.pool.take().await?, run))
    }

    /// Ends idle connections in good order: a SQLite file is whole without its journal then. Sessions and operations
    /// of others go on.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Runs that fit, newest first, with all that is known of them.
    pub async fn run_records(&self, filter: RunFilter<'_>) -> Result<Vec<RunRecord>, StoreError> {
        self.pool.run(async |connection| look::runs(connection, filter).await).await
    }

    /// One run with all that is known of it; `None` as well when whoever asks may not see it.
    pub async fn run_record(
        &self,
        run: RunId,
        visible_source: Option<&str>,
    ) -> Result<Option<RunRecord>, StoreError> {
        self.pool.run(async |connection| look::run(connection, run, visible_source).await).await
    }

    /// Samples of the findings of a run that fit, in the order of their numbers.
    pub async fn findings(
        &self,
        run: RunId,
        filter: FindingFilter<'_>,
    ) -> Result<Vec<NumberedSample>, StoreError> {
        self.pool.run(async |connection| look::samples(connection, run, filter).await).await
    }

    /// Groups of equal findings of a run that fit, largest first.
    pub async fn finding_groups(
        &self,
        run: RunId,
        filter: FindingFilter<'_>,
    ) -> Result<Vec<GroupView>, StoreError> {
        self.pool.run(async |connection| look::groups(connection, run, filter).await).await
    }

    /// One refused record with its bytes; `None` as well when whoever asks may not see it.
    pub async fn quarantined_of(
        &self,
        id: i64,
        visible_source: Option<&str>,
    ) -> Result<Option<QuarantinedRecord>, StoreError> {
        let found = self.quarantined(id).await?;
        Ok(found.filter(|record| visible_source.is_none_or(|source| source == record.entry.source)))
    }

    /// One feed that is or was held; `None` as well when whoever asks may not see it.
    pub async fn held_feed_of(
        &self,
        id: i64,
        visible_source: Option<&str>,
    ) -> Result<Option<HeldView>, StoreError> {
        self.pool.run(async |connection| held::view(connection, id, visible_source).await).await
    }

    /// Sources by name, those behind `after`; only the one that whoever asks may see.
    pub async fn sources(
        &self,
        visible_source: Option<&str>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<SourceView>, StoreError> {
        self.pool.run(async |connection| look::sources(connection, visible_source, after, limit).await).await
    }

    /// Keeps the reports of a run, in place of all that are there; fails when this attempt does not run any more.
    pub async fn write_reports(
        &self,
        run: RunId,
        attempt: i64,
        reports: &[PackedReport],
    ) -> Result<(), StoreError> {
        self.pool.run(async |connection| report::write(connection, run, attempt, reports).await).await
    }

    /// Hands over a report, packed by zstd; gives back how many bytes it has, 0 when there is none.
    pub async fn report(
        &self,
        run: RunId,
        form: &str,
        out: &mut (impl Write + Send),
    ) -> Result<u64, StoreError> {
        self.pool.run(async |connection| report::read(connection, run, form, out).await).await
    }

    /// Forms of the reports of a run that are kept.
    pub async fn report_forms(&self, run: RunId) -> Result<Vec<String>, StoreError> {
        self.pool.run(async |connection| report::forms(connection, run).await).await
    }

    /// Removes the reports of runs that ended before a moment, of at most so many runs; says of how many.
    pub async fn forget_reports(&self, before: Timestamp, runs_max: u32) -> Result<u64, StoreError> {
        self.pool.run(async |connection| report::forget_old(connection, before, runs_max).await).await
    }

    /// Keeps the bytes of a feed that an attempt of a run has applied, and those of the last `keep` applied feeds of
    /// its source alone; `false` when it was not applied by that run, or nothing is to be kept. Fails when this attempt
    /// does not run any more.
    pub async fn keep_version(
        &self,
        (run, attempt): (RunId, i64),
        feed_version_id: i64,
        packed: &PackedFeed,
        keep: u32,
    ) -> Result<bool, StoreError> {
        let keep = async |connection: &mut Connection| {
            copy::keep(connection, (run, attempt), feed_version_id, packed, keep).await
        };
        self.pool.run(keep).await
    }

    /// Writes the kept bytes of an applied feed, packed by zstd, into a file; gives back how many.
    pub async fn version_bytes(&self, id: i64, file: &mut File) -> Result<u64, StoreError> {
        self.pool.run(async |connection| copy::read(connection, id, file).await).await
    }

    /// Applied feeds of a source, newest first.
    pub async fn versions(&self, filter: VersionFilter<'_>) -> Result<Vec<VersionView>, StoreError> {
        self.pool.run(async |connection| copy::list(connection, filter).await).await
    }

    /// One applied feed; `None` as well when whoever asks may not see it.
    pub async fn version(
        &self,
        id: i64,
        visible_source: Option<&str>,
    ) -> Result<Option<VersionView>, StoreError> {
        self.pool.run(async |connection| copy::view(connection, id, visible_source).await).await
    }
}

#[cfg(test)]
mod tests;
