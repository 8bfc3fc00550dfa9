//! `/v1/runs/{id}/findings`: groups of equal findings, and findings one by one.

use super::auth::Caller;
use super::finding::{Finding, Group, SeverityWord};
use super::json::Json;
use super::page::{PageAsked, text};
use super::parameters::{Id, Query};
use super::problem::Problem;
use super::runs::seen;
use super::service::Service;
use super::wire::Missing;
use crate::access::Scope;
use crate::store::{FindingFilter, GroupView, RunId};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Groups that are told with the first page of findings.
const GROUPS_MAX: u32 = 500;

/// Which findings.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FindingsQuery {
    /// Only of this weight.
    #[param(inline)]
    severity: Option<SeverityWord>,
    /// Only of this clause or rule.
    #[param(
        min_length = 1,
        max_length = 1000,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]+$",
        example = "cvc-datatype-valid.1.2.1"
    )]
    code: Option<String>,
    /// Only where this stands anywhere in the element path without positions.
    #[param(
        min_length = 1,
        max_length = 1000,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]+$",
        example = "price/amount"
    )]
    path: Option<String>,
    /// Only in records with this key; of groups those that have a sample with it.
    #[param(min_length = 1, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]+$")]
    key: Option<String>,
    /// Findings on a page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u32>,
    /// What the page before gave as `next`.
    #[param(pattern = "^[1-9][0-9]{0,17}$", max_length = 18)]
    cursor: Option<String>,
}

/// Findings of a run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!(super::examples::findings()))]
#[expect(clippy::struct_field_names, reason = "`total` is that of the items, as in every list")]
pub(super) struct Findings {
    /// Groups of equal findings with exact counts, largest first, at most 500; with the first page alone.
    groups: Vec<Group>,
    /// Findings one by one, as many as are kept of each group.
    items: Vec<Finding>,
    /// The `cursor` of the next page; `null` on the last one.
    next: Option<String>,
    /// How many `items` there are on all pages; told with the first page, `null` on the others.
    total: Option<u64>,
    /// How many groups there are, those that are not told among them; with the first page alone.
    groups_total: Option<u64>,
    /// How many findings are in all these groups, those that are not kept one by one among them; with the first page
    /// alone.
    findings_total: Option<u64>,
}

/// List findings of a run
///
/// Groups have exact counts; of the findings of a group, some are kept one by one.
#[utoipa::path(get, path = "/v1/runs/{id}/findings", operation_id = "list_findings", tag = "runs",
    params(("id" = i64, Path, minimum = 1, description = "Number of the run", example = 1), FindingsQuery),
    responses((status = 200, description = "A page of findings", body = Findings), (status = 404, response = Missing)))]
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Id(id): Id,
    Query(query): Query<FindingsQuery>,
) -> Result<Json<Findings>, Problem> {
    caller.may(Scope::Read)?;
    let asked = PageAsked::read(query.limit, query.cursor.as_deref())?;
    let filter = FindingFilter {
        severity: query.severity.map(SeverityWord::severity),
        code: text("code", query.code.as_deref())?,
        path: text("path", query.path.as_deref())?,
        key: text("key", query.key.as_deref())?,
        ordinal: None,
        visible_source: caller.0.source(),
        after: asked.after,
        limit: asked.rows(),
    };
    seen(&service, &caller, id).await?;
    let groups = groups(&service, RunId(id), filter).await?;
    let samples = service.store.findings(RunId(id), filter).await?;
    let page = asked.page(samples, |sample| sample.id, Finding::from);
    let groups = groups.into_iter().map(Group::from).collect();
    let total = asked.total(service.store.finding_count(RunId(id), filter)).await?;
    let in_groups =
        if total.is_some() { Some(service.store.group_count(RunId(id), filter).await?) } else { None };
    let (groups_total, findings_total) = in_groups.unzip();
    Ok(Json(Findings { groups, items: page.items, next: page.next, total, groups_total, findings_total }))
}

async fn groups(service: &Service, run: RunId, filter: FindingFilter<'_>) -> Result<Vec<GroupView>, Problem> {
    if filter.after.is_some() {
        return Ok(Vec::new());
    }
    Ok(service.store.finding_groups(run, FindingFilter { limit: GROUPS_MAX, ..filter }).await?)
}
