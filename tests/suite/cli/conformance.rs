//! `feedgate conformance`: a line in, a line out, whatever the line is.

use super::Desk;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

const SCHEMA: &str = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>
    <xs:include schemaLocation='../types.xsd'/><xs:element name='n' type='small'/></xs:schema>";
const TYPES: &str = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>
    <xs:simpleType name='small'><xs:restriction base='xs:byte'/></xs:simpleType></xs:schema>";

fn desk() -> Desk {
    let desk = Desk::new();
    desk.file("deep/n.xsd", SCHEMA);
    desk.file("types.xsd", TYPES);
    desk.file("no.xsd", "<no/>");
    desk.file("1.xml", "<n>1</n>");
    desk.file("1000.xml", "<n>1000</n>");
    desk.file("cut.xml", "<n>1</");
    desk
}

/// Asks and compares id and verdict; gives the details.
#[track_caller]
fn case(requests: &[Value], expected: &[(Value, &str)]) -> Vec<String> {
    let lines: Vec<String> = requests.iter().map(Value::to_string).collect();
    told(&desk().call_with(&["conformance"], lines.join("\n").as_bytes()).ends(0).stdout, expected)
}

#[track_caller]
fn told(stdout: &str, expected: &[(Value, &str)]) -> Vec<String> {
    let answers: Vec<Value> = stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let found: Vec<(Value, &str)> = answers
        .iter()
        .map(|answer| (answer["id"].clone(), answer["verdict"].as_str().expect("a word")))
        .collect();
    assert_eq!(found, expected, "{answers:#?}");
    assert!(answers.iter().all(|answer| answer["ms"].as_f64().is_some_and(|ms| ms >= 0.0)));
    answers.iter().map(|answer| answer["detail"].as_str().expect("text").to_owned()).collect()
}

fn instance(id: &str, schema: &str, instance: &str) -> Value {
    json!({"id": id, "kind": "instance", "xsd": "1.0", "schema": schema, "schemas": [schema], "instance": instance})
}

#[test]
fn each_request_is_answered() {
    let schema =
        |id: &str, schema: &str| json!({"id": id, "kind": "schema", "schema": schema, "instance": null});
    let details = case(
        &[
            schema("s", "deep/n.xsd"),
            instance("v", "deep/n.xsd", "1.xml"),
            instance("i", "deep/n.xsd", "1000.xml"),
            instance("cut", "deep/n.xsd", "cut.xml"),
            schema("no", "no.xsd"),
            instance("no-i", "no.xsd", "1.xml"),
        ],
        &[
            (json!("s"), "valid"),
            (json!("v"), "valid"),
            (json!("i"), "invalid"),
            (json!("cut"), "invalid"),
            (json!("no"), "invalid"),
            (json!("no-i"), "invalid-schema"),
        ],
    );
    assert_eq!((&*details[0], &*details[1]), ("", ""));
    assert!(
        details[2].contains("[cvc-datatype-valid.1.2.1]") || details[2].contains("[cvc-m"),
        "{details:?}"
    );
    assert!(details[3].contains("xml."), "{details:?}");
    assert_eq!(details[4], details[5]);
}

#[test]
fn what_cannot_be_judged_is_an_error_and_the_next_request_is_answered() {
    let version = json!({"id": 4, "kind": "schema", "xsd": "2.0", "schema": "deep/n.xsd"});
    let details = case(
        &[
            instance("a", "nowhere.xsd", "1.xml"),
            instance("b", "deep/n.xsd", "nowhere.xml"),
            json!({"id": "c", "kind": "instance", "schema": "deep/n.xsd"}),
            version,
            json!({"id": ["d"], "kind": "feed", "schema": "deep/n.xsd"}),
            json!({"kind": "schema"}),
            json!("text"),
            instance("e", "deep/n.xsd", "."),
            instance("f", "deep/n.xsd", "1.xml"),
        ],
        &[
            (json!("a"), "error"),
            (json!("b"), "error"),
            (json!("c"), "error"),
            (json!(4), "error"),
            (json!(["d"]), "error"),
            (Value::Null, "error"),
            (Value::Null, "error"),
            (json!("e"), "error"),
            (json!("f"), "valid"),
        ],
    );
    for (detail, part) in details.iter().zip([
        "nowhere.xsd",
        "nowhere.xml",
        "needs an `instance`",
        "`1.0`",
        "`schema`",
        "`schema`",
        "not right",
        "",
        "",
    ]) {
        assert!(detail.contains(part), "`{part}` is missing in `{detail}`");
    }
}

#[test]
fn lines_that_are_no_json_are_told() {
    let request = instance("a", "deep/n.xsd", "1.xml");
    let input = [b"no\n\n\xff\xfe\n".as_slice(), request.to_string().as_bytes()].concat();
    let call = desk().call_with(&["conformance"], &input).ends(0);
    let bad = || (Value::Null, "error");
    let details = told(&call.stdout, &[bad(), bad(), bad(), (json!("a"), "valid")]);
    assert!(details[..3].iter().all(|detail| detail.contains("no JSON")), "{details:?}");
}

#[test]
fn other_versions_and_what_is_not_checked_are_said() {
    let desk = desk();
    desk.file("hole.xsd", SCHEMA.replace("types.xsd", "nowhere.xsd").replace("small", "xs:int"));
    let of_version =
        |version: &str| json!({"id": version, "kind": "schema", "xsd": version, "schema": "hole.xsd"});
    let input = [of_version("1.0").to_string(), of_version("1.1").to_string()].join("\n");
    let call = desk.call_with(&["conformance"], input.as_bytes()).ends(0);
    let details = told(&call.stdout, &[(json!("1.0"), "valid"), (json!("1.1"), "valid")]);
    assert!(details[0].starts_with("not checked: the schema document `../nowhere.xsd`"), "{details:?}");
    assert!(details[1].starts_with("judged by XML Schema 1.0; not checked:"), "{details:?}");
}

#[test]
fn an_answer_does_not_wait_for_the_next_request() {
    let desk = desk();
    let mut command = desk.command(&["conformance"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    for id in ["1", "2"] {
        writeln!(stdin, "{}", instance(id, "deep/n.xsd", "1.xml")).expect("it reads");
        let mut answer = String::new();
        stdout.read_line(&mut answer).expect("it answers");
        assert!(answer.contains(r#""verdict":"valid""#), "{answer}");
    }
    drop(stdin);
    assert!(child.wait().expect("it ends").success());
}
