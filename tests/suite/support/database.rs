//! Fresh databases: every scenario runs on SQLite, and on PostgreSQL when `FEEDGATE_TEST_POSTGRES` names a server.

use feedgate::config::{DatabaseKind, DatabaseUrl};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};
use std::io::Write;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

/// Names the server: an address of a database whose account may make others.
const SERVER: &str = "FEEDGATE_TEST_POSTGRES";

/// A database of a scenario's own, gone after it.
pub(crate) struct TestDatabase {
    pub(crate) url: DatabaseUrl,
    /// Holds the SQLite file.
    pub(crate) folder: tempfile::TempDir,
}

impl TestDatabase {
    pub(crate) fn kind(&self) -> DatabaseKind {
        self.url.kind()
    }

    /// The first column of every row, as text.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self.kind() {
            DatabaseKind::Postgres => {
                let mut connection =
                    PgConnection::connect(self.url.secret()).await.expect("the server answers");
                let rows = sqlx::query(sql).fetch_all(&mut connection).await.expect("the query is right");
                rows.iter().map(|row| row.get::<Option<String>, _>(0).unwrap_or_default()).collect()
            }
            DatabaseKind::Sqlite => {
                let mut connection =
                    SqliteConnection::connect(self.url.secret()).await.expect("the file opens");
                let rows = sqlx::query(sql).fetch_all(&mut connection).await.expect("the query is right");
                rows.iter().map(|row| row.get::<Option<String>, _>(0).unwrap_or_default()).collect()
            }
        }
    }

    /// The only number a query gives back.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let rows = self.texts(&format!("select cast(({sql}) as text)")).await;
        rows.first().and_then(|text| text.parse().ok()).expect("a query for a number gives back one")
    }

    /// Runs a statement.
    pub(crate) async fn execute(&self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        match self.kind() {
            DatabaseKind::Postgres => {
                let mut connection =
                    PgConnection::connect(self.url.secret()).await.expect("the server answers");
                sqlx::raw_sql(sql).execute(&mut connection).await.expect("the statement is right");
            }
            DatabaseKind::Sqlite => {
                let mut connection =
                    SqliteConnection::connect(self.url.secret()).await.expect("the file opens");
                sqlx::raw_sql(sql).execute(&mut connection).await.expect("the statement is right");
            }
        }
    }

    /// The rows of a table, every column of them, in the order of their first column.
    pub(crate) async fn rows_of(&self, table: &str) -> Vec<String> {
        match self.kind() {
            DatabaseKind::Postgres => {
                self.texts(&format!("select to_jsonb(t)::text from {table} t order by 1")).await
            }
            DatabaseKind::Sqlite => {
                let columns = format!(
                    "select '''' || name || ''', quote(' || name || ')' from pragma_table_info('{table}')"
                );
                let columns = self.texts(&columns).await.join(", ");
                self.texts(&format!("select json_object({columns}) from {table} order by 1")).await
            }
        }
    }

    /// All that a shop sees, as one text: equal texts, equal shops. Ids and runs do not count.
    pub(crate) async fn shop(&self) -> String {
        let parts = [
            "select coalesce(source, '') || '|' || record_reference || '|' || title || '|'
                || coalesce(cast(withdrawn_at is not null as text), '') || '|' || cast(attributes as text)
                || '|' || coalesce(cast(pages as text), '') || '|' || coalesce(cast(stock as text), '')
             from product order by source, record_reference",
            "select p.source || '|' || p.record_reference || '|' || cast(i.position as text) || '|'
                || kind || '|' || value
             from product_identifier i join product p on p.id = i.product_id
             order by p.source, p.record_reference, i.position",
            "select p.source || '|' || p.record_reference || '|' || cast(c.position as text) || '|'
                || role || '|' || name
             from product_contributor c join product p on p.id = c.product_id
             order by p.source, p.record_reference, c.position",
            "select p.source || '|' || p.record_reference || '|' || cast(c.position as text) || '|'
                || cast(amount as text)
             from product_price c join product p on p.id = c.product_id
             order by p.source, p.record_reference, c.position",
        ];
        let mut whole = String::new();
        for part in parts {
            whole.push_str(&self.texts(part).await.join("\n"));
            whole.push_str("\n--\n");
        }
        whole
    }
}

/// Runs a scenario on every database there is, each time on a fresh one.
#[expect(clippy::needless_pass_by_value, reason = "a scenario is written in place")]
pub(crate) fn on_each(scenario: impl AsyncFn(&TestDatabase)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        scenario(&sqlite()).await;
        if let Some(database) = postgres().await {
            scenario(&database).await;
            drop_postgres(&database).await;
        }
    });
}

/// A SQLite file that is not there yet.
pub(crate) fn sqlite() -> TestDatabase {
    let folder = tempfile::tempdir().expect("a folder for a test");
    let url = format!("sqlite://{}", folder.path().join("feedgate.db").display());
    TestDatabase { url: url.parse().expect("an address"), folder }
}

/// A new database on the server, if there is a server.
pub(crate) async fn postgres() -> Option<TestDatabase> {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let Ok(server) = std::env::var(SERVER) else {
        say_what_is_left_out();
        return None;
    };
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let name = format!("feedgate_test_{}_{number}", std::process::id());
    let mut connection = PgConnection::connect(&server).await.expect("the test server answers");
    let create = AssertSqlSafe(format!("create database {name} template template0"));
    sqlx::raw_sql(create).execute(&mut connection).await.expect("the test account may make databases");
    let url = renamed(&server, &name);
    let folder = tempfile::tempdir().expect("a folder for a test");
    Some(TestDatabase { url: url.parse().expect("an address"), folder })
}

/// The address with another database name.
pub(crate) fn renamed(server: &str, name: &str) -> String {
    let (address, query) = server.split_once('?').map_or((server, ""), |(address, query)| (address, query));
    let host = address.rsplit_once('/').expect("an address names a database").0;
    if query.is_empty() { format!("{host}/{name}") } else { format!("{host}/{name}?{query}") }
}

/// Drops a database of the server.
pub(crate) async fn drop_postgres(database: &TestDatabase) {
    let server = std::env::var(SERVER).expect("asked for before");
    let address = database.url.secret().split('?').next().expect("a split has a first part");
    let name = address.rsplit('/').next().expect("a split has a first part");
    let mut connection = PgConnection::connect(&server).await.expect("the test server answers");
    let statement = AssertSqlSafe(format!("drop database {name} with (force)"));
    sqlx::raw_sql(statement).execute(&mut connection).await.expect("a test's database can be dropped");
}

fn say_what_is_left_out() {
    static ONCE: Once = Once::new();
    // Written past the capture of test output: it is meant to be seen when all is well.
    ONCE.call_once(|| {
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: all scenarios on PostgreSQL, {SERVER} is not set; `tests/run.sh` runs them"
        );
    });
}
