//! Migrations, built into the program: one folder per dialect, the same numbers with the same meaning.

use super::connection::Connection;
use super::error::{self, StoreError};
use super::sql::Sql;
use crate::config::DatabaseKind;
use sqlx::migrate::{MigrateError, Migrator};

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
    let first = connection.migrate(&POSTGRES, &SQLITE).await;
    // SQLite has no lock around migrations: of two programs that make the same file at once, one
    // finds the tables made under its hands, and everything in order when it looks again.
    let result = match first {
        Err(MigrateError::Execute(_) | MigrateError::ExecuteMigration(..))
            if connection.kind() == DatabaseKind::Sqlite =>
        {
            connection.migrate(&POSTGRES, &SQLITE).await
        }
        other => other,
    };
    result.map_err(|source| error::of_migration(connection.database(), known, source))
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
