//! Feeds that were submitted: they wait for their turn, are begun, given back, begun again, and end.
//!
//! ```text
//!  enqueue ─▶ queued ─▶ claim: running, attempt n ─▶ finish
//!                ▲            │ give back (the worker stops)            attempt n + 1
//!                └────────────┤ lost (no sign of life), at most LOST_MAX times, then failed
//!                             └ cancel is asked for: the worker learns of it by its next sign of life
//! ```
//!
//! * What is in one lane is done one after another, oldest first: only the oldest of a lane is ever claimed, and only
//!   when nothing of it runs. So two workers that claim at once never get two of a lane, whatever either sees.
//! * The identity of a submission stands in a unique index, as long as its row. It goes before that when the run has
//!   failed or was cancelled, for good: then the same may be submitted again.
//! * A held feed is let in by a run of the queue, too: its bytes are those that are kept with it, and while the run
//!   waits or is under way, the same wish is the same run.
//! * Whoever has claimed a run writes under the number of the attempt ([`run`]); an older one cannot end it, nor apply.

use super::Store;
use super::audit::{self, AuditAction, Decision};
use super::connection::Connection;
use super::copy;
use super::error::StoreError;
use super::held::PackedFeed;
use super::owner::Owner;
use super::report::{self, PackedReport};
use super::row;
use super::run::{self, Attempt, RunEnd, RunId, RunState, moment};
use super::sql::Sql;
use crate::config::DatabaseKind;
use crate::judgement::Acceptance;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How often a run may lose its worker.
pub const LOST_MAX: i64 = 3;
/// How often when that happens to others, too: then it is not the run that takes workers down.
pub(super) const LOST_AMONG_OTHERS_MAX: i64 = 10;
/// How many others that are, within [`LOST_MINUTES`].
const LOST_OTHERS: i64 = 3;
/// How long a lost worker counts for others.
const LOST_MINUTES: i64 = 10;
/// Seconds before a run is begun again, by how often it has lost its worker: what is oldest would else be the first to
/// be hit by the next kill, too.
const LOST_PAUSES: [i64; 3] = [2, 5, 10];

/// What is done with a submitted feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubmissionMode {
    /// What is right in it is imported.
    #[default]
    Import,
    /// It is judged, and the shop stays as it is.
    Check,
}

impl SubmissionMode {
    /// The mode as the tables write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Check => "check",
        }
    }
}

/// A feed that is submitted; its bytes are in the spool.
#[derive(Clone, Debug)]
pub struct Submission<'a> {
    /// Who submits it; empty where nobody has to say.
    pub token: &'a str,
    /// What is done with it.
    pub mode: SubmissionMode,
    /// The format that it is said to have.
    pub format: Option<&'a str>,
    /// Whose products it brings.
    pub source: Option<&'a str>,
    /// That was asked for, whatever the header says.
    pub source_asked: bool,
    /// What it waits behind; `None` waits for nobody.
    pub lane: Option<&'a str>,
    /// Its name.
    pub feed: &'a str,
    /// Bytes as delivered.
    pub bytes: u64,
    /// SHA-256 of them.
    pub digest: [u8; 32],
    /// What the same submission is known by; `None` is never the same as another.
    pub identity: Option<&'a str>,
    /// Where its bytes are in the spool.
    pub spool: &'a str,
    /// The trace that it was uploaded in.
    pub traceparent: Option<&'a str>,
}

/// A held feed that somebody lets in; its bytes are kept with it.
#[derive(Clone, Copy, Debug)]
pub struct ReleaseOrder<'a> {
    /// Name of the token of whoever decides; empty where nobody has to say.
    pub token: &'a str,
    /// Its number.
    pub held: i64,
    /// Digest of the plan that was seen.
    pub plan: &'a str,
    /// Who lets it in, and why.
    pub decision: &'a Decision,
    /// The trace that it was decided in.
    pub traceparent: Option<&'a str>,
}

impl ReleaseOrder<'_> {
    /// What the same wish is known by.
    fn identity(&self) -> String {
        format!("release {} {}", self.held, self.plan)
    }
}

/// What became of a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enqueued {
    /// It waits.
    New(RunId),
    /// The same was submitted before.
    Same(RunId),
    /// Other bytes were submitted under the same key before.
    OtherBytes(RunId),
}

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

/// What became of the wish to cancel a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelling {
    /// It waited, and is cancelled.
    Done,
    /// It runs: its worker learns of it.
    Asked,
    /// It runs, and somebody wanted the same before: nothing is new.
    AskedBefore,
    /// It had ended before, as this.
    Ended(RunState),
    /// It was not submitted: a command works on it.
    NotSubmitted,
    /// There is no such run.
    Unknown,
}

/// How much waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct QueueStanding {
    /// Runs that wait.
    pub queued: u64,
    /// Submitted runs under way.
    pub running: u64,
    /// Milliseconds that the oldest has been waiting.
    pub oldest_ms: i64,
}

const FIND: Sql = Sql {
    postgres: "select json_build_array(run_id, encode(digest, 'hex'))::text from submission where identity = $1",
    sqlite: "select json_array(run_id, lower(hex(digest))) from submission where identity = $1",
};
/// The run, its submission, and a word to the workers.
const QUEUE: Sql = Sql {
    postgres: "with queued as (insert into run (state, lease_owner, lease_until, attempt, lane)
            values ('queued', '', $1::timestamptz, 0, $13) returning id),
        submitted as (insert into submission (run_id, received_at, token, mode, format, source, source_asked, feed,
                bytes, digest, identity, spool, traceparent)
            select id, $1::timestamptz, $2, $3, $4, $5, $6::bigint = 1, $7, $8, $9, $10, $11, $12 from queued)
        select id::text from queued cross join pg_notify('feedgate_queue', '')",
    sqlite: "begin immediate;
        insert into run (state, lease_owner, lease_until, attempt, lane)
        values ('queued', '', $1, 0, $13) returning cast(id as text);
        insert into submission (run_id, received_at, token, mode, format, source, source_asked, feed,
            bytes, digest, identity, spool, traceparent)
        values (last_insert_rowid(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
        commit",
};
/// `$1` end of the lease, `$2` held feed.
const QUEUE_RELEASE: Sql = Sql {
    postgres: "insert into run (state, lease_owner, lease_until, attempt, lane)
               select 'queued', '', $1::timestamptz, 0, v.source
               from held_feed h join feed_version v on v.id = h.feed_version_id
               where h.feed_version_id = $2 and h.state = 'open' returning id::text",
    sqlite: "insert into run (state, lease_owner, lease_until, attempt, lane)
             select 'queued', '', $1, 0, v.source
             from held_feed h join feed_version v on v.id = h.feed_version_id
             where h.feed_version_id = $2 and h.state = 'open' returning cast(id as text)",
};
/// `$1` run, `$2` now, `$3` token, `$4` identity, `$5` held feed, `$6` plan, `$7` reason, `$8` who,
/// `$9` trace.
const SUBMIT_RELEASE: Sql = Sql {
    postgres:
        "insert into submission (run_id, received_at, token, mode, format, source, source_asked, feed, bytes,
                   digest, identity, release_held, release_plan, release_reason, decided_by, traceparent)
               select $1, $2::timestamptz, $3, 'import', v.format, v.source, true, v.feed, v.bytes, v.digest, $4,
                   v.id, $6, $7, $8, $9
               from feed_version v where v.id = $5",
    sqlite:
        "insert into submission (run_id, received_at, token, mode, format, source, source_asked, feed, bytes,
                 digest, identity, release_held, release_plan, release_reason, decided_by, traceparent)
             select $1, $2, $3, 'import', v.format, v.source, 1, v.feed, v.bytes, v.digest, $4,
                 v.id, $6, $7, $8, $9
             from feed_version v where v.id = $5",
};
const FIND_RELEASE: Sql = Sql {
    postgres: "select run_id::text from submission where identity = $1",
    sqlite: "select cast(run_id as text) from submission where identity = $1",
};
const RING: Sql = Sql { postgres: "notify feedgate_queue", sqlite: "select 1" };

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
const GIVE_BACK: Sql = Sql::both(
    "update run set state = 'queued', lease_owner = '', started_at = null
     where id = $1 and attempt = $2 and state = 'running'",
);
const LATER: Sql = Sql {
    postgres: "update submission set not_before = $2::timestamptz where run_id = $1",
    sqlite: "update submission set not_before = $2 where run_id = $1",
};
/// `$1` run, `$2` now, `$3` since when others count.
const LOSE: Sql = Sql {
    postgres: "update submission set lost = lost + 1, lost_at = $2::timestamptz where run_id = $1
               returning json_build_array(lost, (select count(*) from submission other
                   where other.run_id <> $1 and other.lost_at > $3::timestamptz))::text",
    sqlite: "update submission set lost = lost + 1, lost_at = $2 where run_id = $1
             returning json_array(lost, (select count(*) from submission other
                 where other.run_id <> $1 and other.lost_at > $3))",
};
const END: Sql = Sql {
    postgres: "update submission set spool = null, summary = coalesce($2, summary),
                   identity = case when $3 = 1 and release_held is null then identity end
               where run_id = $1",
    sqlite: "update submission set spool = null, summary = coalesce($2, summary),
                 identity = case when $3 = 1 and release_held is null then identity end
             where run_id = $1",
};
/// `$1` run, `$2` attempt, `$3` state, `$4` now, `$5` exit status, `$6` message, `$7` and `$8` as in [`END`]. On SQLite
/// the run last: as long as it runs, the others are its own.
const FINISH: Sql = Sql {
    postgres: "with ended as (update run
            set state = $3, finished_at = $4::timestamptz, exit_status = $5::bigint, message = $6
            where id = $1 and attempt = $2 and state = 'running' returning id),
        freed as (delete from lease where run_id = $1 and exists (select 1 from ended)),
        submitted as (update submission set spool = null, summary = coalesce($7, summary),
                identity = case when $8::bigint = 1 and release_held is null then identity end
            where run_id = $1 and exists (select 1 from ended))
        select id::text from ended",
    sqlite: "update submission set spool = null, summary = coalesce($7, summary),
            identity = case when $8 = 1 and release_held is null then identity end
        where run_id = $1
            and exists (select 1 from run where id = $1 and attempt = $2 and state = 'running');
        delete from lease where run_id = $1
            and exists (select 1 from run where id = $1 and attempt = $2 and state = 'running');
        update run set state = $3, finished_at = $4, exit_status = $5, message = $6
        where id = $1 and attempt = $2 and state = 'running' returning cast(id as text)",
};
const STATE: Sql = Sql {
    postgres: "select json_build_array(state, exists (select 1 from submission s where s.run_id = run.id))::text
               from run where id = $1",
    sqlite: "select json_array(state,
                 iif(exists (select 1 from submission s where s.run_id = run.id), json('true'), json('false')))
             from run where id = $1",
};
const CANCEL_QUEUED: Sql = Sql {
    postgres: "update run set state = 'cancelled', finished_at = $2::timestamptz, exit_status = 5,
                   message = 'cancelled before it began'
               where id = $1 and state = 'queued'",
    sqlite: "update run set state = 'cancelled', finished_at = $2, exit_status = 5,
                 message = 'cancelled before it began'
             where id = $1 and state = 'queued'",
};
const ASK: Sql =
    Sql::both("update submission set cancel_asked = true where run_id = $1 and not cancel_asked");
const STANDING: Sql = Sql {
    postgres: "select json_build_object(
            'queued', (select count(*) from run where state = 'queued'),
            'running', (select count(*) from run r join submission s on s.run_id = r.id where r.state = 'running'),
            'oldest_ms', coalesce((select floor(extract(epoch from ($1::timestamptz - s.received_at)) * 1000)::bigint
                from run r join submission s on s.run_id = r.id where r.state = 'queued'
                order by r.id limit 1), 0))::text",
    sqlite: "select json_object(
            'queued', (select count(*) from run where state = 'queued'),
            'running', (select count(*) from run r join submission s on s.run_id = r.id where r.state = 'running'),
            'oldest_ms', coalesce((select cast(round((julianday($1) - julianday(s.received_at)) * 86400000) as integer)
                from run r join submission s on s.run_id = r.id where r.state = 'queued'
                order by r.id limit 1), 0))",
};
const SPOOLED: Sql = Sql {
    postgres: "select to_json(spool)::text from submission where spool is not null",
    sqlite: "select json_quote(spool) from submission where spool is not null",
};
/// `$1` moment, `$2` how many: those of the lowest numbers.
const OLD: Sql = Sql {
    postgres: "select s.run_id::text from submission s join run r on r.id = s.run_id
               where r.finished_at < $1::timestamptz order by s.run_id limit $2",
    sqlite: "select cast(s.run_id as text) from submission s join run r on r.id = s.run_id
             where r.finished_at < $1 order by s.run_id limit $2",
};
/// `$1` an array of runs.
const FORGET: Sql = Sql {
    postgres: "delete from submission where run_id in (select e::bigint from jsonb_array_elements_text($1::jsonb) e)",
    sqlite: "delete from submission where run_id in (select value from json_each($1))",
};

impl Store {
    /// Ends a run; fails when another attempt at it is under way, or it was taken over.
    pub async fn finish_run(
        &self,
        attempt: impl Into<Attempt>,
        now: Timestamp,
        end: RunEnd<'_>,
    ) -> Result<(), StoreError> {
        let attempt = attempt.into();
        self.pool.run(async |connection| finish(connection, attempt, now, end).await).await
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
            finish_within(connection, attempt, now, completion.end).await?;
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
        self.pool.run(async |connection| enqueue(connection, submission, now).await).await
    }

    /// Puts a run at the end of the queue that lets a held feed in, or finds the one that is to do so already; `None`
    /// when the feed is not open.
    pub async fn enqueue_release(
        &self,
        order: &ReleaseOrder<'_>,
        now: Timestamp,
    ) -> Result<Option<Enqueued>, StoreError> {
        self.pool.run(async |connection| enqueue_release(connection, order, now).await).await
    }

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

    /// Gives a claimed run back, to be begun again, not before a moment; `false` when it is not ours any more.
    pub async fn give_back(
        &self,
        attempt: Attempt,
        not_before: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        self.pool.run(async |connection| give_back(connection, attempt, not_before).await).await
    }

    /// Cancels a run that waits, or asks the worker of one that runs; writes down who did.
    pub async fn cancel(
        &self,
        run: RunId,
        now: Timestamp,
        decision: &Decision,
    ) -> Result<Cancelling, StoreError> {
        self.pool.run(async |connection| cancel(connection, run, now, decision).await).await
    }

    /// Adds the trace to a claimed run.
    pub async fn trace(&self, attempt: Attempt, trace_id: &str) -> Result<(), StoreError> {
        self.pool.run(async |connection| trace(connection, attempt, trace_id).await).await
    }

    /// How much waits in the queue.
    pub async fn queue(&self, now: Timestamp) -> Result<QueueStanding, StoreError> {
        self.pool.run(async |connection| standing(connection, now).await).await
    }

    /// Names in the spool that are still needed.
    pub async fn spooled(&self) -> Result<Vec<String>, StoreError> {
        self.pool.run(spooled).await
    }

    /// Removes what was submitted with runs that ended before a moment, of at most so many runs: the same, submitted
    /// again, is another run then. Says of how many.
    pub async fn forget_submissions(&self, before: Timestamp, runs_max: u32) -> Result<u64, StoreError> {
        self.pool.run(async |connection| forget(connection, before, runs_max).await).await
    }
}

/// Puts a feed at the end of the queue, or finds that it was submitted before.
pub(super) async fn enqueue(
    connection: &mut Connection,
    submission: &Submission<'_>,
    now: Timestamp,
) -> Result<Enqueued, StoreError> {
    if let Some(before) = same(connection, submission).await? {
        return Ok(before);
    }
    match insert(connection, submission, now).await {
        // Somebody submitted the same at the same time, and was first.
        Err(error) if error.is_taken() => same(connection, submission).await?.ok_or(error),
        inserted => inserted.map(Enqueued::New),
    }
}

async fn same(
    connection: &mut Connection,
    submission: &Submission<'_>,
) -> Result<Option<Enqueued>, StoreError> {
    let Some(identity) = submission.identity else { return Ok(None) };
    let found: Option<(RunId, String)> =
        connection.row("look for the same submission", FIND, &[identity.into()]).await?;
    let mut digest = String::new();
    row::push_hex(&submission.digest, &mut digest);
    Ok(found
        .map(|(run, before)| if before == digest { Enqueued::Same(run) } else { Enqueued::OtherBytes(run) }))
}

async fn insert(
    connection: &mut Connection,
    submission: &Submission<'_>,
    now: Timestamp,
) -> Result<RunId, StoreError> {
    let now = moment(now);
    let values = [
        (&now).into(),
        submission.token.into(),
        submission.mode.as_str().into(),
        submission.format.into(),
        submission.source.into(),
        i64::from(submission.source_asked).into(),
        submission.feed.into(),
        i64::try_from(submission.bytes).unwrap_or(i64::MAX).into(),
        submission.digest.as_slice().into(),
        submission.identity.into(),
        submission.spool.into(),
        submission.traceparent.into(),
        submission.lane.into(),
    ];
    let run = connection.whole("queue a run", QUEUE, &values).await?;
    Ok(run.expect("an insert that returns gives back its row"))
}

/// Puts a run at the end of the queue that lets a held feed in, or finds the one that is to do so already; `None` when
/// the feed is not open.
pub(super) async fn enqueue_release(
    connection: &mut Connection,
    order: &ReleaseOrder<'_>,
    now: Timestamp,
) -> Result<Option<Enqueued>, StoreError> {
    if let Some(run) = same_release(connection, order).await? {
        return Ok(Some(Enqueued::Same(run)));
    }
    match connection.transaction(async |connection| insert_release(connection, order, now).await).await {
        // Somebody else wanted the same at the same time, and was first.
        Err(error) if error.is_taken() => {
            let run = same_release(connection, order).await?.ok_or(error)?;
            Ok(Some(Enqueued::Same(run)))
        }
        inserted => Ok(inserted?.map(Enqueued::New)),
    }
}

async fn same_release(
    connection: &mut Connection,
    order: &ReleaseOrder<'_>,
) -> Result<Option<RunId>, StoreError> {
    let identity = order.identity();
    connection.row("look for the same release", FIND_RELEASE, &[(&identity).into()]).await
}

async fn insert_release(
    connection: &mut Connection,
    order: &ReleaseOrder<'_>,
    now: Timestamp,
) -> Result<Option<RunId>, StoreError> {
    let (now, identity) = (moment(now), order.identity());
    let values = [(&now).into(), order.held.into()];
    let Some(run) = connection.row::<RunId>("queue a release", QUEUE_RELEASE, &values).await? else {
        return Ok(None);
    };
    let values = [
        run.0.into(),
        (&now).into(),
        order.token.into(),
        (&identity).into(),
        order.held.into(),
        order.plan.into(),
        order.decision.reason().unwrap_or_default().into(),
        order.decision.who().into(),
        order.traceparent.into(),
    ];
    connection.execute("store a release", SUBMIT_RELEASE, &values).await?;
    ring(connection).await?;
    Ok(Some(run))
}

/// Wakes workers, once the transaction stands.
async fn ring(connection: &mut Connection) -> Result<(), StoreError> {
    match connection.kind() {
        DatabaseKind::Postgres => connection.execute("wake the workers", RING, &[]).await.map(drop),
        DatabaseKind::Sqlite => Ok(()),
    }
}

/// Claims the oldest run whose turn it is.
pub(super) async fn claim(
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
pub(super) async fn advance(
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

const TRACE: Sql =
    Sql::both("update run set trace_id = $3 where id = $1 and attempt = $2 and state = 'running'");

/// Adds the trace to a run.
pub(super) async fn trace(
    connection: &mut Connection,
    attempt: Attempt,
    trace_id: &str,
) -> Result<(), StoreError> {
    let values = [attempt.run.0.into(), attempt.number.into(), trace_id.into()];
    connection.execute("note the trace of a run", TRACE, &values).await.map(drop)
}

/// Gives a run back, to be begun again at once or not before a moment; `false` when it is another attempt's by now.
pub(super) async fn give_back(
    connection: &mut Connection,
    attempt: Attempt,
    not_before: Option<Timestamp>,
) -> Result<bool, StoreError> {
    connection
        .transaction(async |connection| {
            let values = [attempt.run.0.into(), attempt.number.into()];
            if connection.execute("give a run back", GIVE_BACK, &values).await? != 1 {
                return Ok(false);
            }
            if let Some(at) = not_before {
                put_off(connection, attempt.run, at).await?;
            }
            run::free(connection, attempt.run).await?;
            ring(connection).await?;
            Ok(true)
        })
        .await
}

async fn put_off(connection: &mut Connection, run: RunId, until: Timestamp) -> Result<(), StoreError> {
    let until = moment(until);
    connection.execute("put a run off", LATER, &[run.0.into(), (&until).into()]).await.map(drop)
}

/// How often a run has lost its worker, and how many others did of late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
struct Lost(i64, i64);

impl Lost {
    const fn is_too_often(self) -> bool {
        self.0 >= if self.1 > LOST_OTHERS { LOST_AMONG_OTHERS_MAX } else { LOST_MAX }
    }

    /// Before it is begun again.
    fn pause(self) -> SignedDuration {
        let at = usize::try_from(self.0 - 1).unwrap_or_default().min(LOST_PAUSES.len() - 1);
        SignedDuration::from_secs(LOST_PAUSES[at])
    }
}

async fn lose(connection: &mut Connection, run: RunId, now: Timestamp) -> Result<Lost, StoreError> {
    let since = now.saturating_sub(SignedDuration::from_mins(LOST_MINUTES)).unwrap_or(Timestamp::MIN);
    let (now, since) = (moment(now), moment(since));
    let values = [run.0.into(), (&now).into(), (&since).into()];
    let lost: Option<Lost> = connection.row("count a lost worker", LOSE, &values).await?;
    Ok(lost.unwrap_or(Lost(LOST_AMONG_OTHERS_MAX, 0)))
}

/// The worker of an attempt gives no sign of life any more: the run waits again, or has failed for good.
pub(super) async fn lost(
    connection: &mut Connection,
    attempt: Attempt,
    now: Timestamp,
) -> Result<(), StoreError> {
    connection
        .transaction(async |connection| {
            // Under the number of the attempt, as all that is written for it: who has finished meanwhile has finished.
            let values = [attempt.run.0.into(), attempt.number.into()];
            if connection.execute("take a run from a lost worker", GIVE_BACK, &values).await? != 1 {
                return Ok(());
            }
            let lost = lose(connection, attempt.run, now).await?;
            if lost.is_too_often() {
                return fail(connection, attempt.run, lost, now).await;
            }
            put_off(connection, attempt.run, now.saturating_add(lost.pause()).unwrap_or(now)).await?;
            run::free(connection, attempt.run).await?;
            ring(connection).await
        })
        .await
}

const FAIL: Sql = Sql {
    postgres: "update run set state = 'failed', started_at = coalesce(started_at, $2::timestamptz),
                   finished_at = $2::timestamptz, exit_status = 2, message = $3
               where id = $1 and state = 'queued'",
    sqlite: "update run set state = 'failed', started_at = coalesce(started_at, $2), finished_at = $2, exit_status = 2,
                 message = $3
             where id = $1 and state = 'queued'",
};

async fn fail(
    connection: &mut Connection,
    run: RunId,
    Lost(lost, _): Lost,
    now: Timestamp,
) -> Result<(), StoreError> {
    let now = moment(now);
    let message = format!(
        "took its worker down {lost} times and is not tried again: look at the logs and the memory of the workers, \
         mend what is wrong there or in the feed, and submit it again"
    );
    connection.execute("give up a run", FAIL, &[run.0.into(), (&now).into(), (&message).into()]).await?;
    end(connection, run, Acceptance::Failed, None).await?;
    run::free(connection, run).await
}

/// Writes what a run came to beside its submission, if it has one: its bytes are not needed any more, and when it has
/// failed or was cancelled, the same may be submitted again.
pub(super) async fn end(
    connection: &mut Connection,
    run: RunId,
    acceptance: Acceptance,
    summary: Option<&str>,
) -> Result<(), StoreError> {
    let values = [run.0.into(), summary.into(), i64::from(is_known_again(acceptance)).into()];
    connection.execute("end a submission", END, &values).await.map(drop)
}

/// Ends a run, frees its sources and ends its submission, if it has one; fails when it is another attempt's by now, or
/// was taken over.
pub(super) async fn finish(
    connection: &mut Connection,
    attempt: Attempt,
    now: Timestamp,
    end: RunEnd<'_>,
) -> Result<(), StoreError> {
    match connection.kind() {
        DatabaseKind::Postgres => finish_within(connection, attempt, now, end).await,
        DatabaseKind::Sqlite => {
            let finish =
                async |connection: &mut Connection| finish_within(connection, attempt, now, end).await;
            connection.transaction(finish).await
        }
    }
}

/// The same, in a transaction that is under way.
pub(super) async fn finish_within(
    connection: &mut Connection,
    attempt: Attempt,
    now: Timestamp,
    end: RunEnd<'_>,
) -> Result<(), StoreError> {
    let now = moment(now);
    let values = [
        attempt.run.0.into(),
        attempt.number.into(),
        RunState::of(end.acceptance).as_str().into(),
        (&now).into(),
        i64::from(end.acceptance.exit_status()).into(),
        end.message.into(),
        end.summary.into(),
        i64::from(is_known_again(end.acceptance)).into(),
    ];
    let ended: Option<RunId> = connection.row("end the run", FINISH, &values).await?;
    ended.map(drop).ok_or(StoreError::LeaseLost { run: attempt.run.0 })
}

/// Whether the same, submitted again, is the same run.
const fn is_known_again(acceptance: Acceptance) -> bool {
    !matches!(acceptance, Acceptance::Failed | Acceptance::Cancelled)
}

/// Cancels a run that waits, or asks the worker of one that runs.
pub(super) async fn cancel(
    connection: &mut Connection,
    run: RunId,
    now: Timestamp,
    decision: &Decision,
) -> Result<Cancelling, StoreError> {
    connection
        .transaction(async |connection| {
            let cancelling = try_cancel(connection, run, now).await?;
            if matches!(cancelling, Cancelling::Done | Cancelling::Asked) {
                let object = run.to_string();
                audit::note(connection, now, decision, AuditAction::RunCancel, &object, None).await?;
            }
            Ok(cancelling)
        })
        .await
}

async fn try_cancel(
    connection: &mut Connection,
    run: RunId,
    now: Timestamp,
) -> Result<Cancelling, StoreError> {
    let now = moment(now);
    if connection.execute("cancel a run", CANCEL_QUEUED, &[run.0.into(), (&now).into()]).await? == 1 {
        end(connection, run, Acceptance::Cancelled, None).await?;
        return Ok(Cancelling::Done);
    }
    let found: Option<(RunState, bool)> =
        connection.row("look how a run stands", STATE, &[run.0.into()]).await?;
    match found {
        None => Ok(Cancelling::Unknown),
        Some((state, _)) if state.is_final() => Ok(Cancelling::Ended(state)),
        Some((_, false)) => Ok(Cancelling::NotSubmitted),
        Some((_, true)) => {
            let asked = connection.execute("ask to cancel a run", ASK, &[run.0.into()]).await?;
            Ok(if asked == 1 { Cancelling::Asked } else { Cancelling::AskedBefore })
        }
    }
}

/// How much waits now.
pub(super) async fn standing(
    connection: &mut Connection,
    now: Timestamp,
) -> Result<QueueStanding, StoreError> {
    let now = moment(now);
    let standing = connection.row("look at the queue", STANDING, &[(&now).into()]).await?;
    Ok(standing.unwrap_or_default())
}

/// Names in the spool that are still needed.
pub(super) async fn spooled(connection: &mut Connection) -> Result<Vec<String>, StoreError> {
    connection.rows("list what is in the spool", SPOOLED, &[]).await
}

/// Removes what was submitted with runs that ended before a moment, of at most so many runs; says of how many. They
/// are looked for first: on SQLite, others may write meanwhile.
pub(super) async fn forget(
    connection: &mut Connection,
    before: Timestamp,
    runs_max: u32,
) -> Result<u64, StoreError> {
    let before = moment(before);
    let values = [(&before).into(), i64::from(runs_max).into()];
    let old: Vec<RunId> = connection.rows("look for old submissions", OLD, &values).await?;
    if old.is_empty() {
        return Ok(0);
    }
    let runs = serde_json::to_string(&old).expect("numbers are JSON");
    connection.execute("forget old submissions", FORGET, &[(&runs).into()]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(lost: i64, others: i64, too_often: bool) {
        assert_eq!(Lost(lost, others).is_too_often(), too_often, "{lost} times, {others} others");
    }

    #[test]
    fn lost_max() {
        case(LOST_MAX - 1, 0, false);
        case(LOST_MAX, 0, true);
        case(LOST_MAX, LOST_OTHERS, true);
    }

    #[test]
    fn a_run_is_not_to_blame_when_others_lose_their_workers_too() {
        case(LOST_MAX, LOST_OTHERS + 1, false);
        case(LOST_AMONG_OTHERS_MAX - 1, 100, false);
        case(LOST_AMONG_OTHERS_MAX, 100, true);
    }

    #[test]
    fn the_more_often_the_later_it_is_begun_again() {
        assert_eq!([1, 2, 3, 9].map(|lost| Lost(lost, 9).pause().as_secs()), [2, 5, 10, 10]);
    }
}
