//! Who asks for a page, and in which language.
//!
//! ```text
//!  cookie __Host-feedgate ─▶ signed in by it? ─▶ what the token grants
//!        none ─▶ are there no tokens, and is it this machine? ─▶ anonymous;  else ─▶ sign in first
//! ```

use super::language::Language;
use crate::access::AuthError;
use crate::serve::auth::{Caller, anonymous, refused};
use crate::serve::problem::Problem;
use crate::serve::requests::RequestNotes;
use crate::serve::service::Service;
use axum::extract::FromRequestParts;
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};

/// The cookie of whoever is signed in: of this host alone, over TLS or this machine alone, out of a script's sight.
pub(super) const SIGN_IN_COOKIE: &str = "__Host-feedgate";

/// A request for a page, before it is known whether it is let in.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    /// The language of the page.
    pub(super) language: Language,
    /// Path and query that were asked for.
    pub(super) here: String,
    /// Something was sent.
    pub(super) is_posted: bool,
    /// Somebody was signed in with this browser, and may be still.
    pub(super) had_session: bool,
    caller: Result<Caller, Problem>,
}

/// Whoever asks for a page, and may.
#[derive(Clone, Debug)]
pub(super) struct Viewer {
    /// As the interface for programs knows them.
    pub(super) caller: Caller,
    /// The request.
    pub(super) visit: Visit,
}

impl Visit {
    /// Finds out who asks.
    pub(super) async fn of(service: &Service, request: &Parts) -> Self {
        let here = request.uri.path_and_query().map_or("/", |here| here.as_str()).to_owned();
        let caller = caller(service, request).await;
        if let (Ok(caller), Some(notes)) = (&caller, request.extensions.get::<RequestNotes>()) {
            notes.token(caller.0.token());
        }
        let is_posted = request.method == Method::POST;
        let had_session = cookie(&request.headers, SIGN_IN_COOKIE).is_some_and(|said| !said.is_empty());
        Self { language: Language::of(&request.headers), here, is_posted, had_session, caller }
    }

    /// The page to be on after all: where something is sent to, there need not be one.
    pub(super) fn page(&self) -> &str {
        if self.is_posted { page_of(&self.here) } else { &self.here }
    }

    /// Whoever asks, if they may.
    pub(super) fn viewer(self) -> Result<Viewer, Problem> {
        let caller = self.caller.clone()?;
        Ok(Viewer { caller, visit: self })
    }

    /// Whoever asks, if they are let in.
    pub(super) fn caller(&self) -> Option<&Caller> {
        self.caller.as_ref().ok()
    }

    /// Name of the token by which somebody is signed in.
    pub(super) fn who(&self) -> Option<&str> {
        self.caller().map(|caller| caller.0.token()).filter(|name| !name.is_empty())
    }
}

/// The page whose form is sent to an address.
fn page_of(address: &str) -> &str {
    let path = address.split('?').next().unwrap_or(address);
    let (before, last) = path.rsplit_once('/').unwrap_or_default();
    match last {
        "upload" | "sign-out" => "/",
        "cancel" | "check" | "release" | "refuse" => before,
        "revoke" => "/sources",
        _ => path,
    }
}

async fn caller(service: &Service, request: &Parts) -> Result<Caller, Problem> {
    if let Some(text) = cookie(&request.headers, SIGN_IN_COOKIE) {
        match service.auth.signed_in(text).await {
            Ok(grant) => return Ok(Caller(grant)),
            // It has ended: as if there were none.
            Err(AuthError::Wrong) => {}
            Err(error) => return Err(refused(error)),
        }
    }
    anonymous(service, &request.extensions, &request.headers).await
}

/// The value of a cookie.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(COOKIE).iter().filter_map(|said| said.to_str().ok());
    let pairs = all.flat_map(|said| said.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find(|(said, _)| *said == name).map(|(_, value)| value)
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::internal)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Viewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Visit::from_request_parts(parts, state).await?.viewer()
    }
}

impl Viewer {
    /// Whether they may do that.
    pub(super) fn may(&self, scope: crate::access::Scope) -> bool {
        self.caller.0.allows(scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_something_is_sent_to_a_page_is_found() {
        let of = |pairs: [(&str, &str); 6]| pairs.map(|(from, _)| page_of(from)) == pairs.map(|(_, to)| to);
        assert!(of([
            ("/upload", "/"),
            ("/runs/7/cancel", "/runs/7"),
            ("/held/3/release", "/held/3"),
            ("/quarantine/5?x=1", "/quarantine/5"),
            ("/shares/1/revoke", "/sources"),
            ("/sign-out", "/"),
        ]));
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let headers = HeaderMap::from_iter([
            (COOKIE, "a=1; __Host-feedgate=x=y;lang=de".parse().expect("a header")),
            (COOKIE, "later=2".parse().expect("a header")),
        ]);
        let of = |name| cookie(&headers, name);
        assert_eq!((of("a"), of("lang"), of("later")), (Some("1"), Some("de"), Some("2")));
        assert_eq!((of(SIGN_IN_COOKIE), of("feedgate"), of("")), (Some("x=y"), None, None));
    }
}
