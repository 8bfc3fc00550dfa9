//! The open half of the W3C XML Schema Test Suite, against the engine as a library.
//!
//! The suite is no part of this repository; without `../shared/xsts/open.tar.zst` the test says so and
//! is skipped. Every counted case of XSD 1.0 runs, on all cores, each schema compiled once for all its
//! cases. What is answered wrongly is listed in a file whose path is printed.

use feedgate::xml::{Cursor, Limits, XmlError};
use feedgate::xsd::{Assembler, CompiledSchema, DeviationBuffer, MissingInclude, Validator};
use rayon::prelude::*;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What is answered rightly so far, by kind; may rise, must not fall.
const FLOORS: [(&str, usize); 4] = [
    ("instance invalid", 1_167),
    ("instance valid", 1_669),
    ("schema invalid", 1_698),
    ("schema valid", 3_561),
];

/// A case that takes longer is wrong, whatever it answers.
const CASE_TIME_MAX: Duration = Duration::from_secs(20);

type Files = HashMap<String, Vec<u8>>;

#[derive(Deserialize)]
struct Case {
    id: String,
    set: String,
    kind: String,
    xsd: String,
    schema: Option<String>,
    instance: Option<String>,
    expected: String,
    counted: bool,
}

/// What became of a case: nothing wrong, or why.
struct Outcome<'c> {
    case: &'c Case,
    wrong: Option<String>,
    crashed: bool,
}

#[test]
fn the_open_half_of_the_suite_is_answered_as_well_as_before() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/xsts/open.tar.zst");
    let Ok(packed) = std::fs::File::open(&path) else {
        eprintln!("SKIPPED: the XML Schema Test Suite is not there (`../shared/xsts/open.tar.zst`)");
        return;
    };
    let files = unpack(packed);
    let cases = counted_cases(&files);
    let outcomes = run(&files, &cases);
    let rates = print_rates(&outcomes);
    list_failures(&outcomes);
    let crashed: Vec<&str> = outcomes.iter().filter(|each| each.crashed).map(|each| &*each.case.id).collect();
    assert!(crashed.is_empty(), "crashed or out of time: {crashed:?}");
    for (kind, floor) in FLOORS {
        let right = rates[kind].0;
        assert!(right >= floor, "{kind}: {right} right, {floor} were right before");
    }
}

fn unpack(packed: impl Read) -> Files {
    let plain = zstd::Decoder::new(packed).expect("the suite is a zstd file");
    let mut archive = tar::Archive::new(plain);
    let mut files = Files::new();
    for entry in archive.entries().expect("the suite is a tar archive") {
        let mut entry = entry.expect("the archive is whole");
        let path = entry.path().expect("paths are UTF-8").to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("the archive is whole");
        files.insert(path.trim_start_matches("./").to_owned(), bytes);
    }
    files
}

fn counted_cases(files: &Files) -> Vec<Case> {
    let rows = std::str::from_utf8(&files["cases-open.jsonl"]).expect("the rows are UTF-8");
    let rows = rows.lines().map(|row| serde_json::from_str(row).expect("a row is a case"));
    rows.filter(|case: &Case| case.counted && case.xsd == "1.0").collect()
}

/// Cases in the order of the suite, worked off schema by schema.
fn run<'c>(files: &Files, cases: &'c [Case]) -> Vec<Outcome<'c>> {
    let mut by_schema: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    for case in cases {
        by_schema.entry(case.schema.as_deref().unwrap_or_default()).or_default().push(case);
    }
    let groups: Vec<_> = by_schema.into_iter().collect();
    groups.par_iter().flat_map_iter(|(schema, cases)| run_group(files, schema, cases)).collect()
}

fn run_group<'c>(files: &Files, schema: &str, cases: &[&'c Case]) -> Vec<Outcome<'c>> {
    let begin = Instant::now();
    let compiled = guarded(|| compile(files, schema));
    let late = begin.elapsed() > CASE_TIME_MAX;
    cases.iter().map(|case| judge(files, case, compiled.as_ref(), late)).collect()
}

/// `Err` is a panic, told apart from a refusal.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| "panicked".to_owned())
}

fn judge<'c>(
    files: &Files,
    case: &'c Case,
    compiled: Result<&Result<Arc<CompiledSchema>, String>, &String>,
    late: bool,
) -> Outcome<'c> {
    let begin = Instant::now();
    let answer = match (compiled, &case.instance) {
        (Err(panic), _) => Err(panic.clone()),
        (Ok(Err(refusal)), None) => Ok(Err(refusal.clone())),
        (Ok(Err(refusal)), Some(_)) => return wrong(case, format!("schema refused: {refusal}"), false),
        (Ok(Ok(_)), None) => Ok(Ok(())),
        (Ok(Ok(schema)), Some(instance)) => guarded(|| validate(files, schema, instance)),
    };
    if late || begin.elapsed() > CASE_TIME_MAX {
        return wrong(case, "out of time".to_owned(), true);
    }
    match answer {
        Err(panic) => wrong(case, panic, true),
        Ok(Ok(())) if case.expected == "invalid" => wrong(case, "accepted".to_owned(), false),
        Ok(Err(why)) if case.expected == "valid" => wrong(case, why, false),
        Ok(_) => Outcome { case, wrong: None, crashed: false },
    }
}

fn wrong(case: &Case, why: String, crashed: bool) -> Outcome<'_> {
    Outcome { case, wrong: Some(why), crashed }
}

fn compile(files: &Files, location: &str) -> Result<Arc<CompiledSchema>, String> {
    let main = files.get(location).ok_or("the schema document is missing")?;
    let mut assembler = Assembler::new();
    assembler.set_missing_include(MissingInclude::NotChecked);
    assembler.add(location, main);
    while let Some(request) = assembler.missing() {
        match files.get(&*request.location) {
            Some(bytes) => assembler.add(&request.location, bytes),
            None => assembler.unavailable(&request, "it is not part of the suite"),
        }
    }
    assembler.finish().map_err(|error| error.to_string())
}

fn validate(files: &Files, schema: &Arc<CompiledSchema>, instance: &str) -> Result<(), String> {
    let document = files.get(instance).ok_or("the document is missing")?;
    let mut found = DeviationBuffer::with_limit(3);
    read(document, schema, &mut found).map_err(|error| format!("not well-formed: {error}"))?;
    let found: Vec<String> = found.drain().map(|each| each.to_string()).collect();
    if found.is_empty() { Ok(()) } else { Err(found.join("; ")) }
}

fn read(document: &[u8], schema: &Arc<CompiledSchema>, found: &mut DeviationBuffer) -> Result<(), XmlError> {
    let limits = Limits { attributes_max: 4_096, ..Limits::default() };
    let mut cursor = Cursor::new(document, limits);
    cursor.set_names(Arc::clone(schema.names()));
    let mut validator = Validator::new(Arc::clone(schema));
    while let Some(mut block) = cursor.block()? {
        while let Some(event) = block.next()? {
            validator.event(&event, found);
        }
    }
    validator.finish(found);
    Ok(())
}

/// Right and all, by kind; printed by set as well.
fn print_rates(outcomes: &[Outcome<'_>]) -> BTreeMap<String, (usize, usize)> {
    let mut by_kind: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut by_set = by_kind.clone();
    for each in outcomes {
        let kind = format!("{} {}", each.case.kind, each.case.expected);
        for row in [by_kind.entry(kind).or_default(), by_set.entry(each.case.set.clone()).or_default()] {
            row.0 += usize::from(each.wrong.is_none());
            row.1 += 1;
        }
    }
    let right = outcomes.iter().filter(|each| each.wrong.is_none()).count();
    let all = [("all".to_owned(), (right, outcomes.len()))];
    for (name, (right, count)) in by_set.iter().chain(&by_kind).chain(all.iter().map(|(n, r)| (n, r))) {
        eprintln!("{:6.2} %  {right:5} of {count:5}  {name}", *right as f64 * 100.0 / *count as f64);
    }
    by_kind
}

fn list_failures(outcomes: &[Outcome<'_>]) {
    let mut list = String::new();
    for each in outcomes {
        let Some(why) = &each.wrong else { continue };
        let case = each.case;
        let file = case.instance.as_ref().or(case.schema.as_ref()).map_or("", |path| path);
        let why = why.replace(['\n', '\t'], " ");
        writeln!(list, "{}\t{} {}\t{file}\t{why}", case.id, case.kind, case.expected)
            .expect("a string takes everything");
    }
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance-failures.tsv");
    std::fs::write(&path, list).expect("the target folder can be written");
    eprintln!("answered wrongly: {}", path.display());
}
