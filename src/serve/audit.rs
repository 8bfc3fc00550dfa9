//! `/v1/audit`: who decided what, when and why.

use super::auth::Caller;
use super::json::Json;
use super::page::{Page, PageAsked};
use super::parameters::Query;
use super::problem::Problem;
use super::service::Service;
use crate::access::Scope;
use crate::store::AuditView;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Which decisions are listed.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditQuery {
    /// Decisions of a page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    #[param(pattern = "^[1-9][0-9]{0,17}$", max_length = 18)]
    cursor: Option<String>,
}

/// What somebody decided.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuditRow {
    /// Its number.
    #[schema(example = 4)]
    id: i64,
    /// When.
    #[schema(example = "2026-11-27T02:10:00.123Z")]
    at: String,
    /// Who: `token:NAME`, `cli:NAME`, or `anonymous` where nobody has to say.
    #[schema(example = "token:night-shift")]
    who: String,
    /// What was done.
    #[schema(example = "held.release")]
    action: String,
    /// What it was done to.
    #[schema(example = "held 17")]
    object: String,
    /// Whose products it was about, when it was about one source.
    #[schema(example = "GLN 4012345000009")]
    source: Option<String>,
    /// Why.
    #[schema(example = "autumn prices, confirmed by the publisher")]
    reason: Option<String>,
}

impl From<AuditView> for AuditRow {
    fn from(view: AuditView) -> Self {
        let AuditView { id, at, who, action, object, source, reason } = view;
        Self { id, at, who, action, object, source, reason }
    }
}

/// List what was decided
///
/// Newest first: who let a held feed in or gave it up, replayed or discarded refused records, took a run back, made or
/// revoked a token. For tokens that are bound to no source.
#[utoipa::path(
    get,
    path = "/v1/audit",
    operation_id = "list_decisions",
    tag = "audit",
    params(AuditQuery),
    responses(
        (status = 200, description = "Decisions, newest first", body = Page<AuditRow>),
    )
)]
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Query(query): Query<AuditQuery>,
) -> Result<Json<Page<AuditRow>>, Problem> {
    caller.may(Scope::Operate)?;
    caller.sees_all()?;
    let asked = PageAsked::read(query.limit, query.cursor.as_deref())?;
    let found = service.store.audit(asked.after, asked.rows()).await?;
    let total = asked.total(service.store.audit_count(None)).await?;
    Ok(Json(asked.page(found, |row| row.id, AuditRow::from).of(total)))
}
