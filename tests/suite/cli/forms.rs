//! Reports for the tools around: each in its documented form, all with the same findings under the same names.

use super::{Call, Desk, repository, snapshot};
use crate::support::json_schema;
use feedgate::xml::{Cursor, Event, Limits, XmlError};
use regex::Regex;
use serde_json::{Value, json};
use std::os::unix::fs::symlink;
use std::path::PathBuf;

pub(super) const FORMS: &[(&str, &str)] = &[
    ("text", "report.txt"),
    ("lines", "report.lines"),
    ("json", "report.jsonl"),
    ("junit", "report.xml"),
    ("sarif", "report.sarif"),
    ("gitlab", "report.json"),
    ("html", "report.html"),
];

/// Two faulty feeds, one that breaks off, one without fault, and one that cannot be read.
fn desk() -> Desk {
    let desk = Desk::new();
    for name in ["bad-gtin.xml", "comma-in-price.xml", "cut-off.xml"] {
        let path = repository("samples/catalogue/faults").join(name);
        desk.file(&format!("feeds/{name}"), std::fs::read(path).expect("the sample is there"));
    }
    let good =
        std::fs::read(repository("samples/catalogue/products/be-1000.xml")).expect("the sample is there");
    desk.file("feeds/good.xml", good);
    symlink("/proc/self/mem", desk.path("feeds/unreadable.xml")).expect("linked");
    desk
}

/// Calls the program with every form at once.
pub(super) fn call(desk: &Desk, arguments: &[&str]) -> Call {
    let files: Vec<_> = FORMS.iter().map(|(form, name)| format!("--report-file={form}={name}")).collect();
    let all: Vec<&str> = arguments.iter().copied().chain(files.iter().map(String::as_str)).collect();
    desk.call(&all)
}

pub(super) fn read(desk: &Desk, form: &str) -> String {
    let (_, name) = FORMS.iter().find(|(each, _)| *each == form).expect("a form");
    std::fs::read_to_string(desk.path(name)).expect("the report was written")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// Times and digests stand still.
fn still(text: &str) -> String {
    let mut text = text.to_owned();
    for (changing, still) in [
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z?)", "2026-01-01T00:00:00$2"),
        (
            r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC</time>; [^<]*<",
            "2026-01-01 00:00:00 UTC</time>; 0.1 s for 0.0 MB<",
        ),
        (r#"time="\d+\.\d{3}""#, r#"time="0.000""#),
    ] {
        text = Regex::new(changing).expect("a pattern").replace_all(&text, still).into_owned();
    }
    text
}

#[test]
fn each_form_is_as_it_was_reviewed() {
    let desk = desk();
    call(&desk, &["validate", "feeds"]).ends(2);
    snapshot("report-junit.xml", &still(&read(&desk, "junit")));
    snapshot("report.html", &still(&read(&desk, "html")));
    let pretty = |form| serde_json::to_string_pretty(&json(&still(&read(&desk, form)))).expect("JSON") + "\n";
    snapshot("report-sarif.json", &pretty("sarif"));
    snapshot("report-gitlab.json", &pretty("gitlab"));
}

/// A finding as every form tells it: feed, line, severity, code.
type Seen = (String, u64, String, String);

fn of_json(text: &str) -> Vec<(Seen, String)> {
    let text_of = |value: &Value| value.as_str().expect("a text").to_owned();
    let of = |line: &str| {
        let line = json(line);
        (line["type"] == "finding").then(|| {
            let seen = (
                text_of(&line["feed"]),
                line["line"].as_u64().expect("a line"),
                text_of(&line["severity"]),
                text_of(&line["code"]),
            );
            (seen, text_of(&line["id"]))
        })
    };
    text.lines().filter_map(of).collect()
}

/// `FEED:LINE:COLUMN: severity: sentence [code]`, wherever it stands.
fn of_lines(text: &str) -> Vec<Seen> {
    let line = Regex::new(r"(?m)^ *(\S+?):(\d+):\d+: (\w+): .*? \[((?:cvc|rule|xml|feed|src|s4s)[^\]]*)\]")
        .expect("a pattern");
    let of = |found: regex::Captures<'_>| {
        let part = |at: usize| found[at].to_owned();
        (part(1), part(2).parse().expect("a number"), part(3), part(4))
    };
    line.captures_iter(text).map(of).collect()
}

fn of_sarif(report: &Value) -> Vec<(Seen, String)> {
    let results = report["runs"][0]["results"].as_array().expect("results");
    let of = |result: &Value| {
        let text_of = |value: &Value| value.as_str().expect("a text").to_owned();
        let physical = &result["locations"][0]["physicalLocation"];
        let seen = (
            text_of(&physical["artifactLocation"]["uri"]),
            physical["region"]["startLine"].as_u64().expect("a line"),
            text_of(&result["properties"]["severity"]),
            text_of(&result["ruleId"]),
        );
        (seen, text_of(&result["partialFingerprints"]["finding/v1"]))
    };
    results.iter().map(of).collect()
}

fn of_gitlab(report: &Value) -> Vec<(Seen, String)> {
    let entries = report.as_array().expect("an array").iter();
    let of = |entry: &Value| {
        let text_of = |value: &Value| value.as_str().expect("a text").to_owned();
        let severity = match entry["severity"].as_str() {
            Some("info") => "notice",
            Some("minor") => "warning",
            Some("major") => "error",
            _ => "fatal",
        };
        let line = entry["location"]["lines"]["begin"].as_u64().expect("a line");
        let seen =
            (text_of(&entry["location"]["path"]), line, severity.to_owned(), text_of(&entry["check_name"]));
        (seen, text_of(&entry["fingerprint"]))
    };
    entries.filter(|entry| entry["check_name"] != "feed.unreadable").map(of).collect()
}

/// Attributes of all elements of this name.
pub(super) fn elements(xml: &str, name: &str) -> Vec<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut cursor = Cursor::new(xml.as_bytes(), Limits::default());
    let read = cursor.for_each_event(|event| {
        if let Event::Start(tag) = event
            && tag.name.local() == name
        {
            let pair = |a: feedgate::xml::Attribute<'_>| (a.name.local().to_owned(), a.value.to_owned());
            found.push(tag.attributes.iter().map(pair).collect());
        }
        Ok::<(), XmlError>(())
    });
    read.expect("well-formed");
    found
}

/// All that stands between tags.
fn texts(xml: &str) -> String {
    let mut found = String::new();
    let mut cursor = Cursor::new(xml.as_bytes(), Limits::default());
    let read = cursor.for_each_event(|event| {
        if let Event::Text(text) = event {
            found.push_str(text.text);
        }
        Ok::<(), XmlError>(())
    });
    read.expect("well-formed");
    found
}

pub(super) fn attribute<'a>(element: &'a [(String, String)], name: &str) -> &'a str {
    let found = element.iter().find(|(each, _)| each == name);
    found.map_or_else(|| panic!("no `{name}` in {element:?}"), |(_, value)| value.as_str())
}

#[test]
fn every_form_tells_the_same_under_the_same_names() {
    let desk = desk();
    call(&desk, &["validate", "feeds"]).ends(2);
    let named = of_json(&read(&desk, "json"));
    let seen: Vec<Seen> = named.iter().map(|(seen, _)| seen.clone()).collect();
    assert_eq!(seen.len(), 3, "{seen:?}");
    assert_eq!(of_lines(&read(&desk, "lines")), seen);
    assert_eq!(of_lines(&texts(&read(&desk, "junit"))), seen);
    let (sarif, gitlab) = (json(&read(&desk, "sarif")), json(&read(&desk, "gitlab")));
    assert_eq!(of_sarif(&sarif), named);
    assert_eq!(of_gitlab(&gitlab), named);

    // Totals.
    let text = read(&desk, "json");
    let summary = json(text.lines().last().expect("a line"));
    let totals = &sarif["runs"][0]["properties"];
    for name in
        ["feeds", "feeds_failed", "records", "accepted", "refused", "findings_told", "findings", "bytes"]
    {
        assert_eq!(totals[name], summary[name], "{name}");
    }
    assert_eq!(sarif["runs"][0]["invocations"][0]["exitCode"], summary["exit_status"]);
    let suites = elements(&read(&desk, "junit"), "testsuite");
    let sum = |name: &str| -> u64 {
        suites.iter().map(|suite| attribute(suite, name).parse::<u64>().expect("a number")).sum()
    };
    assert_eq!((suites.len(), sum("errors")), (5, 1), "four feeds that were read and one that was not");
    // The feed that breaks off fails inside of a record that was not read whole.
    assert_eq!(sum("failures"), summary["refused"].as_u64().expect("a number") + 1);
    let written: Vec<Value> = elements(&read(&desk, "junit"), "property")
        .iter()
        .filter(|property| attribute(property, "name") == "records")
        .map(|property| Value::from(attribute(property, "value").parse::<u64>().expect("a number")))
        .collect();
    assert_eq!(written.iter().filter_map(Value::as_u64).sum::<u64>(), summary["records"]);
    let page = read(&desk, "html");
    assert!(
        page.contains("<dt>deviations</dt><dd>3</dd>") && page.contains("<dt>records</dt><dd>9</dd>"),
        "{page}"
    );
    for (.., code) in &seen {
        assert!(page.contains(&format!("<code>{code}</code>")), "{code}");
    }
    let listed = read(&desk, "text");
    assert!(Regex::new(r"(?m)^deviations +3$").expect("a pattern").is_match(&listed), "{listed}");
}

#[test]
fn names_stay_from_run_to_run_and_when_records_come_before() {
    let desk = desk();
    let ids = |desk: &Desk| -> Vec<String> {
        call(desk, &["validate", "feeds/bad-gtin.xml"]).ends(1);
        of_json(&read(desk, "json")).into_iter().map(|(_, id)| id).collect()
    };
    let before = ids(&desk);
    assert_eq!(ids(&desk), before);
    let feed = std::fs::read_to_string(desk.path("feeds/bad-gtin.xml")).expect("there");
    // The first record stands twice, under another reference.
    let (start, end) =
        (feed.find("  <product ").expect("a record"), feed.find("</product>").expect("its end") + 10);
    let copy = feed[start..end].replacen("reference=\"", "reference=\"other.", 1);
    desk.file("feeds/bad-gtin.xml", [&feed[..start], &copy, "\n", &feed[start..]].concat());
    assert_eq!(ids(&desk), before);
}

#[test]
fn gitlab_gets_what_it_documents() {
    let desk = desk();
    call(&desk, &["validate", "feeds"]).ends(2);
    let report = json(&read(&desk, "gitlab"));
    let entries = report.as_array().expect("an array");
    assert_eq!(entries.len(), 4);
    for entry in entries {
        let keys: Vec<_> = entry.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(keys, ["check_name", "description", "fingerprint", "location", "severity"]);
        let severity = entry["severity"].as_str().expect("a text");
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity), "{entry}");
        assert!(entry["location"]["lines"]["begin"].as_u64().is_some_and(|line| line > 0), "{entry}");
        assert!(entry["location"]["path"].as_str().is_some_and(|path| path.starts_with("feeds/")), "{entry}");
    }
    let prints: std::collections::HashSet<_> =
        entries.iter().map(|entry| entry["fingerprint"].to_string()).collect();
    assert_eq!(prints.len(), entries.len());
}

/// The published schema of SARIF 2.1.0, which may not be passed on with this program.
fn sarif_schema() -> Option<Value> {
    let named = std::env::var_os("FEEDGATE_TEST_SARIF_SCHEMA").map(PathBuf::from);
    let path = named.unwrap_or_else(|| repository("../shared/sarif/sarif-2.1.0.json"));
    let text = std::fs::read_to_string(path).ok()?;
    Some(json(text.trim_start_matches('\u{feff}')))
}

#[test]
fn sarif_is_valid_against_its_published_schema() {
    let Some(schema) = sarif_schema() else {
        eprintln!("SKIPPED: no schema of SARIF 2.1.0: tests/README.md says where to get it");
        return;
    };
    // The judge is judged: what is wrong is seen to be.
    assert!(!json_schema::broken(&schema, &json!({"version": "2.1.0"})).is_empty());
    let rules = json!([{"id": "a"}, {"id": "a"}]);
    let double =
        json!({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "a", "rules": rules}}, "x": 1}]});
    assert_eq!(json_schema::broken(&schema, &double).len(), 2);

    let desk = desk();
    for feeds in ["feeds", "feeds/good.xml"] {
        call(&desk, &["validate", feeds]);
        let broken = json_schema::broken(&schema, &json(&read(&desk, "sarif")));
        assert!(broken.is_empty(), "{feeds}:\n{}", broken.join("\n"));
    }
}

#[test]
fn a_schema_that_is_refused_is_told_in_every_form() {
    let desk = Desk::new();
    let schema = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>";
    desk.file("types.xsd", format!("{schema}\n<xs:element name='a' type='Unknown'/></xs:schema>"));
    desk.file(
        "a.xsd",
        format!("{schema}\n<xs:include schemaLocation='types.xsd'/>\n<xs:element/>\n</xs:schema>"),
    );
    desk.file("good.xsd", format!("{schema}<xs:element name='a'/></xs:schema>"));
    call(&desk, &["schema", "check", "a.xsd", "good.xsd", "none.xsd"]).ends(2);
    let (sarif, gitlab) = (json(&read(&desk, "sarif")), json(&read(&desk, "gitlab")));
    let named = of_sarif(&sarif);
    let places: Vec<_> = named.iter().map(|((document, line, ..), _)| (document.as_str(), *line)).collect();
    assert_eq!(places, [("types.xsd", 2), ("a.xsd", 3)]);
    assert_eq!(of_gitlab(&gitlab), named);
    let mut seen: Vec<Seen> = named.into_iter().map(|(seen, _)| seen).collect();
    assert_eq!(of_lines(&texts(&read(&desk, "junit"))), seen);
    let suites = elements(&read(&desk, "junit"), "testsuite");
    let outcome = |suite: &Vec<(String, String)>| {
        let part = |name| attribute(suite, name).to_owned();
        [part("name"), part("failures"), part("errors")].join(" ")
    };
    let expected = ["types.xsd 1 0", "a.xsd 1 0", "good.xsd 0 0", "none.xsd 0 1"];
    assert_eq!(suites.iter().map(outcome).collect::<Vec<_>>(), expected);
    let page = read(&desk, "html");
    assert!(page.contains("<h2>Documents</h2>") && !page.contains("outside of records"), "{page}");
    // The forms that have words of their own for schemas.
    let mut lines = of_lines(&read(&desk, "lines"));
    lines.sort();
    seen.sort();
    assert_eq!(lines, seen);
    assert!(read(&desk, "text").contains("good.xsd: compiles"));
    assert!(read(&desk, "json").lines().last().is_some_and(|line| line.contains("check_summary")));
    if let Some(schema) = sarif_schema() {
        assert_eq!(json_schema::broken(&schema, &sarif), <[String; 0]>::default());
    }

    let printed = desk.call(&["schema", "check", "--report", "gitlab", "a.xsd"]).ends(1);
    assert_eq!(json(&printed.stdout).as_array().map(Vec::len), Some(2));
    desk.call(&["schema", "check", "--report-file", "html=/dev/full", "good.xsd"])
        .ends(2)
        .tells(&["cannot write the report to `/dev/full`"])
        .prints(&["good.xsd: compiles"]);
}

#[test]
fn an_import_reports_in_every_form() {
    let desk = desk();
    call(&desk, &["import", "feeds/bad-gtin.xml"]).ends(1);
    let sarif = json(&read(&desk, "sarif"));
    let totals = &sarif["runs"][0]["properties"];
    assert_eq!((&totals["import"]["imported"], &totals["import"]["quarantined"]), (&json!(2), &json!(1)));
    assert_eq!(totals["run"], "1");
    assert!(read(&desk, "junit").contains("<testsuites name=\"feedgate import\">"));
}

#[test]
fn a_feed_that_breaks_off_while_it_is_read_is_told_once() {
    use std::io::Write;
    let desk = desk();
    let sample = std::fs::read(repository("samples/catalogue/good.xml")).expect("the sample is there");
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(&sample).expect("writes to memory");
    let packed = encoder.finish().expect("writes to memory");
    desk.file("cut.xml.gz", &packed[..packed.len() - 9]);
    call(&desk, &["validate", "--report", "lines", "cut.xml.gz"]).ends(2).tells(&["1 feed, "]);
    let suites = elements(&read(&desk, "junit"), "testsuite");
    let [suite] = suites.as_slice() else { panic!("one suite: {suites:?}") };
    assert_eq!((attribute(suite, "name"), attribute(suite, "failures")), ("cut.xml.gz", "1"));
    let (page, json_lines) = (read(&desk, "html"), read(&desk, "json"));
    assert_eq!(page.matches(">cut.xml.gz<").count(), 1, "{page}");
    let ended = json_lines.lines().map(json).find(|line| line["type"] == "feed_end").expect("it was begun");
    assert!(ended["failure"].as_str().is_some_and(|why| why.contains("inside the packed data")), "{ended}");
    let gitlab = json(&read(&desk, "gitlab"));
    assert_eq!((&gitlab[0]["check_name"], gitlab.as_array().map(Vec::len)), (&json!("xml.cut-off"), Some(1)));
}

/// A feed that would like to be markup, also by its name.
fn hostile() -> Desk {
    let desk = Desk::new();
    let evil = "]]&gt;&lt;/failure>&lt;script>alert(1)&lt;/script>\u{9b}\u{202e}'\"";
    let feed = format!(
        "<catalogue xmlns='urn:feedgate:catalogue:1.0' version='1.0'><product reference='{}'>\
         <{}/></product></catalogue>",
        evil.replace('\'', "&apos;"),
        "x".repeat(50)
    );
    desk.file("feeds/]]><b>&\n\x1b.xml", feed);
    desk
}

/// A page as a browser understands it, where there is one.
fn rendered(desk: &Desk, page: &str) -> Option<String> {
    let browsers = ["chromium", "chromium-browser", "google-chrome"];
    let page = format!("file://{}", desk.path(page).display());
    let profile = format!("--user-data-dir={}", desk.path("profile").display());
    browsers.iter().find_map(|browser| {
        let mut command = std::process::Command::new(browser);
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", &profile, &page]);
        let output = command.output().ok()?;
        assert!(output.status.success(), "{browser}: {}", String::from_utf8_lossy(&output.stderr));
        Some(String::from_utf8(output.stdout).expect("text"))
    })
}

#[test]
fn a_browser_sees_the_page_as_it_was_meant() {
    let desk = hostile();
    call(&desk, &["validate", "feeds"]).ends(1);
    let Some(seen) = rendered(&desk, "report.html") else {
        eprintln!("SKIPPED: no Chromium: the page was not looked at by a browser");
        return;
    };
    let page = read(&desk, "html");
    for element in ["<section", "<table", "<tr", "<th", "<td", "<details", "<li", "<pre", "<svg", "<rect"] {
        assert_eq!(seen.matches(element).count(), page.matches(element).count(), "{element}:\n{seen}");
    }
    assert!(seen.matches("<script").count() == 1 && !seen.contains("<b>"), "{seen}");
}

#[test]
fn a_browser_searches_a_page() {
    let desk = desk();
    call(&desk, &["validate", "feeds"]).ends(2);
    let page = read(&desk, "html");
    // As if somebody had typed it: a page begins to search with what stands in its field.
    let asked = |what: &str| {
        let typed =
            page.replace("<input type=\"search\"", &format!("<input type=\"search\" value=\"{what}\""));
        desk.file("typed.html", typed);
        rendered(&desk, "typed.html")
    };
    let Some(found) = asked("30,00") else {
        eprintln!("SKIPPED: no Chromium: no page was searched in a browser");
        return;
    };
    let shown = |page: &str| {
        let items = page.match_indices("<details class=\"item\"").map(|(at, _)| &page[at..]);
        items.filter(|item| !item[..item.find('>').expect("a tag")].contains(" hidden")).count()
    };
    assert!(shown(&page) > 1 && page.contains("role=\"search\" hidden=\"\""), "{page}");
    assert!(found.contains("role=\"search\">"), "its own policy lets the script of a page run: {found}");
    assert_eq!(shown(&found), 1, "{found}");
    assert_eq!(shown(&asked("such a thing is nowhere").expect("as before")), 0);
    assert_eq!(shown(&asked("").expect("as before")), shown(&page));
}

#[test]
fn a_feed_breaks_no_form() {
    let desk = hostile();
    call(&desk, &["validate", "feeds"]).ends(1);
    assert_eq!(elements(&read(&desk, "junit"), "testsuite").len(), 1);
    assert!(!of_sarif(&json(&read(&desk, "sarif"))).is_empty());
    assert!(!of_gitlab(&json(&read(&desk, "gitlab"))).is_empty());
}
