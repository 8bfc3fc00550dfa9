//! Migrations, built into the program: one folder per dialect, the same numbers with the same meaning.

use super::connection::Connection;
use super::error::{self, StoreError};
use super::sql::Sql;
use crate::config::DatabaseKind;
use sqlx::migrate::Migrator;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

/// How long to wait for another program that makes the tables.
const ALONE_SECONDS_MAX: u64 = 60;
/// How often to look.
const ALONE_LOOK_MS: u64 = 20;

static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");
static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");

const TABLE_EXISTS: Sql = Sql {
    postgres: "select (to_regclass('_sqlx_migrations') is not null)::text",
    sqlite: "select case count(*) when 0 then 'false' else 'true' end
             from sqlite_master where type = 'table' and name = '_sqlx_migrations'",
};
const APPLIED: Sql = Sql {
    postgres: "select version::text from _sqlx_migrations where success order by version",
    sqlite: "select cast(version as text) from _sqlx_migrations where success order by version",
};

/// How far the tables of a database are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// feedgate has never been here.
    Blank,
    /// As this program makes them.
    Current,
}

fn migrator(kind: DatabaseKind) -> &'static Migrator {
    match kind {
        DatabaseKind::Postgres => &POSTGRES,
        DatabaseKind::Sqlite => &SQLITE,
    }
}

/// The last migration built in.
fn newest(migrator: &Migrator) -> i64 {
    migrator.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// Brings the tables up to date; refuses a database that a newer program has been at.
pub(super) async fn run(connection: &mut Connection) -> Result<(), StoreError> {
    let known = newest(migrator(connection.kind()));
    let result = connection.migrate(&POSTGRES, &SQLITE).await;
    result.map_err(|source| error::of_migration(connection.database(), known, source))
}

/// Waits until nobody else makes tables in the folder of a SQLite file, where nothing else keeps programs apart that
/// make the same tables at once. It is the folder that is locked, and not the file, whose locks are SQLite's, and go
/// when any handle of it is closed. Without it, when the folder cannot be locked, and after [`ALONE_SECONDS_MAX`]:
/// then of two programs one finds the tables made under its hands, and says so.
pub(super) async fn alone(file: &Path) -> Option<File> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = File::open(folder).ok()?;
    for _ in 0..ALONE_SECONDS_MAX * 1000 / ALONE_LOOK_MS {
        match folder.try_lock() {
            Ok(()) => return Some(folder),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(Duration::from_millis(ALONE_LOOK_MS)).await,
            Err(TryLockError::Error(_)) => return None,
        }
    }
    None
}

/// Looks without changing anything; an error when the tables are not those of this program.
pub(super) async fn inspect(connection: &mut Connection) -> Result<Condition, StoreError> {
    let exists: Option<bool> = connection.row("look for its tables", TABLE_EXISTS, &[]).await?;
    if exists != Some(true) {
        return Ok(Condition::Blank);
    }
    let applied: Vec<i64> = connection.rows("look for its migrations", APPLIED, &[]).await?;
    let migrator = migrator(connection.kind());
    let known = newest(migrator);
    if let Some(&found) = applied.iter().find(|version| **version > known) {
        return Err(StoreError::Newer { database: connection.database().to_owned(), found, known });
    }
    match migrator.iter().find(|migration| !applied.contains(&migration.version)) {
        None => Ok(Condition::Current),
        Some(_) if applied.is_empty() => Ok(Condition::Blank),
        Some(missing) => {
            Err(StoreError::Older { database: connection.database().to_owned(), lacks: missing.version })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_dialects_have_the_same_numbers_and_names() {
        let listed = |migrator: &Migrator| {
            migrator.iter().map(|each| (each.version, each.description.to_string())).collect::<Vec<_>>()
        };
        assert_eq!(listed(&POSTGRES), listed(&SQLITE));
        assert!(!listed(&POSTGRES).is_empty());
    }
}
