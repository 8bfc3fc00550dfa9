//! Schemas and documents that are made to do harm: each ends in a limit that is named, or in a verdict,
//! within bounded time and memory.
//!
//! Each case runs in a process of its own (this program again, asked for one case), so that a stack that
//! overflows or memory that runs out fails that case and is told by its name.

mod amount;
mod circles;
mod depth;
mod documents;
mod judge;
mod made;
mod models;
mod values;

use judge::verdict;
use rayon::prelude::*;
use std::process::Command;
use std::time::Instant;

/// The one who asks names the case here.
const ASKED: &str = "FEEDGATE_TEST_HOSTILE";
/// Most memory of a case.
const MEMORY_MIB_MAX: u64 = 256;
/// Runs the program with bounds that the system enforces: 20 s of processor time, however busy the
/// machine is, without optimisation; and 1 GiB of addresses, so that nothing else suffers.
const BOUNDED: &str = r#"ulimit -t 20; ulimit -v 1048576; exec "$0" "$@""#;

/// All cases, by subject.
const CASES: [&[Case]; 6] =
    [depth::CASES, amount::CASES, circles::CASES, models::CASES, values::CASES, documents::CASES];

/// A case: what it is called, its documents (the main schema document first), what becomes of it.
#[derive(Clone, Copy)]
struct Case {
    name: &'static str,
    documents: fn() -> Vec<String>,
    instance: Option<fn() -> String>,
    expected: &'static str,
}

const fn schema(name: &'static str, documents: fn() -> Vec<String>, expected: &'static str) -> Case {
    Case { name, documents, instance: None, expected }
}

const fn document(
    name: &'static str,
    documents: fn() -> Vec<String>,
    instance: fn() -> String,
    expected: &'static str,
) -> Case {
    Case { name, documents, instance: Some(instance), expected }
}

#[test]
fn whatever_is_made_to_do_harm_ends_in_a_verdict() {
    let this = std::env::current_exe().expect("the test program has a path");
    let wrong: Vec<String> = CASES.concat().par_iter().filter_map(|case| run(&this, case)).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Why a case went wrong, if it did.
fn run(this: &std::path::Path, case: &Case) -> Option<String> {
    let begin = Instant::now();
    let output = Command::new("sh")
        .args(["-c", BOUNDED])
        .arg(this)
        .args(["--exact", "hostile::one_case", "--ignored", "--nocapture"])
        .env(ASKED, case.name)
        .output()
        .expect("the test program runs");
    let elapsed = begin.elapsed();
    let said = String::from_utf8_lossy(&output.stdout);
    let value = |key: &str| said.lines().find_map(|line| line.strip_prefix(key)).map(str::to_owned);
    let Some(verdict) = value("verdict: ") else {
        let why = String::from_utf8_lossy(&output.stderr);
        return Some(format!("{}: no verdict ({}): {}", case.name, output.status, why.trim()));
    };
    let memory: u64 = value("memory: ").and_then(|text| text.parse().ok()).unwrap_or(0);
    eprintln!("{:40} {:6.2} s {memory:5} MiB  {verdict}", case.name, elapsed.as_secs_f64());
    if !verdict.starts_with(case.expected) {
        return Some(format!("{}: expected `{}`, got `{verdict}`", case.name, case.expected));
    }
    (memory > MEMORY_MIB_MAX).then(|| format!("{}: {memory} MiB", case.name))
}

/// Runs the case that is asked for, in the process that was started for it.
#[test]
#[ignore = "started by the other test, with a case to run"]
fn one_case() {
    let Ok(name) = std::env::var(ASKED) else { return };
    let case =
        CASES.concat().into_iter().find(|case| case.name == name).expect("only known cases are asked for");
    let verdict = verdict(&case);
    println!("\nverdict: {verdict}\nmemory: {}", memory_mib());
}

/// Most memory the process has had; 0 where the system does not tell.
fn memory_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = peak.and_then(|text| text.trim().strip_suffix(" kB")).and_then(|text| text.trim().parse().ok());
    kib.unwrap_or(0_u64) / 1024
}
