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
    limit: Option<u32>,
    /// What the page before gave as `next`.
    #[param(pattern = "^[1-9][0-9]{0,17}$", max_length = 18)]
    cursor: Option<String>,
}

/// A feed that was applied.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!(super::examples::version()))]
pub(super) struct Version {
    /// Its number, also in `/v1/diff`.
    id: i64,
    /// The run that applied it.
    run: i64,
    /// The run that rolled that one back.
    rolled_back_by: Option<i64>,
    /// The sender.
    source: String,
    /// Name of the feed.
    feed: String,
    /// Format and version.
    format: String,
    /// Message number of the header.
    message_number: Option<String>,
    /// SHA-256 of its bytes, hexadecimal.
    digest: Option<String>,
    /// When it was applied.
    imported_at: String,
    /// Bytes in it, decompressed.
    bytes: u64,
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
    /// Bytes that are kept, packed; `null` when it cannot be compared any more.
    packed_bytes: Option<u64>,
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
    caller.may(Scope::Read)?;
    caller.sees(&source)?;
    let asked = PageAsked::read(query.limit, query.cursor.as_deref())?;
    let filter = VersionFilter { source: &source, before: asked.after, limit: asked.rows() };
    let versions = service.store.versions(filter).await?;
    if versions.is_empty() && service.store.sources(Some(&source), None, 1).await?.is_empty() {
        return Err(Problem::not_found("there is no such source: `/v1/sources` lists those there are"));
    }
    let total = asked.total(service.store.version_count(&source)).await?;
    Ok(Json(asked.page(versions, |version| version.id, Version::from).of(total)))
}
