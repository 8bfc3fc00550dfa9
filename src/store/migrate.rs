//! Migrations, built into the program: one folder per dialect, the same numbers with the same meaning.

use super::connection::Connection;
use super::error::{self, StoreError};
use super::sql::Sql;
use super::waiting;
use crate::config::DatabaseKind;
use serde::Deserialize;
use sqlx::migrate::{Migration, Migrator};
use std::fmt::Write;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

/// How long to wait for another program that makes the tables.
const ALONE_SECONDS_MAX: u64 = 60;
/// How often to look.
const ALONE_LOOK_MS: u64 = 20;

static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");
static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");

const ENCODING: Sql = Sql {
    postgres: "select to_json(current_setting('server_encoding'))::text",
    // Whatever it is, its library turns texts into what is asked for.
    sqlite: "select '\"UTF8\"'",
};
const TABLE_EXISTS: Sql = Sql {
    postgres: "select (to_regclass('_sqlx_migrations') is not null)::text",
    sqlite: "select case count(*) when 0 then 'false' else 'true' end
             from sqlite_master where type = 'table' and name = '_sqlx_migrations'",
};
const APPLIED: Sql = Sql {
    postgres: "select jsonb_build_object(
                 'version', version, 'success', success, 'checksum', encode(checksum, 'hex'))::text
               from _sqlx_migrations order by version",
    sqlite: "select json_object(
                 'version', version, 'success', json(iif(success, 'true', 'false')), 'checksum', lower(hex(checksum)))
             from _sqlx_migrations order by version",
};

/// How far the tables of a database are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tables {
    /// feedgate has never been here.
    None,
    /// Migrations are wanted.
    Behind {
        /// The last one that was applied.
        at: i64,
        /// The first one that was not.
        lacks: i64,
    },
    /// As this program makes them.
    Current,
}

/// How far the tables of a database were found to be, and how far this program takes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TablesFound {
    /// How far they were.
    pub tables: Tables,
    /// The last migration of this program.
    pub known: i64,
}

/// A migration as the database has it.
#[derive(Deserialize)]
struct Applied {
    version: i64,
    success: bool,
    /// SHA-384 of its text, in hexadecimal digits.
    checksum: String,
}

impl Applied {
    /// Whether it is, whole, what this program would do.
    fn is(&self, migration: &Migration) -> bool {
        self.success && self.checksum == hex(&migration.checksum)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writes to memory");
        text
    })
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

/// Brings the tables up to date; refuses a database that a newer program has been at. Tables that are current are only
/// looked at: that takes no lock, and no right to make anything.
pub(super) async fn run(connection: &mut Connection) -> Result<TablesFound, StoreError> {
    let found = inspect(connection).await?;
    if found.tables != Tables::Current {
        let database = connection.database().to_owned();
        let migrated = connection.migrate(&POSTGRES, &SQLITE);
        let result = waiting::patiently("the tables", &database, migrated).await;
        result.map_err(|source| error::of_migration(connection.database(), found.known, source))?;
    }
    Ok(found)
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

/// What is found where there is nothing.
pub(super) fn none(kind: DatabaseKind) -> TablesFound {
    TablesFound { tables: Tables::None, known: newest(migrator(kind)) }
}

/// Looks without changing anything; an error when a newer program has been there, or one of other migrations.
pub(super) async fn inspect(connection: &mut Connection) -> Result<TablesFound, StoreError> {
    check_encoding(connection).await?;
    let exists: Option<bool> = connection.row("look for its tables", TABLE_EXISTS, &[]).await?;
    if exists != Some(true) {
        return Ok(none(connection.kind()));
    }
    let applied: Vec<Applied> = connection.rows("look for its migrations", APPLIED, &[]).await?;
    let migrator = migrator(connection.kind());
    let tables = standing(connection.database(), migrator, &applied)?;
    Ok(TablesFound { tables, known: newest(migrator) })
}

/// A server changes or loses characters that the encoding of a database lacks, or takes bytes for others.
async fn check_encoding(connection: &mut Connection) -> Result<(), StoreError> {
    let encoding: Option<String> = connection.row("ask for its encoding", ENCODING, &[]).await?;
    match encoding {
        Some(encoding) if encoding != "UTF8" => {
            Err(StoreError::Encoding { database: connection.database().to_owned(), encoding })
        }
        _ => Ok(()),
    }
}

/// How far tables are to which these migrations were applied, in their order.
fn standing(database: &str, migrator: &Migrator, applied: &[Applied]) -> Result<Tables, StoreError> {
    let (database, known) = (database.to_owned(), newest(migrator));
    let Some(last) = applied.last() else { return Ok(Tables::None) };
    if let Some(newer) = applied.iter().find(|each| each.version > known) {
        return Err(StoreError::Newer { database, found: newer.version, known });
    }
    let ours = |version| migrator.iter().find(|migration| migration.version == version);
    if let Some(other) = applied.iter().find(|each| !ours(each.version).is_some_and(|own| each.is(own))) {
        return Err(StoreError::MigrationDiffers { database, version: other.version });
    }
    let is_applied = |version| applied.iter().any(|each| each.version == version);
    let missing = migrator.iter().find(|migration| !is_applied(migration.version));
    Ok(missing.map_or(Tables::Current, |missing| Tables::Behind { at: last.version, lacks: missing.version }))
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
