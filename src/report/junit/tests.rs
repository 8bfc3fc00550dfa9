//! Suites as tools read them.

use super::super::testing::{feed, feed_end, feed_end_as, finding, outcome, told};
use super::test_suite::{CASES_BYTES_MAX, CASES_MAX};
use super::*;
use crate::judgement::{Acceptance, Finding, RecordOrdinal, Severity};

fn start() -> RunStart {
    RunStart { command: "validate", feeds: 1, started: None, trace: None }
}

fn report(say: impl FnOnce(&mut JunitReporter<&mut Vec<u8>>) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    let mut reporter = JunitReporter::new(&mut out);
    reporter.run(&start()).and_then(|()| say(&mut reporter)).expect("writes to memory");
    reporter.summary(&Summary::default()).expect("writes to memory");
    String::from_utf8(out).expect("text")
}

/// A report of one feed with records of these findings, each refused.
fn of_records(records: impl IntoIterator<Item = Vec<Finding>>) -> String {
    report(|reporter| {
        let feed = feed("a.xml");
        reporter.feed(&feed)?;
        for (at, findings) in records.into_iter().enumerate() {
            let ordinal = RecordOrdinal(at as u64 + 1);
            for finding in findings {
                let finding = Finding { record: Some(ordinal), ..finding };
                reporter.finding(&told(&feed, &finding))?;
            }
            reporter.refused(&feed, &outcome(ordinal))?;
        }
        reporter.feed_end(&feed_end("a.xml"))
    })
}

#[test]
fn a_refused_record_is_a_failed_case() {
    let warning = Finding { severity: Severity::Warning, code: "rule.gtin", ..finding(30, 1) };
    let text = of_records([vec![warning, finding(31, 15), finding(32, 1)], vec![]]);
    let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="feedgate validate">
  <testsuite name="a.xml" tests="51" failures="2" errors="0" skipped="1" time="0.000">
    <properties>
      <property name="format" value="catalogue/1.0"/>
      <property name="sender" value="Verlag"/>
      <property name="message_number" value="17"/>
      <property name="sha256" value="abababababababababababababababababababababababababababababababab"/>
      <property name="records" value="50"/>
      <property name="accepted" value="48"/>
      <property name="refused" value="2"/>
      <property name="deviations" value="2"/>
      <property name="exit_status" value="1"/>
    </properties>
    <testcase name="HN-4711" classname="catalogue/1.0" file="a.xml" time="0" line="30">
      <failure type="cvc-datatype-valid.1.2.1" message="`12,50` is not a decimal number">a.xml:30:1: warning: `12,50` is not a decimal number [rule.gtin]
  /catalogue/product[3]/price[1]/amount
  | &lt;amount&gt;12,50&lt;/amount&gt;
  |         ^^^^^
a.xml:31:15: error: `12,50` is not a decimal number [cvc-datatype-valid.1.2.1]
  /catalogue/product[3]/price[1]/amount
  | &lt;amount&gt;12,50&lt;/amount&gt;
  |         ^^^^^
a.xml:32:1: error: `12,50` is not a decimal number [cvc-datatype-valid.1.2.1]
  /catalogue/product[3]/price[1]/amount
  | &lt;amount&gt;12,50&lt;/amount&gt;
  |         ^^^^^
</failure>
    </testcase>
    <testcase name="HN-4711 (2)" classname="catalogue/1.0" file="a.xml" time="0" line="7">
      <failure type="refused" message="the deviations of this record are counted and not listed"></failure>
    </testcase>
    <testcase name="check: rules" classname="catalogue/1.0" file="a.xml" time="0">
      <skipped message="not all of it was checked: xs:assert"/>
    </testcase>
    <testcase name="accepted records" classname="catalogue/1.0" file="a.xml" time="0">
      <system-out>48 of 50 records were accepted</system-out>
    </testcase>
  </testsuite>
</testsuites>
"#;
    assert_eq!(text, expected);
}

#[test]
fn what_is_let_pass_passes_and_what_stands_outside_is_a_case() {
    let text = report(|reporter| {
        let feed = feed("a.xml");
        reporter.feed(&feed)?;
        let outside = Finding { record: None, key: None, code: "xml.cut-off", ..finding(9, 1) };
        let let_pass = Finding { severity: Severity::Notice, ..finding(5, 1) };
        reporter.finding(&told(&feed, &let_pass))?;
        reporter.finding(&told(&feed, &Finding { severity: Severity::Fatal, ..outside.clone() }))?;
        reporter.finding(&told(&feed, &Finding { severity: Severity::Notice, ..outside }))?;
        reporter.feed_end(&feed_end("a.xml"))
    });
    assert!(text.contains(r#"tests="54" failures="1" errors="0" skipped="1""#), "{text}");
    assert!(text.contains("line=\"5\">\n      <system-out>a.xml:5:1: notice: "), "{text}");
    assert!(text.contains("<testcase name=\"xml.cut-off at 9:1\""), "{text}");
    assert_eq!((text.matches("<failure ").count(), text.matches("<testcase ").count()), (1, 5));
}

#[test]
fn what_could_not_be_done_is_an_error() {
    let text = report(|reporter| reporter.feed_failed("b.xml", "no such file"));
    assert!(text.contains(r#"<testsuite name="b.xml" tests="1" failures="0" errors="1""#), "{text}");
    assert!(text.contains(r#"<property name="exit_status" value="2"/>"#), "{text}");
    assert!(text.contains(r#"<error type="feed.unreadable" message="no such file">"#), "{text}");

    let mut out = Vec::new();
    let mut reporter = JunitReporter::new(&mut out);
    reporter.run(&start()).expect("writes to memory");
    let summary = Summary { failure: Some("the database is gone".to_owned()), ..Summary::default() };
    reporter.summary(&summary).expect("writes to memory");
    let text = String::from_utf8(out).expect("text");
    assert!(text.contains(r#"<error type="run.broken-off" message="the database is gone">"#), "{text}");
}

#[test]
fn a_feed_is_one_suite_and_an_error_when_nothing_of_it_can_be_relied_on() {
    for acceptance in Acceptance::ALL {
        let text = report(|reporter| {
            reporter.feed(&feed("a.xml"))?;
            reporter.feed_end(&feed_end_as("a.xml", acceptance))
        });
        let status = format!("<property name=\"exit_status\" value=\"{}\"/>", acceptance.exit_status());
        let count = |part: &str| text.matches(part).count();
        assert_eq!((count("<testsuite "), count(&status)), (1, 1), "{text}");
        let wrong = matches!(acceptance, Acceptance::Held | Acceptance::Failed | Acceptance::Cancelled);
        assert_eq!(
            (count("errors=\"1\""), count("<error ")),
            (usize::from(wrong), usize::from(wrong)),
            "{text}"
        );
    }
}

#[test]
fn a_feed_without_an_end_is_an_error() {
    let text = report(|reporter| reporter.feed(&feed("a.xml")));
    assert!(text.contains(r#"<testsuite name="a.xml" tests="1" failures="0" errors="1""#), "{text}");
}

#[test]
fn cases_max() {
    let records = |count: usize| of_records((0..count).map(|_| vec![finding(1, 1)]));
    // One more is the check that was skipped.
    let text = records(CASES_MAX - 1);
    assert_eq!(text.matches("<failure ").count(), CASES_MAX - 1);
    assert!(!text.contains("not listed: a suite"), "{text}");
    let text = records(CASES_MAX + 1);
    assert_eq!(text.matches("<failure ").count(), CASES_MAX);
    assert!(text.contains(&format!("failures=\"{}\"", CASES_MAX + 1)));
    assert!(
        text.contains("<system-out>2 cases more are counted and not listed: a suite lists 1000, or 4 MiB")
    );
    assert!(text.contains("<testcase name=\"accepted records\""));
}

#[test]
fn cases_bytes_max() {
    let long = |line| Finding { sentence: "x".repeat(400), path: "/y".repeat(200), ..finding(line, 1) };
    let one = of_records([vec![long(1)]]);
    let bytes = one.split("<failure ").nth(1).expect("a failure").len();
    let findings = CASES_BYTES_MAX / bytes / 4;
    let text = of_records((0..8).map(|_| (0..findings as u64).map(long).collect()));
    assert!(text.contains("failures=\"8\""));
    assert!(text.len() < 2 * CASES_BYTES_MAX && text.contains("not listed: a suite"), "{}", text.len());
}

#[test]
fn hostile_content_stays_content() {
    let evil = Finding {
        sentence: "]]></failure><testcase name='x'/>\0\u{1b}[2J".to_owned(),
        path: "/a\"<b>&\u{ffff}".to_owned(),
        ..finding(1, 1)
    };
    let text = of_records([vec![evil]]);
    assert!(!text.contains("<testcase name='x'") && !text.contains("]]>"), "{text}");
    assert!(text.chars().all(|c| c == '\n' || !c.is_control() && c != '\u{ffff}'));
    let mut cursor = crate::xml::Cursor::new(text.as_bytes(), crate::xml::Limits::default());
    cursor.for_each_event(|_| Ok::<(), crate::xml::XmlError>(())).expect("well-formed");
}
