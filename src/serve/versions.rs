//! `/v1/sources/{source}/versions`: the feeds of a source that were applied.

use super::auth::Caller;
use super::json::Json;
use super::page::{Page, PageAsked};
use super::parameters::{Name, Query};
use super::problem::Problem;
use super::service::Service;
use super::wire::Missing;
use crate::access::Scope;
use crate::store::{VersionFilter, VersionView};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Which feeds.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct VersionsQuery {
    /// Feeds on a page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub(in crate::serve) limit: Option<u32>,
    /// What the page before gave as `next`.
    #[param(pattern = "^[1-9][0-9]{0,17}$", max_length = 18)]
    pub(in crate::serve) cursor: Option<String>,
}

/// A feed that was applied.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!(super::examples::version()))]
pub(super) struct Version {
    /// Its number, also in `/v1/diff`.
    pub(in crate::serve) id: i64,
    /// The run that applied it.
    pub(in crate::serve) run: i64,
    /// The run that rolled that one back.
    pub(in crate::serve) rolled_back_by: Option<i64>,
    /// The sender.
    pub(in crate::serve) source: String,
    /// Name of the feed.
    pub(in crate::serve) feed: String,
    /// Format and version.
    pub(in crate::serve) format: String,
    /// Message number of the header.
    pub(in crate::serve) message_number: Option<String>,
    /// SHA-256 of its bytes, hexadecimal.
    pub(in crate::serve) digest: Option<String>,
    /// When it was applied.
    pub(in crate::serve) imported_at: String,
    /// Bytes in it, decompressed.
    pub(in crate::serve) bytes: u64,
    /// Records in it.
    pub(in crate::serve) records: u64,
    /// New products.
    pub(in crate::serve) inserted: u64,
    /// Changed products.
    pub(in crate::serve) updated: u64,
    /// Withdrawn products.
    pub(in crate::serve) withdrawn: u64,
    /// Refused records.
    pub(in crate::serve) refused: u64,
    /// Bytes that are kept, packed; `null` when it cannot be compared any more.
    pub(in crate::serve) packed_bytes: Option<u64>,
}

impl From<VersionView> for Version {
    fn from(view: VersionView) -> Self {
        Self {
            id: view.id,
            run: view.run.0,
            rolled_back_by: view.rolled_back_by.map(|run| run.0),
            source: view.source,
            feed: view.feed,
            format: view.format,
            message_number: view.message_number,
            digest: view.digest,
            imported_at: view.imported_at,
            bytes: view.bytes,
            records: view.records,
            inserted: view.inserted,
            updated: view.updated,
            withdrawn: view.withdrawn,
            refused: view.refused,
            packed_bytes: view.packed_bytes,
        }
    }
}

/// List the applied feeds of a source
///
/// Newest first; the bytes of the last few are kept, and can be compared by `/v1/diff`.
#[utoipa::path(get, path = "/v1/sources/{source}/versions", operation_id = "list_versions", tag = "sources",
    params(("source" = String, Path, description = "Name of the source", min_length = 1, max_length = 1000,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]+$"), VersionsQuery),
    responses((status = 200, description = "A page of applied feeds", body = Page<Version>),
        (status = 404, response = Missing)))]
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Name(source): Name,
    Query(query): Query<VersionsQuery>,
) -> Result<Json<Page<Version>>, Problem> {
    Ok(Json(page_of(&service, &caller, &source, &query).await?))
}

/// The applied feeds of a source, if the caller may see it.
pub(super) async fn page_of(
    service: &Service,
    caller: &Caller,
    source: &str,
    query: &VersionsQuery,
) -> Result<Page<Version>, Problem> {
    caller.may(Scope::Read)?;
    caller.sees(source)?;
    let asked = PageAsked::read(query.limit, query.cursor.as_deref())?;
    let filter = VersionFilter { source, before: asked.after, limit: asked.rows() };
    let versions = service.store.versions(filter).await?;
    if versions.is_empty() && service.store.sources(Some(source), None, 1).await?.is_empty() {
        return Err(Problem::not_found("there is no such source: `/v1/sources` lists those there are"));
    }
    let total = asked.total(service.store.version_count(source)).await?;
    Ok(asked.page(versions, |version| version.id, Version::from).of(total))
}
