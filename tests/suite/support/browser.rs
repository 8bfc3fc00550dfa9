//! A real browser: Chromium without a window, driven over `WebDriver` by its own driver program.
//!
//! `tests/run.sh` installs both where it can; without them what needs a browser is skipped, and said so.

use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder};
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long anything may take to come about.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long to wait before looking again.
const PAUSE: Duration = Duration::from_millis(50);
/// What checks whether everybody can use a page; fetched by npm, kept beside the tools of `deploy/`.
const AXE: &str = "axe-core@4.14.1";
/// Where pictures of pages are kept, below the folder of the build.
const PICTURES: &str = "screenshots";

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Light,
    Dark,
}

impl Scheme {
    pub(crate) const BOTH: [Self; 2] = [Self::Light, Self::Dark];

    fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// A browser with a profile of its own, which ends with the test.
#[derive(Debug)]
pub(crate) struct Browser {
    client: Client,
    driver: Child,
    _profile: tempfile::TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Chromium goes with its driver's group.
        let group = format!("-{}", self.driver.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// A command that `WebDriver` itself does not have.
#[derive(Debug)]
struct Extension {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}

impl Browser {
    /// A browser; `None`, said loudly, where there is none.
    pub(crate) async fn start(left_out: &str) -> Option<Self> {
        let chromium = ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|name| runs(name));
        let Some(chromium) = chromium.filter(|_| runs("chromedriver")) else {
            let told = "there is no Chromium with its driver (packages chromium and chromium-driver)";
            let _ = writeln!(std::io::stderr(), "SKIPPED: {left_out}: {told}");
            return None;
        };
        let profile = tempfile::tempdir().expect("a folder");
        let (driver, address) = driver(profile.path());
        let client = session(&address, chromium, profile.path()).await;
        Some(Self { client, driver, _profile: profile })
    }

    /// Opens a page.
    pub(crate) async fn open(&self, address: &str) {
        self.client.goto(address).await.unwrap_or_else(|error| panic!("{address}: {error}"));
    }

    /// What drives it.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// What a script comes to; `return` gives its value.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// The text of the page as it is seen.
    pub(crate) async fn text(&self) -> String {
        self.run("return document.body.innerText").await.as_str().expect("text").to_owned()
    }

    /// Waits until a script gives true.
    pub(crate) async fn until(&self, script: &str) {
        let began = Instant::now();
        while self.run(script).await != Value::Bool(true) {
            assert!(began.elapsed() < PATIENCE, "never: {script}\n{}", self.text().await);
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// A window of this width, light or dark.
    pub(crate) async fn looks(&self, width: u32, scheme: Scheme) {
        let size = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600});
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        let feature = json!({"name": "prefers-color-scheme", "value": scheme.as_str()});
        self.devtools("Emulation.setEmulatedMedia", json!({"features": [feature]})).await;
    }

    /// Whether scripts of pages run; the tests' own do either way.
    pub(crate) async fn scripts(&self, run: bool) {
        self.devtools("Emulation.setScriptExecutionDisabled", json!({"value": !run})).await;
    }

    /// A command of Chromium's own protocol.
    async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({"cmd": command, "params": parameters});
        let command = Extension { path: "goog/cdp/execute", body };
        self.client.issue_cmd(command).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// What the browser complained of since it was asked last: scripts that failed, and what a policy forbade.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let asked = Extension { path: "se/log", body: json!({"type": "browser"}) };
        let told = self.client.issue_cmd(asked).await.expect("a log");
        let told = told.as_array().expect("a list").iter();
        told.map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Pixels by which the page is wider than the window.
    pub(crate) async fn overflow(&self) -> i64 {
        let script = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        self.run(script).await.as_i64().expect("a number")
    }

    /// Keeps a picture of the whole page, for somebody to look at.
    pub(crate) async fn picture(&self, name: &str) {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(PICTURES);
        fs::create_dir_all(&folder).expect("a folder");
        let bytes = self.client.screenshot().await.expect("a picture");
        fs::write(folder.join(format!("{name}.png")), bytes).expect("writes");
    }

    /// What keeps somebody from using the page, the serious things: rule, and where it is broken.
    ///
    /// `None`, said loudly, where what checks it cannot be had.
    pub(crate) async fn obstacles(&self) -> Option<Vec<String>> {
        let axe = axe()?;
        self.run(&axe).await;
        let check = "const done = arguments[arguments.length - 1];
            axe.run(document, {resultTypes: ['violations']}).then((result) => done(result.violations
                .filter((wrong) => ['serious', 'critical'].includes(wrong.impact))
                .map((wrong) => wrong.id + ': ' + wrong.nodes.map((node) => node.html).join(' '))));";
        let found = self.client.execute_async(check, Vec::new()).await.expect("it checks");
        let found = found.as_array().expect("a list").iter();
        Some(found.map(|wrong| wrong.as_str().unwrap_or_default().to_owned()).collect())
    }
}

fn runs(program: &str) -> bool {
    let status = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// The driver program on a free port, and its address.
fn driver(folder: &Path) -> (Child, String) {
    use std::os::unix::process::CommandExt;
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    let log = fs::File::create(folder.join("driver.log")).expect("a file");
    let mut command = Command::new("chromedriver");
    command.arg(format!("--port={port}")).stdout(log.try_clone().expect("the file again")).stderr(log);
    let child = command.process_group(0).spawn().expect("the driver starts");
    (child, format!("http://127.0.0.1:{port}"))
}

/// A session, as soon as the driver listens.
async fn session(address: &str, chromium: &str, profile: &Path) -> Client {
    let arguments = [
        "--headless=new".to_owned(),
        // In a container there is no room for a sandbox of its own, and tests may run as root.
        "--no-sandbox".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--disable-gpu".to_owned(),
        "--no-proxy-server".to_owned(),
        format!("--user-data-dir={}", profile.join("profile").display()),
    ];
    let options = json!({"args": arguments, "binary": path_of(chromium)});
    let mut capabilities = Capabilities::new();
    capabilities.insert("goog:chromeOptions".to_owned(), options);
    capabilities.insert("goog:loggingPrefs".to_owned(), json!({"browser": "ALL"}));
    let began = Instant::now();
    loop {
        let mut builder = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
        match builder.capabilities(capabilities.clone()).connect(address).await {
            Ok(client) => return client,
            Err(error) => assert!(began.elapsed() < PATIENCE, "no browser: {error}"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn path_of(program: &str) -> String {
    let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).output().expect("a shell");
    String::from_utf8(found.stdout).expect("a path").trim().to_owned()
}

/// The text of the checker, fetched once.
fn axe() -> Option<String> {
    let kept = std::env::var_os("FEEDGATE_TOOLS").map(PathBuf::from);
    let folder = kept.or_else(|| std::env::home_dir().map(|home| home.join(".cache/feedgate-tools")))?;
    let script = folder.join(AXE).join("package/axe.min.js");
    if !script.is_file() && fetch(AXE, &folder.join(AXE)).is_none() {
        let told = format!("SKIPPED: no page is checked for who can use it: `npm pack {AXE}` gives nothing");
        let _ = writeln!(std::io::stderr(), "{told}");
        return None;
    }
    fs::read_to_string(script).ok()
}

/// Fetches a package of npm into a folder that has either all of it or is not there.
fn fetch(package: &str, folder: &Path) -> Option<()> {
    fs::create_dir_all(folder.parent()?).ok()?;
    let partial = tempfile::tempdir_in(folder.parent()?).ok()?;
    let run = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        let status = command.args(arguments).current_dir(partial.path()).stdout(Stdio::null()).status();
        status.ok().filter(std::process::ExitStatus::success).map(|_| ())
    };
    run("npm", &["pack", "--silent", package])?;
    run("sh", &["-c", "tar xzf ./*.tgz"])?;
    // Another test may have been quicker: what is there is the same.
    let _ = fs::rename(partial.keep(), folder);
    folder.join("package").is_dir().then_some(())
}
