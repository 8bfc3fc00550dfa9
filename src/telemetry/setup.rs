//! Exporters, providers and the subscriber, from settings and environment.

use super::delivery::{CountingExporter, CountingProcessor, Delivery};
use super::expiry;
use super::export_plan::{ExportPlan, Protocol, Signal};
use super::exposition::{Exposition, Scraped};
use super::flush::{Metering, Senders};
use super::http_client::HeardClient;
use super::ids::RootedIds;
use super::log::{LineForm, StderrLog};
use super::log_record::{Completing, Scoped};
use super::names;
use super::resource::{Instance, resource};
use super::sdk_warnings::{SdkWarnings, is_of_transport};
use super::tls::{Tls, TlsError};
use crate::config::{Environment, LogForm, LogLevel, LogSettings};
use opentelemetry::trace::TracerProvider;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_otlp::{ExporterBuildError, LogExporter, MetricExporter, SpanExporter, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::{self, BatchLogProcessor, SdkLoggerProvider};
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{self, BatchSpanProcessor, SdkTracerProvider};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tracing::dispatcher::Dispatch;
use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, Registry};

/// Spans that wait for the collector: more than one run makes, see [`super::budget`], and with the usual budget of a
/// feed more than ten runs of one feed each make while a collector takes nothing.
const SPANS_WAITING_MAX: usize = 8_192;
/// Log events that wait for the collector.
const LOGS_WAITING_MAX: usize = 32_768;

/// Why signals cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The settings of an exporter are wrong.
    #[error(
        "telemetry cannot be sent: check the OTEL_EXPORTER_OTLP_... variables, \
         or turn it off by `--set telemetry.export=off`"
    )]
    Exporter(#[from] ExporterBuildError),
    /// A connection cannot be encrypted as the environment asks.
    #[error(
        "telemetry cannot be sent: the connection to the collector cannot be made as the environment asks"
    )]
    Tls(#[from] TlsError),
    /// The thread for connections could not be started.
    #[error("the thread that sends telemetry cannot be started")]
    Thread(#[from] std::io::Error),
}

/// Everything that sends.
#[derive(Debug)]
pub(super) struct Setup {
    pub(super) senders: Senders,
    /// Drives connections of gRPC.
    _runtime: Option<Runtime>,
}

/// Makes exporters and providers.
pub(super) fn providers(
    plan: &ExportPlan,
    exposition: Exposition,
    (environment, instance): (&Environment, &Instance),
    deadline: Duration,
) -> Result<Setup, SetupError> {
    // Connections are encrypted by ring; without this, an exporter panics when it is made. A second call finds the
    // first one's choice.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let grpc = [plan.traces, plan.metrics, plan.logs].contains(&Some(Protocol::Grpc));
    let runtime = grpc.then(connections).transpose()?;
    let entered = runtime.as_ref().map(Runtime::enter);
    let resource = resource(environment, instance);
    let traces = plan.traces.map(|protocol| traces(protocol, &resource, environment)).transpose()?;
    let metrics = metering(plan.metrics, exposition, (resource.clone(), environment))?;
    let logs = plan.logs.map(|protocol| logs_of(protocol, &resource, environment)).transpose()?;
    let senders = Senders { traces, metrics, logs, deadline };
    drop(entered);
    Ok(Setup { senders, _runtime: runtime })
}

fn connections() -> Result<Runtime, std::io::Error> {
    Builder::new_multi_thread().worker_threads(1).thread_name("telemetry").enable_all().build()
}

/// The client of an exporter over HTTP.
fn heard(tls: &Tls, delivery: &Arc<Delivery>) -> Result<HeardClient, SetupError> {
    Ok(HeardClient { client: tls.client()?, delivery: Arc::clone(delivery) })
}

type Sender<P> = (P, Arc<Delivery>);

fn traces(
    protocol: Protocol,
    resource: &Resource,
    environment: &Environment,
) -> Result<Sender<SdkTracerProvider>, SetupError> {
    let tls = Tls::of(Signal::Traces, environment)?;
    let delivery = Delivery::over(Signal::Traces, tls.is_unproven());
    let exporter = match protocol {
        Protocol::Grpc => tls.grpc(SpanExporter::builder().with_tonic()).build()?,
        Protocol::Http => {
            SpanExporter::builder().with_http().with_http_client(heard(&tls, &delivery)?).build()?
        }
    };
    let config = trace::BatchConfigBuilder::default();
    let config = match environment.get("OTEL_BSP_MAX_QUEUE_SIZE") {
        Some(_) => config,
        None => config.with_max_queue_size(SPANS_WAITING_MAX),
    };
    let batch = BatchSpanProcessor::builder(CountingExporter::new(exporter, &delivery))
        .with_batch_config(config.build());
    let provider = SdkTracerProvider::builder()
        .with_resource(resource.clone())
        .with_id_generator(RootedIds::default())
        .with_span_processor(CountingProcessor(Arc::clone(&delivery)))
        .with_span_processor(batch.build())
        .build();
    Ok((provider, delivery))
}

/// What measures; `None` when nobody reads it.
fn metering(
    protocol: Option<Protocol>,
    exposition: Exposition,
    (resource, environment): (Resource, &Environment),
) -> Result<Option<Metering>, SetupError> {
    let mut builder = SdkMeterProvider::builder().with_resource(resource).with_view(expiry::room);
    let mut delivery = None;
    if let Some(protocol) = protocol {
        let tls = Tls::of(Signal::Metrics, environment)?;
        let counted = delivery.insert(Delivery::over(Signal::Metrics, tls.is_unproven()));
        let exporter = match protocol {
            Protocol::Grpc => tls.grpc(MetricExporter::builder().with_tonic()).build()?,
            Protocol::Http => {
                MetricExporter::builder().with_http().with_http_client(heard(&tls, counted)?).build()?
            }
        };
        builder =
            builder.with_reader(PeriodicReader::builder(CountingExporter::new(exporter, counted)).build());
    }
    let mut scraped = None;
    if exposition == Exposition::Scrape {
        let (with_reader, reader) = Scraped::attach(builder);
        (builder, scraped) = (with_reader, Some(reader));
    }
    let is_read = delivery.is_some() || scraped.is_some();
    Ok(is_read.then(|| Metering { provider: builder.build(), delivery, scraped }))
}

fn logs_of(
    protocol: Protocol,
    resource: &Resource,
    environment: &Environment,
) -> Result<Sender<SdkLoggerProvider>, SetupError> {
    let tls = Tls::of(Signal::Logs, environment)?;
    let delivery = Delivery::over(Signal::Logs, tls.is_unproven());
    let exporter = match protocol {
        Protocol::Grpc => tls.grpc(LogExporter::builder().with_tonic()).build()?,
        Protocol::Http => {
            LogExporter::builder().with_http().with_http_client(heard(&tls, &delivery)?).build()?
        }
    };
    let config = logs::BatchConfigBuilder::default();
    let config = match environment.get("OTEL_BLRP_MAX_QUEUE_SIZE") {
        Some(_) => config,
        None => config.with_max_queue_size(LOGS_WAITING_MAX),
    };
    let batch = BatchLogProcessor::builder(CountingExporter::new(exporter, &delivery))
        .with_batch_config(config.build());
    let provider = SdkLoggerProvider::builder()
        .with_resource(resource.clone())
        .with_log_processor(Completing)
        .with_log_processor(CountingProcessor(Arc::clone(&delivery)))
        .with_log_processor(batch.build())
        .build();
    Ok((provider, delivery))
}

/// The form of lines on standard error; `None` for plain sentences, which need no subscriber.
///
/// `told` says that somebody is told otherwise, too: a collector, or who asks for metrics as one asks a service.
pub(super) fn line_form(form: LogForm, told: bool, terminal: bool) -> Option<LineForm> {
    match form {
        LogForm::Plain => None,
        LogForm::Auto if terminal || !told => None,
        LogForm::Auto | LogForm::Text => Some(LineForm::Text),
        LogForm::Json => Some(LineForm::Json),
    }
}

/// Takes events and spans to where they belong.
pub(super) fn subscriber(senders: Option<&Senders>, form: Option<LineForm>, log: LogSettings) -> Dispatch {
    let level = level(log.level);
    let stderr = form.map(|form| StderrLog(form).with_filter(filter_fn(move |event| logged(event, level))));
    let traces = senders.and_then(|senders| senders.traces.as_ref()).map(|(provider, _)| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer_with_scope(names::scope()))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            // Events are log records: a second copy as events of spans helps nobody.
            .with_filter(filter_fn(|metadata| {
                metadata.is_span() && metadata.target().starts_with("feedgate")
            }))
    });
    let logs = senders.and_then(|senders| senders.logs.as_ref()).map(|(provider, _)| {
        OpenTelemetryTracingBridge::new(&Scoped(provider.clone()))
            .with_filter(filter_fn(move |event| logged(event, level)))
    });
    let sdk = senders.map(|senders| {
        SdkWarnings::new(senders.deliveries()).with_filter(filter_fn(|metadata| {
            *metadata.level() <= Level::WARN && metadata.target().starts_with("opentelemetry")
        }))
    });
    Dispatch::new(Registry::default().with(stderr).with(traces).with(logs).with(sdk))
}

/// Whether an event is logged: ours from the level on, others' warnings, and nothing of what carries it.
fn logged(metadata: &Metadata<'_>, level: LevelFilter) -> bool {
    let ours = metadata.target().starts_with("feedgate");
    let least = if ours { level } else { level.min(LevelFilter::WARN) };
    metadata.is_event() && *metadata.level() <= least && !is_of_transport(metadata)
}

fn level(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_at_a_terminal_read_sentences() {
        let (text, json) = (Some(LineForm::Text), Some(LineForm::Json));
        let all = |form| {
            [(true, true), (true, false), (false, false)].map(|(sends, at)| line_form(form, sends, at))
        };
        assert_eq!(all(LogForm::Auto), [None, text, None]);
        assert_eq!(all(LogForm::Plain), [None; 3]);
        assert_eq!(all(LogForm::Text), [text; 3]);
        assert_eq!(all(LogForm::Json), [json; 3]);
    }
}
