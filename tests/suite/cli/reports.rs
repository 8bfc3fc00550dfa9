//! Reports as they reach the reader: forms, colour, places, and what a feed may not do to a terminal.

use super::{Desk, repository, snapshot};
use serde_json::Value;

const FAULTS: &[&str] = &["bad-gtin.xml", "comma-in-price.xml", "cut-off.xml", "unknown-element.xml"];

fn faults() -> Desk {
    let desk = Desk::new();
    for name in FAULTS {
        let path = repository("samples/catalogue/faults").join(name);
        desk.file(&format!("feeds/{name}"), std::fs::read(path).expect("the sample is there"));
    }
    desk
}

/// The text without the one line that differs from run to run.
fn without_rate(text: &str) -> String {
    let steady = |line: &&str| !line.starts_with("read  ");
    text.lines().filter(steady).flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn the_text_report_is_for_people() {
    let call = faults().call(&["validate", "feeds"]).ends(1);
    assert!(!call.stdout.contains('\x1b'), "no colour into a pipe");
    snapshot("report-text.txt", &without_rate(&call.stdout));
    assert_eq!(call.stderr, "", "no progress into a pipe");
}

#[test]
fn the_lines_report_is_for_grep() {
    let call = faults().call(&["validate", "--report", "lines", "feeds"]).ends(1);
    snapshot("report-lines.txt", &call.stdout);
    call.tells(&["4 feeds, 11 records read, 3 refused, 4 deviations; exit status 1"]);
}

#[test]
fn the_json_report_is_for_programs() {
    let call = faults().call(&["validate", "--report", "json", "feeds"]).ends(1);
    let lines: Vec<Value> =
        call.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON on each line")).collect();
    assert!(lines.iter().all(|line| line["version"] == 1));
    let kinds: Vec<&str> = lines.iter().map(|line| line["type"].as_str().expect("a type")).collect();
    assert_eq!((kinds[0], kinds[kinds.len() - 1]), ("run_started", "summary"));
    for (kind, count) in [("feed", 4), ("finding", 4), ("record", 3), ("feed_end", 4)] {
        assert_eq!(kinds.iter().filter(|each| **each == kind).count(), count, "{kind}");
    }
    let summary = &lines[lines.len() - 1];
    assert_eq!(
        (&summary["records"], &summary["refused"], &summary["exit_status"]),
        (&11.into(), &3.into(), &1.into())
    );
}

#[test]
fn colour_comes_only_when_asked() {
    let desk = faults();
    desk.call(&["validate", "--color", "always", "feeds"]).prints(&["\x1b[1;31merror\x1b[0m"]);
    let mut command = desk.command(&["validate", "feeds"]);
    let output = command.env("FEEDGATE_COLOR", "always").output().expect("the program starts");
    assert!(output.stdout.contains(&0x1b));
}

#[test]
fn a_feed_commands_no_terminal() {
    let desk = Desk::new();
    let feed =
        "<catalogue xmlns='urn:feedgate:catalogue:1.0' version='\u{9b}31m\u{202e}'>\u{9b}2J</catalogue>";
    desk.file("a\x1b[31m\n.xml", feed);
    for form in ["text", "lines", "json"] {
        let call = desk.call(&["validate", "--report", form, "."]).ends(1);
        let harmless = |text: &str| {
            text.chars()
                .all(|c| c == '\n' || !c.is_control() && c != '\u{202e}' || form == "json" && c == '\u{202e}')
        };
        assert!(harmless(&call.stdout) && harmless(&call.stderr), "{call:#?}");
    }
}

#[test]
fn a_closed_pipe_ends_quietly_and_the_status_stays_true() {
    use std::io::Read;
    use std::process::Stdio;
    let desk = Desk::new();
    // More than a pipe holds, so that the program meets the closed end.
    let product = "<product reference='r' notification='oops' oops='oops'/>";
    let feed = format!(
        "<catalogue xmlns='urn:feedgate:catalogue:1.0' version='1.0'>{}</catalogue>",
        product.repeat(2_000)
    );
    desk.file("a.xml", feed);
    let mut command = desk.command(&["validate", "--report", "lines", "a.xml"]);
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut stdout = child.stdout.take().expect("a pipe");
    let mut first = [0; 100];
    stdout.read_exact(&mut first).expect("a first line");
    drop(stdout);
    let output = child.wait_with_output().expect("the program ends");
    let stderr = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(!stderr.contains("panicked") && !stderr.contains("error:"), "{stderr}");
}

#[test]
fn equal_deviations_are_grouped_with_exact_totals() {
    let desk = Desk::new();
    let product = "<product reference='r' notification='oops'/>\n";
    let feed = format!(
        "<catalogue xmlns='urn:feedgate:catalogue:1.0' version='1.0'>{}</catalogue>",
        product.repeat(1_000)
    );
    desk.file("a.xml", feed);
    let call = desk.call(&["validate", "--samples", "2", "a.xml"]).ends(1);
    call.prints(&["1,000 times in 1,000 records", "and 998 more"]);
}

#[test]
fn plain_progress_goes_to_standard_error_only() {
    let desk = faults();
    let call = desk.call(&["validate", "--progress", "plain", "--report", "json", "feeds"]).ends(1);
    assert!(call.stdout.lines().all(|line| line.starts_with('{')));
}

#[test]
fn any_document_is_validated_against_any_schema() {
    let desk = Desk::new();
    desk.file(
        "schema/order.xsd",
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:include schemaLocation='parts/types.xsd'/>\
         <xs:element name='order' type='quantity'/></xs:schema>",
    );
    desk.file(
        "schema/parts/types.xsd",
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:simpleType name='quantity'>\
         <xs:restriction base='xs:positiveInteger'/></xs:simpleType></xs:schema>",
    );
    desk.file("good.xml", "<order>7</order>");
    desk.file("bad.xml", "<order>seven</order>");
    desk.call(&["validate", "--schema", "schema/order.xsd", "good.xml"]).ends(0);
    desk.call(&["validate", "--schema", "schema/order.xsd", "bad.xml"])
        .ends(1)
        .prints(&["bad.xml:1:8", "`seven`"]);
    desk.call(&["validate", "--schema", "nowhere.xsd", "good.xml"])
        .ends(2)
        .tells(&["`nowhere.xsd` cannot be read"]);
    desk.call(&["validate", "--schema", "a.xsd", "--format", "onix", "good.xml"]).ends(2);
    let escaping = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>\
                    <xs:include schemaLocation='../outside.xsd'/></xs:schema>";
    desk.file("schema/escaping.xsd", escaping);
    desk.file("outside.xsd", "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'/>");
    desk.call(&["validate", "--schema", "schema/escaping.xsd", "good.xml"])
        .ends(2)
        .tells(&["lies outside of"]);
    desk.call(&["schema", "check", "schema/escaping.xsd"])
        .ends(1)
        .prints(&["lies outside of", "[src-include]"]);
    desk.call(&["schema", "check", "schema/order.xsd"]).ends(0).prints(&["compiles"]);
}
