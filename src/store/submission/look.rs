//! What is in the queue and in the spool, and what is old enough to go.

use crate::store::Store;
use crate::store::connection::Connection;
use crate::store::error::StoreError;
use crate::store::run::{RunId, moment};
use crate::store::sql::Sql;
use jiff::Timestamp;
use serde::Deserialize;

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

/// How much waits now.
async fn standing(connection: &mut Connection, now: Timestamp) -> Result<QueueStanding, StoreError> {
    let now = moment(now);
    let standing = connection.row("look at the queue", STANDING, &[(&now).into()]).await?;
    Ok(standing.unwrap_or_default())
}

/// Names in the spool that are still needed.
async fn spooled(connection: &mut Connection) -> Result<Vec<String>, StoreError> {
    connection.rows("list what is in the spool", SPOOLED, &[]).await
}

/// Removes what was submitted with runs that ended before a moment, of at most so many runs; says of how many. They
/// are looked for first: on SQLite, others may write meanwhile.
async fn forget(connection: &mut Connection, before: Timestamp, runs_max: u32) -> Result<u64, StoreError> {
    let before = moment(before);
    let values = [(&before).into(), i64::from(runs_max).into()];
    let old: Vec<RunId> = connection.rows("look for old submissions", OLD, &values).await?;
    if old.is_empty() {
        return Ok(0);
    }
    let runs = serde_json::to_string(&old).expect("numbers are JSON");
    connection.execute("forget old submissions", FORGET, &[(&runs).into()]).await
}
