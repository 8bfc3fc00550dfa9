//! The page: what the service knows, for people with a browser.
//!
//! ```text
//!  request ─▶ around ─▶ screen ─▶ what the interface for programs calls, too ─▶ view ─▶ template ─▶ Html
//!             visit: who, language           Run, Group, Problem …               words, decisions
//!             headers, problem as a page
//! ```
//!
//! * A screen is one file (or a folder, where it has many parts) with its handler and its view, one template of the
//!   same name, and its words in `words`. It calls the functions that answer programs and shows what they give, so that
//!   the two never differ.
//! * A template shows, and decides nothing. All that stems from feeds passes a filter of [`filters`] on its way, and is
//!   escaped behind that.
//! * Each view is an address, and each filter a form that is got. What changes something is posted, and answered by
//!   the address where it is seen.
//! * Everything works without the script, and nothing on a page comes from elsewhere ([`headers`]).
//! * The interface for programs takes no cookies; only what is below here does, and what is posted here has to say that
//!   it comes from a page of ours ([`around`]).

mod again;
mod around;
mod asked;
mod assets;
mod compare;
mod drifts;
mod error_page;
mod expiry_rows;
mod faults;
mod filters;
mod findings;
mod frame;
mod headers;
mod headline;
mod held;
mod held_feed;
mod held_words;
mod html;
mod inbox;
mod kept_text;
mod language;
mod look;
mod moment;
mod posted;
mod price_chart;
mod product;
mod quarantine;
mod record;
mod rhythm;
mod rollback;
mod run;
mod run_record;
mod shared;
mod sign_in;
mod source;
mod sources;
mod visit;
mod waiting;
mod who;
mod words;

use super::problem::{Kind, Problem};
use super::service::Service;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use std::sync::Arc;

/// All addresses of pages.
pub(super) fn routes(service: &Arc<Service>) -> Router<Arc<Service>> {
    Router::new()
        .route("/", get(inbox::show))
        .route("/upload", post(inbox::upload))
        .route("/runs/{id}", get(run::show))
        .route("/runs/{id}/findings", get(findings::show))
        .route("/runs/{id}/cancel", post(run::cancel))
        .route("/runs/{id}/check", post(run::check))
        .route("/runs/{id}/events", get(run::follow))
        .route("/runs/{id}/{report}", get(run::report))
        .route("/runs/{id}/records/{ordinal}", get(run_record::show))
        .route("/quarantine", get(quarantine::show).post(quarantine::again))
        .route("/quarantine/{id}", get(record::show).post(record::act))
        .route("/quarantine/{id}/bytes", get(record::bytes))
        .route("/held", get(held::show))
        .route("/held/{id}", get(held_feed::show))
        .route("/held/{id}/release", post(held_feed::release))
        .route("/held/{id}/refuse", post(held_feed::refuse))
        .route("/sources", get(sources::show))
        .route("/sources/{source}", get(source::show))
        .route("/sources/{source}/expected", post(drifts::expect))
        .route("/compare", get(compare::show))
        .route("/runs/{id}/rollback", get(rollback::show).post(rollback::roll_back))
        .route("/quarantine/{id}/share", get(shared::ask).post(shared::create))
        .route("/shares/{id}/revoke", post(shared::revoke))
        .route("/shared/{secret}", get(shared::show))
        .route("/shared/{secret}/bytes", get(shared::bytes))
        .route("/sign-in", get(sign_in::show).post(sign_in::enter))
        .route("/sign-out", post(sign_in::leave))
        .route("/language/{language}", get(language::choose))
        .layer(middleware::from_fn_with_state(Arc::clone(service), around::around))
        .route("/assets/{name}", get(assets::fetch))
}

/// A problem where no page is: as one for a browser, in the form for programs else.
pub(super) async fn elsewhere(service: &Service, request: Request, problem: Problem) -> Response {
    let (request, _) = request.into_parts();
    let response = problem.into_response();
    if wants_page(&request.headers) { around::told(service, &request, response).await } else { response }
}

/// A form of another site's page is told as a page, too: what refuses it does not know who asks.
pub(super) async fn foreign(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    if request.method().is_safe() || !wants_page(request.headers()) {
        return next.run(request).await;
    }
    let (asked, body) = request.into_parts();
    let response = next.run(Request::from_parts(asked.clone(), body)).await;
    let is_foreign = |problem: &Problem| problem.kind() == Kind::OtherSite;
    if response.extensions().get::<Problem>().is_some_and(is_foreign) {
        return around::told(&service, &asked, response).await;
    }
    response
}

/// Whether whoever asks is a browser.
fn wants_page(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|said| said.to_str().ok()).is_some_and(|said| said.contains("text/html"))
}
