//! Every route, on one page; the document of the interface is made of the same list.

use super::document::{document, open};
use super::problem::{Kind, Problem};
use super::service::Service;
use super::{
    audit, check, diff, events, expected, findings, formats, held, quarantine, replay, report, requests,
    rollback, runs, sources, upload, versions, web,
};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router, middleware, routing};
use std::sync::Arc;
use tower_http::csrf::CsrfLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// All routes, each once: the router and the document are made of them.
pub(super) fn all() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(upload::submit))
        .routes(routes!(check::check))
        .routes(routes!(runs::list))
        .routes(routes!(runs::show))
        .routes(routes!(runs::cancel))
        .routes(routes!(quarantine::list))
        .routes(routes!(quarantine::show))
        .routes(routes!(quarantine::bytes))
        .routes(routes!(quarantine::discard))
        .routes(routes!(replay::replay))
        .routes(routes!(held::list))
        .routes(routes!(held::show))
        .routes(routes!(held::decide::release))
        .routes(routes!(held::decide::refuse))
        .routes(routes!(rollback::roll_back))
        .routes(routes!(audit::list))
        .routes(routes!(findings::list))
        .routes(routes!(events::follow))
        .routes(routes!(report::fetch))
        .routes(routes!(sources::list))
        .routes(routes!(expected::expect))
        .routes(routes!(versions::list))
        .routes(routes!(diff::compare))
        .routes(routes!(formats::list))
}

/// The service, as it answers.
pub(super) fn router(service: Arc<Service>) -> Router {
    let (router, told) = all().split_for_parts();
    let names = service.plan.formats.iter().map(|known| known.format.id.to_string());
    let document = document(told, &names.collect::<Vec<_>>());
    let told = |document: &OpenApi| document.to_json().expect("texts and numbers are JSON").into();
    let documents = Documents { closed: told(&document), open: told(&open(document)) };
    router
        .merge(web::routes(&service))
        .route("/openapi.json", routing::get(openapi))
        .layer(Extension(documents))
        .layer(DefaultBodyLimit::disable())
        .fallback(missing)
        .method_not_allowed_fallback(not_allowed)
        .layer(CsrfLayer::new().with_rejection_response(requests::foreign))
        .layer(middleware::from_fn_with_state(Arc::clone(&service), web::foreign))
        .layer(middleware::from_fn_with_state(Arc::clone(&service), requests::observe))
        .with_state(service)
}

/// The document of the interface, while tokens are asked for, and while there are none.
#[derive(Clone)]
struct Documents {
    closed: Arc<str>,
    open: Arc<str>,
}

async fn openapi(
    State(service): State<Arc<Service>>,
    Extension(Documents { closed, open }): Extension<Documents>,
) -> Response {
    let is_open = service.auth.authenticate(None).await.is_ok();
    let document = if is_open { open } else { closed };
    ([(CONTENT_TYPE, "application/json")], document.to_string()).into_response()
}

async fn missing(State(service): State<Arc<Service>>, request: Request) -> Response {
    let none = Problem::not_found("nothing is at this address: `/openapi.json` lists what there is");
    web::elsewhere(&service, request, none).await
}

async fn not_allowed() -> Problem {
    Problem::new(Kind::MethodNotAllowed, "the address takes other methods: `/openapi.json` lists them")
}
