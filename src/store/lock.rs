//! One import of a source at a time.
//!
//! On PostgreSQL an advisory lock of the session decides: it goes with the session, however that ends. On
//! SQLite the row in `lease` decides, and a row of a run that is not running any more counts for nothing. Both write
//! the row, so that whoever has to wait learns for whom.
//!
//! The lock is on the source, not on the feed: what is staged was compared with the source's products as they
//! stood when it was taken, and nobody else may change them before it is applied.

use super::connection::Connection;
use super::error::StoreError;
use super::owner::Owner;
use super::run::RunId;
use super::sql::Sql;
use super::waiting;
use crate::config::DatabaseKind;
use std::time::Duration;

/// How long the session of a killed program may take to end; a server that is busy with its last
/// statement notices only after it.
const DEAD_SESSION_SECONDS_MAX: u64 = 30;
/// After how long it is ended by us, when it does not end by itself.
const END_SECONDS: u64 = 2;
/// How often to look.
const LOOK_MS: u64 = 50;

/// Takes the source if nobody alive has it, and notes for whom.
const TAKE_FREE: Sql = Sql {
    postgres: "with locked as materialized
            (select pg_try_advisory_lock(hashtextextended('feedgate source ' || $1, 0)) as is_ours),
        noted as (insert into lease (source, run_id) select $1, $2 from locked where is_ours
            on conflict (source) do update set run_id = excluded.run_id)
        select is_ours::text from locked",
    sqlite: "insert into lease (source, run_id)
        select $1, $2 where not exists (select 1 from lease l join run r on r.id = l.run_id
            where l.source = $1 and r.state = 'running' and r.id <> $2)
        on conflict (source) do update set run_id = excluded.run_id
        returning 'true'",
};
const FREE: Sql = Sql { postgres: "select pg_advisory_unlock_all()", sqlite: "select 1" };
/// Ends sessions that hold a source for a run that nobody works on any more: their program is stopped, or cannot be
/// reached. What they had not committed is taken back.
const END_HOLDER: Sql = Sql {
    postgres: "select pg_terminate_backend(l.pid)::text
               from pg_locks l, hashtextextended('feedgate source ' || $1, 0) as key
               where l.locktype = 'advisory' and l.granted and l.objsubid = 1
                   and l.database = (select oid from pg_database where datname = current_database())
                   and l.classid::bigint = (key >> 32) & 4294967295 and l.objid::bigint = key & 4294967295
                   and l.pid <> pg_backend_pid()",
    sqlite: "select 'true' where $1 is null",
};
const HOLDER: Sql = Sql {
    postgres: "select json_build_array(r.id, r.lease_owner)::text
               from lease l join run r on r.id = l.run_id
               where l.source = $1 and r.state = 'running' and r.id <> $2",
    sqlite: "select json_array(r.id, r.lease_owner)
             from lease l join run r on r.id = l.run_id
             where l.source = $1 and r.state = 'running' and r.id <> $2",
};
const TAKE: Sql = Sql::both(
    "insert into lease (source, run_id) values ($1, $2)
     on conflict (source) do update set run_id = excluded.run_id",
);

/// Takes the source for a run, or says who has it.
pub(super) async fn source(connection: &mut Connection, source: &str, run: RunId) -> Result<(), StoreError> {
    match connection.kind() {
        DatabaseKind::Postgres => {
            let (lock, database) = (format!("`{source}`"), connection.database().to_owned());
            waiting::patiently(&lock, &database, advisory(connection, source, run)).await
        }
        DatabaseKind::Sqlite if take_free(connection, source, run).await? => Ok(()),
        DatabaseKind::Sqlite => {
            connection.transaction(async |connection| leased(connection, source, run).await).await
        }
    }
}

async fn advisory(connection: &mut Connection, source: &str, run: RunId) -> Result<(), StoreError> {
    for look in 0..=DEAD_SESSION_SECONDS_MAX * 1000 / LOOK_MS {
        if take_free(connection, source, run).await? {
            return Ok(());
        }
        if let Some(locked) = holder(connection, source, run).await? {
            return Err(locked);
        }
        // Nobody alive holds it: the session that does is about to end.
        if look == END_SECONDS * 1000 / LOOK_MS {
            let _: Vec<bool> =
                connection.rows("end the session of a dead run", END_HOLDER, &[source.into()]).await?;
        }
        tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
    }
    Err(StoreError::Locked { source_name: source.to_owned(), run: 0, owner: "another session".to_owned() })
}

async fn take_free(connection: &mut Connection, source: &str, run: RunId) -> Result<bool, StoreError> {
    let taken: Option<bool> =
        connection.row("lock a source", TAKE_FREE, &[source.into(), run.0.into()]).await?;
    Ok(taken == Some(true))
}

/// Frees what the session holds; rows are those of the run, and freed with it.
pub(super) async fn free_all(connection: &mut Connection) -> Result<(), StoreError> {
    match connection.kind() {
        DatabaseKind::Postgres => connection.execute("free all sources", FREE, &[]).await.map(drop),
        DatabaseKind::Sqlite => Ok(()),
    }
}

async fn leased(connection: &mut Connection, source: &str, run: RunId) -> Result<(), StoreError> {
    if let Some(locked) = holder(connection, source, run).await? {
        return Err(locked);
    }
    let values = [source.into(), run.0.into()];
    connection.execute("note who imports a source", TAKE, &values).await.map(drop)
}

/// The error that names who holds the source, if somebody alive does.
async fn holder(
    connection: &mut Connection,
    source: &str,
    run: RunId,
) -> Result<Option<StoreError>, StoreError> {
    let values = [source.into(), run.0.into()];
    let holder: Option<(i64, String)> = connection.row("ask who imports a source", HOLDER, &values).await?;
    Ok(holder.filter(|(_, owner)| !Owner::is_gone(owner)).map(|(run, owner)| StoreError::Locked {
        source_name: source.to_owned(),
        run,
        owner,
    }))
}
