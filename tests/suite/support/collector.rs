//! A collector of our own: takes OTLP over gRPC and HTTP on a free port and remembers what arrived.
//!
//! It can also be a bad one, in the ways in which real ones are: nobody there, connections that nobody answers,
//! answers that are errors.

use super::authority::Certified;
use opentelemetry_proto::tonic::collector::logs::v1::logs_service_server::{LogsService, LogsServiceServer};
use opentelemetry_proto::tonic::collector::logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse};
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::metrics::v1::{Metric, NumberDataPoint, metric, number_data_point};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};
use tonic::transport::{Certificate, Identity, ServerTlsConfig};
use tonic::{Request, Response, Status};

/// How the collector behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Takes everything.
    Good,
    /// Takes everything and says that it refused this many spans of each request.
    Refusing(i64),
    /// Answers with an error.
    Failing,
    /// Takes connections and never answers.
    Silent,
    /// Is not there.
    Gone,
}

/// How it is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tongue {
    Grpc,
    Http,
}

/// What arrived.
#[derive(Debug, Default)]
pub(crate) struct Received {
    pub(crate) spans: Vec<Span>,
    pub(crate) metrics: Vec<Metric>,
    pub(crate) logs: Vec<LogRecord>,
    /// Resource and its schema, of each request.
    pub(crate) resources: Vec<(Vec<KeyValue>, String)>,
    /// Signal, scope and its schema, of each group of what arrived.
    pub(crate) scopes: Vec<(&'static str, InstrumentationScope, String)>,
}

/// How a collector encrypts.
#[derive(Clone, Debug)]
pub(crate) struct ServerTls {
    /// Its certificate.
    pub(crate) own: Certified,
    /// Whose certificates it takes of clients, when it asks for them.
    pub(crate) client_authority: Option<String>,
}

impl ServerTls {
    fn of_grpc(&self) -> ServerTlsConfig {
        let own = Identity::from_pem(&self.own.certificate, &self.own.key);
        let config = ServerTlsConfig::new().identity(own);
        match &self.client_authority {
            Some(authority) => config.client_ca_root(Certificate::from_pem(authority)),
            None => config,
        }
    }

    fn acceptor(&self) -> TlsAcceptor {
        let certificate =
            CertificateDer::from_pem_slice(self.own.certificate.as_bytes()).expect("a certificate");
        let key = PrivateKeyDer::from_pem_slice(self.own.key.as_bytes()).expect("a key");
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("versions");
        let builder = match &self.client_authority {
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                let authority = CertificateDer::from_pem_slice(authority.as_bytes()).expect("a certificate");
                roots.add(authority).expect("an authority");
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
            }
            None => builder.with_no_client_auth(),
        };
        TlsAcceptor::from(Arc::new(builder.with_single_cert(vec![certificate], key).expect("they fit")))
    }
}

/// A collector on a port of its own, until it is dropped.
#[derive(Debug)]
pub(crate) struct Collector {
    address: SocketAddr,
    tongue: Tongue,
    is_encrypted: bool,
    received: Arc<Mutex<Received>>,
    _runtime: tokio::runtime::Runtime,
}

#[derive(Clone, Debug)]
struct Taker {
    manner: Manner,
    received: Arc<Mutex<Received>>,
}

impl Collector {
    pub(crate) fn start(tongue: Tongue, manner: Manner) -> Self {
        Self::start_encrypted(tongue, manner, None)
    }

    /// One that encrypts, if it is told how.
    pub(crate) fn start_encrypted(tongue: Tongue, manner: Manner, tls: Option<&ServerTls>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let received = Arc::new(Mutex::new(Received::default()));
        let taker = Taker { manner, received: Arc::clone(&received) };
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let address = listener.local_addr().expect("an address");
        match (manner, tongue) {
            (Manner::Gone, _) => drop(listener),
            (Manner::Silent, _) => drop(runtime.spawn(hold(listener))),
            (_, Tongue::Http) => {
                drop(runtime.spawn(serve_http(listener, tls.map(ServerTls::acceptor), taker)));
            }
            (_, Tongue::Grpc) => {
                let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
                let mut builder = tonic::transport::Server::builder();
                if let Some(tls) = tls {
                    builder = builder.tls_config(tls.of_grpc()).expect("certificates");
                }
                let server = builder
                    .add_service(TraceServiceServer::new(taker.clone()))
                    .add_service(MetricsServiceServer::new(taker.clone()))
                    .add_service(LogsServiceServer::new(taker));
                drop(runtime.spawn(server.serve_with_incoming(incoming)));
            }
        }
        Self { address, tongue, is_encrypted: tls.is_some(), received, _runtime: runtime }
    }

    /// The variables that lead a program here.
    pub(crate) fn variables(&self) -> [(&'static str, String); 2] {
        let protocol = match self.tongue {
            Tongue::Grpc => "grpc",
            Tongue::Http => "http/protobuf",
        };
        let scheme = if self.is_encrypted { "https" } else { "http" };
        [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("{scheme}://{}", self.address)),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol.to_owned()),
        ]
    }

    /// What arrived so far.
    pub(crate) fn received(&self) -> Received {
        std::mem::take(&mut *self.received.lock().expect("no panic in the collector"))
    }
}

impl Taker {
    fn traces(&self, request: ExportTraceServiceRequest) -> ExportTraceServiceResponse {
        let mut received = self.received.lock().expect("no panic in the collector");
        for of_resource in request.resource_spans {
            let schema = of_resource.schema_url;
            received.resources.extend(of_resource.resource.map(|resource| (resource.attributes, schema)));
            for of_scope in of_resource.scope_spans {
                received.scopes.extend(of_scope.scope.map(|scope| ("spans", scope, of_scope.schema_url)));
                received.spans.extend(of_scope.spans);
            }
        }
        let partial_success = match self.manner {
            Manner::Refusing(rejected_spans) => Some(ExportTracePartialSuccess {
                rejected_spans,
                error_message: "too many of them".to_owned(),
            }),
            _ => None,
        };
        ExportTraceServiceResponse { partial_success }
    }

    fn metrics(&self, request: ExportMetricsServiceRequest) -> ExportMetricsServiceResponse {
        let mut received = self.received.lock().expect("no panic in the collector");
        for of_resource in request.resource_metrics {
            let schema = of_resource.schema_url;
            received.resources.extend(of_resource.resource.map(|resource| (resource.attributes, schema)));
            for of_scope in of_resource.scope_metrics {
                received.scopes.extend(of_scope.scope.map(|scope| ("metrics", scope, of_scope.schema_url)));
                received.metrics.extend(of_scope.metrics);
            }
        }
        ExportMetricsServiceResponse::default()
    }

    fn logs(&self, request: ExportLogsServiceRequest) -> ExportLogsServiceResponse {
        let mut received = self.received.lock().expect("no panic in the collector");
        for of_resource in request.resource_logs {
            let schema = of_resource.schema_url;
            received.resources.extend(of_resource.resource.map(|resource| (resource.attributes, schema)));
            for of_scope in of_resource.scope_logs {
                received.scopes.extend(of_scope.scope.map(|scope| ("logs", scope, of_scope.schema_url)));
                received.logs.extend(of_scope.log_records);
            }
        }
        ExportLogsServiceResponse::default()
    }

    fn answers<T>(&self, take: impl FnOnce() -> T) -> Result<Response<T>, Status> {
        match self.manner {
            Manner::Failing => Err(Status::unavailable("no room left")),
            _ => Ok(Response::new(take())),
        }
    }
}

#[tonic::async_trait]
impl TraceService for Taker {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.answers(|| self.traces(request.into_inner()))
    }
}

#[tonic::async_trait]
impl MetricsService for Taker {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        self.answers(|| self.metrics(request.into_inner()))
    }
}

#[tonic::async_trait]
impl LogsService for Taker {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        self.answers(|| self.logs(request.into_inner()))
    }
}

/// Keeps every connection open and says nothing.
async fn hold(listener: TcpListener) {
    let mut held = Vec::new();
    while let Ok((connection, _)) = listener.accept().await {
        held.push(connection);
    }
}

async fn serve_http(listener: TcpListener, tls: Option<TlsAcceptor>, taker: Taker) {
    while let Ok((connection, _)) = listener.accept().await {
        let (tls, taker) = (tls.clone(), taker.clone());
        tokio::spawn(async move {
            match tls {
                None => answer_all(connection, &taker).await,
                Some(tls) => {
                    if let Ok(connection) = tls.accept(connection).await {
                        answer_all(connection, &taker).await;
                    }
                }
            }
        });
    }
}

async fn answer_all(connection: impl AsyncRead + AsyncWrite + Unpin, taker: &Taker) {
    let mut connection = BufReader::new(connection);
    while let Ok(Some(())) = answer_http(&mut connection, taker).await {}
}

/// Answers one request; `None` at the end of the connection.
async fn answer_http(
    connection: &mut BufReader<impl AsyncRead + AsyncWrite + Unpin>,
    taker: &Taker,
) -> std::io::Result<Option<()>> {
    let (mut path, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if connection.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(rest) = line.strip_prefix("post ") {
            rest.split(' ').next().unwrap_or_default().clone_into(&mut path);
        }
        if let Some(number) = line.strip_prefix("content-length:") {
            length = number.trim().parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body).await?;
    let bytes = body.as_slice();
    let (status, answer) = match (taker.manner, path.as_str()) {
        (Manner::Failing, _) => ("503 Service Unavailable", Vec::new()),
        (_, "/v1/traces") => {
            let request = ExportTraceServiceRequest::decode(bytes).expect("traces");
            ("200 OK", taker.traces(request).encode_to_vec())
        }
        (_, "/v1/metrics") => {
            let request = ExportMetricsServiceRequest::decode(bytes).expect("metrics");
            ("200 OK", taker.metrics(request).encode_to_vec())
        }
        (_, "/v1/logs") => {
            let request = ExportLogsServiceRequest::decode(bytes).expect("logs");
            ("200 OK", taker.logs(request).encode_to_vec())
        }
        _ => ("404 Not Found", Vec::new()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/x-protobuf\r\ncontent-length: {}\r\n\r\n",
        answer.len()
    );
    connection.write_all(head.as_bytes()).await?;
    connection.write_all(&answer).await?;
    connection.flush().await?;
    Ok(Some(()))
}

impl Received {
    /// The spans of that name.
    pub(crate) fn named(&self, name: &str) -> Vec<&Span> {
        self.spans.iter().filter(|span| span.name == name).collect()
    }

    /// The spans that have an attribute of that name.
    pub(crate) fn with(&self, name: &str) -> Vec<&Span> {
        self.spans.iter().filter(|span| of(&span.attributes, name).is_some()).collect()
    }

    /// The points of a counter or gauge, each with its labels in one line.
    pub(crate) fn points(&self, name: &str) -> Vec<(String, f64)> {
        let points = |metric: &Metric| -> Vec<NumberDataPoint> {
            match &metric.data {
                Some(metric::Data::Sum(sum)) => sum.data_points.clone(),
                Some(metric::Data::Gauge(gauge)) => gauge.data_points.clone(),
                _ => Vec::new(),
            }
        };
        let all = self.metrics.iter().filter(|metric| metric.name == name).flat_map(points);
        let mut labelled: Vec<(String, f64)> = all
            .map(|point| {
                let mut labels: Vec<String> =
                    point.attributes.iter().map(|label| format!("{}={}", label.key, text(label))).collect();
                labels.sort();
                let value = match point.value {
                    Some(number_data_point::Value::AsDouble(value)) => value,
                    #[expect(clippy::cast_precision_loss, reason = "tests count to thousands")]
                    Some(number_data_point::Value::AsInt(value)) => value as f64,
                    None => f64::NAN,
                };
                (labels.join(" "), value)
            })
            .collect();
        labelled.sort_by(|a, b| a.0.cmp(&b.0));
        labelled
    }
}

/// The value of an attribute, as text.
pub(crate) fn of(attributes: &[KeyValue], name: &str) -> Option<String> {
    attributes.iter().find(|attribute| attribute.key == name).map(text)
}

/// The value of an attribute that is a number.
#[track_caller]
pub(crate) fn number(attributes: &[KeyValue], name: &str) -> u64 {
    let value = of(attributes, name).unwrap_or_else(|| panic!("no `{name}` in {attributes:?}"));
    value.parse().expect("a number")
}

fn text(attribute: &KeyValue) -> String {
    attribute.value.as_ref().map(value).unwrap_or_default()
}

fn value(value_of: &AnyValue) -> String {
    match &value_of.value {
        Some(any_value::Value::StringValue(text)) => text.clone(),
        Some(any_value::Value::IntValue(number)) => number.to_string(),
        Some(any_value::Value::DoubleValue(number)) => number.to_string(),
        Some(any_value::Value::BoolValue(yes)) => yes.to_string(),
        Some(any_value::Value::ArrayValue(array)) => {
            array.values.iter().map(value).collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

/// An id as people write it.
pub(crate) fn hexadecimal(id: &[u8]) -> String {
    id.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writes to memory");
        text
    })
}
