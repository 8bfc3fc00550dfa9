//! A process that lives on: requests, runs that follow them, and what is told while nothing ends.

use super::{is_error, root};
use crate::cli::Desk;
use crate::support::collector::{Collector, Manner, Received, Tongue, hexadecimal, number, of};
use feedgate::config::{Environment, Layers, Settings};
use feedgate::judgement::{Acceptance, Failure, FeedEnd, FeedEvent, FeedStart, Finding, Severity, Tally};
use feedgate::telemetry::{
    Exposition, Instance, LogReader, RequestEnd, RequestStart, RunTelemetry, Telemetry,
};
use feedgate::telemetry::{QueueStanding, UploadOutcome};
use feedgate::xml::Place;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::Ipv4Addr;
use std::process::{ChildStderr, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

/// Says in the environment that this is the process that lives on.
const HERE: &str = "SERVICE_IN_A_PROCESS";
/// The span of a client.
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";
/// Nothing of it may leave.
const SECRET: &str = "fgt_geheim";

/// Telemetry as a service starts it, for a collector that the environment of this process names.
fn service() -> Telemetry {
    let variable = |name| std::env::var(name).expect("given by the test");
    let names = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "TRACEPARENT"];
    let given: Vec<(&str, String)> = names.iter().map(|name| (*name, variable(name))).collect();
    let given: Vec<(&str, &str)> = given.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let environment = Environment::of(&given);
    let layers = Layers::gather(environment.clone(), None).expect("settings");
    let settings = Settings::settle(&layers).expect("settings");
    let (reader, exposition) = (LogReader::Terminal, Exposition::Scrape);
    let started = Telemetry::start(
        &settings.telemetry,
        settings.log,
        &environment,
        reader,
        exposition,
        &Instance::Process,
    );
    started.expect("exporters").0
}

/// This test once more, in a process of its own: exporters read the environment of their process.
fn process(name: &str, collector: &Collector) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("the suite"));
    command.args(["--exact", &format!("telemetry::service::{name}")]).envs(collector.variables());
    // Who started the service asked for none of its runs.
    command.env(HERE, "1").env("TRACEPARENT", format!("00-{}-{SPAN}-01", "1".repeat(32)));
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

fn is_here() -> bool {
    std::env::var_os(HERE).is_some()
}

/// A process that told a collector everything it had to.
#[track_caller]
fn told(name: &str, tongue: Tongue) -> Received {
    let collector = Collector::start(tongue, Manner::Good);
    let output = process(name, &collector).output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    collector.received()
}

/// Four requests, and a run that one of them asked for.
fn serve() {
    let telemetry = service();
    let parent = format!("00-{TRACE}-{SPAN}-01");
    let upload = RequestStart {
        method: "POST",
        route: Some("/v1/feeds"),
        path: &format!("/v1/feeds?token={SECRET}"),
        host: Some("feeds.example:8080"),
        traceparent: Some(&parent),
        tracestate: Some("vendor=x"),
        client: Some(Ipv4Addr::LOCALHOST.into()),
        user_agent: Some("curl/8.0"),
    };
    let request = telemetry.request(&upload);
    let asked = request.traceparent().expect("spans are made");
    assert!(asked.contains(TRACE) && !asked.contains(SPAN), "{asked}");
    let others = telemetry.clone();
    // Requests end on other threads than they began.
    let end = RequestEnd {
        status: 202,
        request_bytes: 900,
        response_bytes: Some(40),
        token: Some("partner"),
        run: Some(17),
    };
    std::thread::spawn(move || request.end(&end)).join().expect("no panic");
    telemetry.uploaded(UploadOutcome::Accepted, Duration::from_millis(3));
    telemetry.queue(&QueueStanding { queued: 1, running: 0, oldest_age: Some(Duration::from_secs(2)) });
    let look = RequestStart {
        method: "GET",
        route: Some("/v1/runs/{id}"),
        path: "/v1/runs/17",
        ..Default::default()
    };
    others.request(&look).end(&RequestEnd { status: 503, ..RequestEnd::default() });
    drop(others.request(&look));
    let unsampled = format!("00-{TRACE}-{SPAN}-00");
    let silent = others.request(&RequestStart { traceparent: Some(&unsampled), ..look });
    silent.end(&RequestEnd { status: 200, ..RequestEnd::default() });
    telemetry.run_for("import", Some(&asked)).end(Acceptance::Accepted);
    let text = telemetry.exposition().expect("it is exposed");
    assert!(text.contains("feedgate_queue_depth{feedgate_queue_state=\"queued\"} 1\n"), "{text}");
    assert_eq!(telemetry.flush(), None);
    assert_eq!(telemetry.exposition(), None);
}

#[test]
fn a_request_is_a_span_and_a_line_and_its_run_leads_back_to_it() {
    if is_here() {
        return serve();
    }
    for tongue in [Tongue::Grpc, Tongue::Http] {
        let received = told("a_request_is_a_span_and_a_line_and_its_run_leads_back_to_it", tongue);
        assert!(!format!("{received:?}").contains(SECRET));
        let upload = received.named("POST /v1/feeds")[0];
        is_of_the_client(upload);
        let run = root(&received);
        let links: Vec<_> = run.links.iter().map(|link| (&link.trace_id, &link.span_id)).collect();
        assert_eq!(links, [(&upload.trace_id, &upload.span_id)]);
        assert!(run.trace_id != upload.trace_id && run.parent_span_id.is_empty());
        assert!(hexadecimal(&run.trace_id) != "1".repeat(32));
        let looks = received.named("GET /v1/runs/{id}");
        let statuses =
            looks.iter().map(|span| (number(&span.attributes, "http.response.status_code"), is_error(span)));
        assert_eq!(statuses.collect::<Vec<_>>(), [(503, true), (499, false)]);
        assert_eq!(of(&looks[0].attributes, "error.type").as_deref(), Some("503"));
        has_lines(&received, upload);
        let accepted = ("feedgate.outcome=accepted".to_owned(), 1.0);
        assert!(received.points("feedgate.uploads").contains(&accepted));
        assert!(received.metrics.iter().any(|metric| metric.name == "feedgate.http.duration"));
    }
}

/// The span of the upload stands below that of the client and says what is known.
#[track_caller]
fn is_of_the_client(upload: &Span) {
    assert_eq!(
        (hexadecimal(&upload.trace_id), hexadecimal(&upload.parent_span_id)),
        (TRACE.into(), SPAN.into())
    );
    assert_eq!((upload.kind(), upload.trace_state.as_str()), (SpanKind::Server, "vendor=x"));
    for (name, value) in [
        ("http.request.method", "POST"),
        ("http.route", "/v1/feeds"),
        ("url.path", "/v1/feeds"),
        ("url.scheme", "http"),
        ("server.address", "feeds.example"),
        ("server.port", "8080"),
        ("client.address", "127.0.0.1"),
        ("user_agent.original", "curl/8.0"),
        ("http.response.status_code", "202"),
        ("http.request.body.size", "900"),
        ("http.response.body.size", "40"),
        ("feedgate.token", "partner"),
        ("feedgate.run", "17"),
    ] {
        assert_eq!(of(&upload.attributes, name).as_deref(), Some(value), "{name}");
    }
}

/// The access log has one line for each request, that of the upload with its fields and ids.
#[track_caller]
fn has_lines(received: &Received, upload: &Span) {
    let lines: Vec<_> =
        received.logs.iter().filter(|log| of(&log.attributes, "url.path").is_some()).collect();
    let statuses = lines.iter().map(|log| number(&log.attributes, "http.response.status_code"));
    assert_eq!(statuses.collect::<Vec<_>>(), [202, 503, 499, 200]);
    let field = |name| of(&lines[0].attributes, name).unwrap_or_default();
    let [method, route, path] = ["http.request.method", "http.route", "url.path"].map(field);
    assert_eq!([method, route, path], ["POST", "/v1/feeds", "/v1/feeds"]);
    let [token, run, bytes] = ["feedgate.token", "feedgate.run", "http.request.body.size"].map(field);
    assert_eq!([token, run, bytes], ["partner", "17", "900"]);
    assert!(field("feedgate.elapsed_ms").parse::<f64>().is_ok_and(|elapsed| elapsed > 0.0));
    assert_eq!((&lines[0].trace_id, &lines[0].span_id), (&upload.trace_id, &upload.span_id));
    assert!(of(&lines[1].attributes, "feedgate.token").is_none());
}

/// Tells of a feed in which so many things are wrong, each in a way of its own.
fn feed(run: &RunTelemetry, sender: &str, findings: u64) {
    let mut feeds = run.feeds().expect("somebody listens");
    let start = FeedStart { name: sender.into(), sender: Some(sender.to_owned()), ..FeedStart::default() };
    feeds.see(&FeedEvent::Start(start.clone()));
    for fingerprint in 0..findings {
        let finding = Finding::new(Severity::Error, "rule.gtin", String::new(), Place::default());
        feeds.see(&FeedEvent::Finding(Finding { fingerprint, ..finding }));
    }
    let tally = Tally { findings: [(("rule.gtin", Severity::Error), findings)].into(), ..Tally::default() };
    let failure = Failure { kind: "none", causes: Vec::new() };
    feeds.see(&FeedEvent::End(FeedEnd { tally, ..FeedEnd::failed(start, failure) }));
    feeds.settle();
    feeds.conclude(Acceptance::Deviations, None, None);
    run.end(Acceptance::Deviations);
}

/// Runs at the same time, and what of one feed is told at most.
const AT_ONCE: usize = 8;
const BUDGET: u64 = 200;

#[test]
fn runs_at_once_have_a_budget_each_and_lose_nothing() {
    if is_here() {
        let telemetry = service();
        std::thread::scope(|threads| {
            for number in 0..AT_ONCE {
                let run = telemetry.run_for("import", None);
                threads.spawn(move || feed(&run, &format!("Verlag {number}"), BUDGET + 100));
            }
        });
        assert_eq!(telemetry.flush(), None);
        return;
    }
    let received = told("runs_at_once_have_a_budget_each_and_lose_nothing", Tongue::Grpc);
    let roots = received.named("feedgate import");
    assert_eq!(roots.len(), AT_ONCE);
    for root in roots {
        assert!(root.links.is_empty() && root.parent_span_id.is_empty());
        let in_trace = received.spans.iter().filter(|span| span.trace_id == root.trace_id);
        let told = in_trace.filter(|span| span.name == "rule.gtin").count();
        assert_eq!(told as u64, BUDGET);
        assert_eq!(number(&root.attributes, "feedgate.deviations_left_out"), 100);
    }
}

/// Waits until a collector has a root, the log event of its end and the count of deviations.
#[track_caller]
fn arrives(collector: &Collector, deviations: f64) {
    let (until, mut all) = (Instant::now() + Duration::from_secs(30), Received::default());
    let is_whole = |all: &Received| {
        let counted =
            all.points("feedgate.deviations").iter().any(|(_, value)| (value - deviations).abs() < 0.5);
        let ended = all.logs.iter().any(|log| of(&log.attributes, "feedgate.feeds").is_some());
        counted && ended && !all.named("feedgate import").is_empty()
    };
    while !is_whole(&all) {
        let left = until.checked_duration_since(Instant::now());
        assert!(left.is_some(), "what arrived: {all:?}");
        std::thread::sleep(Duration::from_millis(20));
        let new = collector.received();
        all.spans.extend(new.spans);
        all.logs.extend(new.logs);
        all.metrics.extend(new.metrics);
    }
}

#[test]
fn what_is_lost_is_told_while_the_service_lives() {
    let (desk, folder) = (Desk::new(), tempfile::tempdir().expect("a folder"));
    let spool = format!("file:{}", folder.path().join("spool").display());
    let arguments = ["--listen", "127.0.0.1:0", "--admin-listen", "", "--spool", &spool];
    let mut command = desk.command(&[&["serve", "--database", "sqlite://shop.db"][..], &arguments].concat());
    // Nobody answers there.
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9").env("OTEL_EXPORTER_OTLP_TIMEOUT", "500");
    command.env("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf").env("OTEL_METRICS_EXPORTER", "none");
    command.env("OTEL_BSP_SCHEDULE_DELAY", "50").env("OTEL_BLRP_SCHEDULE_DELAY", "50");
    command.env("FEEDGATE_LOG_FORM", "json").env("FEEDGATE_TELEMETRY_DEADLINE", "1s").stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    // It has something to tell: that there are no tokens.
    let lines = lines_of(child.stderr.take().expect("a pipe"));
    let mut told = None;
    while let Ok(line) = lines.recv_timeout(Duration::from_secs(30)) {
        let Ok(line) = serde_json::from_str::<Value>(&line) else { continue };
        if line["message"].as_str().is_some_and(|text| text.starts_with("telemetry is being lost: ")) {
            told = Some(line);
            break;
        }
    }
    child.kill().and_then(|()| child.wait()).expect("it ends");
    let told = told.expect("it says so before its end");
    let lost = |what: &str| told[format!("feedgate.lost.{what}")].as_u64();
    assert_eq!((&told["level"], lost("metric_exports")), (&"WARN".into(), Some(0)), "{told}");
    assert!(
        lost("spans").zip(lost("log_events")).is_some_and(|(spans, events)| spans + events > 0),
        "{told}"
    );
}

/// The lines of a process, as they come.
fn lines_of(stderr: ChildStderr) -> Receiver<String> {
    let (tell, lines) = mpsc::channel();
    std::thread::spawn(move || {
        BufReader::new(stderr).lines().map_while(Result::ok).all(|line| tell.send(line).is_ok())
    });
    lines
}

#[test]
fn what_is_told_goes_while_the_process_lives() {
    if is_here() {
        let telemetry = service();
        let (mut input, mut go) = (std::io::stdin(), [0]);
        // Each byte asks for a run, and the end of them for that of the process, without a word.
        while input.read(&mut go).expect("a pipe") > 0 {
            feed(&telemetry.run_for("import", None), "Verlag A", 3);
        }
        return;
    }
    let collector = Collector::start(Tongue::Http, Manner::Good);
    let mut command = process("what_is_told_goes_while_the_process_lives", &collector);
    let delays = ["OTEL_BSP_SCHEDULE_DELAY", "OTEL_BLRP_SCHEDULE_DELAY", "OTEL_METRIC_EXPORT_INTERVAL"];
    let mut child = command.envs(delays.map(|name| (name, "50"))).spawn().expect("it starts");
    let mut input = child.stdin.take().expect("a pipe");
    for deviations in [3.0, 6.0] {
        input.write_all(b"!").expect("it reads");
        arrives(&collector, deviations);
    }
    drop(input);
    assert!(child.wait().expect("it ends").success());
}
