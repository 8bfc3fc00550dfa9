//! JSON as it is answered: what turns the direction of writing, or hides, stands there as an escape.

use super::problem::Problem;
use crate::judgement::escape::json_safe;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A value as the body of an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Json<T>(pub(super) T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match text(&self.0) {
            Ok(text) => ([(CONTENT_TYPE, "application/json")], text).into_response(),
            Err(_) => Problem::internal().into_response(),
        }
    }
}

/// A value as JSON in one line.
pub(super) fn text(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(json_safe(&serde_json::to_string(value)?).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_the_direction_of_writing_is_escaped() {
        assert_eq!(text(&["a\u{202e}b\u{2028}"]).expect("JSON"), "[\"a\\u202eb\\u2028\"]");
        assert_eq!(Json(()).into_response().headers()[CONTENT_TYPE], "application/json");
    }
}
