//! Runs that a worker claims, and tells how far it is.

use super::enqueue::SubmissionMode;
use crate::store::Store;
use crate::store::connection::Connection;
use crate::store::error::StoreError;
use crate::store::owner::Owner;
use crate::store::row;
use crate::store::run::{self, Attempt, RunId, moment};
use crate::store::sql::Sql;
use jiff::Timestamp;
use serde::Deserialize;

/// A run that was claimed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ClaimedRun {
    /// Its number.
    pub run: RunId,
    /// The number of this attempt at it.
    pub attempt: i64,
    /// Feeds that an earlier attempt has applied, refused or held: 1 when only the end of the run was lost.
    pub feeds: u64,
    /// What that came to.
    pub acceptance: Option<String>,
    /// What is done with the feed.
    pub mode: SubmissionMode,
    /// The format that it is said to have.
    pub format: Option<String>,
    /// Whose products it brings.
    pub source: Option<String>,
    /// That was asked for.
    pub source_asked: bool,
    /// Its name.
    pub feed: String,
    /// Bytes as delivered.
    pub bytes: u64,
    /// SHA-256 of them, hexadecimal.
    pub digest: String,
    /// Where they are in the spool.
    pub spool: Option<String>,
    /// The trace that it was uploaded in.
    pub traceparent: Option<String>,
    /// Milliseconds between its arrival and now.
    pub waited_ms: i64,
    /// The held feed that it lets in, when it is for that: its bytes are in no spool.
    pub release: Option<ClaimedRelease>,
}

/// A held feed that a claimed run lets in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ClaimedRelease {
    /// Its number.
    pub held: i64,
    /// Digest of the plan that was seen.
    pub plan: String,
    /// Why it is let in.
    pub reason: String,
    /// Who decided so.
    pub decided_by: String,
}

impl ClaimedRun {
    /// What it is, in a word: `import`, `check` or `release`.
    #[must_use]
    pub const fn command(&self) -> &'static str {
        if self.release.is_some() { "release" } else { self.mode.as_str() }
    }

    /// SHA-256 of its bytes; `None` when the row was changed by hand.
    #[must_use]
    pub fn digest(&self) -> Option<[u8; 32]> {
        row::from_hex(&self.digest)?.try_into().ok()
    }

    /// This attempt at it.
    #[must_use]
    pub const fn attempt(&self) -> Attempt {
        Attempt { run: self.run, number: self.attempt }
    }
}

/// How far a submitted feed is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Advance {
    /// Bytes as delivered.
    pub bytes: u64,
    /// Records.
    pub records: u64,
    /// Records refused.
    pub refused: u64,
}

/// `$1` now, `$2` owner, `$3` end of the lease. Only the first of a lane, and only when nothing of the lane runs: a
/// worker that does not see yet what another one claims sees that run still waiting before all others of its lane.
const CLAIM: Sql = Sql {
    postgres: "with r as (update run set state = 'running', attempt = attempt + 1, started_at = $1::timestamptz,
            lease_owner = $2, lease_until = $3::timestamptz, finished_at = null, exit_status = null, message = null
        where id = (select r.id from run r
            where r.state = 'queued'
                and (r.lane is null or not exists (select 1 from run other where other.lane = r.lane
                    and (other.state = 'running' or (other.state = 'queued' and other.id < r.id))))
                and not exists (select 1 from submission s
                    where s.run_id = r.id and s.not_before > $1::timestamptz)
            order by r.id limit 1 for update skip locked)
        returning id, attempt, feeds, started_at)
        select json_build_object('run', r.id, 'attempt', r.attempt, 'feeds', r.feeds,
            'acceptance', (select v.acceptance from feed_version v where v.run_id = r.id order by v.id limit 1),
            'mode', s.mode, 'format', s.format, 'source', s.source, 'source_asked', s.source_asked,
            'feed', s.feed, 'bytes', s.bytes, 'digest', encode(s.digest, 'hex'), 'spool', s.spool,
            'traceparent', s.traceparent,
            'release', case when s.release_held is not null then json_build_object('held', s.release_held,
                'plan', s.release_plan, 'reason', s.release_reason, 'decided_by', s.decided_by) end,
            'waited_ms', floor(extract(epoch from (r.started_at - s.received_at)) * 1000)::bigint)::text
        from r join submission s on s.run_id = r.id",
    sqlite: "update run set state = 'running', attempt = attempt + 1, started_at = $1, lease_owner = $2,
            lease_until = $3, finished_at = null, exit_status = null, message = null
        where id = (select r.id from run r
            where r.state = 'queued'
                and (r.lane is null or not exists (select 1 from run other where other.lane = r.lane
                    and (other.state = 'running' or (other.state = 'queued' and other.id < r.id))))
                and not exists (select 1 from submission s where s.run_id = r.id and s.not_before > $1)
            order by r.id limit 1)
        returning (select json_object('run', run.id, 'attempt', run.attempt, 'feeds', run.feeds,
            'acceptance', (select v.acceptance from feed_version v where v.run_id = run.id order by v.id limit 1),
            'mode', s.mode, 'format', s.format, 'source', s.source,
            'source_asked', iif(s.source_asked, json('true'), json('false')),
            'feed', s.feed, 'bytes', s.bytes, 'digest', lower(hex(s.digest)), 'spool', s.spool,
            'traceparent', s.traceparent,
            'release', json(iif(s.release_held is null, 'null', json_object('held', s.release_held,
                'plan', s.release_plan, 'reason', s.release_reason, 'decided_by', s.decided_by))),
            'waited_ms', cast(round((julianday(run.started_at) - julianday(s.received_at)) * 86400000) as integer))
            from submission s where s.run_id = run.id)",
};
const ADVANCE: Sql = Sql {
    postgres: "update submission set progress_bytes = $2, progress_records = $3, progress_refused = $4
               where run_id = $1 returning cancel_asked::text",
    sqlite: "update submission set progress_bytes = $2, progress_records = $3, progress_refused = $4
             where run_id = $1 returning iif(cancel_asked, 'true', 'false')",
};
const TRACE: Sql =
    Sql::both("update run set trace_id = $3 where id = $1 and attempt = $2 and state = 'running'");

impl Store {
    /// Claims the oldest run whose turn it is, and begins it; it is ours until `lease_until`.
    pub async fn claim(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Option<ClaimedRun>, StoreError> {
        self.pool.run(async |connection| claim(connection, now, lease_until).await).await
    }

    /// Extends the lease of a claimed run and notes how far it is; gives back whether somebody wants it cancelled.
    pub async fn advance(
        &self,
        attempt: Attempt,
        lease_until: Timestamp,
        advance: Advance,
    ) -> Result<bool, StoreError> {
        self.pool.run(async |connection| self::advance(connection, attempt, lease_until, advance).await).await
    }

    /// Adds the trace to a claimed run.
    pub async fn trace(&self, attempt: Attempt, trace_id: &str) -> Result<(), StoreError> {
        self.pool.run(async |connection| trace(connection, attempt, trace_id).await).await
    }
}

/// Claims the oldest run whose turn it is.
async fn claim(
    connection: &mut Connection,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Option<ClaimedRun>, StoreError> {
    let (now, until, owner) = (moment(now), moment(lease_until), Owner::current().to_string());
    let values = [(&now).into(), (&owner).into(), (&until).into()];
    connection.row("claim a run", CLAIM, &values).await
}

/// A sign of life with how far the feed is read. Gives back whether somebody wants the run cancelled; fails when it
/// is another attempt's by now.
async fn advance(
    connection: &mut Connection,
    attempt: Attempt,
    lease_until: Timestamp,
    advance: Advance,
) -> Result<bool, StoreError> {
    run::extend(connection, attempt, lease_until).await?;
    let int = |value: u64| i64::try_from(value).unwrap_or(i64::MAX).into();
    let values = [attempt.run.0.into(), int(advance.bytes), int(advance.records), int(advance.refused)];
    let asked: Option<bool> = connection.row("note how far a run is", ADVANCE, &values).await?;
    Ok(asked.unwrap_or(false))
}

/// Adds the trace to a run.
async fn trace(connection: &mut Connection, attempt: Attempt, trace_id: &str) -> Result<(), StoreError> {
    let values = [attempt.run.0.into(), attempt.number.into(), trace_id.into()];
    connection.execute("note the trace of a run", TRACE, &values).await.map(drop)
}
