//! What spans, log events and metrics say beside their numbers: who speaks, of what, and by which conventions.

use super::{KEY, call, is_error, root};
use crate::cli::Desk;
use crate::support::catalogue::{Fault, catalogue};
use crate::support::collector::{Collector, Manner, Received, Tongue, hexadecimal, number, of};
use crate::support::database::{TestDatabase, on_each, sqlite};
use feedgate::config::DatabaseKind;
use feedgate::run::block_on;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::trace::v1::Span;
use std::collections::{BTreeSet, HashSet};
use tokio::task::block_in_place;

/// What a validation of a small feed tells a collector.
fn validated(variables: &[(&str, &str)]) -> Received {
    let (desk, collector) = (Desk::new(), Collector::start(Tongue::Grpc, Manner::Good));
    desk.file(
        "feed.xml",
        catalogue("Verlag A", 5, |number| if number == 3 { Fault::Price } else { Fault::None }),
    );
    call(&desk, &collector, variables, &["validate", "feed.xml"]).ends(1);
    collector.received()
}

/// The values that all resources have under this name: one, if they agree.
fn of_resources(received: &Received, name: &str) -> BTreeSet<Option<String>> {
    assert!(received.resources.len() >= 3, "all three signals have one");
    received.resources.iter().map(|(attributes, _)| of(attributes, name)).collect()
}

#[track_caller]
fn says(received: &Received, name: &str, value: &str) {
    assert_eq!(of_resources(received, name), [Some(value.to_owned())].into(), "{name}");
}

#[test]
fn the_resource_says_which_program_on_which_host_in_which_pod() {
    let pod = [
        ("K8S_POD_NAME", "feedgate-nightly-29-x7"),
        ("K8S_NAMESPACE_NAME", "shop-prod"),
        ("K8S_NODE_NAME", "node-3"),
        ("K8S_CONTAINER_NAME", "feedgate"),
        ("K8S_CRONJOB_NAME", "feedgate-nightly"),
        ("K8S_JOB_NAME", "feedgate-nightly-29"),
    ];
    let received = validated(&pod);
    for (variable, value) in pod {
        let name = variable.to_lowercase().replace('_', ".");
        says(&received, &name, value);
    }
    says(&received, "service.name", "feedgate");
    says(&received, "service.version", env!("CARGO_PKG_VERSION"));
    says(&received, "process.executable.name", "feedgate");
    says(&received, "process.runtime.name", "rust");
    let host = of_resources(&received, "host.name");
    assert!(host.len() == 1 && host.iter().flatten().all(|name| !name.is_empty()), "{host:?}");
    let pid = of_resources(&received, "process.pid").pop_first().flatten().expect("a number");
    assert!(pid.parse::<u32>().is_ok_and(|pid| pid != std::process::id()), "{pid}");
    for name in ["host.arch", "os.type"] {
        let value = of_resources(&received, name).pop_first().flatten().unwrap_or_default();
        assert!(!value.is_empty() && value != "x86_64", "{name}={value}");
    }
    let schemas: HashSet<_> = received.resources.iter().map(|(_, schema)| schema.as_str()).collect();
    assert!(
        schemas.len() == 1 && schemas.iter().all(|url| url.starts_with("https://opentelemetry.io/schemas/"))
    );
}

#[test]
fn a_job_is_the_same_instance_each_time_unless_the_environment_says_which() {
    let instance = |received: &Received| {
        let ids = of_resources(received, "service.instance.id");
        assert_eq!(ids.len(), 1, "{ids:?}");
        ids.into_iter().next().flatten().expect("an id")
    };
    assert_eq!(instance(&validated(&[])), "validate");
    for (arguments, name) in [
        (&["import"][..], "import"),
        (&["import", "--shard", "3", "--shards", "4"], "import-3"),
        (&["import", "--shard", "3", "--shards", "4", "gone.xml"], "import-3"),
    ] {
        let collector = Collector::start(Tongue::Http, Manner::Good);
        let feeds = if arguments.contains(&"gone.xml") { &[][..] } else { &["samples"] };
        let desk = Desk::new();
        desk.file("samples/a.xml", catalogue("Verlag A", 5, |_| Fault::None));
        let _ = call(&desk, &collector, &[], &[arguments, feeds].concat());
        assert_eq!(instance(&collector.received()), name, "{arguments:?}");
    }
    let said = "service.instance.id=mine,k8s.pod.name=other,service.version=9,host.name=h";
    let received = validated(&[("OTEL_RESOURCE_ATTRIBUTES", said), ("K8S_POD_NAME", "pod")]);
    assert_eq!(instance(&received), "mine");
    for (name, value) in [("k8s.pod.name", "other"), ("service.version", "9"), ("host.name", "h")] {
        says(&received, name, value);
    }
}

#[test]
fn every_scope_has_version_and_schema() {
    let received = validated(&[]);
    let signals: BTreeSet<_> = received.scopes.iter().map(|(signal, ..)| *signal).collect();
    assert_eq!(signals, ["logs", "metrics", "spans"].into());
    for (signal, scope, schema) in &received.scopes {
        assert!(scope.name.starts_with("feedgate"), "{signal}: {}", scope.name);
        assert_eq!(scope.version, env!("CARGO_PKG_VERSION"), "{signal}");
        assert!(schema.starts_with("https://opentelemetry.io/schemas/"), "{signal}: {schema}");
    }
}

#[test]
fn records_say_whose_they_are_and_of_which_run() {
    let desk = Desk::new();
    desk.file(
        "feed.xml",
        catalogue("Verlag A", 60, |number| if number == 30 { Fault::Price } else { Fault::None }),
    );
    for run in ["1", "2"] {
        let collector = Collector::start(Tongue::Grpc, Manner::Good);
        call(&desk, &collector, &[], &["import", "feed.xml"]).ends(1);
        let received = collector.received();
        assert_eq!(of(&root(&received).attributes, "feedgate.run").as_deref(), Some(run));
        record(&received, run);
    }
}

#[track_caller]
fn record(received: &Received, run: &str) {
    let spans = received.with(KEY);
    let logs: Vec<_> = received.logs.iter().filter(|log| of(&log.attributes, KEY).is_some()).collect();
    let ([span], [log]) = (spans.as_slice(), logs.as_slice()) else { panic!("{spans:?} {logs:?}") };
    assert_eq!(span.name, "cvc-datatype-valid.1.2.1");
    let sentence = of(&span.attributes, "feedgate.deviation.sentence").expect("a sentence");
    let status = span.status.as_ref().expect("a status");
    assert!(is_error(span) && status.message == sentence && sentence.contains("12,50"), "{status:?}");
    assert_eq!(log.event_name, "feedgate.deviation");
    let expected = [
        ("feedgate.run", run),
        ("feedgate.sender", "Verlag A"),
        ("feedgate.feed", "feed.xml"),
        ("feedgate.record.key", "r-30"),
        ("feedgate.record.number", "31"),
        ("feedgate.deviation.code", "cvc-datatype-valid.1.2.1"),
    ];
    for (name, value) in expected {
        let both = [&span.attributes, &log.attributes].map(|attributes| of(attributes, name));
        assert_eq!(both, [Some(value.to_owned()), Some(value.to_owned())], "{name}");
    }
    let feed = received.named("feed catalogue/1.0");
    let status = feed[0].status.as_ref().expect("a status");
    assert_eq!(status.message, "deviations at error severity");
    assert_eq!(of(&feed[0].attributes, "feedgate.run").as_deref(), Some(run));
}

#[test]
fn log_events_have_names_and_times() {
    let received = validated(&[]);
    let names: BTreeSet<_> = received.logs.iter().map(|log| log.event_name.as_str()).collect();
    assert_eq!(names, ["feedgate.deviation", "feedgate.run"].into());
    for log in &received.logs {
        let (time, observed) = (log.time_unix_nano, log.observed_time_unix_nano);
        assert!(time > 1_700_000_000_000_000_000 && observed >= time, "{log:?}");
    }
    let (desk, collector) = (Desk::new(), Collector::start(Tongue::Http, Manner::Good));
    call(&desk, &collector, &[], &["validate", "nothing.xml"]).ends(2);
    let names: Vec<_> = collector.received().logs.into_iter().map(|log| log.event_name).collect();
    assert_eq!(names, ["feedgate.error"]);
}

fn is_database(span: &Span) -> bool {
    of(&span.attributes, "db.system.name").is_some()
}

#[test]
fn database_work_says_where_and_how_much() {
    on_each(async |database| block_in_place(|| database_work(database)));
}

fn database_work(database: &TestDatabase) {
    let (desk, collector) = (Desk::new(), Collector::start(Tongue::Grpc, Manner::Good));
    desk.file("a.xml", catalogue("Verlag A", 40, |_| Fault::None));
    desk.file("b.xml", catalogue("Verlag B", 1, |_| Fault::None));
    let url = database.url.secret();
    call(&desk, &collector, &[], &["import", "--database", url, "a.xml", "b.xml"]).ends(0);
    let received = collector.received();
    let spans: Vec<_> = received.spans.iter().filter(|span| is_database(span)).collect();
    for span in &spans {
        let said = |name| of(&span.attributes, name);
        assert_eq!(said("db.operation.name").as_deref(), Some(span.name.as_str()));
        let name = said("db.namespace").expect("a name");
        let (address, port) = (said("server.address"), said("server.port"));
        match database.kind() {
            DatabaseKind::Sqlite => assert_eq!((name.as_str(), address, port), ("feedgate.db", None, None)),
            DatabaseKind::Postgres => {
                assert!(url.contains(&name) && address.is_some(), "{name} {address:?} {port:?}");
                assert!(port.is_none_or(|port| port.parse::<u16>().is_ok()));
            }
        }
        let password =
            url.split('@').next().and_then(|user| user.rsplit(':').next()).filter(|_| url.contains('@'));
        let texts: Vec<_> =
            span.attributes.iter().filter_map(|each: &KeyValue| of(&span.attributes, &each.key)).collect();
        assert!(
            password.is_none_or(|secret| secret.starts_with("//") || texts.iter().all(|text| text != secret))
        );
    }
    let batches: Vec<_> = spans
        .iter()
        .filter(|span| of(&span.attributes, "db.operation.batch.size").is_some())
        .map(|span| (span.name.as_str(), number(&span.attributes, "db.operation.batch.size")))
        .collect();
    assert!(batches.iter().any(|(name, size)| *name == "stage" && *size > 40), "{batches:?}");
    assert!(batches.contains(&("apply", 2)), "{batches:?}");
    assert!(batches.iter().all(|(_, size)| *size > 1), "one is no batch: {batches:?}");
}

#[test]
fn database_work_that_fails_says_why() {
    let (desk, database) = (Desk::new(), sqlite());
    let url = database.url.secret();
    for (name, sender) in [("a.xml", "Verlag A"), ("b.xml", "Verlag B")] {
        desk.file(name, catalogue(sender, 5, |_| Fault::None));
    }
    desk.call(&["import", "--database", url, "a.xml"]).ends(0);
    let broken = "create trigger broken before insert on product begin select raise(abort, 'disk full'); end";
    block_on(database.execute(broken)).expect("threads");
    let collector = Collector::start(Tongue::Grpc, Manner::Good);
    call(&desk, &collector, &[], &["import", "--database", url, "b.xml"]).ends(2);
    let received = collector.received();
    let failed: Vec<_> =
        received.spans.iter().filter(|span| is_database(span)).filter(|span| is_error(span)).collect();
    assert!(!failed.is_empty());
    for span in failed {
        let status = span.status.as_ref().expect("a status");
        assert!(!status.message.is_empty() && of(&span.attributes, "error.type").is_some(), "{span:?}");
    }
}

#[test]
fn a_replay_is_linked_to_the_run_that_refused_the_record() {
    let desk = Desk::new();
    desk.file(
        "feed.xml",
        catalogue("Verlag A", 60, |number| if number % 30 == 5 { Fault::Price } else { Fault::None }),
    );
    let collector = Collector::start(Tongue::Grpc, Manner::Good);
    call(&desk, &collector, &[], &["import", "feed.xml"]).ends(1);
    let refused = collector.received();
    call(&desk, &collector, &[], &["quarantine", "replay", "1", "2"]).ends(1);
    let received = collector.received();
    let (refused, replay) = (root(&refused), root(&received));
    assert_ne!(replay.trace_id, refused.trace_id);
    let links: Vec<_> =
        replay.links.iter().map(|link| (link.trace_id.clone(), link.span_id.clone())).collect();
    assert_eq!(links, [(refused.trace_id.clone(), refused.span_id.clone())]);
    assert_eq!(of(&replay.attributes, "feedgate.run").as_deref(), Some("2"));
    // What was imported without a trace has none to link to.
    let desk = Desk::new();
    desk.file(
        "feed.xml",
        catalogue("Verlag A", 60, |number| if number == 5 { Fault::Price } else { Fault::None }),
    );
    desk.call(&["import", "feed.xml"]).ends(1);
    call(&desk, &collector, &[], &["quarantine", "replay", "1"]).ends(1);
    assert!(root(&collector.received()).links.is_empty());
    assert_eq!(hexadecimal(&refused.trace_id)[16..], hexadecimal(&refused.span_id));
}
