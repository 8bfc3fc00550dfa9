//! Held feeds that somebody lets in or gives up.

use super::super::json::Json;
use super::{HeldDetail, detail, held};
use crate::access::Scope;
use crate::serve::auth::Caller;
use crate::serve::deeds::{self, ReasonBody};
use crate::serve::parameters::{Body, Id};
use crate::serve::problem::{Kind, Problem};
use crate::serve::release;
use crate::serve::requests::RequestNotes;
use crate::serve::service::Service;
use crate::serve::upload::run_of;
use crate::serve::wire::{Refused, Submitted};
use crate::store::{Decision, Enqueued, ReleaseOrder};
use axum::Extension;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// A held feed to let in.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::serve) struct ReleaseBody {
    /// Digest of the plan that was seen.
    #[schema(example = "3f9a0c27d1b5")]
    pub(in crate::serve) plan: String,
    /// Why it is let in; written down.
    #[schema(
        min_length = 1,
        max_length = 1000,
        pattern = r"^[^\x00]*[^\s\x00][^\x00]*$",
        example = "autumn prices, confirmed by the publisher"
    )]
    pub(in crate::serve) reason: String,
}

/// Let a held feed in
///
/// It waits for its turn as a feed that was submitted, and is read and judged again then: it is imported when it would
/// do what was seen, and nothing else; otherwise it is held on. 409 when it does not wait any more, its bytes are not
/// kept, or what it would do is not what was seen.
#[utoipa::path(
    post,
    path = "/v1/held/{id}/release",
    operation_id = "release_held",
    tag = "held",
    params(("id" = i64, Path, minimum = 1, description = "Number of the held feed")),
    request_body = ReleaseBody,
    responses(
        (status = 202, description = "Queued", body = Submitted,
            headers(("Location" = String, description = "Where the run is"))),
        (status = 200, description = "It is to be let in already", body = Submitted,
            headers(("Location" = String, description = "Where the run is"))),
        (status = 404, response = Refused),
        (status = 409, response = Refused),
    )
)]
pub(in crate::serve) async fn release(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Extension(notes): Extension<RequestNotes>,
    Id(id): Id,
    request: Request,
) -> Result<Response, Problem> {
    caller.may(Scope::Operate)?;
    held(&service, &caller, id).await?;
    let Body(body) = Body::from_request(request, &service).await?;
    let queued = release_by(&service, &caller, &notes, id, body).await?;
    answer(&service, queued).await
}

/// Queues a run that lets it in, as a caller says.
pub(in crate::serve) async fn release_by(
    service: &Service,
    caller: &Caller,
    notes: &RequestNotes,
    id: i64,
    ReleaseBody { plan, reason }: ReleaseBody,
) -> Result<Enqueued, Problem> {
    caller.may(Scope::Operate)?;
    let view = held(service, caller, id).await?;
    let decision = deeds::decided(caller, &reason)?;
    release::check(&view).map_err(|error| Problem::new(Kind::Conflict, error.to_string()))?;
    let plan = plan.trim().to_lowercase();
    if plan != view.plan_digest {
        return Err(other_plan(id));
    }
    admit(service)?;
    let traceparent = notes.traceparent();
    let order = ReleaseOrder {
        token: caller.0.token(),
        held: id,
        plan: &plan,
        decision: &decision,
        traceparent: traceparent.as_deref(),
    };
    let queued = service.store.enqueue_release(&order, service.now()).await?.ok_or_else(|| closed(id))?;
    if matches!(queued, Enqueued::New(_)) {
        service.queued_one();
    }
    notes.run(run_of(queued).0);
    Ok(queued)
}

fn other_plan(id: i64) -> Problem {
    let why =
        format!("held feed {id} would do something else than what was seen: look at `/v1/held/{id}` again");
    Problem::new(Kind::Conflict, why)
}

fn closed(id: i64) -> Problem {
    Problem::new(Kind::Conflict, format!("held feed {id} waits for nobody any more: nothing was changed"))
}

fn admit(service: &Service) -> Result<(), Problem> {
    deeds::begin(service)?;
    service.room_in_queue()
}

async fn answer(service: &Service, queued: Enqueued) -> Result<Response, Problem> {
    let is_new = matches!(queued, Enqueued::New(_));
    let status = if is_new { StatusCode::ACCEPTED } else { StatusCode::OK };
    let body = Submitted::told(service, queued).await?;
    Ok((status, [(LOCATION, body.location.clone())], Json(body)).into_response())
}

/// Give up a held feed
///
/// Its bytes are forgotten; that it was held, and why it is not wanted, is kept. 409 when it does not wait any more.
#[utoipa::path(
    post,
    path = "/v1/held/{id}/refuse",
    operation_id = "refuse_held",
    tag = "held",
    params(("id" = i64, Path, minimum = 1, description = "Number of the held feed")),
    request_body = ReasonBody,
    responses(
        (status = 200, description = "Given up", body = HeldDetail),
        (status = 404, response = Refused),
        (status = 409, response = Refused),
    )
)]
pub(in crate::serve) async fn refuse(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Id(id): Id,
    request: Request,
) -> Result<Json<HeldDetail>, Problem> {
    caller.may(Scope::Operate)?;
    held(&service, &caller, id).await?;
    let decision = deeds::reasoned(&service, &caller, request).await?;
    refuse_by(&service, &caller, id, &decision).await?;
    let view = held(&service, &caller, id).await?;
    Ok(Json(detail(&service, view).await?))
}

/// Gives it up, as a caller decided.
pub(in crate::serve) async fn refuse_by(
    service: &Service,
    caller: &Caller,
    id: i64,
    decision: &Decision,
) -> Result<(), Problem> {
    caller.may(Scope::Operate)?;
    held(service, caller, id).await?;
    let is_done = service.store.refuse_held(id, service.now(), decision).await?;
    if is_done { Ok(()) } else { Err(closed(id)) }
}
