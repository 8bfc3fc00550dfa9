//! Traces, metrics and logs of a run; the only module that names `opentelemetry`.
//!
//! ```text
//!  pipeline ─▶ Trail ─┬▶ spans    run ─▶ feed ─▶ read, failed records     ─┐
//!  import ─▶ database ┤           run ─▶ database work                     ├▶ batches ─▶ collector (OTLP)
//!                     ├▶ metrics  counters as feeds end, gauges at the end │
//!  cli ─▶ log events ─┴▶ logs     with the ids of the span ────────────────┘
//!                           └──▶ standard error
//! ```
//!
//! * Off unless a collector is named; off, it costs nothing. On, an accepted record costs a look at an empty list.
//! * The shop comes first: a collector that is down, slow or wrong costs a bounded wait at the end and one sentence
//!   on standard error. Nothing of an import waits for it before that.
//! * What is told is bounded ([`RECORDS_PER_RUN_MAX`] and the settings); what is left out is counted exactly and said on the feed and the run.
//! * Loss is found by counting both ends (`ledger`), because the SDK says `Ok` whatever happens.
//! * Database work stands below the run, not below a feed: one transaction applies many feeds.
//! * Of the content of feeds only keys and the cut excerpts of deviations leave.
#![doc = include_str!("INSTRUMENTS.md")]

mod budget;
mod carrier;
mod database;
mod deviation;
mod flush;
mod groups;
mod instruments;
mod ledger;
mod log;
mod measured;
mod names;
mod run;
mod sdk;
mod setup;
mod trail;
mod wanted;

pub use budget::{FAILED_FEED_SPANS_MAX, FEED_SPANS_MAX, RECORDS_PER_RUN_MAX};
pub use database::{SPANS_MAX as DATABASE_SPANS_MAX, database};
pub use instruments::{INSTRUMENTS, Instrument, Kind};
pub use measured::{OTHER_SENDER, SENDERS_MAX, Standing};
pub use run::{RunTrace, SpanAddress};
pub use setup::SetupError;
pub use trail::Trail;

use crate::config::{Environment, LogSettings, TelemetrySettings};
use crate::judgement::Acceptance;
use budget::Budget;
use deviation::number;
use instruments::Instruments;
use measured::Measured;
use opentelemetry::KeyValue;
use opentelemetry::metrics::MeterProvider;
use run::WallClock;
use setup::Setup;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::SystemTime;
use wanted::Wanted;

/// What is at work in this process; one command runs in it.
#[derive(Debug)]
struct Active {
    setup: Option<Setup>,
    run: Option<RunTrace>,
    instruments: Option<Instruments>,
    /// Standard error is written by the subscriber.
    lines: bool,
    settings: TelemetrySettings,
    command: &'static str,
    clock: WallClock,
    began: SystemTime,
    /// What the root says at its end.
    last_words: Mutex<Vec<KeyValue>>,
    database_spans: AtomicUsize,
    ended: AtomicBool,
}

static ACTIVE: OnceLock<Active> = OnceLock::new();

fn active() -> Option<&'static Active> {
    ACTIVE.get()
}

/// Where the log is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogReader {
    /// Somebody sits at a terminal.
    Terminal,
    /// A file or another program.
    Program,
}

/// Begins a command. Gives back what of the environment could not be understood.
pub fn begin(
    command: &'static str,
    settings: &TelemetrySettings,
    log: LogSettings,
    environment: &Environment,
    reader: LogReader,
) -> Result<Vec<String>, SetupError> {
    let wanted = Wanted::settle(settings.export, environment);
    let providers = || setup::providers(&wanted, environment, settings.deadline);
    let setup = wanted.any().then(providers).transpose()?;
    let form = setup::line_form(log.form, setup.is_some(), reader == LogReader::Terminal);
    if setup.is_none() && form.is_none() {
        return Ok(wanted.notices);
    }
    let senders = setup.as_ref().map(|setup| &setup.senders);
    setup::subscribe(senders, form, log);
    let run = senders.and_then(|senders| senders.traces.as_ref()).and_then(|(provider, _)| {
        let attributes = vec![
            KeyValue::new(names::COMMAND, command),
            KeyValue::new(names::PROCESS_PID, i64::from(std::process::id())),
        ];
        let (remote, url) = (carrier::remote(environment), settings.trace_url.clone());
        RunTrace::begin(provider, format!("feedgate {command}"), remote, url, attributes)
    });
    let meter =
        senders.and_then(|senders| senders.metrics.as_ref()).map(|(provider, _)| provider.meter("feedgate"));
    let _ = ACTIVE.set(Active {
        setup,
        run,
        instruments: meter.as_ref().map(Instruments::of),
        lines: form.is_some(),
        settings: settings.clone(),
        command,
        clock: WallClock::now(),
        began: SystemTime::now(),
        last_words: Mutex::default(),
        database_spans: AtomicUsize::new(0),
        ended: AtomicBool::new(false),
    });
    Ok(wanted.notices)
}

/// The trace of the run, when there is one.
#[must_use]
pub fn trace() -> Option<&'static RunTrace> {
    active()?.run.as_ref()
}

/// Whether standard error is written line by line with fields, as settings ask: then bars would be in the way.
#[must_use]
pub fn writes_lines() -> bool {
    active().is_some_and(|active| active.lines)
}

/// Follows the feeds of the run; `None` when nobody listens.
#[must_use]
pub fn trail() -> Option<Trail> {
    let active = active()?;
    let settings = &active.settings;
    let budget = Budget::new(settings.budget, settings.equal);
    let measured = Measured::new(active.instruments.clone(), active.command);
    Some(Trail::new(active.run.clone(), active.clock, settings.deviations, budget, measured))
}

/// How grave a line of the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gravity {
    /// Worth knowing.
    Notice,
    /// Somebody should act.
    Error,
}

/// Logs a sentence. Gives back whether it is on standard error now; if not, the caller writes it there.
#[must_use]
pub fn tell(gravity: Gravity, sentence: &str) -> bool {
    let Some(active) = active() else { return false };
    let _current = active.run.as_ref().map(|run| run.context().clone().attach());
    match gravity {
        Gravity::Notice => tracing::warn!(target: "feedgate", "{sentence}"),
        Gravity::Error => tracing::error!(target: "feedgate", "{sentence}"),
    }
    active.lines
}

/// Says on the root what the trail has seen, and sets the gauges.
pub fn conclude(trail: Trail, status: Acceptance, run: Option<&str>, standing: Option<&Standing>) {
    let Some(active) = active() else { return };
    let (counts, measured) = trail.into_parts();
    let took = active.began.elapsed().unwrap_or_default();
    measured.finish(status, active.began, took, standing);
    let left_out = counts.deviations.saturating_sub(counts.told);
    let mut words = vec![
        KeyValue::new(names::FEEDS, number(counts.feeds)),
        KeyValue::new(names::FEEDS_LEFT_OUT, number(counts.feeds_left_out)),
        KeyValue::new(names::BYTES, number(counts.bytes)),
        KeyValue::new(names::RECORDS, number(counts.records)),
        KeyValue::new(names::REFUSED, number(counts.refused)),
        KeyValue::new(names::DEVIATIONS, number(counts.deviations)),
        KeyValue::new(names::DEVIATIONS_TOLD, number(counts.told)),
        KeyValue::new(names::DEVIATIONS_LEFT_OUT, number(left_out)),
    ];
    words.extend(run.map(|run| KeyValue::new(names::RUN, run.to_owned())));
    let _current = active.run.as_ref().map(|run| run.context().clone().attach());
    tracing::info!(
        target: "feedgate",
        { feedgate.command = active.command,
        feedgate.outcome = status.as_str(),
        feedgate.feeds = counts.feeds,
        feedgate.records = counts.records,
        feedgate.records.refused = counts.refused,
        feedgate.deviations = counts.deviations },
        "{} of {} feeds and {} records: {}",
        active.command,
        counts.feeds,
        counts.records,
        status.meaning(),
    );
    active.last_words.lock().unwrap_or_else(PoisonError::into_inner).extend(words);
}

/// Ends the root and sends what is left, once; a sentence says what did not arrive.
///
/// To be called on every way out of the program, from whatever thread.
#[must_use]
pub fn end(status: Acceptance) -> Option<String> {
    let active = active()?;
    if active.ended.swap(true, Ordering::AcqRel) {
        return None;
    }
    if let Some(run) = &active.run {
        let mut words =
            std::mem::take(&mut *active.last_words.lock().unwrap_or_else(PoisonError::into_inner));
        words.push(KeyValue::new(names::OUTCOME, status.as_str()));
        words.push(KeyValue::new(names::PROCESS_EXIT_CODE, i64::from(status.exit_status())));
        let failure = (status != Acceptance::Accepted).then(|| status.as_str());
        run.end(words, failure);
    }
    active.setup.as_ref()?.senders.flush()
}
