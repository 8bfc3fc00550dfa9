//! A page that was made.

use crate::serve::problem::Problem;
use askama::Template;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

/// A page as it is answered.
#[derive(Debug)]
pub(super) struct Html(String);

impl Html {
    /// Fills a template.
    ///
    /// # Errors
    ///
    /// It cannot be filled: our fault.
    pub(super) fn of(view: &impl Template) -> Result<Self, Problem> {
        view.render().map(Self).map_err(|_| Problem::internal())
    }

    /// Its text, for what is put together of several.
    pub(super) fn into_text(self) -> String {
        self.0
    }
}

impl IntoResponse for Html {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, "text/html; charset=utf-8")], self.0).into_response()
    }
}
