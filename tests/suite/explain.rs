//! What is said of codes is true: every code that the sources name has an entry, and each example does what it says.

use crate::cli::{Desk, repository};
use feedgate::report::{ExampleKind, Explanation};
use feedgate::xml::{Cursor, Limits, XmlError};
use feedgate::xsd::{Assembler, Clause, CompiledSchema, DeviationBuffer, Rule, Validator};
use regex::Regex;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// What is told beside a code, since the document that another one names is no schema document.
const BESIDE: &[(&str, &str)] =
    &[("src-include.1", "s4s-root"), ("src-import.2", "s4s-root"), ("src-redefine.2", "s4s-root")];

/// Texts in the sources that look like codes and are none: settings, and names of files.
const NO_CODES: &[&str] = &["import.lease", "feed.xml", "drift.policy", "drift.paths", "drift.alarms_max"];

/// A feed with one product in which each element stands that an example of kind `record` replaces.
const FRAME: &str = r#"<catalogue xmlns="urn:feedgate:catalogue:1.0" version="1.0">
  <header><sender>V</sender><sent>2026-10-01T06:00:00Z</sent></header>
  <product reference="be-1000" notification="new">
    <editionNumber>BE 1000</editionNumber>
    <identifiers><gtin>9790110010006</gtin><ismn>9790110010006</ismn><isbn>9783999000022</isbn></identifiers>
    <title>Sonate</title>
    <editionKind>solo</editionKind>
    <availability>21</availability>
  </product>
</catalogue>
"#;

/// The codes that a text gives, as an example of its kind.
type Judge = fn(&Explanation, &str) -> BTreeSet<String>;

fn judge(kind: ExampleKind) -> Option<Judge> {
    match kind {
        ExampleKind::Words => None,
        ExampleKind::Document => Some(|_, text| read(text.as_bytes()).into_iter().collect()),
        ExampleKind::Feed => Some(|_, text| validate(text)),
        ExampleKind::Record => Some(|_, text| validate(&framed(text))),
        ExampleKind::Schema => Some(|explanation, text| faults(explanation, &in_schema(text))),
        ExampleKind::SchemaDocument => Some(faults),
        ExampleKind::Instance => Some(|explanation, text| {
            let schema = explanation.schema.expect("an instance has a schema");
            let compiled = compiled(explanation, &in_schema(schema));
            deviations(&compiled.unwrap_or_else(|codes| panic!("{schema}: {codes:?}")), text)
        }),
    }
}

/// Why a document cannot be read to its end.
fn read(bytes: &[u8]) -> Option<String> {
    read_whole(&mut Cursor::new(bytes, Limits::default())).err().map(|error| error.code().to_owned())
}

fn read_whole(cursor: &mut Cursor<&[u8]>) -> Result<(), XmlError> {
    while let Some(mut block) = cursor.block()? {
        while block.next()?.is_some() {}
    }
    Ok(())
}

/// What `feedgate validate` tells of a feed.
fn validate(feed: &str) -> BTreeSet<String> {
    let desk = Desk::new();
    desk.file("feed.xml", feed);
    let call = desk.call(&["validate", "feed.xml", "--report", "json"]);
    let codes = Regex::new(r#""code":"([^"]+)""#).expect("a pattern");
    codes.captures_iter(&call.stdout).map(|found| found[1].to_owned()).collect()
}

/// The frame with this element in place of its own.
fn framed(element: &str) -> String {
    let name = element[1..].split(['>', ' ']).next().expect("a name");
    let own = Regex::new(&format!("<{name}>[^<]*</{name}>")).expect("a pattern");
    assert!(own.is_match(FRAME), "the frame has no `{name}`");
    own.replace(FRAME, element).into_owned()
}

/// A schema document of these declarations.
fn in_schema(declarations: &str) -> String {
    format!(r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{declarations}</xs:schema>"#)
}

/// The codes of the faults of a schema document, with those beside it.
fn faults(explanation: &Explanation, document: &str) -> BTreeSet<String> {
    compiled(explanation, document).err().unwrap_or_default()
}

/// The schema of a document and those beside it, or the codes of its faults.
fn compiled(explanation: &Explanation, document: &str) -> Result<Arc<CompiledSchema>, BTreeSet<String>> {
    let mut assembler = Assembler::new();
    assembler.add("a.xsd", document.as_bytes());
    while let Some(request) = assembler.missing() {
        match explanation.documents.get(&*request.location) {
            Some(beside) => assembler.add(&request.location, beside.as_bytes()),
            None => assembler.unavailable(&request, "there is no such file"),
        }
    }
    assembler
        .finish()
        .map_err(|error| error.faults.iter().map(|fault| fault.rule.code().to_owned()).collect())
}

fn deviations(schema: &Arc<CompiledSchema>, instance: &str) -> BTreeSet<String> {
    let mut cursor = Cursor::new(instance.as_bytes(), Limits::default());
    cursor.set_names(Arc::clone(schema.names()));
    let (mut validator, mut buffer) = (Validator::new(Arc::clone(schema)), DeviationBuffer::with_limit(100));
    while let Some(mut block) = cursor.block().expect("the example is well-formed") {
        while let Some(event) = block.next().expect("the example is well-formed") {
            validator.event(&event, &mut buffer);
        }
    }
    validator.finish(&mut buffer);
    buffer.drain().map(|deviation| deviation.clause.code().to_owned()).collect()
}

#[test]
fn what_is_said_to_break_a_code_breaks_it_and_what_is_said_to_hold_holds() {
    let explanations = Explanation::codes().iter().filter_map(|code| Explanation::of(code));
    let mut judged = 0;
    for explanation in explanations {
        let Some(judge) = judge(explanation.example) else { continue };
        let Explanation { code, breaks, holds, .. } = explanation;
        let beside = BESIDE.iter().filter(|(of, _)| *of == code).map(|(_, beside)| *beside);
        let meant: BTreeSet<String> = beside.chain([code]).map(str::to_owned).collect();
        assert_eq!(judge(&explanation, breaks), meant, "{code}: `{breaks}`");
        let held = judge(&explanation, holds);
        assert!(held.is_empty(), "{code}: `{holds}` gives {held:?}");
        judged += 1;
    }
    assert!(judged > 280, "only {judged} examples are judged");
}

#[test]
fn every_code_of_the_sources_is_explained() {
    let named = codes_of(&repository("src"));
    assert!(named.len() > 100, "only {} codes are found", named.len());
    let engine =
        Clause::ALL.iter().map(|clause| clause.code()).chain(Rule::ALL.iter().map(|rule| rule.code()));
    let named: BTreeSet<String> = named.into_iter().chain(engine.map(str::to_owned)).collect();
    let missing: Vec<_> = named.iter().filter(|code| Explanation::of(code).is_none()).collect();
    assert!(missing.is_empty(), "src/report/explanations says nothing of {missing:?}");
}

#[test]
fn no_code_is_explained_that_nothing_tells() {
    let mut named = codes_of(&repository("src"));
    named.extend(Clause::ALL.iter().map(|clause| clause.code().to_owned()));
    named.extend(Rule::ALL.iter().map(|rule| rule.code().to_owned()));
    let beside = ["run.broken-off", "schema.not-checked"];
    let unknown: Vec<_> = Explanation::codes()
        .iter()
        .filter(|code| !named.contains(**code) && !beside.contains(code))
        .collect();
    assert!(unknown.is_empty(), "no source names {unknown:?}");
}

/// Codes that Rust sources below a folder name outside of their tests.
fn codes_of(folder: &Path) -> BTreeSet<String> {
    let code = Regex::new(r#""((?:xml|feed|rule|import|limit|drift)\.[a-z][a-z_.-]*)""#).expect("a pattern");
    let mut codes = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("a folder of ours") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            codes.extend(codes_of(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") && !name.ends_with("tests") {
            let text = std::fs::read_to_string(&path).expect("text");
            let text = text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default();
            codes.extend(code.captures_iter(text).map(|found| found[1].to_owned()));
        }
    }
    codes.retain(|code| !NO_CODES.contains(&&**code));
    codes
}

#[test]
fn several_codes_are_explained_as_reports_write_them() {
    let desk = Desk::new();
    let told = desk.call(&["explain", "[cvc-complex-type.2.4.a]", "xml.cut-off"]).ends(0);
    told.prints(&[
        "cvc-complex-type.2.4.a\n",
        "\nxml.cut-off\n",
        "xmlschema-1/#cvc-complex-type",
        "what to do",
    ]);
    desk.call(&["explain", "xml.cutoff"]).ends(2).tells(&["is `xml.cut-off` meant?"]);
    desk.call(&["explain"]).ends(2).tells(&["<CODE>"]);
    let list = desk.call(&["explain", "--list"]).ends(0).stdout;
    assert_eq!(list.lines().count(), Explanation::codes().len() + 1, "a heading, and a line for each code");
    let json = desk.call(&["explain", "--json", "rule.gtin"]).ends(0).stdout;
    let value: serde_json::Value = serde_json::from_str(&json).expect("a JSON line");
    assert_eq!((&value["type"], &value["code"]), (&"explanation".into(), &"rule.gtin".into()));
}

#[test]
fn a_text_report_with_deviations_names_the_command_once() {
    let desk = Desk::new();
    let faulty = repository("samples/catalogue/faults/bad-gtin.xml").display().to_string();
    let good = repository("samples/catalogue/good.xml").display().to_string();
    let told = desk.call(&["validate", &faulty]).ends(1).stdout;
    assert_eq!(told.matches("`feedgate explain CODE`").count(), 1, "{told}");
    assert!(!desk.call(&["validate", &good]).ends(0).stdout.contains("explain"));
}

#[test]
fn a_limit_that_may_be_raised_says_by_which_setting() {
    let readme = std::fs::read_to_string(repository("README.md")).expect("text");
    let limits = Explanation::codes().iter().filter_map(|code| code.strip_prefix("limit."));
    let mut raised = 0;
    for name in limits.filter(|name| readme.contains(&format!("| `limits.{name}` |"))) {
        let explanation = Explanation::of(&format!("limit.{name}")).expect("explained");
        assert!(explanation.action.contains(&format!("`limits.{name}`")), "{name}: {}", explanation.action);
        raised += 1;
    }
    assert!(raised >= 19, "only {raised} limits are settings");
}
