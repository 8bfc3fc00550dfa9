//! Listeners, start and stop.

use super::auth::Reach;
use super::plan::ServePlan;
use super::router::router;
use super::service::Service;
use super::{expiry, health, housekeeping, worker};
use crate::pipeline::StopFlag;
use crate::source::{Spool, SpoolError};
use crate::store::{Store, StoreError};
use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

/// Threads that answer requests.
const HTTP_THREADS: usize = 2;
/// Threads that talk to the database for workers, and keep their leases.
const DATABASE_THREADS: usize = 1;
/// Threads that wait for disks, or judge what is asked for at once.
const BLOCKING_THREADS_MAX: usize = 16;
/// Connections open at a time.
const CONNECTIONS_MAX: usize = 2_048;
/// How long the head of a request may take.
const HEAD_TIME_MAX: Duration = Duration::from_secs(10);
/// Lines of the head of a request.
const HEADERS_MAX: usize = 100;
/// Bytes of the head of a request.
const HEAD_BYTES_MAX: usize = 64 << 10;
/// How long a client may take no byte of an answer.
const ANSWER_PAUSE_MAX: Duration = Duration::from_secs(30);
/// How long requests under way may take when the service stops.
const DRAIN_MAX: Duration = Duration::from_secs(10);
/// How long to wait when no connection can be taken.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How often it is looked whether the service is to stop.
const STOP_LOOK: Duration = Duration::from_millis(50);

/// Why the service cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The spool cannot be used.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// There are no threads.
    #[error("the threads of the service cannot be started")]
    Threads(#[source] io::Error),
    /// The address cannot be listened on.
    #[error(
        "cannot listen on `{address}`: check that it is an address of this machine and that nobody else listens there"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// A service that listens.
#[derive(Debug)]
pub struct Serving {
    service: Arc<Service>,
    http: Runtime,
    workers: Runtime,
    store: Store,
    listener: TcpListener,
    admin: Option<TcpListener>,
    /// What whoever starts it should know.
    pub notices: Vec<String>,
}

impl Serving {
    /// Opens database and spool, and listens; nothing is answered yet.
    pub fn open(plan: ServePlan) -> Result<Self, ServeError> {
        let http = runtime("feedgate-http", HTTP_THREADS)?;
        let workers = runtime("feedgate-database", DATABASE_THREADS)?;
        let spool = Spool::open(&plan.settings.spool)?;
        // Each with connections of its own: requests do not wait for workers.
        let store = workers.block_on(Store::open(&plan.import.database))?;
        store.keep_sessions(plan.settings.workers);
        let asked = plan.settings.listen;
        let admin = plan.settings.admin_listen.map(|address| http.block_on(listen(address))).transpose()?;
        let (service, listener, notices) = http.block_on(async {
            let store = Store::open(&plan.import.database).await?;
            let is_open = store.valid_tokens((plan.import.clock)()).await? == 0;
            let listener = listen(asked).await?;
            let notices = if is_open { vec![open(Reach::of(asked))] } else { Vec::new() };
            let database = workers.handle().clone();
            let service = Service::new(plan, store, spool, database);
            Ok::<_, ServeError>((service, listener, notices))
        })?;
        Ok(Self { service: Arc::new(service), http, workers, store, listener, admin, notices })
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Where it answers its operators.
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin.as_ref()?.local_addr().ok()
    }

    /// Answers requests and works, until it is to stop; runs under way are given back then.
    pub fn run(self, stop: &StopFlag) {
        let Self { service, http, workers, store, listener, admin, .. } = self;
        let working = start_workers(&service, &store, workers.handle());
        workers.spawn(housekeeping::look(Arc::clone(&service), store.clone()));
        workers.spawn(housekeeping::stand(Arc::clone(&service), store.clone()));
        workers.spawn(housekeeping::listen(Arc::clone(&service), store.clone()));
        workers.spawn(housekeeping::clear(Arc::clone(&service), store.clone()));
        if service.plan.expiry.inventory.is_some() {
            workers.spawn(expiry::look(Arc::clone(&service)));
        }
        if let Some(admin) = admin {
            http.spawn(answer(admin, health::router(Arc::clone(&service)), StopFlag::default()));
        }
        let answering = http.spawn(answer(listener, router(Arc::clone(&service)), service.stopping.clone()));
        http.block_on(until(stop));
        service.stop();
        // One that panicked is done, too.
        for worker in working {
            let _ = worker.join();
        }
        workers.block_on(store.close());
        http.block_on(async {
            let _ = tokio::time::timeout(DRAIN_MAX, answering).await;
            service.store.close().await;
        });
        workers.shutdown_background();
        http.shutdown_background();
    }
}

/// Each on a thread of its own: what an import computes keeps nobody else from answering.
fn start_workers(service: &Arc<Service>, store: &Store, runtime: &Handle) -> Vec<JoinHandle<()>> {
    let start = |number: usize| {
        let (service, store, runtime) = (Arc::clone(service), store.clone(), runtime.clone());
        let thread = std::thread::Builder::new().name(format!("worker-{number}"));
        thread.spawn(move || runtime.block_on(worker::work(service, store)))
    };
    (0..service.plan.settings.workers).filter_map(|number| start(number).ok()).collect()
}

async fn until(stop: &StopFlag) {
    while !stop.is_raised() {
        tokio::time::sleep(STOP_LOOK).await;
    }
}

pub(super) fn runtime(name: &'static str, threads: usize) -> Result<Runtime, ServeError> {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(threads).max_blocking_threads(BLOCKING_THREADS_MAX).thread_name(name).enable_all();
    builder.build().map_err(ServeError::Threads)
}

pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|source| ServeError::Listen { address, source })
}

/// What it means that there are no tokens.
fn open(reach: Reach) -> String {
    let meaning = match reach {
        Reach::ThisMachine => "so whoever reaches the service may do everything",
        Reach::Elsewhere => "so callers of this machine may do everything and others nothing",
    };
    format!("there are no tokens, {meaning}: `feedgate token create NAME --scope submit` makes one")
}

/// Takes connections until the service stops, and lets requests under way end.
pub(super) async fn answer(listener: TcpListener, router: Router, stopping: StopFlag) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let place = Arc::clone(&places).acquire_owned().await.expect("the places are never closed");
        let taken = tokio::select! {
            taken = listener.accept() => taken,
            () = until(&stopping) => break,
        };
        let Ok((stream, client)) = taken else {
            // Out of files, say: those that end make room.
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        // What cannot be told is not taken for this machine.
        let reach = stream.local_addr().map_or(Reach::Elsewhere, Reach::of);
        let connection =
            graceful.watch(connection(stream, OfClient { router: router.clone(), client, reach }));
        tokio::spawn(async move {
            // A client that goes away is no failure of ours.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

/// Answers the requests of one client.
struct OfClient {
    router: Router,
    client: SocketAddr,
    /// The address that it has come to.
    reach: Reach,
}

impl hyper::service::Service<Request<Incoming>> for OfClient {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(ConnectInfo(self.client));
        request.extensions_mut().insert(self.reach);
        Box::pin(self.router.clone().oneshot(request))
    }
}

type Connection = http1::Connection<TokioIo<Pin<Box<TimeoutStream<TcpStream>>>>, OfClient>;

fn connection(stream: TcpStream, service: OfClient) -> Connection {
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(ANSWER_PAUSE_MAX));
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME_MAX)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(Box::pin(stream)), service)
}
