//! `/v1/formats`: what feeds may be of.

use super::auth::Caller;
use super::cpu::blocking;
use super::json::Json;
use super::page::Page;
use super::problem::Problem;
use super::service::Service;
use crate::access::Scope;
use crate::pipeline::KnownFormat;
use axum::extract::State;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// A format in one of its versions.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Format {
    /// Name and version.
    #[schema(example = "onix/3.0")]
    id: String,
    /// Its name.
    #[schema(example = "onix")]
    name: String,
    /// Its version.
    #[schema(example = "3.0")]
    version: String,
    /// Its name for people.
    title: String,
    /// Version of the profile that says how it is read.
    profile_version: u32,
    /// Whether its schema documents are here; without them no feed of it can be judged.
    installed: bool,
}

impl From<&KnownFormat> for Format {
    fn from(known: &KnownFormat) -> Self {
        let profile = &known.profile;
        Self {
            id: known.format.id.to_string(),
            name: profile.format.clone(),
            version: profile.version.clone(),
            title: profile.title.clone(),
            profile_version: profile.profile_version,
            installed: known.format.documents().is_some(),
        }
    }
}

/// List formats
///
/// Those that feeds may be of, and whether their schema documents are installed.
#[utoipa::path(get, path = "/v1/formats", operation_id = "list_formats", tag = "formats",
    responses((status = 200, description = "All formats", body = Page<Format>)))]
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    caller: Caller,
) -> Result<Json<Page<Format>>, Problem> {
    caller.may(Scope::Read)?;
    // Whether documents are there is looked up in folders.
    let told = move || service.formats().formats().iter().map(Format::from).collect();
    Ok(Json(Page::only(blocking(told).await?)))
}
