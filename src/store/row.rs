//! Rows on their way into the database, written once as the database reads them.
//!
//! PostgreSQL takes the text form of `COPY`: fields parted by tabs, rows by line feeds, `\N` for null.
//! SQLite takes one JSON array of arrays, unfolded by `json_each`. Which of the two is
//! decided once per buffer; the buffer is reused.

use rust_decimal::Decimal;
use serde::Serialize;
use std::fmt::Write as _;

/// How a database takes many rows at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `COPY … FROM STDIN` in text form.
    Copy,
    /// A JSON array of arrays.
    Json,
}

/// Rows of one table.
#[derive(Debug)]
pub(super) struct RowBuffer {
    form: Form,
    text: String,
    rows: u64,
    fields: u32,
    /// The JSON array has its last bracket.
    closed: bool,
}

impl RowBuffer {
    pub(super) fn new(form: Form) -> Self {
        Self { form, text: String::new(), rows: 0, fields: 0, closed: false }
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
        if self.form == Form::Json && !self.closed {
            self.text.push_str(if self.text.is_empty() { "[]" } else { "]" });
            self.closed = true;
        }
        &self.text
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.rows = 0;
        self.fields = 0;
        self.closed = false;
    }

    pub(super) fn int(&mut self, value: i64) -> &mut Self {
        self.field();
        write!(self.text, "{value}").expect("writing to a string cannot fail");
        self
    }

    pub(super) fn optional_int(&mut self, value: Option<i64>) -> &mut Self {
        match value {
            Some(value) => self.int(value),
            None => self.null(),
        }
    }

    pub(super) fn null(&mut self) -> &mut Self {
        self.field();
        self.text.push_str(match self.form {
            Form::Copy => "\\N",
            Form::Json => "null",
        });
        self
    }

    pub(super) fn text(&mut self, value: &str) -> &mut Self {
        self.field();
        match self.form {
            Form::Copy => escape_copy(value, &mut self.text),
            Form::Json => push_json(value, &mut self.text),
        }
        self
    }

    pub(super) fn optional(&mut self, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(value),
            None => self.null(),
        }
    }

    pub(super) fn decimal(&mut self, value: Option<Decimal>) -> &mut Self {
        let Some(value) = value else { return self.null() };
        self.field();
        match self.form {
            Form::Copy => write!(self.text, "{value}"),
            Form::Json => write!(self.text, "\"{value}\""),
        }
        .expect("writing to a string cannot fail");
        self
    }

    pub(super) fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.field();
        let (open, close) = match self.form {
            Form::Copy => ("\\\\x", ""),
            Form::Json => ("\"", "\""),
        };
        self.text.push_str(open);
        push_hex(value, &mut self.text);
        self.text.push_str(close);
        self
    }

    /// A value as JSON, for a column that holds JSON.
    pub(super) fn json(&mut self, value: &impl Serialize) -> &mut Self {
        self.field();
        let json = serde_json::to_string(value).expect("our own types have string keys and no failing parts");
        match self.form {
            Form::Copy => escape_copy(&json, &mut self.text),
            Form::Json => self.text.push_str(&json),
        }
        self
    }

    /// Ends a row.
    pub(super) fn end(&mut self) {
        self.text.push(match self.form {
            Form::Copy => '\n',
            Form::Json => ']',
        });
        self.rows += 1;
        self.fields = 0;
    }

    fn field(&mut self) {
        let separator = match (self.form, self.fields) {
            (Form::Copy, 0) => "",
            (Form::Copy, _) => "\t",
            (Form::Json, 0) if self.text.is_empty() => "[[",
            (Form::Json, 0) => ",[",
            (Form::Json, _) => ",",
        };
        self.text.push_str(separator);
        self.fields += 1;
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
    fn case(write: impl Fn(&mut RowBuffer), copy: &str, json: &str) {
        for (form, expected) in [(Form::Copy, copy), (Form::Json, json)] {
            let mut rows = RowBuffer::new(form);
            write(&mut rows);
            assert_eq!(rows.finished(), expected, "{form:?}");
            assert_eq!(rows.finished(), expected, "{form:?}, asked twice");
        }
    }

    #[test]
    fn rows_and_fields_are_parted() {
        case(|_| {}, "", "[]");
        case(
            |rows| {
                rows.int(1).text("a").null().end();
                rows.int(-2).text("").optional(Some("b")).end();
            },
            "1\ta\t\\N\n-2\t\tb\n",
            r#"[[1,"a",null],[-2,"","b"]]"#,
        );
    }

    #[test]
    fn what_looks_like_markup_is_escaped() {
        case(
            |rows| rows.text("\\N\t\"ü\"\r\n\u{1}").end(),
            "\\\\N\\t\"ü\"\\r\\n\u{1}\n",
            "[[\"\\\\N\\u0009\\\"ü\\\"\\u000d\\u000a\\u0001\"]]",
        );
    }

    #[test]
    fn json_bytes_and_decimals_have_their_own_form() {
        case(
            |rows| rows.bytes(&[0, 171]).decimal(Some(Decimal::new(1250, 2))).json(&["a\"\n"]).end(),
            "\\\\x00ab\t12.50\t[\"a\\\\\"\\\\n\"]\n",
            r#"[["00ab","12.50",["a\"\n"]]]"#,
        );
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
