//! Databases as they are found: made by several at once, read-only, damaged, in another encoding, in use, and full.

use super::{Call, Desk, repository};
use crate::support::database::{on_each, postgres, renamed};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

fn fault(name: &str) -> String {
    repository("samples/catalogue/faults").join(name).to_string_lossy().into_owned()
}

#[test]
fn eight_programs_may_make_one_database_at_once() {
    for round in 0..5 {
        let desk = Desk::new();
        let feed = fault("bad-gtin.xml");
        let start = |number: u32| {
            let source = format!("sender {number}");
            let mut command = desk.command(&["import", "--source", &source, &feed]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
        };
        let started: Vec<_> = (0..8).map(start).collect();
        for child in started {
            let call = Call::of(child.wait_with_output().expect("it ends"));
            assert_eq!(call.status, 1, "round {round}: {call:#?}");
        }
        desk.call(&["quarantine", "list"]).ends(0);
        assert_eq!(desk.call(&["quarantine", "list"]).stdout.matches(" open ").count(), 8);
    }
}

#[test]
fn a_file_that_may_only_be_read_is_read() {
    let desk = Desk::new();
    let feed = fault("bad-gtin.xml");
    desk.call(&["import", &feed]).ends(1);
    let only = |arguments: &[&str]| {
        desk.call(&[arguments, &["--database", "sqlite://feedgate.db?mode=ro"]].concat())
    };
    only(&["runs"]).ends(0).prints(&["deviations"]);
    only(&["quarantine", "show", "1"]).ends(0).prints(&["rule.gtin"]);
    only(&["held", "list"]).ends(0);
    only(&["audit"]).ends(0);
    only(&["token", "list"]).ends(0);
    only(&["migrate", "--check"]).ends(0);
    let refused = only(&["quarantine", "discard", "1"]).ends(2);
    refused.tells(&["may only be read", "let this account write the file and its folder"]);
}

#[test]
fn a_damaged_file_is_told_as_one() {
    let desk = Desk::new();
    let feed = fault("bad-gtin.xml");
    desk.call(&["import", &feed]).ends(1);
    let whole = fs::read(desk.path("feedgate.db")).expect("it is there");
    let page = 4_096;
    let garbage: Vec<u8> =
        whole[..2 * page].iter().copied().chain((2 * page..whole.len()).map(|_| 0xaa)).collect();
    desk.file("garbage.db", garbage);
    desk.file("short.db", &whole[..3 * page + 100]);
    for file in ["garbage.db", "short.db"] {
        let url = format!("sqlite://{file}");
        for command in [&["runs"][..], &["import", &feed]] {
            desk.call(&[command, &["--database", &url]].concat())
                .ends(2)
                .tells(&["is damaged: restore a backup"]);
        }
    }
}

#[test]
fn a_server_of_another_encoding_is_refused_at_the_door() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let Some(database) = runtime.block_on(postgres()) else { return };
    let desk = Desk::new();
    for (encoding, locale) in [("SQL_ASCII", "C"), ("LATIN1", "C")] {
        let name = format!("feedgate_{}_{}", encoding.to_lowercase(), std::process::id());
        let run = |statement: String| {
            runtime.block_on(async {
                let mut connection = PgConnection::connect(database.url.secret()).await.expect("it answers");
                sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.expect("it is right");
            });
        };
        run(format!("create database {name} encoding '{encoding}' locale '{locale}' template template0"));
        let url = renamed(database.url.secret(), &name);
        for command in
            [&["import", &fault("bad-gtin.xml")][..], &["runs"], &["migrate"], &["migrate", "--check"]]
        {
            desk.call(&[command, &["--database", &url]].concat())
                .ends(2)
                .tells(&[&format!("is encoded in {encoding}"), "createdb --encoding UTF8"]);
        }
        run(format!("drop database {name} with (force)"));
    }
    runtime.block_on(crate::support::database::drop_postgres(&database));
}

#[test]
fn a_wait_is_told_and_ends_with_the_signal() {
    let desk = Desk::new();
    let feed = fault("bad-gtin.xml");
    desk.call(&["migrate"]).ends(0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut other = runtime.block_on(async {
        let url = format!("sqlite://{}", desk.path("feedgate.db").display());
        let mut other = SqliteConnection::connect(&url).await.expect("the file opens");
        sqlx::raw_sql("begin immediate").execute(&mut other).await.expect("nobody else writes");
        other
    });
    let mut command = desk.command(&["import", &feed]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut told = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    let first = told.next().expect("a line").expect("text");
    assert!(first.starts_with("notice: waiting for the right to write of `sqlite://feedgate.db`"), "{first}");
    let began = std::time::Instant::now();
    let killed =
        std::process::Command::new("kill").arg(child.id().to_string()).status().expect("kill is there");
    assert!(killed.success());
    let status = child.wait().expect("it ends");
    assert!(status.code() == Some(5) && began.elapsed().as_secs() < 10, "{status:?} {:?}", began.elapsed());
    runtime.block_on(async {
        sqlx::raw_sql("rollback").execute(&mut other).await.expect("it was begun");
        other.close().await.expect("it closes");
    });
    desk.call(&["import", &feed]).ends(1);
}

#[test]
fn a_quarantine_has_room_for_each_sender_and_no_more() {
    on_each(async |database| {
        let desk = Desk::new();
        let url = database.url.secret().to_owned();
        let import = |source: &str, feed: &str, setting: &str| {
            let set = ["--set", "guard.refused=off", "--set", setting];
            desk.call(&[&["import", "--database", &url, "--source", source][..], &set, &[feed]].concat())
        };
        let product = |number: u32, notification: &str| {
            format!("<product reference='r{number}' notification='{notification}'/>")
        };
        let feed = |name: &str, count: u32, word: &str| {
            let products: String = (0..count).map(|number| product(number, word)).collect();
            desk.file(
                name,
                format!("<catalogue xmlns='urn:feedgate:catalogue:1.0' version='1.0'>{products}</catalogue>"),
            );
        };
        feed("three.xml", 3, "oops");
        feed("four.xml", 4, "oops");
        feed("again.xml", 3, "still");
        let over = "more than `quarantine.feed_max` allows (2)";
        import("a", "three.xml", "quarantine.feed_max=2").ends(1).prints(&["rule.quarantine-full", over]);
        assert_eq!(database.number("select count(*) from quarantine").await, 0);
        import("a", "three.xml", "quarantine.feed_max=3").ends(1);
        assert_eq!(database.number("select count(*) from quarantine").await, 3);
        let full = "4 refused records of \"a\" would wait, more than `quarantine.source_max` allows (3)";
        import("a", "four.xml", "quarantine.source_max=3").ends(1).prints(&["rule.quarantine-full", full]);
        assert_eq!(database.number("select count(*) from quarantine").await, 3);
        // The same records again are no more of them, and another sender has room of its own.
        import("a", "again.xml", "quarantine.source_max=3").ends(1);
        assert_eq!(database.number("select count(*) from quarantine where state = 'open'").await, 3);
        import("b", "three.xml", "quarantine.source_max=3").ends(1);
        assert_eq!(database.number("select count(*) from quarantine where state = 'open'").await, 6);
        import("a", "four.xml", "quarantine.source_max=4").ends(1);
        assert_eq!(database.number("select count(*) from quarantine where state = 'open'").await, 7);
    });
}
