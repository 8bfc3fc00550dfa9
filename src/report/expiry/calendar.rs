//! The scan as a calendar (RFC 5545): an entry on the day on which a thing ends, with alarms at its thresholds. What is
//! not known has an entry on the day of the scan: a calendar that says nothing would say that all is well.

use super::words::{sentences, whose};
use crate::expiry::{Scan, Standing, State, Term};
use crate::report::escape::clean;
use jiff::Timestamp;

/// Octets of a line, its end not counted.
const LINE_OCTETS_MAX: usize = 75;

/// The scan as a calendar file.
#[must_use]
pub fn calendar(scan: &Scan) -> String {
    let mut lines = Lines(String::new());
    for (name, value) in [
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        ("PRODID", "-//feedgate//expiry//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("X-WR-CALNAME", "What expires"),
    ] {
        lines.line(name, value);
    }
    scan.standings.iter().for_each(|standing| event(standing, scan.at, &mut lines));
    lines.line("END", "VCALENDAR");
    lines.0
}

/// Content lines, folded.
struct Lines(String);

impl Lines {
    fn line(&mut self, name: &str, value: &str) {
        let mut octets = 0;
        for c in format!("{name}:{value}").chars() {
            if octets + c.len_utf8() > LINE_OCTETS_MAX {
                self.0.push_str("\r\n ");
                octets = 1;
            }
            octets += c.len_utf8();
            self.0.push(c);
        }
        self.0.push_str("\r\n");
    }

    fn text(&mut self, name: &str, text: &str) {
        self.line(name, &escaped(text));
    }
}

/// Text in which nothing is a separator; lines stay lines.
fn escaped(text: &str) -> String {
    let escape = |line: &str| clean(line).replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,");
    text.lines().map(escape).collect::<Vec<_>>().join("\\n")
}

fn stamp(moment: Timestamp) -> String {
    moment.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn event(standing: &Standing, now: Timestamp, lines: &mut Lines) {
    let thing = &standing.thing;
    let known = standing.until.and_then(Term::moment);
    if known.is_none() && standing.state == State::Ok {
        return;
    }
    lines.line("BEGIN", "VEVENT");
    lines.text("UID", &format!("{}@expiry.feedgate", thing.name));
    lines.line("DTSTAMP", &stamp(now));
    lines.line("DTSTART", &stamp(known.unwrap_or(now)));
    lines.text("SUMMARY", &summary(standing, known.is_some()));
    lines.text("DESCRIPTION", &description(standing, now));
    lines.line("TRANSP", "TRANSPARENT");
    if !thing.runbook.is_empty() {
        lines.line("URL", &clean(&thing.runbook));
    }
    if known.is_some() {
        for seconds in [thing.thresholds.warning, thing.thresholds.critical] {
            alarm(seconds, thing.name.as_str(), lines);
        }
    }
    lines.line("END", "VEVENT");
}

fn summary(standing: &Standing, is_known: bool) -> String {
    let (name, kind) = (&standing.thing.name, standing.thing.kind().as_str());
    match (standing.state, is_known) {
        (State::Ok | State::Warning | State::Critical, true) => format!("{name} ends ({kind})"),
        (state, true) => format!("{name} ends ({kind}), now {state}"),
        (state, false) => format!("{name}: {state} ({kind})"),
    }
}

fn description(standing: &Standing, now: Timestamp) -> String {
    let mut lines = vec![standing.thing.place()];
    lines.extend(sentences(standing, now));
    lines.extend(whose(standing));
    lines.join("\n")
}

fn alarm(seconds: i64, name: &str, lines: &mut Lines) {
    lines.line("BEGIN", "VALARM");
    lines.line("ACTION", "DISPLAY");
    lines.text("DESCRIPTION", &format!("{name} ends"));
    lines.line("TRIGGER", &format!("-PT{seconds}S"));
    lines.line("END", "VALARM");
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn every_end_has_its_day_and_what_is_not_known_has_today() {
        let told = calendar(&sample::scan());
        for part in [
            "UID:shop-chain@expiry.feedgate\r\nDTSTAMP:20270115T080000Z\r\nDTSTART:20270415T080000Z\r\n",
            "SUMMARY:shop-chain ends (certificates)\r\n",
            "TRIGGER:-PT2592000S\r\n",
            "UID:gone@expiry.feedgate\r\nDTSTAMP:20270115T080000Z\r\nDTSTART:20270115T080000Z\r\n",
            "SUMMARY:gone: nothing found (certificates)\r\n",
            "SUMMARY:partner-client ends (certificates)\\, now expired\r\n",
            "URL:https://wiki.example/r\r\n",
        ] {
            assert!(told.contains(part), "{part} is not in {told}");
        }
        assert!(told.starts_with("BEGIN:VCALENDAR\r\n") && told.ends_with("END:VCALENDAR\r\n"));
    }

    #[test]
    fn lines_are_folded_between_characters() {
        let told = calendar(&sample::scan());
        assert!(told.split("\r\n").all(|line| line.len() <= LINE_OCTETS_MAX), "{told}");
        let mut lines = Lines(String::new());
        lines.text("SUMMARY", &"ä".repeat(100));
        assert_eq!(lines.0.replace("\r\n ", ""), format!("SUMMARY:{}\r\n", "ä".repeat(100)));
        assert_eq!(escaped("a;b,c\\d\ne"), "a\\;b\\,c\\\\d\\ne");
    }
}
