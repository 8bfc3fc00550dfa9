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
use crate::config::DatabaseKind;
use std::time::Duration;

/// How long the session of a killed program may take to end; a server that is busy with its last
/// statement notices only after it.
const DEAD_SESSION_SECONDS_MAX: u64 = 30;
/// How often to look.
const LOOK_MS: u64 = 50;

const ADVISORY: Sql = Sql {
    postgres: "select pg_try_advisory_lock(hashtextextended('feedgate source ' || $1, 0))::text",
    sqlite: "select 'true' where $1 is not null",
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
        DatabaseKind::Postgres => advisory(connection, source, run).await,
        DatabaseKind::Sqlite => {
            connection.begin().await?;
            let result = leased(connection, source, run).await;
            match &result {
                Ok(()) => connection.commit().await?,
                Err(_) => connection.rollback().await,
            }
            result
        }
    }
}

async fn advisory(connection: &mut Connection, source: &str, run: RunId) -> Result<(), StoreError> {
    for _ in 0..=DEAD_SESSION_SECONDS_MAX * 1000 / LOOK_MS {
        let taken: Option<bool> = connection.row("lock a source", ADVISORY, &[source.into()]).await?;
        if taken == Some(true) {
            let values = [source.into(), run.0.into()];
            return connection.execute("note who imports a source", TAKE, &values).await.map(drop);
        }
        if let Some(locked) = holder(connection, source, run).await? {
            return Err(locked);
        }
        // Nobody alive holds it: the session that does is about to end.
        tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
    }
    Err(StoreError::Locked { source_name: source.to_owned(), run: 0, owner: "another session".to_owned() })
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
