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
    let call = faults().call(&["validate", "feeds"]).ends(2);
    assert!(!call.stdout.contains('\x1b'), "no colour into a pipe");
    snapshot("report-text.txt", &without_rate(&call.stdout));
    assert!(
        call.stderr.starts_with("error: `feeds/cut-off.xml` is not whole\n"),
        "no progress into a pipe: {}",
        call.stderr
    );
}

#[test]
fn the_lines_report_is_for_grep() {
    let call = faults().call(&["validate", "--report", "lines", "feeds"]).ends(2);
    snapshot("report-lines.txt", &call.stdout);
    call.tells(&["4 feeds, 11 records read, 3 refused, 4 deviations; exit status 2"]);
}

#[test]
fn the_json_report_is_for_programs() {
    let call = faults().call(&["validate", "--report", "json", "feeds"]).ends(2);
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
        (&11.into(), &3.into(), &2.into())
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
    let call = desk.call(&["validate", "--progress", "plain", "--report", "json", "feeds"]).ends(2);
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
        .prints(&["lies outside of", "[document.unavailable]"]);
    desk.call(&["schema", "check", "schema/order.xsd"]).ends(0).prints(&["compiles"]);
}

/// A schema in two folders side by side, as UBL is delivered: main documents, and what they have in common.
fn side_by_side(desk: &Desk) {
    let head = "xmlns:xs='http://www.w3.org/2001/XMLSchema' elementFormDefault='qualified'";
    desk.file(
        "ubl/maindoc/Order.xsd",
        format!(
            "<xs:schema {head} targetNamespace='urn:order' xmlns:c='urn:common'>\
             <xs:import namespace='urn:common' schemaLocation='../common/Parts.xsd'/>\
             <xs:element name='Order'><xs:complexType><xs:sequence><xs:element ref='c:ID'/>\
             <xs:element ref='c:Note'/></xs:sequence></xs:complexType></xs:element></xs:schema>"
        ),
    );
    desk.file(
        "ubl/common/Parts.xsd",
        format!(
            "<xs:schema {head} targetNamespace='urn:common'><xs:element name='ID' type='xs:token'/>\
             <xs:element name='Note' type='xs:string'/></xs:schema>"
        ),
    );
    desk.file("order.xml", "<Order xmlns='urn:order'><ID xmlns='urn:common'>7</ID></Order>");
}

#[test]
fn a_schema_of_several_folders_is_read_within_the_root_that_is_named() {
    let desk = Desk::new();
    side_by_side(&desk);
    let main = "ubl/maindoc/Order.xsd";
    desk.call(&["validate", "--schema", main, "--schema-root", "ubl", "order.xml"])
        .ends(1)
        .prints(&["`Note` is missing at the end of `Order`"]);
    desk.call(&["schema", "check", "--schema-root", "ubl", main]).ends(0).prints(&["compiles"]);
    desk.call(&["schema", "check", "--schemas", "ubl", main]).ends(0).prints(&["compiles"]);
    // One fault, at the import, however much is needed of the document.
    let refused = desk.call(&["schema", "check", "--report", "lines", main]).ends(1);
    assert_eq!(refused.stdout.lines().count(), 1, "{}", refused.stdout);
    refused.prints(&["lies outside of `ubl/maindoc`", "--schema-root", "[document.unavailable]"]);
    desk.call(&["validate", "--schema", main, "--schema-root", "nowhere", "order.xml"])
        .ends(2)
        .tells(&["`--schema-root nowhere` names no folder"]);
    desk.call(&["validate", "--schema-root", "ubl", "order.xml"]).ends(2).tells(&["--schema"]);
}

#[test]
fn several_forms_are_written_at_once() {
    let desk = faults();
    let call = desk.call(&[
        "validate",
        "--report",
        "lines",
        "--report-file",
        "json=/dev/full",
        "--report-file",
        "text=report.txt",
        "feeds",
    ]);
    // One cannot be written: that one is told, the others stand.
    let call =
        call.ends(2).tells(&["error: cannot write the report to `/dev/full`", "because: No space left"]);
    assert_eq!(call.stdout.lines().count(), 4);
    let text = std::fs::read_to_string(desk.path("report.txt")).expect("written");
    assert!(text.contains("exit status 2: could not do all of it"), "{text}");

    std::fs::create_dir(desk.path("out")).expect("made");
    desk.call(&["validate", "--report-file", "json=out/report.json", "feeds"]).ends(2);
    let json = std::fs::read_to_string(desk.path("out/report.json")).expect("written");
    assert_eq!(json.lines().filter(|line| line.contains("\"type\":\"finding\"")).count(), 4);
    let left: Vec<_> = std::fs::read_dir(desk.path("out")).expect("there").collect();
    assert_eq!(left.len(), 1, "nothing stays beside: {left:?}");
}

#[test]
fn a_report_file_is_named_by_every_layer_and_checked_at_once() {
    let desk = faults();
    desk.file("feedgate.toml", "[report_file]\nlines = 'of-file.txt'\n");
    desk.call(&["validate", "feeds"]).ends(2);
    assert!(desk.path("of-file.txt").exists());
    let mut command = desk.command(&["validate", "feeds"]);
    command.env("FEEDGATE_REPORT_FILE_LINES", "of-variable.txt").output().expect("the program starts");
    assert!(desk.path("of-variable.txt").exists());
    for (wrong, why) in [
        (vec!["--report-file", "report.json"], "says no FORM=PATH, such as `junit=report.xml`"),
        (vec!["--report-file", "jsn=a"], "`jsn` is none of"),
        (vec!["--report-file", "json="], "says no FORM=PATH"),
        (vec!["--report-file", "json=a", "--report-file", "json=b"], "two files for json, `a` and `b`"),
        (vec!["--report-file", "json=a", "--report-file", "text=a"], "goes to `a` already"),
    ] {
        let call = desk.call(&[["validate", "feeds"].as_slice(), &wrong].concat()).ends(2);
        let call = call.tells(&[why]);
        assert_eq!(call.stdout, "", "nothing was read");
    }
}

#[test]
fn an_import_outlives_its_report_and_a_report_its_import() {
    let desk = Desk::new();
    let good = std::fs::read(repository("samples/catalogue/good.xml")).expect("the sample is there");
    desk.file("good.xml", good);
    desk.call(&["import", "--report-file", "json=/dev/full", "good.xml"])
        .ends(2)
        .tells(&["cannot write the report"])
        .counts(&[("imported", "50")]);
    desk.call(&["import", "good.xml"]).ends(0).counts(&[("imported before, skipped", "1")]);

    let nowhere = "postgres://127.0.0.1:1/shop";
    let call = desk.call(&["import", "--database", nowhere, "--report-file", "json=report.json", "good.xml"]);
    assert_eq!(call.ends(2).stdout, "");
    let report = std::fs::read_to_string(desk.path("report.json")).expect("written");
    let last: Value = serde_json::from_str(report.lines().last().expect("a line")).expect("JSON");
    assert_eq!((&last["type"], &last["exit_status"]), (&"summary".into(), &2.into()));
    assert!(last["failure"].as_str().is_some_and(|why| !why.is_empty()), "{last}");
}
