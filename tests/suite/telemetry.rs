//! What reaches a collector of real runs, and what a bad collector may cost.

use crate::cli::{Call, Desk};
use crate::support::catalogue::{Fault, catalogue};
use crate::support::collector::{Collector, Manner, Received, Tongue, hexadecimal, number, of};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use std::collections::HashSet;

const DEVIATIONS: &str = "feedgate.deviations";
const TOLD: &str = "feedgate.deviations.told";
const LEFT_OUT: &str = "feedgate.deviations.left_out";
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
    // The budget is 200, whatever fails.
    let records = received.with(KEY);
    assert_eq!(records.len(), 200);
    let root = root(&received);
    assert!(is_error(root) && root.parent_span_id.is_empty());
    assert_eq!(of(&root.attributes, "feedgate.outcome").as_deref(), Some("deviations"));
    assert_eq!(
        (number(&root.attributes, LEFT_OUT), number(&root.attributes, "feedgate.records")),
        (200, 20_000)
    );
    let trace = hexadecimal(&root.trace_id);
    assert!(run_row(&desk).contains(&format!("trace       {trace}\n")));

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
    assert_eq!(logs.len(), 200);
    assert!(logs.iter().any(|log| log.span_id == price.span_id));

    assert_eq!(
        received.points("feedgate.records"),
        [
            (
                "feedgate.format=catalogue/1.0 feedgate.outcome=accepted feedgate.sender=Verlag A".to_owned(),
                19_600.0
            ),
            (
                "feedgate.format=catalogue/1.0 feedgate.outcome=refused feedgate.sender=Verlag A".to_owned(),
                400.0
            ),
        ]
    );
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
    call(&desk, &collector, &[], &["import", "nightly.xml"]).ends(1);
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
