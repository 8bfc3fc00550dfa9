//! What is said over HTTP, as it is written.

use super::problem::{Problem, ProblemDetails};
use super::run::StateWord;
use super::service::Service;
use crate::store::{Enqueued, RunId, RunState};
use serde::Serialize;
use utoipa::{ToResponse, ToSchema};

/// A submission that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Submitted {
    /// Number of the run.
    #[schema(example = 17)]
    pub(super) run: i64,
    /// How it stands now; what was submitted before may have ended.
    pub(super) state: StateWord,
    /// Where it is.
    #[schema(example = "/v1/runs/17")]
    pub(super) location: String,
}

impl Submitted {
    /// What is told of a run that was put into the queue, or was there before.
    pub(super) async fn told(service: &Service, queued: Enqueued) -> Result<Self, Problem> {
        let (run, state) = match queued {
            Enqueued::New(run) => (run, RunState::Queued),
            Enqueued::Same(run) | Enqueued::OtherBytes(run) => (run, state(service, run).await?),
        };
        Ok(Self { run: run.0, state: state.into(), location: format!("/v1/runs/{run}") })
    }
}

async fn state(service: &Service, run: RunId) -> Result<RunState, Problem> {
    let found = service.store.run(run).await?;
    found.map(|run| run.state).ok_or_else(Problem::internal)
}

/// The request is not taken; nothing was changed.
#[derive(ToResponse)]
#[response(description = "Not taken, nothing was changed", content_type = "application/problem+json")]
#[expect(dead_code, reason = "says what the answer looks like")]
pub(super) struct Refused(#[to_schema] ProblemDetails);

/// It cannot be done now; nothing was changed.
#[derive(ToResponse)]
#[response(
    description = "Not now; nothing was changed",
    content_type = "application/problem+json",
    headers(("Retry-After" = u32, description = "Seconds after which it is worth another try"))
)]
#[expect(dead_code, reason = "says what the answer looks like")]
pub(super) struct Unavailable(#[to_schema] ProblemDetails);

/// There is no such thing, or the token does not see it.
#[derive(ToResponse)]
#[response(description = "There is none, or it is not to be seen", content_type = "application/problem+json")]
#[expect(dead_code, reason = "says what the answer looks like")]
pub(super) struct Missing(#[to_schema] ProblemDetails);

/// It cannot be done as things stand.
#[derive(ToResponse)]
#[response(description = "It cannot be done as things stand", content_type = "application/problem+json")]
#[expect(dead_code, reason = "says what the answer looks like")]
pub(super) struct Conflicting(#[to_schema] ProblemDetails);
