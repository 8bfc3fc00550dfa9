//! One failed record, or one finding outside of records, as a span and as log events.
//!
//! Nothing of a feed leaves here but what a report shows too: keys, paths, and what was found and expected, cut
//! and with control characters made harmless.

use super::names;
use crate::judgement::Finding;
use crate::judgement::escape::{clean, cut};
use crate::product::RecordReference;
use opentelemetry::{Array, KeyValue, StringValue, Value};

/// Characters of any text of a feed in an attribute.
pub(super) const TEXT_CHARS_MAX: usize = 200;
/// Characters of a sentence that says why something failed.
const CAUSE_CHARS_MAX: usize = 1_000;
/// Characters of an element path in an attribute.
const PATH_CHARS_MAX: usize = 400;
/// Further codes that the span of a record names.
const OTHER_CODES_MAX: usize = 10;
/// Findings of one record that are log events.
pub(super) const EVENTS_PER_RECORD_MAX: usize = 5;

/// A text of a feed, cut and harmless.
pub(super) fn text(of_feed: &str) -> String {
    cut(&clean(of_feed), TEXT_CHARS_MAX).into_owned()
}

/// Why something failed, for the status of a span: cut and harmless.
pub(super) fn cause(sentence: &str) -> String {
    cut(&clean(sentence), CAUSE_CHARS_MAX).into_owned()
}

/// The gravest findings, in their order: the record is refused for each of them.
pub(super) fn gravest_of(findings: &[Finding]) -> impl Iterator<Item = &Finding> + Clone {
    let severity = findings.iter().map(|finding| finding.severity).max();
    findings.iter().filter(move |finding| Some(finding.severity) == severity)
}

/// The findings of a record that log events tell: the one that the span tells, then the others in their order.
pub(super) fn logged<'a>(told: &'a Finding, all: &'a [Finding]) -> impl Iterator<Item = &'a Finding> {
    let others = all.iter().filter(move |finding| !std::ptr::eq(*finding, told));
    std::iter::once(told).chain(others).take(EVENTS_PER_RECORD_MAX)
}

/// The attributes of a span that tells of this finding and how many others there are in its record.
pub(super) fn attributes(finding: &Finding, all: &[Finding]) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new(names::CODE, finding.code),
        KeyValue::new(names::SEVERITY, finding.severity.to_string()),
        KeyValue::new(names::SENTENCE, text(&finding.sentence)),
        KeyValue::new(names::PATH, cut(&clean(&finding.path), PATH_CHARS_MAX).into_owned()),
        KeyValue::new(names::LINE, number(finding.place.line)),
        KeyValue::new(names::COLUMN, number(finding.place.column)),
        KeyValue::new(names::FINGERPRINT, fingerprint_text(finding.fingerprint)),
        KeyValue::new(names::DEVIATIONS, number(all.len() as u64)),
        KeyValue::new(names::ERROR_TYPE, finding.code),
    ];
    let mut optional = |name: &'static str, value: &str| {
        if !value.is_empty() {
            attributes.push(KeyValue::new(name, text(value)));
        }
    };
    optional(names::FOUND, &finding.found);
    optional(names::EXPECTED, &finding.expected);
    optional(names::RECORD_KEY, key(finding));
    if let Some(ordinal) = finding.record {
        attributes.push(KeyValue::new(names::RECORD_NUMBER, number(ordinal.0)));
    }
    let others = other_codes(finding, all);
    if !others.is_empty() {
        attributes.push(KeyValue::new(names::OTHER_CODES, Value::Array(Array::String(others))));
    }
    attributes
}

fn other_codes(finding: &Finding, all: &[Finding]) -> Vec<StringValue> {
    let mut codes: Vec<&'static str> = Vec::new();
    for other in all {
        if other.code != finding.code && !codes.contains(&other.code) && codes.len() < OTHER_CODES_MAX {
            codes.push(other.code);
        }
    }
    codes.into_iter().map(StringValue::from).collect()
}

fn key(finding: &Finding) -> &str {
    finding.key.as_ref().map_or("", RecordReference::as_str)
}

/// The group of equal deviations, as every report writes it.
pub(super) fn fingerprint_text(fingerprint: u64) -> String {
    format!("{fingerprint:016x}")
}

/// Numbers of attributes have a sign.
pub(super) fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Where a finding stands that is logged; texts are cut and harmless.
#[derive(Clone, Copy, Debug)]
pub(super) struct LoggedFeed<'a> {
    pub(super) name: &'a str,
    pub(super) format: &'a str,
    pub(super) sender: Option<&'a str>,
    /// Number of the run in the database.
    pub(super) run: Option<&'a str>,
}

/// Tells a finding as a log event, with the ids of the span that is current.
pub(super) fn log(feed: &LoggedFeed<'_>, finding: &Finding) {
    let (severity, fingerprint) = (finding.severity.to_string(), fingerprint_text(finding.fingerprint));
    let (sentence, path) = (text(&finding.sentence), cut(&clean(&finding.path), PATH_CHARS_MAX).into_owned());
    let (found, expected) = (text(&finding.found), text(&finding.expected));
    let key = finding.key.as_ref().map(|key| text(key.as_str()));
    // A warning whatever its severity: an error of the log is something that the operator of the program has to
    // put right, and a feed is put right by its sender.
    tracing::warn!(
        name: "feedgate.deviation",
        target: "feedgate::deviation",
        { feedgate.run = feed.run,
        feedgate.feed = feed.name,
        feedgate.format = feed.format,
        feedgate.sender = feed.sender,
        feedgate.record.key = key.as_deref(),
        feedgate.record.number = finding.record.map(|record| record.0),
        feedgate.deviation.code = finding.code,
        feedgate.deviation.severity = severity,
        feedgate.deviation.path = path,
        feedgate.deviation.line = finding.place.line,
        feedgate.deviation.column = finding.place.column,
        feedgate.deviation.found = found,
        feedgate.deviation.expected = expected,
        feedgate.deviation.fingerprint = fingerprint },
        "{sentence}"
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::Excerpt;
    use crate::judgement::{RecordOrdinal, Severity};
    use crate::xml::{ByteOffset, Place};

    fn finding(severity: Severity, code: &'static str) -> Finding {
        Finding {
            severity,
            code,
            sentence: "`12,50` is not a decimal number".to_owned(),
            place: Place { byte: ByteOffset(100), line: 31, column: 15 },
            path: "/catalogue/product[3]/price[1]/amount".to_owned(),
            found: "12,50\u{1b}[2J".to_owned(),
            expected: "x".repeat(TEXT_CHARS_MAX + 1),
            record: Some(RecordOrdinal(3)),
            key: RecordReference::new("HN-4711"),
            fingerprint: 0xabc,
            excerpt: Excerpt::default(),
        }
    }

    #[test]
    fn cause_chars_max() {
        let of = |chars| cause(&"x".repeat(chars)).chars().count();
        assert_eq!((of(CAUSE_CHARS_MAX), of(CAUSE_CHARS_MAX + 1)), (CAUSE_CHARS_MAX, CAUSE_CHARS_MAX));
        assert!(cause(&"x".repeat(CAUSE_CHARS_MAX + 1)).ends_with('…'));
        assert_eq!(cause("no\nfeed"), "no\\nfeed");
    }

    #[test]
    fn a_record_is_named_by_its_gravest_finding() {
        use Severity::{Error, Warning};
        let all = [finding(Warning, "a"), finding(Error, "b"), finding(Error, "c")];
        let codes = gravest_of(&all).map(|finding| finding.code);
        assert_eq!(codes.collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!(gravest_of(&[]).count(), 0);
    }

    #[test]
    fn events_per_record_max() {
        let codes = ["a", "b", "c", "d", "e", "f"];
        let all = codes.map(|code| finding(Severity::Error, code));
        let logged = |told: usize, of: usize| {
            logged(&all[told], &all[..of]).map(|finding| finding.code).collect::<String>()
        };
        assert_eq!(EVENTS_PER_RECORD_MAX, 5);
        assert_eq!([logged(0, 5), logged(0, 6), logged(5, 6)], ["abcde", "abcde", "fabcd"]);
        assert_eq!(logged(1, 2), "ba");
    }

    #[test]
    fn attributes_are_cut_and_harmless() {
        let first = finding(Severity::Error, "a");
        let all = [first.clone(), finding(Severity::Error, "b"), finding(Severity::Error, "b")];
        let attributes = attributes(&first, &all);
        let of = |name: &str| {
            let found = attributes.iter().find(|attribute| attribute.key.as_str() == name);
            found.map(|attribute| attribute.value.to_string()).unwrap_or_default()
        };
        assert_eq!(of(names::FOUND), "12,50\\u{1b}[2J");
        assert_eq!(of(names::EXPECTED).chars().count(), TEXT_CHARS_MAX);
        assert_eq!(of(names::OTHER_CODES), "[\"b\"]");
        assert_eq!(
            (of(names::RECORD_KEY), of(names::LINE), of(names::DEVIATIONS)),
            ("HN-4711".into(), "31".into(), "3".into())
        );
        assert_eq!((of(names::ERROR_TYPE), of(names::FINGERPRINT)), ("a".into(), "0000000000000abc".into()));
    }
}
