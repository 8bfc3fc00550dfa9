//! What a feed costs that is uploaded: the service over many feeds of one product, and `import` of the same feeds.
//!
//! `cargo bench --bench service -- [FEEDS [SENDERS [CONNECTIONS]]]`; 1,000 feeds of 20 senders over 16 connections, else.
//! On SQLite, and on PostgreSQL when `FEEDGATE_TEST_POSTGRES` names a server of this machine. Processor time is that of
//! all processes, the server's among them as far as its folder may be read.

#[path = "../tests/suite/support/catalogue.rs"]
#[expect(dead_code, reason = "the tests make more faults")]
mod catalogue;
#[path = "../tests/suite/support/database.rs"]
#[expect(dead_code, reason = "the tests ask more of it")]
mod database;
#[path = "../tests/suite/support/service.rs"]
#[expect(dead_code, reason = "the tests ask more of it")]
mod service;

use catalogue::{Fault, catalogue};
use database::{TestDatabase, on_each};
use feedgate::config::DatabaseKind;
use futures_util::StreamExt;
use service::{Service, client, sent, until, upload};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What of the guard would hold feeds of one product.
const GUARD_OFF: [&str; 8] = [
    "--set",
    "guard.create=off",
    "--set",
    "guard.update=off",
    "--set",
    "guard.same_title=off",
    "--set",
    "guard.size_max=off",
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|each| !each.starts_with("--")).collect();
    let number = |at: usize, default: usize| {
        arguments.get(at).and_then(|text| text.parse().ok()).filter(|number| *number > 0).unwrap_or(default)
    };
    let (count, senders, connections) = (number(0, 1_000), number(1, 20), number(2, 16));
    let feeds: Vec<String> = (0..count).map(|feed| one_product(feed % senders, feed)).collect();
    println!("{count} feeds of {senders} senders, {connections} connections");
    on_each(async |database| {
        let (took, server) = import(database, &feeds).await;
        tell(database.kind(), "import", count, took, server);
    });
    on_each(async |database| serve(database, &feeds, connections).await);
}

/// A feed of one product that no other has.
fn one_product(sender: usize, feed: usize) -> String {
    catalogue(&format!("S{sender}"), 1, |_| Fault::None).replace("r-0", &format!("r-{feed}"))
}

/// Imports all of them in one call; gives back processor seconds of the program and of the server.
async fn import(database: &TestDatabase, feeds: &[String]) -> (f64, f64) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (at, feed) in feeds.iter().enumerate() {
        fs::write(folder.path().join(format!("f{at:06}.xml")), feed).expect("written");
    }
    let server = Server::of(database).await;
    let (children, before) = (children_seconds(), server.seconds());
    let status = Command::new(env!("CARGO_BIN_EXE_feedgate"))
        .args(["import", "--database", database.url.secret()])
        .args(GUARD_OFF)
        .arg(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(status.expect("the program starts").success(), "the import fails");
    (children_seconds() - children, server.seconds() - before)
}

/// Uploads all of them, and waits until the last has ended.
async fn serve(database: &TestDatabase, feeds: &[String], connections: usize) {
    let service = Service::start(database, &[]);
    let (client, server) = (client(), Server::of(database).await);
    let (before, server_before, began) = (seconds_of(service.process()), server.seconds(), Instant::now());
    let uploads = feeds.iter().map(async |feed| {
        let began = Instant::now();
        let (status, body) = sent(upload(&client, &service, "", feed.clone())).await;
        assert_eq!(status, 202, "{body}");
        began.elapsed()
    });
    let mut times: Vec<Duration> =
        futures_util::stream::iter(uploads).buffer_unordered(connections).collect().await;
    let uploaded = began.elapsed();
    until("all runs end", async || {
        let (_, body) = sent(client.get(service.url("/v1/runs?state=queued&limit=1"))).await;
        let (_, running) = sent(client.get(service.url("/v1/runs?state=running&limit=1"))).await;
        let is_idle = |body: &serde_json::Value| body["items"].as_array().is_some_and(Vec::is_empty);
        (is_idle(&body) && is_idle(&running)).then_some(())
    })
    .await;
    let ended = began.elapsed();
    times.sort_unstable();
    let milliseconds = |part: usize| times[(times.len() - 1) * part / 100].as_secs_f64() * 1e3;
    println!(
        "{:10} service: {:.0} uploads/s (median {:.1} ms, 99 % {:.1} ms), all runs ended after {:.1} s, peak {} MiB",
        name(database.kind()),
        feeds.len() as f64 / uploaded.as_secs_f64(),
        milliseconds(50),
        milliseconds(99),
        ended.as_secs_f64(),
        service.memory_kib_max() >> 10,
    );
    let took = seconds_of(service.process()) - before;
    tell(database.kind(), "service", feeds.len(), took, server.seconds() - server_before);
}

fn name(kind: DatabaseKind) -> &'static str {
    match kind {
        DatabaseKind::Postgres => "PostgreSQL",
        DatabaseKind::Sqlite => "SQLite",
    }
}

/// Tells the processor time of each feed.
fn tell(kind: DatabaseKind, what: &str, feeds: usize, program: f64, server: f64) {
    let each = |seconds: f64| seconds * 1e3 / feeds as f64;
    println!(
        "{:10} {what}: {:.2} ms of processor for each feed (program {:.2}, server {:.2})",
        name(kind),
        each(program + server),
        each(program),
        each(server),
    );
}

/// The server of a database, if there is one whose processes can be seen.
struct Server(Option<PathBuf>);

impl Server {
    async fn of(database: &TestDatabase) -> Self {
        if database.kind() == DatabaseKind::Sqlite {
            return Self(None);
        }
        Self(database.texts("show data_directory").await.pop().map(PathBuf::from))
    }

    /// Processor seconds of the server and its sessions, those that have ended among them.
    fn seconds(&self) -> f64 {
        let Some(process) = self.0.as_deref().and_then(first_process) else { return 0.0 };
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let sessions = processes.filter_map(|each| each.file_name().to_str()?.parse().ok());
        let sessions =
            sessions.filter_map(fields).filter(|fields| (fields[1] - f64::from(process)).abs() < 0.5);
        let ended = fields(process).map_or(0.0, |fields| fields[11..15].iter().sum());
        (ended + sessions.map(|fields| fields[11] + fields[12]).sum::<f64>()) / 100.0
    }
}

fn first_process(folder: &Path) -> Option<u32> {
    fs::read_to_string(folder.join("postmaster.pid")).ok()?.lines().next()?.trim().parse().ok()
}

/// What the system says of a process, from its state on; 1 is its parent, 11 to 14 are its times in hundredths of a
/// second: its own, and those of its children that have ended.
fn fields(process: u32) -> Option<Vec<f64>> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let fields = stat.rsplit(") ").next()?.split(' ').map(|text| text.trim().parse().unwrap_or(f64::NAN));
    Some(fields.collect()).filter(|fields: &Vec<f64>| fields.len() > 15)
}

fn seconds_of(process: u32) -> f64 {
    fields(process).map_or(f64::NAN, |fields| (fields[11] + fields[12]) / 100.0)
}

/// Processor time of all children so far.
fn children_seconds() -> f64 {
    fields(std::process::id()).map_or(f64::NAN, |fields| (fields[13] + fields[14]) / 100.0)
}
