//! A problem as a page: what is wrong, what to do, and what exactly it was.

use super::filters;
use super::frame::Frame;
use super::html::Html;
use super::visit::Visit;
use super::words::{self, ErrorWords};
use crate::serve::problem::Problem;
use askama::Template;
use axum::response::{IntoResponse, Response};

/// Where feeds are sent: what is refused there has left nothing.
const UPLOAD: &str = "/upload";

#[derive(Template)]
#[template(path = "web/error_page.html")]
struct View<'a> {
    frame: Frame,
    words: &'static ErrorWords,
    title: &'static str,
    advice: &'static str,
    detail: &'a str,
    run: Option<i64>,
    status: u16,
    is_upload: bool,
}

/// The page, under the status of the problem.
pub(super) fn of(visit: &Visit, problem: &Problem) -> Response {
    let (language, kind) = (visit.language, problem.kind());
    let title = words::title(language, kind);
    let view = View {
        frame: Frame::of(visit, None, title),
        words: ErrorWords::of(language),
        title,
        advice: words::advice(language, kind),
        detail: problem.detail(),
        run: problem.run(),
        status: kind.status().as_u16(),
        is_upload: visit.here == UPLOAD,
    };
    match Html::of(&view) {
        Ok(page) => (kind.status(), page).into_response(),
        Err(problem) => problem.into_response(),
    }
}
