//! The signals of feeds: watches what they tell, as a report does, and makes spans, log events and numbers of it.
//!
//! ```text
//!  start ─▶ span of the feed begins
//!  outcome ─▶ refused, and the budget grants it? a span of its own : counted on the feed
//!  end ─▶ stage `read`; the feed's span ends with exact counts
//! ```
//!
//! Accepted records cost one look at an empty list. Every call comes from one thread, in feed order, so threads
//! that read feeds need know nothing of it.

use super::budget::{Budget, FAILED_FEED_SPANS_MAX, FEED_SPANS_MAX};
use super::deviation::{self, EVENTS_PER_RECORD_MAX, number, text};
use super::groups::FeedGroups;
use super::names;
use super::run::ActiveRun;
use super::run_metrics::{RunMetrics, Standing};
use super::trace::{RunTrace, SpanAddress};
use crate::config::DeviationSignals;
use crate::judgement::{
    Acceptance, Compilation, Failure, FeedEnd, FeedEvent, FeedStart, Finding, Outcome, Severity,
};
use opentelemetry::trace::{Span as _, Status};
use opentelemetry::{Array, Context, KeyValue, StringValue, Value};
use opentelemetry_sdk::trace::Span;
use std::sync::Arc;
use std::time::SystemTime;

/// The format of feeds that have none.
pub(super) const NO_FORMAT: &str = "none";

/// Makes signals of what the feeds of one run tell.
#[derive(Debug)]
pub struct FeedSignals {
    run: Arc<ActiveRun>,
    signals: DeviationSignals,
    budget: Budget,
    feed_spans_left: usize,
    failed_feed_spans_left: usize,
    feed: Option<OpenFeed>,
    counts: RunCounts,
    metrics: RunMetrics,
}

/// What is said on the root.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct RunCounts {
    feeds: u64,
    feeds_left_out: u64,
    bytes: u64,
    records: u64,
    refused: u64,
    deviations: u64,
    told: u64,
}

/// A feed between its start and its end.
#[derive(Debug)]
struct OpenFeed {
    start: FeedStart,
    began: SystemTime,
    span: Option<Span>,
    groups: FeedGroups,
    /// Findings that spans or log events tell, each counted once.
    told: u64,
}

impl OpenFeed {
    fn format(&self) -> &str {
        self.start.format.as_deref().unwrap_or(NO_FORMAT)
    }
}

impl FeedSignals {
    pub(super) fn new(run: Arc<ActiveRun>) -> Self {
        let settings = &run.equipment.settings;
        Self {
            signals: settings.deviations,
            budget: Budget::new(settings.budget, settings.equal),
            feed_spans_left: FEED_SPANS_MAX,
            failed_feed_spans_left: FAILED_FEED_SPANS_MAX,
            feed: None,
            counts: RunCounts::default(),
            metrics: RunMetrics::new(Arc::clone(&run.equipment), run.command),
            run,
        }
    }

    /// Takes what feeds tell. Gives back where the span of a failed record is, when it has one.
    pub fn see(&mut self, event: &FeedEvent) -> Option<SpanAddress> {
        match event {
            FeedEvent::Start(start) => self.start(start),
            FeedEvent::Outcome(outcome) => return self.outcome(outcome),
            FeedEvent::Finding(finding) => return self.finding(finding),
            FeedEvent::End(end) => self.end(end),
            FeedEvent::Failed(feed, failure) => self.failed(feed, failure),
        }
        None
    }

    /// A feed begins.
    fn start(&mut self, start: &FeedStart) {
        self.budget.feed();
        let began = start.began.map_or_else(SystemTime::now, |began| self.run.clock.time(began));
        let mut feed =
            OpenFeed { start: start.clone(), began, span: None, groups: FeedGroups::default(), told: 0 };
        if self.feed_spans_left > 0 {
            self.feed_spans_left -= 1;
            let attributes = self.whereabouts(&feed);
            feed.span = self.run.trace.as_ref().map(|run| feed_span(run, &feed, attributes));
        }
        self.feed = Some(feed);
    }

    /// A record was judged. Gives back where its span is, when it has one.
    fn outcome(&mut self, outcome: &Outcome) -> Option<SpanAddress> {
        if outcome.findings.is_empty() {
            return None;
        }
        self.note(&outcome.findings);
        if !outcome.is_refused() {
            return None;
        }
        let lapse =
            outcome.lapse.map(|lapse| (self.run.clock.time(lapse.began), self.run.clock.time(lapse.ended)));
        self.tell(&outcome.findings, lapse)
    }

    /// Something outside of records was found. Gives back where its span is, when it has one.
    fn finding(&mut self, finding: &Finding) -> Option<SpanAddress> {
        let findings = std::slice::from_ref(finding);
        self.note(findings);
        if finding.severity < Severity::Error { None } else { self.tell(findings, None) }
    }

    /// A feed is at its end.
    fn end(&mut self, end: &FeedEnd) {
        let ended = end.ended.map_or_else(SystemTime::now, |ended| self.run.clock.time(ended));
        let Some(feed) = self.feed.take() else { return };
        let deviations: u64 = end.tally.findings.values().sum();
        self.counts.feeds += 1;
        self.counts.bytes += end.tally.bytes;
        self.counts.records += end.tally.records;
        self.counts.refused += end.tally.refused;
        self.counts.deviations += deviations;
        self.counts.told += feed.told;
        let seconds = ended.duration_since(feed.began).unwrap_or_default();
        self.metrics.feed(end, feed.format(), seconds);
        match (&self.run.trace, feed.span) {
            (Some(run), Some(mut span)) => {
                let below = run.below(span.span_context());
                run.span(&below, "read", feed.began, read_attributes(end)).end_with_timestamp(ended);
                span.set_attributes(end_attributes(end, deviations, feed.told, &feed.groups));
                if let Some(kind) = error_type(end.acceptance) {
                    span.set_attribute(KeyValue::new(names::ERROR_TYPE, kind));
                    span.set_status(Status::error(why(end)));
                }
                span.end_with_timestamp(ended);
            }
            (Some(_), None) => self.counts.feeds_left_out += 1,
            (None, _) => {}
        }
    }

    /// A feed could not be opened, read or validated.
    fn failed(&mut self, feed: &str, failure: &Failure) {
        self.metrics.failed();
        self.feed = None;
        let Some(run) = &self.run.trace else { return };
        if self.failed_feed_spans_left == 0 {
            self.counts.feeds_left_out += 1;
            return;
        }
        self.failed_feed_spans_left -= 1;
        let attributes = vec![
            KeyValue::new(names::FEED, text(feed)),
            KeyValue::new(names::OUTCOME, Acceptance::Failed.as_str()),
            KeyValue::new(names::SENTENCE, text(&failure.one_line())),
            KeyValue::new(names::ERROR_TYPE, failure.kind),
        ];
        let mut span = run.span(run.context(), "feed", SystemTime::now(), attributes);
        span.set_status(Status::error(deviation::cause(&failure.one_line())));
        span.end();
    }

    /// Schemas were compiled.
    pub fn compiled(&mut self, compilations: &[Compilation]) {
        for Compilation { format, document, lapse, done } in compilations {
            let (began, ended) = (self.run.clock.time(lapse.began), self.run.clock.time(lapse.ended));
            self.metrics.compiled(format, ended.duration_since(began).unwrap_or_default());
            let Some(run) = &self.run.trace else { continue };
            let attributes = vec![
                KeyValue::new(names::FORMAT, format.clone()),
                KeyValue::new(names::DOCUMENT, text(document)),
            ];
            let mut span = run.span(run.context(), "compile schema", began, attributes);
            if !done {
                span.set_attribute(KeyValue::new(names::ERROR_TYPE, "schema"));
                span.set_status(Status::error(format!(
                    "schema document `{}` cannot be used",
                    text(document)
                )));
            }
            span.end_with_timestamp(ended);
        }
    }

    /// Everything that was told so far stands where it was to be put. What is not said to stand when the run is
    /// [concluded](Self::conclude) has failed.
    pub fn settle(&mut self) {
        self.metrics.settle();
    }

    /// Says on the root what was seen, and sets the gauges. `run` is the number of the run in the database.
    pub fn conclude(self, status: Acceptance, run: Option<&str>, standing: Option<&Standing>) {
        let Self { run: active, counts, metrics, .. } = self;
        let began = active.clock.time;
        active.is_measured();
        metrics.finish(status, began, began.elapsed().unwrap_or_default(), standing);
        let left_out = counts.deviations.saturating_sub(counts.told);
        active.says([
            KeyValue::new(names::FEEDS, number(counts.feeds)),
            KeyValue::new(names::FEEDS_LEFT_OUT, number(counts.feeds_left_out)),
            KeyValue::new(names::BYTES, number(counts.bytes)),
            KeyValue::new(names::RECORDS, number(counts.records)),
            KeyValue::new(names::REFUSED, number(counts.refused)),
            KeyValue::new(names::DEVIATIONS, number(counts.deviations)),
            KeyValue::new(names::DEVIATIONS_TOLD, number(counts.told)),
            KeyValue::new(names::DEVIATIONS_LEFT_OUT, number(left_out)),
        ]);
        if let Some(run) = run {
            // A run has one number.
            let _ = active.number.set(run.to_owned());
        }
        let _current = active.enter();
        active.equipment.tells(|| {
            tracing::info!(
                name: "feedgate.run",
                target: "feedgate",
                { feedgate.command = active.command,
                feedgate.run = active.number.get().map(String::as_str),
                feedgate.outcome = status.as_str(),
                feedgate.feeds = counts.feeds,
                feedgate.records = counts.records,
                feedgate.records_refused = counts.refused,
                feedgate.deviations = counts.deviations },
                "{} of {} feeds and {} records: {}",
                active.command,
                counts.feeds,
                counts.records,
                status.meaning(),
            );
        });
    }

    /// Counts findings of the open feed by group.
    fn note(&mut self, findings: &[Finding]) {
        if let Some(feed) = &mut self.feed {
            for finding in findings {
                feed.groups.add(finding);
            }
        }
    }

    /// Whether log events tell of single deviations, and somebody hears them.
    fn as_logs(&self) -> bool {
        self.signals.as_logs() && self.run.equipment.hears_deviations
    }

    /// Whether spans tell of single deviations, and somebody hears them.
    fn as_spans(&self) -> bool {
        self.signals.as_spans() && self.run.trace.is_some()
    }

    /// Of so many findings of one record, those that are told: its span tells one, log events the first few.
    fn told_of(&self, findings: usize) -> u64 {
        let logged = if self.as_logs() { findings.min(EVENTS_PER_RECORD_MAX) } else { 0 };
        // The one of the span is among those of the log events.
        logged.max(usize::from(self.as_spans())) as u64
    }

    /// Tells findings of one record, or one outside of records, if there is room.
    fn tell(&mut self, findings: &[Finding], lapse: Option<(SystemTime, SystemTime)>) -> Option<SpanAddress> {
        if !(self.as_logs() || self.as_spans()) {
            return None;
        }
        let mut gravest = deviation::gravest_of(findings);
        let granted = self.budget.grants(&gravest.clone().map(|finding| finding.fingerprint))?;
        let told = gravest.find(|finding| finding.fingerprint == granted)?;
        self.give_span();
        let mut feed = self.feed.take()?;
        feed.told += self.told_of(findings.len());
        let parent = self.run.trace.as_ref().map(|run| {
            let span = feed.span.as_ref().map(|span| run.below(span.span_context()));
            span.unwrap_or_else(|| run.context().clone())
        });
        let address = self.signal(parent.as_ref(), &feed, (told, findings), lapse);
        self.feed = Some(feed);
        address
    }

    /// A feed that turns out to fail has a span although there were many before it.
    fn give_span(&mut self) {
        let attributes = self.feed.as_ref().map(|feed| self.whereabouts(feed)).unwrap_or_default();
        let (Some(run), Some(feed)) = (&self.run.trace, &mut self.feed) else { return };
        if feed.span.is_none() && self.failed_feed_spans_left > 0 {
            self.failed_feed_spans_left -= 1;
            feed.span = Some(feed_span(run, feed, attributes));
        }
    }

    /// Which feed it is, whose, and of which run.
    fn whereabouts(&self, feed: &OpenFeed) -> Vec<KeyValue> {
        let start = &feed.start;
        let mut attributes = vec![
            KeyValue::new(names::FEED, text(&start.name)),
            KeyValue::new(names::FORMAT, feed.format().to_owned()),
        ];
        attributes.extend(start.sender.as_ref().map(|sender| KeyValue::new(names::SENDER, text(sender))));
        attributes.extend(self.run.number.get().map(|number| KeyValue::new(names::RUN, number.clone())));
        attributes
    }

    /// Makes the span and the log events of findings that belong together, below `parent` if there is a trace.
    fn signal(
        &self,
        parent: Option<&Context>,
        feed: &OpenFeed,
        (told, findings): (&Finding, &[Finding]),
        lapse: Option<(SystemTime, SystemTime)>,
    ) -> Option<SpanAddress> {
        let (began, ended) = lapse.unwrap_or_else(|| (SystemTime::now(), SystemTime::now()));
        let traced = self.run.trace.as_ref().zip(parent).filter(|_| self.signals.as_spans());
        let span = traced.map(|(run, parent)| {
            let mut attributes = deviation::attributes(told, findings);
            attributes.extend(self.whereabouts(feed));
            let mut span = run.span(parent, told.code, began, attributes);
            span.set_status(Status::error(text(&told.sentence)));
            (run, span)
        });
        if self.as_logs() {
            let own = span.as_ref().map(|(run, span)| run.below(span.span_context()));
            let _current = own.or_else(|| parent.cloned()).map(Context::attach);
            let name = text(&feed.start.name);
            let sender = feed.start.sender.as_deref().map(text);
            let of = deviation::LoggedFeed {
                name: &name,
                format: feed.format(),
                sender: sender.as_deref(),
                run: self.run.number.get().map(String::as_str),
            };
            self.run.equipment.tells(|| {
                for finding in deviation::logged(told, findings) {
                    deviation::log(&of, finding);
                }
            });
        }
        let (run, mut span) = span?;
        span.end_with_timestamp(ended);
        Some(run.address_of(span.span_context().span_id()))
    }
}

fn feed_span(run: &RunTrace, feed: &OpenFeed, mut attributes: Vec<KeyValue>) -> Span {
    let number = feed.start.message_number.as_ref();
    attributes.extend(number.map(|number| KeyValue::new(names::MESSAGE_NUMBER, text(number))));
    run.span(run.context(), format!("feed {}", feed.format()), feed.began, attributes)
}

/// Why a feed is not accepted, in a sentence.
fn why(end: &FeedEnd) -> String {
    end.failure
        .as_ref()
        .map_or_else(|| end.acceptance.meaning().to_owned(), |failure| deviation::cause(&failure.one_line()))
}

/// The kind of failure, for a span: the same words as those of metrics.
fn error_type(acceptance: Acceptance) -> Option<&'static str> {
    use Acceptance::{Cancelled, Deviations, Failed};
    matches!(acceptance, Deviations | Failed | Cancelled).then(|| acceptance.as_str())
}

fn read_attributes(end: &FeedEnd) -> Vec<KeyValue> {
    vec![
        KeyValue::new(names::BYTES, number(end.tally.bytes)),
        KeyValue::new(names::RECORDS, number(end.tally.records)),
    ]
}

fn end_attributes(end: &FeedEnd, deviations: u64, told: u64, groups: &FeedGroups) -> Vec<KeyValue> {
    let groups = groups.largest().into_iter().map(StringValue::from).collect();
    vec![
        KeyValue::new(names::OUTCOME, end.acceptance.as_str()),
        KeyValue::new(names::BYTES, number(end.tally.bytes)),
        KeyValue::new(names::RECORDS, number(end.tally.records)),
        KeyValue::new(names::REFUSED, number(end.tally.refused)),
        KeyValue::new(names::DEVIATIONS, number(deviations)),
        KeyValue::new(names::DEVIATIONS_TOLD, number(told)),
        KeyValue::new(names::DEVIATIONS_LEFT_OUT, number(deviations.saturating_sub(told))),
        KeyValue::new(names::DEVIATION_GROUPS, Value::Array(Array::String(groups))),
    ]
}
