//! The last step of an import fails: what is said of the feed is what the shop has, on both databases.

use crate::cli::{Call, Desk};
use crate::support::catalogue::{Fault, catalogue};
use crate::support::database::{TestDatabase, drop_postgres, on_each, postgres};
use feedgate::config::DatabaseKind;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

/// Bytes of the small disk.
const DISK_KIB: u64 = 3 << 10;
/// Steps by which it has less room.
const STEP_KIB: usize = 4;

/// A small disk at a folder, gone when it is dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: PathBuf) -> Option<Self> {
        fs::create_dir_all(&at).expect("a folder");
        let size = format!("size={DISK_KIB}k");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&at).output();
        mounted.is_ok_and(|mounted| mounted.status.success()).then_some(Self(at))
    }

    /// A database as it was, and so much room beside it.
    fn with_room(&self, database: &Path, room_kib: u64) {
        for old in fs::read_dir(&self.0).expect("a folder") {
            fs::remove_file(old.expect("an entry").path()).expect("a file");
        }
        let bytes = fs::copy(database, self.0.join("shop.db")).expect("there is room for it");
        let ballast = (DISK_KIB - room_kib) * 1024 - bytes.next_multiple_of(4096);
        let mut file = File::create(self.0.join("ballast")).expect("a file");
        file.write_all(&vec![0; usize::try_from(ballast).expect("small")]).expect("there is room for it");
    }

    fn make_room(&self) {
        fs::remove_file(self.0.join("ballast")).expect("it was there");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn feed(desk: &Desk) {
    desk.file("nightly.xml", catalogue("A", 40, |_| Fault::None));
}

/// Whether the feed stands in the shop.
fn stands(desk: &Desk, database: &str) -> bool {
    let page = desk.call(&["import", "--dry-run", "--database", database, "nightly.xml"]).ends(0).stdout;
    page.lines().any(|line| line.trim_start().starts_with("imported before, skipped") && line.ends_with(" 1"))
}

#[test]
fn wherever_the_disk_gets_full_the_message_says_what_stands() {
    let desk = Desk::new();
    let Some(small) = SmallDisk::mount(desk.path("disk")) else {
        eprintln!("SKIPPED: no small disk can be mounted here, which needs root");
        return;
    };
    feed(&desk);
    desk.call(&["migrate", "--database", "sqlite://empty.db"]).ends(0);
    let (url, mut met) = ("sqlite://disk/shop.db", BTreeSet::new());
    for room_kib in (0..600).step_by(STEP_KIB) {
        small.with_room(&desk.path("empty.db"), room_kib);
        let call = desk.call(&["import", "--database", url, "nightly.xml"]);
        small.make_room();
        let is_applied = stands(&desk, url);
        let words = ["nothing of `nightly.xml` was applied", "what it applied stands"];
        let said = words.map(|words| call.stderr.contains(words));
        match (call.status, said) {
            (0, [false, false]) | (2, [false, true]) => assert!(is_applied, "{room_kib}: {call:#?}"),
            // It had not come to that: what it could not do is told.
            (2, [true, false]) => assert!(!is_applied, "{room_kib}: {call:#?}"),
            (2, [false, false]) => {
                assert!(
                    !is_applied && !call.stderr.contains("check that the server"),
                    "{room_kib}: {call:#?}"
                );
            }
            _ => panic!("{room_kib}: {call:#?}"),
        }
        let _ = met.insert((call.status, said));
        // With room, the next run settles it.
        desk.call(&["import", "--database", url, "nightly.xml"]).ends(0);
        assert!(stands(&desk, url), "{room_kib}");
        if call.status == 0 {
            break;
        }
    }
    assert_eq!(met.len(), 4, "each of them was met: {met:?}");
}

#[test]
fn a_session_that_ends_at_the_commit_has_applied_nothing() {
    on_each(async |database| {
        if database.kind() == DatabaseKind::Sqlite {
            // There is no session that somebody else could end.
            return;
        }
        let (desk, import) = desk_of(database, database.url.secret());
        desk.call(&["migrate", "--database", database.url.secret()]).ends(0);
        let ends = "create function ends() returns trigger language plpgsql as
                    'begin perform pg_terminate_backend(pg_backend_pid()); return null; end';
                    create constraint trigger ends after insert on product deferrable initially deferred
                    for each row execute function ends()";
        database.execute(ends).await;
        let unsettled = desk.call(&import).ends(2);
        unsettled.tells(&["it is not known whether `nightly.xml` was applied", "settles it"]);
        assert_eq!(database.number("select count(*) from product").await, 0);
        database.execute("drop trigger ends on product").await;
        desk.call(&import).ends(0).counts(&[("imported", "40")]);
        desk.call(&["runs", "1", "--database", database.url.secret()])
            .ends(0)
            .prints(&["failed", "it is not known whether `nightly.xml` was applied"]);
    });
}

#[test]
fn a_commit_whose_answer_is_lost_is_settled_by_the_next_run() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let Some(database) = runtime.block_on(postgres()) else { return };
    let way = tempfile::tempdir().expect("a folder");
    let Some(url) = through(database.url.secret(), way.path()) else { return };
    let (desk, import) = desk_of(&database, &url);
    desk.call(&["migrate", "--database", database.url.secret()]).ends(0);
    let unsettled = desk.call(&import).ends(2);
    unsettled.tells(&["it is not known whether `nightly.xml` was applied"]);
    let count = |sql: &str| runtime.block_on(database.number(sql));
    assert_eq!(count("select count(*) from product"), 40, "it was");
    let (_, import) = desk_of(&database, database.url.secret());
    desk.call(&import).ends(0).counts(&[("imported before, skipped", "1")]);
    assert_eq!(count("select count(*) from product where last_changed_run = 1"), 40);
    runtime.block_on(drop_postgres(&database));
}

/// A desk with a feed, and the call that imports it.
fn desk_of<'a>(_: &TestDatabase, url: &'a str) -> (Desk, [&'a str; 4]) {
    let desk = Desk::new();
    feed(&desk);
    (desk, ["import", "--database", url, "nightly.xml"])
}

/// The address of a server by a way of ours, which is cut as soon as the server has committed products; none where
/// there is no socket to go through.
fn through(server: &str, way: &Path) -> Option<String> {
    let folder = server.split_once("host=")?.1.split('&').next()?.to_owned();
    let name = fs::read_dir(&folder).ok()?.filter_map(Result::ok).map(|entry| entry.file_name());
    let name = name.filter_map(|name| name.into_string().ok()).find(|name| {
        name.starts_with(".s.PGSQL.") && Path::new(name).extension().is_some_and(|end| end != "lock")
    })?;
    let listener = UnixListener::bind(way.join(&name)).expect("a socket");
    let real = Path::new(&folder).join(&name);
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let Ok(server) = UnixStream::connect(&real) else { return };
            std::thread::spawn(move || pass(&client, &server));
        }
    });
    Some(server.replace(&folder, &way.display().to_string()))
}

/// Passes bytes both ways; the answer to the commit behind new products is not passed.
fn pass(client: &UnixStream, server: &UnixStream) {
    let [mut from_server, mut to_client] = [server, client].map(|end| end.try_clone().expect("a socket"));
    let answers = std::thread::spawn(move || std::io::copy(&mut from_server, &mut to_client));
    let ([mut client, mut server], mut has_products) = ([client, server], false);
    let mut bytes = [0; 1 << 12];
    while let Ok(count @ 1..) = client.read(&mut bytes) {
        let said = &bytes[..count];
        let says = |words: &[u8]| said.windows(words.len()).any(|part| part == words);
        has_products |= says(b"insert into product (");
        if has_products && says(b"commit\0") {
            // From now on the client hears nothing.
            let _ = client.shutdown(Shutdown::Both);
            let _ = server.write_all(said);
            let _ = server.shutdown(Shutdown::Write);
            break;
        }
        if server.write_all(said).is_err() {
            break;
        }
    }
    let _ = client.shutdown(Shutdown::Both);
    let _ = answers.join();
}

/// A program under way, and what it tells.
struct Waiting {
    child: Child,
    told: BufReader<ChildStderr>,
}

impl Waiting {
    fn start(desk: &Desk, arguments: &[&str]) -> Self {
        let mut command = desk.command(arguments);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
        let told = BufReader::new(child.stderr.take().expect("a pipe"));
        Self { child, told }
    }

    /// Asks it to end, which it does at once, as cancelled; gives back what it told.
    fn ends_with_the_signal(mut self) -> String {
        let began = Instant::now();
        let killed = Command::new("kill").arg(self.child.id().to_string()).status().expect("kill is there");
        assert!(killed.success());
        let status = self.child.wait().expect("it ends");
        let mut rest = String::new();
        self.told.read_to_string(&mut rest).expect("text");
        assert_eq!(status.code(), Some(5), "{rest}");
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}: {rest}", began.elapsed());
        rest
    }
}

/// The lock that those who make the tables of this database hold; the driver's.
fn lock_of_tables(name: &str) -> i64 {
    let mut sum = flate2::Crc::new();
    sum.update(name.as_bytes());
    0x3d32_ad9e * i64::from(sum.sum())
}

#[test]
fn a_wait_for_whoever_makes_the_tables_is_told_and_ends_with_the_signal() {
    on_each(async |database| {
        let lock = match database.kind() {
            // The file is a matter of `cli::databases`.
            DatabaseKind::Sqlite => return,
            DatabaseKind::Postgres => {
                let name = database.texts("select current_database()").await.remove(0);
                format!("select pg_advisory_lock({})", lock_of_tables(&name))
            }
        };
        let (desk, import) = desk_of(database, database.url.secret());
        let other = Holder::take(database, lock).await;
        let mut waiting = Waiting::start(&desk, &import);
        let mut first = String::new();
        waiting.told.read_line(&mut first).expect("a line");
        assert!(first.starts_with("notice: waiting for the tables of `postgres://"), "{first}");
        let told = waiting.ends_with_the_signal();
        assert!(told.contains("while it waits for another program: nothing more of it is applied"), "{told}");
        other.free().await;
        desk.call(&import).ends(0).counts(&[("imported", "40")]);
    });
}

#[test]
fn a_wait_for_the_session_of_a_dead_import_ends_with_the_signal() {
    on_each(async |database| {
        let (desk, import) = desk_of(database, database.url.secret());
        desk.call(&["migrate", "--database", database.url.secret()]).ends(0);
        let (lock, looks) = match database.kind() {
            DatabaseKind::Sqlite => return,
            DatabaseKind::Postgres => (
                "select pg_advisory_lock(hashtextextended('feedgate source A', 0))",
                "select count(*) from pg_stat_activity
                 where datname = current_database() and query like '%pg_try_advisory_lock%'
                     and pid <> pg_backend_pid()",
            ),
        };
        let other = Holder::take(database, lock.to_owned()).await;
        let waiting = Waiting::start(&desk, &import);
        while database.number(looks).await == 0 {
            tokio::task::yield_now().await;
        }
        // On a slow machine the wait may be over by now: that session is ended, nobody alive having it.
        waiting.ends_with_the_signal();
        assert_eq!(database.number("select count(*) from product").await, 0);
        other.free().await;
        desk.call(&import).ends(0).counts(&[("imported", "40")]);
    });
}

/// Another program that has a lock of the server.
struct Holder(PgConnection);

impl Holder {
    async fn take(database: &TestDatabase, lock: String) -> Self {
        let mut link = PgConnection::connect(database.url.secret()).await.expect("the server answers");
        sqlx::raw_sql(AssertSqlSafe(lock)).execute(&mut link).await.expect("nobody else has it");
        Self(link)
    }

    async fn free(self) {
        // Its session may have been ended: that of a dead import is.
        let _ = self.0.close().await;
    }
}

#[test]
fn eight_programs_may_make_the_tables_of_a_server_at_once() {
    on_each(async |database| {
        for round in 0..if database.kind() == DatabaseKind::Postgres { 3 } else { 0 } {
            let (desk, import) = desk_of(database, database.url.secret());
            if round > 0 {
                database.execute("drop schema public cascade; create schema public").await;
            }
            let start = |number: u32| {
                let source = format!("sender {number}");
                let mut command = desk.command(&[&import[..], &["--source", &source]].concat());
                let piped = Stdio::piped;
                command.stdout(piped()).stderr(piped()).spawn().expect("the program starts")
            };
            let started: Vec<_> = (0..8).map(start).collect();
            for child in started {
                let call = Call::of(child.wait_with_output().expect("it ends"));
                assert_eq!(call.status, 0, "round {round}: {call:#?}");
            }
            assert_eq!(database.number("select count(*) from product").await, 8 * 40);
            assert_eq!(database.number("select count(*) from run where state = 'succeeded'").await, 8);
        }
    });
}
