//! Runs that could not begin their work: alerts wait for them, so they are told as every run is.

use super::{call, is_error, root};
use crate::cli::Desk;
use crate::support::collector::{Collector, Manner, Received, Tongue, of};

/// A run of `command` that fails for `why`; gives back what reached the collector.
#[track_caller]
fn case(desk: &Desk, tongue: Tongue, arguments: &[&str], why: &str) -> Received {
    let command = if arguments[0] == "quarantine" { "replay" } else { arguments[0] };
    let collector = Collector::start(tongue, Manner::Good);
    let ended = call(desk, &collector, &[], arguments).ends(2).tells(&[why]);
    assert!(!ended.stderr.contains("telemetry"), "{}", ended.stderr);
    let received = collector.received();
    let root = root(&received);
    assert_eq!(root.name, format!("feedgate {command}"));
    let status = root.status.as_ref().expect("a status");
    assert!(is_error(root) && status.message.contains(why), "{}", status.message);
    assert_eq!(of(&root.attributes, "error.type").as_deref(), Some("failed"));
    assert_eq!(of(&root.attributes, "process.exit.code").as_deref(), Some("2"));
    let label = format!("feedgate.command={command}");
    let failed = format!("{label} feedgate.outcome=failed");
    let outcomes = received.points("feedgate.last_run.outcome");
    let ones: Vec<_> = outcomes.iter().filter(|(_, value)| *value > 0.5).map(|(labels, _)| labels).collect();
    assert_eq!((ones, outcomes.len()), (vec![&failed], 6));
    let start = received.points("feedgate.last_run.start");
    assert!(start.len() == 1 && start[0].0 == label && start[0].1 > 1.7e9, "{start:?}");
    assert_eq!(received.points("feedgate.last_run.duration").len(), 1);
    assert_eq!(received.metrics.iter().filter(|metric| metric.name == "feedgate.run.duration").count(), 1);
    received
}

#[test]
fn a_run_without_feeds_sends_its_metrics_and_its_root() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("empty")).expect("made");
    for tongue in [Tongue::Grpc, Tongue::Http] {
        for command in ["import", "validate"] {
            for (feed, why) in [
                ("nothing.xml", "there is no file or folder `nothing.xml`"),
                ("empty", "the folder `empty` holds no feeds"),
            ] {
                let received = case(&desk, tongue, &[command, feed], why);
                let all = ["feeds", "records", "deviations"];
                for points in all.map(|name| received.points(&format!("feedgate.last_run.{name}"))) {
                    assert!(!points.is_empty() && points.iter().all(|(_, value)| *value < 0.5), "{points:?}");
                }
            }
        }
    }
}

#[test]
fn a_run_without_schemas_or_a_database_sends_its_metrics_and_its_root() {
    let desk = Desk::new();
    desk.file("feed.xml", "<catalogue/>");
    let grpc = Tongue::Grpc;
    case(&desk, grpc, &["validate", "--schema", "none.xsd", "feed.xml"], "none.xsd");
    case(&desk, grpc, &["import", "--schemas", "nowhere", "feed.xml"], "nowhere");
    case(&desk, grpc, &["import", "--format", "none", "feed.xml"], "`none`");
    let down = ["--database", "postgres://shop@127.0.0.1:1/shop"];
    case(&desk, grpc, &["import", down[0], down[1], "feed.xml"], "database");
    case(&desk, grpc, &["rollback", down[0], down[1], "7", "--reason", "x"], "database");
    case(&desk, grpc, &["quarantine", "replay", down[0], down[1], "7", "--reason", "x"], "database");
}

#[test]
fn a_run_with_wrong_settings_sends_its_metrics_and_its_root() {
    let desk = Desk::new();
    desk.file("feed.xml", "<catalogue/>");
    desk.file("broken.toml", "threads = \n");
    let http = Tongue::Http;
    case(&desk, http, &["import", "--set", "threads=many", "feed.xml"], "threads");
    case(&desk, http, &["import", "--threads", "many", "feed.xml"], "--threads");
    case(&desk, http, &["validate", "--config", "broken.toml", "feed.xml"], "broken.toml");
    case(&desk, http, &["validate", "--config", "none.toml", "feed.xml"], "none.toml");
}

#[test]
fn what_was_turned_off_stays_off_although_the_run_could_not_begin() {
    let (desk, collector) = (Desk::new(), Collector::start(Tongue::Http, Manner::Good));
    let arguments = ["import", "--set", "telemetry.export=off", "feed.xml"];
    call(&desk, &collector, &[("FEEDGATE_THREADS", "many")], &arguments).ends(2).tells(&["FEEDGATE_THREADS"]);
    let received = collector.received();
    assert!(received.spans.is_empty() && received.metrics.is_empty() && received.logs.is_empty());
}

#[test]
fn commands_that_only_look_send_nothing() {
    let desk = Desk::new();
    let collector = Collector::start(Tongue::Http, Manner::Good);
    for arguments in [["runs", "7"].as_slice(), &["quarantine", "list"], &["config", "none"]] {
        call(&desk, &collector, &[], arguments).ends(2);
    }
    let received = collector.received();
    assert!(received.spans.is_empty() && received.metrics.is_empty() && received.logs.is_empty());
}
