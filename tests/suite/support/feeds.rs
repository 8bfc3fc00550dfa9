//! Feeds as the pipeline would judge them, without a pipeline: for what happens behind it.

use super::products::full;
use feedgate::import::{Import, ImportError, ImportPlan, ImportReport};
use feedgate::judgement::{
    Acceptance, Action, Check, CheckState, Excerpt, FeedEnd, FeedEvent, FeedStart, Finding, Outcome,
    RecordContext, RecordOrdinal, RecordResult, Severity, Tally, Verdict,
};
use feedgate::product::{Amendment, Fingerprint, Product, RecordReference};
use feedgate::telemetry::RunTelemetry;
use feedgate::xml::{ByteOffset, Place};
use std::collections::VecDeque;

/// The sender of all feeds that do not say otherwise.
pub(crate) const SENDER: &str = "publisher.example";

/// One record of a scripted feed.
#[derive(Clone, Debug)]
pub(crate) enum Record {
    /// A complete record.
    Product(Product),
    /// A partial update.
    Change(Product),
    /// A withdrawal.
    Delete(&'static str),
    /// One that says when it was changed last, in seconds since 1970.
    Dated(i64, Box<Record>),
    /// Refused; with its key, if that could be read, and its bytes.
    Bad(Option<&'static str>, &'static [u8]),
}

/// A complete record with this key and title.
pub(crate) fn good(key: &str, title: &str) -> Record {
    Record::Product(full(key, title))
}

/// A feed, as the pipeline judged it.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    pub(crate) name: &'static str,
    pub(crate) sender: &'static str,
    pub(crate) format: Option<&'static str>,
    pub(crate) records: Vec<Record>,
    pub(crate) digest: u8,
    /// Message number of its header.
    pub(crate) message: Option<u32>,
    /// Breaks off after its records.
    pub(crate) cut: bool,
    /// Constructs of the schema that were not checked.
    pub(crate) unchecked: bool,
}

/// A feed that is whole; its digest is made of its records.
pub(crate) fn feed(name: &'static str, records: Vec<Record>) -> Feed {
    let digest =
        format!("{records:?}").bytes().fold(0, |sum: u8, byte| sum.wrapping_mul(31).wrapping_add(byte));
    Feed {
        name,
        sender: SENDER,
        format: Some("catalogue/1.0"),
        records,
        digest,
        message: None,
        cut: false,
        unchecked: false,
    }
}

/// The same, cut off behind its records.
pub(crate) fn cut(name: &'static str, records: Vec<Record>) -> Feed {
    Feed { cut: true, ..feed(name, records) }
}

/// A finding at error severity.
pub(crate) fn finding(severity: Severity, code: &'static str, record: Option<u64>) -> Finding {
    Finding {
        severity,
        code,
        sentence: format!("An example of {code}."),
        place: Place { byte: ByteOffset(10), line: 2, column: 3 },
        path: "/catalogue/product[7]/price[1]".into(),
        found: "12,50".into(),
        expected: "a decimal".into(),
        record: record.map(RecordOrdinal),
        key: None,
        fingerprint: 0x00ff,
        excerpt: Excerpt { text: "<price>12,50</price>".into(), caret: 7, width: 5 },
    }
}

impl Feed {
    fn start(&self) -> FeedStart {
        FeedStart {
            name: self.name.into(),
            format: self.format.map(Into::into),
            profile_version: Some(1),
            sender: Some(self.sender.to_owned()),
            message_number: self.message.map(|number| number.to_string()),
            message_repeat: None,
            sender_ids: Vec::new(),
            sent: None,
            judged_by: Some("the same".into()),
            context: RecordContext {
                encoding: "UTF-8".into(),
                root: "catalogue".into(),
                ..Default::default()
            },
            began: None,
            recognised: None,
        }
    }

    /// All that this feed tells.
    pub(crate) fn events(&self) -> VecDeque<FeedEvent> {
        let mut tally = Tally { feeds: 1, bytes: 1_000, ..Tally::default() };
        let mut events = VecDeque::from([FeedEvent::Start(self.start())]);
        for (index, record) in self.records.iter().enumerate() {
            let outcome = outcome(index as u64 + 1, record);
            tally.records += 1;
            match &outcome.result {
                RecordResult::Accepted(_) => tally.accepted += 1,
                RecordResult::Refused => tally.refused += 1,
            }
            for finding in &outcome.findings {
                *tally.findings.entry((finding.code, finding.severity)).or_default() += 1;
            }
            events.push_back(FeedEvent::Outcome(outcome));
        }
        let refused = tally.refused > 0;
        if self.cut {
            *tally.findings.entry(("xml.unclosed", Severity::Fatal)).or_default() += 1;
            events.push_back(FeedEvent::Finding(finding(Severity::Fatal, "xml.unclosed", None)));
        }
        let well_formed = if self.cut { CheckState::Failed } else { CheckState::Passed };
        let schema = match (refused, self.unchecked) {
            (true, _) => CheckState::Failed,
            (false, true) => CheckState::Partial(vec!["redefine".into()]),
            (false, false) => CheckState::Passed,
        };
        let verdict = Verdict { checks: vec![(Check::WellFormed, well_formed), (Check::Schema, schema)] };
        events.push_back(FeedEvent::End(FeedEnd {
            acceptance: verdict.acceptance().and(tally.acceptance()),
            verdict,
            failure: None,
            tally,
            digest: (!self.cut).then_some([self.digest; 32]),
            structure: None,
            baseline_runs: None,
            ended: None,
            start: self.start(),
        }));
        events
    }
}

/// What an import of feeds came to.
#[derive(Debug)]
pub(crate) struct Imported {
    pub(crate) report: ImportReport,
    /// What the import itself found.
    pub(crate) found: Vec<Finding>,
    pub(crate) acceptance: Acceptance,
}

/// Imports feeds.
pub(crate) async fn imported(plan: &ImportPlan, feeds: &[Feed]) -> Result<Imported, ImportError> {
    // Large, and so kept apart from every future around it.
    Box::pin(import_all(plan, feeds)).await
}

async fn import_all(plan: &ImportPlan, feeds: &[Feed]) -> Result<Imported, ImportError> {
    let mut import = Import::open(plan.clone(), RunTelemetry::off()).await?;
    let told = tell(&mut import, feeds).await;
    let finished = match told {
        Ok(told) => import.finish().await.map(|report| (report, told)),
        Err(error) => Err(error),
    };
    match finished {
        Ok((report, (found, acceptance))) => {
            import.close(acceptance, None).await?;
            Ok(Imported { report, found, acceptance })
        }
        Err(error) => {
            import.close(Acceptance::Failed, Some(&error.to_string())).await?;
            Err(error)
        }
    }
}

/// Tells an import all about feeds, and hears what it finds.
pub(crate) async fn tell(
    import: &mut Import,
    feeds: &[Feed],
) -> Result<(Vec<Finding>, Acceptance), ImportError> {
    let (mut found, mut acceptance) = (Vec::new(), Acceptance::Accepted);
    for feed in feeds {
        let mut events = feed.events();
        while let Some(mut event) = events.pop_front() {
            let known = if let FeedEvent::Outcome(outcome) = &event { outcome.findings.len() } else { 0 };
            found.extend(import.take(&mut event, &events).await?);
            match event {
                FeedEvent::Outcome(outcome) => found.extend(outcome.findings.into_iter().skip(known)),
                FeedEvent::End(end) => acceptance = acceptance.and(end.acceptance),
                FeedEvent::Start(_) | FeedEvent::Finding(_) | FeedEvent::Failed(..) => {}
            }
        }
    }
    Ok((found, acceptance))
}

/// The outcome of one record.
pub(crate) fn outcome(ordinal: u64, record: &Record) -> Outcome {
    if let Record::Dated(changed, record) = record {
        return Outcome { changed: Some(*changed), ..outcome(ordinal, record) };
    }
    let (key, result, findings) = match record {
        Record::Product(product) => {
            let fingerprint = Fingerprint::of(product);
            let action = Action::Upsert(Box::new(product.clone()), fingerprint);
            (Some(product.reference.clone()), RecordResult::Accepted(action), Vec::new())
        }
        Record::Change(change) => {
            let amendment = Amendment { sent: change.said(), change: change.clone() };
            let action = Action::Amend(Box::new(amendment));
            (Some(change.reference.clone()), RecordResult::Accepted(action), Vec::new())
        }
        Record::Delete(key) => {
            (RecordReference::new(key), RecordResult::Accepted(Action::Withdraw), Vec::new())
        }
        Record::Dated(..) => unreachable!("taken off above"),
        Record::Bad(key, _) => {
            let findings = vec![finding(Severity::Error, "cvc-datatype-valid.1.2.1", Some(ordinal))];
            (key.and_then(RecordReference::new), RecordResult::Refused, findings)
        }
    };
    let bytes = match record {
        Record::Bad(_, bytes) => bytes.to_vec(),
        Record::Change(_) => b"<change/>".to_vec(),
        Record::Product(_) | Record::Delete(_) | Record::Dated(..) => Vec::new(),
    };
    Outcome {
        ordinal: RecordOrdinal(ordinal),
        key,
        changed: None,
        place: Place { byte: ByteOffset(ordinal * 100), line: ordinal, column: 1 },
        end: ByteOffset(ordinal * 100 + 90),
        result,
        bytes,
        findings,
        lapse: None,
    }
}
