//! `POST /v1/sources/{source}/expected`: drifts that somebody calls expected.

use super::auth::Caller;
use super::deeds;
use super::json::Json;
use super::parameters::{Body, Name, from_1};
use super::problem::{Kind, Problem};
use super::service::Service;
use super::wire::Refused;
use crate::access::Scope;
use crate::import::{ExpectError, Expectation, expect_drifts};
use crate::store::RunId;
use axum::extract::{FromRequest, Request, State};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Paths that are called expected at once.
const PATHS_MAX: usize = 100;

/// What is expected.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExpectedBody {
    /// Paths from the record inwards as findings tell them, or facts of the feed such as `encoding`.
    #[schema(min_items = 1, max_items = 100, example = json!(["prices/price/tax"]))]
    pub(super) paths: Vec<String>,
    /// Format and version; needed only where the source has feeds of several.
    #[schema(example = "onix/3.0")]
    pub(super) format: Option<String>,
    /// The first run that says what is usual there; the last one when nothing is said.
    #[schema(minimum = 1, example = 12)]
    pub(super) since: Option<i64>,
    /// Why; written down.
    #[schema(
        min_length = 1,
        max_length = 1000,
        pattern = r"^[^\x00]*[^\s\x00][^\x00]*$",
        example = "tax is told per country now"
    )]
    pub(super) reason: String,
}

/// What is expected from now on.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExpectedDrift {
    /// Format and version.
    #[schema(example = "onix/3.0")]
    format: String,
    /// The first run that says what is usual there.
    #[schema(example = 12)]
    since: i64,
}

/// Call drifts expected
///
/// What was usual at these paths, and below, is forgotten: only feeds from a run on say what is usual there. 404 when
/// the source is not known; 409 when nothing is known yet of what its feeds look like, or none ever had the path.
#[utoipa::path(
    post,
    path = "/v1/sources/{source}/expected",
    operation_id = "expect_drifts",
    tag = "sources",
    params(("source" = String, Path, description = "Name of the source", min_length = 1, max_length = 1000,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]+$")),
    request_body = ExpectedBody,
    responses(
        (status = 200, description = "It is expected from now on", body = ExpectedDrift),
        (status = 404, response = Refused),
        (status = 409, response = Refused),
    )
)]
pub(super) async fn expect(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Name(source): Name,
    request: Request,
) -> Result<Json<ExpectedDrift>, Problem> {
    caller.may(Scope::Operate)?;
    caller.sees(&source)?;
    let Body(body) = Body::from_request(request, &service).await?;
    expect_by(&service, &caller, &source, &body).await.map(Json)
}

/// Calls drifts of a source expected, as a caller says.
pub(super) async fn expect_by(
    service: &Service,
    caller: &Caller,
    source: &str,
    body: &ExpectedBody,
) -> Result<ExpectedDrift, Problem> {
    caller.may(Scope::Operate)?;
    caller.sees(source)?;
    let decision = deeds::decided(caller, &body.reason)?;
    let paths: Vec<&str> = body.paths.iter().map(String::as_str).collect();
    if paths.is_empty() || paths.len() > PATHS_MAX || paths.iter().any(|path| path.is_empty()) {
        return Err(Problem::parameter(
            "paths",
            format!("1 to {PATHS_MAX} paths are said at once, none empty"),
        ));
    }
    let since = body.since.map(|since| from_1("since", since)).transpose()?.map(RunId);
    if service.store.sources(Some(source), None, 1).await?.is_empty() {
        return Err(Problem::not_found("there is no such source: `/v1/sources` lists those there are"));
    }
    let format = body.format.as_deref();
    let expectation = Expectation { source, format, kind: None, paths: &paths, since };
    let expected = expect_drifts(&service.store, expectation, service.now(), &decision).await;
    let expected = expected.map_err(|error| match error {
        ExpectError::Store(error) => Problem::from(error),
        refusal => Problem::new(Kind::Conflict, refusal.to_string()),
    })?;
    Ok(ExpectedDrift { format: expected.format, since: expected.since.0 })
}
