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
mod sql;
mod stage;
mod standing;
mod submission;
mod token;
mod transaction;

pub use apply::{Batch, FeedState, FeedVersion};
pub use audit::{AuditAction, AuditView, Decision, DecisionError, REASON_CHARS_MAX, WHO_CHARS_MAX};
pub use bell::Bell;
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
pub use report::{PackedBytes, PackedReport};
pub use rollback::{
    LaterChange, LaterChanges, RollbackOrder, RollbackOutcome, RollbackRefusal, SourceRollback,
};
pub use run::{Attempt, Counts, RunEnd, RunId, RunState, RunView};
pub use session::{IdKind, KEPT_RUNS, Session};
pub use stage::{Refused, Rows, StagedAt};
pub use standing::Standing;
pub use submission::{
    Advance, Cancelling, ClaimedRelease, ClaimedRun, Enqueued, LOST_MAX, QueueStanding, ReleaseOrder,
    Submission, SubmissionMode,
};
pub use token::{KnownToken, NewToken, Revocation, TOKEN_HASH_BYTES, TokenState, TokenView};

use crate::config::{DatabaseKind, DatabaseUrl};
use connection::{Absent, Connection};
use jiff::Timestamp;
use migrate::Condition;
use pool::Pool;
use std::fs::File;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

/// A database that is there, with its tables as this program makes them. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Store {
    pool: Arc<Pool>,
    sessions: Arc<Mutex<Vec<Session>>>,
    sessions_max: Arc<AtomicUsize>,
}

/// How a claimed run ends, and what is kept of it.
#[derive(Clone, Copy, Debug)]
pub struct Completion<'a> {
    /// What it came to.
    pub end: RunEnd<'a>,
    /// Its reports.
    pub reports: &'a [PackedReport],
    /// The feed that it has applied (number of its version), its bytes, and of how many feeds of its source they are
    /// kept.
    pub copy: Option<(i64, &'a PackedFeed, u32)>,
}

impl Store {
    /// Opens the database for writing: makes a SQLite file when there is none, brings the tables up to date.
    pub async fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let mut connection = Connection::open(url, Absent::Create).await?;
        migrate::run(&mut connection).await?;
        Ok(Self::of(Pool::new(url, connection)))
    }

    fn of(pool: Pool) -> Self {
        Self { pool: Arc::new(pool), sessions: Arc::default(), sessions_max: Arc::default() }
    }

    /// Opens the database for looking only; `None` when feedgate has never been there. Changes nothing.
    pub async fn open_existing(url: &DatabaseUrl) -> Result<Option<Self>, StoreError> {
        if url.kind() == DatabaseKind::Sqlite && !connection::sqlite_options(url)?.get_filename().exists() {
            return Ok(None);
        }
        let mut connection = Connection::open(url, Absent::Refuse).await?;
        if migrate::inspect(&mut connection).await? == Condition::Current {
            return Ok(Some(Self::of(Pool::new(url, connection))));
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
    pub async fn heartbeat(
        &self,
        attempt: impl Into<Attempt>,
        lease_until: Timestamp,
    ) -> Result<(), StoreError> {
        let attempt = attempt.into();
        self.pool.run(async |connection| run::extend(connection, attempt, lease_until).await).await
    }

    /// Ends a run; fails when another attempt at it is under way, or it was taken over.
    pub async fn finish_run(
        &self,
        attempt: impl Into<Attempt>,
        now: Timestamp,
        end: RunEnd<'_>,
    ) -> Result<(), StoreError> {
        let attempt = attempt.into();
        self.pool.run(async |connection| submission::finish(connection, attempt, now, end).await).await
    }

    /// Ends a claimed run with all that is kept of it, in one transaction; fails when another attempt at it is under
    /// way.
    pub async fn complete_run(
        &self,
        attempt: Attempt,
        now: Timestamp,
        completion: &Completion<'_>,
    ) -> Result<(), StoreError> {
        let complete = async |connection: &mut Connection| {
            submission::finish_within(connection, attempt, now, completion.end).await?;
            report::insert(connection, attempt.run, completion.reports).await?;
            if let Some((id, packed, keep)) = completion.copy {
                copy::insert(connection, attempt.run, id, packed, keep).await?;
            }
            Ok(())
        };
        self.pool.run(async |connection| connection.transaction(complete).await).await
    }

    /// Puts a feed at the end of the queue, or finds that the same was submitted before.
    pub async fn enqueue(&self, submission: &Submission<'_>, now: Timestamp) -> Result<Enqueued, StoreError> {
        self.pool.run(async |connection| submission::enqueue(connection, submission, now).await).await
    }

    /// Puts a run at the end of the queue that lets a held feed in, or finds the one that is to do so already; `None`
    /// when the feed is not open.
    pub async fn enqueue_release(
        &self,
        order: &ReleaseOrder<'_>,
        now: Timestamp,
    ) -> Result<Option<Enqueued>, StoreError> {
        self.pool.run(async |connection| submission::enqueue_release(connection, order, now).await).await
    }

    /// Claims the oldest run whose turn it is, and begins it; it is ours until `lease_until`.
    pub async fn claim(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Option<ClaimedRun>, StoreError> {
        self.pool.run(async |connection| submission::claim(connection, now, lease_until).await).await
    }

    /// Takes runs from those who give no sign of life any more: submitted ones wait again, or have failed after
    /// [`LOST_MAX`] times; the others were killed.
    pub async fn take_over(&self, now: Timestamp) -> Result<(), StoreError> {
        self.pool.run(async |connection| run::take_over(connection, now).await).await
    }

    /// Extends the lease of a claimed run and notes how far it is; gives back whether somebody wants it cancelled.
    pub async fn advance(
        &self,
        attempt: Attempt,
        lease_until: Timestamp,
        advance: Advance,
    ) -> Result<bool, StoreError> {
        self.pool
            .run(async |connection| submission::advance(connection, attempt, lease_until, advance).await)
            .await
    }

    /// Gives a claimed run back, to be begun again, not before a moment; `false` when it is not ours any more.
    pub async fn give_back(
        &self,
        attempt: Attempt,
        not_before: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        self.pool.run(async |connection| submission::give_back(connection, attempt, not_before).await).await
    }

    /// Cancels a run that waits, or asks the worker of one that runs; writes down who did.
    pub async fn cancel(
        &self,
        run: RunId,
        now: Timestamp,
        decision: &Decision,
    ) -> Result<Cancelling, StoreError> {
        self.pool.run(async |connection| submission::cancel(connection, run, now, decision).await).await
    }

    /// Hears what other programs put into the queue; `None` where the database does not tell.
    pub async fn bell(&self) -> Result<Option<Bell>, StoreError> {
        Bell::open(self.pool.url()).await
    }

    /// Adds the trace to a claimed run.
    pub async fn trace(&self, attempt: Attempt, trace_id: &str) -> Result<(), StoreError> {
        self.pool.run(async |connection| submission::trace(connection, attempt, trace_id).await).await
    }

    /// How much waits in the queue.
    pub async fn queue(&self, now: Timestamp) -> Result<QueueStanding, StoreError> {
        self.pool.run(async |connection| submission::standing(connection, now).await).await
    }

    /// Names in the spool that are still needed.
    pub async fn spooled(&self) -> Result<Vec<String>, StoreError> {
        self.pool.run(submission::spooled).await
    }

    /// Removes what was submitted with runs that ended before a moment, of at most so many runs: the same, submitted
    /// again, is another run then. Says of how many.
    pub async fn forget_submissions(&self, before: Timestamp, runs_max: u32) -> Result<u64, StoreError> {
        self.pool.run(async |connection| submission::forget(connection, before, runs_max).await).await
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
    pub async fn discard(&self, id: i64, now: Timestamp, decision: &Decision) -> Result<bool, StoreError> {
        self.pool.run(async |connection| quarantine::discard(connection, id, now, decision).await).await
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
    pub async fn refuse_held(
        &self,
        id: i64,
        now: Timestamp,
        decision: &Decision,
    ) -> Result<bool, StoreError> {
        self.pool.run(async |connection| held::refuse(connection, id, now, decision).await).await
    }

    /// Gives up held feeds about which nobody has decided in time; says how many.
    pub async fn expire_held(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.pool.run(async |connection| held::expire(connection, now).await).await
    }

    /// The few numbers that are watched, with at most so many senders.
    pub async fn standing(&self, senders_max: usize) -> Result<Standing, StoreError> {
        self.pool.run(async |connection| standing::standing(connection, senders_max).await).await
    }

    /// Makes a token; `false` when there is, or was, one of that name.
    pub async fn create_token(
        &self,
        token: NewToken<'_>,
        now: Timestamp,
        decision: &Decision,
    ) -> Result<bool, StoreError> {
        self.pool.run(async |connection| token::create(connection, token, now, decision).await).await
    }

    /// Tokens and how they stand now, oldest first.
    pub async fn tokens(&self, now: Timestamp, limit: u32) -> Result<Vec<TokenView>, StoreError> {
        self.pool.run(async |connection| token::list(connection, now, limit).await).await
    }

    /// Revokes a token by its name.
    pub async fn revoke_token(
        &self,
        name: &str,
        now: Timestamp,
        decision: &Decision,
    ) -> Result<Revocation, StoreError> {
        self.pool.run(async |connection| token::revoke(connection, name, now, decision).await).await
    }

    /// The token with this hash, however it stands.
    pub async fn token_of_hash(
        &self,
        hash: &[u8; TOKEN_HASH_BYTES],
    ) -> Result<Option<KnownToken>, StoreError> {
        self.pool.run(async |connection| token::find(connection, hash).await).await
    }

    /// Notes that a token was used, unless a use after `noted_since` is noted; says whether it was noted now.
    pub async fn note_token_use(
        &self,
        id: i64,
        now: Timestamp,
        noted_since: Timestamp,
    ) -> Result<bool, StoreError> {
        self.pool.run(async |connection| token::note_use(connection, id, now, noted_since).await).await
    }

    /// How many tokens are valid now.
    pub async fn valid_tokens(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.pool.run(async |connection| token::count_valid(connection, now).await).await
    }

    /// Writes down what was decided about something (its number or name), where the deed is no operation of this store
    /// that does so itself.
    pub async fn note_decision(
        &self,
        now: Timestamp,
        decision: &Decision,
        action: AuditAction,
        object: &str,
        source: Option<&str>,
    ) -> Result<(), StoreError> {
        let note = async |connection: &mut Connection| {
            audit::note(connection, now, decision, action, object, source).await
        };
        self.pool.run(note).await
    }

    /// What was decided, newest first; of a list that goes on, what is `before` the last number of the part that was
    /// had.
    pub async fn audit(&self, before: Option<i64>, limit: u32) -> Result<Vec<AuditView>, StoreError> {
        self.pool.run(async |connection| audit::list(connection, before, limit).await).await
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

    /// One refused record without its bytes; `None` as well when whoever asks may not see it.
    pub async fn quarantine_entry(
        &self,
        id: i64,
        visible_source: Option<&str>,
    ) -> Result<Option<QuarantineEntry>, StoreError> {
        let found = self.pool.run(async |connection| quarantine::entry(connection, id).await).await?;
        Ok(found.filter(|entry| visible_source.is_none_or(|source| source == entry.source)))
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
    pub async fn write_reports(&self, attempt: Attempt, reports: &[PackedReport]) -> Result<(), StoreError> {
        self.pool.run(async |connection| report::write(connection, attempt, reports).await).await
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
        attempt: Attempt,
        feed_version_id: i64,
        packed: &PackedFeed,
        keep: u32,
    ) -> Result<bool, StoreError> {
        let keep = async |connection: &mut Connection| {
            copy::keep(connection, attempt, feed_version_id, packed, keep).await
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
