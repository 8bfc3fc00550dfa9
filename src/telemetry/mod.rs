//! Traces, metrics and logs of runs and requests; the only module that names `opentelemetry`.
//!
//! ```text
//!  feeds ─▶ FeedSignals ┬▶ spans    run ─▶ feed ─▶ read, failed records     ─┐
//!  import ─▶ database ──┤           run ─▶ database work                     ├▶ batches ─▶ collector (OTLP)
//!  serve ─▶ request ────┤           caller ─▶ request ◁┄ link of its run     │
//!    ├─▶ uploads, queue ├▶ metrics  counters as feeds end, gauges at the end ┤
//!    │                  │             └──▶ Prometheus text, when asked for   │
//!  cli ─▶ tell ─────────┴▶ logs     with the ids of the span ────────────────┘
//!                             └──▶ standard error
//! ```
//!
//! [`Telemetry`] is what a process sets up once; [`RunTelemetry`] is one run of it, with a trace of its own, and
//! [`RequestTelemetry`] one request. All are handles that are passed to whoever has something to tell: nothing is
//! looked up by the process, so runs may follow each other and go side by side. The one exception is
//! [`Telemetry::hear_process`], for what others say.
//!
//! * Off unless a collector is named or metrics are exposed; off, it costs nothing. On, an accepted record costs a look
//!   at an empty list.
//! * The shop comes first: a collector that is down, slow or wrong costs a bounded wait at the end and one sentence
//!   on standard error; of a process that lives on, one a minute ([`Telemetry::tell_losses`]). Nothing of an import
//!   waits for it before that.
//! * What is told is bounded (`RECORDS_PER_RUN_MAX` and the settings); what is left out is counted exactly and said
//!   on the feed and the run.
//! * A process may live for months: batches leave in their own time, and nothing that is kept grows with the number of
//!   runs and requests. Labels stay, so each has few values; gauges are of the last run or the last look.
//! * Loss is found by counting both ends (`delivery`), because the SDK says `Ok` whatever happens.
//! * Database work stands below the run, not below a feed: one transaction applies many feeds.
//! * A request stands below the span of its caller. A run that a request asked for has a trace of its own and a link:
//!   hours may lie between, and the caller's sampler has no say in it.
//! * Of the content of feeds only keys and the cut excerpts of deviations leave; of requests no query, no header but
//!   host, user agent and trace context, and of a token its name.
#![doc = include_str!("INSTRUMENTS.md")]

mod budget;
mod carrier;
mod database;
mod delivery;
mod deviation;
mod deviation_labels;
mod expiry;
mod export_plan;
mod exposition;
mod feed_signals;
mod flush;
mod groups;
mod http_client;
mod ids;
mod instruments;
mod log;
mod log_record;
mod losses;
mod names;
mod request;
mod resource;
mod run;
mod run_metrics;
mod sdk_warnings;
mod service;
mod setup;
#[cfg(test)]
mod test_support;
mod tls;
mod trace;

pub use database::DatabaseWork;
pub use exposition::{EXPOSITION_MEDIA_TYPE, Exposition};
pub use feed_signals::FeedSignals;
pub use request::{RequestEnd, RequestStart, RequestTelemetry};
pub use resource::Instance;
pub use run::RunTelemetry;
pub use run_metrics::{SENDERS_MAX, Standing};
pub use service::{BusyWorker, QueueStanding, UploadOutcome};
pub use setup::SetupError;
pub use tls::TlsError;
pub use trace::SpanAddress;

use crate::config::{Environment, LogLevel, LogSettings, TelemetrySettings};
use carrier::Carrier;
use deviation_labels::DeviationLabels;
use export_plan::ExportPlan;
use instruments::Instruments;
use losses::Losses;
use opentelemetry::metrics::MeterProvider;
use opentelemetry::trace::SpanContext;
use run_metrics::SenderLabels;
use setup::Setup;
use std::io::Write;
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use trace::Cause;
use tracing::dispatcher::{self, Dispatch};

/// What a process tells of itself, and where: a handle, cheap to clone. The default is that nobody listens.
#[derive(Clone, Debug, Default)]
pub struct Telemetry(Option<Arc<Equipment>>);

/// What is set up once and serves every run.
#[derive(Debug)]
struct Equipment {
    /// Never dropped: the threads of exporters would be waited for, as long as a collector likes.
    setup: Option<ManuallyDrop<Setup>>,
    instruments: Option<Instruments>,
    sender_labels: Mutex<SenderLabels>,
    deviation_labels: Mutex<DeviationLabels>,
    /// The gauges of the last run belong together: one run at a time sets them.
    last_run: Mutex<()>,
    /// Takes our own events and spans, on whatever thread they are made.
    dispatch: Dispatch,
    /// Standard error is written by the subscriber.
    lines: bool,
    /// Log events of deviations are heard: by a collector or on standard error, and they are grave enough.
    hears_deviations: bool,
    settings: TelemetrySettings,
    /// The span of whoever started the process.
    remote: Option<SpanContext>,
    losses: Losses,
    flushed: AtomicBool,
}

impl Equipment {
    /// Does what makes events and spans of ours.
    fn tells<T>(&self, tell: impl FnOnce() -> T) -> T {
        dispatcher::with_default(&self.dispatch, tell)
    }
}

/// Where the log is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogReader {
    /// Somebody sits at a terminal.
    Terminal,
    /// A file or another program.
    Program,
}

/// How grave a line of the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gravity {
    /// All went as it should.
    Account,
    /// Worth knowing.
    Notice,
    /// Somebody should act.
    Error,
}

impl Telemetry {
    /// Nobody listens.
    #[must_use]
    pub const fn off() -> Self {
        Self(None)
    }

    /// Sets up what settings and environment ask for. Gives back what of the environment could not be understood, too.
    pub fn start(
        settings: &TelemetrySettings,
        log: LogSettings,
        environment: &Environment,
        reader: LogReader,
        exposition: Exposition,
        instance: &Instance,
    ) -> Result<(Self, Vec<String>), SetupError> {
        let plan = ExportPlan::settle(settings.export, environment);
        let providers = || setup::providers(&plan, exposition, (environment, instance), settings.deadline);
        let is_read = plan.any() || exposition == Exposition::Scrape;
        let setup = is_read.then(providers).transpose()?;
        let form = setup::line_form(log.form, setup.is_some(), reader == LogReader::Terminal);
        if setup.is_none() && form.is_none() {
            return Ok((Self::off(), plan.notices));
        }
        let senders = setup.as_ref().map(|setup| &setup.senders);
        let metrics = senders.and_then(|senders| senders.metrics.as_ref());
        let equipment = Equipment {
            instruments: metrics
                .map(|metering| Instruments::of(&metering.provider.meter_with_scope(names::scope()))),
            sender_labels: Mutex::default(),
            deviation_labels: Mutex::default(),
            last_run: Mutex::default(),
            dispatch: setup::subscriber(senders, form, log),
            hears_deviations: log.level != LogLevel::Error
                && (form.is_some() || senders.is_some_and(|senders| senders.logs.is_some())),
            setup: setup.map(ManuallyDrop::new),
            lines: form.is_some(),
            settings: settings.clone(),
            remote: carrier::remote(environment),
            losses: Losses::default(),
            flushed: AtomicBool::new(false),
        };
        if exposition == Exposition::Scrape {
            equipment.begin_series();
        }
        Ok((Self(Some(Arc::new(equipment))), plan.notices))
    }

    /// Takes what the SDK and other crates say on threads of their own, too.
    ///
    /// The only thing here that holds for the whole process, whose first it stays: for the program's own start.
    pub fn hear_process(&self) {
        if let Some(equipment) = &self.0 {
            let _ = dispatcher::set_global_default(equipment.dispatch.clone());
        }
    }

    /// Begins a run: its trace, when the sampler wants one, and its count of what is told.
    #[must_use]
    pub fn run(&self, command: &'static str) -> RunTelemetry {
        let Some(equipment) = &self.0 else { return RunTelemetry::off() };
        RunTelemetry::begin(
            equipment,
            command,
            equipment.remote.clone().map_or(Cause::Unknown, Cause::Caller),
        )
    }

    /// Begins a run that was asked for earlier, by a request whose [`traceparent`](RequestTelemetry::traceparent) was
    /// kept: a trace of its own with a link to that span. What started the process has no part in it.
    #[must_use]
    pub fn run_for(&self, command: &'static str, traceparent: Option<&str>) -> RunTelemetry {
        let Some(equipment) = &self.0 else { return RunTelemetry::off() };
        let asker = Carrier { traceparent, tracestate: None }.span();
        RunTelemetry::begin(equipment, command, asker.map_or(Cause::Unknown, Cause::Asker))
    }

    /// Whether standard error is written line by line with fields, as settings ask: then bars would be in the way.
    #[must_use]
    pub fn writes_lines(&self) -> bool {
        self.0.as_ref().is_some_and(|equipment| equipment.lines)
    }

    /// Logs a sentence. Gives back whether it is on standard error now; if not, the caller writes it there.
    #[must_use]
    pub fn tell(&self, gravity: Gravity, sentence: &str) -> bool {
        let Some(equipment) = &self.0 else { return false };
        equipment.tells(|| match gravity {
            Gravity::Account => tracing::info!(name: "feedgate.account", target: "feedgate", "{sentence}"),
            Gravity::Notice => tracing::warn!(name: "feedgate.notice", target: "feedgate", "{sentence}"),
            Gravity::Error => tracing::error!(name: "feedgate.error", target: "feedgate", "{sentence}"),
        });
        equipment.lines
    }

    /// The metrics as Prometheus text ([`EXPOSITION_MEDIA_TYPE`]); `None` when they are not exposed, or
    /// [flushed](Self::flush) already.
    #[must_use]
    pub fn exposition(&self) -> Option<String> {
        let equipment = self.0.as_ref().filter(|equipment| !equipment.flushed.load(Ordering::Acquire))?;
        let metering = equipment.setup.as_ref()?.senders.metrics.as_ref()?;
        Some(metering.scraped.as_ref()?.text())
    }

    /// Warns of signals that did not reach the collector since that was told last, at most once a minute; nothing when
    /// none are lost. For a process that lives on: to be called now and then.
    pub fn tell_losses(&self) {
        let Some(equipment) = &self.0 else { return };
        let Some(setup) = &equipment.setup else { return };
        let Some(loss) = equipment.losses.due(&setup.senders.deliveries(), Instant::now()) else { return };
        if let Some(instruments) = &equipment.instruments {
            loss.count(instruments);
        }
        equipment.tells(|| loss.log());
        if !equipment.lines {
            // Nobody is left to tell that telling failed.
            let _ = writeln!(std::io::stderr().lock(), "notice: {}", loss.sentence());
        }
    }

    fn instruments(&self) -> Option<&Instruments> {
        self.0.as_ref()?.instruments.as_ref()
    }

    /// Sends what is left, once and within the deadline of the settings; a sentence says what did not arrive.
    ///
    /// To be called on every way out of the program, from whatever thread, when its runs have ended.
    #[must_use]
    pub fn flush(&self) -> Option<String> {
        let equipment = self.0.as_ref()?;
        if equipment.flushed.swap(true, Ordering::AcqRel) {
            return None;
        }
        equipment.setup.as_ref()?.senders.flush()
    }
}
