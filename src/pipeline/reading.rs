//! One feed on its way to the sink: what was told, what is counted, which record is open.
//!
//! The sink hears of a feed in this order, whatever happens: its start, then outcomes and findings, then its
//! end. What is found before the header is complete waits for the start.

use super::findings;
use super::ledger::{Kind, Ledger};
use super::plan::FeedLimits;
use super::said::Said;
use super::waypoints::{Waypoint, Waypoints};
use crate::feed::{FeedProfile, Header, Judged};
use crate::judgement::{
    Action, EventSink, Failure, FeedEnd, FeedEvent, FeedStart, Finding, Flow, Lapse, Outcome, RecordOrdinal,
    RecordResult, Severity, Verdict,
};
use crate::map::{MappingFault, Products};
use crate::product::RecordReference;
use crate::xml::{Block, ByteOffset, Offset, Place, Span};
use std::sync::Arc;
use std::time::Instant;

/// So many findings wait for the header to be complete; those beyond are counted, and not told one by one.
const EARLY_FINDINGS_MAX: usize = 10_000;

/// When reading was where: looked at once for each block, not for each record.
#[derive(Clone, Copy, Debug)]
struct Clock {
    at: Instant,
    offset: Offset,
}

impl Clock {
    /// When a stretch was read that ends now, as if every byte since this moment had taken the same time.
    fn lapse(self, span: Span) -> Lapse {
        let ended = Instant::now();
        let since = |offset: Offset| offset.0.saturating_sub(self.offset.0);
        let (all, before) = (since(span.end), since(span.start));
        let share = if all == 0 { 0.0 } else { before as f64 / all as f64 };
        let began = self.at + (ended - self.at).mul_f64(share.min(1.0));
        Lapse { began, ended }
    }
}

/// A record between its tags.
#[derive(Debug)]
struct OpenRecord {
    ordinal: RecordOrdinal,
    start: Offset,
    place: Place,
    /// The clock when it began.
    clock: Clock,
    findings: Vec<Finding>,
    said: Said,
    /// Everything found in it, kept or not.
    counts: Vec<(Kind, u64)>,
    /// When it was changed last, as it says.
    changed: Option<i64>,
}

impl OpenRecord {
    fn is_refused(&self) -> bool {
        self.counts.iter().any(|((_, severity), _)| *severity >= Severity::Error)
    }
}

/// A feed while it is read.
pub(super) struct Reading<'a> {
    sink: &'a mut dyn EventSink,
    pub(super) start: FeedStart,
    started: bool,
    /// What the sink wants next.
    flow: Flow,
    early: Vec<Finding>,
    pub(super) ledger: Ledger,
    record: Option<OpenRecord>,
    record_findings_max: usize,
    products: Products,
    clock: Clock,
    pub(super) waypoints: Waypoints,
}

impl<'a> Reading<'a> {
    pub(super) fn new(
        name: &Arc<str>,
        limits: &FeedLimits,
        products: Products,
        sink: &'a mut dyn EventSink,
    ) -> Self {
        let start = FeedStart { name: Arc::clone(name), began: Some(Instant::now()), ..FeedStart::default() };
        Self {
            sink,
            start,
            started: false,
            flow: Flow::Continue,
            early: Vec::new(),
            ledger: Ledger::new(limits),
            record: None,
            record_findings_max: limits.record_findings_max,
            products,
            clock: Clock { at: Instant::now(), offset: Offset(0) },
            waypoints: Waypoints::default(),
        }
    }

    /// Notes the format.
    pub(super) fn is_of(&mut self, profile: &FeedProfile) {
        self.start.format = Some(profile.id().into());
        self.start.profile_version = Some(profile.profile_version);
    }

    /// Notes what the header says.
    pub(super) fn reads(&mut self, header: &Header) {
        self.start.sender.clone_from(&header.sender);
        self.start.sender_ids.clone_from(&header.sender_ids);
        self.start.message_number.clone_from(&header.message_number);
        self.start.message_repeat.clone_from(&header.message_repeat);
        self.start.sent.clone_from(&header.sent);
        let context = &mut self.start.context;
        context.language.clone_from(&header.language);
        context.currency.clone_from(&header.currency);
        context.price_kind.clone_from(&header.price_kind);
    }

    /// Tells the sink that the feed begins, once.
    pub(super) fn begin(&mut self) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        self.send(FeedEvent::Start(self.start.clone()));
        for finding in std::mem::take(&mut self.early) {
            self.tell(finding);
        }
    }

    /// Whether the schema has already said of the open record what a rule would say now.
    pub(super) fn knows(&self, fault: &MappingFault) -> bool {
        self.record.as_ref().is_some_and(|record| record.said.knows(fault))
    }

    /// Whether something with a code of this family was found in the open record.
    pub(super) fn has_code(&self, family: &str) -> bool {
        let of_family = |((code, _), _): &(Kind, u64)| code.starts_with(family);
        self.record.as_ref().is_some_and(|record| record.counts.iter().any(of_family))
    }

    /// Reading has come to this offset, between two records or in one.
    pub(super) fn tick(&mut self, offset: Offset) {
        self.clock = Clock { at: Instant::now(), offset };
    }

    pub(super) fn is_started(&self) -> bool {
        self.started
    }

    /// Whether the sink wants no more of this feed.
    pub(super) fn is_stopped(&self) -> bool {
        self.flow != Flow::Continue
    }

    fn send(&mut self, event: FeedEvent) {
        let flow = self.sink.take(event);
        if !self.is_stopped() {
            self.flow = flow;
        }
    }

    /// Takes a finding about where the feed is now.
    pub(super) fn take(&mut self, mut finding: Finding) {
        let kind = (finding.code, finding.severity);
        let Some(record) = &mut self.record else { return self.take_outside(finding) };
        finding.record = Some(record.ordinal);
        count(&mut record.counts, kind, 1);
        record.said.note(&finding);
        if record.findings.len() < self.record_findings_max && self.ledger.keeps(finding.fingerprint) {
            record.findings.push(finding);
        }
    }

    /// Takes a finding that belongs to no record, or to one long gone.
    pub(super) fn take_outside(&mut self, finding: Finding) {
        self.ledger.count((finding.code, finding.severity), 1);
        if self.ledger.keeps(finding.fingerprint) {
            self.tell(finding);
        }
    }

    /// Counts findings of which nothing else is known.
    pub(super) fn take_count(&mut self, kind: Kind, more: u64) {
        match &mut self.record {
            Some(record) => count(&mut record.counts, kind, more),
            None => self.ledger.count(kind, more),
        }
    }

    /// Takes what ends the feed; the record it stands in is never judged.
    pub(super) fn take_fatal(&mut self, mut finding: Finding) {
        finding.record = self.record.take().map(|record| record.ordinal);
        self.begin();
        self.ledger.count((finding.code, finding.severity), 1);
        self.tell(finding);
    }

    fn tell(&mut self, finding: Finding) {
        if self.started {
            self.send(FeedEvent::Finding(finding));
        } else if self.early.len() < EARLY_FINDINGS_MAX {
            self.early.push(finding);
        }
    }

    /// A record begins at `start`.
    pub(super) fn begin_record(&mut self, ordinal: RecordOrdinal, start: Offset, block: &mut Block<'_>) {
        block.mark(start);
        let place = block.locate(start);
        self.record = Some(OpenRecord {
            ordinal,
            start,
            place,
            clock: self.clock,
            findings: Vec::new(),
            said: Said::default(),
            counts: Vec::new(),
            changed: None,
        });
    }

    /// Line in which the open record begins; 0 without one.
    pub(super) fn record_line(&self) -> u64 {
        self.record.as_ref().map_or(0, |record| record.place.line)
    }

    /// The open record says when it was changed last.
    pub(super) fn dates(&mut self, changed: Option<i64>) {
        if let Some(record) = &mut self.record {
            record.changed = changed;
        }
    }

    /// The open record is too large to be kept, and refused for that.
    pub(super) fn refuse_size(&mut self, path: String, bytes_max: usize, end: Offset) {
        let Some(record) = &self.record else { return };
        let bytes = end.0 - record.start.0;
        self.take(findings::of_size((record.place, path), bytes, bytes_max));
    }

    /// The record ends: it is accepted with its action, unless something in it refuses it.
    pub(super) fn end_record(
        &mut self,
        key: Option<RecordReference>,
        action: Option<Action>,
        end: Offset,
        block: &mut Block<'_>,
    ) -> Judged {
        let record = self.record.take().expect("a record ends that began");
        let span = Span { start: record.start, end };
        let refused = record.is_refused() || action.is_none();
        let result = match action {
            Some(action) if !refused => RecordResult::Accepted(action),
            _ => RecordResult::Refused,
        };
        let bytes = match result {
            _ if block.is_mark_lost() => Vec::new(),
            RecordResult::Refused | RecordResult::Accepted(Action::Amend(_)) => {
                block.source_bytes(span).expect("a record is marked").into_owned()
            }
            RecordResult::Accepted(_) => Vec::new(),
        };
        let end = block.locate(end).byte;
        block.unmark();
        self.judged(record, key, (result, bytes), end, span);
        if refused { Judged::Refused } else { Judged::Accepted }
    }

    fn judged(
        &mut self,
        record: OpenRecord,
        key: Option<RecordReference>,
        (result, bytes): (RecordResult, Vec<u8>),
        end: ByteOffset,
        span: Span,
    ) {
        let OpenRecord { ordinal, start, place, clock, mut findings, counts, changed, said: _ } = record;
        let tally = &mut self.ledger.tally;
        tally.records += 1;
        match result {
            RecordResult::Accepted(_) => tally.accepted += 1,
            RecordResult::Refused => tally.refused += 1,
        }
        for (kind, count) in counts {
            self.ledger.count(kind, count);
        }
        for finding in &mut findings {
            finding.key.clone_from(&key);
        }
        self.waypoints.add(Waypoint { ordinal, start, end: span.end, place });
        if self.products == Products::Unread && result != RecordResult::Refused && findings.is_empty() {
            return;
        }
        let lapse = (result == RecordResult::Refused).then(|| clock.lapse(span));
        let outcome = Outcome { ordinal, key, changed, place, end, result, bytes, findings, lapse };
        self.send(FeedEvent::Outcome(outcome));
    }

    /// Tells the sink that the feed is at its end.
    pub(super) fn end(mut self, verdict: Verdict, bytes: u64, closing: Closing) {
        self.begin();
        let Closing { digest, failure, structure } = closing;
        let mut tally = self.ledger.tally;
        tally.bytes = bytes;
        let acceptance = verdict.acceptance().and(tally.acceptance());
        let (ended, start) = (Some(Instant::now()), self.start);
        let end = FeedEnd {
            verdict,
            acceptance,
            failure,
            tally,
            digest,
            structure,
            baseline_runs: None,
            ended,
            start,
        };
        self.sink.take(FeedEvent::End(end));
    }
}

/// What is known at the end of a feed beside its judgement.
#[derive(Debug, Default)]
pub(super) struct Closing {
    /// Digest of the bytes as delivered, when all of them were read.
    pub(super) digest: Option<[u8; 32]>,
    /// What its records look like, when it was gathered.
    pub(super) structure: Option<Arc<[u8]>>,
    /// Why they were not.
    pub(super) failure: Option<Failure>,
}

fn count(counts: &mut Vec<(Kind, u64)>, kind: Kind, more: u64) {
    match counts.iter_mut().find(|(known, _)| *known == kind) {
        Some((_, count)) => *count += more,
        None => counts.push((kind, more)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// The share of the time since the clock was looked at that had passed when the stretch began.
    fn share(looked_at: u64, start: u64, end: u64) -> f64 {
        let at = Instant::now().checked_sub(Duration::from_secs(100)).expect("the machine is up for longer");
        let clock = Clock { at, offset: Offset(looked_at) };
        let lapse = clock.lapse(Span { start: Offset(start), end: Offset(end) });
        assert!(lapse.began >= at && lapse.ended >= lapse.began);
        (lapse.began - at).as_secs_f64() / (lapse.ended - at).as_secs_f64()
    }

    #[test]
    fn a_record_takes_its_share_of_the_time_since_the_clock_was_looked_at() {
        assert!((share(1000, 1750, 2000) - 0.75).abs() < 0.001);
        assert!((share(1000, 1000, 2000) - 0.0).abs() < 0.001);
        // It began before the clock was looked at, or is empty.
        assert!(share(1000, 900, 2000).abs() < 0.001);
        assert!(share(1000, 1000, 1000).abs() < 0.001);
    }
}
