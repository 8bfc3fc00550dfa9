//! Signing in with a token, and out.
//!
//! The token is sent once, in the body of a form; what the browser keeps from then on is a secret of its own. An
//! address never has either.

use super::asked::{address, local};
use super::filters;
use super::frame::Frame;
use super::html::Html;
use super::posted::Posted;
use super::visit::{SIGN_IN_COOKIE, Visit, cookie};
use super::words::SignInWords;
use crate::access::{AuthError, SIGN_IN_HOURS};
use crate::serve::auth::refused;
use crate::serve::problem::Problem;
use crate::serve::service::Service;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "web/sign_in.html")]
struct View {
    frame: Frame,
    words: &'static SignInWords,
    to: String,
    told: Option<&'static str>,
    is_wrong: bool,
}

/// Why somebody has to sign in.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Why {
    /// Nobody was in.
    #[default]
    None,
    /// They have signed out.
    Out,
    /// Their session has ended.
    Ended,
    /// It has ended, and what they sent was not stored.
    Unsaved,
}

/// Where to go afterwards.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    to: String,
    #[serde(default)]
    why: Why,
}

/// What the form says.
#[derive(Deserialize)]
pub(super) struct Said {
    token: String,
    #[serde(default)]
    to: String,
}

/// Whoever is not let in goes there first, and then where they wanted to go.
pub(super) fn first(visit: &Visit) -> Response {
    let to = local(visit.page());
    let why = match (visit.had_session, visit.is_posted) {
        (false, _) => "",
        (true, false) => "ended",
        (true, true) => "unsaved",
    };
    Redirect::to(&address("/sign-in", &[("to", if to == "/" { "" } else { to }), ("why", why)]))
        .into_response()
}

/// Asks for a token.
pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result<Html, Problem> {
    form(&visit, &asked.to, asked.why, false)
}

fn form(visit: &Visit, to: &str, why: Why, is_wrong: bool) -> Result<Html, Problem> {
    let words = SignInWords::of(visit.language);
    let told = match why {
        Why::None => None,
        Why::Out => Some(words.is_out),
        Why::Ended => Some(words.has_ended),
        Why::Unsaved => Some(words.is_unsaved),
    };
    let frame = Frame::of(visit, None, words.title);
    Html::of(&View { frame, words, to: local(to).to_owned(), told, is_wrong })
}

/// Signs somebody in whose token is right.
pub(super) async fn enter(
    State(service): State<Arc<Service>>,
    visit: Visit,
    Posted(said): Posted<Said>,
) -> Result<Response, Problem> {
    match service.auth.sign_in(said.token.trim()).await {
        Ok(text) => Ok(gone(local(&said.to), text.secret(), SIGN_IN_HOURS * 60 * 60)),
        Err(AuthError::Wrong | AuthError::Missing) => {
            let page = form(&visit, &said.to, Why::None, true)?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(refused(error)),
    }
}

/// Signs somebody out.
pub(super) async fn leave(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(text) = cookie(&headers, SIGN_IN_COOKIE) {
        service.auth.sign_out(text).await.map_err(refused)?;
    }
    Ok(gone("/sign-in?why=out", "", 0))
}

/// To another page, with a cookie for so many seconds.
fn gone(to: &str, secret: &str, seconds: i64) -> Response {
    let cookie =
        format!("{SIGN_IN_COOKIE}={secret}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax");
    ([(SET_COOKIE, cookie)], Redirect::to(to)).into_response()
}
