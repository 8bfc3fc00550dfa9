//! Faults of schemas as findings, for the forms that know feeds: each document stands for a feed.
//!
//! A schema that is checked may be made of several documents. Its faults stand where they are, so a
//! document with faults is told as a feed of its own; the one that was named comes last and carries what
//! holds of the schema as a whole.

use super::named_finding::FindingId;
use super::{CheckedSchema, ReportSink};
use crate::judgement::{Check, CheckState, FeedEnd, FeedEvent, FeedStart, Finding, Severity, Tally, Verdict};
use crate::xsd::{SchemaFault, Surroundings};
use std::collections::BTreeMap;

/// The code under which faults are counted that are no longer told.
const MORE: &str = "limit.faults_max";

/// Tells the reports of a schema that was read.
pub fn tell_schema(sink: &mut ReportSink<'_>, schema: &CheckedSchema<'_>) {
    let mut documents: BTreeMap<&str, Vec<Finding>> = BTreeMap::new();
    for (fault, around) in schema.faults {
        documents.entry(&fault.document).or_default().push(finding(fault, around));
    }
    let named = documents.remove(schema.name).unwrap_or_default();
    for (document, findings) in documents {
        tell_document(sink, document, &findings, CheckState::Failed, 0);
    }
    let state = match (schema.size, schema.not_checked) {
        (None, _) => CheckState::Failed,
        (Some(_), []) => CheckState::Passed,
        (Some(_), constructs) => CheckState::Partial(constructs.to_vec()),
    };
    tell_document(sink, schema.name, &named, state, schema.more as u64);
}

fn tell_document(sink: &mut ReportSink<'_>, name: &str, findings: &[Finding], state: CheckState, more: u64) {
    let start = FeedStart { name: name.into(), format: Some("xsd".into()), ..FeedStart::default() };
    sink.see(&FeedEvent::Start(start.clone()), None);
    let mut tally = Tally { feeds: 1, ..Tally::default() };
    for finding in findings {
        sink.see(&FeedEvent::Finding(finding.clone()), None);
        *tally.findings.entry((finding.code, finding.severity)).or_default() += 1;
    }
    if more > 0 {
        tally.findings.insert((MORE, Severity::Error), more);
    }
    let verdict = Verdict { checks: vec![(Check::Schema, state)] };
    let acceptance = verdict.acceptance();
    let end = FeedEnd {
        verdict,
        acceptance,
        failure: None,
        tally,
        digest: None,
        structure: None,
        baseline_runs: None,
        ended: None,
        start,
    };
    sink.see(&FeedEvent::End(end), None);
}

fn finding(fault: &SchemaFault, around: &Surroundings) -> Finding {
    let SchemaFault { place, rule, sentence, .. } = fault;
    Finding {
        severity: Severity::Error,
        code: rule.code(),
        sentence: sentence.clone(),
        place: *place,
        // The place in the schema as people name it: it outlives what is inserted before it.
        path: around.component.clone(),
        found: String::new(),
        expected: String::new(),
        record: None,
        key: None,
        fingerprint: FindingId::of_parts(&["schema-fault", rule.code(), &around.component]).short(),
        excerpt: around.excerpt.clone().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{GitlabReporter, Reporter, RunStart, Written};
    use super::*;
    use crate::judgement::Acceptance;
    use crate::xml::{ByteOffset, Excerpt, Place};
    use crate::xsd::Rule;
    use serde_json::Value;

    fn told(schema: &CheckedSchema<'_>) -> (Vec<(String, u64)>, Acceptance, u64) {
        let mut out = Vec::new();
        let report = Written::<dyn Reporter>::to_output(Box::new(GitlabReporter::new(&mut out)));
        let start = RunStart { command: "schema check", feeds: 1, started: None, trace: None };
        let mut sink = ReportSink::new(vec![report], &start);
        tell_schema(&mut sink, schema);
        let summary = sink.finish().summary;
        let entries: Vec<Value> = serde_json::from_slice(&out).expect("JSON");
        let place = |entry: &Value| {
            let location = &entry["location"];
            let path = location["path"].as_str().expect("a path").to_owned();
            (path, location["lines"]["begin"].as_u64().expect("a line"))
        };
        (entries.iter().map(place).collect(), summary.status, summary.tally.findings.values().sum())
    }

    fn fault(document: &str, line: u64) -> (SchemaFault, Surroundings) {
        let fault = SchemaFault {
            document: document.into(),
            place: Place { byte: ByteOffset(line * 10), line, column: 5 },
            rule: Rule::Root,
            sentence: "wrong".to_owned(),
        };
        (fault, Surroundings { component: "element `a`".to_owned(), excerpt: Excerpt::default() })
    }

    #[test]
    fn a_fault_stands_in_its_document() {
        let faults = [fault("a.xsd", 3), fault("b.xsd", 7), fault("a.xsd", 4)];
        let schema = CheckedSchema { name: "a.xsd", size: None, faults: &faults, more: 5, not_checked: &[] };
        let places = [("b.xsd".to_owned(), 7), ("a.xsd".to_owned(), 3), ("a.xsd".to_owned(), 4)];
        assert_eq!(told(&schema), (places.to_vec(), Acceptance::Deviations, 8));
    }

    #[test]
    fn what_is_in_order_and_what_is_not_judged() {
        let whole =
            CheckedSchema { name: "a.xsd", size: Some((1, 1)), faults: &[], more: 0, not_checked: &[] };
        assert_eq!(told(&whole), (Vec::new(), Acceptance::Accepted, 0));
        let not_checked = ["`xs:assert`".to_owned()];
        let partly = CheckedSchema { not_checked: &not_checked, ..whole };
        let entry = vec![("a.xsd".to_owned(), 1)];
        assert_eq!(told(&partly), (entry, Acceptance::NotFullyChecked, 0));
    }
}
