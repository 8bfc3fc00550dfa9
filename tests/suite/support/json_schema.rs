//! As much of JSON Schema as the published schema of SARIF uses: enough to hold a report against it.

use regex::Regex;
use serde_json::Value;

/// Everything of `value` that breaks the schema, each with its place.
pub(crate) fn broken(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, schema, value, "", &mut found);
    found
}

/// Keywords that are understood or say nothing about validity.
const KNOWN: &[&str] = &[
    "$schema",
    "id",
    "$id",
    "title",
    "description",
    "default",
    "definitions",
    "$ref",
    "type",
    "enum",
    "required",
    "properties",
    "additionalProperties",
    "items",
    "minItems",
    "uniqueItems",
    "minimum",
    "maximum",
    "pattern",
    "format",
    "anyOf",
    "allOf",
    "oneOf",
    "not",
];

fn check(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    for keyword in schema.as_object().expect("a schema is an object").keys() {
        assert!(
            KNOWN.contains(&keyword.as_str()),
            "the schema says `{keyword}`, which this test cannot judge"
        );
    }
    let mut wrong = |what: String| found.push(format!("{at}: {what}"));
    if let Some(kind) = schema["type"].as_str()
        && !is_a(kind, value)
    {
        return wrong(format!("{value} is no {kind}"));
    }
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.contains(value)
    {
        wrong(format!("{value} is none of {allowed:?}"));
    }
    if let Some(number) = value.as_f64() {
        let bound = |name: &str| schema[name].as_f64();
        if bound("minimum").is_some_and(|least| number < least)
            || bound("maximum").is_some_and(|most| number > most)
        {
            wrong(format!("{number} is out of bounds"));
        }
    }
    if let (Some(text), Some(pattern)) = (value.as_str(), schema["pattern"].as_str())
        && !Regex::new(pattern).expect("a pattern").is_match(text)
    {
        wrong(format!("`{text}` does not match {pattern}"));
    }
    if let (Some(text), Some(format)) = (value.as_str(), schema["format"].as_str())
        && !is_written_as(format, text)
    {
        wrong(format!("`{text}` is no {format}"));
    }
    if let Some(members) = value.as_object() {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !members.contains_key(name) {
                wrong(format!("`{name}` is missing"));
            }
        }
        for (name, member) in members {
            let at = format!("{at}/{name}");
            match (&schema["properties"][name], &schema["additionalProperties"]) {
                (Value::Null, Value::Bool(false)) => found.push(format!("{at}: is not known")),
                (Value::Null, Value::Null | Value::Bool(true)) => {}
                (Value::Null, other) => check(root, other, member, &at, found),
                (known, _) => check(root, known, member, &at, found),
            }
        }
    }
    if let Some(items) = value.as_array() {
        if schema["minItems"].as_u64().is_some_and(|least| (items.len() as u64) < least) {
            found.push(format!("{at}: has too few items"));
        }
        let repeated = |(index, item): (usize, &Value)| items[..index].contains(item);
        if schema["uniqueItems"] == true && items.iter().enumerate().any(repeated) {
            found.push(format!("{at}: has equal items"));
        }
        if schema["items"].is_object() {
            for (index, item) in items.iter().enumerate() {
                check(root, &schema["items"], item, &format!("{at}/{index}"), found);
            }
        }
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let pointer = reference.strip_prefix('#').expect("only its own definitions");
        check(root, root.pointer(pointer).expect("a definition"), value, at, found);
    }
    combinations(root, schema, value, at, found);
}

fn combinations(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let holds = |schema: &Value| {
        let mut wrong = Vec::new();
        check(root, schema, value, at, &mut wrong);
        wrong.is_empty()
    };
    let count = |name: &str| {
        let all = schema[name].as_array()?;
        Some((all.iter().filter(|schema| holds(schema)).count(), all.len()))
    };
    let of = [
        ("anyOf", count("anyOf").is_none_or(|(right, _)| right > 0)),
        ("oneOf", count("oneOf").is_none_or(|(right, _)| right == 1)),
        ("allOf", count("allOf").is_none_or(|(right, all)| right == all)),
        ("not", !schema["not"].is_object() || !holds(&schema["not"])),
    ];
    found.extend(of.iter().filter(|(_, right)| !right).map(|(name, _)| format!("{at}: breaks {name}")));
}

fn is_a(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("the schema says `{other}`, which this test cannot judge"),
    }
}

fn is_written_as(format: &str, text: &str) -> bool {
    match format {
        "date-time" => text.parse::<jiff::Timestamp>().is_ok(),
        "uri" => text.contains(':') && !text.contains(char::is_whitespace),
        "uri-reference" => text.is_ascii() && !text.contains(char::is_whitespace),
        other => panic!("the schema says `{other}`, which this test cannot judge"),
    }
}
