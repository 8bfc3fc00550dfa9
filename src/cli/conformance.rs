//! `feedgate conformance`: a conformance suite, driven from outside.

use super::output;
use crate::judgement::Acceptance;
use crate::pipeline::{CaseAnswer, CaseSchema, CaseVerdict};
use crate::report::escape::json_safe;
use crate::source::Documents;
use anyhow::Context as _;
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, Read, Write};
use std::time::Instant;

/// Compiled schemas that are kept: suites ask about one many times in a row.
const SCHEMAS_KEPT_MAX: usize = 8;
/// Bytes of one request.
const REQUEST_BYTES_MAX: usize = 1 << 20;

/// Answer the cases of an XML Schema test suite, one JSON line for each
///
/// Reads requests from standard input and answers each before it reads the next. Documents are read from the
/// file system, the network is never asked. A schema is compiled when it is first named and kept for the cases
/// that follow: documents must not change while the command runs.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Request, one line:
  {\"id\": \"a\", \"kind\": \"schema\", \"schema\": \"/suite/a.xsd\"}
  {\"id\": \"b\", \"kind\": \"instance\", \"schema\": \"/suite/a.xsd\", \"instance\": \"/suite/b.xml\"}

  `schema` is the one document to load; what it includes and imports is found where its locations
  lead. `xsd` may be `1.0` or `1.1`; the rules are those of 1.0, and an answer to 1.1 says so. Other
  fields are passed over.

Answer, one line:
  {\"id\": \"a\", \"verdict\": \"valid\", \"ms\": 1.2, \"detail\": \"\"}

  valid           the schema, or the instance, is in order; `detail` names what is not checked
  invalid         it is not; ill-formed XML is invalid as well
  invalid-schema  the schema of an instance is refused
  error           it cannot be judged: no such file, a limit of this program, a request that is none

  `detail` is the first message, `ms` the time it took in milliseconds.

Exit status:
  0  standard input ended; verdicts make no status
  2  could not do it: standard input or output failed")]
pub(super) struct ConformanceArgs {}

pub(super) fn run() -> anyhow::Result<Acceptance> {
    let mut cases = Cases::default();
    let (mut input, mut line) = (io::stdin().lock(), Vec::new());
    let mut out = output::results();
    while read_line(&mut input, &mut line).context("cannot read standard input")? {
        let answer = cases.answer(&line);
        let answer = serde_json::to_string(&answer).map_err(io::Error::from)?;
        writeln!(out, "{}", json_safe(&answer))?;
        // Whoever asks waits for this answer before the next question.
        out.flush()?;
    }
    Ok(Acceptance::Accepted)
}

/// The next line; of one that is too long, as much as shows that it is.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    input.by_ref().take(REQUEST_BYTES_MAX as u64 + 1).read_until(b'\n', line)?;
    if line.len() > REQUEST_BYTES_MAX && !line.ends_with(b"\n") {
        input.skip_until(b'\n')?;
    }
    Ok(!line.is_empty())
}

#[derive(Debug, Deserialize)]
struct Request {
    kind: Kind,
    #[serde(default)]
    xsd: Version,
    schema: String,
    instance: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Schema,
    Instance,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
enum Version {
    #[default]
    #[serde(rename = "1.0")]
    V1_0,
    #[serde(rename = "1.1")]
    V1_1,
}

#[derive(Debug, Serialize)]
struct Answer {
    id: Value,
    verdict: &'static str,
    ms: f64,
    detail: String,
}

/// Answers cases; knows the schemas of the last ones.
#[derive(Debug, Default)]
struct Cases {
    /// By location, the one last used in front.
    schemas: VecDeque<(String, CaseSchema)>,
}

impl Cases {
    fn answer(&mut self, line: &[u8]) -> Answer {
        let begin = Instant::now();
        let (id, request) = parse(line);
        let CaseAnswer { verdict, detail } =
            request.map_or_else(CaseAnswer::error, |request| self.judge(&request));
        // Rounded to microseconds: nobody reads more.
        let ms = (begin.elapsed().as_secs_f64() * 1e6).round() / 1e3;
        Answer { id, verdict: word(verdict), ms, detail }
    }

    fn judge(&mut self, request: &Request) -> CaseAnswer {
        let schema = self.schema(&request.schema);
        let mut answer = match (request.kind, &request.instance) {
            (Kind::Schema, _) => schema.answer(),
            (Kind::Instance, None) => CaseAnswer::error("a request of kind `instance` needs an `instance`"),
            (Kind::Instance, Some(path)) => match File::open(path) {
                Ok(file) => schema.judge(file),
                Err(error) => CaseAnswer::error(format!("cannot open the instance `{path}`: {error}")),
            },
        };
        if request.xsd == Version::V1_1 && answer.verdict != CaseVerdict::Error {
            let detail = std::mem::take(&mut answer.detail);
            answer.detail = format!("judged by XML Schema 1.0; {detail}");
        }
        answer
    }

    fn schema(&mut self, location: &str) -> &CaseSchema {
        let kept = self.schemas.iter().position(|(kept, _)| kept == location);
        let kept = kept.and_then(|at| self.schemas.remove(at));
        let schema =
            kept.unwrap_or_else(|| (location.to_owned(), CaseSchema::load(&Documents::files(), location)));
        self.schemas.truncate(SCHEMAS_KEPT_MAX - 1);
        self.schemas.push_front(schema);
        &self.schemas[0].1
    }
}

/// The id, as far as there is one, and the request or what is wrong with it.
fn parse(line: &[u8]) -> (Value, Result<Request, String>) {
    if line.len() > REQUEST_BYTES_MAX {
        let why = format!("the request is longer than {REQUEST_BYTES_MAX} bytes (limit `request_bytes_max`)");
        return (Value::Null, Err(why));
    }
    let mut value: Value = match serde_json::from_slice(line) {
        Ok(value) => value,
        Err(error) => return (Value::Null, Err(format!("the request is no JSON: {error}"))),
    };
    let id = value.get_mut("id").map(Value::take).unwrap_or_default();
    let request = serde_json::from_value(value).map_err(|error| format!("the request is not right: {error}"));
    (id, request)
}

fn word(verdict: CaseVerdict) -> &'static str {
    match verdict {
        CaseVerdict::Valid => "valid",
        CaseVerdict::Invalid => "invalid",
        CaseVerdict::InvalidSchema => "invalid-schema",
        CaseVerdict::Error => "error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'/>";

    #[test]
    fn schemas_kept_max() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut cases = Cases::default();
        let mut ask = |number: usize| {
            let path = folder.path().join(format!("{number}.xsd"));
            let request = serde_json::json!({"id": number, "kind": "schema", "schema": path});
            (path, cases.answer(request.to_string().as_bytes()).verdict)
        };
        for number in 0..SCHEMAS_KEPT_MAX {
            std::fs::write(folder.path().join(format!("{number}.xsd")), SCHEMA).expect("written");
            let (path, verdict) = ask(number);
            assert_eq!(verdict, "valid");
            std::fs::remove_file(path).expect("removed");
        }
        assert!((0..SCHEMAS_KEPT_MAX).all(|number| ask(number).1 == "valid"), "all are kept");
        assert_eq!(ask(SCHEMAS_KEPT_MAX).1, "error");
        assert_eq!((ask(1).1, ask(0).1), ("valid", "error"), "the one that was not used for longest is gone");
    }

    #[test]
    fn request_bytes_max() {
        let mut input = vec![b' '; REQUEST_BYTES_MAX - 1];
        input.push(b'\n');
        input.extend(vec![b' '; REQUEST_BYTES_MAX + 9]);
        input.extend(b"\nnext");
        let (mut input, mut line, mut details) = (&input[..], Vec::new(), Vec::new());
        while read_line(&mut input, &mut line).expect("memory can be read") {
            details.push(parse(&line).1.expect_err("no request"));
        }
        assert!(details[0].contains("no JSON"), "{details:?}");
        assert!(details[1].contains("`request_bytes_max`"), "{details:?}");
        assert!(details[2].contains("no JSON") && details.len() == 3, "{details:?}");
    }
}
