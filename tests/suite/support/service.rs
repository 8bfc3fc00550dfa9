//! The service as a process of its own, and a client that speaks to it.

use super::database::TestDatabase;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, Once};
use std::time::{Duration, Instant};

/// How long to wait for what must happen.
const PATIENCE: Duration = Duration::from_mins(2);
/// How often to look.
const LOOK: Duration = Duration::from_millis(50);

/// A service under way; killed when it is dropped.
pub(crate) struct Service {
    child: Child,
    pub(crate) address: String,
    pub(crate) admin: String,
    log: Arc<Mutex<String>>,
}

impl Service {
    /// Starts it over a database, with a spool beside that and the guard off.
    pub(crate) fn start(database: &TestDatabase, arguments: &[&str]) -> Self {
        let spool = format!("file:{}", database.folder.path().join("spool").display());
        Self::start_with(database.url.secret(), &spool, database.folder.path(), arguments)
    }

    /// The same, with a spool of its own.
    pub(crate) fn start_with(database: &str, spool: &str, home: &Path, arguments: &[&str]) -> Self {
        let usual = [["--listen", "127.0.0.1:0"], ["--admin-listen", "127.0.0.1:0"]];
        let unsaid = usual.iter().filter(|[flag, _]| !arguments.contains(flag)).flatten();
        let mut child = Command::new(env!("CARGO_BIN_EXE_feedgate"))
            .args(["serve", "--spool", spool])
            .args(unsaid)
            .args(["--database", database, "--set", "guard.create=off", "--set", "guard.update=off"])
            .args([
                "--set",
                "guard.same_title=off",
                "--set",
                "guard.price=off",
                "--set",
                "guard.size_max=off",
            ])
            .args(["--set", "guard.size_min=off", "--set", "guard.price_jump=off"])
            .args(arguments)
            .env("HOME", home)
            .current_dir(home)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let log = Arc::new(Mutex::new(String::new()));
        let lines = follow(&mut child, &log);
        let place = |before: &str| loop {
            let line = lines.recv_timeout(PATIENCE).unwrap_or_else(|_| {
                panic!("the service does not start: {}", log.lock().expect("no panic while held"))
            });
            if let Some(address) = line.strip_prefix(before) {
                return address.to_owned();
            }
        };
        let (address, admin) = (place("listening on http://"), place("for operators: http://"));
        Self { child, address, admin, log }
    }

    /// What it wrote on standard error.
    pub(crate) fn log(&self) -> String {
        self.log.lock().expect("no panic while held").clone()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Kills it, and waits until it is gone.
    pub(crate) fn kill(mut self) {
        self.end_now();
    }

    fn end_now(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(sent.expect("there is a kill").success());
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.signal("TERM");
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                return status;
            }
            assert!(began.elapsed() < PATIENCE, "it does not stop: {}", self.log());
            std::thread::sleep(LOOK);
        }
    }

    /// The most memory it had so far, in KiB.
    pub(crate) fn memory_kib_max(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        line.trim().trim_end_matches(" kB").trim().parse().unwrap_or_default()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.end_now();
    }
}

/// Reads its standard error to the end, line by line.
fn follow(child: &mut Child, log: &Arc<Mutex<String>>) -> Receiver<String> {
    let (tell, lines) = mpsc::channel();
    let (stderr, log) = (child.stderr.take().expect("it is piped"), Arc::clone(log));
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            log.lock().expect("no panic while held").push_str(&(line.clone() + "\n"));
            let _ = tell.send(line);
        }
    });
    lines
}

/// A client that says no more than it is told to.
pub(crate) fn client() -> Client {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    Client::builder().timeout(PATIENCE).build().expect("a client")
}

/// A feed as the body.
pub(crate) fn upload(
    client: &Client,
    service: &Service,
    query: &str,
    feed: impl Into<reqwest::Body>,
) -> RequestBuilder {
    let address = service.url(&format!("/v1/feeds{query}"));
    client.post(address).header("content-type", "application/xml").body(feed)
}

/// Status and body.
pub(crate) async fn said(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.expect("a body");
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// Sends it, and gives back status and body.
pub(crate) async fn sent(request: RequestBuilder) -> (u16, Value) {
    said(request.send().await.expect("the service answers")).await
}

/// Submits a feed that is taken; gives back its run.
pub(crate) async fn submitted(request: RequestBuilder) -> i64 {
    let (status, body) = sent(request).await;
    assert_eq!(status, 202, "{body}");
    body["run"].as_i64().expect("a number")
}

/// Looks until something is so.
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "it never happens: {what}");
        tokio::time::sleep(LOOK).await;
    }
}

/// Waits for the end of a run; gives it back.
pub(crate) async fn ended(client: &Client, service: &Service, run: i64) -> Value {
    until("the run ends", async || {
        let (status, body) = sent(client.get(service.url(&format!("/v1/runs/{run}")))).await;
        assert_eq!(status, 200, "{body}");
        let state = body["state"].as_str().expect("a state").to_owned();
        (!["queued", "running"].contains(&state.as_str())).then_some(body)
    })
    .await
}
