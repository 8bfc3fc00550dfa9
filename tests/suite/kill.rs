//! An import killed at any moment leaves the shop as before or as after, and the next one needs no help.
//!
//! The import that is killed runs in a process of its own: this very program, asked for the one test
//! [`child_import`], which does nothing unless it is told which import to do.

use crate::support::database::{TestDatabase, on_each, postgres, sqlite};
use crate::support::feeds::{Feed, Record, feed, imported};
use crate::support::products::full;
use feedgate::config::{DatabaseKind, GuardSettings};
use feedgate::import::ImportPlan;
use feedgate::product::Product;
use feedgate::run::block_on;
use std::hash::{BuildHasher, RandomState};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How often an import is killed on each database.
const KILLS: u32 = 30;
/// Products of one feed: enough for several parcels and some tenths of a second.
const PRODUCTS: u32 = 1_200;
/// Tells the child what to import, as `VERSION URL`.
const ORDER: &str = "FEEDGATE_TEST_CHILD";

/// A feed in which every version differs from the one before in most of its records.
fn version(number: u32) -> Feed {
    let record = |index: u32| {
        let key = format!("p{index}");
        match (index + number) % 7 {
            0 if index.is_multiple_of(2) => Record::Bad(Some("bad"), b"<bad/>"),
            0 => Record::Delete("p3"),
            1 => Record::Product(full(&key, "always the same")),
            _ => Record::Product(Product { pages: Some(number), ..full(&key, &format!("version {number}")) }),
        }
    };
    let mut whole = feed("nightly.xml", (0..PRODUCTS).map(record).collect());
    whole.digest = u8::try_from(number % 256).expect("a remainder");
    whole
}

fn import(url: &str, number: u32) {
    let address = url.parse().expect("a database address");
    let plan = ImportPlan { guard: GuardSettings::off(), ..ImportPlan::new(address) };
    let feed = version(number);
    block_on(imported(&plan, &[feed])).expect("there are threads").expect("an import succeeds without help");
}

/// The child's part.
#[test]
fn child_import() {
    let Ok(order) = std::env::var(ORDER) else { return };
    let (number, url) = order.split_once(' ').expect("`VERSION URL`");
    import(url, number.parse().expect("a number"));
}

fn spawn(database: &TestDatabase, number: u32) -> Child {
    Command::new(std::env::current_exe().expect("this program has a place"))
        .args(["--exact", "kill::child_import"])
        .env(ORDER, format!("{number} {}", database.url.secret()))
        .stdout(Stdio::null())
        .spawn()
        .expect("this program can be started again")
}

/// A number from 0 to 1, another one each time.
pub(crate) fn chance() -> f64 {
    let bits = u32::try_from(RandomState::new().hash_one(0) >> 32).expect("32 bits");
    f64::from(bits) / f64::from(u32::MAX)
}

async fn undisturbed(kind: DatabaseKind) -> TestDatabase {
    match kind {
        DatabaseKind::Sqlite => sqlite(),
        DatabaseKind::Postgres => postgres().await.expect("there was a server a moment ago"),
    }
}

fn aside(work: impl FnOnce() + Send) {
    std::thread::scope(|scope| scope.spawn(work).join().expect("an import does not panic"));
}

#[test]
fn a_killed_import_leaves_the_shop_as_before_or_as_after() {
    on_each(async |database| {
        let reference = undisturbed(database.kind()).await;
        aside(|| import(database.url.secret(), 0));
        aside(|| import(reference.url.secret(), 0));
        let mut before = reference.shop().await;
        assert_eq!(database.shop().await, before);
        let began = Instant::now();
        assert!(spawn(&reference, 1).wait().expect("it ends").success());
        let mut reach = began.elapsed();
        let (mut as_before, mut as_after) = (0, 0);
        for kill in 1..=KILLS {
            if kill > 1 {
                aside(|| import(reference.url.secret(), kill));
            }
            let after = reference.shop().await;
            let mut child = spawn(database, kill);
            std::thread::sleep(reach.mul_f64(0.4 + 0.8 * chance()));
            child.kill().expect("it can be killed, also when it has ended");
            child.wait().expect("it ends");
            let found = settled(database).await;
            // Too early, so later next time, and the other way round: most kills strike around the commit.
            match (found == before, found == after) {
                (true, _) => {
                    as_before += 1;
                    reach = reach.mul_f64(1.15);
                }
                (_, true) => {
                    as_after += 1;
                    reach = reach.mul_f64(0.87);
                }
                _ => panic!("kill {kill} left the shop neither as before nor as after"),
            }
            aside(|| import(database.url.secret(), kill));
            assert_eq!(database.shop().await, after, "the import after kill {kill}");
            before = after;
        }
        assert_eq!(database.number("select count(*) from run where state = 'running'").await, 0);
        eprintln!("{:?}: {as_before} times as before, {as_after} as after", database.kind());
    });
}

/// The shop once the server has noticed that its client is gone: until then its last statement may go on.
async fn settled(database: &TestDatabase) -> String {
    if database.kind() == DatabaseKind::Postgres {
        let others = "select count(*) from pg_stat_activity
                      where datname = current_database() and application_name = 'feedgate'";
        while database.number(others).await > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    database.shop().await
}
