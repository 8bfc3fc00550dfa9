//! The report for GitLab's Code Quality: a JSON array with an entry for each finding.
//!
//! An entry has `description`, `check_name`, `fingerprint`, `severity` and `location` (`path`,
//! `lines.begin`), as GitLab documents them. The fingerprint is the name of the finding, so a merge
//! request tells what is new from what was there. A feed that was held, cancelled or not read to its end is an
//! entry as well: a gate that did not look must not seem content.

use super::escape::{json_safe, shown};
use super::feed_verdict::FeedVerdict;
use super::{NamedFinding, Reporter, RunStart, Summary, location};
use crate::judgement::{FeedEnd, Severity};
use serde::Serialize;
use std::io::{self, Write};

/// Writes the `gitlab` form.
pub struct GitlabReporter<W> {
    out: W,
    entries: u64,
}

#[derive(Serialize)]
struct QualityIssue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: IssueLocation<'a>,
}

#[derive(Serialize)]
struct IssueLocation<'a> {
    path: &'a str,
    lines: LineRange,
}

#[derive(Serialize)]
struct LineRange {
    begin: u64,
}

impl<W: Write> GitlabReporter<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out, entries: 0 }
    }

    fn entry(&mut self, entry: &QualityIssue<'_>) -> io::Result<()> {
        self.out.write_all(if self.entries == 0 { b"\n" } else { b",\n" })?;
        self.entries += 1;
        let text = serde_json::to_string(entry).map_err(io::Error::from)?;
        self.out.write_all(json_safe(&text).as_bytes())
    }

    fn verdict(&mut self, feed: &str, verdict: &FeedVerdict) -> io::Result<()> {
        let Some((code, weight)) = verdict.problem() else { return Ok(()) };
        self.entry(&QualityIssue {
            description: verdict.sentence(),
            check_name: code,
            fingerprint: super::named_finding::FindingId::of_parts(&[code, feed]).to_string(),
            severity: severity(weight),
            location: IssueLocation { path: location::path(feed), lines: LineRange { begin: 1 } },
        })
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Notice => "info",
        Severity::Warning => "minor",
        Severity::Error => "major",
        Severity::Fatal => "blocker",
    }
}

impl<W: Write + Send> Reporter for GitlabReporter<W> {
    fn run(&mut self, _: &RunStart) -> io::Result<()> {
        self.out.write_all(b"[")
    }

    fn finding(&mut self, told: &NamedFinding<'_>) -> io::Result<()> {
        let finding = told.finding;
        let record = finding.key.as_ref().map(|key| format!("record {}: ", shown(key.as_str())));
        self.entry(&QualityIssue {
            description: format!("{}{}", record.unwrap_or_default(), shown(&finding.sentence)),
            check_name: finding.code,
            fingerprint: told.id.to_string(),
            severity: severity(finding.severity),
            location: IssueLocation {
                path: location::path(&told.feed.name),
                lines: LineRange { begin: finding.place.line.max(1) },
            },
        })
    }

    fn feed_end(&mut self, end: &FeedEnd) -> io::Result<()> {
        self.verdict(&end.start.name, &FeedVerdict::of(end))
    }

    fn feed_failed(&mut self, feed: &str, why: &str) -> io::Result<()> {
        self.verdict(feed, &FeedVerdict::unreadable(why))
    }

    fn summary(&mut self, _: &Summary) -> io::Result<()> {
        self.out.write_all(b"\n]\n")?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{feed, feed_end, feed_end_as, finding, told};
    use super::*;
    use crate::judgement::{Acceptance, Finding};
    use serde_json::{Value, json};

    fn report(say: impl FnOnce(&mut GitlabReporter<&mut Vec<u8>>) -> io::Result<()>) -> Value {
        let mut out = Vec::new();
        let mut reporter = GitlabReporter::new(&mut out);
        let start = RunStart { command: "validate", feeds: 1, started: None, trace: None };
        reporter.run(&start).and_then(|()| say(&mut reporter)).expect("writes to memory");
        reporter.summary(&Summary::default()).expect("writes to memory");
        serde_json::from_slice(&out).expect("JSON")
    }

    #[test]
    fn no_finding_is_an_empty_array() {
        assert_eq!(report(|_| Ok(())), json!([]));
    }

    #[test]
    fn an_entry_has_the_documented_shape() {
        let entries = report(|reporter| {
            let feed = feed("./feeds/a.xml");
            reporter.finding(&told(&feed, &finding(31, 15)))?;
            let outside = Finding { key: None, severity: Severity::Fatal, ..finding(40, 1) };
            reporter.finding(&told(&feed, &outside))
        });
        let expected = json!([
            {
                "description": "record HN-4711: `12,50` is not a decimal number",
                "check_name": "cvc-datatype-valid.1.2.1",
                "fingerprint": "0000000000000000000000000000001f",
                "severity": "major",
                "location": {"path": "feeds/a.xml", "lines": {"begin": 31}},
            },
            {
                "description": "`12,50` is not a decimal number",
                "check_name": "cvc-datatype-valid.1.2.1",
                "fingerprint": "00000000000000000000000000000028",
                "severity": "blocker",
                "location": {"path": "feeds/a.xml", "lines": {"begin": 40}},
            },
        ]);
        assert_eq!(entries, expected);
    }

    #[test]
    fn a_feed_that_was_not_read_is_no_silence() {
        let entries = report(|reporter| {
            reporter.feed_failed("a.xml", "no such file")?;
            reporter.feed_failed("b.xml", "no such file")
        });
        assert_eq!(
            (&entries[0]["check_name"], &entries[0]["severity"]),
            (&json!("feed.unreadable"), &json!("blocker"))
        );
        assert_eq!(entries[0]["location"], json!({"path": "a.xml", "lines": {"begin": 1}}));
        assert_ne!(entries[0]["fingerprint"], entries[1]["fingerprint"]);
    }

    #[test]
    fn a_feed_that_is_not_fine_never_looks_so() {
        let told = |acceptance| {
            let entries = report(|reporter| reporter.feed_end(&feed_end_as("a.xml", acceptance)));
            let entries = entries.as_array().expect("an array").clone();
            entries.into_iter().map(|entry| entry["severity"].as_str().expect("a text").to_owned()).collect()
        };
        let all: Vec<Vec<String>> = Acceptance::ALL.map(told).into();
        let blocked = || vec!["blocker".to_owned()];
        // Deviations are told one by one.
        assert_eq!(all, [vec![], vec!["minor".to_owned()], vec![], blocked(), blocked(), blocked()]);
        assert_eq!(report(|reporter| reporter.feed_end(&feed_end("a.xml"))), json!([]));
    }
}
