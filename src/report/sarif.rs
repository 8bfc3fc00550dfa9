//! The report as SARIF 2.1.0, for code hosts, editors and whatever else reads the findings of tools.
//!
//! One run with a result for each finding. Results are written as they come, everything else behind
//! them: an object has no order, and so nothing has to wait in memory but the codes that were seen.
//!
//! | SARIF | here |
//! | --- | --- |
//! | `ruleId`, `tool.driver.rules` | code; what is asked for under it, and where the Recommendation says it |
//! | `level` | notice `note`, warning `warning`, error and fatal `error` |
//! | `physicalLocation` | feed as a relative URI, line and columns (characters), the marked text, its line around it |
//! | `logicalLocations` | record key, element path |
//! | `partialFingerprints` | `finding/v1`, the name of the finding; `deviation/v1`, shared by equal ones |
//! | `invocations` | exit status, times, feeds that were held, cancelled or not read, what was not checked |
//! | `properties` | totals |

use super::escape::{json_safe, shown};
use super::excerpt::MarkedExcerpt;
use super::feed_verdict::FeedVerdict;
use super::summary::ImportCounts;
use super::{NamedFinding, Reporter, RunStart, Summary, codes, location};
use crate::judgement::{Acceptance, FeedEnd, Finding, Severity};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{self, Write};

/// Feeds that are told one by one for what they came to.
const NOTIFICATIONS_MAX: usize = 1_000;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Writes the `sarif` form.
pub struct SarifReporter<W> {
    out: W,
    results: u64,
    /// Where a code stands among the rules.
    index: HashMap<&'static str, usize>,
    rules: Vec<&'static str>,
    /// What could not be done.
    notifications: Vec<Value>,
    notifications_left_out: u64,
    command: &'static str,
    started: Option<Timestamp>,
}

impl<W: Write> SarifReporter<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self {
            out,
            results: 0,
            index: HashMap::new(),
            rules: Vec::new(),
            notifications: Vec::new(),
            notifications_left_out: 0,
            command: "",
            started: None,
        }
    }

    fn rule(&mut self, code: &'static str) -> usize {
        *self.index.entry(code).or_insert_with(|| {
            self.rules.push(code);
            self.rules.len() - 1
        })
    }

    fn notify(&mut self, notification: Value) {
        if self.notifications.len() < NOTIFICATIONS_MAX {
            self.notifications.push(notification);
        } else {
            self.notifications_left_out += 1;
        }
    }

    fn verdict(&mut self, feed: &str, verdict: &FeedVerdict) {
        if let Some((code, severity)) = verdict.problem() {
            let mut notification = notification(level(severity), code, &verdict.sentence());
            notification["locations"] =
                json!([{"physicalLocation": {"artifactLocation": {"uri": location::uri(feed)}}}]);
            self.notify(notification);
        }
    }

    /// A member of the run, behind the results.
    fn member(&mut self, name: &str, value: &impl Serialize) -> io::Result<()> {
        write!(self.out, ",\n\"{name}\": ")?;
        let text = serde_json::to_string(value).map_err(io::Error::from)?;
        self.out.write_all(json_safe(&text).as_bytes())
    }

    fn invocation(&mut self, summary: &Summary) -> Value {
        if let Some(why) = &summary.failure {
            self.notify(notification("error", "run.broken-off", &format!("the run was broken off: {why}")));
        }
        for construct in &summary.checks.unchecked {
            let text = format!("not checked by the engine: {construct}");
            self.notify(notification("warning", "schema.not-checked", &text));
        }
        if self.notifications_left_out > 0 {
            let text = format!("{} notifications more are not listed", self.notifications_left_out);
            self.notifications.push(notification("warning", "notifications.left-out", &text));
        }
        let status = summary.status;
        let mut invocation = json!({
            "executionSuccessful": !matches!(status, Acceptance::Failed | Acceptance::Cancelled),
            "exitCode": status.exit_status(),
            "exitCodeDescription": status.meaning(),
            "toolExecutionNotifications": std::mem::take(&mut self.notifications),
        });
        if let Some(started) = self.started {
            invocation["startTimeUtc"] = time(started);
            // The time that passed, not the clock: it may have been set meanwhile.
            invocation["endTimeUtc"] = time(started.saturating_add(summary.elapsed).unwrap_or(started));
        }
        invocation
    }
}

/// To the millisecond, as the form recommends.
fn time(at: Timestamp) -> Value {
    Value::from(at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string())
}

fn notification(level: &str, id: &str, text: &str) -> Value {
    json!({"level": level, "descriptor": {"id": id}, "message": {"text": shown(text)}})
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Notice => "note",
        Severity::Warning => "warning",
        Severity::Error | Severity::Fatal => "error",
    }
}

fn rule(code: &'static str) -> Value {
    let mut rule = json!({"id": code});
    if let Some(demand) = codes::demand(code) {
        rule["shortDescription"] = json!({"text": demand});
    }
    if let Some(reference) = codes::reference(code) {
        rule["helpUri"] = Value::from(reference);
    }
    rule
}

fn physical(feed: &str, finding: &Finding) -> Value {
    let place = finding.place;
    let (line, column) = (place.line.max(1), place.column.max(1));
    let mut physical = json!({
        "artifactLocation": {"uri": location::uri(feed)},
        "region": {"startLine": line, "startColumn": column},
    });
    if let Some(marked) = MarkedExcerpt::of(&finding.excerpt) {
        if !marked.meant.is_empty() {
            let width = marked.meant.chars().count() as u64;
            physical["region"]["endColumn"] = Value::from(column + width);
            physical["region"]["snippet"] = json!({"text": marked.meant});
        }
        physical["contextRegion"] = json!({"startLine": line, "snippet": {"text": marked.line()}});
    }
    physical
}

/// The record and the element.
fn logical(finding: &Finding) -> Vec<Value> {
    let record = finding.key.as_ref().map(|key| json!({"name": shown(key.as_str()), "kind": "record"}));
    let path = shown(&finding.path);
    let last = path.rsplit('/').next().unwrap_or_default();
    let kind = if last.starts_with('@') { "attribute" } else { "element" };
    let element = (!path.is_empty()).then(|| json!({"name": last, "fullyQualifiedName": path, "kind": kind}));
    record.into_iter().chain(element).collect()
}

fn result(told: &NamedFinding<'_>, rule: usize) -> Value {
    let NamedFinding { feed, finding, id, link } = told;
    let mut location = json!({"physicalLocation": physical(&feed.name, finding)});
    let logical = logical(finding);
    if !logical.is_empty() {
        location["logicalLocations"] = Value::from(logical);
    }
    let mut properties = json!({
        "severity": finding.severity,
        "byte": finding.place.byte.0,
        "found": shown(&finding.found),
        "expected": shown(&finding.expected),
    });
    if let Some(record) = finding.record {
        properties["record"] = Value::from(record.0);
    }
    if let Some(link) = link {
        properties["trace_id"] = Value::from(link.trace_id.as_str());
        properties["span_id"] = json!(link.span_id);
        properties["trace_url"] = json!(link.url);
    }
    json!({
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": level(finding.severity),
        "message": {"text": shown(&finding.sentence)},
        "locations": [location],
        "partialFingerprints": {
            "finding/v1": id.to_string(),
            "deviation/v1": format!("{:016x}", finding.fingerprint),
        },
        "properties": properties,
    })
}

fn totals(command: &str, summary: &Summary) -> Value {
    let tally = &summary.tally;
    let findings = tally
        .findings
        .iter()
        .map(|((code, severity), count)| json!({"severity": severity, "code": code, "count": count}));
    let import = summary.import.map(|counts| {
        let ImportCounts { imported, unchanged, withdrawn, stale, quarantined, feeds_known } = counts;
        json!({
            "imported": imported,
            "unchanged": unchanged,
            "withdrawn": withdrawn,
            "stale": stale,
            "quarantined": quarantined,
            "feeds_known": feeds_known,
        })
    });
    json!({
        "command": command,
        "feeds": summary.all_feeds(),
        "feeds_failed": summary.feeds(Acceptance::Failed),
        "bytes": tally.bytes,
        "records": tally.records,
        "accepted": tally.accepted,
        "refused": tally.refused,
        "findings_told": summary.findings_told,
        "findings": findings.collect::<Vec<_>>(),
        "import": import,
        "dry_run": summary.dry_run,
        "run": summary.run,
        "trace_id": summary.trace.as_ref().map(|trace| trace.trace_id.as_str()),
        "trace_url": summary.trace.as_ref().and_then(|trace| trace.url.as_deref()),
    })
}

impl<W: Write + Send> Reporter for SarifReporter<W> {
    fn run(&mut self, start: &RunStart) -> io::Result<()> {
        self.command = start.command;
        self.started = start.started;
        write!(self.out, "{{\"$schema\": \"{SCHEMA}\", \"version\": \"2.1.0\", \"runs\": [{{\n\"results\": [")
    }

    fn finding(&mut self, told: &NamedFinding<'_>) -> io::Result<()> {
        let rule = self.rule(told.finding.code);
        self.out.write_all(if self.results == 0 { b"\n" } else { b",\n" })?;
        self.results += 1;
        let text = serde_json::to_string(&result(told, rule)).map_err(io::Error::from)?;
        self.out.write_all(json_safe(&text).as_bytes())
    }

    fn feed_end(&mut self, end: &FeedEnd) -> io::Result<()> {
        self.verdict(&end.start.name, &FeedVerdict::of(end));
        Ok(())
    }

    fn feed_failed(&mut self, feed: &str, why: &str) -> io::Result<()> {
        self.verdict(feed, &FeedVerdict::unreadable(why));
        Ok(())
    }

    fn summary(&mut self, summary: &Summary) -> io::Result<()> {
        self.out.write_all(b"\n]")?;
        let rules: Vec<Value> = self.rules.iter().map(|code| rule(code)).collect();
        let driver = json!({
            "name": env!("CARGO_PKG_NAME"),
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": rules,
        });
        self.member("tool", &json!({"driver": driver}))?;
        let invocation = self.invocation(summary);
        self.member("invocations", &[invocation])?;
        self.member("columnKind", &"unicodeCodePoints")?;
        let properties = totals(self.command, summary);
        self.member("properties", &properties)?;
        self.out.write_all(b"\n}]}\n")?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::super::TraceLink;
    use super::super::testing::{feed, feed_end, feed_end_as, finding, told};
    use super::*;
    use std::time::Duration;

    fn report(
        summary: &Summary,
        say: impl FnOnce(&mut SarifReporter<&mut Vec<u8>>) -> io::Result<()>,
    ) -> Value {
        let mut out = Vec::new();
        let mut reporter = SarifReporter::new(&mut out);
        let started = Some(Timestamp::UNIX_EPOCH);
        let start = RunStart { command: "validate", feeds: 1, started, trace: None };
        reporter.run(&start).and_then(|()| say(&mut reporter)).expect("writes to memory");
        reporter.summary(summary).expect("writes to memory");
        serde_json::from_slice(&out).expect("JSON")
    }

    #[test]
    fn a_finding_is_a_result() {
        let link = TraceLink { trace_id: "ab".repeat(16), span_id: None, url: Some("http://j/1".to_owned()) };
        let report = report(&Summary::default(), |reporter| {
            reporter.finding(&NamedFinding {
                link: Some(&link),
                ..told(&feed("feeds/a b.xml"), &finding(31, 15))
            })
        });
        let expected = json!({
            "ruleId": "cvc-datatype-valid.1.2.1",
            "ruleIndex": 0,
            "level": "error",
            "message": {"text": "`12,50` is not a decimal number"},
            "locations": [{
                "physicalLocation": {
                    "artifactLocation": {"uri": "feeds/a%20b.xml"},
                    "region": {"startLine": 31, "startColumn": 15, "endColumn": 20, "snippet": {"text": "12,50"}},
                    "contextRegion": {"startLine": 31, "snippet": {"text": "<amount>12,50</amount>"}},
                },
                "logicalLocations": [
                    {"name": "HN-4711", "kind": "record"},
                    {
                        "name": "amount",
                        "fullyQualifiedName": "/catalogue/product[3]/price[1]/amount",
                        "kind": "element",
                    },
                ],
            }],
            "partialFingerprints": {
                "finding/v1": "0000000000000000000000000000001f",
                "deviation/v1": "0123456789abcdef",
            },
            "properties": {
                "severity": "error", "byte": 3100, "found": "12,50", "expected": "a decimal number", "record": 3,
                "trace_id": "ab".repeat(16), "span_id": null, "trace_url": "http://j/1",
            },
        });
        assert_eq!(report["runs"][0]["results"], json!([expected]));
        assert_eq!(
            (&report["version"], &report["runs"][0]["columnKind"]),
            (&json!("2.1.0"), &json!("unicodeCodePoints"))
        );
    }

    #[test]
    fn a_code_is_one_rule_with_its_sentence_and_source() {
        let report = report(&Summary::default(), |reporter| {
            let feed = feed("a.xml");
            for code in ["cvc-elt.2", "rule.gtin", "cvc-elt.2"] {
                reporter.finding(&told(&feed, &Finding { code, ..finding(1, 1) }))?;
            }
            Ok(())
        });
        let run = &report["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
        assert_eq!(rules.len(), 2);
        assert_eq!(rules[0]["helpUri"], "https://www.w3.org/TR/xmlschema-1/#cvc-elt");
        assert!(rules[1]["shortDescription"]["text"].as_str().is_some_and(|text| text.contains("GTIN")));
        for result in run["results"].as_array().expect("results") {
            let index = result["ruleIndex"].as_u64().expect("an index");
            let rule = usize::try_from(index).expect("small");
            assert_eq!(rules[rule]["id"], result["ruleId"]);
        }
    }

    #[test]
    fn the_run_says_how_it_ended() {
        let summary = Summary {
            tally: feed_end("a.xml").tally,
            verdicts: [(Acceptance::Failed, 1)].into(),
            elapsed: Duration::from_millis(2_500),
            failure: Some("the database is gone".to_owned()),
            status: Acceptance::Failed,
            ..Summary::default()
        };
        let report = report(&summary, |reporter| reporter.feed_failed("b.xml", "no such file"));
        let run = &report["runs"][0];
        let invocation = &run["invocations"][0];
        assert_eq!((&invocation["exitCode"], &invocation["executionSuccessful"]), (&json!(2), &json!(false)));
        assert_eq!(invocation["endTimeUtc"], "1970-01-01T00:00:02.500Z");
        let notifications = invocation["toolExecutionNotifications"].as_array().expect("notifications");
        let ids: Vec<_> = notifications.iter().map(|each| &each["descriptor"]["id"]).collect();
        assert_eq!(ids, ["feed.unreadable", "run.broken-off"]);
        assert_eq!((&run["results"], &run["properties"]["refused"]), (&json!([]), &json!(2)));
    }

    #[test]
    fn a_feed_that_is_not_fine_is_notified() {
        let told = |acceptance| {
            let end = feed_end_as("a.xml", acceptance);
            let report = report(&Summary::default(), |reporter| reporter.feed_end(&end));
            let invocation = &report["runs"][0]["invocations"][0];
            let told = invocation["toolExecutionNotifications"].as_array().expect("notifications").clone();
            told.into_iter().map(|each| format!("{} {}", each["level"], each["message"]["text"])).collect()
        };
        let all: Vec<Vec<String>> = Acceptance::ALL.map(told).into();
        let expected = [
            vec![],
            vec![r#""warning" "not fully checked""#],
            vec![],
            vec![r#""error" "held for approval""#],
            vec![r#""error" "could not be read: cannot read `a.xml`: the disk is gone""#],
            vec![r#""error" "cancelled""#],
        ];
        assert_eq!(all, expected);
    }

    #[test]
    fn notifications_max() {
        let listed = |count: usize| {
            let report = report(&Summary::default(), |reporter| {
                (0..count).try_for_each(|_| reporter.feed_failed("b.xml", "no such file"))
            });
            let listed = &report["runs"][0]["invocations"][0]["toolExecutionNotifications"];
            let listed = listed.as_array().expect("notifications");
            (listed.len(), listed.last().expect("one")["message"]["text"].to_string())
        };
        assert_eq!(listed(NOTIFICATIONS_MAX).0, NOTIFICATIONS_MAX);
        let (length, last) = listed(NOTIFICATIONS_MAX + 3);
        assert_eq!(
            (length, last.as_str()),
            (NOTIFICATIONS_MAX + 1, "\"3 notifications more are not listed\"")
        );
    }
}
