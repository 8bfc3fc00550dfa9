//! A real Collector, Prometheus and Jaeger with what `deploy/` has for them, where their programs are at hand.
//!
//! ```text
//!  feedgate ─▶ Collector (deploy/collector) ┬▶ Prometheus (deploy/prometheus/rules)
//!                                           └▶ Jaeger, on disk: in memory it cannot search for errors
//! ```

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::super::cli::repository;
use serde_json::Value;

/// How long anything of it may take to come about.
const PATIENCE: Duration = Duration::from_secs(25);
/// How long to wait before looking again.
const PAUSE: Duration = Duration::from_millis(200);

/// The programs.
#[derive(Debug)]
pub(crate) struct Programs {
    collector: PathBuf,
    prometheus: PathBuf,
    jaeger: Option<PathBuf>,
}

impl Programs {
    /// Collector and Prometheus; `None`, said loudly, where one is missing.
    pub(crate) fn of_metrics(left_out: &str) -> Option<Self> {
        let collector = program("otelcol/otelcol", left_out)?;
        let prometheus = program("prometheus-deb/usr/bin/prometheus", left_out)?;
        runs("curl").or_else(|| skip("curl", left_out))?;
        Some(Self { collector, prometheus, jaeger: None })
    }

    /// All of them; `None`, said loudly, where one is missing.
    pub(crate) fn all(left_out: &str) -> Option<Self> {
        let jaeger = Some(program("jaeger/jaeger", left_out)?);
        Some(Self { jaeger, ..Self::of_metrics(left_out)? })
    }
}

/// A program that the checks of `deploy/` keep.
fn program(path: &str, left_out: &str) -> Option<PathBuf> {
    let kept = std::env::var_os("FEEDGATE_TOOLS").map(PathBuf::from);
    let usual = || std::env::home_dir().map(|home| home.join(".cache/feedgate-tools"));
    let program = kept.or_else(usual)?.join(path);
    program.is_file().then(|| program.clone()).or_else(|| skip(&program.display().to_string(), left_out))
}

fn runs(name: &str) -> Option<()> {
    let status = Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success()).then_some(())
}

/// Written past the capture of test output: it is meant to be seen when all is well.
fn skip<T>(missing: &str, left_out: &str) -> Option<T> {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {left_out}: there is no `{missing}`");
    None
}

/// A program that ends with the test, whatever becomes of that.
#[derive(Debug)]
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// All of it, running.
#[derive(Debug)]
pub(crate) struct Observatory {
    folder: tempfile::TempDir,
    running: Vec<Running>,
    otlp: u16,
    /// Address of Prometheus.
    pub(crate) prometheus: String,
    /// Address of Jaeger.
    pub(crate) jaeger: String,
}

impl Observatory {
    /// Starts everything and waits until it answers.
    pub(crate) fn open(programs: &Programs) -> Self {
        let folder = tempfile::tempdir().expect("a folder for a test");
        let [otlp, prometheus, jaeger] = [free_port(), free_port(), free_port()];
        let address = |port| format!("http://127.0.0.1:{port}");
        let (prometheus, jaeger) = (address(prometheus), address(jaeger));
        let mut opened = Self { folder, running: Vec::new(), otlp, prometheus, jaeger };
        opened.start_prometheus(&programs.prometheus);
        let traces = free_port();
        if let Some(program) = &programs.jaeger {
            opened.start_jaeger(program, traces);
        }
        opened.start_collector(&programs.collector, traces);
        opened.answers(&format!("{}/-/ready", opened.prometheus));
        if programs.jaeger.is_some() {
            opened.answers(&format!("{}/api/services", opened.jaeger));
        }
        opened
    }

    /// What a run needs to know to be heard.
    pub(crate) fn variables(&self) -> [(&'static str, String); 2] {
        let place = "k8s.namespace.name=test,k8s.cluster.name=here";
        [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://127.0.0.1:{}", self.otlp)),
            ("OTEL_RESOURCE_ATTRIBUTES", place.to_owned()),
        ]
    }

    /// What Prometheus answers: labels and value of each series.
    #[track_caller]
    pub(crate) fn query(&self, expression: &str) -> Vec<(Value, f64)> {
        let url = format!("{}/api/v1/query", self.prometheus);
        let query = format!("query={expression}");
        let text = curl(&["-G", &url, "--data-urlencode", &query]).expect("Prometheus answers");
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(answer["status"], "success", "{expression}: {answer}");
        let series = answer["data"]["result"].as_array().expect("series").iter();
        series.map(|each| (each["metric"].clone(), value(&each["value"][1]))).collect()
    }

    fn start_prometheus(&mut self, program: &Path) {
        for name in ["recording.yaml", "alerts.yaml"] {
            let rules = repository("deploy/prometheus/rules").join(name);
            let rules =
                std::fs::read_to_string(rules).expect("rules").replace("interval: 1m", "interval: 1s");
            self.file(name, &rules);
        }
        self.file(
            "prometheus.yaml",
            "global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [recording.yaml, alerts.yaml]\n",
        );
        let listen = self.prometheus.replace("http://", "--web.listen-address=");
        let arguments = ["--config.file=prometheus.yaml", "--storage.tsdb.path=metrics", &listen];
        self.start(program, &[&arguments[..], &["--web.enable-remote-write-receiver"]].concat(), &[]);
    }

    fn start_jaeger(&mut self, program: &Path, traces: u16) {
        let query = self.jaeger.replace("http://", "");
        let config = format!(
            "service:
  extensions: [jaeger_storage, jaeger_query]
  pipelines:
    traces: {{receivers: [otlp], exporters: [jaeger_storage_exporter]}}
  telemetry: {{metrics: {{level: none}}}}
extensions:
  jaeger_query:
    storage: {{traces: disk}}
    http: {{endpoint: '{query}'}}
    grpc: {{endpoint: '127.0.0.1:{}'}}
  jaeger_storage:
    backends:
      disk: {{badger: {{directories: {{keys: traces/keys, values: traces/values}}, ephemeral: false}}}}
receivers:
  otlp: {{protocols: {{grpc: {{endpoint: '127.0.0.1:{traces}'}}}}}}
exporters:
  jaeger_storage_exporter: {{trace_storage: disk}}
",
            free_port()
        );
        self.file("jaeger.yaml", &config);
        self.start(program, &["--config=file:jaeger.yaml"], &[]);
    }

    /// As it is delivered, but for its ports, and that it decides soon which traces to keep.
    fn start_collector(&mut self, program: &Path, traces: u16) {
        let (grpc, own) = (free_port(), free_port());
        let changes = format!(
            "receivers:
  otlp:
    protocols: {{grpc: {{endpoint: '127.0.0.1:{grpc}'}}, http: {{endpoint: '127.0.0.1:{}'}}}}
processors: {{tail_sampling: {{decision_wait: 1s}}}}
service:
  telemetry:
    metrics: {{readers: [{{pull: {{exporter: {{prometheus: {{host: 127.0.0.1, port: {own}}}}}}}}}]}}
",
            self.otlp
        );
        self.file("changes.yaml", &changes);
        let pipeline = format!("--config={}", repository("deploy/collector/pipeline.yaml").display());
        let variables = [
            ("JAEGER_OTLP_ENDPOINT", format!("127.0.0.1:{traces}")),
            ("JAEGER_OTLP_PLAINTEXT", "true".to_owned()),
            ("PROMETHEUS_REMOTE_WRITE_URL", format!("{}/api/v1/write", self.prometheus)),
            // Nobody takes the logs here.
            ("LOGS_OTLP_ENDPOINT", format!("http://127.0.0.1:{}", free_port())),
        ];
        self.start(program, &[&pipeline, "--config=changes.yaml"], &variables);
        self.answers(&format!("http://127.0.0.1:{own}/metrics"));
    }

    fn file(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).expect("written");
    }

    fn start(&mut self, program: &Path, arguments: &[&str], variables: &[(&str, String)]) {
        let log = program.file_name().expect("a program has a name").to_string_lossy().into_owned() + ".log";
        let log = std::fs::File::create(self.folder.path().join(log)).expect("a file for what it says");
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.folder.path());
        command.envs(variables.iter().map(|(name, value)| (*name, value))).stdin(Stdio::null());
        command.stdout(log.try_clone().expect("one file more")).stderr(log);
        self.running.push(Running(command.spawn().expect("the program starts")));
    }

    #[track_caller]
    fn answers(&self, url: &str) {
        until(&format!("{url} answers"), || curl(&[url]).is_some(), || self.logs());
    }

    /// The end of what each program has said.
    pub(crate) fn logs(&self) -> String {
        let files =
            std::fs::read_dir(self.folder.path()).expect("the folder").flatten().map(|each| each.path());
        let logs = files.filter(|path| path.extension().is_some_and(|ending| ending == "log"));
        let ends = logs.map(|path| {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            format!("{}:\n{}\n", path.display(), lines[lines.len().saturating_sub(15)..].join("\n"))
        });
        ends.collect()
    }
}

fn value(text: &Value) -> f64 {
    text.as_str().and_then(|text| text.parse().ok()).expect("a value is a number")
}

/// Waits until something is so.
#[track_caller]
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool, why_not: impl Fn() -> String) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}\n{}", why_not());
        std::thread::sleep(PAUSE);
    }
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound").port()
}

/// What an address answers, when it does.
fn curl(arguments: &[&str]) -> Option<String> {
    let output = Command::new("curl").args(["-sSf", "-m", "10"]).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
