//! For operators, on a listener of their own: is it alive, is it ready, how much of what.

use super::auth::Reach;
use super::problem::{Kind, Problem};
use super::service::Service;
use crate::telemetry::EXPOSITION_MEDIA_TYPE;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::{Router, routing};
use std::sync::Arc;
use std::time::Duration;

/// How long the database may take to show that it is there.
const READY_TIME_MAX: Duration = Duration::from_secs(5);

/// The routes for operators.
pub(super) fn router(service: Arc<Service>) -> Router {
    Router::new()
        .route("/healthz", routing::get(alive))
        .route("/readyz", routing::get(ready))
        .route("/metrics", routing::get(metrics))
        .with_state(service)
}

async fn alive() -> &'static str {
    "alive\n"
}

/// The instruments as Prometheus reads them.
async fn metrics(State(service): State<Arc<Service>>) -> Result<impl IntoResponse, Problem> {
    let text = service.plan.telemetry.exposition();
    let text = text.ok_or_else(|| Problem::not_found("metrics are not exposed any more"))?;
    Ok(([(CONTENT_TYPE, EXPOSITION_MEDIA_TYPE)], text))
}

/// Whether it can take feeds: it is not about to stop, the database answers and is the one it was, the spool can be
/// written to, and callers are answered where operators are.
async fn ready(State(service): State<Arc<Service>>) -> Result<&'static str, Problem> {
    if service.stopping.is_raised() {
        return Err(Problem::new(Kind::Stopping, "it is about to stop"));
    }
    let looked = tokio::time::timeout(READY_TIME_MAX, async {
        service.observe(service.store.queue(service.now()).await?);
        open(&service).await
    });
    match looked.await {
        Ok(looked) => looked?,
        Err(_) => return Err(Problem::new(Kind::DatabaseUnavailable, "it did not answer in time")),
    }
    let spool = Arc::clone(&service.spool);
    super::cpu::blocking(move || spool.probe()).await??;
    Ok("ready\n")
}

/// Whether it serves more than its own machine, where operators are elsewhere: an orchestrator that asks from there
/// leads callers there, too.
async fn open(service: &Service) -> Result<(), Problem> {
    let settings = &service.plan.settings;
    if settings.admin_listen.map(Reach::of) != Some(Reach::Elsewhere) {
        return Ok(());
    }
    let closed = match Reach::of(settings.listen) {
        Reach::ThisMachine => "it listens where its own machine alone reaches it: change `serve.listen`",
        Reach::Elsewhere if service.auth.is_open(service.now()).await? => {
            "there are no valid tokens, so callers of its own machine alone are answered: \
             `feedgate token create NAME --scope submit` makes one"
        }
        Reach::Elsewhere => return Ok(()),
    };
    Err(Problem::new(Kind::Closed, closed))
}
