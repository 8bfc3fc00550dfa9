//! `/v1/held`: feeds that wait for somebody to decide.
//!
//! What each would do is told in `plan`; it is let in or given up in `decide`.

pub(super) mod decide;
pub(super) mod plan;

use super::auth::Caller;
use super::json::Json;
use super::page::{Page, PageAsked};
use super::parameters::{Id, Query, filter};
use super::problem::Problem;
use super::service::Service;
use super::wire::Refused;
use crate::access::Scope;
use crate::import::HeldPlan;
use crate::store::{HeldFilter, HeldState, HeldView};
use axum::extract::State;
use plan::{EarlierAnswer, ExceededAnswer, PlanAnswer};
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
    pub(in crate::serve) state: Option<HeldWord>,
    /// Only feeds of this source.
    #[param(max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$", example = "GLN 4012345000009")]
    pub(in crate::serve) source: Option<String>,
    /// Feeds of a page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub(in crate::serve) limit: Option<u32>,
    /// The `next` of the page before.
    #[param(pattern = "^[1-9][0-9]{0,17}$", max_length = 18)]
    pub(in crate::serve) cursor: Option<String>,
}

/// A feed that is or was held.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HeldItem {
    /// Its number.
    #[schema(example = 17)]
    pub(in crate::serve) id: i64,
    /// How it stands.
    pub(in crate::serve) state: HeldWord,
    /// The run that held it.
    pub(in crate::serve) run: i64,
    /// The source.
    #[schema(example = "GLN 4012345000009")]
    pub(in crate::serve) source: String,
    /// Name of the feed.
    #[schema(example = "catalogue.xml")]
    pub(in crate::serve) feed: String,
    /// Format and version.
    #[schema(example = "onix/3.0")]
    pub(in crate::serve) format: String,
    /// Message number of its header.
    pub(in crate::serve) message_number: Option<String>,
    /// Records in it.
    pub(in crate::serve) records: u64,
    /// When it was held.
    #[schema(example = "2026-11-27T02:10:00.123Z")]
    pub(in crate::serve) held_at: String,
    /// Until when it is kept.
    pub(in crate::serve) keep_until: String,
    /// Digest of what it would do: whoever lets it in says that this was seen.
    #[schema(example = "3f9a0c27d1b5")]
    pub(in crate::serve) plan_digest: String,
    /// Bytes that are kept, packed; without any it cannot be let in.
    pub(in crate::serve) packed_bytes: u64,
    /// When it was decided.
    pub(in crate::serve) resolved_at: Option<String>,
    /// The run that let it in, or whose feed superseded it.
    pub(in crate::serve) resolved_run: Option<i64>,
    /// Why, in somebody's words.
    pub(in crate::serve) reason: Option<String>,
    /// Why it is held, a sentence for each limit; none when another version of feedgate held it.
    #[schema(example = json!(["it would withdraw 812 of 1000 products; `guard.withdraw` allows 10%, 20"]))]
    pub(in crate::serve) reasons: Vec<String>,
    /// The limits that it exceeds, each with its reason's numbers.
    pub(in crate::serve) exceeded: Vec<ExceededAnswer>,
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
            exceeded: plan
                .map(|plan| plan.exceeded.iter().map(ExceededAnswer::from).collect())
                .unwrap_or_default(),
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
    Ok(Json(page_of(&service, &caller, query).await?))
}

/// The held feeds that a caller asks for and may see.
pub(super) async fn page_of(
    service: &Service,
    caller: &Caller,
    query: HeldQuery,
) -> Result<Page<HeldItem>, Problem> {
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
    let total = asked.total(service.store.held_count(filter)).await?;
    Ok(asked.page(found, |view| view.id, item).of(total))
}

/// A held feed with all there is to decide by.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HeldDetail {
    #[serde(flatten)]
    pub(in crate::serve) item: HeldItem,
    /// What it would do; none when another version of feedgate wrote it down.
    pub(in crate::serve) plan: Option<PlanAnswer>,
    /// What feeds of the same source and format did before it came, newest first.
    pub(in crate::serve) earlier: Vec<EarlierAnswer>,
    /// Who let it in or gave it up: `token:NAME`, `cli:NAME`, or `anonymous` where nobody has to say.
    #[schema(example = "token:night-shift")]
    pub(in crate::serve) decided_by: Option<String>,
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
    Ok(Json(one(&service, &caller, id).await?))
}

/// A held feed with all there is to decide by, if the caller may see it.
pub(super) async fn one(service: &Service, caller: &Caller, id: i64) -> Result<HeldDetail, Problem> {
    caller.may(Scope::Read)?;
    detail(service, held(service, caller, id).await?).await
}

/// A held feed that a caller may see, without what came before it; none where there is none.
pub(super) async fn item(service: &Service, caller: &Caller, id: i64) -> Result<Option<HeldItem>, Problem> {
    caller.may(Scope::Read)?;
    let filter =
        HeldFilter { visible_source: caller.0.source(), after: Some(id - 1), ..HeldFilter::default() };
    let found = service.store.held(filter, 1).await?.pop().filter(|view| view.id == id);
    Ok(found.map(|view| {
        let plan = plan_of(&view);
        HeldItem::of(view, plan.as_ref())
    }))
}

async fn detail(service: &Service, view: HeldView) -> Result<HeldDetail, Problem> {
    let earlier = service.store.before_held(view.id, EARLIER_MAX).await?;
    let decided_by = match view.resolved_at {
        Some(_) => service.store.held_decider(view.id).await?,
        None => None,
    };
    let plan = plan_of(&view);
    Ok(HeldDetail {
        item: HeldItem::of(view, plan.as_ref()),
        plan: plan.map(PlanAnswer::from),
        earlier: earlier.into_iter().map(EarlierAnswer::from).collect(),
        decided_by,
    })
}

/// A held feed that the caller may see.
async fn held(service: &Service, caller: &Caller, id: i64) -> Result<HeldView, Problem> {
    let missing =
        || Problem::not_found(format!("there is no held feed {id}: `/v1/held` lists those there are"));
    service.store.held_feed_of(id, caller.0.source()).await?.ok_or_else(missing)
}
