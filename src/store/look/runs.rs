//! Runs: newest first, with what was asked for, how far they are and what they came to.

use crate::store::Store;
use crate::store::asked::Asked;
use crate::store::connection::Connection;
use crate::store::error::StoreError;
use crate::store::run::{Counts, RunId};
use crate::store::sql::Sql;
use serde::{Deserialize, Serialize};

/// Feeds of a run that are told with it, the first ones.
pub const RUN_FEEDS_MAX: i64 = 5;

/// Which runs to list.
#[derive(Clone, Copy, Debug)]
pub struct RunFilter<'a> {
    /// Only in this state, as the tables write it; `queued` and `held` among them.
    pub state: Option<&'a str>,
    /// Only those that were asked for this source, or read a feed of it.
    pub source: Option<&'a str>,
    /// What whoever asks may see: only those of this source.
    pub visible_source: Option<&'a str>,
    /// Only those older than this one: the last of the page before.
    pub before: Option<RunId>,
    /// At most so many.
    pub limit: u32,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunProgress {
    /// Bytes read, as they were delivered.
    pub bytes: u64,
    /// Records read.
    pub records: u64,
    /// Records refused.
    pub refused: u64,
}

/// A feed that a run has read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFeed {
    /// Its number.
    pub id: i64,
    /// The sender.
    pub source: String,
    /// Name of the feed.
    pub feed: String,
    /// Format and version.
    pub format: String,
    /// What became of it.
    pub state: String,
    /// What it came to, in a word; `None` for feeds of older versions.
    pub acceptance: Option<String>,
}

/// A run with all that is known of it. Moments are UTC, `2026-11-23T04:03:51.123Z`. What was submitted is `None` where
/// a command started it, or it was forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Its number.
    pub id: RunId,
    /// How it stands, as the tables write it.
    pub state: String,
    /// `import` or `check`.
    pub mode: Option<String>,
    /// Who submitted it: name of a token, empty where nobody had to say.
    pub token: Option<String>,
    /// When it was submitted.
    pub received_at: Option<String>,
    /// When somebody began to work on it.
    pub started_at: Option<String>,
    /// When it ended.
    pub finished_at: Option<String>,
    /// How often it was begun.
    pub attempt: i64,
    /// How often whoever worked on it was lost.
    pub lost: u64,
    /// Somebody asked to end it.
    pub cancel_asked: bool,
    /// What it waits behind others for.
    pub lane: Option<String>,
    /// The source that was asked for, or that its header names.
    pub source: Option<String>,
    /// Name of the feed that was submitted.
    pub feed: Option<String>,
    /// The format that was asked for.
    pub format: Option<String>,
    /// Bytes that were submitted.
    pub bytes: Option<u64>,
    /// SHA-256 of them, hexadecimal.
    pub digest: Option<String>,
    /// What it came to.
    pub exit_status: Option<u8>,
    /// Why it failed.
    pub message: Option<String>,
    /// Trace it belongs to.
    pub trace_id: Option<String>,
    /// Trace of the submission, as its header said.
    pub traceparent: Option<String>,
    /// The run that it rolled back.
    pub rolls_back: Option<RunId>,
    /// The run that rolled it back.
    pub rolled_back_by: Option<RunId>,
    /// Feeds read.
    pub feeds: u64,
    /// Those of them that could not be read.
    pub feeds_unread: u64,
    /// Those of them that were held.
    pub feeds_held: u64,
    /// Sources that they are of.
    pub sources: u64,
    /// The first of them, at most [`RUN_FEEDS_MAX`]; only those that whoever asks may see.
    pub read: Vec<RunFeed>,
    /// It has to do with sources that whoever asks may not see: its reports and counts tell of them, too.
    pub has_others: bool,
    /// How far it is.
    pub progress: RunProgress,
    /// What became of the records.
    pub counts: Counts,
    /// What it came to in full, JSON.
    pub summary: Option<String>,
    /// Forms of the reports that are kept.
    pub reports: Vec<String>,
}

/// `$1` the source that may be seen, or null; `$2` how many feeds.
const RUNS: Sql = Sql {
    postgres: "select json_build_object('id', r.id, 'state', r.state, 'mode', s.mode, 'token', s.token,
            'received_at', to_char(s.received_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
            'started_at', to_char(r.started_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
            'finished_at', to_char(r.finished_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
            'attempt', r.attempt, 'lost', coalesce(s.lost, 0), 'cancel_asked', coalesce(s.cancel_asked, false),
            'lane', r.lane, 'source', s.source, 'feed', s.feed, 'format', s.format, 'bytes', s.bytes,
            'digest', encode(s.digest, 'hex'), 'exit_status', r.exit_status, 'message', r.message,
            'trace_id', r.trace_id, 'traceparent', s.traceparent, 'rolls_back', r.rolls_back,
            'rolled_back_by', r.rolled_back_by, 'feeds', r.feeds,
            'feeds_unread', greatest(0, r.feeds - (select count(*) from feed_version f
                where f.run_id = r.id and coalesce(f.acceptance, '') <> 'failed')),
            'feeds_held', (select count(*) from feed_version f where f.run_id = r.id and f.acceptance = 'held'),
            'sources', (select count(distinct f.source) from feed_version f where f.run_id = r.id),
            'read', coalesce((select json_agg(json_build_object('id', v.id, 'source', v.source, 'feed', v.feed,
                    'format', v.format, 'state', v.state, 'acceptance', v.acceptance) order by v.id)
                from (select * from feed_version f where f.run_id = r.id and ($1::text is null or f.source = $1)
                      order by f.id limit $2) v), '[]'),
            'has_others', $1::text is not null and (coalesce(s.source <> $1, false) or exists
                (select 1 from feed_version v where v.run_id = r.id and v.source <> $1)),
            'progress', json_build_object('bytes', coalesce(s.progress_bytes, 0),
                'records', coalesce(s.progress_records, 0), 'refused', coalesce(s.progress_refused, 0)),
            'counts', json_build_object('bytes', r.bytes, 'records', r.records, 'inserted', r.inserted,
                'updated', r.updated, 'unchanged', r.unchanged, 'withdrawn', r.withdrawn, 'refused', r.refused,
                'stale', r.stale, 'notices', r.notices, 'warnings', r.warnings, 'errors', r.errors,
                'fatals', r.fatals),
            'summary', s.summary,
            'reports', coalesce((select json_agg(p.form order by p.form) from run_report p
                where p.run_id = r.id and p.position = 0), '[]'))::text
        from run r left join submission s on s.run_id = r.id
        where {where} order by r.id desc limit {limit}",
    sqlite: "select json_object('id', r.id, 'state', r.state, 'mode', s.mode, 'token', s.token,
            'received_at', s.received_at, 'started_at', r.started_at, 'finished_at', r.finished_at,
            'attempt', r.attempt, 'lost', coalesce(s.lost, 0),
            'cancel_asked', json(iif(s.cancel_asked, 'true', 'false')),
            'lane', r.lane, 'source', s.source, 'feed', s.feed, 'format', s.format, 'bytes', s.bytes,
            'digest', iif(s.digest is null, null, lower(hex(s.digest))), 'exit_status', r.exit_status,
            'message', r.message, 'trace_id', r.trace_id, 'traceparent', s.traceparent, 'rolls_back', r.rolls_back,
            'rolled_back_by', r.rolled_back_by, 'feeds', r.feeds,
            'feeds_unread', max(0, r.feeds - (select count(*) from feed_version f
                where f.run_id = r.id and coalesce(f.acceptance, '') <> 'failed')),
            'feeds_held', (select count(*) from feed_version f where f.run_id = r.id and f.acceptance = 'held'),
            'sources', (select count(distinct f.source) from feed_version f where f.run_id = r.id),
            'read', json((select json_group_array(json_object('id', v.id, 'source', v.source, 'feed', v.feed,
                    'format', v.format, 'state', v.state, 'acceptance', v.acceptance))
                from (select * from feed_version f where f.run_id = r.id and ($1 is null or f.source = $1)
                      order by f.id limit $2) v)),
            'has_others', json(iif($1 is not null and (coalesce(s.source <> $1, false) or exists
                (select 1 from feed_version v where v.run_id = r.id and v.source <> $1)), 'true', 'false')),
            'progress', json_object('bytes', coalesce(s.progress_bytes, 0),
                'records', coalesce(s.progress_records, 0), 'refused', coalesce(s.progress_refused, 0)),
            'counts', json_object('bytes', r.bytes, 'records', r.records, 'inserted', r.inserted,
                'updated', r.updated, 'unchanged', r.unchanged, 'withdrawn', r.withdrawn, 'refused', r.refused,
                'stale', r.stale, 'notices', r.notices, 'warnings', r.warnings, 'errors', r.errors,
                'fatals', r.fatals),
            'summary', s.summary,
            'reports', json((select json_group_array(p.form) from
                (select form from run_report where run_id = r.id and position = 0 order by form) p)))
        from run r left join submission s on s.run_id = r.id
        where {where} order by r.id desc limit {limit}",
};
/// `$1` run, `$2` the source that may be seen, or null; `$3` behind which feed, `$4` how many.
const READ: Sql = Sql {
    postgres: "select json_build_object('id', f.id, 'source', f.source, 'feed', f.feed, 'format', f.format,
                   'state', f.state, 'acceptance', f.acceptance)::text
               from feed_version f where f.run_id = $1 and ($2::text is null or f.source = $2) and f.id > $3
               order by f.id limit $4",
    sqlite: "select json_object('id', f.id, 'source', f.source, 'feed', f.feed, 'format', f.format,
                 'state', f.state, 'acceptance', f.acceptance)
             from feed_version f where f.run_id = $1 and ($2 is null or f.source = $2) and f.id > $3
             order by f.id limit $4",
};
const COUNT: Sql = Sql {
    postgres: "select count(*)::text from run r left join submission s on s.run_id = r.id where {where}",
    sqlite: "select cast(count(*) as text) from run r left join submission s on s.run_id = r.id where {where}",
};
const BEFORE: Sql = Sql::both("r.id < {0}");
const STATE: Sql = Sql::both("r.state = {0}");
const ONE: Sql = Sql::both("r.id = {0}");
/// The last few numbers of a source's runs, of those that fit.
macro_rules! walk {
    ($fits:literal) => {
        concat!(
            "select run_id from (select run_id from submission s where source = {0} and run_id < {1}",
            $fits,
            " order by run_id desc limit {2}) asked
             union select run_id from (select distinct run_id from feed_version s where source = {0} and run_id < {1}",
            $fits,
            " order by run_id desc limit {2}) found"
        )
    };
}

/// `{0}` source, `{1}` before, `{2}` how many are enough. PostgreSQL takes an array first and a set when it likes: it
/// would walk all runs for a source that has few.
const WALK: Sql = Sql {
    postgres: concat!("r.id = any(array(", walk!(""), "))"),
    sqlite: concat!("r.id in (", walk!(""), ")"),
};
/// The same, `{3}` state.
const WALK_STATE: Sql = Sql {
    postgres: concat!(
        "r.id = any(array(",
        walk!(" and exists (select 1 from run q where q.id = s.run_id and q.state = {3})"),
        "))"
    ),
    sqlite: concat!(
        "r.id in (",
        walk!(" and exists (select 1 from run q where q.id = s.run_id and q.state = {3})"),
        ")"
    ),
};
const OF_SOURCE: Sql = Sql::both(
    "(s.source = {0} or exists (select 1 from feed_version v where v.run_id = r.id and v.source = {0}))",
);

/// `$1` the run: how many that changed something came after it; none where what was before it is not kept.
const FOLLOWERS: Sql = Sql {
    postgres: "select (select count(*) from rollback_point l where l.place > p.place)::text
               from rollback_point p where p.run_id = $1",
    sqlite: "select cast((select count(*) from rollback_point l where l.place > p.place) as text)
             from rollback_point p where p.run_id = $1",
};

impl Store {
    /// How many runs have changed something after this one; `None` where it cannot be rolled back, as what was there
    /// before it is not kept.
    pub async fn followers(&self, run: RunId) -> Result<Option<u64>, StoreError> {
        let look = async |connection: &mut Connection| {
            connection.row("look what can be rolled back", FOLLOWERS, &[run.0.into()]).await
        };
        self.pool.run(look).await
    }

    /// Runs that fit, newest first, with all that is known of them.
    pub async fn run_records(&self, filter: RunFilter<'_>) -> Result<Vec<RunRecord>, StoreError> {
        self.pool.run(async |connection| runs(connection, filter).await).await
    }

    /// How many runs fit, whatever the limit.
    pub async fn run_record_count(&self, filter: RunFilter<'_>) -> Result<u64, StoreError> {
        let count = async |connection: &mut Connection| {
            let filter = RunFilter { limit: u32::MAX, ..filter };
            fitting(Asked::of(&[]), filter).count(connection, "count runs", COUNT).await
        };
        self.pool.run(count).await
    }

    /// Feeds of a run behind one of them, in the order they were read: at most so many, of those that whoever asks may
    /// see.
    pub async fn run_feeds(
        &self,
        run: RunId,
        visible_source: Option<&str>,
        behind: i64,
        limit: u32,
    ) -> Result<Vec<RunFeed>, StoreError> {
        let values = [run.0.into(), visible_source.into(), behind.into(), i64::from(limit).into()];
        let list =
            async |connection: &mut Connection| connection.rows("list feeds of a run", READ, &values).await;
        self.pool.run(list).await
    }

    /// One run with all that is known of it; `None` as well when whoever asks may not see it.
    pub async fn run_record(
        &self,
        run: RunId,
        visible_source: Option<&str>,
    ) -> Result<Option<RunRecord>, StoreError> {
        self.pool.run(async |connection| self::run(connection, run, visible_source).await).await
    }
}

/// Runs that fit, newest first.
async fn runs(connection: &mut Connection, filter: RunFilter<'_>) -> Result<Vec<RunRecord>, StoreError> {
    let asked = fitting(asked(filter.visible_source), filter);
    asked.rows(connection, "list runs", RUNS, filter.limit).await
}

fn fitting<'a>(asked: Asked<'a>, filter: RunFilter<'a>) -> Asked<'a> {
    let RunFilter { state, source, visible_source, before, limit } = filter;
    let (walked, other) = match (source, visible_source) {
        (Some(source), Some(visible)) if source != visible => (Some(source), Some(visible)),
        (source, visible) => (source.or(visible), None),
    };
    // The last few of the source are enough, however many there are, unless some of them are not to be seen.
    let enough = if other.is_none() { i64::from(limit) } else { i64::MAX };
    let before = before.map_or(i64::MAX, |run| run.0);
    let asked = asked.and(BEFORE, &[before.into()]);
    let asked = match (walked, state) {
        (Some(source), Some(state)) => {
            asked.and(WALK_STATE, &[source.into(), before.into(), enough.into(), state.into()])
        }
        (Some(source), None) => asked.and(WALK, &[source.into(), before.into(), enough.into()]),
        (None, state) => asked.and_if(STATE, state),
    };
    asked.and_if(OF_SOURCE, other)
}

/// One run, if whoever asks may see it.
async fn run(
    connection: &mut Connection,
    run: RunId,
    visible_source: Option<&str>,
) -> Result<Option<RunRecord>, StoreError> {
    let asked = asked(visible_source).and(ONE, &[run.0.into()]).and_if(OF_SOURCE, visible_source);
    Ok(asked.rows(connection, "show a run", RUNS, 1).await?.pop())
}

fn asked(visible_source: Option<&str>) -> Asked<'_> {
    Asked::of(&[visible_source.into(), RUN_FEEDS_MAX.into()])
}
