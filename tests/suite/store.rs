//! The store's promises, on both databases.

use crate::support::database::{TestDatabase, on_each, postgres, renamed, sqlite};
use crate::support::products::{any_product, full, plain};
use feedgate::config::{DatabaseKind, DatabaseUrl};
use feedgate::judgement::{Acceptance, RecordContext};
use feedgate::product::{Facts, Fingerprint, Product, RecordReference};
use feedgate::store::{
    Batch, Counts, Decision, Digest, FeedState, FeedVersion, IdKind, Mark, Origin, QuarantineFilter,
    QuarantineState, RecordDate, Refused, RunEnd, RunId, RunState, Session, StagedAt, Store, StoreError,
    shop_columns,
};
use jiff::{SignedDuration, Timestamp};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestRunner};

const SOURCE: &str = "publisher.example";

fn now() -> Timestamp {
    "2026-11-23T04:00:00Z".parse().expect("a moment")
}

fn later(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

/// A run with a session that holds the source.
struct Work {
    store: Store,
    run: RunId,
    session: Session,
    batch: Batch,
    rows: feedgate::store::Rows,
    feed: i64,
    seq: i64,
}

impl Work {
    async fn begin(database: &TestDatabase) -> Self {
        let store = Store::open(&database.url).await.expect("the database opens");
        let run = store.begin_run(now(), later(60), None).await.expect("a run begins");
        let mut session = store.session(run).await.expect("a session begins");
        session.lock(SOURCE).await.expect("the source is free");
        let feed = session.allocate(IdKind::FeedVersion, 1).await.expect("an id")[0];
        let rows = session.rows();
        Self { store, run, session, batch: Batch::default(), rows, feed, seq: 0 }
    }

    fn at(&mut self) -> StagedAt<'static> {
        self.seq += 1;
        StagedAt { seq: self.seq, feed_version_id: self.feed, source: SOURCE }
    }

    /// Stages a new product; gives back its id.
    async fn insert(&mut self, product: &Product) -> i64 {
        let id = self.session.allocate(IdKind::Product, 1).await.expect("an id")[0];
        let at = self.at();
        self.rows.product(at, id, true, product, (Fingerprint([1; 16]), Facts::default(), RecordDate::NONE));
        id
    }

    fn update(&mut self, id: i64, product: &Product) {
        let at = self.at();
        self.rows.product(at, id, false, product, (Fingerprint([2; 16]), Facts::default(), RecordDate::NONE));
    }

    fn refuse(&mut self, reference: &str, bytes: &[u8]) {
        let reference = RecordReference::new(reference);
        let context =
            RecordContext { encoding: "UTF-8".into(), root: "catalogue".into(), ..Default::default() };
        let refused = Refused {
            feed: "feed.xml",
            format: "catalogue/1.0",
            profile_version: 1,
            context: &context,
            reference: reference.as_ref(),
            ordinal: 7,
            place: feedgate::xml::Place::default(),
            bytes,
            findings: &[],
        };
        let at = self.at();
        self.rows.refused(at, refused);
    }

    async fn apply(&mut self) -> Result<(), StoreError> {
        self.session.stage(&mut self.rows).await?;
        let mut batch = std::mem::take(&mut self.batch);
        batch.feeds.push(FeedVersion {
            id: self.feed,
            source: SOURCE.into(),
            feed: "feed.xml".into(),
            format: "catalogue/1.0".into(),
            profile_version: 1,
            message_number: None,
            place: Mark::default(),
            judged_by: None,
            digest: Some([7; 32]),
            state: FeedState::Applied,
            acceptance: Acceptance::Accepted,
            extent: None,
            standing: None,
            released_from: None,
            recognised_as: None,
            counts: Counts { records: 1, ..Counts::default() },
        });
        self.session.apply(&batch, now(), later(60)).await
    }

    /// Applies, ends the run and the session.
    async fn end(mut self) {
        self.apply().await.expect("the batch applies");
        let end = RunEnd { acceptance: Acceptance::Accepted, message: None, summary: None };
        self.store.finish_run(self.run, now(), end).await.expect("the run ends");
        self.session.close().await;
    }
}

#[test]
fn what_is_stored_is_loaded_again_unchanged() {
    on_each(async |database| {
        let mut runner = TestRunner::new_with_rng(
            Config::default(),
            proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
        );
        let products: Vec<Product> = (0..150)
            .map(|number| {
                let strategy = any_product(format!("p\\{number}\t\"ü\""));
                strategy.new_tree(&mut runner).expect("a product").current()
            })
            .collect();
        let mut work = Work::begin(database).await;
        for product in &products {
            work.insert(product).await;
        }
        work.session.stage(&mut work.rows).await.expect("the rows are taken");
        let references: Vec<&RecordReference> = products.iter().map(|product| &product.reference).collect();
        let staged = work.session.load(Origin::Staged, SOURCE, &references).await.expect("they load");
        work.apply().await.expect("the batch applies");
        let live = work.session.load(Origin::Live, SOURCE, &references).await.expect("they load");
        for product in &products {
            assert_eq!(staged.get(&product.reference), Some(product), "staged");
            assert_eq!(live.get(&product.reference), Some(product), "live");
        }
        let known = work.session.known(SOURCE).await.expect("fingerprints load");
        assert_eq!(known.products.len(), products.len());
        let first = known.products.get(&Digest::of_reference(references[0])).expect("the first is known");
        assert_eq!((first.fingerprint, first.withdrawn), (Fingerprint([1; 16]), false));
        let elsewhere = work.session.load(Origin::Live, "other", &references).await.expect("nothing loads");
        assert!(elsewhere.is_empty());
    });
}

/// Columns that statements name one by one: whose row it is, which feed and run wrote it, how it stands.
const NAMED_APART: &[&str] = &[
    "product.id",
    "product.source",
    "product.record_reference",
    "product.fingerprint",
    "product.facts",
    "product.withdrawn_at",
    "product.first_run",
    "product.last_changed_run",
    "product.feed_version_id",
    "product_identifier.product_id",
    "product_identifier.position",
    "product_contributor.product_id",
    "product_contributor.position",
    "product_price.product_id",
    "product_price.position",
    "quarantine.id",
    "quarantine.state",
    "quarantine.created_at",
    "quarantine.first_run",
    "quarantine.last_run",
    "quarantine.feed_version_id",
    "quarantine.resolved_at",
    "quarantine.source",
    "quarantine.record_reference",
    "quarantine.bytes",
    "quarantine.bytes_digest",
    "quarantine.mended",
    "product.changed_at",
];

#[test]
fn columns_of_the_shop_are_those_of_the_migrations() {
    on_each(async |database| {
        Store::open(&database.url).await.expect("the database opens");
        let tables =
            "(table_name like 'product%' or table_name = 'quarantine') and table_name not like '%_before'";
        let mut there = database
            .texts(&match database.kind() {
                DatabaseKind::Postgres => format!(
                    "select table_name || '.' || column_name || ' ' || data_type from information_schema.columns
                     where table_schema = 'public' and {tables}"
                ),
                DatabaseKind::Sqlite => format!(
                    "select table_name || '.' || name || ' ' || lower(type) from
                         (select name as table_name from sqlite_master where type = 'table' and {tables}),
                         pragma_table_info(table_name)"
                ),
            })
            .await;
        for apart in NAMED_APART {
            let before = there.len();
            there.retain(|column| column.split(' ').next() != Some(apart));
            assert_eq!(there.len(), before - 1, "the migrations make no column `{apart}`");
        }
        let mut filled: Vec<String> = shop_columns(database.kind())
            .into_iter()
            .map(|(table, column, holds)| format!("{table}.{column} {holds}"))
            .collect();
        there.sort();
        filled.sort();
        assert_eq!(filled, there, "left: what an import fills, right: what the migrations make");
    });
}

#[test]
fn nothing_stands_before_it_is_applied() {
    on_each(async |database| {
        let mut work = Work::begin(database).await;
        work.insert(&full("a", "A")).await;
        work.session.stage(&mut work.rows).await.expect("the rows are taken");
        assert_eq!(database.number("select count(*) from product").await, 0);
        work.session.close().await;
        assert_eq!(database.number("select count(*) from product").await, 0);
        assert_eq!(database.number("select count(*) from feed_version").await, 0);
    });
}

#[test]
fn a_product_is_inserted_updated_withdrawn_and_comes_back() {
    on_each(async |database| {
        let mut work = Work::begin(database).await;
        let id = work.insert(&full("a", "A")).await;
        work.end().await;

        let mut work = Work::begin(database).await;
        let changed = Product { contributors: Vec::new(), ..full("a", "A, second edition") };
        work.update(id, &changed);
        work.apply().await.expect("the batch applies");
        let loaded = work.session.load(Origin::Live, SOURCE, &[&changed.reference]).await.expect("it loads");
        assert_eq!(loaded.get(&changed.reference), Some(&changed));
        assert_eq!(database.number("select count(*) from product_identifier").await, 2);
        assert_eq!(database.number("select last_changed_run - first_run from product").await, 1);

        let at = work.at();
        work.rows.withdrawal(at, id);
        work.feed = work.session.allocate(IdKind::FeedVersion, 1).await.expect("an id")[0];
        work.apply().await.expect("the batch applies");
        assert_eq!(database.number("select count(*) from product where withdrawn_at is not null").await, 1);
        let known = work.session.known(SOURCE).await.expect("fingerprints load");
        assert!(known.products[&Digest::of_reference(&changed.reference)].withdrawn);

        work.update(id, &changed);
        work.feed = work.session.allocate(IdKind::FeedVersion, 1).await.expect("an id")[0];
        work.end().await;
        assert_eq!(database.number("select count(*) from product where withdrawn_at is null").await, 1);
        assert_eq!(database.number("select count(*) from product").await, 1);
    });
}

#[test]
fn of_two_records_with_one_reference_the_later_stands() {
    on_each(async |database| {
        let mut work = Work::begin(database).await;
        let id = work.insert(&full("a", "first")).await;
        let at = work.at();
        work.rows.withdrawal(at, id);
        let second = plain("a", "second");
        let at = work.at();
        work.rows.product(at, id, true, &second, (Fingerprint([3; 16]), Facts::default(), RecordDate::NONE));
        work.batch.overlaps = true;
        work.apply().await.expect("the batch applies");
        let loaded = work.session.load(Origin::Live, SOURCE, &[&second.reference]).await.expect("it loads");
        assert_eq!(loaded.get(&second.reference), Some(&second));
        assert_eq!(database.number("select count(*) from product where withdrawn_at is null").await, 1);
        assert_eq!(database.number("select count(*) from product_identifier").await, 0);
    });
}

#[test]
fn a_feed_is_dropped_from_its_first_row_on() {
    on_each(async |database| {
        let mut work = Work::begin(database).await;
        work.insert(&full("a", "A")).await;
        let first_of_second = work.seq + 1;
        work.insert(&full("b", "B")).await;
        work.refuse("c", b"<c/>");
        work.session.stage(&mut work.rows).await.expect("the rows are taken");
        work.session.unstage(first_of_second).await.expect("the rows are dropped");
        work.apply().await.expect("the batch applies");
        assert_eq!(database.texts("select record_reference from product").await, ["a"]);
        assert_eq!(database.number("select count(*) from product_identifier").await, 2);
        assert_eq!(database.number("select count(*) from quarantine").await, 0);
    });
}

#[test]
fn a_run_that_was_taken_over_cannot_apply() {
    on_each(async |database| {
        let mut work = Work::begin(database).await;
        work.insert(&full("a", "A")).await;
        // Another run begins when the lease of the first has expired.
        let second = work.store.begin_run(later(61), later(120), None).await.expect("a run begins");
        let error = work.apply().await.expect_err("the lease is lost");
        assert!(matches!(error, StoreError::LeaseLost { run } if run == work.run.0), "{error}");
        assert_eq!(database.number("select count(*) from product").await, 0);
        assert_eq!(database.number("select count(*) from feed_version").await, 0);
        let run = work.store.run(work.run).await.expect("it loads").expect("it is there");
        assert_eq!(run.state, RunState::Killed);
        assert_eq!(work.store.runs(10).await.expect("they load")[0].id, second);
    });
}

#[test]
fn one_import_of_a_source_at_a_time() {
    on_each(async |database| {
        let work = Work::begin(database).await;
        let run = work.store.begin_run(now(), later(60), None).await.expect("a run begins");
        let mut session = work.store.session(run).await.expect("a session begins");
        let error = session.lock(SOURCE).await.expect_err("the source is taken");
        assert!(matches!(error, StoreError::Locked { run, .. } if run == work.run.0), "{error}");
        session.lock("another.example").await.expect("another source is free");
        work.end().await;
        session.lock(SOURCE).await.expect("the source is free again");
    });
}

#[test]
fn a_source_held_by_a_killed_run_is_free_again() {
    on_each(async |database| {
        let work = Work::begin(database).await;
        let store = work.store.clone();
        // What remains of a killed program: the rows, but no session.
        drop(work);
        let run = store.begin_run(later(61), later(120), None).await.expect("a run begins");
        let mut session = store.session(run).await.expect("a session begins");
        session.lock(SOURCE).await.expect("the source is free");
    });
}

#[test]
fn refused_records_are_kept_once_and_superseded_by_later_ones() {
    on_each(async |database| {
        let entries = async |state| {
            let store = Store::open(&database.url).await.expect("the database opens");
            let filter = QuarantineFilter { state: Some(state), ..QuarantineFilter::default() };
            let found = store.quarantine(filter, 100).await.expect("it loads");
            found
                .into_iter()
                .map(|entry| (entry.reference.unwrap_or_default(), entry.last_run.0))
                .collect::<Vec<_>>()
        };
        let owned = |list: &[(&str, i64)]| {
            list.iter().map(|(key, run)| ((*key).to_owned(), *run)).collect::<Vec<_>>()
        };
        let mut work = Work::begin(database).await;
        work.refuse("a", b"<a>1</a>");
        work.refuse("b", b"<b>1</b>");
        work.refuse("c", b"<c>1</c>");
        work.refuse("", b"<x/>");
        work.end().await;
        assert_eq!(entries(QuarantineState::Open).await, owned(&[("a", 1), ("b", 1), ("c", 1), ("", 1)]));

        // The same bytes again, other bytes, accepted.
        let mut work = Work::begin(database).await;
        work.refuse("a", b"<a>1</a>");
        work.refuse("b", b"<b>2</b>");
        let at = work.at();
        work.rows.release(at, &RecordReference::new("c").expect("a key"));
        work.end().await;
        assert_eq!(entries(QuarantineState::Open).await, owned(&[("a", 2), ("b", 2), ("", 1)]));
        assert_eq!(entries(QuarantineState::Superseded).await, owned(&[("c", 1)]));

        // Refused and accepted in one batch: looked up later, but not open.
        let mut work = Work::begin(database).await;
        work.refuse("d", b"<d>1</d>");
        let at = work.at();
        work.rows.release(at, &RecordReference::new("d").expect("a key"));
        work.end().await;
        assert_eq!(entries(QuarantineState::Superseded).await, owned(&[("c", 1), ("d", 3)]));
    });
}

#[test]
fn a_record_in_quarantine_keeps_its_bytes_and_context() {
    on_each(async |database| {
        let bytes: Vec<u8> = (0..=255).collect();
        let mut work = Work::begin(database).await;
        work.refuse("a", &bytes);
        let store = work.store.clone();
        work.end().await;
        let record = store.quarantined(1).await.expect("it loads").expect("it is there");
        assert_eq!(record.bytes, bytes);
        assert_eq!(record.context.root, "catalogue");
        assert_eq!((record.entry.size, record.entry.ordinal), (256, 7));
        let nobody = Decision::new("cli", None).expect("it fits");
        assert!(store.discard(1, now(), &nobody).await.expect("it closes"));
        assert!(!store.discard(1, now(), &nobody).await.expect("nothing to close"));
        assert!(store.quarantined(2).await.expect("it loads").is_none());
        assert!(store.quarantined(0).await.expect("it loads").is_none());
    });
}

#[test]
fn a_database_of_a_newer_program_is_refused_and_left_alone() {
    on_each(async |database| {
        Store::open(&database.url).await.expect("the database opens");
        Store::open(&database.url).await.expect("it opens again");
        let (time, checksum) = match database.kind() {
            DatabaseKind::Postgres => ("now()", "'\\x00'::bytea"),
            DatabaseKind::Sqlite => ("'2026-11-23 04:00:00'", "x'00'"),
        };
        let insert = format!(
            "insert into _sqlx_migrations (version, description, installed_on, success, checksum, execution_time)
             values (9000, 'later', {time}, true, {checksum}, 0)"
        );
        database.execute(&insert).await;
        for error in [
            Store::open(&database.url).await.expect_err("it is newer"),
            Store::open_existing(&database.url).await.expect_err("it is newer"),
        ] {
            assert!(matches!(error, StoreError::Newer { found: 9000, .. }), "{error:?}");
            assert!(error.to_string().contains("use a newer feedgate"), "{error}");
        }
    });
}

/// Connections that feedgate has with this database; only a server counts them.
async fn connections(database: &TestDatabase) -> i64 {
    let sql = "select count(*) from pg_stat_activity
               where datname = current_database() and application_name = 'feedgate'";
    database.number(sql).await
}

#[test]
fn operations_share_a_few_connections() {
    on_each(async |database| {
        let store = Store::open(&database.url).await.expect("the database opens");
        for _ in 0..10 {
            store.runs(1).await.expect("they load");
        }
        if database.kind() == DatabaseKind::Postgres {
            assert_eq!(connections(database).await, 1, "one after the other");
        }
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let store = store.clone();
            tasks.spawn(async move { store.begin_run(now(), later(60), None).await.map(drop) });
        }
        for done in tasks.join_all().await {
            done.expect("a run begins");
        }
        assert_eq!(store.runs(100).await.expect("they load").len(), 50);
        if database.kind() == DatabaseKind::Postgres {
            assert!((1..=4).contains(&connections(database).await), "at once");
        }
    });
}

#[test]
fn connections_that_broke_while_idle_break_no_operation() {
    on_each(async |database| {
        let work = Work::begin(database).await;
        work.store.runs(1).await.expect("they load");
        if database.kind() == DatabaseKind::Postgres {
            let ended = "select count(pg_terminate_backend(pid)) from pg_stat_activity
                         where datname = current_database() and application_name = 'feedgate'";
            assert_eq!(database.number(ended).await, 2, "that of the session, and an idle one");
        }
        work.store.heartbeat(work.run, later(90)).await.expect("the lease is extended");
        assert_eq!(work.store.runs(10).await.expect("they load").len(), 1);
    });
}

#[test]
fn an_operation_that_failed_leaves_nothing_behind_for_the_next() {
    on_each(async |database| {
        let store = Store::open(&database.url).await.expect("the database opens");
        let error = store.heartbeat(RunId(4711), later(60)).await.expect_err("there is no such run");
        assert!(matches!(error, StoreError::LeaseLost { run: 4711 }), "{error}");
        assert!(store.runs(1).await.expect("they load").is_empty());
    });
}

#[test]
fn what_belongs_to_a_session_ends_with_it() {
    on_each(async |database| {
        let mut work = Work::begin(database).await;
        let run = work.run;
        work.insert(&full("a", "A")).await;
        work.session.stage(&mut work.rows).await.expect("the rows are taken");
        work.session.close().await;
        // The same store: its next session has neither staged rows nor locks of the one before.
        let mut session = work.store.session(run).await.expect("a session begins");
        session.lock(SOURCE).await.expect("the source is free");
        let reference = RecordReference::new("a").expect("a key");
        session.stage(&mut session.rows()).await.expect("staged tables are made");
        let staged = session.load(Origin::Staged, SOURCE, &[&reference]).await.expect("nothing loads");
        assert!(staged.is_empty());
    });
}

#[tokio::test]
async fn a_closed_store_leaves_one_file() {
    let database = sqlite();
    let work = Work::begin(&database).await;
    let store = work.store.clone();
    work.end().await;
    store.close().await;
    let files = std::fs::read_dir(database.folder.path()).expect("a folder");
    let names: Vec<_> = files.map(|file| file.expect("an entry").file_name()).collect();
    assert_eq!(names, ["feedgate.db"]);
}

#[test]
fn looking_at_a_database_changes_nothing() {
    on_each(async |database| {
        assert!(Store::open_existing(&database.url).await.expect("nothing is there").is_none());
        if database.kind() == DatabaseKind::Sqlite {
            assert_eq!(std::fs::read_dir(database.folder.path()).expect("a folder").count(), 0);
        }
        Store::open(&database.url).await.expect("the database opens");
        assert!(Store::open_existing(&database.url).await.expect("it opens").is_some());
    });
}

async fn error_of(url: &str) -> String {
    let url: DatabaseUrl = url.parse().expect("an address");
    let error = Store::open(&url).await.expect_err("it cannot be used");
    let mut text = error.to_string();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(deeper) = cause.source() {
        text.push_str(": ");
        text.push_str(&deeper.to_string());
        cause = deeper;
    }
    assert!(!text.contains("geheim"), "a secret is shown: {text}");
    text
}

#[tokio::test]
async fn a_database_that_cannot_be_used_says_what_to_do() {
    let refused = error_of("postgres://shop:geheim@127.0.0.1:1/shop").await;
    assert!(
        refused.starts_with("cannot reach the database `postgres://shop:***@127.0.0.1:1/shop`"),
        "{refused}"
    );
    let database = sqlite();
    let folder = database.folder.path();
    let absent = error_of(&format!("sqlite://{}/absent/feedgate.db", folder.display())).await;
    assert!(absent.contains("check that its folder exists"), "{absent}");
    std::fs::write(
        folder.join("feedgate.db"),
        "a text, long enough to have no header of SQLite. ".repeat(40),
    )
    .expect("a file can be written");
    let text = error_of(database.url.secret()).await;
    assert!(text.contains("is no SQLite database"), "{text}");
    if let Some(server) = postgres().await {
        let missing = error_of(&renamed(server.url.secret(), "feedgate_absent")).await;
        assert!(missing.contains("does not exist: create it"), "{missing}");
    }
}
