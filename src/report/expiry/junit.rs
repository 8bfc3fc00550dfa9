//! The scan as the XML of `JUnit`: a case for each thing. What has ended or is about to is a failure; what is not known
//! is an error.

use super::words::{sentence, sentences, whose};
use crate::expiry::{Scan, Standing, State};
use crate::report::escape::clean;
use crate::xml::{Layout, MarkupWriter};
use jiff::Timestamp;
use std::io::{self, Write};

/// Writes the scan.
pub fn junit(scan: &Scan, out: impl Write) -> io::Result<()> {
    let mut xml = MarkupWriter::new(out, Layout::Indented);
    let of = |wanted: Outcome| scan.standings.iter().filter(|each| outcome(each.state) == wanted).count();
    let [tests, failures, errors] =
        [scan.standings.len(), of(Outcome::Failure), of(Outcome::Error)].map(|count| count.to_string());
    let at = scan.at.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    xml.declaration()?;
    xml.start("testsuites", &[("name", "feedgate expiry check")])?;
    let attributes = [
        ("name", "expiry"),
        ("tests", &*tests),
        ("failures", &failures),
        ("errors", &errors),
        ("skipped", "0"),
        ("time", "0"),
        ("timestamp", &at),
    ];
    xml.start("testsuite", &attributes)?;
    scan.standings.iter().try_for_each(|standing| case(standing, scan.at, &mut xml))?;
    xml.end()?;
    xml.end()?;
    xml.finish()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failure,
    Error,
}

const fn outcome(state: State) -> Outcome {
    match state {
        State::Ok => Outcome::Passed,
        State::Warning | State::Critical | State::NotYetValid | State::Mismatch | State::Expired => {
            Outcome::Failure
        }
        State::NothingFound | State::Unreachable | State::Unreadable | State::WrongPassword => Outcome::Error,
    }
}

fn case(standing: &Standing, now: Timestamp, xml: &mut MarkupWriter<impl Write>) -> io::Result<()> {
    let class = format!("expiry.{}", standing.thing.kind().as_str());
    let place = standing.thing.place();
    let attributes = [
        ("name", standing.thing.name.as_str()),
        ("classname", &class),
        ("file", &clean(&place)),
        ("time", "0"),
    ];
    xml.start("testcase", &attributes)?;
    let element = match outcome(standing.state) {
        Outcome::Passed => return xml.end(),
        Outcome::Failure => "failure",
        Outcome::Error => "error",
    };
    let message = sentence(standing, now);
    let mut lines = sentences(standing, now);
    lines.extend(whose(standing));
    xml.element(element, &[("type", standing.state.as_str()), ("message", &message)], &lines.join("\n"))?;
    xml.end()
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn every_thing_is_a_case() {
        let mut told = Vec::new();
        junit(&sample::scan(), &mut told).expect("writes to memory");
        let told = String::from_utf8(told).expect("text");
        assert!(told.contains(r#"tests="3" failures="1" errors="1" skipped="0""#), "{told}");
        assert!(
            told.contains(r#"<failure type="expired" message="leaf `CN=client` in `b.pem` has ended"#),
            "{told}"
        );
        assert!(told.contains("runbook https://wiki.example/r"), "{told}");
        assert!(told.contains(r#"<error type="nothing_found""#), "{told}");
        let fine =
            r#"<testcase name="shop-chain" classname="expiry.certificates" file="shop-chain.pem" time="0">"#;
        assert!(told.contains(fine), "{told}");
    }
}
