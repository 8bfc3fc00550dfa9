//! What reaches a collector of real runs, and what a bad collector may cost.

mod attributes;
mod budget;
mod runs;
mod service;
mod tls;
mod unbegun;
mod walk;

use crate::cli::{Call, Desk};
use crate::support::catalogue::{Fault, catalogue};
use crate::support::collector::{Collector, Manner, Received, Tongue, hexadecimal, number, of};
use crate::support::database::sqlite;
use feedgate::run::block_on;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use serde_json::Value;
use std::collections::{BTreeSet, HashSet};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

const DEVIATIONS: &str = "feedgate.deviations";
const TOLD: &str = "feedgate.deviations_told";
const LEFT_OUT: &str = "feedgate.deviations_left_out";
const KEY: &str = "feedgate.record.key";

/// Calls the program with this collector.
fn call(desk: &Desk, collector: &Collector, variables: &[(&str, &str)], arguments: &[&str]) -> Call {
    let mut command = desk.command(arguments);
    command.envs(collector.variables()).env("FEEDGATE_LOG_FORM", "plain").envs(variables.iter().copied());
    Call::of(command.output().expect("the program starts"))
}

/// The one root of what arrived.
#[track_caller]
fn root(received: &Received) -> &Span {
    let roots: Vec<_> = received.spans.iter().filter(|span| span.name.starts_with("feedgate ")).collect();
    assert_eq!(roots.len(), 1, "{:?}", received.spans.iter().map(|span| &span.name).collect::<Vec<_>>());
    roots[0]
}

/// All spans are of one trace, have ids of their own, and parents that arrived or come from outside.
#[track_caller]
fn hang_together(received: &Received) {
    let root = root(received);
    let ids: HashSet<&[u8]> = received.spans.iter().map(|span| span.span_id.as_slice()).collect();
    assert_eq!(ids.len(), received.spans.len());
    for span in &received.spans {
        assert_eq!(span.trace_id, root.trace_id, "{span:?}");
        assert!(span.span_id == root.span_id || ids.contains(span.parent_span_id.as_slice()), "{span:?}");
        assert!(span.start_time_unix_nano <= span.end_time_unix_nano, "{span:?}");
    }
    for log in &received.logs {
        assert_eq!(log.trace_id, root.trace_id, "{log:?}");
        assert!(ids.contains(log.span_id.as_slice()), "{log:?}");
    }
    names_are_leaves(received);
}

/// No name of an attribute is another one with more behind a dot: Elasticsearch takes dots for objects.
#[track_caller]
fn names_are_leaves(received: &Received) {
    let spans = received.spans.iter().flat_map(|span| &span.attributes);
    let logs = received.logs.iter().flat_map(|log| &log.attributes);
    let resources = received.resources.iter().flat_map(|(attributes, _)| attributes);
    let all: BTreeSet<&str> = spans.chain(logs).chain(resources).map(|each| each.key.as_str()).collect();
    assert!(all.contains("feedgate.records"), "{all:?}");
    for name in &all {
        let inner =
            all.iter().find(|other| other.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')));
        assert_eq!(inner, None, "`{name}` is a value and an object");
    }
}

/// What the spans of records tell and what was stated as left out, together: on the feeds and on the root.
#[track_caller]
fn sums(received: &Received) -> u64 {
    let told: u64 = received.with(KEY).iter().map(|span| number(&span.attributes, DEVIATIONS)).sum();
    let root = &root(received).attributes;
    assert_eq!(number(root, TOLD), told);
    assert_eq!(number(root, TOLD) + number(root, LEFT_OUT), number(root, DEVIATIONS));
    let feeds = received.named("feed catalogue/1.0");
    let left_out: u64 = feeds.iter().map(|span| number(&span.attributes, LEFT_OUT)).sum();
    assert_eq!(left_out, number(root, LEFT_OUT));
    told + left_out
}

/// Findings and trace of the last run in the database.
fn run_row(desk: &Desk) -> String {
    desk.call(&["runs", "1"]).ends(0).stdout
}

fn is_error(span: &Span) -> bool {
    span.status.as_ref().is_some_and(|status| status.code() == StatusCode::Error)
}

#[test]
fn of_20_000_records_with_400_failures_every_one_is_told_or_counted() {
    let desk = Desk::new();
    let fault = |number: u32| match number % 150 {
        0 => Fault::Price,
        50 => Fault::Title,
        100 => Fault::Pages,
        _ => Fault::None,
    };
    let feed = catalogue("Verlag A", 20_000, fault);
    desk.file("nightly.xml", &feed);
    let collector = Collector::start(Tongue::Grpc, Manner::Good);
    let call = call(&desk, &collector, &[("FEEDGATE_TELEMETRY_EQUAL", "100")], &["import", "nightly.xml"]);
    call.ends(1).counts(&[("refused", "400"), ("deviations", "400")]);
    let received = collector.received();
    hang_together(&received);
    assert_eq!(sums(&received), 400);
    // The budget is 200, a quarter of it for what was not told yet: three that are new, 150 more of the same.
    let records = received.with(KEY);
    assert_eq!(records.len(), 153);
    let root = root(&received);
    assert!(is_error(root) && root.parent_span_id.is_empty());
    assert_eq!(of(&root.attributes, "feedgate.outcome").as_deref(), Some("deviations"));
    assert_eq!(
        (number(&root.attributes, LEFT_OUT), number(&root.attributes, "feedgate.records")),
        (247, 20_000)
    );
    let trace = hexadecimal(&root.trace_id);
    assert!(run_row(&desk).contains(&format!("trace       {trace}\n")));
    let mut command = desk.command(&["runs", "1"]);
    let shown =
        Call::of(command.env("FEEDGATE_TRACE_URL", "http://j/{trace_id}").output().expect("it starts"));
    assert!(shown.stdout.contains(&format!("            http://j/{trace}\n")), "{}", shown.stdout);

    let price = records.iter().find(|span| of(&span.attributes, KEY).as_deref() == Some("r-150"));
    let price = price.expect("one of the first to fail");
    let attribute = |name| of(&price.attributes, name).unwrap_or_default();
    assert_eq!(price.name, "cvc-datatype-valid.1.2.1");
    assert!(is_error(price));
    assert_eq!(attribute("error.type"), price.name);
    assert_eq!(attribute("feedgate.deviation.code"), price.name);
    assert_eq!(attribute("feedgate.deviation.path"), "/catalogue/product[151]/prices/price/amount");
    let (index, line) =
        feed.lines().enumerate().find(|(_, line)| line.contains("r-150\"")).expect("the record");
    let column = line.find("12,50").expect("the fault") + 1;
    let place = (attribute("feedgate.deviation.line"), attribute("feedgate.deviation.column"));
    assert_eq!(place, ((index + 1).to_string(), column.to_string()));
    assert_eq!(attribute("feedgate.deviation.found"), "12,50");
    assert!(attribute("feedgate.deviation.expected").contains("decimal"));
    assert_eq!(
        (attribute("feedgate.feed"), attribute("feedgate.format")),
        ("nightly.xml".into(), "catalogue/1.0".into())
    );
    assert_eq!(
        (attribute("feedgate.record.number"), attribute("feedgate.deviation.severity")),
        ("151".into(), "error".into())
    );

    // Each told deviation is a log event too, with the ids of its span.
    let logs: Vec<_> = received.logs.iter().filter(|log| of(&log.attributes, KEY).is_some()).collect();
    assert_eq!(logs.len(), 153);
    assert!(logs.iter().any(|log| log.span_id == price.span_id));

    let labels = "feedgate.command=import feedgate.format=catalogue/1.0 feedgate.outcome=";
    let point = |outcome: &str, count: f64| (format!("{labels}{outcome} feedgate.sender=Verlag A"), count);
    let expected = [point("accepted", 19_600.0), point("refused", 400.0), point("stale", 0.0)];
    assert_eq!(received.points("feedgate.records"), expected);
    let deviations: f64 = received.points("feedgate.deviations").iter().map(|(_, value)| value).sum();
    assert!((deviations - 400.0).abs() < 0.5);
    assert_eq!(received.points("feedgate.quarantine.size"), [(String::new(), 400.0)]);
    let good = received.points("feedgate.sender.last_good");
    assert!(good.len() == 1 && good[0].0 == "feedgate.sender=Verlag A" && good[0].1 > 1.7e9, "{good:?}");
}

#[test]
fn equal_faults_are_one_group_with_an_exact_count_and_few_spans() {
    let desk = Desk::new();
    desk.file("nightly.xml", catalogue("Verlag A", 20_000, |_| Fault::Price));
    let collector = Collector::start(Tongue::Http, Manner::Good);
    call(&desk, &collector, &[], &["import", "--set", "guard.refused=off", "nightly.xml"]).ends(1);
    let received = collector.received();
    hang_together(&received);
    assert_eq!(sums(&received), 20_000);
    assert_eq!(received.with(KEY).len(), 20);
    let feed = received.named("feed catalogue/1.0");
    let groups = of(&feed[0].attributes, "feedgate.deviation.groups").unwrap_or_default();
    assert!(
        groups.starts_with("20000 × error cvc-datatype-valid.1.2.1 /catalogue/product/prices/price/amount ")
    );
    assert_eq!(groups.lines().count(), 1);
    assert!(run_row(&desk).contains("  20000  error"));
}

#[test]
fn what_a_database_does_not_take_is_not_counted_as_accepted() {
    let (desk, database) = (Desk::new(), sqlite());
    let url = database.url.secret();
    for (name, sender) in [("first.xml", "Verlag A"), ("a.xml", "Verlag B"), ("b.xml", "Verlag C")] {
        let fault = |number| if number == 1 && name == "b.xml" { Fault::Price } else { Fault::None };
        desk.file(name, catalogue(sender, 5, fault));
    }
    desk.call(&["import", "--database", url, "first.xml"]).ends(0);
    let broken = "create trigger broken before insert on product begin select raise(abort, 'disk full'); end";
    block_on(database.execute(broken)).expect("threads");
    let collector = Collector::start(Tongue::Http, Manner::Good);
    call(&desk, &collector, &[], &["import", "--database", url, "a.xml", "b.xml"]).ends(2);
    let received = collector.received();
    let failed = "feedgate.command=import feedgate.format=catalogue/1.0 feedgate.outcome=failed".to_owned();
    assert_eq!(received.points("feedgate.feeds"), [(failed, 2.0)]);
    let refused = "feedgate.command=import feedgate.format=catalogue/1.0 feedgate.outcome=refused \
        feedgate.sender=Verlag C";
    let last = |name| received.points(name).into_iter().filter(|(_, value)| *value > 0.5).collect::<Vec<_>>();
    assert_eq!(last("feedgate.records"), [(refused.to_owned(), 1.0)]);
    let label = |outcome| format!("feedgate.command=import feedgate.outcome={outcome}");
    assert_eq!(last("feedgate.last_run.feeds"), [(label("failed"), 2.0)]);
    assert_eq!(last("feedgate.last_run.records"), [(label("refused"), 1.0)]);
}

/// A feed of 60 records of which six fail.
fn small(desk: &Desk) {
    let fault = |number| if number % 10 == 0 { Fault::Title } else { Fault::None };
    desk.file("small.xml", catalogue("Verlag A", 60, fault));
}

/// How long the end may wait for a collector in these tests.
const DEADLINE: (&str, &str) = ("FEEDGATE_TELEMETRY_DEADLINE", "1s");

/// A bad collector costs little time and one line, and nothing of the shop.
#[track_caller]
fn bad(tongue: Tongue, manner: Manner) {
    let desk = Desk::new();
    small(&desk);
    let collector = Collector::start(tongue, manner);
    let began = Instant::now();
    let ended = call(&desk, &collector, &[DEADLINE], &["import", "small.xml"]);
    // The exporters themselves would try for 40 s and more.
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    let ended = ended.ends(1).counts(&[("imported", "54"), ("refused", "6")]);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    ended.tells(&[
        "notice: telemetry was lost: ",
        " spans, the metrics, ",
        " log events did not reach the collector: ",
    ]);
    assert!(run_row(&desk).contains("  refused   6\n"));
}

#[test]
fn a_collector_that_is_not_there_costs_one_line() {
    bad(Tongue::Grpc, Manner::Gone);
    bad(Tongue::Http, Manner::Gone);
}

#[test]
fn a_collector_that_never_answers_costs_the_deadline() {
    bad(Tongue::Grpc, Manner::Silent);
    bad(Tongue::Http, Manner::Silent);
}

#[test]
fn a_collector_that_answers_errors_costs_one_line() {
    bad(Tongue::Grpc, Manner::Failing);
    bad(Tongue::Http, Manner::Failing);
}

#[test]
fn what_a_collector_refuses_of_what_it_takes_is_lost_too() {
    for tongue in [Tongue::Grpc, Tongue::Http] {
        let desk = Desk::new();
        small(&desk);
        let collector = Collector::start(tongue, Manner::Refusing(2));
        let ended = call(&desk, &collector, &[], &["import", "small.xml"]).ends(1);
        let made = collector.received().spans.len();
        let lost = format!("2 of {made} spans did not reach the collector: the collector refused them");
        ended.tells(&[&format!("notice: telemetry was lost: {lost}")]);
    }
}

#[test]
fn the_trace_of_the_scheduler_is_taken_up_or_linked() {
    let (trace, span) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
    for (flags, adopted) in [("01", true), ("00", false)] {
        let desk = Desk::new();
        small(&desk);
        let collector = Collector::start(Tongue::Grpc, Manner::Good);
        let parent = format!("00-{trace}-{span}-{flags}");
        call(&desk, &collector, &[("TRACEPARENT", &parent)], &["validate", "small.xml"]).ends(1);
        let received = collector.received();
        let root = root(&received);
        let links: Vec<_> = root.links.iter().map(|link| hexadecimal(&link.trace_id)).collect();
        if adopted {
            assert_eq!(
                (hexadecimal(&root.trace_id), hexadecimal(&root.parent_span_id)),
                (trace.into(), span.into())
            );
            assert!(links.is_empty());
        } else {
            assert!(hexadecimal(&root.trace_id) != trace && root.parent_span_id.is_empty());
            assert_eq!(links, [trace]);
        }
        assert_eq!(received.with(KEY).len(), 6);
    }
}

#[test]
fn what_is_disabled_is_silent_and_a_budget_of_nothing_still_counts() {
    let desk = Desk::new();
    small(&desk);
    let collector = Collector::start(Tongue::Http, Manner::Good);
    for off in [("OTEL_SDK_DISABLED", "true"), ("FEEDGATE_TELEMETRY_EXPORT", "off")] {
        call(&desk, &collector, &[off], &["validate", "small.xml"]).ends(1);
        let received = collector.received();
        assert!(received.spans.is_empty() && received.metrics.is_empty() && received.logs.is_empty());
    }
    call(&desk, &collector, &[], &["validate", "--telemetry-budget", "0", "small.xml"]).ends(1);
    let received = collector.received();
    assert!(received.with(KEY).is_empty());
    assert_eq!((sums(&received), number(&root(&received).attributes, LEFT_OUT)), (6, 6));
}

#[test]
fn deviations_are_spans_or_log_events_or_both() {
    let desk = Desk::new();
    small(&desk);
    for (signals, spans, logs) in [("spans", 6, 0), ("logs", 0, 6), ("both", 6, 6)] {
        let collector = Collector::start(Tongue::Grpc, Manner::Good);
        call(&desk, &collector, &[("FEEDGATE_TELEMETRY_DEVIATIONS", signals)], &["validate", "small.xml"])
            .ends(1);
        let received = collector.received();
        hang_together(&received);
        let told = received.logs.iter().filter(|log| of(&log.attributes, KEY).is_some()).count();
        assert_eq!((received.with(KEY).len(), told), (spans, logs), "{signals}");
        assert_eq!(number(&root(&received).attributes, TOLD), 6);
    }
}

#[test]
fn reports_and_log_lines_lead_to_the_trace() {
    let desk = Desk::new();
    small(&desk);
    let collector = Collector::start(Tongue::Grpc, Manner::Good);
    let url = ("FEEDGATE_TRACE_URL", "http://jaeger.example/trace/{trace_id}?uiFind={span_id}");
    let ended = call(
        &desk,
        &collector,
        &[url, ("FEEDGATE_LOG_FORM", "json")],
        &["validate", "--report-file", "json=report.json", "small.xml"],
    );
    let received = collector.received();
    let root = root(&received);
    let (trace, run) = (hexadecimal(&root.trace_id), hexadecimal(&root.span_id));
    let record =
        |span: &Span| format!("http://jaeger.example/trace/{trace}?uiFind={}", hexadecimal(&span.span_id));
    let ended = ended.prints(&[
        &format!("http://jaeger.example/trace/{trace}?uiFind={run}"),
        &record(received.with(KEY)[0]),
    ]);

    let report = std::fs::read_to_string(desk.path("report.json")).expect("a report");
    let lines = report.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let findings: Vec<Value> = lines.filter(|line| line["type"] == "finding").collect();
    assert_eq!(findings.len(), 6);
    for (finding, span) in findings.iter().zip(received.with(KEY)) {
        assert_eq!(finding["trace"]["url"], record(span));
        assert_eq!(
            (&finding["trace"]["trace_id"], &finding["key"]),
            (&trace.as_str().into(), &of(&span.attributes, KEY).into())
        );
    }

    let lines: Vec<Value> =
        ended.stderr.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 7, "{}", ended.stderr);
    assert!(lines.iter().all(|line| line["trace_id"] == trace.as_str() && line["span_id"].is_string()));
    assert_eq!(lines[6]["feedgate.outcome"], "deviations");
}

#[test]
fn a_log_of_lines_needs_no_collector() {
    let desk = Desk::new();
    small(&desk);
    let mut command = desk.command(&["validate", "small.xml"]);
    let ended =
        Call::of(command.env("FEEDGATE_LOG_FORM", "json").output().expect("the program starts")).ends(1);
    let lines: Vec<Value> =
        ended.stderr.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((lines.len(), &lines[0]["level"]), (7, &"WARN".into()));
    assert!(lines.iter().all(|line| line["trace_id"].is_null()));
    // And a collector of one signal gets that one.
    let collector = Collector::start(Tongue::Http, Manner::Good);
    call(&desk, &collector, &[("OTEL_TRACES_EXPORTER", "none")], &["validate", "small.xml"]).ends(1);
    let received = collector.received();
    assert!(received.spans.is_empty() && received.logs.len() == 7 && !received.metrics.is_empty());
}

/// An import of standard input that has read something by the time this returns.
fn begun(desk: &Desk, collector: &Collector) -> (Child, ChildStdin) {
    let mut command = desk.command(&["import", "-"]);
    command.envs(collector.variables()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env("FEEDGATE_LOG_FORM", "plain");
    let mut child = command.spawn().expect("the program starts");
    let mut input = child.stdin.take().expect("a pipe");
    // More than a pipe holds: whoever took it listens to signals by then.
    let start = catalogue("Verlag A", 4_000, |number| if number == 7 { Fault::Price } else { Fault::None });
    let start = start.strip_suffix("</catalogue>\n").expect("the end of a catalogue");
    input.write_all(start.as_bytes()).expect("read by the program");
    (child, input)
}

fn terminate(child: &Child) {
    let status =
        Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("there is kill");
    assert!(status.success());
}

#[test]
fn a_terminated_run_ends_in_order_and_tells_all() {
    let desk = Desk::new();
    let collector = Collector::start(Tongue::Grpc, Manner::Good);
    let (child, mut input) = begun(&desk, &collector);
    terminate(&child);
    // It stops where it hears of it; until then it is given what no feed would end with.
    let writer = std::thread::spawn(move || while input.write_all(b"<!-- and so on -->\n").is_ok() {});
    let ended = Call::of(child.wait_with_output().expect("the program ends"));
    writer.join().expect("no panic");
    let ended = ended.ends(5).tells(&["notice: the run is ended in order"]);
    ended.prints(&["cancelled by a signal"]);
    let received = collector.received();
    hang_together(&received);
    let root = root(&received);
    assert_eq!(of(&root.attributes, "feedgate.outcome").as_deref(), Some("cancelled"));
    assert_eq!(number(&root.attributes, "process.exit.code"), 5);
    let records = number(&root.attributes, "feedgate.records");
    assert!(received.with(KEY).len() == 1 && (8..=4_000).contains(&records), "{records}");
    let outcome = received.points("feedgate.last_run.outcome").into_iter().find(|(_, value)| *value > 0.5);
    assert_eq!(outcome.expect("one of them").0, "feedgate.command=import feedgate.outcome=cancelled");
    let row = run_row(&desk);
    assert!(row.contains("state       cancelled\n") && row.contains("exit status 5"), "{row}");
    // Nothing of it is there, and nothing is in the way of the next.
    small(&desk);
    desk.call(&["import", "small.xml"]).ends(1).counts(&[("imported", "54")]);
}

#[test]
fn a_dry_run_is_no_import_that_took_place() {
    let desk = Desk::new();
    desk.file("a.xml", catalogue("Verlag A", 5, |_| Fault::None));
    let collector = Collector::start(Tongue::Http, Manner::Good);
    call(&desk, &collector, &[], &["import", "--dry-run", "a.xml"]).ends(0);
    let received = collector.received();
    assert_eq!(root(&received).name, "feedgate import-dry-run");
    for name in [
        "feedgate.last_run.start",
        "feedgate.last_run.outcome",
        "feedgate.last_run.records",
        "feedgate.records",
    ] {
        let points = received.points(name);
        let of_dry_run = |(labels, _): &(String, f64)| labels.starts_with("feedgate.command=import-dry-run");
        assert!(!points.is_empty() && points.iter().all(of_dry_run), "{name}: {points:?}");
    }
}

#[test]
fn a_second_signal_ends_the_program_at_once() {
    let desk = Desk::new();
    let collector = Collector::start(Tongue::Grpc, Manner::Good);
    let (mut child, input) = begun(&desk, &collector);
    terminate(&child);
    let mut line = String::new();
    BufReader::new(child.stderr.take().expect("a pipe")).read_line(&mut line).expect("a line");
    assert!(line.contains("another signal ends the program at once"), "{line}");
    terminate(&child);
    assert_eq!(child.wait().expect("the program ends").code(), Some(143));
    drop(input);
}
