//! The corrected text of a record that could not be judged, given back: nobody types it twice.

use super::asked::{address, local};
use super::error_page::{self, title};
use super::filters;
use super::frame::Frame;
use super::html::Html;
use super::visit::Visit;
use super::words::SignInWords;
use crate::serve::problem::Problem;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// What was sent to be judged.
#[derive(Debug)]
pub(super) struct SentText {
    pub(super) text: String,
    pub(super) reason: String,
    /// Digest of the record that was seen.
    pub(super) seen: String,
}

#[derive(Template)]
#[template(path = "web/kept_text.html")]
struct View {
    frame: Frame,
    words: &'static SignInWords,
    title: &'static str,
    about: String,
    /// Where to sign in before it is sent again.
    sign_in: Option<String>,
    action: String,
    sent: SentText,
}

/// Nobody was signed in any more when it came.
pub(super) fn session_ended(visit: &Visit, sent: SentText) -> Result<Response, Problem> {
    let words = SignInWords::of(visit.language);
    let sign_in = address("/sign-in", &[("to", local(&visit.here))]);
    page(visit, StatusCode::UNAUTHORIZED, (words.ended, words.ended_about.to_owned()), Some(sign_in), sent)
}

/// It could not be judged, and its record could not be shown either.
pub(super) fn not_done(visit: &Visit, problem: &Problem, sent: SentText) -> Result<Response, Problem> {
    let words = SignInWords::of(visit.language);
    let title = title(visit.language, problem, &visit.here);
    let (detail, _) = error_page::told(visit.language, problem.detail());
    let about = format!("{} {}", detail.trim_end_matches('.').to_owned() + ".", words.send_again);
    page(visit, problem.kind().status(), (title, about), None, sent)
}

fn page(
    visit: &Visit,
    status: StatusCode,
    (title, about): (&'static str, String),
    sign_in: Option<String>,
    sent: SentText,
) -> Result<Response, Problem> {
    let words = SignInWords::of(visit.language);
    let action = local(&visit.here).to_owned();
    let page =
        Html::of(&View { frame: Frame::of(visit, None, title), words, title, about, sign_in, action, sent })?;
    Ok((status, page).into_response())
}
