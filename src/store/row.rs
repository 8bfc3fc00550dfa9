//! Rows on their way into the database, written once as the database reads them.
//!
//! PostgreSQL takes the text form of `COPY`: fields parted by tabs, rows by line feeds, `\N` for null.
//! SQLite takes one JSON array of arrays, unfolded by `json_each`. Which of the two is
//! decided once per buffer; the buffer is reused.

use crate::config::DatabaseKind;
use rust_decimal::Decimal;
use serde::Serialize;
use std::fmt::Write as _;

/// A value on its way into a column.
#[derive(Clone, Debug)]
pub(super) enum Datum<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Decimal(Decimal),
    Bytes(&'a [u8]),
    /// JSON text.
    Json(String),
}

impl Datum<'_> {
    /// A value as JSON, for a column that holds JSON.
    pub(super) fn json(value: &impl Serialize) -> Self {
        Self::Json(serde_json::to_string(value).expect("our own types have string keys and no failing parts"))
    }
}

impl From<i64> for Datum<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u64> for Datum<'_> {
    fn from(value: u64) -> Self {
        Self::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<u32> for Datum<'_> {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl From<Decimal> for Datum<'_> {
    fn from(value: Decimal) -> Self {
        Self::Decimal(value)
    }
}

impl<'a> From<&'a str> for Datum<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a [u8]> for Datum<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Bytes(value)
    }
}

impl<'a, T: Into<Datum<'a>>> From<Option<T>> for Datum<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, T::into)
    }
}

/// Rows of one table.
#[derive(Debug)]
pub(super) struct RowBuffer {
    database: DatabaseKind,
    text: String,
    rows: u64,
    /// The JSON array has its last bracket.
    closed: bool,
}

impl RowBuffer {
    pub(super) fn new(database: DatabaseKind) -> Self {
        Self { database, text: String::new(), rows: 0, closed: false }
    }

    /// Number of rows in it.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Bytes it holds.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// All rows, in a form the database takes.
    pub(super) fn finished(&mut self) -> &str {
        if self.database == DatabaseKind::Sqlite && !self.closed {
            self.text.push_str(if self.text.is_empty() { "[]" } else { "]" });
            self.closed = true;
        }
        &self.text
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.rows = 0;
        self.closed = false;
    }

    /// Adds a row.
    pub(super) fn push<'a>(&mut self, row: impl Iterator<Item = Datum<'a>>) {
        match self.database {
            DatabaseKind::Postgres => self.push_copied(row),
            DatabaseKind::Sqlite => self.push_json(row),
        }
        self.rows += 1;
    }

    fn push_copied<'a>(&mut self, row: impl Iterator<Item = Datum<'a>>) {
        for (position, datum) in row.enumerate() {
            if position > 0 {
                self.text.push('\t');
            }
            copied(&datum, &mut self.text);
        }
        self.text.push('\n');
    }

    fn push_json<'a>(&mut self, row: impl Iterator<Item = Datum<'a>>) {
        self.text.push(if self.text.is_empty() { '[' } else { ',' });
        for (position, datum) in row.enumerate() {
            self.text.push(if position == 0 { '[' } else { ',' });
            json(&datum, &mut self.text);
        }
        self.text.push(']');
    }
}

/// Writes a value as a field of `COPY`.
fn copied(datum: &Datum<'_>, out: &mut String) {
    match datum {
        Datum::Null => out.push_str("\\N"),
        Datum::Int(value) => write!(out, "{value}").expect("writing to a string cannot fail"),
        Datum::Decimal(value) => write!(out, "{value}").expect("writing to a string cannot fail"),
        Datum::Text(value) => escape_copy(value, out),
        Datum::Json(value) => escape_copy(value, out),
        Datum::Bytes(value) => {
            out.push_str("\\\\x");
            push_hex(value, out);
        }
    }
}

/// Writes a value as JSON; bytes and decimals as texts.
fn json(datum: &Datum<'_>, out: &mut String) {
    match datum {
        Datum::Null => out.push_str("null"),
        Datum::Int(value) => write!(out, "{value}").expect("writing to a string cannot fail"),
        Datum::Decimal(value) => write!(out, "\"{value}\"").expect("writing to a string cannot fail"),
        Datum::Text(value) => push_json(value, out),
        Datum::Json(value) => out.push_str(value),
        Datum::Bytes(value) => {
            out.push('"');
            push_hex(value, out);
            out.push('"');
        }
    }
}

/// Writes a text with what `COPY` reads as markup escaped.
fn escape_copy(value: &str, out: &mut String) {
    let mut rest = value;
    while let Some(at) = rest.find(['\\', '\n', '\r', '\t']) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            _ => "\\t",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

/// Writes a JSON string.
fn push_json(value: &str, out: &mut String) {
    out.push('"');
    let mut rest = value;
    while let Some(at) = rest.find(|c: char| c < ' ' || c == '"' || c == '\\') {
        out.push_str(&rest[..at]);
        match rest.as_bytes()[at] {
            byte @ (b'"' | b'\\') => {
                out.push('\\');
                out.push(char::from(byte));
            }
            byte => write!(out, "\\u{byte:04x}").expect("writing to a string cannot fail"),
        }
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('"');
}

/// Writes bytes as lower-case hexadecimal digits.
pub(super) fn push_hex(bytes: &[u8], out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.reserve(bytes.len() * 2);
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(super) fn to_hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    push_hex(bytes, &mut text);
    text
}

/// Reads hexadecimal digits of either case.
pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
    if !text.len().is_multiple_of(2) {
        return None;
    }
    text.as_bytes().chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(rows: &[&[Datum<'_>]], copy: &str, json: &str) {
        for (database, expected) in [(DatabaseKind::Postgres, copy), (DatabaseKind::Sqlite, json)] {
            let mut buffer = RowBuffer::new(database);
            for row in rows {
                buffer.push(row.iter().cloned());
            }
            assert_eq!(buffer.finished(), expected, "{database:?}");
            assert_eq!(buffer.finished(), expected, "{database:?}, asked twice");
            assert_eq!(buffer.rows(), rows.len() as u64);
        }
    }

    #[test]
    fn rows_and_fields_are_parted() {
        case(&[], "", "[]");
        case(
            &[&[1_i64.into(), "a".into(), Datum::Null], &[(-2_i64).into(), "".into(), Some("b").into()]],
            "1\ta\t\\N\n-2\t\tb\n",
            r#"[[1,"a",null],[-2,"","b"]]"#,
        );
    }

    #[test]
    fn what_looks_like_markup_is_escaped() {
        case(
            &[&["\\N\t\"ü\"\r\n\u{1}".into()]],
            "\\\\N\\t\"ü\"\\r\\n\u{1}\n",
            "[[\"\\\\N\\u0009\\\"ü\\\"\\u000d\\u000a\\u0001\"]]",
        );
    }

    #[test]
    fn json_bytes_and_decimals_have_their_own_form() {
        case(
            &[&[[0_u8, 171].as_slice().into(), Decimal::new(1250, 2).into(), Datum::json(&["a\"\n"])]],
            "\\\\x00ab\t12.50\t[\"a\\\\\"\\\\n\"]\n",
            r#"[["00ab","12.50",["a\"\n"]]]"#,
        );
    }

    #[test]
    fn numbers_that_no_column_holds_are_cut() {
        case(&[&[u64::MAX.into()]], "9223372036854775807\n", "[[9223372036854775807]]");
    }

    #[test]
    fn hexadecimal_digits_go_both_ways() {
        let mut text = String::new();
        push_hex(&[0, 1, 0xfe, 0xff], &mut text);
        assert_eq!(text, "0001feff");
        assert_eq!(from_hex("0001FEff"), Some(vec![0, 1, 0xfe, 0xff]));
        assert_eq!(from_hex("0"), None);
        assert_eq!(from_hex("0g"), None);
    }
}
