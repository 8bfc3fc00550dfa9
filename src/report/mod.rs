//! What a run found, told in several forms at once.
//!
//! ```text
//!  run ─▶ ReportSink ─┬▶ Written ─▶ Reporter ┬ text    for people: grouped, excerpts, a table at the end
//!          names and  ├▶ Written             ├ lines   one line per deviation, for grep and editors
//!          counts     └▶ Written             ├ json    JSON lines of a versioned shape, for programs
//!                                            ├ junit   a suite per feed, a case per refused record
//!                                            ├ sarif   SARIF 2.1.0
//!                                            ├ gitlab  GitLab Code Quality
//!                                            └ html    one page: totals, where, groups, feeds
//! ```
//!
//! All forms are told the same by one sink: the same findings under the same names ([`NamedFinding`]), the same
//! totals ([`Summary`]). A reporter is called by one thread, in feed order, and writes to the writer it
//! was given; it keeps groups, never all findings. Whatever stems from a feed passes [`escape`] on its
//! way out. Once the reader of a report has gone (a closed pipe) or its disk is full, that report is
//! silent and work goes on: an import must not stop because somebody looked at its first lines only.

#[macro_use]
mod words;

pub mod changes;
mod codes;
pub mod drift;
pub(crate) mod excerpt;
pub mod expiry;
mod explanation;
mod feed_verdict;
pub(crate) mod filters;
pub mod german;
mod gitlab;
pub(crate) mod headline;
mod html;
mod json;
mod junit;
pub(crate) mod kind;
mod lines;
mod location;
pub(crate) mod mended;
mod named_finding;
mod page;
mod paint;
pub(crate) mod record;
mod report_file;
mod run_start;
mod sample;
mod sarif;
mod schema;
mod schema_findings;
mod sink;
mod summary;
mod summary_table;
mod text;
mod written;

pub use crate::judgement::escape;
pub use explanation::{ExampleKind, Explanation};
pub use gitlab::GitlabReporter;
pub use html::HtmlReporter;
pub use json::{JsonReporter, summary_json};
pub use junit::JunitReporter;
pub use lines::LinesReporter;
pub use mended::mended_diff;
pub use named_finding::NamedFinding;
pub use page::kept_policy;
pub(crate) use page::{SCRIPT as PAGE_SCRIPT, STYLE as PAGE_STYLE};
pub use paint::Paint;
pub use run_start::{RunStart, TraceLink};
pub use sarif::SarifReporter;
pub use schema::{CheckedSchema, SchemaForm, SchemaReport};
pub use schema_findings::tell_schema;
pub use sink::{Finished, ReportSink};
pub use summary::{ImportCounts, Summary};
pub use text::TextReporter;
pub use written::{ReportError, Written};

use crate::judgement::{FeedEnd, FeedStart, Outcome};
use std::fmt::Write;
use std::io;

/// What every line of JSON that the program prints is like, as JSON Schema.
pub const JSON_SCHEMA: &str = include_str!("report.schema.json");

/// `1 record`, `2,000 records`.
fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", summary_table::grouped(number), if number == 1 { "" } else { "s" })
}

/// A digest as people compare it.
fn hexadecimal(digest: &[u8; 32]) -> String {
    digest.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writes to memory");
        text
    })
}

/// One form of report. Calls come in feed order: of a feed that was begun its `feed`, its findings and
/// refused records, its `feed_end`; of one that could not be begun its `feed_failed` and nothing else.
///
/// Runs may be reported on other threads than the one that began them.
pub trait Reporter: Send {
    /// The run begins.
    fn run(&mut self, _: &RunStart) -> io::Result<()> {
        Ok(())
    }
    /// A feed's header is read.
    fn feed(&mut self, _: &FeedStart) -> io::Result<()> {
        Ok(())
    }
    /// A deviation, inside a record or outside of them.
    fn finding(&mut self, told: &NamedFinding<'_>) -> io::Result<()>;
    /// A record was refused; its findings were told before.
    fn refused(&mut self, _: &FeedStart, _: &Outcome) -> io::Result<()> {
        Ok(())
    }
    /// A feed is at its end: complete, broken off, or as far as it could be read.
    fn feed_end(&mut self, end: &FeedEnd) -> io::Result<()>;
    /// A feed could not be begun; the sentence says why.
    fn feed_failed(&mut self, feed: &str, why: &str) -> io::Result<()>;
    /// The run is over; the last call, and everything is to be written by its end.
    fn summary(&mut self, summary: &Summary) -> io::Result<()>;
}

#[cfg(test)]
mod testing {
    //! Findings, feeds and outcomes made by hand.

    use super::NamedFinding;
    use super::named_finding::FindingId;
    use crate::judgement::Excerpt;
    use crate::judgement::{
        Acceptance, Check, CheckState, Failure, FeedEnd, FeedStart, Finding, Outcome, RecordOrdinal,
        RecordResult, Severity, Tally, Verdict,
    };
    use crate::product::RecordReference;
    use crate::xml::{ByteOffset, Place};

    /// The finding as a sink tells it.
    pub(super) fn told<'a>(feed: &'a FeedStart, finding: &'a Finding) -> NamedFinding<'a> {
        NamedFinding { feed, finding, id: FindingId::of(finding.place.line.into()), link: None }
    }

    pub(super) fn finding(line: u64, column: u64) -> Finding {
        Finding {
            severity: Severity::Error,
            code: "cvc-datatype-valid.1.2.1",
            sentence: "`12,50` is not a decimal number".to_owned(),
            place: Place { byte: ByteOffset(line * 100), line, column },
            path: "/catalogue/product[3]/price[1]/amount".to_owned(),
            found: "12,50".to_owned(),
            expected: "a decimal number".to_owned(),
            record: Some(RecordOrdinal(3)),
            key: RecordReference::new("HN-4711"),
            fingerprint: 0x0123_4567_89ab_cdef,
            excerpt: Excerpt { text: "<amount>12,50</amount>".to_owned(), caret: 8, width: 5 },
        }
    }

    /// A record was refused.
    pub(super) fn outcome(ordinal: RecordOrdinal) -> Outcome {
        Outcome {
            changed: None,
            ordinal,
            key: RecordReference::new("HN-4711"),
            place: Place { byte: ByteOffset(700), line: 7, column: 3 },
            end: ByteOffset(900),
            result: RecordResult::Refused,
            bytes: Vec::new(),
            findings: Vec::new(),
            lapse: None,
        }
    }

    pub(super) fn feed(name: &str) -> FeedStart {
        FeedStart {
            name: name.into(),
            format: Some("catalogue/1.0".into()),
            profile_version: Some(1),
            sender: Some("Verlag".to_owned()),
            message_number: Some("17".to_owned()),
            ..FeedStart::default()
        }
    }

    /// A feed without deviations that came to this, and could not be read to its end if it failed.
    pub(super) fn feed_end_as(name: &str, acceptance: Acceptance) -> FeedEnd {
        let causes = || vec!["cannot read `a.xml`".to_owned(), "the disk is gone".to_owned()];
        let failure = (acceptance == Acceptance::Failed).then(|| Failure { kind: "read", causes: causes() });
        let tally = Tally { feeds: 1, records: 50, accepted: 50, ..Tally::default() };
        FeedEnd { acceptance, failure, tally, verdict: Verdict::default(), ..feed_end(name) }
    }

    pub(super) fn feed_end(name: &str) -> FeedEnd {
        let mut tally =
            Tally { feeds: 1, bytes: 5_000_000, records: 50, accepted: 48, refused: 2, ..Tally::default() };
        tally.findings.insert(("cvc-datatype-valid.1.2.1", Severity::Error), 2);
        FeedEnd {
            verdict: Verdict {
                checks: vec![
                    (Check::WellFormed, CheckState::Passed),
                    (Check::Schema, CheckState::Failed),
                    (Check::Rules, CheckState::Partial(vec!["xs:assert".to_owned()])),
                ],
            },
            acceptance: Acceptance::Deviations,
            failure: None,
            tally,
            digest: Some([0xab; 32]),
            structure: None,
            baseline_runs: None,
            ended: None,
            start: feed(name),
        }
    }
}
