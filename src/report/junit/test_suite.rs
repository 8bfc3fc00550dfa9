//! One feed as a suite of tests.

use crate::judgement::{CheckState, FeedEnd, FeedStart, Finding, Outcome, RecordOrdinal, Severity, Tally};
use crate::product::RecordReference;
use crate::report::escape::{clean, shown};
use crate::report::excerpt::MarkedExcerpt;
use crate::report::feed_verdict::FeedVerdict;
use crate::report::{NamedFinding, hexadecimal};
use crate::xml::{MarkupWriter, Place};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::Instant;

/// Cases of one suite that are written.
pub(super) const CASES_MAX: usize = 1_000;
/// Bytes of all texts of one suite's cases.
pub(super) const CASES_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Why a case failed.
#[derive(Debug)]
struct CaseProblem {
    code: &'static str,
    sentence: String,
    severity: Severity,
}

impl CaseProblem {
    fn new(code: &'static str, sentence: String) -> Self {
        Self { code, sentence, severity: Severity::Error }
    }
}

#[derive(Debug)]
enum CaseState {
    Passed,
    Failed(CaseProblem),
    Error(CaseProblem),
    Skipped(String),
}

#[derive(Debug)]
struct TestCase {
    name: String,
    line: Option<u64>,
    state: CaseState,
    text: String,
}

/// A record whose findings are coming in.
#[derive(Debug)]
struct PendingRecord {
    ordinal: RecordOrdinal,
    name: String,
    place: Place,
    worst: Option<CaseProblem>,
    text: String,
}

#[derive(Debug, Default)]
struct SuiteCounts {
    /// Cases beside the records that were read whole.
    others: u64,
    failures: u64,
    errors: u64,
    skipped: u64,
    left_out: u64,
}

/// The cases of a feed until it ends.
#[derive(Debug)]
pub(super) struct TestSuite {
    name: String,
    class: String,
    properties: Vec<(&'static str, String)>,
    pending: Option<PendingRecord>,
    cases: Vec<TestCase>,
    bytes: usize,
    /// How often a name stood in the suite.
    names: HashMap<String, u64>,
    counts: SuiteCounts,
    tally: Tally,
    began: Option<Instant>,
    seconds: f64,
}

impl TestSuite {
    /// The suite of a feed.
    pub(super) fn new(name: String, start: &FeedStart) -> Self {
        let format = start.format.as_deref();
        let texts = [
            ("format", format),
            ("sender", start.sender.as_deref()),
            ("message_number", start.message_number.as_deref()),
        ];
        let said = |(name, text): (&'static str, Option<&str>)| Some((name, shown(text?)));
        Self {
            class: format.unwrap_or("xml").to_owned(),
            began: start.began,
            properties: texts.into_iter().filter_map(said).collect(),
            ..Self::bare(name)
        }
    }

    /// A suite of which nothing is known but its name.
    pub(super) fn bare(name: String) -> Self {
        Self {
            name,
            class: "feedgate".to_owned(),
            properties: Vec::new(),
            pending: None,
            cases: Vec::new(),
            bytes: 0,
            names: HashMap::new(),
            counts: SuiteCounts::default(),
            tally: Tally::default(),
            began: None,
            seconds: 0.0,
        }
    }

    /// Takes a finding: to those of its record, or as a case of its own.
    pub(super) fn finding(&mut self, told: &NamedFinding<'_>) {
        let finding = told.finding;
        let Some(ordinal) = finding.record else {
            self.flush();
            let name = format!("{} at {}", finding.code, finding.place);
            let problem = Some(problem(finding)).filter(|problem| problem.severity >= Severity::Error);
            self.other(name, finding.place, problem, text(told));
            return;
        };
        let pending = self.pending_of(ordinal, finding.key.as_ref(), finding.place);
        pending.text.push_str(&text(told));
        let graver = pending.worst.as_ref().is_none_or(|worst| worst.severity < finding.severity);
        if finding.severity >= Severity::Error && graver {
            pending.worst = Some(problem(finding));
        }
    }

    fn pending_of(
        &mut self,
        ordinal: RecordOrdinal,
        key: Option<&RecordReference>,
        place: Place,
    ) -> &mut PendingRecord {
        if self.pending.as_ref().is_some_and(|pending| pending.ordinal != ordinal) {
            self.flush();
        }
        let name = || key.map_or_else(|| format!("record number {}", ordinal.0), |key| shown(key.as_str()));
        let begun = || PendingRecord { ordinal, name: name(), place, worst: None, text: String::new() };
        self.pending.get_or_insert_with(begun)
    }

    /// A record is over and was refused.
    pub(super) fn refused(&mut self, outcome: &Outcome) {
        let pending = self.pending_of(outcome.ordinal, outcome.key.as_ref(), outcome.place);
        let worst = pending.worst.take().unwrap_or_else(|| {
            CaseProblem::new("refused", "the deviations of this record are counted and not listed".to_owned())
        });
        let pending = self.pending.take().expect("it is there");
        self.counts.failures += 1;
        self.case(pending.name, Some(pending.place.line), CaseState::Failed(worst), pending.text);
    }

    /// The record before was let pass, or the feed ended inside of it.
    fn flush(&mut self) {
        if let Some(PendingRecord { name, place, worst, text, .. }) = self.pending.take() {
            self.other(name, place, worst, text);
        }
    }

    /// A case that is none of the refused records.
    fn other(&mut self, name: String, place: Place, problem: Option<CaseProblem>, text: String) {
        self.counts.others += 1;
        self.counts.failures += u64::from(problem.is_some());
        self.case(name, Some(place.line), problem.map_or(CaseState::Passed, CaseState::Failed), text);
    }

    /// Something could not be done.
    pub(super) fn error(&mut self, name: &str, code: &'static str, sentence: String) {
        self.flush();
        self.counts.others += 1;
        self.counts.errors += 1;
        let state = CaseState::Error(CaseProblem::new(code, sentence.clone()));
        self.case(name.to_owned(), None, state, sentence);
    }

    /// What the feed came to: a property, and an error when nothing of it can be relied on.
    pub(super) fn verdict(&mut self, verdict: &FeedVerdict) {
        self.properties.push(("exit_status", verdict.acceptance.exit_status().to_string()));
        // What was not fully checked is skipped, check by check.
        if let Some((code, Severity::Fatal)) = verdict.problem() {
            self.error(verdict.words(), code, verdict.reason());
        }
    }

    fn case(&mut self, name: String, line: Option<u64>, state: CaseState, text: String) {
        if self.cases.len() >= CASES_MAX || self.bytes + text.len() > CASES_BYTES_MAX {
            self.counts.left_out += 1;
            return;
        }
        self.bytes += text.len();
        let times = self.names.entry(name.clone()).or_default();
        *times += 1;
        let name = if *times == 1 { name } else { format!("{name} ({times})") };
        self.cases.push(TestCase { name, line, state, text });
    }

    /// The feed is at its end.
    pub(super) fn ended(&mut self, end: &FeedEnd) {
        self.flush();
        self.tally = end.tally.clone();
        let lapse = self.began.zip(end.ended).map(|(began, ended)| ended.saturating_duration_since(began));
        self.seconds = lapse.unwrap_or_default().as_secs_f64();
        for (check, state) in &end.verdict.checks {
            let why = match state {
                CheckState::Passed | CheckState::Failed => continue,
                CheckState::Partial(constructs) => {
                    format!("not all of it was checked: {}", constructs.join(", "))
                }
                CheckState::NotApplicable(why) => (*why).to_owned(),
                CheckState::NotDone(why) => format!("not done: {why}"),
            };
            self.counts.others += 1;
            self.counts.skipped += 1;
            let (name, state) = (format!("check: {}", check.as_str()), CaseState::Skipped(shown(&why)));
            self.case(name, None, state, String::new());
        }
        if let Some(digest) = &end.digest {
            self.properties.push(("sha256", hexadecimal(digest)));
        }
        let findings: u64 = self.tally.findings.values().sum();
        let tally = &self.tally;
        for (name, number) in [
            ("records", tally.records),
            ("accepted", tally.accepted),
            ("refused", tally.refused),
            ("deviations", findings),
        ] {
            self.properties.push((name, number.to_string()));
        }
        self.verdict(&FeedVerdict::of(end));
        self.passed();
    }

    /// One case passes for all records that did, and for a feed without records that has nothing wrong.
    fn passed(&mut self) {
        let Tally { records, accepted, .. } = self.tally;
        let nothing = self.counts.failures + self.counts.errors == 0;
        let (name, text) = match (accepted, nothing) {
            (0, false) => return,
            (0, true) => {
                self.counts.others += 1;
                ("the document", "nothing in it is wrong".to_owned())
            }
            _ => ("accepted records", format!("{accepted} of {records} records were accepted")),
        };
        // Stands however many cases were left out: without it a feed might seem to have passed nothing.
        self.cases.push(TestCase { name: name.to_owned(), line: None, state: CaseState::Passed, text });
    }

    /// Writes the suite.
    pub(super) fn write<W: Write>(mut self, xml: &mut MarkupWriter<W>, at: Option<&str>) -> io::Result<()> {
        self.flush();
        let SuiteCounts { others, failures, errors, skipped, left_out } = self.counts;
        let numbers = [self.tally.accepted + self.tally.refused + others, failures, errors, skipped];
        let [tests, failures, errors, skipped] = numbers.map(|number| number.to_string());
        let time = format!("{:.3}", self.seconds);
        let mut attributes = vec![
            ("name", self.name.as_str()),
            ("tests", &tests),
            ("failures", &failures),
            ("errors", &errors),
            ("skipped", &skipped),
            ("time", &time),
        ];
        attributes.extend(at.map(|at| ("timestamp", at)));
        xml.start("testsuite", &attributes)?;
        if !self.properties.is_empty() {
            xml.start("properties", &[])?;
            for (name, value) in &self.properties {
                xml.empty("property", &[("name", name), ("value", value)])?;
            }
            xml.end()?;
        }
        self.cases.iter().try_for_each(|case| case.write(xml, &self.class, &self.name))?;
        if left_out > 0 {
            let told = format!(
                "{left_out} cases more are counted and not listed: a suite lists {CASES_MAX}, or {} MiB of text",
                CASES_BYTES_MAX >> 20
            );
            xml.element("system-out", &[], &told)?;
        }
        xml.end()
    }
}

impl TestCase {
    fn write<W: Write>(&self, xml: &mut MarkupWriter<W>, class: &str, file: &str) -> io::Result<()> {
        let line = self.line.map(|line| line.to_string());
        let mut attributes =
            vec![("name", self.name.as_str()), ("classname", class), ("file", file), ("time", "0")];
        attributes.extend(line.as_deref().map(|line| ("line", line)));
        xml.start("testcase", &attributes)?;
        match &self.state {
            CaseState::Passed if self.text.is_empty() => Ok(()),
            CaseState::Passed => xml.element("system-out", &[], &self.text),
            CaseState::Failed(problem) => xml.element("failure", &problem.attributes(), &self.text),
            CaseState::Error(problem) => xml.element("error", &problem.attributes(), &self.text),
            CaseState::Skipped(why) => xml.empty("skipped", &[("message", why)]),
        }?;
        xml.end()
    }
}

impl CaseProblem {
    fn attributes(&self) -> [(&str, &str); 2] {
        [("type", self.code), ("message", &self.sentence)]
    }
}

fn problem(finding: &Finding) -> CaseProblem {
    CaseProblem { code: finding.code, sentence: shown(&finding.sentence), severity: finding.severity }
}

/// A finding with its place, path and excerpt; the first line as in the `lines` form.
fn text(told: &NamedFinding<'_>) -> String {
    let NamedFinding { feed, finding, link, .. } = told;
    let Finding { place, severity, sentence, code, path, excerpt, .. } = finding;
    let mut text = format!("{}:{place}: {severity}: {} [{code}]\n", clean(&feed.name), shown(sentence));
    if !path.is_empty() {
        writeln!(text, "  {}", shown(path)).expect("writes to memory");
    }
    if let Some(marked) = MarkedExcerpt::of(excerpt) {
        let (blanks, mark) = marked.below();
        writeln!(text, "  | {}\n  | {blanks}{mark}", marked.line()).expect("writes to memory");
    }
    if let Some(link) = link {
        writeln!(text, "  trace {}", shown(&link.to_string())).expect("writes to memory");
    }
    text
}
