//! Reports of runs: fetched whole, made harmless, then told.

use super::client::Client;
use super::error::ClientError;
use crate::config::ReportForm;
use crate::judgement::escape::{clean, json_safe};
use reqwest::{Method, Response, StatusCode};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Seek, Write};

/// Bytes of a report.
pub const REPORT_BYTES_MAX: u64 = 4 << 30;
/// Bytes of the longest character.
const CHARACTER_BYTES_MAX: usize = 4;

/// What a form is called in an address.
const fn word(form: ReportForm) -> &'static str {
    match form {
        ReportForm::Text => "txt",
        ReportForm::Lines => "lines",
        ReportForm::Json => "json",
        ReportForm::Junit => "junit.xml",
        ReportForm::Sarif => "sarif",
        ReportForm::Gitlab => "gitlab.json",
        ReportForm::Html => "html",
    }
}

impl Client {
    /// Fetches a report into a temporary file, which is read from its beginning; `None` when it is not kept.
    pub async fn report(&self, run: i64, form: ReportForm) -> Result<Option<File>, ClientError> {
        let what = format!("{form} report of run {run}");
        let fetched = self.persistently(&what, async |_| self.fetch(run, form).await).await;
        match fetched {
            Err(ClientError::Refused(refusal)) if refusal.status == StatusCode::NOT_FOUND.as_u16() => {
                Ok(None)
            }
            fetched => fetched.map(Some),
        }
    }

    async fn fetch(&self, run: i64, form: ReportForm) -> Result<File, ClientError> {
        let path = format!("v1/runs/{run}/report.{}", word(form));
        let response = self.asked(self.request(Method::GET, &path, &[])).await?;
        self.kept(response, form, REPORT_BYTES_MAX).await
    }

    async fn kept(
        &self,
        mut response: Response,
        form: ReportForm,
        bytes_max: u64,
    ) -> Result<File, ClientError> {
        let file = tempfile::tempfile().map_err(ClientError::Keep)?;
        let (mut out, mut harmless, mut bytes) = (BufWriter::new(file), Harmless::new(form), 0);
        while let Some(piece) = self.piece(&mut response).await? {
            bytes += piece.len() as u64;
            if bytes > bytes_max {
                return Err(ClientError::TooLong { host: self.host(), bytes_max, limit: "REPORT_BYTES_MAX" });
            }
            out.write_all(harmless.next(&piece).as_bytes()).map_err(ClientError::Keep)?;
        }
        out.write_all(harmless.end().as_bytes()).map_err(ClientError::Keep)?;
        let mut file = out.into_inner().map_err(|error| ClientError::Keep(error.into_error()))?;
        file.rewind().map_err(ClientError::Keep)?;
        Ok(file)
    }
}

/// Makes a report harmless, whoever wrote it, piece by piece.
///
/// What is for people is cleaned line by line, as our own reports are. What is for programs has no controls but white
/// space when it is what it says, so nothing is lost without them; in JSON, marks of direction are escaped.
struct Harmless {
    is_for_people: bool,
    is_json: bool,
    /// The beginning of a character whose rest is still to come.
    rest: Vec<u8>,
}

impl Harmless {
    fn new(form: ReportForm) -> Self {
        Self {
            is_for_people: matches!(form, ReportForm::Text | ReportForm::Lines),
            is_json: matches!(form, ReportForm::Json | ReportForm::Sarif | ReportForm::Gitlab),
            rest: Vec::new(),
        }
    }

    fn next(&mut self, piece: &[u8]) -> String {
        let mut bytes = std::mem::take(&mut self.rest);
        bytes.extend_from_slice(piece);
        let whole = whole_characters(&bytes);
        self.rest = bytes.split_off(whole);
        self.cleaned(&String::from_utf8_lossy(&bytes))
    }

    fn end(&mut self) -> String {
        let rest = std::mem::take(&mut self.rest);
        self.cleaned(&String::from_utf8_lossy(&rest))
    }

    fn cleaned(&self, text: &str) -> String {
        let mut cleaned = String::with_capacity(text.len());
        if !self.is_for_people {
            let harmless =
                |c: char| if c < ' ' && !"\t\n\r".contains(c) { char::REPLACEMENT_CHARACTER } else { c };
            cleaned.extend(text.chars().map(harmless));
            return if self.is_json { keep_lines(&cleaned) } else { cleaned };
        }
        for line in text.split_inclusive('\n') {
            let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
            write!(cleaned, "{}{end}", clean(line)).expect("writes to memory");
        }
        cleaned
    }
}

/// JSON with its marks of direction escaped, and its white space as it is.
fn keep_lines(json: &str) -> String {
    let is_space = |c| matches!(c, '\t' | '\n' | '\r');
    json.split_inclusive(is_space)
        .map(|part| match part.strip_suffix(is_space) {
            Some(text) => json_safe(text).into_owned() + &part[text.len()..],
            None => json_safe(part).into_owned(),
        })
        .collect()
}

/// How many bytes stand before a character that may be cut off at the end.
fn whole_characters(bytes: &[u8]) -> usize {
    let last = bytes.len().saturating_sub(CHARACTER_BYTES_MAX);
    let start = (last..bytes.len()).rev().find(|at| bytes[*at] & 0xc0 != 0x80).unwrap_or(bytes.len());
    match std::str::from_utf8(&bytes[start..]) {
        Err(error) if error.error_len().is_none() => start,
        _ => bytes.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(form: ReportForm, report: &[u8], expected: &str) {
        for size in 1..=report.len() {
            let mut harmless = Harmless::new(form);
            let mut cleaned: String = report.chunks(size).map(|piece| harmless.next(piece)).collect();
            cleaned += &harmless.end();
            assert_eq!(cleaned, expected, "in pieces of {size}");
        }
    }

    #[tokio::test]
    async fn report_bytes_max() {
        let address = "http://service.example/".parse().expect("an address");
        let client = Client::new(address, None, Box::new(|_| {})).expect("a client");
        let of = |body: &str| Response::from(hyper::Response::new(body.to_owned()));
        let mut kept = client.kept(of("12345"), ReportForm::Text, 5).await.expect("at the limit");
        assert_eq!(std::io::read_to_string(&mut kept).expect("text"), "12345");
        let error = client.kept(of("123456"), ReportForm::Text, 5).await.expect_err("one above");
        assert!(matches!(error, ClientError::TooLong { limit: "REPORT_BYTES_MAX", .. }), "{error}");
    }

    #[test]
    fn a_report_commands_no_terminal_however_it_is_cut() {
        let evil = "é\x1b[2J – 𝄞\u{202e}\nb\x07\n".as_bytes();
        case(ReportForm::Text, evil, "é\\u{1b}[2J – 𝄞\\u{202e}\nb\\u{7}\n");
        case(ReportForm::Json, evil, "é\u{fffd}[2J – 𝄞\\u202e\nb\u{fffd}\n");
    }

    #[test]
    fn what_is_right_stays_as_it_is() {
        for form in [ReportForm::Text, ReportForm::Lines, ReportForm::Html] {
            case(form, "  Klavier\u{a0}ピアノ 𝄞\n\n  x".as_bytes(), "  Klavier\u{a0}ピアノ 𝄞\n\n  x");
        }
        case(ReportForm::Junit, b"<a>\t\r\n</a>", "<a>\t\r\n</a>");
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        case(ReportForm::Lines, b"a\xffb\xe2\x82", "a\u{fffd}b\u{fffd}");
        case(ReportForm::Sarif, b"\x80\x80\x80\x80\x80", &"\u{fffd}".repeat(5));
    }
}
