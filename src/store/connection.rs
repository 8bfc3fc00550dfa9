//! One session with either database, spoken to in SQL text and plain values.
//!
//! Every operation of the store is one [`Sql`]: the statement in both dialects, side by side, so that
//! one can be held against the other. Rows come back as JSON text that the database itself builds, and are
//! read into our types by serde: one way of decoding for both.
//!
//! A session is owned, not pooled: temporary tables and advisory locks belong to it and end with it, also
//! when the program is killed.

use super::error::{self, StoreError};
use crate::config::{DatabaseKind, DatabaseUrl};
use futures_util::TryStreamExt;
use serde::de::DeserializeOwned;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _, Row, SqlSafeStr, SqlStr};
use std::str::FromStr;
use std::time::Duration;

/// How long a server may take to answer a connection attempt.
const CONNECT_SECONDS_MAX: u64 = 10;
/// How long SQLite waits for another writer.
const BUSY_SECONDS_MAX: u64 = 60;
/// SQLite's page cache, in KiB (a negative pragma value means KiB).
const SQLITE_CACHE_KIB: &str = "-8192";

/// A statement in both dialects.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sql {
    pub(super) postgres: &'static str,
    pub(super) sqlite: &'static str,
}

impl Sql {
    /// A statement that both databases read alike.
    pub(super) const fn both(text: &'static str) -> Self {
        Self { postgres: text, sqlite: text }
    }
}

/// A parameter of a statement.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'a> {
    Int(i64),
    Text(&'a str),
    OptionalText(Option<&'a str>),
    Bytes(&'a [u8]),
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(value: Option<&'a str>) -> Self {
        Self::OptionalText(value)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Bytes(value)
    }
}

/// What stands behind a session.
#[derive(Debug)]
enum Link {
    Postgres(Box<PgConnection>),
    Sqlite(Box<SqliteConnection>),
}

/// A session with a database.
#[derive(Debug)]
pub(super) struct Connection {
    link: Link,
    database: String,
}

/// Whether a SQLite file may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Absent {
    Create,
    Refuse,
}

impl Connection {
    /// Opens a session.
    pub(super) async fn open(url: &DatabaseUrl, absent: Absent) -> Result<Self, StoreError> {
        let attempt = async {
            match url.kind() {
                DatabaseKind::Postgres => Ok(Link::Postgres(Box::new(
                    postgres_options(url)?.connect().await.map_err(|e| error::of_connect(url, e))?,
                ))),
                DatabaseKind::Sqlite => {
                    let options = sqlite_options(url)?.create_if_missing(absent == Absent::Create);
                    Ok(Link::Sqlite(Box::new(
                        options.connect().await.map_err(|e| error::of_connect(url, e))?,
                    )))
                }
            }
        };
        let link = match tokio::time::timeout(Duration::from_secs(CONNECT_SECONDS_MAX), attempt).await {
            Ok(link) => link?,
            Err(elapsed) => {
                return Err(StoreError::Unreachable { database: url.to_string(), source: Box::new(elapsed) });
            }
        };
        Ok(Self { link, database: url.to_string() })
    }

    /// Which database it is.
    pub(super) fn kind(&self) -> DatabaseKind {
        match self.link {
            Link::Postgres(_) => DatabaseKind::Postgres,
            Link::Sqlite(_) => DatabaseKind::Sqlite,
        }
    }

    /// The address, without its secrets.
    pub(super) fn database(&self) -> &str {
        &self.database
    }

    /// The statement in this database's dialect.
    pub(super) fn dialect(&self, sql: Sql) -> &'static str {
        match self.link {
            Link::Postgres(_) => sql.postgres,
            Link::Sqlite(_) => sql.sqlite,
        }
    }

    /// Runs a statement; gives back how many rows it touched.
    pub(super) async fn execute(
        &mut self,
        doing: &'static str,
        sql: Sql,
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        let text = self.dialect(sql).into_sql_str();
        let result = match &mut self.link {
            Link::Postgres(link) => {
                bound_postgres(text, values).execute(link.as_mut()).await.map(|done| done.rows_affected())
            }
            Link::Sqlite(link) => {
                bound_sqlite(text, values).execute(link.as_mut()).await.map(|done| done.rows_affected())
            }
        };
        result.map_err(|source| error::of_query(&self.database, doing, source))
    }

    /// Runs several statements without parameters.
    pub(super) async fn script(&mut self, doing: &'static str, sql: Sql) -> Result<(), StoreError> {
        let text = sqlx::raw_sql(self.dialect(sql));
        let result = match &mut self.link {
            Link::Postgres(link) => text.execute(link.as_mut()).await.map(drop),
            Link::Sqlite(link) => text.execute(link.as_mut()).await.map(drop),
        };
        result.map_err(|source| error::of_query(&self.database, doing, source))
    }

    /// Runs a query whose rows are one JSON text each, and hands them over one by one.
    pub(super) async fn each<T: DeserializeOwned>(
        &mut self,
        doing: &'static str,
        text: SqlStr,
        values: &[Value<'_>],
        mut take: impl FnMut(T) + Send,
    ) -> Result<(), StoreError> {
        let mut unreadable = None;
        let mut read = |row: &str| match serde_json::from_str(row) {
            Ok(row) => take(row),
            Err(source) => unreadable = Some(source),
        };
        let result = match &mut self.link {
            Link::Postgres(link) => each_postgres(bound_postgres(text, values), link, &mut read).await,
            Link::Sqlite(link) => each_sqlite(bound_sqlite(text, values), link, &mut read).await,
        };
        result.map_err(|source| error::of_query(&self.database, doing, source))?;
        match unreadable {
            None => Ok(()),
            Some(source) => Err(StoreError::Row { database: self.database.clone(), doing, source }),
        }
    }

    /// The rows of a query, collected.
    pub(super) async fn rows<T: DeserializeOwned + Send>(
        &mut self,
        doing: &'static str,
        sql: Sql,
        values: &[Value<'_>],
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        let text = self.dialect(sql).into_sql_str();
        self.each(doing, text, values, |row| found.push(row)).await?;
        Ok(found)
    }

    /// The only row of a query that gives back one.
    pub(super) async fn row<T: DeserializeOwned + Send>(
        &mut self,
        doing: &'static str,
        sql: Sql,
        values: &[Value<'_>],
    ) -> Result<Option<T>, StoreError> {
        Ok(self.rows(doing, sql, values).await?.into_iter().next())
    }

    /// Sends rows by `COPY … FROM STDIN`. PostgreSQL only.
    pub(super) async fn copy(
        &mut self,
        doing: &'static str,
        statement: &'static str,
        rows: &[u8],
    ) -> Result<(), StoreError> {
        let Link::Postgres(link) = &mut self.link else { panic!("only PostgreSQL copies") };
        let result = async {
            let mut copy = link.copy_in_raw(statement).await?;
            if let Err(error) = copy.send(rows).await {
                copy.abort("the rows could not be sent").await?;
                return Err(error);
            }
            copy.finish().await.map(drop)
        };
        result.await.map_err(|source| error::of_query(&self.database, doing, source))
    }

    /// Begins a transaction; on SQLite one that may write from the start.
    pub(super) async fn begin(&mut self) -> Result<(), StoreError> {
        self.script("begin a transaction", Sql { postgres: "begin", sqlite: "begin immediate" }).await
    }

    /// Makes everything since [`begin`](Self::begin) stand.
    pub(super) async fn commit(&mut self) -> Result<(), StoreError> {
        self.script("commit a transaction", Sql::both("commit")).await
    }

    /// Takes everything since [`begin`](Self::begin) back. What fails here fails because the session is
    /// gone, and then the database takes it back by itself.
    pub(super) async fn rollback(&mut self) {
        let _ = self.script("roll back a transaction", Sql::both("rollback")).await;
    }

    /// Runs this database's migrations.
    pub(super) async fn migrate(
        &mut self,
        postgres: &sqlx::migrate::Migrator,
        sqlite: &sqlx::migrate::Migrator,
    ) -> Result<(), sqlx::migrate::MigrateError> {
        match &mut self.link {
            Link::Postgres(link) => postgres.run(link.as_mut()).await,
            Link::Sqlite(link) => sqlite.run(link.as_mut()).await,
        }
    }

    /// Ends the session in good order.
    pub(super) async fn close(self) {
        let _ = match self.link {
            Link::Postgres(link) => link.close().await,
            Link::Sqlite(link) => link.close().await,
        };
    }
}

fn postgres_options(url: &DatabaseUrl) -> Result<PgConnectOptions, StoreError> {
    let options = PgConnectOptions::from_str(url.secret()).map_err(|source| address(url, source))?;
    Ok(options.application_name("feedgate").disable_statement_logging())
}

pub(super) fn sqlite_options(url: &DatabaseUrl) -> Result<SqliteConnectOptions, StoreError> {
    let options = SqliteConnectOptions::from_str(url.secret()).map_err(|source| address(url, source))?;
    Ok(options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(Duration::from_secs(BUSY_SECONDS_MAX))
        .foreign_keys(true)
        .pragma("temp_store", "file")
        .pragma("cache_size", SQLITE_CACHE_KIB)
        .disable_statement_logging())
}

fn address(url: &DatabaseUrl, source: sqlx::Error) -> StoreError {
    StoreError::Address { database: url.to_string(), source: Box::new(source) }
}

type PostgresQuery<'q> = sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments>;
type SqliteQuery<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

fn bound_postgres<'q>(text: SqlStr, values: &[Value<'q>]) -> PostgresQuery<'q> {
    values.iter().fold(sqlx::query(text), |query, value| match *value {
        Value::Int(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
        Value::OptionalText(value) => query.bind(value),
        Value::Bytes(value) => query.bind(value),
    })
}

fn bound_sqlite<'q>(text: SqlStr, values: &[Value<'q>]) -> SqliteQuery<'q> {
    values.iter().fold(sqlx::query(text), |query, value| match *value {
        Value::Int(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
        Value::OptionalText(value) => query.bind(value),
        Value::Bytes(value) => query.bind(value),
    })
}

async fn each_postgres(
    query: PostgresQuery<'_>,
    link: &mut PgConnection,
    keep: &mut (impl FnMut(&str) + Send),
) -> Result<(), sqlx::Error> {
    let mut rows = query.fetch(link);
    while let Some(row) = rows.try_next().await? {
        keep(row.try_get::<&str, _>(0)?);
    }
    Ok(())
}

async fn each_sqlite(
    query: SqliteQuery<'_>,
    link: &mut SqliteConnection,
    keep: &mut (impl FnMut(&str) + Send),
) -> Result<(), sqlx::Error> {
    let mut rows = query.fetch(link);
    while let Some(row) = rows.try_next().await? {
        keep(row.try_get::<&str, _>(0)?);
    }
    Ok(())
}
