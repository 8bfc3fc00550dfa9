//! `/v1/runs`: what became of submissions, and of all other runs.

use super::auth::Caller;
use super::cpu::blocking;
use super::deeds;
use super::json::Json;
use super::page::{Page, PageAsked, text};
use super::parameters::{Id, Query};
use super::problem::{Kind, Problem};
use super::run::{Run, StateWord};
use super::service::Service;
use super::wire::{Conflicting, Missing};
use crate::access::Scope;
use crate::store::{Cancelling, RunFilter, RunId, RunRecord};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Which runs.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RunsQuery {
    /// Only in this state.
    #[param(inline)]
    pub(super) state: Option<StateWord>,
    /// Only those that were asked for this source, or read a feed of it.
    #[param(min_length = 1, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]+$")]
    pub(super) source: Option<String>,
    /// Runs on a page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub(super) limit: Option<u32>,
    /// What the page before gave as `next`.
    #[param(pattern = "^[1-9][0-9]{0,17}$", max_length = 18)]
    pub(super) cursor: Option<String>,
}

/// List runs
///
/// Newest first. A token that is bound to a source sees the runs of that source.
#[utoipa::path(get, path = "/v1/runs", operation_id = "list_runs", tag = "runs", params(RunsQuery),
    responses((status = 200, description = "A page of runs", body = Page<Run>)))]
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Query(query): Query<RunsQuery>,
) -> Result<Json<Page<Run>>, Problem> {
    Ok(Json(page_of(&service, &caller, &query).await?))
}

/// The runs that a caller asks for and may see.
pub(super) async fn page_of(
    service: &Service,
    caller: &Caller,
    query: &RunsQuery,
) -> Result<Page<Run>, Problem> {
    caller.may(Scope::Read)?;
    let source = text("source", query.source.as_deref())?;
    source.map_or(Ok(()), |source| caller.sees(source))?;
    let asked = PageAsked::read(query.limit, query.cursor.as_deref())?;
    let filter = RunFilter {
        state: query.state.map(StateWord::as_str),
        source,
        visible_source: caller.0.source(),
        before: asked.after.map(RunId),
        limit: asked.rows(),
    };
    let records = service.store.run_records(filter).await?;
    let total = asked.total(service.store.run_record_count(filter)).await?;
    let told = |record| Run::told(service, caller, record);
    Ok(asked.page(records, |record| record.id, told).of(total))
}

/// Show a run
#[utoipa::path(get, path = "/v1/runs/{id}", operation_id = "show_run", tag = "runs",
    params(("id" = i64, Path, minimum = 1, description = "Number of the run", example = 1)),
    responses((status = 200, description = "The run as it stands", body = Run), (status = 404, response = Missing)))]
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<Run>, Problem> {
    Ok(Json(one(&service, &caller, id).await?))
}

/// A run as a caller is told of it.
pub(super) async fn one(service: &Service, caller: &Caller, id: i64) -> Result<Run, Problem> {
    caller.may(Scope::Read)?;
    let record = seen(service, caller, id).await?;
    Ok(Run::told(service, caller, record))
}

/// Cancel a run
///
/// One that waits is cancelled at once; one that runs is stopped, and nothing of it is imported unless that is done
/// already.
#[utoipa::path(post, path = "/v1/runs/{id}/cancel", operation_id = "cancel_run", tag = "runs",
    params(("id" = i64, Path, minimum = 1, description = "Number of the run", example = 1)),
    responses((status = 202, description = "Cancelled, or about to be", body = Run),
        (status = 404, response = Missing), (status = 409, response = Conflicting)))]
pub(super) async fn cancel(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Id(id): Id,
) -> Result<(StatusCode, Json<Run>), Problem> {
    cancel_by(&service, &caller, id).await?;
    let record = seen(&service, &caller, id).await?;
    Ok((StatusCode::ACCEPTED, Json(Run::told(&service, &caller, record))))
}

/// Cancels a run, as a caller asks for it.
pub(super) async fn cancel_by(service: &Service, caller: &Caller, id: i64) -> Result<(), Problem> {
    caller.may(Scope::Submit)?;
    if seen(service, caller, id).await?.has_others {
        return Err(of_others(id, "it cannot be cancelled by this token"));
    }
    let decision = deeds::decision(caller, None)?;
    match service.store.cancel(RunId(id), service.now(), &decision).await? {
        // What cannot be removed now is swept later.
        Cancelling::Done(Some(name)) => {
            let spool = Arc::clone(&service.spool);
            let _ = blocking(move || spool.remove(&name)).await;
        }
        Cancelling::Done(None) => {}
        Cancelling::Asked | Cancelling::AskedBefore => {
            service.at(RunId(id)).iter().for_each(|control| control.cancel());
        }
        Cancelling::Ended(state) => {
            return Err(Problem::new(Kind::Conflict, format!("run {id} has ended: it is {state}")).about(id));
        }
        Cancelling::NotSubmitted => {
            let why = format!("run {id} was started by a command: end that");
            return Err(Problem::new(Kind::Conflict, why).about(id));
        }
        Cancelling::Unknown => return Err(missing(id)),
    }
    Ok(())
}

/// A run, if it is there and the caller may see it.
pub(super) async fn seen(service: &Service, caller: &Caller, id: i64) -> Result<RunRecord, Problem> {
    let found = service.store.run_record(RunId(id), caller.0.source()).await?;
    found.ok_or_else(|| missing(id))
}

/// A run that tells of sources that are not the token's.
pub(super) fn of_others(id: i64, why: &str) -> Problem {
    Problem::new(Kind::SourceForbidden, format!("run {id} has to do with other sources, too: {why}"))
        .about(id)
}

/// There is no such run, or it is not to be seen.
pub(super) fn missing(id: i64) -> Problem {
    Problem::not_found(format!("there is no run {id}: `/v1/runs` lists those there are"))
}
