//! The feed of a run, checked once more: out of what is kept of it, as if somebody had sent it again.

use super::order::Order;
use super::{admit, forget, queue};
use crate::run::{KeptFeedError, read_feed};
use crate::serve::auth::Caller;
use crate::serve::cpu::blocking;
use crate::serve::problem::{Kind, Problem};
use crate::serve::requests::RequestNotes;
use crate::serve::run::Run;
use crate::serve::service::Service;
use crate::store::{Enqueued, SubmissionMode};
use axum::http::HeaderMap;
use std::sync::Arc;

/// Puts a run into the queue that checks the one feed of another again.
pub(in crate::serve) async fn check_again(
    service: &Arc<Service>,
    caller: &Caller,
    notes: &RequestNotes,
    run: &Run,
) -> Result<Enqueued, Problem> {
    let gone = || {
        let why = format!("the feed of run {} is not kept: choose the file again", run.id);
        Problem::new(Kind::Conflict, why).about(run.id)
    };
    let read = run.read.first().filter(|_| run.feeds == 1).ok_or_else(gone)?;
    let order = Order {
        mode: SubmissionMode::Check,
        format: run.format.clone(),
        source: run.source.clone(),
        name: Some(read.feed.clone()),
        key: None,
        again: true,
        checks_again: true,
        is_form: false,
        traceparent: notes.traceparent(),
    };
    let place = admit(service, caller, &HeaderMap::new())?;
    let kept = read_feed(&service.store, read.id, &read.feed).await.map_err(failed)?;
    let (_, file) = kept.ok_or_else(gone)?;
    let spool = Arc::clone(&service.spool);
    let spooled = blocking(move || spool.take(file.path())).await??;
    let queued = queue(service, caller, &order, &spooled).await;
    drop(place);
    if !matches!(queued, Ok(Enqueued::New(_))) {
        forget(service, spooled).await;
    }
    let queued = queued?;
    service.queued_one();
    Ok(queued)
}
fn failed(error: KeptFeedError) -> Problem {
    match error {
        KeptFeedError::Store(error) => error.into(),
        KeptFeedError::Room(error) => error.into(),
        KeptFeedError::Keep(_) => Problem::internal(),
    }
}
