//! The report for programs: JSON lines.
//!
//! Every line is an object with `version` (1) and `type`. Fields are added under the same version;
//! a field that is removed or changes its meaning raises it. A field without a value is `null`.
//!
//! * `run_started`, the run; first line: `program`, `command`, `feeds` (named, folders searched), `started`, `trace`
//!   (`trace_id`, `span_id`, `url`)
//! * `feed`, a feed whose header was read: `feed`, `format`, `profile_version`, `sender`, `message_number`
//! * `finding`, a deviation: `feed`, `severity`, `code`, `sentence`, `line`, `column`, `byte`, `path`, `found`,
//!   `expected`, `record`, `key`, `fingerprint` (shared by equal deviations), `id` (its own, stable between runs),
//!   `excerpt` (`text`, `caret`, `width`), `trace`
//! * `record`, a refused record, behind its findings: `feed`, `record`, `key`, `line`, `column`, `byte`, `end_byte`,
//!   `result` (`refused`)
//! * `feed_end`, a feed that was begun: `feed`, `digest`, `checks` (`check`, `state`, `details`), `bytes`, `records`,
//!   `accepted`, `refused`, `findings` (`severity`, `code`, `count`), `failure` (why it could not be read to its end),
//!   `exit_status`, `recognised` (its bytes were known, it was told as then and not read: `run` that imported it,
//!   `since`), `baseline_runs` (how many runs an import held it against for drift; with fewer than 5, none is told)
//! * `feed_failed`, a feed that could not be read; behind its `feed_end` when it was begun: `feed`, `error`,
//!   `exit_status`
//! * `summary`, the run; last line: `feeds` (all of them), `feeds_failed` (those among them that could not be read),
//!   `findings_told` (`findings` counts all), `bytes`,
//!   `records`, `accepted`, `refused`, `findings`, `import` (`imported`, `unchanged`, `withdrawn`, `stale`,
//!   `quarantined`, `feeds_known`), `dry_run`, `run`, `checks` (`check`, `passed`, `failed`, `partial`, `skipped`,
//!   `not_done`), `unchecked`, `elapsed_seconds`, `failure` (why the run was broken off), `trace`, `exit_status`,
//!   `meaning`
//!
//! `line` and `column` count from 1, `byte` and `caret` from 0, `record` from 1; `column`, `caret`
//! and `width` count characters. Texts are as found, cut by the engine, and not escaped for
//! terminals beyond what JSON asks for: control characters, and those that turn the direction of writing, never stand
//! bare in a line.

use super::escape::json_safe;
use super::{NamedFinding, Reporter, RunStart, Summary, TraceLink, hexadecimal};
use crate::judgement::{
    Acceptance, Check, CheckState, Failure, FeedEnd, FeedStart, Outcome, Severity, Tally,
};
use crate::product::RecordReference;
use serde::Serialize;
use std::io::{self, Write};

/// Version of the shape.
const VERSION: u32 = 1;

/// Writes the `json` form.
pub struct JsonReporter<W> {
    out: W,
}

impl<W: Write> JsonReporter<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out }
    }

    fn line(&mut self, line: &RunReportLine<'_>) -> io::Result<()> {
        write_line(&mut self.out, line)
    }
}

/// Writes an object as a line, with the version.
pub(super) fn write_line(out: &mut impl Write, line: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string(&Versioned { version: VERSION, line }).map_err(io::Error::other)?;
    writeln!(out, "{}", json_safe(&text))
}

/// The last line of the report alone.
///
/// # Panics
/// Never: memory takes all that is written.
#[must_use]
pub fn summary_json(summary: &Summary) -> String {
    let mut line = Vec::new();
    JsonReporter::new(&mut line).summary(summary).expect("writes to memory");
    String::from_utf8(line).expect("JSON is text").trim_end().to_owned()
}

#[derive(Serialize)]
struct Versioned<'a, L> {
    version: u32,
    #[serde(flatten)]
    line: &'a L,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum RunReportLine<'a> {
    RunStarted(RunLine<'a>),
    Feed(FeedLine<'a>),
    Finding(FindingLine<'a>),
    Record(RecordLine<'a>),
    FeedEnd(FeedEndLine<'a>),
    FeedFailed { feed: &'a str, error: &'a str, exit_status: u8 },
    Summary(SummaryLine<'a>),
}

#[derive(Serialize)]
struct RunLine<'a> {
    program: &'static str,
    command: &'a str,
    feeds: u64,
    started: Option<String>,
    trace: Option<TracePart<'a>>,
}

#[derive(Serialize)]
struct TracePart<'a> {
    trace_id: &'a str,
    span_id: Option<&'a str>,
    url: Option<&'a str>,
}

impl<'a> TracePart<'a> {
    fn of(link: &'a TraceLink) -> Self {
        Self { trace_id: &link.trace_id, span_id: link.span_id.as_deref(), url: link.url.as_deref() }
    }
}

#[derive(Serialize)]
struct FeedLine<'a> {
    feed: &'a str,
    format: Option<&'a str>,
    profile_version: Option<u32>,
    sender: Option<&'a str>,
    message_number: Option<&'a str>,
}

#[derive(Serialize)]
struct FindingLine<'a> {
    feed: &'a str,
    severity: Severity,
    code: &'a str,
    sentence: &'a str,
    line: u64,
    column: u64,
    byte: u64,
    path: &'a str,
    found: &'a str,
    expected: &'a str,
    record: Option<u64>,
    key: Option<&'a str>,
    fingerprint: String,
    id: String,
    excerpt: Option<ExcerptPart<'a>>,
    trace: Option<TracePart<'a>>,
}

/// A piece of a source line.
#[derive(Serialize)]
pub(super) struct ExcerptPart<'a> {
    text: &'a str,
    caret: usize,
    width: usize,
}

impl<'a> ExcerptPart<'a> {
    /// None of an empty one.
    pub(super) fn of(text: &'a str, caret: usize, width: usize) -> Option<Self> {
        (!text.is_empty()).then_some(Self { text, caret, width })
    }
}

#[derive(Serialize)]
struct RecordLine<'a> {
    feed: &'a str,
    record: u64,
    key: Option<&'a str>,
    line: u64,
    column: u64,
    byte: u64,
    end_byte: u64,
    result: &'static str,
}

#[derive(Serialize)]
struct CountPart<'a> {
    severity: Severity,
    code: &'a str,
    count: u64,
}

#[derive(Serialize)]
struct CheckPart {
    check: &'static str,
    state: &'static str,
    details: Vec<String>,
}

#[derive(Serialize)]
struct FeedEndLine<'a> {
    feed: &'a str,
    digest: Option<String>,
    checks: Vec<CheckPart>,
    bytes: u64,
    records: u64,
    accepted: u64,
    refused: u64,
    findings: Vec<CountPart<'a>>,
    failure: Option<&'a str>,
    exit_status: u8,
    recognised: Option<RecognisedPart<'a>>,
    baseline_runs: Option<usize>,
}

#[derive(Serialize)]
struct RecognisedPart<'a> {
    run: &'a str,
    since: &'a str,
}

#[derive(Serialize)]
struct ImportPart {
    imported: u64,
    unchanged: u64,
    withdrawn: u64,
    stale: u64,
    quarantined: u64,
    feeds_known: u64,
}

#[derive(Serialize)]
struct CheckCountPart {
    check: &'static str,
    passed: u64,
    failed: u64,
    partial: u64,
    skipped: u64,
    not_done: u64,
}

#[derive(Serialize)]
struct SummaryLine<'a> {
    feeds: u64,
    feeds_failed: u64,
    findings_told: u64,
    bytes: u64,
    records: u64,
    accepted: u64,
    refused: u64,
    findings: Vec<CountPart<'a>>,
    import: Option<ImportPart>,
    dry_run: bool,
    run: Option<&'a str>,
    checks: Vec<CheckCountPart>,
    unchecked: Vec<&'a str>,
    elapsed_seconds: f64,
    failure: Option<&'a str>,
    trace: Option<TracePart<'a>>,
    exit_status: u8,
    meaning: &'static str,
}

fn counts(tally: &Tally) -> Vec<CountPart<'_>> {
    let part = |((code, severity), count): (&(&'static str, Severity), &u64)| CountPart {
        severity: *severity,
        code,
        count: *count,
    };
    tally.findings.iter().map(part).collect()
}

fn check_part(check: Check, state: &CheckState) -> CheckPart {
    let (state, details) = match state {
        CheckState::Passed => ("passed", Vec::new()),
        CheckState::Failed => ("failed", Vec::new()),
        CheckState::Partial(constructs) => ("partial", constructs.clone()),
        CheckState::NotApplicable(why) => ("skipped", vec![(*why).to_owned()]),
        CheckState::NotDone(why) => ("not_done", vec![why.to_string()]),
    };
    CheckPart { check: check.as_str(), state, details }
}

impl<W: Write + Send> Reporter for JsonReporter<W> {
    fn run(&mut self, start: &RunStart) -> io::Result<()> {
        let program = concat!("feedgate ", env!("CARGO_PKG_VERSION"));
        self.line(&RunReportLine::RunStarted(RunLine {
            program,
            command: start.command,
            feeds: start.feeds,
            started: start.started.map(|started| started.to_string()),
            trace: start.trace.as_ref().map(TracePart::of),
        }))
    }

    fn feed(&mut self, start: &FeedStart) -> io::Result<()> {
        self.line(&RunReportLine::Feed(FeedLine {
            feed: &start.name,
            format: start.format.as_deref(),
            profile_version: start.profile_version,
            sender: start.sender.as_deref(),
            message_number: start.message_number.as_deref(),
        }))
    }

    fn finding(&mut self, told: &NamedFinding<'_>) -> io::Result<()> {
        let NamedFinding { feed, finding, id, link } = told;
        let excerpt = &finding.excerpt;
        self.line(&RunReportLine::Finding(FindingLine {
            feed: &feed.name,
            severity: finding.severity,
            code: finding.code,
            sentence: &finding.sentence,
            line: finding.place.line,
            column: finding.place.column,
            byte: finding.place.byte.0,
            path: &finding.path,
            found: &finding.found,
            expected: &finding.expected,
            record: finding.record.map(|ordinal| ordinal.0),
            key: finding.key.as_ref().map(RecordReference::as_str),
            fingerprint: format!("{:016x}", finding.fingerprint),
            id: id.to_string(),
            excerpt: ExcerptPart::of(&excerpt.text, excerpt.caret, excerpt.width),
            trace: link.map(TracePart::of),
        }))
    }

    fn refused(&mut self, feed: &FeedStart, outcome: &Outcome) -> io::Result<()> {
        self.line(&RunReportLine::Record(RecordLine {
            feed: &feed.name,
            record: outcome.ordinal.0,
            key: outcome.key.as_ref().map(RecordReference::as_str),
            line: outcome.place.line,
            column: outcome.place.column,
            byte: outcome.place.byte.0,
            end_byte: outcome.end.0,
            result: "refused",
        }))
    }

    fn feed_end(&mut self, end: &FeedEnd) -> io::Result<()> {
        let failure = end.failure.as_ref().map(Failure::one_line);
        self.line(&RunReportLine::FeedEnd(FeedEndLine {
            feed: &end.start.name,
            digest: end.digest.as_ref().map(hexadecimal),
            checks: end.verdict.checks.iter().map(|(check, state)| check_part(*check, state)).collect(),
            bytes: end.tally.bytes,
            records: end.tally.records,
            accepted: end.tally.accepted,
            refused: end.tally.refused,
            findings: counts(&end.tally),
            failure: failure.as_deref(),
            exit_status: end.acceptance.exit_status(),
            recognised: end
                .start
                .recognised
                .as_ref()
                .map(|known| RecognisedPart { run: &known.run, since: &known.since }),
            baseline_runs: end.baseline_runs,
        }))?;
        if let Some(why) = &failure {
            self.feed_failed(&end.start.name, why)?;
        }
        self.out.flush()
    }

    fn feed_failed(&mut self, feed: &str, why: &str) -> io::Result<()> {
        self.line(&RunReportLine::FeedFailed {
            feed,
            error: why,
            exit_status: Acceptance::Failed.exit_status(),
        })
    }

    fn summary(&mut self, summary: &Summary) -> io::Result<()> {
        let check_counts = summary.checks.iter().map(|(check, counts)| CheckCountPart {
            check: check.as_str(),
            passed: counts.passed,
            failed: counts.failed,
            partial: counts.partial,
            skipped: counts.skipped,
            not_done: counts.not_done,
        });
        let import = summary.import.map(|import| ImportPart {
            imported: import.imported,
            unchanged: import.unchanged,
            withdrawn: import.withdrawn,
            stale: import.stale,
            quarantined: import.quarantined,
            feeds_known: import.feeds_known,
        });
        self.line(&RunReportLine::Summary(SummaryLine {
            feeds: summary.all_feeds(),
            feeds_failed: summary.feeds(Acceptance::Failed),
            findings_told: summary.findings_told,
            bytes: summary.tally.bytes,
            records: summary.tally.records,
            accepted: summary.tally.accepted,
            refused: summary.tally.refused,
            findings: counts(&summary.tally),
            import,
            dry_run: summary.dry_run,
            run: summary.run.as_deref(),
            checks: check_counts.collect(),
            unchecked: summary.checks.unchecked.iter().map(String::as_str).collect(),
            elapsed_seconds: summary.elapsed.as_secs_f64(),
            failure: summary.failure.as_deref(),
            trace: summary.trace.as_ref().map(TracePart::of),
            exit_status: summary.status.exit_status(),
            meaning: summary.status.meaning(),
        }))?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{feed, feed_end, feed_end_as, finding, told};
    use super::*;
    use crate::report::ImportCounts;
    use jiff::Timestamp;
    use serde_json::{Value, json};

    fn line(say: impl FnOnce(&mut JsonReporter<&mut Vec<u8>>) -> io::Result<()>) -> Value {
        let mut out = Vec::new();
        say(&mut JsonReporter::new(&mut out)).expect("writes to memory");
        let text = String::from_utf8(out).expect("text");
        assert_eq!(text.matches('\n').count(), 1, "one line: {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    #[test]
    fn a_finding_has_all_its_fields() {
        let (feed, finding) = (feed("a.xml"), finding(31, 15));
        let link = TraceLink { trace_id: "ab".repeat(16), span_id: Some("cd".repeat(8)), url: None };
        let told = NamedFinding { link: Some(&link), ..told(&feed, &finding) };
        let found = line(|reporter| reporter.finding(&told));
        let expected = json!({
            "version": 1, "type": "finding", "feed": "a.xml", "severity": "error",
            "code": "cvc-datatype-valid.1.2.1", "sentence": "`12,50` is not a decimal number",
            "line": 31, "column": 15, "byte": 3100, "path": "/catalogue/product[3]/price[1]/amount",
            "found": "12,50", "expected": "a decimal number", "record": 3, "key": "HN-4711",
            "fingerprint": "0123456789abcdef", "id": "0000000000000000000000000000001f",
            "excerpt": {"text": "<amount>12,50</amount>", "caret": 8, "width": 5},
            "trace": {"trace_id": "ab".repeat(16), "span_id": "cd".repeat(8), "url": null},
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn a_feed_has_two_lines() {
        let start = line(|reporter| reporter.feed(&feed("a.xml")));
        let expected = json!({
            "version": 1, "type": "feed", "feed": "a.xml", "format": "catalogue/1.0",
            "profile_version": 1, "sender": "Verlag", "message_number": "17",
        });
        assert_eq!(start, expected);
        let end = line(|reporter| reporter.feed_end(&feed_end("a.xml")));
        assert_eq!(end["digest"], Value::from("ab".repeat(32)));
        assert_eq!(end["checks"][2], json!({"check": "rules", "state": "partial", "details": ["xs:assert"]}));
        assert_eq!(
            end["findings"],
            json!([{"severity": "error", "code": "cvc-datatype-valid.1.2.1", "count": 2}])
        );
        assert_eq!((&end["records"], &end["exit_status"]), (&Value::from(50), &Value::from(1)));
    }

    #[test]
    fn a_feed_that_could_not_be_read_to_its_end_has_one_line_more() {
        let mut out = Vec::new();
        let end = feed_end_as("a.xml", Acceptance::Failed);
        JsonReporter::new(&mut out).feed_end(&end).expect("writes to memory");
        let text = String::from_utf8(out).expect("text");
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let why = Value::from("cannot read `a.xml`: the disk is gone");
        assert_eq!((&lines[0]["type"], &lines[0]["failure"]), (&Value::from("feed_end"), &why));
        let failed =
            json!({"version": 1, "type": "feed_failed", "feed": "a.xml", "error": why, "exit_status": 2});
        assert_eq!(lines[1..], [failed]);
    }

    #[test]
    fn a_run_has_a_first_and_a_last_line() {
        let start =
            RunStart { command: "validate", feeds: 2, started: Some(Timestamp::UNIX_EPOCH), trace: None };
        let start = line(|reporter| reporter.run(&start));
        assert_eq!(start["started"], Value::from("1970-01-01T00:00:00Z"));
        assert_eq!((&start["type"], &start["feeds"]), (&Value::from("run_started"), &Value::from(2)));
        let import = Some(ImportCounts { imported: 40, ..ImportCounts::default() });
        let summary = Summary { import, tally: feed_end("a.xml").tally, ..Summary::default() };
        let last = line(|reporter| reporter.summary(&summary));
        assert_eq!((&last["type"], &last["import"]["imported"]), (&Value::from("summary"), &Value::from(40)));
        assert_eq!((&last["exit_status"], &last["dry_run"]), (&Value::from(0), &Value::from(false)));
    }

    #[test]
    fn no_control_character_stands_bare() {
        let evil = "\x1b[2J\u{9b}1m\u{2028}\n";
        let mut out = Vec::new();
        JsonReporter::new(&mut out).feed_failed(evil, evil).expect("writes to memory");
        let text = String::from_utf8(out).expect("text");
        assert!(text.trim_end_matches('\n').chars().all(|c| !c.is_control() && c != '\u{2028}'), "{text:?}");
        let back: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(back["feed"], Value::from(evil));
    }
}
