//! Lists for people and for programs: the same rows as text, JSON lines and CSV.

use super::output;
use crate::report::escape::clean;
use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::Value;

/// The form of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ListForm {
    /// For people: aligned columns
    #[default]
    Text,
    /// JSON lines, one for each row, for programs
    Json,
    /// Comma-separated values under a heading, for spreadsheets
    Csv,
}

/// In which form a list is printed.
#[derive(Debug, Args)]
pub(super) struct RowsArgs {
    /// Form of the list
    #[arg(long, value_name = "FORM", value_enum, default_value_t)]
    output: ListForm,
    /// Print JSON lines, as `--output json` does
    #[arg(long, conflicts_with = "output")]
    json: bool,
}

impl RowsArgs {
    /// The form that was asked for.
    pub(super) fn form(&self) -> ListForm {
        if self.json { ListForm::Json } else { self.output }
    }
}

/// A row for programs: its fields under their names, `version`, and what it is.
pub(super) fn row(kind: &str, row: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(row).expect("texts and numbers are JSON");
    let object = value.as_object_mut().expect("a row has fields");
    object.insert("version".to_owned(), 1.into());
    object.insert("type".to_owned(), kind.into());
    value
}

/// Rows as JSON lines.
pub(super) fn json_lines(rows: &[Value]) -> String {
    rows.iter().map(output::json_line).collect()
}

/// Rows as CSV: the heading, and of each row the fields of these names; `counts.refused` is a field inside another.
pub(super) fn csv(names: &[&str], rows: &[Value]) -> String {
    let record =
        |row: &Value| names.iter().map(|name| quoted(&cell(row, name))).collect::<Vec<_>>().join(",");
    let heading =
        names.iter().map(|name| name.rsplit('.').next().unwrap_or(name)).collect::<Vec<_>>().join(",");
    std::iter::once(heading).chain(rows.iter().map(record)).map(|line| line + "\n").collect()
}

/// A field as text; empty where there is none.
fn cell(row: &Value, name: &str) -> String {
    let field = name.split('.').try_fold(row, |value, part| match part.parse::<usize>() {
        Ok(index) => value.get(index),
        Err(_) => value.get(part),
    });
    match field {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => clean(text).into_owned(),
        Some(Value::Array(words)) => {
            clean(&words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")).into_owned()
        }
        Some(other) => other.to_string(),
    }
}

/// A cell in quotes where it has to be (RFC 4180).
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn cells_are_quoted_where_they_have_to_be() {
        let rows = [json!({"a": "x, \"y\"", "b": {"c": 7}, "d": null, "e": ["p", "q"], "f": [{"g": 1}]})];
        let told = csv(&["a", "b.c", "d", "e", "f.0.g", "none"], &rows);
        assert_eq!(told, "a,c,d,e,g,none\n\"x, \"\"y\"\"\",7,,p q,1,\n");
    }

    #[test]
    fn a_cell_is_one_line_and_harmless() {
        assert_eq!(csv(&["a"], &[json!({"a": "x\ny\u{202e}"})]).lines().count(), 2);
        for cell in [json!("x\u{202e}"), json!(["x\u{202e}", "y"])] {
            assert!(!csv(&["a"], &[json!({"a": cell})]).contains('\u{202e}'));
        }
    }
}
