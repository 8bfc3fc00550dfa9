//! Around every page: who asks and in which language is found out, a problem becomes a page, and headers say what a
//! page may do.

use super::visit::Visit;
use super::{error_page, headers, sign_in};
use crate::serve::problem::{Kind, Problem};
use crate::serve::service::Service;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Finds out who asks, lets the page be made, and sees to its problems and headers.
pub(super) async fn around(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let visit = Visit::of(&service, &parts).await;
    if !says_where_from(&parts.method, &parts.headers) {
        return finished(&visit, unsaid().into_response());
    }
    parts.extensions.insert(visit.clone());
    finished(&visit, next.run(Request::from_parts(parts, body)).await)
}

/// A problem of a request that no page belongs to.
pub(super) async fn told(service: &Service, request: &Parts, response: Response) -> Response {
    finished(&Visit::of(service, request).await, response)
}

fn finished(visit: &Visit, response: Response) -> Response {
    let mut response = match response.extensions().get::<Problem>() {
        Some(problem) if problem.kind() == Kind::Unauthorized => sign_in::first(visit),
        Some(problem) => error_page::of(visit, problem),
        None => response,
    };
    headers::complete(response.headers_mut());
    response
}

/// Whether what would change something says where it comes from: every browser does, unless somebody in between takes
/// it away. Whether it is right is looked at before.
fn says_where_from(method: &Method, headers: &HeaderMap) -> bool {
    let looks = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    looks || headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site")
}

fn unsaid() -> Problem {
    let why = "the form does not say which page it comes from, and nothing was changed: let the proxy in front of the \
               service pass on the header `Origin`";
    Problem::new(Kind::Unsaid, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(method: &Method, said: &[(&'static str, &'static str)], expected: bool) {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (name.parse().expect("a name"), value.parse().expect("a value"))
        };
        let headers = said.iter().map(pair).collect::<HeaderMap>();
        assert_eq!(says_where_from(method, &headers), expected, "{method} {said:?}");
    }

    #[test]
    fn what_changes_something_says_where_it_comes_from() {
        case(&Method::GET, &[], true);
        case(&Method::POST, &[], false);
        case(&Method::DELETE, &[("cookie", "a=b")], false);
        case(&Method::POST, &[("origin", "https://feeds.example")], true);
        case(&Method::POST, &[("sec-fetch-site", "same-origin")], true);
    }
}
