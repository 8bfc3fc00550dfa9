//! One session with either database, spoken to in SQL text and plain values.
//!
//! Every operation of the store is one [`Sql`]. Rows come back as JSON text that the database itself builds, and
//! are read into our types by serde: one way of decoding for both.

use super::error::{self, StoreError};
use super::sql::Sql;
use super::waiting;
use crate::config::{DatabaseKind, DatabaseUrl};
use futures_util::TryStreamExt;
use serde::de::DeserializeOwned;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _, Row, SqlSafeStr, SqlStr};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// How long a server may take to answer a connection attempt.
const CONNECT_SECONDS_MAX: u64 = 10;
/// How long a connection that was idle may take to show that it still stands.
const ANSWER_SECONDS_MAX: u64 = 2;
/// How long SQLite waits for another writer.
const BUSY_SECONDS_MAX: u64 = 60;
/// SQLite's page cache, in KiB (a negative pragma value means KiB).
const SQLITE_CACHE_KIB: &str = "-8192";

/// A parameter of a statement.
#[derive(Clone, Copy, Debug)]
pub(super) enum Parameter<'a> {
    Int(i64),
    Text(&'a str),
    OptionalText(Option<&'a str>),
    Bytes(&'a [u8]),
}

impl From<i64> for Parameter<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl<'a> From<&'a str> for Parameter<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for Parameter<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<Option<&'a str>> for Parameter<'a> {
    fn from(value: Option<&'a str>) -> Self {
        Self::OptionalText(value)
    }
}

impl<'a> From<&'a [u8]> for Parameter<'a> {
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
                DatabaseKind::Sqlite => Ok(Link::Sqlite(Box::new(sqlite(url, absent).await?))),
            }
        };
        let link = in_time(url, attempt).await?;
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

    /// Whether the other side still answers.
    pub(super) async fn answers(&mut self) -> bool {
        let ping = async {
            match &mut self.link {
                Link::Postgres(link) => link.ping().await,
                Link::Sqlite(link) => link.ping().await,
            }
        };
        matches!(tokio::time::timeout(Duration::from_secs(ANSWER_SECONDS_MAX), ping).await, Ok(Ok(())))
    }

    /// Runs a statement; gives back how many rows it touched.
    pub(super) async fn execute(
        &mut self,
        doing: &'static str,
        sql: Sql,
        values: &[Parameter<'_>],
    ) -> Result<u64, StoreError> {
        let text = sql.of(self.kind()).into_sql_str();
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
        let text = sqlx::raw_sql(sql.of(self.kind()));
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
        sql: Sql,
        values: &[Parameter<'_>],
        mut take: impl FnMut(T) + Send,
    ) -> Result<(), StoreError> {
        let text = sql.of(self.kind()).into_sql_str();
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
        values: &[Parameter<'_>],
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        self.each(doing, sql, values, |row| found.push(row)).await?;
        Ok(found)
    }

    /// The only row of a query that gives back one.
    pub(super) async fn row<T: DeserializeOwned + Send>(
        &mut self,
        doing: &'static str,
        sql: Sql,
        values: &[Parameter<'_>],
    ) -> Result<Option<T>, StoreError> {
        Ok(self.rows(doing, sql, values).await?.into_iter().next())
    }

    /// The only row of a transaction that is said whole: one statement on PostgreSQL, on SQLite a script from `begin`
    /// to `commit` whose statements share the parameters.
    pub(super) async fn whole<T: DeserializeOwned + Send>(
        &mut self,
        doing: &'static str,
        sql: Sql,
        values: &[Parameter<'_>],
    ) -> Result<Option<T>, StoreError> {
        let row = self.row(doing, sql, values).await;
        if row.is_err() && self.kind() == DatabaseKind::Sqlite {
            self.rollback().await;
        }
        row
    }

    /// Sends rows: as the lines of `COPY … FROM STDIN` on PostgreSQL, as the parameter of the statement on SQLite.
    pub(super) async fn send(&mut self, doing: &'static str, sql: Sql, rows: &str) -> Result<(), StoreError> {
        let Link::Postgres(link) = &mut self.link else {
            return self.execute(doing, sql, &[rows.into()]).await.map(drop);
        };
        let result = async {
            let mut copy = link.copy_in_raw(sql.postgres).await?;
            if let Err(error) = copy.send(rows.as_bytes()).await {
                copy.abort("the rows could not be sent").await?;
                return Err(error);
            }
            copy.finish().await.map(drop)
        };
        result.await.map_err(|source| error::of_query(&self.database, doing, source))
    }

    /// Begins a transaction; on SQLite one that may write from the start.
    pub(super) async fn begin(&mut self) -> Result<(), StoreError> {
        let database = self.database.clone();
        let begun = self.script("begin a transaction", Sql { postgres: "begin", sqlite: "begin immediate" });
        waiting::patiently("the right to write", &database, begun).await
    }

    /// Makes everything since [`begin`](Self::begin) stand.
    pub(super) async fn commit(&mut self) -> Result<(), StoreError> {
        let text = sqlx::raw_sql("commit");
        let result = match &mut self.link {
            Link::Postgres(link) => text.execute(link.as_mut()).await.map(drop),
            Link::Sqlite(link) => text.execute(link.as_mut()).await.map(drop),
        };
        result.map_err(|source| error::of_commit(&self.database, source))
    }

    /// Takes everything since [`begin`](Self::begin) back. What fails here fails because the session is
    /// gone, and then the database takes it back by itself.
    pub(super) async fn rollback(&mut self) {
        let _ = self.script("roll back a transaction", Sql::both("rollback")).await;
    }

    /// Does work in one transaction: it stands whole, or not at all.
    pub(super) async fn transaction<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.begin().await?;
        match work(self).await {
            Ok(done) => self.commit().await.map(|()| done),
            Err(error) => {
                self.rollback().await;
                Err(error)
            }
        }
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

/// A session with a file. One that may only be read is opened for that, where nothing is to be made.
async fn sqlite(url: &DatabaseUrl, absent: Absent) -> Result<SqliteConnection, StoreError> {
    let options = sqlite_options(url)?.create_if_missing(absent == Absent::Create);
    let error = match options.connect().await {
        Ok(link) => return Ok(link),
        Err(error) => error::of_connect(url, error),
    };
    if absent == Absent::Create || !matches!(error, StoreError::File { .. } | StoreError::ReadOnly { .. }) {
        return Err(error);
    }
    let plain = plain_sqlite_options(url)?.read_only(true);
    // Beside a file in a folder that may not be written, the index of its journal cannot be made: then the file is read
    // as one that nobody changes, which is true where there is no journal.
    let journal = sidecar(plain.get_filename());
    let is_whole = std::fs::metadata(journal).map_or(true, |journal| journal.len() == 0);
    if let Ok(mut link) = plain.clone().connect().await
        && reads(&mut link).await
    {
        return Ok(link);
    }
    if is_whole { plain.immutable(true).connect().await.map_err(|_| error) } else { Err(error) }
}

/// Whether a file can be read, and not only opened.
async fn reads(link: &mut SqliteConnection) -> bool {
    sqlx::raw_sql("select count(*) from sqlite_master").execute(link).await.is_ok()
}

/// The file with the changes that are not in the database file yet.
fn sidecar(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// What comes of an attempt to connect, or that nobody answers.
pub(super) async fn in_time<T>(
    url: &DatabaseUrl,
    attempt: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let limit = Duration::from_secs(CONNECT_SECONDS_MAX);
    let unreachable =
        |elapsed| StoreError::Unreachable { database: url.to_string(), source: Box::new(elapsed) };
    tokio::time::timeout(limit, attempt).await.map_err(unreachable)?
}

/// Where a database is, as far as its address says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DatabasePlace {
    /// Its name: of a database of a server, or of the file.
    pub name: Option<String>,
    /// Host of the server, or the folder of its socket.
    pub host: Option<String>,
    /// Port of the server.
    pub port: Option<u16>,
}

impl DatabasePlace {
    /// Where the address leads to; nothing of it when it cannot be used.
    #[must_use]
    pub fn of(url: &DatabaseUrl) -> Self {
        match url.kind() {
            DatabaseKind::Postgres => postgres_options(url).map(|options| Self::of_server(&options)),
            DatabaseKind::Sqlite => sqlite_options(url).map(|options| Self::of_file(options.get_filename())),
        }
        .unwrap_or_default()
    }

    fn of_server(options: &PgConnectOptions) -> Self {
        let name = options.get_database().unwrap_or_else(|| options.get_username()).to_owned();
        match options.get_socket() {
            Some(socket) => Self { name: Some(name), host: Some(socket.display().to_string()), port: None },
            None => Self {
                name: Some(name),
                host: Some(options.get_host().to_owned()),
                port: Some(options.get_port()),
            },
        }
    }

    fn of_file(file: &Path) -> Self {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
        Self { name, ..Self::default() }
    }
}

fn postgres_options(url: &DatabaseUrl) -> Result<PgConnectOptions, StoreError> {
    let options = PgConnectOptions::from_str(url.secret()).map_err(|source| address(url, source))?;
    Ok(options.application_name("feedgate").disable_statement_logging())
}

pub(super) fn sqlite_options(url: &DatabaseUrl) -> Result<SqliteConnectOptions, StoreError> {
    let options = plain_sqlite_options(url)?;
    Ok(options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Normal))
}

/// What holds for a file that is only read as well.
fn plain_sqlite_options(url: &DatabaseUrl) -> Result<SqliteConnectOptions, StoreError> {
    let options = SqliteConnectOptions::from_str(url.secret()).map_err(|source| address(url, source))?;
    Ok(options
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

fn bound_postgres<'q>(text: SqlStr, values: &[Parameter<'q>]) -> PostgresQuery<'q> {
    values.iter().fold(sqlx::query(text), |query, value| match *value {
        Parameter::Int(value) => query.bind(value),
        Parameter::Text(value) => query.bind(value),
        Parameter::OptionalText(value) => query.bind(value),
        Parameter::Bytes(value) => query.bind(value),
    })
}

fn bound_sqlite<'q>(text: SqlStr, values: &[Parameter<'q>]) -> SqliteQuery<'q> {
    values.iter().fold(sqlx::query(text), |query, value| match *value {
        Parameter::Int(value) => query.bind(value),
        Parameter::Text(value) => query.bind(value),
        Parameter::OptionalText(value) => query.bind(value),
        Parameter::Bytes(value) => query.bind(value),
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
