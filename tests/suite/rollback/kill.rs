//! A rollback killed at any moment leaves the shop as before or as after, and the next one needs no help.
//!
//! As in `kill`, what is killed runs in a process of its own: this program, asked for the one test [`child_rollback`].

use super::{State, back, feed, good, import};
use crate::support::database::{TestDatabase, on_each};
use crate::support::feeds::{Feed, Record};
use crate::support::products::full;
use feedgate::config::DatabaseKind;
use feedgate::import::{ImportPlan, RollbackPlan, rollback};
use feedgate::product::Product;
use feedgate::run::block_on;
use feedgate::store::{LaterChanges, RollbackOrder, RunId};
use feedgate::telemetry::RunTelemetry;
use std::hash::{BuildHasher, RandomState};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How often a rollback is killed on each database; more when there is time.
const KILLS: u32 = 6;
const KILLS_LONG: u32 = 50;
const PRODUCTS: u32 = 800;
/// Tells the child what to roll back, as `RUN URL`.
const ORDER: &str = "FEEDGATE_TEST_ROLLBACK";

/// A feed in which every version differs from the one before.
fn version(number: u32) -> Feed {
    let record = |index: u32| {
        let key = format!("p{index}");
        match (index + number) % 7 {
            0 if index.is_multiple_of(2) => Record::Bad(Some("bad"), b"<bad/>"),
            0 => Record::Delete("p3"),
            _ => Record::Product(Product { pages: Some(number), ..full(&key, &format!("version {number}")) }),
        }
    };
    let own = good(&format!("new in {number}"), "new");
    let mut whole = feed("nightly.xml", (0..PRODUCTS).map(record).chain([own]).collect());
    whole.digest = u8::try_from(number % 256).expect("a remainder");
    whole.message = Some(number);
    whole
}

/// The child's part.
#[test]
fn child_rollback() {
    let Ok(order) = std::env::var(ORDER) else { return };
    let (run, url) = order.split_once(' ').expect("`RUN URL`");
    let order = RollbackOrder { run: RunId(run.parse().expect("a number")), later: LaterChanges::Refuse };
    let import = ImportPlan::new(url.parse().expect("a database address"));
    let plan = RollbackPlan { import, order, reason: None };
    let report = block_on(rollback(plan, RunTelemetry::off())).expect("there are threads");
    report.expect("the database does its part").outcome.expect("it can go back");
}

fn spawn(database: &TestDatabase, run: i64) -> Child {
    Command::new(std::env::current_exe().expect("this program has a place"))
        .args(["--exact", "rollback::kill::child_rollback"])
        .env(ORDER, format!("{run} {}", database.url.secret()))
        .stdout(Stdio::null())
        .spawn()
        .expect("this program can be started again")
}

/// A number from 0 to 1, another one each time.
fn chance() -> f64 {
    let bits = u32::try_from(RandomState::new().hash_one(0) >> 32).expect("32 bits");
    f64::from(bits) / f64::from(u32::MAX)
}

/// Waits until the server has noticed that its client is gone: until then its last statement may go on.
async fn settle(database: &TestDatabase) {
    if database.kind() == DatabaseKind::Postgres {
        let others = "select count(*) from pg_stat_activity
                      where datname = current_database() and application_name = 'feedgate'";
        while database.number(others).await > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

#[test]
fn a_killed_rollback_leaves_the_shop_as_before_or_as_after() {
    let kills = if std::env::var_os("FEEDGATE_TEST_LONG").is_some() { KILLS_LONG } else { KILLS };
    on_each(async |database| {
        import(database, &[version(0)]).await;
        let (mut as_before, mut as_after) = (0, 0);
        let mut reach = None;
        for kill in 1..=kills {
            let before = State::of(database).await;
            let run = import(database, &[version(kill)]).await;
            let (after, shop) = (State::of(database).await, database.shop().await);
            settle(database).await;
            let reached = match reach {
                Some(reach) => reach,
                None => undisturbed(database, run).await,
            };
            let mut child = spawn(database, run);
            std::thread::sleep(reached.mul_f64(0.3 + 0.8 * chance()));
            child.kill().expect("it can be killed, also when it has ended");
            child.wait().expect("it ends");
            settle(database).await;
            let found = State::of(database).await;
            // Too early, so later next time, and the other way round: most kills strike around the commit.
            if found.tables == after.tables {
                found.assert_is(&after, "nothing is done");
                as_before += 1;
                reach = Some(reached.mul_f64(1.15));
                back(database, run).await;
            } else {
                as_after += 1;
                reach = Some(reached.mul_f64(0.87));
            }
            State::of(database).await.assert_is(&before, "it is rolled back");
            // Nobody has to see to it: the next import does its work.
            import(database, &[version(kill)]).await;
            assert_eq!(database.shop().await, shop);
        }
        let running = "select count(*) from run where state = 'running'";
        assert_eq!(database.number(running).await, 0);
        eprintln!("{:?}: {as_before} times nothing was done, {as_after} times all", database.kind());
    });
}

/// How long a rollback takes; it goes forward again.
async fn undisturbed(database: &TestDatabase, run: i64) -> Duration {
    let began = Instant::now();
    assert!(spawn(database, run).wait().expect("it ends").success());
    let took = began.elapsed();
    let by = database.number("select max(id) from run").await;
    back(database, by).await;
    settle(database).await;
    took
}
