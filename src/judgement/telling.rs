//! What a feed told, kept to be told again: so that bytes that are known need not be read.
//!
//! ```text
//!  start ─┐
//!  findings, outcomes worth a word ─┼─▶ TellingWriter ─▶ Telling, JSON ─▶ the same events
//!  end ───┘
//! ```
//!
//! Of accepted records in which nothing was found nothing is kept: nobody is told of them but the shop, and whoever
//! tells again has nothing for the shop. Records that withdraw are kept, since what is to be said of them depends on
//! what is there. What changes a product in part is not kept: whether it is right depends on the product, so such a
//! feed is read again.
//!
//! The name of a feed is no part of it: equal bytes may come under another one.

use super::event::{FeedEnd, FeedEvent, FeedStart, Lapse, RecordContext};
use super::finding::{Excerpt, Finding, Severity};
use super::outcome::{Action, Outcome, RecordOrdinal, RecordResult};
use super::tally::Tally;
use super::verdict::{Check, CheckState, Verdict};
use super::{Acceptance, code};
use crate::product::RecordReference;
use crate::xml::{ByteOffset, Place};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

/// Bytes of what one feed told that are kept; a feed that tells more is read again.
pub const TELLING_BYTES_MAX: usize = 4 << 20;

/// Where known bytes were judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// Row of the feed that had them.
    pub feed_version_id: i64,
    /// The run that imported it.
    pub run: String,
    /// When that was, UTC, `2026-11-23T04:03:51.123Z`.
    pub since: String,
}

/// What a feed told, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptTelling {
    /// What its header said, JSON.
    pub head: String,
    /// All the rest, JSON.
    pub told: String,
}

/// Byte, line and column.
type PlacePart = [u64; 3];

/// What a feed said at its start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct StartPart {
    format: Option<String>,
    profile_version: Option<u32>,
    sender: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sender_ids: Vec<String>,
    message_number: Option<String>,
    message_repeat: Option<String>,
    sent: Option<String>,
    judged_by: Option<String>,
    context: RecordContext,
}

impl StartPart {
    fn of(start: &FeedStart) -> Self {
        Self {
            format: start.format.as_deref().map(str::to_owned),
            profile_version: start.profile_version,
            sender: start.sender.clone(),
            sender_ids: start.sender_ids.clone(),
            message_number: start.message_number.clone(),
            message_repeat: start.message_repeat.clone(),
            sent: start.sent.clone(),
            judged_by: start.judged_by.as_deref().map(str::to_owned),
            context: start.context.clone(),
        }
    }

    fn start(self, name: &Arc<str>) -> FeedStart {
        FeedStart {
            name: Arc::clone(name),
            format: self.format.map(Into::into),
            profile_version: self.profile_version,
            sender: self.sender,
            sender_ids: self.sender_ids,
            message_number: self.message_number,
            message_repeat: self.message_repeat,
            sent: self.sent,
            judged_by: self.judged_by.map(Into::into),
            context: self.context,
            began: None,
            recognised: None,
        }
    }
}

/// A finding without its record, where it stands in one.
#[derive(Debug, Serialize, Deserialize)]
struct FindingPart(
    Severity,
    String,
    String,
    PlacePart,
    String,
    String,
    String,
    Option<u64>,
    Option<String>,
    u64,
    Option<(String, usize, usize)>,
);

impl FindingPart {
    fn of(finding: &Finding) -> Self {
        let excerpt = &finding.excerpt;
        let shown = *excerpt != Excerpt::default();
        Self(
            finding.severity,
            finding.code.to_owned(),
            finding.sentence.clone(),
            numbers(finding.place),
            finding.path.clone(),
            finding.found.clone(),
            finding.expected.clone(),
            finding.record.map(|record| record.0),
            finding.key.as_ref().map(ToString::to_string),
            finding.fingerprint,
            shown.then(|| (excerpt.text.clone(), excerpt.caret, excerpt.width)),
        )
    }

    fn finding(self) -> Option<Finding> {
        let Self(severity, code, sentence, at, path, found, expected, record, key, fingerprint, shown) = self;
        let code = code::interned(&code)?;
        let excerpt = shown.map(|(text, caret, width)| Excerpt { text, caret, width }).unwrap_or_default();
        let (record, key) = (record.map(RecordOrdinal), of_key(key)?);
        let place = place(at);
        Some(Finding {
            severity,
            code,
            sentence,
            place,
            path,
            found,
            expected,
            record,
            key,
            fingerprint,
            excerpt,
        })
    }
}

/// What came of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ResultPart {
    Refused,
    Withdrawn,
    /// Accepted, whatever it does: it was done when the feed was applied.
    Accepted,
}

/// A record of which there is something to say: number, key, date, where it begins and ends, result, findings.
#[derive(Debug, Serialize, Deserialize)]
struct OutcomePart(u64, Option<String>, Option<i64>, PlacePart, u64, ResultPart, Vec<FindingPart>);

impl OutcomePart {
    fn of(outcome: &Outcome, result: ResultPart) -> Self {
        Self(
            outcome.ordinal.0,
            outcome.key.as_ref().map(ToString::to_string),
            outcome.changed,
            numbers(outcome.place),
            outcome.end.0,
            result,
            outcome.findings.iter().map(FindingPart::of).collect(),
        )
    }

    fn outcome(self, at: Instant) -> Option<Outcome> {
        let Self(ordinal, key, changed, began, end, result, findings) = self;
        let lapse = (result == ResultPart::Refused).then_some(Lapse { began: at, ended: at });
        let result = match result {
            ResultPart::Refused => RecordResult::Refused,
            ResultPart::Withdrawn => RecordResult::Accepted(Action::Withdraw),
            ResultPart::Accepted => RecordResult::Accepted(Action::Ignore),
        };
        Some(Outcome {
            ordinal: RecordOrdinal(ordinal),
            key: of_key(key)?,
            changed,
            place: place(began),
            end: ByteOffset(end),
            result,
            bytes: Vec::new(),
            findings: findings.into_iter().map(FindingPart::finding).collect::<Option<_>>()?,
            lapse,
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    /// Outside of records.
    F(FindingPart),
    /// A record.
    R(OutcomePart),
}

/// How a check went that was brought to its end.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum StatePart {
    Passed,
    Failed,
    Partial(Vec<String>),
}

#[derive(Debug, Serialize, Deserialize)]
struct EndPart {
    acceptance: String,
    checks: Vec<(String, StatePart)>,
    bytes: u64,
    records: u64,
    accepted: u64,
    refused: u64,
    findings: Vec<(String, Severity, u64)>,
    /// Where it says something else than at the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<Box<StartPart>>,
}

impl EndPart {
    /// Nothing for a feed that was not read to its end, or of which a check was not.
    fn of(end: &FeedEnd, start: &StartPart) -> Option<Self> {
        let (None, Some(_)) = (&end.failure, end.digest) else { return None };
        let tally = &end.tally;
        let last = StartPart::of(&end.start);
        Some(Self {
            acceptance: end.acceptance.as_str().to_owned(),
            checks: end
                .verdict
                .checks
                .iter()
                .map(|(check, state)| checked(*check, state))
                .collect::<Option<_>>()?,
            bytes: tally.bytes,
            records: tally.records,
            accepted: tally.accepted,
            refused: tally.refused,
            findings: tally
                .findings
                .iter()
                .map(|((code, weight), count)| ((*code).to_owned(), *weight, *count))
                .collect(),
            start: (last != *start).then(|| Box::new(last)),
        })
    }

    fn tally(&self) -> Option<Tally> {
        let counted = |(code, severity, count): &(String, Severity, u64)| {
            Some(((code::interned(code)?, *severity), *count))
        };
        Some(Tally {
            feeds: 1,
            bytes: self.bytes,
            records: self.records,
            accepted: self.accepted,
            refused: self.refused,
            stale: 0,
            findings: self.findings.iter().map(counted).collect::<Option<_>>()?,
        })
    }
}

fn checked(check: Check, state: &CheckState) -> Option<(String, StatePart)> {
    let state = match state {
        CheckState::Passed => StatePart::Passed,
        CheckState::Failed => StatePart::Failed,
        CheckState::Partial(unchecked) => StatePart::Partial(unchecked.clone()),
        CheckState::NotApplicable(_) | CheckState::NotDone(_) => return None,
    };
    Some((check.as_str().to_owned(), state))
}

fn check((word, state): (String, StatePart)) -> Option<(Check, CheckState)> {
    let known = [Check::WellFormed, Check::Schema, Check::Rules];
    let check = known.into_iter().find(|check| check.as_str() == word)?;
    let state = match state {
        StatePart::Passed => CheckState::Passed,
        StatePart::Failed => CheckState::Failed,
        StatePart::Partial(unchecked) => CheckState::Partial(unchecked),
    };
    Some((check, state))
}

fn numbers(place: Place) -> PlacePart {
    [place.byte.0, place.line, place.column]
}

fn place([byte, line, column]: PlacePart) -> Place {
    Place { byte: ByteOffset(byte), line, column }
}

/// A key that was kept; `None` when it is none.
#[expect(clippy::option_option, reason = "no key is fine, and not the same as one that cannot be right")]
fn of_key(key: Option<String>) -> Option<Option<RecordReference>> {
    key.map_or(Some(None), |key| RecordReference::new(&key).map(Some))
}

/// All that is kept but the header.
#[derive(Debug, Serialize, Deserialize)]
struct Body {
    parts: Vec<Part>,
    end: EndPart,
}

/// Listens to what a feed tells and makes a [`Telling`] of it.
#[derive(Debug)]
pub struct TellingWriter {
    start: StartPart,
    /// As JSON, item by item.
    parts: String,
    lost: bool,
}

impl TellingWriter {
    /// A feed begins.
    #[must_use]
    pub fn new(start: &FeedStart) -> Self {
        Self { start: StartPart::of(start), parts: String::new(), lost: false }
    }

    /// A record was judged.
    pub fn outcome(&mut self, outcome: &Outcome) {
        let result = match &outcome.result {
            RecordResult::Refused => ResultPart::Refused,
            RecordResult::Accepted(Action::Withdraw) => ResultPart::Withdrawn,
            RecordResult::Accepted(Action::Amend(_)) => return self.lose(),
            RecordResult::Accepted(_) if outcome.findings.is_empty() => return,
            RecordResult::Accepted(_) => ResultPart::Accepted,
        };
        self.add(&Part::R(OutcomePart::of(outcome, result)));
    }

    /// Something was found outside of records.
    pub fn finding(&mut self, finding: &Finding) {
        self.add(&Part::F(FindingPart::of(finding)));
    }

    /// This feed cannot be told again.
    pub fn lose(&mut self) {
        self.lost = true;
        self.parts = String::new();
    }

    fn add(&mut self, part: &Part) {
        if self.lost {
            return;
        }
        let separator = if self.parts.is_empty() { "" } else { "," };
        self.parts.push_str(separator);
        self.parts.push_str(&json(part));
        if self.parts.len() > TELLING_BYTES_MAX {
            self.lose();
        }
    }

    /// The feed has ended: what is kept of it, if it can be told again.
    #[must_use]
    pub fn end(&self, end: &FeedEnd) -> Option<KeptTelling> {
        let end = EndPart::of(end, &self.start).filter(|_| !self.lost)?;
        let told = format!("{{\"parts\":[{}],\"end\":{}}}", self.parts, json(&end));
        Some(KeptTelling { head: json(&self.start), told })
    }
}

fn json(part: &impl Serialize) -> String {
    serde_json::to_string(part).expect("texts and numbers are JSON")
}

/// What a feed told, to be told again.
#[derive(Debug)]
pub struct Telling {
    start: FeedStart,
    body: Body,
}

impl KeptTelling {
    /// What the header of a feed of that name says; nothing when what is kept was written by somebody else.
    #[must_use]
    pub fn start(head: &str, name: &Arc<str>) -> Option<FeedStart> {
        serde_json::from_str::<StartPart>(head).ok().map(|part| part.start(name))
    }
}

impl Telling {
    /// Makes ready to tell; `start` is [what the header said](KeptTelling::start). Nothing when it cannot be read.
    #[must_use]
    pub fn read(start: FeedStart, told: &str) -> Option<Self> {
        Some(Self { start, body: serde_json::from_str(told).ok()? })
    }

    /// What the feed told, as if it were told at this moment; nothing when some of it cannot be read.
    #[must_use]
    pub fn events(self, digest: [u8; 32], at: Instant) -> Option<VecDeque<FeedEvent>> {
        let Self { start, body: Body { parts, end } } = self;
        let tally = end.tally()?;
        let start = FeedStart { began: Some(at), ..start };
        let mut events = VecDeque::from([FeedEvent::Start(start.clone())]);
        for part in parts {
            events.push_back(match part {
                Part::F(finding) => FeedEvent::Finding(finding.finding()?),
                Part::R(outcome) => FeedEvent::Outcome(outcome.outcome(at)?),
            });
        }
        let recognised = start.recognised.clone();
        let last = end.start.map_or(start.clone(), |last| FeedStart {
            began: Some(at),
            recognised,
            ..last.start(&start.name)
        });
        events.push_back(FeedEvent::End(FeedEnd {
            verdict: Verdict { checks: end.checks.into_iter().map(check).collect::<Option<_>>()? },
            acceptance: Acceptance::of_word(&end.acceptance)?,
            failure: None,
            tally,
            digest: Some(digest),
            ended: Some(at),
            start: last,
            // What the records look like was told when they were read.
            structure: None,
            baseline_runs: None,
        }));
        Some(events)
    }
}
