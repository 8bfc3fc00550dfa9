//! Several runs in one process: each has a trace of its own, whole and with nothing of another.

use super::{hang_together, is_error, root, sums};
use crate::support::catalogue::{Fault, catalogue};
use crate::support::collector::{Collector, Manner, Received, Tongue, number, of};
use feedgate::config::{Environment, Layers, Settings};
use feedgate::import::ImportPlan;
use feedgate::judgement::Acceptance;
use feedgate::pipeline::{FeedsOptions, FormatPlans, KnownFormat, Progress};
use feedgate::report::{ReportSink, RunStart};
use feedgate::run::{Run, RunPlan, Watchers, block_on};
use feedgate::source::{SchemaFolder, discover, formats};
use feedgate::telemetry::{Exposition, Gravity, Instance, LogReader, RunTelemetry, Telemetry};
use opentelemetry_proto::tonic::common::v1::any_value::Value::StringValue;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use std::collections::HashSet;
use std::process::Command;
use std::sync::{Arc, Barrier};

/// Says in the environment that this is the process with the runs.
const HERE: &str = "RUNS_OF_ONE_PROCESS";
/// Sender, records, and how many of these fail, of each run.
const RUNS: [(&str, u32, u32); 4] =
    [("Verlag A", 60, 6), ("Verlag B", 90, 9), ("Verlag C", 2_000, 200), ("Verlag D", 3_000, 300)];

/// Imports a feed of its own into a database of its own, and waits for the other runs before it ends.
fn import(telemetry: &RunTelemetry, (sender, records, _): (&str, u32, u32), together: &Barrier) {
    let folder = tempfile::tempdir().expect("a folder for a test");
    let feed = folder.path().join("feed.xml");
    let fault = |number| if number % 10 == 0 { Fault::Title } else { Fault::None };
    std::fs::write(&feed, catalogue(sender, records, fault)).expect("written");
    let database = format!("sqlite:{}", folder.path().join("shop.db").display());
    let known =
        formats(&SchemaFolder::None).expect("those of the program").into_iter().map(KnownFormat::read);
    let plan = RunPlan {
        feeds: discover(&[feed], std::time::Duration::ZERO).expect("it is there").feeds,
        plans: Arc::new(FormatPlans::new(known.collect::<Result<_, _>>().expect("they are right"))),
        reading: FeedsOptions::default(),
        import: Some(ImportPlan::new(database.parse().expect("a database address"))),
        begun: None,
        known: feedgate::run::KnownFeeds::default(),
    };
    let start = RunStart { command: "import", feeds: 1, started: None, trace: None };
    let mut run = Run::new(plan, Watchers::new(telemetry.clone(), ReportSink::new(Vec::new(), &start)));
    assert!(!telemetry.tell(Gravity::Notice, sender), "standard error is not the log's");
    let work = async {
        together.wait();
        run.read(&Arc::new(Progress::default())).await;
        together.wait();
        Box::pin(run.end()).await
    };
    let conclusion = block_on(Box::pin(work)).expect("threads");
    assert!(conclusion.error.is_none(), "{:?}", conclusion.error);
    telemetry.end(conclusion.summary.status);
}

/// Two runs one after the other, two at the same time, and one that nobody brings to its end.
fn runs(collector: &[(&str, &str)]) {
    let environment = Environment::of(collector);
    let layers = Layers::gather(environment.clone(), None).expect("settings");
    let settings = Settings::settle(&layers).expect("settings");
    let (telemetry, notices) = Telemetry::start(
        &settings.telemetry,
        settings.log,
        &environment,
        LogReader::Terminal,
        Exposition::None,
        &Instance::Process,
    )
    .expect("exporters");
    assert!(notices.is_empty() && !telemetry.writes_lines(), "{notices:?}");
    let [first, second, third, fourth] = RUNS;
    import(&telemetry.run("import"), first, &Barrier::new(1));
    import(&telemetry.run("import"), second, &Barrier::new(1));
    let (together, other) = (Barrier::new(2), telemetry.run("import"));
    std::thread::scope(|threads| {
        threads.spawn(|| import(&telemetry.run("import"), third, &together));
        import(&other, fourth, &together);
    });
    drop(telemetry.run("validate"));
    assert_eq!(telemetry.flush(), None);
    assert_eq!(telemetry.clone().flush(), None);
}

/// What arrived of the run that told its sender.
fn of_run(received: &Received, sender: &str) -> Received {
    let log = received.logs.iter().find(|log| body(log) == Some(sender)).expect("what the run told");
    let trace = &log.trace_id;
    Received {
        spans: received.spans.iter().filter(|span| span.trace_id == *trace).cloned().collect(),
        logs: received.logs.iter().filter(|log| log.trace_id == *trace).cloned().collect(),
        ..Received::default()
    }
}

fn body(log: &LogRecord) -> Option<&str> {
    match log.body.as_ref()?.value.as_ref()? {
        StringValue(text) => Some(text),
        _ => None,
    }
}

#[test]
fn each_run_of_a_process_has_a_trace_of_its_own() {
    if std::env::var_os(HERE).is_some() {
        let variable = |name| std::env::var(name).expect("given below");
        let (endpoint, protocol) =
            (variable("OTEL_EXPORTER_OTLP_ENDPOINT"), variable("OTEL_EXPORTER_OTLP_PROTOCOL"));
        return runs(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", &protocol),
        ]);
    }
    for tongue in [Tongue::Grpc, Tongue::Http] {
        let collector = Collector::start(tongue, Manner::Good);
        // The exporters read the environment of their process: this test once more, in one of its own.
        let name = "telemetry::runs::each_run_of_a_process_has_a_trace_of_its_own";
        let mut command = Command::new(std::env::current_exe().expect("the suite"));
        command.args(["--exact", name]).envs(collector.variables()).env(HERE, "1");
        let output = command.output().expect("it starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        let received = collector.received();
        let mut traces = HashSet::new();
        for (sender, records, failures) in RUNS {
            let of_run = of_run(&received, sender);
            hang_together(&of_run);
            let root = root(&of_run);
            assert!(traces.insert(root.trace_id.clone()), "{sender} has the trace of another run");
            assert_eq!(of(&root.attributes, "feedgate.outcome").as_deref(), Some("deviations"));
            assert_eq!(number(&root.attributes, "feedgate.records"), u64::from(records));
            assert_eq!(sums(&of_run), u64::from(failures));
            for (span, count) in [("open", 1), ("apply", 1), ("close", 1), ("feed catalogue/1.0", 1)] {
                assert_eq!(of_run.named(span).len(), count, "{span} of {sender}");
            }
            let feed = of_run.named("feed catalogue/1.0")[0];
            assert_eq!(of(&feed.attributes, "feedgate.sender").as_deref(), Some(sender));
            let accepted = format!(
                "feedgate.command=import feedgate.format=catalogue/1.0 feedgate.outcome=accepted \
                 feedgate.sender={sender}"
            );
            let points = received.points("feedgate.records");
            assert!(points.contains(&(accepted, f64::from(records - failures))), "{points:?}");
        }
        let others: Vec<_> = received.spans.iter().filter(|span| !traces.contains(&span.trace_id)).collect();
        let [dropped] = others.as_slice() else { panic!("one run more: {others:?}") };
        assert!(dropped.name == "feedgate validate" && is_error(dropped));
        assert_eq!(of(&dropped.attributes, "feedgate.outcome").as_deref(), Some(Acceptance::Failed.as_str()));
    }
}
