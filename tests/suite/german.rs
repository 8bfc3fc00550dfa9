//! German keeps up with English: whatever the data of tests makes the program say, and whatever its sources can say,
//! has a German sentence.

use crate::cli::{Desk, repository};
use crate::support::onix::{shared, with_onix};
use feedgate::report::german;
use feedgate::report::{ExampleKind, Explanation};
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Sentences that data gives and that stay English: what makes them is of a library or the system.
const ENGLISH: &[&str] = &[];

/// What the program says, with what it may repeat of a feed.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Said {
    sentence: String,
    operands: [String; 2],
}

#[track_caller]
fn all_have_german(said: &BTreeSet<Said>, at_least: usize) {
    assert!(said.len() >= at_least, "only {} sentences", said.len());
    let lacks = |said: &&Said| {
        let operands = said.operands.each_ref().map(|operand| &**operand);
        german::translation(&said.sentence, &operands).is_none() && !ENGLISH.contains(&&*said.sentence)
    };
    let lacking: Vec<&str> = said.iter().filter(lacks).map(|said| &*said.sentence).collect();
    assert!(lacking.is_empty(), "no German in src/report/german for:\n{}", lacking.join("\n"));
}

/// The sentences of a report in JSON: of findings, and why feeds failed.
fn said(report: &str) -> BTreeSet<Said> {
    let lines = report.lines().map(|line| serde_json::from_str::<Value>(line).expect("a JSON line"));
    lines.flat_map(|line| said_in(&line)).collect()
}

fn said_in(line: &Value) -> Vec<Said> {
    let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
    let sentences = ["sentence", "failure", "error"].into_iter().filter_map(|key| line[key].as_str());
    let of = |sentence: &str| Said { sentence: sentence.to_owned(), operands: [text("found"), text("key")] };
    sentences.map(of).collect()
}

/// Every file below a folder whose name ends so.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder of ours");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = paths
        .flat_map(|path| if path.is_dir() { files(&path, ending) } else { vec![path] })
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    files.sort();
    files
}

/// What `validate` says of each of these.
fn validated(desk: &Desk, arguments: &[&str], feeds: &[PathBuf]) -> BTreeSet<Said> {
    let mut all = vec!["validate", "--report", "json"];
    all.extend(arguments);
    all.extend(feeds.iter().map(|path| path.to_str().expect("paths of tests are UTF-8")));
    said(&desk.call(&all).stdout)
}

#[test]
fn what_samples_and_tests_bring_is_told_in_german() {
    let mut feeds = files(&repository("samples"), ".xml");
    feeds.extend(files(&repository("tests/data/diff"), ".xml"));
    let desk = Desk::new();
    all_have_german(&validated(&desk, &[], &feeds), 25);
}

#[test]
fn what_people_who_import_feeds_reported_is_told_in_german() {
    let Some(desk) = with_onix(Desk::new(), "schemas") else { return };
    let Some(cases) = shared("field-cases") else { return };
    let mut feeds = files(&cases, ".xml");
    feeds.extend(files(&cases, ".zip"));
    all_have_german(&validated(&desk, &["--schemas", "schemas"], &feeds), 20);
}

#[test]
fn what_the_examples_of_codes_break_is_told_in_german() {
    let desk = Desk::new();
    let explanations = Explanation::codes().iter().filter_map(|code| Explanation::of(code));
    let of = |explanation: Explanation| match explanation.example {
        // Records and schemas have their sentences in other data.
        ExampleKind::Words | ExampleKind::Record | ExampleKind::Schema | ExampleKind::SchemaDocument => {
            BTreeSet::new()
        }
        ExampleKind::Document | ExampleKind::Feed => {
            validated(&desk, &[], &[desk.file("feed.xml", explanation.breaks)])
        }
        ExampleKind::Instance => {
            let schema = explanation.schema.expect("an instance has a schema");
            let frame = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">"#;
            desk.file("a.xsd", format!("{frame}{schema}</xs:schema>"));
            validated(&desk, &["--schema", "a.xsd"], &[desk.file("a.xml", explanation.breaks)])
        }
    };
    all_have_german(&explanations.flat_map(of).collect(), 60);
}

#[test]
fn what_the_cases_of_clauses_say_is_told_in_german() {
    let line = Regex::new(r"^\S+ \[[^\]]+\] (.*)$").expect("a pattern");
    let texts = files(&repository("tests/data/clauses"), "expected.txt").into_iter();
    let said = texts.flat_map(|path| {
        let text = std::fs::read_to_string(path).expect("text");
        let sentences = text.lines().filter_map(|each| Some(line.captures(each)?[1].to_owned()));
        sentences.map(|sentence| Said { sentence, operands: Default::default() }).collect::<Vec<_>>()
    });
    all_have_german(&said.collect(), 150);
}

#[test]
fn the_reports_of_snapshots_are_told_in_german() {
    let text = std::fs::read_to_string(repository("tests/data/cli/report-lines.txt")).expect("text");
    let line =
        Regex::new(r"^[^ ]+: (?:notice|warning|error|fatal): (.*?) \[[a-z][^ ]+\]").expect("a pattern");
    let sentences = text.lines().filter_map(|each| Some(line.captures(each)?[1].to_owned()));
    let said = sentences.map(|sentence| Said { sentence, operands: Default::default() });
    all_have_german(&said.collect(), 3);
}

#[test]
fn reports_for_people_are_in_their_language_and_those_for_programs_in_english() {
    let desk = Desk::new();
    let feed = repository("samples/catalogue/faults/comma-in-price.xml").display().to_string();
    let report =
        |form: &str| desk.call(&["validate", "--set", "language=de", "--report", form, &feed]).ends(1);
    let german = "; erwartet: eine Dezimalzahl wie 12.50";
    for form in ["text", "html"] {
        assert!(report(form).stdout.contains(german), "{form}");
    }
    for form in ["lines", "json", "junit", "sarif", "gitlab"] {
        assert!(report(form).stdout.contains("expected a decimal number"), "{form}");
    }
    assert!(report("html").stdout.contains("Dezimalzahlen mit Punkt"), "what to do");
    desk.call(&["explain", "--lang", "de", "rule.gtin"]).ends(0).prints(&["Prüfziffer", "was zu tun ist:"]);
}

/// Sources whose texts are sentences of findings, faults of schemas and failures.
const SOURCES: &[&str] = &[
    "xsd/validate",
    "xsd/simple",
    "xsd/facet",
    "xsd/regexp",
    "xsd/component",
    "xsd/check",
    "xsd/assemble",
    "xsd/automaton",
    "xsd/compile",
    "xsd/document/parse.rs",
    "xsd/document/literal.rs",
    "xml/error.rs",
    "xml/alien.rs",
    "xml/doctype.rs",
    "xml/attributes.rs",
    "xml/declaration.rs",
    "xml/limits.rs",
    "xml/namespace.rs",
    "feed/detect.rs",
    "feed/others.rs",
    "feed/record.rs",
    "map",
    "product",
    "import/rules.rs",
    "import/guard.rs",
    "import/held.rs",
    "import/notes.rs",
    "pipeline/findings.rs",
    "pipeline/formats.rs",
    "pipeline/feeds.rs",
    "pipeline/plan.rs",
    "pipeline/judge.rs",
    "pipeline/single_record.rs",
    "source/capped.rs",
    "source/discover.rs",
    "source/documents.rs",
    "source/error.rs",
    "source/keep.rs",
    "source/members.rs",
    "source/recall.rs",
    "source/spool.rs",
    "source/stand.rs",
    "source/zip_member.rs",
    "run/versions.rs",
    "run/kept.rs",
    "run/held.rs",
    "judgement/verdict.rs",
];

/// Texts of these sources that nobody is told, or only who writes formats and starts programs.
const NO_SENTENCES: &[&str] = &[
    // What a file begins with.
    "n-- postgresql database",
    "r\\n-- postgresql database",
    "sqlite format 3\\0",
    // What a reader of packed data is told by a library.
    "too much memory",
    // Why something cannot be.
    "a set is a class of characters, not",
    "a translated pattern is well-formed",
    "its parts were not extracted",
    "never changes, and the other two cannot be fixed",
];

#[test]
fn what_the_sources_can_say_has_german() {
    let known = english_of_tables();
    let sources = SOURCES.iter().flat_map(|path| match repository("src").join(path) {
        folder if folder.is_dir() => files(&folder, ".rs"),
        file => vec![file],
    });
    let sources: Vec<PathBuf> =
        sources.filter(|path| !path.components().any(|part| is_of_tests(&part))).collect();
    let tests = Regex::new(r"\n#\[cfg\(test\)\]\n(?:pub(?:\([a-z]+\))? )?mod \w+ \{").expect("a pattern");
    let mut pieces = BTreeSet::new();
    for path in &sources {
        let text = std::fs::read_to_string(path).expect("text");
        let text = tests.split(&text).next().unwrap_or_default();
        pieces.extend(literals(text).iter().flat_map(|literal| pieces_of(literal)));
    }
    assert!(pieces.len() > 300, "only {} pieces of sentences are found", pieces.len());
    let lacking: Vec<_> = pieces
        .iter()
        .filter(|piece| !known.iter().any(|known| known.contains(&***piece)))
        .filter(|piece| !NO_SENTENCES.contains(&&***piece))
        .map(|piece| &**piece)
        .collect();
    assert!(lacking.is_empty(), "no pattern in src/report/german has:\n{}", lacking.join("\n"));
}

fn is_of_tests(part: &std::path::Component<'_>) -> bool {
    ["tests", "tests.rs"].iter().any(|name| part.as_os_str() == *name)
}

/// What the tables say in English, outside of backticks, without placeholders.
fn english_of_tables() -> Vec<String> {
    let tables = files(&repository("src/report/german"), ".toml").into_iter();
    let tables =
        tables.filter(|path| !path.iter().any(|part| part.to_string_lossy().starts_with("explanations")));
    let rows = tables.flat_map(|path| {
        let text = std::fs::read_to_string(path).expect("text");
        let tables: toml::Table = text.parse().expect("TOML");
        let keys = tables.into_iter().filter_map(|(_, table)| table.as_table().cloned());
        keys.flat_map(|table| table.into_iter().map(|(english, _)| english)).collect::<Vec<_>>()
    });
    rows.flat_map(|english| {
        outside(&english).into_iter().map(|piece| piece.to_lowercase()).collect::<Vec<_>>()
    })
    .collect()
}

/// What stands outside of backticks and braces.
fn outside(text: &str) -> Vec<String> {
    let braces = Regex::new(r"\{[^{}]*\}").expect("a pattern");
    let text = braces.replace_all(text, "\u{0}");
    text.split('`').step_by(2).flat_map(|part| part.split('\u{0}')).map(str::to_owned).collect()
}

/// Pieces of a text that are enough of a sentence to be looked for: three words and more.
fn pieces_of(literal: &str) -> Vec<String> {
    let pieces = outside(literal)
        .into_iter()
        .map(|piece| piece.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase());
    pieces.filter(|piece| piece.split(' ').filter(|word| !word.is_empty()).count() >= 3).collect()
}

/// The string literals of a source, but for those that say why a mistake of ours cannot be.
fn literals(source: &str) -> Vec<String> {
    let literal = Regex::new(concat!(
        r#"(?s)//[^\n]*|'(?:\\.[^']*|[^'\\\n])'|"#,
        r#"(?P<ours>(?:expect\(|reason = |panic!\(|bound\(deserialize = |origin = )\s*)?"#,
        r#""(?P<text>(?:[^"\\]|\\.)*)""#
    ));
    let literal = literal.expect("a pattern");
    let joint = Regex::new(r"\\\n\s*").expect("a pattern");
    let found = literal.captures_iter(source).filter(|found| found.name("ours").is_none());
    let texts = found.filter_map(|found| found.name("text").map(|text| text.as_str().to_owned()));
    texts.map(|text| joint.replace_all(&text, "").replace("\\\"", "\"")).collect()
}
