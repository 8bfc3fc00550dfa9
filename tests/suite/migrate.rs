//! `feedgate migrate`, and what an account needs that may not.

use crate::cli::{Call, Desk, repository};
use crate::guard::approval::{Shop, feed};
use crate::support::database::{TestDatabase, drop_postgres, on_each, postgres};
use crate::support::service::{Service, client, sent};
use feedgate::config::DatabaseKind;
use sqlx::migrate::Migrator;
use sqlx::{Connection, PgConnection, SqliteConnection};
use std::fs;

/// The migrations as they stand in the repository.
async fn migrations(kind: DatabaseKind) -> Migrator {
    let folder = match kind {
        DatabaseKind::Postgres => "migrations/postgres",
        DatabaseKind::Sqlite => "migrations/sqlite",
    };
    Migrator::new(repository(folder)).await.expect("the migrations are there")
}

/// The number of the last migration.
async fn newest(kind: DatabaseKind) -> i64 {
    migrations(kind).await.iter().map(|migration| migration.version).max().expect("there are some")
}

/// Makes the tables of an older program.
async fn make_until(database: &TestDatabase, version: i64) {
    let (migrations, url) = (migrations(database.kind()).await, database.url.secret());
    let done = match database.kind() {
        DatabaseKind::Postgres => {
            let mut connection = PgConnection::connect(url).await.expect("the server answers");
            migrations.run_to(version, &mut connection).await
        }
        DatabaseKind::Sqlite => {
            let mut connection =
                SqliteConnection::connect(&format!("{url}?mode=rwc")).await.expect("it opens");
            migrations.run_to(version, &mut connection).await
        }
    };
    done.expect("the migrations run");
}

fn call(database: &TestDatabase, arguments: &[&str]) -> Call {
    let mut all = arguments.to_vec();
    all.extend(["--database", database.url.secret()]);
    Desk::new().call(&all)
}

#[test]
fn tables_are_made_once_and_looked_at_without_a_change() {
    on_each(async |database| {
        let newest = newest(database.kind()).await;
        let check = || call(database, &["migrate", "--check"]);
        check().ends(1).prints(&["there are no tables", &format!("makes those of migration {newest}\n")]);
        assert!(!database.folder.path().join("feedgate.db").exists(), "a check makes no file");
        let current = format!("the tables are current, at migration {newest}\n");
        call(database, &["migrate"])
            .ends(0)
            .prints(&[&format!("the tables are made, at migration {newest}\n")]);
        call(database, &["migrate"]).ends(0).prints(&[&current]);
        check().ends(0).prints(&[&current]);
        call(database, &["runs"]).ends(0).prints(&["no runs yet"]);
    });
}

#[test]
fn tables_of_an_older_program_are_told_and_brought_up_to_date() {
    on_each(async |database| {
        let newest = newest(database.kind()).await;
        let before = newest - 1;
        make_until(database, before).await;
        let check = || call(database, &["migrate", "--check"]);
        check()
            .ends(1)
            .prints(&[&format!("at migration {before}; `feedgate migrate` brings them to {newest}\n")]);
        call(database, &["runs"])
            .ends(2)
            .tells(&[&format!("lacks migration {newest}: run `feedgate migrate`")]);
        check().ends(1);
        call(database, &["migrate"])
            .ends(0)
            .prints(&[&format!("the tables were at migration {before} and are at {newest} now\n")]);
        check().ends(0);
        call(database, &["runs"]).ends(0);
    });
}

#[test]
fn what_cannot_be_migrated_is_told() {
    on_each(async |database| {
        call(database, &["migrate"]).ends(0);
        let both = |part: &str| {
            for arguments in [&["migrate"][..], &["migrate", "--check"]] {
                call(database, arguments).ends(2).tells(&[part]);
            }
        };
        database.execute("update _sqlx_migrations set success = false where version = 3").await;
        both("migration 3 of the database");
        database.execute("update _sqlx_migrations set success = true where version = 3").await;
        let other = match database.kind() {
            DatabaseKind::Postgres => "'\\x00'::bytea",
            DatabaseKind::Sqlite => "x'00'",
        };
        database.execute(&format!("update _sqlx_migrations set checksum = {other} where version = 2")).await;
        both("migration 2 of the database");
        call(database, &["import", "a.xml"]).ends(2);
        database.execute("update _sqlx_migrations set version = 9000 where version = 2").await;
        both("has migration 9000, this program knows none beyond");
    });
    let desk = Desk::new();
    for arguments in [&["migrate"][..], &["migrate", "--check"]] {
        let nobody = [arguments, &["--database", "postgres://nobody@127.0.0.1:1/shop"]].concat();
        desk.call(&nobody).ends(2).tells(&["cannot reach the database"]);
    }
}

/// What README says that an administrator runs.
fn grants() -> String {
    let readme = fs::read_to_string(repository("README.md")).expect("there is one");
    let section = readme.split("\n## Two accounts for PostgreSQL\n").nth(1).expect("a section");
    let block = section.split("```sql\n").nth(1).and_then(|rest| rest.split("```").next());
    block.expect("a block of SQL").to_owned()
}

/// The two accounts of README, of names that no other test has.
struct Accounts {
    owner: String,
    run: String,
}

impl Accounts {
    /// Makes them as README says, where everybody else may do as little as can be.
    async fn make(database: &TestDatabase) -> Self {
        let name = name(database);
        let (owner, run) = (format!("{name}_owner"), format!("{name}_run"));
        database.execute(&format!("revoke all on database {name} from public")).await;
        let grants = grants();
        for said in ["database shop ", "feedgate_owner", "feedgate_run"] {
            assert!(grants.contains(said), "README says `{said}` no more");
        }
        let grants = grants
            .replace("database shop ", &format!("database {name} "))
            .replace("feedgate_owner", &owner)
            .replace("feedgate_run", &run);
        database.execute(&grants).await;
        for account in [&owner, &run] {
            database.execute(&format!("alter role {account} password 'geheim'")).await;
        }
        Self { owner, run }
    }

    /// The database as an account reaches it.
    fn of(database: &TestDatabase, account: &str) -> TestDatabase {
        let (_, rest) = database.url.secret().split_once("://").expect("an address");
        let place = rest.split_once('@').map_or(rest, |(_, place)| place);
        let url = format!("postgres://{account}:geheim@{place}").parse().expect("an address");
        TestDatabase { url, folder: tempfile::tempdir().expect("a folder for a test") }
    }

    async fn drop(self, database: &TestDatabase) {
        let Self { owner, run } = self;
        // One after the other: what is dropped with the one is not looked for twice.
        for account in [&run, &owner] {
            database.execute(&format!("drop owned by {account} cascade")).await;
        }
        database.execute(&format!("drop role {owner}, {run}")).await;
    }
}

fn name(database: &TestDatabase) -> String {
    let address = database.url.secret().split('?').next().expect("a split has a first part");
    address.rsplit('/').next().expect("an address names a database").to_owned()
}

#[expect(clippy::needless_pass_by_value, reason = "a scenario is written in place")]
fn on_postgres(scenario: impl AsyncFn(&TestDatabase, &Accounts)) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let Some(database) = postgres().await else { return };
        let accounts = Accounts::make(&database).await;
        scenario(&database, &accounts).await;
        accounts.drop(&database).await;
        drop_postgres(&database).await;
    });
}

/// Refused records, a held feed and what becomes of both, a rollback, tokens.
fn decides(shop: &Shop<'_>) {
    shop.import(&feed(2, 60, "1000.00")).ends(3);
    shop.call(&["held", "list"]).ends(0).prints(&["Verlag A", "guard.price_jump"]);
    let (id, plan) = shop.held();
    shop.call(&["held", "release", &id, "--plan", &plan, "--reason", "asked them"]).ends(0);
    let refused = fs::read_to_string(repository("samples/catalogue/faults/bad-gtin.xml")).expect("a sample");
    shop.import(&refused).ends(1);
    shop.call(&["quarantine", "list"]).ends(0).prints(&["the check digit of"]);
    shop.call(&["quarantine", "replay", "1"]).ends(1).prints(&["still refused"]);
    shop.call(&["quarantine", "discard", "1"]).ends(0);
    let run = shop.call(&["runs"]).ends(0).stdout.lines().count() - 2;
    assert!(run >= 3, "{run} runs");
    shop.call(&["rollback", "1", "--undo-later"]).ends(0);
    shop.call(&["token", "create", "ci", "--scope", "read"]).ends(0);
    shop.call(&["token", "revoke", "ci", "--reason", "lost"]).ends(0);
    shop.call(&["audit"]).ends(0).prints(&[
        "held.release",
        "quarantine.discard",
        "run.rollback",
        "token.revoke",
    ]);
}

#[test]
fn an_account_that_may_make_no_tables_does_everything_else() {
    on_postgres(async |database, accounts| {
        call(&Accounts::of(database, &accounts.owner), &["migrate"]).ends(0).prints(&["the tables are made"]);
        let running = Accounts::of(database, &accounts.run);
        call(&running, &["migrate", "--check"]).ends(0);
        call(&running, &["migrate"]).ends(0).prints(&["the tables are current"]);
        decides(&Shop::new(&running));
        let service = Service::start(&running, &[]);
        let (status, body) = sent(client().get(format!("http://{}/readyz", service.admin))).await;
        assert_eq!(status, 200, "{body}");
        assert!(service.stop().success());
        let sql = "select tablename from pg_tables where schemaname = 'public' and tableowner <> ";
        let others = database.texts(&format!("{sql}'{}'", accounts.owner)).await;
        assert!(others.is_empty(), "not the owner's: {others:?}");
    });
}

#[test]
fn an_account_that_may_make_no_tables_is_told_who_has_to() {
    on_postgres(async |database, accounts| {
        let running = Accounts::of(database, &accounts.run);
        let refused = |arguments: &[&str]| {
            call(&running, arguments)
                .ends(2)
                .tells(&["run `feedgate migrate` with an account that may create tables"])
        };
        let feed = repository("samples/catalogue/good.xml").display().to_string();
        let import = ["import", feed.as_str()];
        refused(&import);
        refused(&["migrate"]);
        call(&running, &["migrate", "--check"]).ends(1).prints(&["there are no tables"]);
        let owning = Accounts::of(database, &accounts.owner);
        let newest = newest(DatabaseKind::Postgres).await;
        make_until(&owning, newest - 1).await;
        refused(&import);
        refused(&["migrate"]);
        refused(&["token", "create", "ci", "--scope", "read"]);
        call(&running, &["runs"])
            .ends(2)
            .tells(&["run `feedgate migrate` with an account that may create tables"]);
        call(&owning, &["migrate"]).ends(0);
        call(&running, &import).ends(0);
    });
}
