//! The page for operators of a process that serves nothing else: is it alive, how much of what.

use super::listener::{ServeError, answer, listen, runtime};
use super::problem::Problem;
use crate::pipeline::StopFlag;
use crate::telemetry::{EXPOSITION_MEDIA_TYPE, Telemetry};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::{Router, routing};
use std::io;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// Threads that answer.
const THREADS: usize = 1;

/// Answers operators until it is dropped.
#[derive(Debug)]
pub struct Operators {
    runtime: Option<Runtime>,
    address: SocketAddr,
}

impl Operators {
    /// Listens, and answers `/healthz` and `/metrics` from now on.
    pub fn open(address: SocketAddr, telemetry: Telemetry) -> Result<Self, ServeError> {
        let runtime = runtime("feedgate-http", THREADS)?;
        let listener = runtime.block_on(listen(address))?;
        let own = of(&listener).map_err(|source| ServeError::Listen { address, source })?;
        let router = Router::new()
            .route("/healthz", routing::get(async || "alive\n"))
            .route("/metrics", routing::get(metrics))
            .with_state(telemetry);
        runtime.spawn(answer(listener, router, StopFlag::default()));
        Ok(Self { runtime: Some(runtime), address: own })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

fn of(listener: &TcpListener) -> io::Result<SocketAddr> {
    listener.local_addr()
}

async fn metrics(State(telemetry): State<Telemetry>) -> Result<impl IntoResponse, Problem> {
    let text = telemetry.exposition();
    let text = text.ok_or_else(|| Problem::not_found("metrics are not exposed any more"))?;
    Ok(([(CONTENT_TYPE, EXPOSITION_MEDIA_TYPE)], text))
}

impl Drop for Operators {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
