//! `/v1/runs`: what became of submissions, and of all other runs.

use super::auth::Caller;
use super::parameters::Id;
use super::problem::{Kind, Problem, ProblemDetails};
use super::service::Service;
use crate::access::Scope;
use crate::store::{Cancelling, RunId};
use axum::Json;
use axum::extract::State;
use std::sync::Arc;

/// Show a run
#[utoipa::path(get, path = "/v1/runs/{id}", tag = "runs",
    params(("id" = i64, Path, minimum = 1)),
    responses((status = 200, body = serde_json::Value),
        (status = 404, body = ProblemDetails, content_type = "application/problem+json")))]
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<serde_json::Value>, Problem> {
    caller.may(Scope::Read)?;
    let run = service.store.run(RunId(id)).await?.ok_or_else(|| missing(id))?;
    Ok(Json(serde_json::to_value(run).map_err(|_| Problem::internal())?))
}

/// Cancel a run
///
/// One that waits is cancelled at once; one that runs is stopped, and nothing of it is imported unless that is done
/// already.
#[utoipa::path(post, path = "/v1/runs/{id}/cancel", tag = "runs",
    params(("id" = i64, Path, minimum = 1)),
    responses((status = 202, description = "Cancelled, or about to be"),
        (status = 404, body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, body = ProblemDetails, content_type = "application/problem+json")))]
pub(super) async fn cancel(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Id(id): Id,
) -> Result<axum::http::StatusCode, Problem> {
    caller.may(Scope::Submit)?;
    match service.store.cancel(RunId(id), service.now()).await? {
        Cancelling::Done => {}
        Cancelling::Asked => {
            if let Some(control) = service.at(RunId(id)) {
                control.cancel();
            }
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
    Ok(axum::http::StatusCode::ACCEPTED)
}

fn missing(id: i64) -> Problem {
    Problem::not_found(format!("there is no run {id}: `/v1/runs` lists those there are"))
}
