//! `POST /v1/rollback`: what a run did is taken back.

use super::auth::Caller;
use super::deeds;
use super::json::Json;
use super::parameters::{Body, from_1, whole_number};
use super::problem::{Kind, Problem};
use super::requests::RequestNotes;
use super::runs;
use super::service::Service;
use super::wire::Refused;
use crate::access::Scope;
use crate::import::{ImportPlan, Mode, RollbackPlan, RollbackReport, rollback};
use crate::judgement::Acceptance;
use crate::store::{
    Decision, LaterChanges, RollbackOrder, RollbackRefusal, RolledProduct, RunId, SourceRollback,
};
use axum::Extension;
use axum::extract::{FromRequest, Request, State};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// What may be done about products that later runs have changed.
pub(super) const WAYS: &str =
    "; `keep` as `later` leaves those products as they are, `undo` takes them back, too";

/// What happens to products that later runs have changed.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum LaterWord {
    /// The run is not rolled back.
    #[default]
    Refuse,
    /// They stay as they are.
    Keep,
    /// They go back, too; what later runs did to them is lost.
    Undo,
}

impl From<LaterWord> for LaterChanges {
    fn from(word: LaterWord) -> Self {
        match word {
            LaterWord::Refuse => Self::Refuse,
            LaterWord::Keep => Self::Keep,
            LaterWord::Undo => Self::Undo,
        }
    }
}

/// A run to take back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RollbackBody {
    /// Number of the run.
    #[schema(minimum = 1, example = 12)]
    #[serde(deserialize_with = "whole_number")]
    pub(super) run: i64,
    /// What happens to products that later runs have changed.
    #[serde(default)]
    pub(super) later: LaterWord,
    /// Why; written down.
    #[schema(
        min_length = 1,
        max_length = 1000,
        pattern = r"^[^\x00]*[^\s\x00][^\x00]*$",
        example = "prices without tax"
    )]
    pub(super) reason: String,
    /// Tell what would go back, change nothing.
    #[serde(default)]
    pub(super) dry_run: bool,
}

/// What went back, or would.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RolledBack {
    /// The run that is taken back.
    #[schema(example = 12)]
    run: i64,
    /// The run that did it; none on a dry run.
    #[schema(example = 18)]
    pub(super) rollback: Option<i64>,
    /// Source by source.
    pub(super) sources: Vec<RolledSource>,
    /// The first products, where it is only looked; told on the page.
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) products: Vec<RolledProduct>,
}

/// What went back of one source.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RolledSource {
    /// The source.
    #[schema(example = "GLN 4012345000009")]
    pub(super) source: String,
    /// Products that are again what they were.
    pub(super) restored: u64,
    /// Products that had not been there.
    pub(super) removed: u64,
    /// Products that are there again.
    pub(super) returned: u64,
    /// Products that stay as later runs left them.
    pub(super) kept: u64,
    /// Marks that are again where they were.
    marks: u64,
    /// Marks that stay where later runs moved them.
    marks_kept: u64,
}

impl From<SourceRollback> for RolledSource {
    fn from(of: SourceRollback) -> Self {
        let SourceRollback { source, restored, removed, returned, kept, marks, marks_kept } = of;
        Self { source, restored, removed, returned, kept, marks, marks_kept }
    }
}

/// Take a run back
///
/// Products, marks and the quarantine are again what they were before the run, and its feeds can be imported again. It
/// is a run itself, and can be taken back. 409 says why nothing was changed: it is rolled back already, or later runs
/// changed the same products. For tokens that are bound to no source.
#[utoipa::path(
    post,
    path = "/v1/rollback",
    operation_id = "roll_back_run",
    tag = "rollback",
    request_body = RollbackBody,
    responses(
        (status = 200, description = "Taken back; or what would go back", body = RolledBack),
        (status = 404, response = Refused),
        (status = 409, response = Refused),
    )
)]
pub(super) async fn roll_back(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Extension(notes): Extension<RequestNotes>,
    request: Request,
) -> Result<Json<RolledBack>, Problem> {
    caller.may(Scope::Operate)?;
    caller.sees_all()?;
    let Body(body): Body<RollbackBody> = Body::from_request(request, &service).await?;
    let decision = deeds::decided(&caller, &body.reason)?;
    roll_back_by(&service, &caller, &notes, &body, decision).await.map(Json)
}

/// Takes a run back, or tells what would go back, as a caller decided.
pub(super) async fn roll_back_by(
    service: &Service,
    caller: &Caller,
    notes: &RequestNotes,
    body: &RollbackBody,
    decision: Decision,
) -> Result<RolledBack, Problem> {
    caller.may(Scope::Operate)?;
    caller.sees_all()?;
    let plan = plan(service, body, decision)?;
    deeds::begin(service)?;
    let telemetry = service.plan.telemetry.run_for("rollback", notes.traceparent().as_deref());
    let done = service.deeds.run(move || async move {
        let report = rollback(plan, telemetry.clone()).await;
        telemetry.end(report.as_ref().map_or(Acceptance::Failed, RollbackReport::acceptance));
        report
    });
    let report = done.await?.map_err(|error| deeds::failed(service, error))?;
    let outcome = report.outcome.map_err(|refusal| refused(body.run, &refusal))?;
    Ok(RolledBack {
        run: body.run,
        rollback: report.run.map(|run| run.0),
        sources: outcome.sources.into_iter().map(RolledSource::from).collect(),
        products: outcome.products,
    })
}

fn plan(service: &Service, body: &RollbackBody, decision: Decision) -> Result<RollbackPlan, Problem> {
    let run = RunId(from_1("run", body.run)?);
    let reason = decision.reason().map(str::to_owned);
    let mode = if body.dry_run { Mode::DryRun } else { Mode::Write };
    let order = RollbackOrder { run, later: body.later.into() };
    Ok(RollbackPlan { import: ImportPlan { mode, ..deeds::plan(service, decision) }, order, reason })
}

/// Why nothing went back, with the ways there are.
fn refused(run: i64, refusal: &RollbackRefusal) -> Problem {
    let ways = match refusal {
        RollbackRefusal::Unknown(_) => return runs::missing(run),
        RollbackRefusal::Changed { .. } => WAYS,
        _ => "",
    };
    Problem::new(Kind::Conflict, format!("{refusal}{ways}")).about(run)
}
