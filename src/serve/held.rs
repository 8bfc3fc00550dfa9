//! `/v1/held`: feeds that wait for somebody to decide.

use super::auth::Caller;
use super::deeds::{self, ReasonBody};
use super::page::{Page, PageAsked};
use super::parameters::{Body, Id, Query, filter};
use super::problem::{Kind, Problem};
use super::release;
use super::requests::RequestNotes;
use super::service::Service;
use super::wire::{Refused, Submitted};
use crate::access::Scope;
use crate::import::{ChangeSample, Changes, HeldPlan};
use crate::judgement::Coverage;
use crate::store::{EarlierRun, Enqueued, HeldFilter, HeldState, HeldView, ReleaseOrder};
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Earlier feeds of the same source that are told.
const EARLIER_MAX: u32 = 10;

/// How a held feed stands.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum HeldWord {
    /// It waits for somebody.
    Open,
    /// It was let in.
    Released,
    /// It is not wanted.
    Refused,
    /// A newer feed says what it says.
    Superseded,
    /// Nobody decided in time.
    Expired,
}

impl From<HeldWord> for HeldState {
    fn from(word: HeldWord) -> Self {
        match word {
            HeldWord::Open => Self::Open,
            HeldWord::Released => Self::Released,
            HeldWord::Refused => Self::Refused,
            HeldWord::Superseded => Self::Superseded,
            HeldWord::Expired => Self::Expired,
        }
    }
}

impl From<HeldState> for HeldWord {
    fn from(state: HeldState) -> Self {
        match state {
            HeldState::Open => Self::Open,
            HeldState::Released => Self::Released,
            HeldState::Refused => Self::Refused,
            HeldState::Superseded => Self::Superseded,
            HeldState::Expired => Self::Expired,
        }
    }
}

/// Which held feeds are listed.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct HeldQuery {
    /// Only feeds in this state.
    #[param(inline)]
    state: Option<HeldWord>,
    /// Only feeds of this source.
    #[param(max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$", example = "GLN 4012345000009")]
    source: Option<String>,
    /// Feeds of a page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    #[param(min_length = 1, max_length = 18, pattern = "^[0-9]+$")]
    cursor: Option<String>,
}

/// A feed that is or was held.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HeldItem {
    /// Its number.
    #[schema(example = 17)]
    id: i64,
    /// How it stands.
    state: HeldWord,
    /// The run that held it.
    run: i64,
    /// The source.
    #[schema(example = "GLN 4012345000009")]
    source: String,
    /// Name of the feed.
    #[schema(example = "catalogue.xml")]
    feed: String,
    /// Format and version.
    #[schema(example = "onix/3.0")]
    format: String,
    /// Message number of its header.
    message_number: Option<String>,
    /// Records in it.
    records: u64,
    /// When it was held.
    #[schema(example = "2026-11-27T02:10:00.123Z")]
    held_at: String,
    /// Until when it is kept.
    keep_until: String,
    /// Digest of what it would do: whoever lets it in says that this was seen.
    #[schema(example = "3f9a0c27d1b5")]
    plan_digest: String,
    /// Bytes that are kept, packed; without any it cannot be let in.
    packed_bytes: u64,
    /// When it was decided.
    resolved_at: Option<String>,
    /// The run that let it in, or whose feed superseded it.
    resolved_run: Option<i64>,
    /// Why, in somebody's words.
    reason: Option<String>,
    /// Why it is held, a sentence for each limit; none when another version of feedgate held it.
    #[schema(example = json!(["it would withdraw 812 of 1000 products; `guard.withdraw` allows 10%, 20"]))]
    reasons: Vec<String>,
}

/// The plan of a feed, unless it was written in another form.
fn plan_of(view: &HeldView) -> Option<HeldPlan> {
    HeldPlan::deserialize(&view.plan).ok()
}

impl HeldItem {
    fn of(view: HeldView, plan: Option<&HeldPlan>) -> Self {
        Self {
            id: view.id,
            state: view.state.into(),
            run: view.run.0,
            source: view.source,
            feed: view.feed,
            format: view.format,
            message_number: view.message_number,
            records: view.records,
            held_at: view.held_at,
            keep_until: view.keep_until,
            plan_digest: view.plan_digest,
            packed_bytes: view.packed_bytes,
            resolved_at: view.resolved_at,
            resolved_run: view.resolved_run.map(|run| run.0),
            reason: view.reason,
            reasons: plan.map(HeldPlan::reasons).unwrap_or_default(),
        }
    }
}

/// List held feeds
///
/// Oldest first, in any state unless one is asked for.
#[utoipa::path(
    get,
    path = "/v1/held",
    operation_id = "list_held",
    tag = "held",
    params(HeldQuery),
    responses(
        (status = 200, description = "Held feeds, oldest first", body = Page<HeldItem>),
    )
)]
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Query(query): Query<HeldQuery>,
) -> Result<Json<Page<HeldItem>>, Problem> {
    caller.may(Scope::Read)?;
    let asked = PageAsked::read(query.limit, query.cursor.as_deref())?;
    let source = filter("source", query.source)?;
    caller.asks(source.as_deref())?;
    let filter = HeldFilter {
        state: query.state.map(HeldState::from),
        source: source.as_deref(),
        visible_source: caller.0.source(),
        after: asked.after,
    };
    let found = service.store.held(filter, asked.rows()).await?;
    let item = |view: HeldView| {
        let plan = plan_of(&view);
        HeldItem::of(view, plan.as_ref())
    };
    Ok(Json(asked.page(found, |view| view.id, item)))
}

/// What a held feed would do.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlanAnswer {
    /// Whether it speaks of all products of its source: `full` or `delta`.
    #[schema(example = "full")]
    extent: &'static str,
    /// Products of the source that stood before.
    live: u64,
    /// Records that full feeds of it usually have.
    usual_records: Option<u64>,
    /// It is older than what was applied: the sentence that says so.
    stale: Option<String>,
    /// How much of each kind it would change.
    changes: ChangesAnswer,
    /// A few of the changes.
    samples: Vec<SampleAnswer>,
    /// Why its bytes could not be kept, if they could not.
    not_kept: Option<String>,
}

/// Products that would change, by kind.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChangesAnswer {
    /// Records read.
    records: u64,
    /// Records refused.
    refused: u64,
    /// New.
    created: u64,
    /// Not what they were.
    updated: u64,
    /// Withdrawn.
    withdrawn: u64,
    /// Brought back.
    revived: u64,
    /// Not to be had any more.
    unavailable: u64,
    /// With a price that changes.
    prices: u64,
    /// With a price that changes by more than the factor allowed.
    price_jumps: u64,
    /// With a title that others get, too.
    same_titles: u64,
}

impl From<Changes> for ChangesAnswer {
    fn from(of: Changes) -> Self {
        Self {
            records: of.records,
            refused: of.refused,
            created: of.created,
            updated: of.updated,
            withdrawn: of.withdrawn,
            revived: of.revived,
            unavailable: of.unavailable,
            prices: of.prices,
            price_jumps: of.price_jumps,
            same_titles: of.same_titles,
        }
    }
}

/// One change.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SampleAnswer {
    /// What kind it is.
    #[schema(example = "withdrawn")]
    kind: String,
    /// Key of the record.
    key: String,
    /// The title as it stands, or the new one.
    title: String,
    /// What is not as it was.
    fields: Vec<FieldAnswer>,
}

/// A field that changes.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FieldAnswer {
    /// Its name.
    #[schema(example = "prices")]
    name: String,
    /// What stands.
    old: String,
    /// What would stand.
    new: String,
}

impl From<ChangeSample> for SampleAnswer {
    fn from(sample: ChangeSample) -> Self {
        let ChangeSample { kind, key, title, fields } = sample;
        let fields = fields.into_iter().map(|(name, old, new)| FieldAnswer { name, old, new }).collect();
        Self { kind, key, title, fields }
    }
}

impl From<HeldPlan> for PlanAnswer {
    fn from(plan: HeldPlan) -> Self {
        let extent = match plan.extent {
            Coverage::Full => "full",
            Coverage::Delta => "delta",
        };
        Self {
            extent,
            live: plan.live,
            usual_records: plan.usual_records,
            stale: plan.stale,
            changes: plan.changes.into(),
            samples: plan.samples.into_iter().map(SampleAnswer::from).collect(),
            not_kept: plan.not_kept,
        }
    }
}

/// What an earlier feed of the source did.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EarlierAnswer {
    /// Its run.
    run: i64,
    /// When.
    at: String,
    /// What became of it.
    #[schema(example = "applied")]
    state: String,
    /// Records in it.
    records: u64,
    /// New products.
    inserted: u64,
    /// Changed products.
    updated: u64,
    /// Withdrawn products.
    withdrawn: u64,
    /// Refused records.
    refused: u64,
}

impl From<EarlierRun> for EarlierAnswer {
    fn from(of: EarlierRun) -> Self {
        let EarlierRun { run, at, state, records, inserted, updated, withdrawn, refused } = of;
        Self { run: run.0, at, state, records, inserted, updated, withdrawn, refused }
    }
}

/// A held feed with all there is to decide by.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HeldDetail {
    #[serde(flatten)]
    item: HeldItem,
    /// What it would do; none when another version of feedgate wrote it down.
    plan: Option<PlanAnswer>,
    /// What feeds of the same source and format did before it came, newest first.
    earlier: Vec<EarlierAnswer>,
}

/// Show a held feed
///
/// Which limits it exceeds and by how much, what earlier feeds of the source did, how much of each kind it would
/// change,
/// and a few of the changes with what stands now.
#[utoipa::path(
    get,
    path = "/v1/held/{id}",
    operation_id = "show_held",
    tag = "held",
    params(("id" = i64, Path, minimum = 1, description = "Number of the held feed")),
    responses(
        (status = 200, description = "The feed", body = HeldDetail),
        (status = 404, response = Refused),
    )
)]
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<HeldDetail>, Problem> {
    caller.may(Scope::Read)?;
    let view = held(&service, &caller, id).await?;
    Ok(Json(detail(&service, view).await?))
}

async fn detail(service: &Service, view: HeldView) -> Result<HeldDetail, Problem> {
    let earlier = service.store.before_held(view.id, EARLIER_MAX).await?;
    let plan = plan_of(&view);
    Ok(HeldDetail {
        item: HeldItem::of(view, plan.as_ref()),
        plan: plan.map(PlanAnswer::from),
        earlier: earlier.into_iter().map(EarlierAnswer::from).collect(),
    })
}

/// A held feed that the caller may see.
async fn held(service: &Service, caller: &Caller, id: i64) -> Result<HeldView, Problem> {
    let missing =
        || Problem::not_found(format!("there is no held feed {id}: `/v1/held` lists those there are"));
    service.store.held_feed_of(id, caller.0.source()).await?.ok_or_else(missing)
}

/// A held feed to let in.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReleaseBody {
    /// Digest of the plan that was seen.
    #[schema(example = "3f9a0c27d1b5")]
    plan: String,
    /// Why it is let in; written down.
    #[schema(
        min_length = 1,
        max_length = 1000,
        pattern = r"^[^\x00]*[^\s\x00][^\x00]*$",
        example = "autumn prices, confirmed by the publisher"
    )]
    reason: String,
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
pub(super) async fn release(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Extension(notes): Extension<RequestNotes>,
    Id(id): Id,
    request: Request,
) -> Result<Response, Problem> {
    caller.may(Scope::Operate)?;
    let view = held(&service, &caller, id).await?;
    let Body(ReleaseBody { plan, reason }) = Body::from_request(request, &service).await?;
    let decision = deeds::decided(&caller, &reason)?;
    release::check(&view).map_err(|error| Problem::new(Kind::Conflict, error.to_string()))?;
    let plan = plan.trim().to_lowercase();
    if plan != view.plan_digest {
        return Err(other_plan(id));
    }
    admit(&service)?;
    let traceparent = notes.traceparent();
    let order = ReleaseOrder {
        token: caller.0.token(),
        held: id,
        plan: &plan,
        decision: &decision,
        traceparent: traceparent.as_deref(),
    };
    match service.store.enqueue_release(&order, service.now()).await? {
        Some(queued) => answer(&service, &notes, queued).await,
        None => Err(closed(id)),
    }
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

async fn answer(service: &Service, notes: &RequestNotes, queued: Enqueued) -> Result<Response, Problem> {
    let status = match queued {
        Enqueued::New(_) => {
            service.queued_one();
            StatusCode::ACCEPTED
        }
        Enqueued::Same(_) | Enqueued::OtherBytes(_) => StatusCode::OK,
    };
    let body = Submitted::told(service, queued).await?;
    notes.run(body.run);
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
pub(super) async fn refuse(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Id(id): Id,
    request: Request,
) -> Result<Json<HeldDetail>, Problem> {
    caller.may(Scope::Operate)?;
    held(&service, &caller, id).await?;
    let decision = deeds::reasoned(&service, &caller, request).await?;
    if !service.store.refuse_held(id, service.now(), &decision).await? {
        return Err(closed(id));
    }
    let view = held(&service, &caller, id).await?;
    Ok(Json(detail(&service, view).await?))
}
