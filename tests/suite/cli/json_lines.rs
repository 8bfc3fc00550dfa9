//! The published schema of JSON lines, held against what the commands print: every line is described, and every kind of
//! line is seen.

use super::{Desk, repository};
use crate::support::json_schema::broken;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fs;

/// The schema as it is printed, with every object closed: a field that is not described is an error here.
fn closed(desk: &Desk) -> Value {
    let mut schema = serde_json::from_str(&desk.call(&["schema", "report"]).ends(0).stdout).expect("JSON");
    close(&mut schema);
    schema
}

fn close(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(close);
            if members.get("type") == Some(&"object".into()) && members.contains_key("properties") {
                members.insert("additionalProperties".to_owned(), false.into());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// The schema of lines of one type, with all definitions.
fn of_type(schema: &Value, kind: &str) -> Value {
    let definitions = schema["definitions"].clone();
    assert!(definitions.get(kind).is_some(), "no definition of `{kind}`");
    let members = [("$ref", format!("#/definitions/{kind}").into()), ("definitions", definitions)];
    Value::Object(members.map(|(name, value)| (name.to_owned(), value)).into_iter().collect::<Map<_, _>>())
}

/// A folder with feeds, schemas and a database with runs, refused records, a held feed and a token.
fn desk() -> Desk {
    let desk = Desk::new();
    let sample =
        |name: &str| fs::read_to_string(repository("samples/catalogue").join(name)).expect("the sample");
    let good = sample("good.xml");
    desk.file("old.xml", &good);
    desk.file("new.xml", good.replacen("34.00", "35.00", 1).replacen("be-1001\"", "be-2001\"", 1));
    let twice = sample("faults/duplicate-reference.xml");
    desk.file("twice.xml", twice);
    for name in ["bad-gtin.xml", "cut-off.xml"] {
        desk.file(&format!("feeds/{name}"), sample(&format!("faults/{name}")));
    }
    desk.file(
        "broken.xsd",
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:element/></xs:schema>",
    );
    desk.file(
        "right.xsd",
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:element name='a'/></xs:schema>",
    );
    let date = "kind = 'date'\nexpires = 2027-01-01\nconfirmed_by = 'us'\nconfirmed_on = 2020-01-01\n";
    desk.file("expiry.toml", format!("version = 1\n[[thing]]\nname = 'd'\nsource = 'V'\n{date}"));
    desk.call(&["import", "old.xml"]).ends(0);
    desk.call(&["import", "feeds/bad-gtin.xml", "--source", "V"]).ends(1);
    let prices = good.replace("<amount>", "<amount>9");
    desk.file("held.xml", prices.replacen("<messageNumber>17", "<messageNumber>18", 1));
    desk.call(&["import", "held.xml", "--set", "guard.price=1%/1"]).ends(3);
    desk.call(&["quarantine", "discard", "1", "--reason", "a test"]).ends(0);
    desk
}

#[test]
fn every_line_is_as_the_schema_says_and_every_kind_is_seen() {
    let desk = desk();
    let schema = closed(&desk);
    let calls: &[&[&str]] = &[
        &["validate", "--report", "json", "feeds", "nowhere.xml"],
        &["validate", "--report", "json", "feeds"],
        &["import", "--report", "json", "old.xml", "feeds/cut-off.xml"],
        &["import", "--dry-run", "--report", "json", "new.xml"],
        &["schema", "check", "--report", "json", "broken.xsd", "right.xsd", "nowhere.xsd"],
        &["diff", "--report", "json", "old.xml", "new.xml"],
        &["diff", "--report", "json", "old.xml", "twice.xml"],
        &["token", "create", "shop", "--scope", "read", "--json"],
        &["token", "list", "--json"],
        &["runs", "--json"],
        &["runs", "2", "--json"],
        &["quarantine", "list", "--state", "all", "--json"],
        &["held", "list", "--json"],
        &["held", "show", "--json", "3"],
        &["audit", "--json"],
        &["config", "--json"],
        &["explain", "--list", "--json"],
        &["expiry", "check", "--inventory", "expiry.toml", "--output", "json"],
        &["expiry", "list", "--inventory", "expiry.toml", "--json"],
    ];
    let (mut seen, mut wrong) = (BTreeSet::new(), Vec::new());
    for arguments in calls {
        for line in desk.call(arguments).stdout.lines() {
            let line: Value =
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
            let kind = line["type"].as_str().expect("a type").to_owned();
            for fault in broken(&of_type(&schema, &kind), &line) {
                wrong.push(format!("{}: {kind} {fault}", arguments.join(" ")));
            }
            seen.insert(kind);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let kinds = schema["anyOf"].as_array().expect("a list").iter();
    let kinds: BTreeSet<_> = kinds.filter_map(|kind| kind["$ref"].as_str()?.rsplit('/').next()).collect();
    let unseen: Vec<_> = kinds.iter().filter(|kind| !seen.contains(**kind)).collect();
    assert!(unseen.is_empty(), "no command has printed {unseen:?}");
}
