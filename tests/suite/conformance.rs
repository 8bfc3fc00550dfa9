//! The W3C XML Schema Test Suite, its open half, against the engine as a library.
//!
//! ```text
//!  open.tar.zst ─▶ suite: rows and documents ─▶ run: one answer for each question, on all cores
//!                                                 └─▶ table, wrong answers ◀─▶ departures
//! ```
//!
//! The suite is no part of this repository; without `../shared/xsts/open.tar.zst` the test says so and
//! is skipped. Every row is run, also those that do not count and those of XML Schema 1.1: none may
//! crash or take too long. What the counted rows of XSD 1.0 and the rows of NIST expect and we do not
//! answer stands in `tests/data/conformance.toml`, each with its reason, and nothing else does: the
//! list and the run have to agree to the last case.

mod departures;
mod run;
mod suite;
mod table;

use departures::Departures;
use run::{Outcome, Wrong};
use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};
use suite::Suite;

/// A case that takes longer is wrong, whatever it answers.
const CASE_TIME_MAX: Duration = Duration::from_secs(20);
/// Memory that the whole program may have needed, and with it any case.
const MEMORY_MIB_MAX: u64 = 1024;
/// Least share of right answers, in percent: all counted cases, and schema documents that are invalid.
const ALL_MIN: f64 = 99.6;
const SCHEMA_INVALID_MIN: f64 = 99.5;

#[test]
fn the_open_half_of_the_suite_is_answered_as_expected_but_for_the_departures() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/xsts/open.tar.zst");
    let Ok(packed) = std::fs::File::open(&path) else {
        eprintln!("SKIPPED: the XML Schema Test Suite is not there (`../shared/xsts/open.tar.zst`)");
        return;
    };
    let begin = Instant::now();
    let suite = Suite::unpack(packed);
    let outcomes = run::all(&suite);
    let departures = Departures::read();
    let table = table::of(&outcomes, &departures, begin.elapsed());
    eprintln!("{}", table.text);
    list_failures(&outcomes);

    let ids = |grave: Wrong| -> Vec<&str> {
        outcomes.iter().filter(|each| each.wrong == Some(grave)).map(|each| &*each.row.id).collect()
    };
    assert_eq!(ids(Wrong::Crash), Vec::<&str>::new(), "these cases crash");
    assert_eq!(ids(Wrong::Late), Vec::<&str>::new(), "these cases take more than {CASE_TIME_MAX:?}");
    assert!(table.memory_mib.is_none_or(|mib| mib <= MEMORY_MIB_MAX), "{:?} MiB", table.memory_mib);
    let disagreements = departures.disagreements(&outcomes);
    assert!(disagreements.is_empty(), "tests/data/conformance.toml:\n{}", disagreements.join("\n"));
    assert!(table.all.percent() >= ALL_MIN && table.schema_invalid.percent() >= SCHEMA_INVALID_MIN);
}

/// Every wrong answer, for whoever works on them.
fn list_failures(outcomes: &[Outcome<'_>]) {
    let mut list = String::new();
    for Outcome { row, answer, .. } in outcomes.iter().filter(|each| each.is_scored() && each.wrong.is_some())
    {
        let file = row.instance.as_ref().or(row.schema.as_ref()).map_or("", |path| path);
        let (verdict, detail) = (answer.verdict, answer.detail.replace(['\n', '\t'], " "));
        writeln!(list, "{}\t{} {}\t{file}\t{verdict:?}: {detail}", row.id, row.kind, row.expected)
            .expect("a string takes everything");
    }
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance-failures.tsv");
    std::fs::write(&path, list).expect("the target folder can be written");
    eprintln!("answered otherwise than expected: {}", path.display());
}
