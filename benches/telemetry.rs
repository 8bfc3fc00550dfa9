//! What telemetry costs: the program with a collector at hand against the program without, in turn.
//!
//! `cargo bench --bench telemetry -- FEED [RUNS [SCHEMAS]]`; without a feed, one of 20,000 records with 400 failures is
//! made. Prints the best time of each kind, the ratio of processor time, and what arrived.

#[path = "../tests/suite/support/authority.rs"]
#[expect(dead_code, reason = "the collector of the tests encrypts, too")]
mod authority;
#[path = "../tests/suite/support/catalogue.rs"]
#[expect(dead_code, reason = "the tests make more faults")]
mod catalogue;
#[path = "../tests/suite/support/collector.rs"]
#[expect(dead_code, reason = "the tests ask more of it")]
mod collector;

use catalogue::{Fault, catalogue};
use collector::{Collector, Manner, Tongue};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

/// One call of the program, in seconds.
#[derive(Clone, Copy, Debug)]
struct Took {
    /// From start to end, the sending of telemetry included.
    wall: f64,
    /// Reading and judging, as the report says it.
    reading: f64,
    /// Of all threads.
    processor: f64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|each| !each.starts_with("--")).collect();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let feed = arguments.first().map_or_else(
        || {
            let path = folder.path().join("feed.xml");
            let fault = |number| if number % 50 == 0 { Fault::Price } else { Fault::None };
            fs::write(&path, catalogue("Verlag A", 20_000, fault)).expect("written");
            path
        },
        PathBuf::from,
    );
    let runs: u32 = arguments.get(1).and_then(|text| text.parse().ok()).unwrap_or(5);
    let schemas = arguments.get(2).map_or("", String::as_str);
    let collector = Collector::start(Tongue::Grpc, Manner::Good);
    let call = |with: bool| {
        let report = folder.path().join("report.json");
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedgate"));
        command.arg("validate").arg("--threads").arg("1").arg(&feed);
        command.arg("--report-file").arg(format!("json={}", report.display()));
        command.env_clear().env("HOME", folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
        if !schemas.is_empty() {
            command.arg("--schemas").arg(schemas);
        }
        if with {
            command.envs(collector.variables());
        }
        let (before, began) = (processor_seconds(), Instant::now());
        command.status().expect("the program starts");
        let wall = began.elapsed().as_secs_f64();
        let text = fs::read_to_string(report).expect("a report");
        let last: serde_json::Value =
            serde_json::from_str(text.lines().last().expect("a summary")).expect("JSON");
        let reading = last["elapsed_seconds"].as_f64().expect("a number");
        Took { wall, reading, processor: processor_seconds() - before }
    };
    call(false);
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        without.push(call(false));
        with.push(call(true));
    }
    tell("reading", without.iter().map(|took| took.reading), with.iter().map(|took| took.reading));
    tell("start to end", without.iter().map(|took| took.wall), with.iter().map(|took| took.wall));
    tell("processor", without.iter().map(|took| took.processor), with.iter().map(|took| took.processor));
    let received = collector.received();
    println!("{} spans, {} log events arrived from {runs} runs", received.spans.len(), received.logs.len());
}

/// Tells the best of each kind and their ratio.
fn tell(what: &str, without: impl Iterator<Item = f64>, with: impl Iterator<Item = f64>) {
    let (off, on) = (without.fold(f64::INFINITY, f64::min), with.fold(f64::INFINITY, f64::min));
    println!("{what:13} without {off:.3} s, with {on:.3} s, ratio {:.3}", on / off);
}

/// Processor time of all children so far (Linux; in hundredths of a second).
fn processor_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or(f64::NAN);
    (ticks(13) + ticks(14)) / 100.0
}
