//! What a page may do, and who may keep it.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};

/// What a page may have (Content Security Policy Level 3): style, script and pictures of ours, nothing that stands in
/// the page itself, and no page around it.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Headers of every page. Where a page goes, its address does not: but our own pages hear of each other, else a browser
/// would send a form from nowhere.
const HEADERS: [(HeaderName, &str); 4] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (REFERRER_POLICY, "same-origin"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (CACHE_CONTROL, "no-store"),
];

/// Sets them, where nothing more exact is said.
pub(super) fn complete(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_on_a_page_comes_from_elsewhere_or_stands_in_it() {
        let mut headers = HeaderMap::new();
        complete(&mut headers);
        let policy = headers[CONTENT_SECURITY_POLICY].to_str().expect("text");
        assert!(policy.starts_with("default-src 'none'"));
        for wrong in ["unsafe", "data:", "http", "*"] {
            assert!(!policy.contains(wrong), "{wrong}");
        }
    }

    #[test]
    fn what_is_said_more_exactly_stays() {
        let mut headers =
            HeaderMap::from_iter([(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"))]);
        complete(&mut headers);
        assert_eq!(headers[CONTENT_SECURITY_POLICY], "sandbox");
        assert_eq!(headers.len(), HEADERS.len());
    }
}
