//! One clause, one place: each clause that a schema or an instance can break has a case in
//! `tests/data/clauses`, is told there as itself, alone and at its place, and stands in the table
//! `src/xsd/CLAUSES.md`.
//!
//! ```text
//!  tests/data/clauses/FAMILY/CODE.xsd             a schema that breaks the clause, or
//!  tests/data/clauses/FAMILY/CODE.xsd, CODE.xml   a schema and an instance that breaks it
//!  tests/data/clauses/FAMILY/CODE.other.xsd       a document that the case needs
//!  tests/data/clauses/FAMILY/expected.txt         what is told: case, document, place, code, sentence
//! ```
//!
//! To add a case is to add files. `UPDATE_CLAUSES=1` writes the expected files and the table anew.

mod limits;
mod table;

use feedgate::xml::{Cursor, Limits};
use feedgate::xsd::{
    Assembler, Clause, CompiledSchema, DeviationBuffer, Rule, SchemaError, Unresolved, Validator,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Clauses that cannot be broken alone: the code, and what is told beside it.
const BESIDE: &[(&str, &str)] = &[
    // The document that is no schema says itself why.
    ("src-include.1", "s4s-root"),
    ("src-import.2", "s4s-root"),
    ("src-redefine.2", "s4s-root"),
    // References that wait refer to nothing.
    ("limit.references_max", "cvc-id.1"),
];

/// Clauses that only a schema provokes of which something is absent: such a schema is refused, unless the
/// caller asks for what is absent to count where it is used.
const ON_USE: &[&str] = &["cvc-type.1", "cvc-attribute.2"];

/// A case: a schema, and an instance where the clause is one of instances.
struct Case {
    code: String,
    schema: PathBuf,
    instance: Option<PathBuf>,
}

/// One thing told about a case.
struct Told {
    document: String,
    place: String,
    code: &'static str,
    sentence: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn updating() -> bool {
    std::env::var_os("UPDATE_CLAUSES").is_some()
}

/// Every code with the case that may provoke it.
fn codes() -> BTreeSet<&'static str> {
    let rules = Rule::ALL.iter().map(|rule| rule.code());
    rules.chain(Clause::ALL.iter().map(|clause| clause.code())).collect()
}

/// The cases of all families.
fn families() -> BTreeMap<PathBuf, Vec<Case>> {
    let folder = root().join("tests/data/clauses");
    let families =
        fs::read_dir(folder).expect("the cases are there").map(|entry| entry.expect("an entry").path());
    families.map(|family| (family.clone(), cases_of(&family))).collect()
}

fn cases_of(family: &Path) -> Vec<Case> {
    let files =
        fs::read_dir(family).expect("a family is a folder").map(|entry| entry.expect("an entry").path());
    let schemas = files.filter(|path| path.extension().is_some_and(|extension| extension == "xsd"));
    let mut cases: Vec<Case> = schemas
        .filter_map(|schema| {
            let code = schema.file_stem()?.to_str()?.to_owned();
            let instance = schema.with_file_name(format!("{code}.xml"));
            (!is_helper(&code)).then(|| Case {
                code,
                schema,
                instance: instance.exists().then_some(instance),
            })
        })
        .collect();
    cases.sort_by(|a, b| a.code.cmp(&b.code));
    cases
}

/// Whether a file's stem is a code with a word behind it, such as `src-include.1.other`.
fn is_helper(stem: &str) -> bool {
    stem.rsplit_once('.').is_some_and(|(code, word)| word == "other" && codes().contains(code))
}

fn told(case: &Case) -> Vec<Told> {
    let folder = case.schema.parent().expect("a file stands in a folder");
    let other = |location: &str| fs::read(folder.join(location)).ok();
    let unresolved = if ON_USE.contains(&&*case.code) { Unresolved::OnUse } else { Unresolved::Refused };
    match (compile(unresolved, &file_name(&case.schema), &read(&case.schema), other), &case.instance) {
        (Err(error), _) => error.faults.iter().map(told_of_fault).collect(),
        (Ok(_), None) => Vec::new(),
        (Ok(schema), Some(instance)) => validate(&schema, &file_name(instance), &read(instance)),
    }
}

fn told_of_fault(fault: &feedgate::xsd::SchemaFault) -> Told {
    Told {
        document: file_name(Path::new(&*fault.document)),
        place: fault.place.to_string(),
        code: fault.rule.code(),
        sentence: fault.sentence.clone(),
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().expect("a file has a name").to_string_lossy().into_owned()
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).expect("the case can be read")
}

/// Compiles a schema; `other` has its other documents.
fn compile(
    unresolved: Unresolved,
    name: &str,
    bytes: &[u8],
    other: impl Fn(&str) -> Option<Vec<u8>>,
) -> Result<Arc<CompiledSchema>, SchemaError> {
    let mut assembler = Assembler::new();
    assembler.set_unresolved(unresolved);
    assembler.add(name, bytes);
    while let Some(request) = assembler.missing() {
        match other(&request.location) {
            Some(bytes) => assembler.add(&request.location, &bytes),
            None => assembler.unavailable(&request, "there is no such file"),
        }
    }
    assembler.finish()
}

fn validate(schema: &Arc<CompiledSchema>, name: &str, bytes: &[u8]) -> Vec<Told> {
    let mut cursor = Cursor::new(bytes, Limits::default());
    cursor.set_names(Arc::clone(schema.names()));
    let mut validator = Validator::new(Arc::clone(schema));
    let mut buffer = DeviationBuffer::with_limit(100);
    let mut told = Vec::new();
    while let Some(mut block) = cursor.block().expect("the case is well-formed") {
        while let Some(event) = block.next().expect("the case is well-formed") {
            validator.event(&event, &mut buffer);
            told.extend(buffer.drain().map(|each| Told {
                document: name.to_owned(),
                place: block.locate(each.at.start).to_string(),
                code: each.clause.code(),
                sentence: each.sentence,
            }));
        }
    }
    validator.finish(&mut buffer);
    told.extend(buffer.drain().map(|each| Told {
        document: name.to_owned(),
        place: "end".to_owned(),
        code: each.clause.code(),
        sentence: each.sentence,
    }));
    told
}

#[test]
fn every_clause_has_its_case_and_every_case_its_clause() {
    let cases: BTreeSet<String> =
        families().into_values().flatten().map(|case| case.code).chain(limits::codes()).collect();
    let codes = codes();
    let strangers: Vec<_> = cases.iter().filter(|case| !codes.contains(&***case)).collect();
    assert!(strangers.is_empty(), "cases without a clause: {strangers:?}");
    let bare: Vec<_> = codes.iter().filter(|code| !cases.contains(**code)).collect();
    assert!(bare.is_empty(), "clauses without a case: {bare:?}");
}

#[test]
fn each_case_is_told_as_its_clause_alone_and_at_its_place() {
    let mut wrong = String::new();
    for (family, cases) in families() {
        let mut text = String::new();
        for case in cases {
            let told = told(&case);
            if !is_told_alone(&case.code, &told) {
                let codes: Vec<_> = told.iter().map(|each| each.code).collect();
                writeln!(wrong, "{}: told {codes:?}", case.code).expect("a string takes everything");
            }
            for Told { document, place, code, sentence } in told {
                writeln!(text, "{document}:{place} [{code}] {sentence}").expect("a string takes everything");
            }
        }
        hold(&family.join("expected.txt"), &text, &mut wrong);
    }
    assert!(wrong.is_empty(), "{wrong}(UPDATE_CLAUSES=1 writes the expected files anew)");
}

/// Whether a code is told, and nothing beside it but what cannot be helped.
fn is_told_alone(code: &str, told: &[Told]) -> bool {
    let alone = |each: &Told| each.code == code || BESIDE.contains(&(code, each.code));
    told.iter().any(|each| each.code == code) && told.iter().all(alone)
}

/// Compares a file with what it should hold, or writes it.
fn hold(path: &Path, text: &str, wrong: &mut String) {
    if updating() {
        fs::write(path, text).expect("the file can be written");
        return;
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    let name = path.strip_prefix(root()).expect("the file is ours").display();
    for (mark, these, others) in [("found", text, &*expected), ("expected", &expected, text)] {
        for line in these.lines().filter(|line| !others.lines().any(|other| other == *line)) {
            writeln!(wrong, "{name}: {mark} {line}").expect("a string takes everything");
        }
    }
}
