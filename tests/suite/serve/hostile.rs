//! What must not take the service down, nor leave anything: bombs, cut bodies, wrong lengths, too many headers,
//! requests that two programs might read differently, clients that take their time, a disk that is full, a database
//! that is gone.

use super::submit::small;
use crate::support::catalogue::{Fault, catalogue};
use crate::support::database::{TestDatabase, on_each, sqlite};
use crate::support::service::{Service, client, ended, sent, submitted, until, upload};
use feedgate::config::DatabaseKind;
use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// How long a connection is waited for.
const PATIENCE: Duration = Duration::from_secs(40);

fn connect(service: &Service) -> TcpStream {
    let stream = TcpStream::connect(&service.address).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream
}

/// Sends bytes, says that there are no more, and reads what comes back.
fn raw(service: &Service, request: &[u8]) -> String {
    let mut stream = connect(service);
    // It may have answered, and closed, before all is sent.
    let _ = stream.write_all(request);
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// What is answered to somebody who asks as usual.
fn asked(service: &Service, path: &str) -> String {
    let mut stream = connect(service);
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

/// The status of the first answer; 0 when there is none.
fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
}

/// How many answers there are.
fn answers(answer: &str) -> usize {
    answer.matches("HTTP/1.1 ").count()
}

fn spool(database: &TestDatabase) -> usize {
    fs::read_dir(database.folder.path().join("spool")).expect("a spool").count()
}

async fn still_serves(service: &Service) {
    let client = client();
    let run = submitted(upload(&client, service, "?again=true", small("still", 1))).await;
    assert_eq!(ended(&client, service, run).await["state"], "succeeded");
}

#[test]
fn a_request_that_is_none_leaves_it_serving() {
    on_each(async |database| {
        let service = Service::start(database, &[]);
        let lines = "x-a: b\r\n".repeat(1_000);
        let long = format!("x-a: {}\r\n", "b".repeat(1 << 17));
        let post = "POST /v1/feeds HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/xml\r\n";
        let cases: [(&str, String, &[u16]); 12] = [
            ("noise", "\0\u{1}\u{2}\r\n\r\n".to_owned(), &[400, 0]),
            ("another protocol", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), &[400, 404, 405, 505, 0]),
            (
                "a thousand headers",
                format!("GET /v1/runs HTTP/1.1\r\nhost: localhost\r\n{lines}\r\n"),
                &[431],
            ),
            ("a long header", format!("GET /v1/runs HTTP/1.1\r\nhost: localhost\r\n{long}\r\n"), &[431, 0]),
            (
                "a long path",
                format!("GET /{} HTTP/1.1\r\nhost: localhost\r\n\r\n", "a".repeat(70_000)),
                &[414, 431, 0],
            ),
            ("two lengths", format!("{post}content-length: 3\r\ncontent-length: 4\r\n\r\n<a/>"), &[400, 0]),
            ("no length", format!("{post}content-length: -1\r\n\r\n<a/>"), &[400, 0]),
            (
                "a length beyond all",
                format!("{post}content-length: 99999999999999999999999\r\n\r\n<a/>"),
                &[400, 413, 0],
            ),
            ("too long", format!("{post}content-length: 99999999999\r\n\r\n<a/>"), &[413]),
            ("cut", format!("{post}content-length: 100\r\n\r\n<a/>"), &[400, 0]),
            ("a cut chunk", format!("{post}transfer-encoding: chunked\r\n\r\nff\r\n<a/>"), &[400, 0]),
            (
                "a wrong chunk",
                format!("{post}transfer-encoding: chunked\r\n\r\nzz\r\n<a/>\r\n0\r\n\r\n"),
                &[400, 0],
            ),
        ];
        for (name, request, expected) in cases {
            let answer = raw(&service, request.as_bytes());
            assert!(expected.contains(&status(&answer)), "{name}: {answer}");
        }
        until("nothing is left", async || (spool(database) == 0).then_some(())).await;
        assert_eq!(database.number("select count(*) from run").await, 0);
        still_serves(&service).await;
    });
}

#[test]
fn a_form_whose_heads_do_not_end_is_refused_and_not_kept() {
    on_each(async |database| {
        let service = Service::start(database, &[]);
        let before = service.memory_kib_max();
        let long = "x".repeat(64 << 20);
        for path in ["/v1/feeds", "/v1/records:check"] {
            let form = format!(
                "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: multipart/form-data; boundary=b\r\n\
                 transfer-encoding: chunked\r\n\r\n4000000\r\n--b\r\nx-a: {long}"
            );
            assert_eq!(status(&raw(&service, form.as_bytes())), 400, "{path}");
        }
        let most = service.memory_kib_max() - before;
        assert!(most < 32 << 10, "{most} KiB more");
        assert_eq!(spool(database), 0);
        still_serves(&service).await;
    });
}

#[test]
fn a_request_is_read_in_one_way_only() {
    on_each(async |database| {
        let service = Service::start(database, &[]);
        let inner = "GET /v1/formats HTTP/1.1\r\nhost: localhost\r\n\r\n";
        let post = "POST /v1/feeds HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/xml\r\n";
        let both = format!(
            "{post}content-length: {}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{inner}",
            inner.len() + 5
        );
        let cases = [
            ("length, then chunks", both.clone()),
            (
                "chunks, then length",
                format!("{post}transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n{inner}"),
            ),
            ("chunks that are none", format!("{post}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n{inner}")),
            ("chunks twice", format!("{post}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n{inner}")),
            (
                "a space before the colon",
                format!("{post}transfer-encoding : chunked\r\n\r\n0\r\n\r\n{inner}"),
            ),
            ("a folded line", format!("{post}transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n{inner}")),
        ];
        for (name, request) in cases {
            let answer = raw(&service, request.as_bytes());
            assert!(answers(&answer) <= 1, "{name}: what stands behind was taken for a request: {answer}");
            assert!([400, 413, 501, 0].contains(&status(&answer)), "{name}: {answer}");
        }
        assert_eq!(database.number("select count(*) from run").await, 0);
        still_serves(&service).await;
    });
}

#[test]
fn bombs_end_in_a_named_limit() {
    on_each(async |database| {
        let (service, client) =
            (Service::start(database, &["--set", "limits.decoded_bytes_max=64MiB"]), client());
        let zeros = vec![b' '; 200 << 20];
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(&zeros).expect("writes to memory");
        let gzip = gzip.finish().expect("writes to memory");
        let zstd = zstd::encode_all(&zeros[..], 3).expect("writes to memory");
        drop(zeros);
        for (kind, bomb) in [("gzip", gzip), ("zstd", zstd)] {
            let address = service.url("/v1/feeds");
            let request =
                client.post(address).header("content-type", format!("application/{kind}")).body(bomb);
            let run = submitted(request).await;
            let end = ended(&client, &service, run).await;
            assert_ne!(end["exit_status"], 0, "{kind}: {end}");
            let report = client.get(service.url(&format!("/v1/runs/{run}/report.txt"))).send().await;
            let report = report.expect("it answers").text().await.expect("a text");
            let told = format!("{}\n{report}", end["message"]);
            assert!(
                ["text_bytes_max", "decoded_bytes_max", "ratio_max"].iter().any(|limit| told.contains(limit)),
                "{told}"
            );
        }
        assert!(service.memory_kib_max() < 256 << 10, "{} KiB", service.memory_kib_max());
        still_serves(&service).await;
    });
}

#[test]
fn a_slow_client_is_ended_and_keeps_nobody_waiting() {
    let database = sqlite();
    let service = Service::start(&database, &[]);
    let mut heads = connect(&service);
    heads.write_all(b"POST /v1/feeds HTTP/1.1\r\nhost: localh").expect("sent");
    let mut body = connect(&service);
    let head = "POST /v1/feeds HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/xml\r\n\
                content-length: 9000\r\n\r\n";
    body.write_all(head.as_bytes()).expect("sent");
    let began = Instant::now();
    let mut looks = Vec::new();
    loop {
        // One byte a second: never a pause, never an end.
        if body.write_all(b" ").is_err() || began.elapsed() > Duration::from_secs(15) {
            break;
        }
        let look = Instant::now();
        assert_eq!(status(&asked(&service, "/v1/formats")), 200);
        looks.push(look.elapsed());
        std::thread::sleep(Duration::from_millis(900));
    }
    let mut answer = String::new();
    let _ = body.read_to_string(&mut answer);
    let _ = heads.read_to_string(&mut String::new());
    assert!(began.elapsed() < Duration::from_secs(30), "it ended after {:?}", began.elapsed());
    assert!(answer.is_empty() || status(&answer) == 408, "{answer}");
    assert_eq!(fs::read_dir(database.folder.path().join("spool")).expect("a spool").count(), 0);
    eprintln!("slowest look beside a slow client: {:?}", looks.iter().max());
}

/// A small disk at a folder, gone when it is dropped.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(at: &'a Path) -> Option<Self> {
        fs::create_dir_all(at).expect("a folder");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=256k", "tmpfs"]).arg(at).output();
        mounted.is_ok_and(|mounted| mounted.status.success()).then_some(Self(at))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

#[test]
fn a_full_disk_is_told_and_keeps_nothing_half() {
    let database = sqlite();
    let place = database.folder.path().join("spool");
    let Some(_disk) = SmallDisk::mount(&place) else {
        eprintln!("SKIPPED: no small disk can be mounted here, which needs root");
        return;
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let (service, client) = (Service::start(&database, &[]), client());
        let large = catalogue("A", 2_000, |_| Fault::None);
        let response = upload(&client, &service, "", large).send().await.expect("it answers");
        assert_eq!(response.status().as_u16(), 507);
        assert!(response.headers().contains_key("retry-after"));
        assert_eq!(fs::read_dir(&place).expect("a spool").count(), 0);
        assert_eq!(database.number("select count(*) from run").await, 0);
        still_serves(&service).await;
    });
}

#[test]
fn a_database_that_is_gone_is_told_and_keeps_nothing_half() {
    on_each(async |database| {
        if database.kind() == DatabaseKind::Sqlite {
            // A file does not go away.
            return;
        }
        let (service, client) = (Service::start(database, &[]), client());
        still_serves(&service).await;
        let name = database.texts("select current_database()").await.remove(0);
        let server = super::server(database);
        server.execute(&format!("alter database {name} allow_connections false")).await;
        server
            .execute(&format!(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
            ))
            .await;
        let (status, problem) = sent(upload(&client, &service, "", small("A", 7))).await;
        assert_eq!(status, 503, "{problem}");
        assert_eq!(sent(client.get(format!("http://{}/readyz", service.admin))).await.0, 503);
        assert_eq!(sent(client.get(format!("http://{}/healthz", service.admin))).await.0, 200);
        assert_eq!(spool(database), 0, "nothing is kept half");
        server.execute(&format!("alter database {name} allow_connections true")).await;
        still_serves(&service).await;
        assert_eq!(sent(client.get(format!("http://{}/readyz", service.admin))).await.0, 200);
    });
}
