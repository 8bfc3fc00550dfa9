//! What is told one by one and what is left out, counted by what really arrived.

use super::{DEVIATIONS, KEY, LEFT_OUT, TOLD, call, root};
use crate::cli::Desk;
use crate::support::catalogue::{Fault, catalogue};
use crate::support::collector::{Collector, Manner, Received, Tongue, number, of};

const FINGERPRINT: &str = "feedgate.deviation.fingerprint";
const NUMBER: &str = "feedgate.record.number";

/// Deviations that a log event or a span tells, each counted once however often it is told.
fn really_told(received: &Received) -> u64 {
    let logged = |key: &str| {
        received.logs.iter().filter(|log| of(&log.attributes, KEY).as_deref() == Some(key)).count()
    };
    let keys = |attributes: &[_]| of(attributes, KEY);
    let spans = received.spans.iter().filter_map(|span| keys(&span.attributes));
    let logs = received.logs.iter().filter_map(|log| keys(&log.attributes));
    let mut records: Vec<String> = spans.chain(logs).collect();
    records.sort();
    records.dedup();
    // The span of a record tells one of those that its log events tell.
    records.iter().map(|key| logged(key).max(1) as u64).sum()
}

/// Two records with 45 deviations each and one with a single one, told as `signals` say.
#[track_caller]
fn case(signals: &str, variables: &[(&str, &str)], (told, all): (u64, u64)) {
    let desk = Desk::new();
    let fault = |number| match number {
        3 | 7 => Fault::Prices(45),
        5 => Fault::Title,
        _ => Fault::None,
    };
    desk.file("feed.xml", catalogue("Verlag A", 20, fault));
    let collector = Collector::start(Tongue::Grpc, Manner::Good);
    let variables: Vec<_> =
        variables.iter().copied().chain([("FEEDGATE_TELEMETRY_DEVIATIONS", signals)]).collect();
    call(&desk, &collector, &variables, &["validate", "feed.xml"]).ends(1);
    let received = collector.received();
    assert_eq!(really_told(&received), told, "{signals}");
    let feeds = received.named("feed catalogue/1.0");
    let roots = (!received.spans.is_empty()).then(|| root(&received));
    for span in feeds.into_iter().chain(roots) {
        let of = |name| number(&span.attributes, name);
        assert_eq!(
            (of(TOLD), of(LEFT_OUT), of(DEVIATIONS)),
            (told, all - told, all),
            "{signals}: {}",
            span.name
        );
    }
}

#[test]
fn told_and_left_out_are_all_also_inside_a_record() {
    case("spans", &[], (3, 91));
    case("logs", &[], (5 + 5 + 1, 91));
    case("both", &[], (5 + 5 + 1, 91));
    // Beyond what is kept of a record, too, rules do not find once more what the schema has found.
    case("both", &[("FEEDGATE_LIMITS_RECORD_FINDINGS_MAX", "2")], (2 + 2 + 1, 91));
    case("both", &[("FEEDGATE_TELEMETRY_BUDGET", "1")], (5, 91));
}

#[test]
fn what_nobody_hears_is_left_out() {
    let no_logs = ("OTEL_LOGS_EXPORTER", "none");
    case("logs", &[no_logs], (0, 91));
    case("both", &[no_logs], (3, 91));
    case("logs", &[("FEEDGATE_LOG_LEVEL", "error")], (0, 91));
    case("both", &[("OTEL_TRACES_SAMPLER", "always_off")], (11, 91));
}

#[test]
fn a_group_that_comes_late_has_a_span_although_others_had_all_they_could() {
    let desk = Desk::new();
    let fault = |number| match number {
        0..900 => Fault::Price,
        900..906 => Fault::Title,
        906..912 => Fault::Pages,
        _ => Fault::None,
    };
    desk.file("feed.xml", catalogue("Verlag A", 1_000, fault));
    let collector = Collector::start(Tongue::Grpc, Manner::Good);
    let budget = [("FEEDGATE_TELEMETRY_BUDGET", "40"), ("FEEDGATE_TELEMETRY_EQUAL", "1000")];
    call(&desk, &collector, &budget, &["validate", "feed.xml"]).ends(1);
    let received = collector.received();
    let records = received.with(KEY);
    let mut prints: Vec<_> = records.iter().filter_map(|span| of(&span.attributes, FINGERPRINT)).collect();
    prints.sort();
    let counts: Vec<_> = prints.chunk_by(|a, b| a == b).map(<[String]>::len).collect();
    assert_eq!(counts.iter().sum::<usize>(), 33, "30 of 40 may repeat a fingerprint");
    assert!(counts.len() == 3 && counts.contains(&31), "{counts:?}");
    let late =
        |record: &str| records.iter().any(|span| of(&span.attributes, NUMBER).as_deref() == Some(record));
    assert!(late("901") && late("907"));
}
