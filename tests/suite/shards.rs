//! Several processes import a part of the feeds each, and the shop is as if one had imported all.

use crate::kill::chance;
use crate::support::catalogue::{Fault, catalogue};
use crate::support::database::{TestDatabase, on_each, postgres, sqlite};
use feedgate::config::DatabaseKind;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// Processes at once.
const SHARDS: u32 = 8;
/// Senders; each has a message after another.
const SENDERS: usize = 40;
/// Settings under which feeds of one record are no surprise.
const GUARD_OFF: [&str; 5] =
    ["guard.create=off", "guard.update=off", "guard.same_title=off", "guard.size_max=off", "guard.price=off"];

fn is_long() -> bool {
    std::env::var_os("FEEDGATE_TEST_LONG").is_some()
}

/// Feeds of all senders: every message says something else of the same products, and one of twenty has a fault; with a
/// file that is no feed among them, when that is wanted.
fn feeds(count: usize, broken: bool) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for feed in 0..count {
        let (sender, message) = (feed % SENDERS, feed / SENDERS);
        let fault = if feed % 20 == 7 { Fault::Price } else { Fault::None };
        let sent = format!("2026-10-01T{:02}:{:02}:{:02}Z", message / 3600, message / 60 % 60, message % 60);
        let text =
            catalogue(&format!("Verlag {sender}"), 2, |number| if number == 1 { fault } else { Fault::None })
                .replace("2026-10-01T06:00:00Z", &sent)
                .replace("<title>Sonate</title>", &format!("<title>Sonate {message}</title>"));
        // Names tell nothing of the order.
        let name = format!("{:08x}.xml", feed.wrapping_mul(2_654_435_761) % 0xffff_fffb);
        fs::write(folder.path().join(name), text).expect("written");
    }
    if broken {
        fs::write(folder.path().join("damaged.xml.gz"), b"\x1f\x8b\x08damaged").expect("written");
    }
    folder
}

fn command(database: &TestDatabase, folder: &Path, shard: Option<u32>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedgate"));
    command.args(["import", "--deviations-ok", "--database", database.url.secret()]).arg(folder);
    command
        .env("HOME", database.folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for setting in GUARD_OFF {
        command.args(["--set", setting]);
    }
    if let Some(shard) = shard {
        command.args(["--shard", &shard.to_string(), "--shards", &SHARDS.to_string()]);
    }
    command
}

fn begun(database: &TestDatabase, folder: &Path, shard: u32) -> Child {
    let mut command = command(database, folder, Some(shard));
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts")
}

fn ended(database: &TestDatabase, folder: &Path, shard: Option<u32>) -> Output {
    command(database, folder, shard).output().expect("the program starts")
}

/// Imports all of it with one process, into a database of its own.
async fn undisturbed(kind: DatabaseKind, folder: &Path) -> String {
    let database = match kind {
        DatabaseKind::Sqlite => sqlite(),
        DatabaseKind::Postgres => postgres().await.expect("there was a server a moment ago"),
    };
    let output = ended(&database, folder, None);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    database.shop().await
}

/// Starts all of them; kills some while they run and starts those again, as a scheduler does; waits for their end.
fn with_kills(database: &TestDatabase, folder: &Path, kills: u32) {
    let mut processes: Vec<Child> = (0..SHARDS).map(|shard| begun(database, folder, shard)).collect();
    for kill in 0..kills {
        std::thread::sleep(Duration::from_millis(20).mul_f64(1.0 + 20.0 * chance()));
        let shard = kill % SHARDS;
        let process = &mut processes[shard as usize];
        let _ = process.kill();
        process.wait().expect("it can be waited for");
        *process = begun(database, folder, shard);
    }
    for (shard, mut process) in processes.into_iter().enumerate() {
        let status = process.wait().expect("it can be waited for");
        assert_eq!(status.code(), Some(0), "shard {shard}");
    }
}

#[test]
fn several_processes_make_the_shop_of_one() {
    let count = if is_long() { 20_000 } else { 400 };
    on_each(async |database| {
        if database.kind() == DatabaseKind::Sqlite && is_long() {
            return;
        }
        let folder = feeds(count, false);
        let shop = undisturbed(database.kind(), folder.path()).await;
        with_kills(database, folder.path(), 0);
        assert!(database.shop().await == shop, "the shop is another one");
    });
}

#[test]
fn killed_ones_that_are_started_again_make_the_same_shop() {
    let (count, kills) = if is_long() { (20_000, 20) } else { (400, 5) };
    on_each(async |database| {
        if database.kind() == DatabaseKind::Sqlite && is_long() {
            return;
        }
        let folder = feeds(count, false);
        let shop = undisturbed(database.kind(), folder.path()).await;
        with_kills(database, folder.path(), kills);
        assert!(database.shop().await == shop, "the shop is another one");
    });
}

#[test]
fn one_of_them_tells_what_is_no_feed() {
    on_each(async |database| {
        let folder = feeds(40, true);
        let outputs: Vec<Output> =
            (0..SHARDS).map(|shard| ended(database, folder.path(), Some(shard))).collect();
        let codes: Vec<_> = outputs.iter().map(|output| output.status.code()).collect();
        assert_eq!(codes.iter().filter(|code| **code == Some(2)).count(), 1, "{codes:?}");
        assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 7, "{codes:?}");
        let told = outputs
            .iter()
            .filter(|output| String::from_utf8_lossy(&output.stderr).contains("damaged.xml.gz"));
        assert_eq!(told.count(), 1);
        assert_eq!(database.number("select count(distinct source) from product").await, 40);
    });
}

#[test]
fn deviations_that_are_ok_are_told_all_the_same() {
    on_each(async |database| {
        let folder = feeds(8, false);
        let output = ended(database, folder.path(), None);
        let (said, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(0), "{told}");
        assert!(said.contains("exit status 1"), "{said}");
        assert!(told.contains("notice: exit status 0, not 1, as `--deviations-ok` asks"), "{told}");
        assert_eq!(database.texts("select cast(exit_status as text) from run").await, ["1"]);
        assert_eq!(database.number("select count(*) from quarantine").await, 1);
    });
}
