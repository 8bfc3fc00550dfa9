//! The report for programs: JSON lines, in the conventions of the report of a run.
//!
//! * `diff_started`, the comparison; first line: `program`, `old`, `new` (each `feed`, `format`, `namespace`,
//!   `records`, `bytes`), `bindings` (prefixes bound around the records of the new feed)
//! * `change`, a record that is not the same: `kind` (`added`, `changed`, `removed`), `key`, `title`, `old` and `new`
//!   (each `ordinal`, `line`), `changes` (`path`, `general`, `old`, `new`), `source` (the record in the new feed, XML)
//! * `unmatched`, a record that could not be matched: `side` (`old`, `new`), `reason` (`missing_key`,
//!   `duplicate_key`), `key`, `ordinal`, `line`
//! * `diff_summary`, the comparison; last line: `added`, `removed`, `changed`, `unchanged`, `ignored`, `untold`,
//!   `unmatched`, `paths` (`path`, `records`, `changes`, `examples` of `key`, `old`, `new`), `exit_status`

use super::super::json::write_line;
use crate::diff::{DiffSide, DiffSummary, PathCount, RecordChange, RecordSpot, Surroundings};
use serde::Serialize;
use serde_json::{Value, json};
use std::io::{self, Write};

/// Writes the `json` form.
///
/// # Errors
///
/// `out` cannot be written, or a change cannot be read.
pub fn write_json(
    out: &mut impl Write,
    summary: &DiffSummary,
    surroundings: &[Surroundings],
    changes: impl Iterator<Item = io::Result<RecordChange>>,
    exit_status: u8,
) -> io::Result<()> {
    line(out, "diff_started", &started(summary, surroundings))?;
    for (side, feed) in [("old", &summary.old), ("new", &summary.new)] {
        unmatched(out, side, feed)?;
    }
    for change in changes {
        line(out, "change", &change?)?;
    }
    line(out, "diff_summary", &ended(summary, exit_status))?;
    out.flush()
}

#[derive(Serialize)]
struct DiffLine<'a, T> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(flatten)]
    fields: &'a T,
}

fn line(out: &mut impl Write, kind: &str, fields: &impl Serialize) -> io::Result<()> {
    write_line(out, &DiffLine { kind, fields })
}

fn started(summary: &DiffSummary, surroundings: &[Surroundings]) -> Value {
    let side = |side: &DiffSide| {
        let DiffSide { name, format, namespace, records, bytes, .. } = side;
        json!({ "feed": &**name, "format": format, "namespace": namespace, "records": records, "bytes": bytes })
    };
    let bindings: Vec<Value> = surroundings
        .first()
        .map(|around| around.bindings.as_slice())
        .unwrap_or_default()
        .iter()
        .map(|(prefix, namespace)| json!({ "prefix": prefix, "namespace": namespace }))
        .collect();
    json!({
        "program": concat!("feedgate ", env!("CARGO_PKG_VERSION")),
        "old": side(&summary.old),
        "new": side(&summary.new),
        "bindings": bindings,
    })
}

fn unmatched(out: &mut impl Write, side: &str, feed: &DiffSide) -> io::Result<()> {
    let mut tell = |reason: &str, key: Option<&str>, RecordSpot { ordinal, line: at }: &RecordSpot| {
        let fields = json!({ "side": side, "reason": reason, "key": key, "ordinal": ordinal, "line": at });
        line(out, "unmatched", &fields)
    };
    for spot in &feed.unmatched.missing_keys {
        tell("missing_key", None, spot)?;
    }
    for (key, spot) in &feed.unmatched.duplicates {
        tell("duplicate_key", Some(key), spot)?;
    }
    Ok(())
}

fn ended(summary: &DiffSummary, exit_status: u8) -> Value {
    let unmatched = |side: &DiffSide| {
        json!({
            "missing_key": side.unmatched.missing_keys_count,
            "duplicate_key": side.unmatched.duplicates_count,
        })
    };
    let path = |(path, count): &(&str, &PathCount)| {
        let examples = count.examples.iter();
        let examples = examples.map(|(key, old, new)| json!({ "key": key, "old": old, "new": new }));
        json!({
            "path": path,
            "records": count.records,
            "changes": count.changes,
            "examples": examples.collect::<Vec<_>>(),
        })
    };
    json!({
        "added": summary.added,
        "removed": summary.removed,
        "changed": summary.changed,
        "unchanged": summary.unchanged,
        "ignored": summary.ignored,
        "untold": summary.untold,
        "unmatched": { "old": unmatched(&summary.old), "new": unmatched(&summary.new) },
        "paths": summary.by_count().iter().map(path).collect::<Vec<_>>(),
        "exit_status": exit_status,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{changes, summary};
    use super::*;

    #[test]
    fn every_line_is_an_object_with_version_and_type() {
        let mut out = Vec::new();
        write_json(&mut out, &summary(), &[], changes().into_iter().map(Ok), 1).expect("writes to memory");
        let text = String::from_utf8(out).expect("text");
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let kinds: Vec<&str> = lines.iter().map(|line| line["type"].as_str().expect("a type")).collect();
        let expected =
            ["diff_started", "unmatched", "unmatched", "change", "change", "change", "diff_summary"];
        assert_eq!(kinds, expected);
        assert!(lines.iter().all(|line| line["version"] == 1));
        assert_eq!(lines[3]["changes"][0]["path"], "price[type=2]/amount");
        assert_eq!((&lines[3]["kind"], &lines[3]["source"]), (&json!("changed"), &json!("<item/>")));
        assert_eq!(lines[5]["key"], "<C>\u{1b}[2J");
        assert_eq!(lines[6]["paths"][1]["examples"][0]["new"], "13.00");
        assert_eq!((&lines[6]["exit_status"], &lines[6]["ignored"]), (&json!(1), &json!(2)));
    }
}
