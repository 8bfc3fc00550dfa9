//! Every route, on one page; the document of the interface is made of the same list.

use super::problem::{Kind, Problem};
use super::service::Service;
use super::{audit, held, quarantine, replay, requests, rollback, runs, upload};
use axum::extract::DefaultBodyLimit;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router, middleware, routing};
use std::sync::Arc;
use tower_http::csrf::CsrfLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What the document says beside the routes.
#[derive(OpenApi)]
#[openapi(
    info(title = "feedgate", description = "Feeds in, findings out: the gate between product feeds and a shop"),
    components(responses(super::wire::Refused, super::wire::Unavailable)),
    tags(
        (name = "feeds", description = "Submit feeds"),
        (name = "runs", description = "What became of them"),
        (name = "quarantine", description = "Refused records: look, judge again, give up"),
        (name = "held", description = "Held feeds: look, let in, give up"),
        (name = "rollback", description = "Take back what a run did"),
        (name = "audit", description = "Who decided what, when and why"),
    )
)]
struct Document;

/// All routes of the service.
pub(super) fn router(service: Arc<Service>) -> Router {
    let (router, document) = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(upload::submit))
        .routes(routes!(runs::show))
        .routes(routes!(runs::cancel))
        .routes(routes!(quarantine::list))
        .routes(routes!(quarantine::show))
        .routes(routes!(quarantine::bytes))
        .routes(routes!(quarantine::discard))
        .routes(routes!(replay::replay))
        .routes(routes!(held::list))
        .routes(routes!(held::show))
        .routes(routes!(held::release))
        .routes(routes!(held::refuse))
        .routes(routes!(rollback::roll_back))
        .routes(routes!(audit::list))
        .split_for_parts();
    let document: Arc<str> = document.to_json().expect("texts and numbers are JSON").into();
    router
        .route("/openapi.json", routing::get(openapi))
        .layer(Extension(document))
        .layer(DefaultBodyLimit::disable())
        .fallback(missing)
        .method_not_allowed_fallback(not_allowed)
        .layer(CsrfLayer::new().with_rejection_response(requests::foreign))
        .layer(middleware::from_fn_with_state(Arc::clone(&service), requests::observe))
        .with_state(service)
}

async fn openapi(Extension(document): Extension<Arc<str>>) -> Response {
    ([(CONTENT_TYPE, "application/json")], document.to_string()).into_response()
}

async fn missing() -> Problem {
    Problem::not_found("nothing is at this address: `/openapi.json` lists what there is")
}

async fn not_allowed() -> Problem {
    Problem::new(Kind::MethodNotAllowed, "the address takes other methods: `/openapi.json` lists them")
}
