//! Who asks: the token of a request, and what it may do.

use super::problem::{Kind, Problem};
use super::requests::{RequestNotes, means_this_machine};
use super::service::Service;
use crate::access::{AuthError, Grant, Scope};
use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use std::net::SocketAddr;
use std::sync::Arc;

/// From where an address of ours can be reached, which a connection was made to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// From this machine alone.
    ThisMachine,
    /// From elsewhere, too.
    Elsewhere,
}

impl Reach {
    pub(super) fn of(address: SocketAddr) -> Self {
        if address.ip().to_canonical().is_loopback() { Self::ThisMachine } else { Self::Elsewhere }
    }
}

/// Whoever asks; extracted before anything of the body is read.
#[derive(Clone, Debug)]
pub(super) struct Caller(pub(super) Grant);

impl Caller {
    /// Lets pass who may do that.
    pub(super) fn may(&self, scope: Scope) -> Result<(), Problem> {
        if self.0.allows(scope) {
            return Ok(());
        }
        Err(Problem::new(Kind::Forbidden, format!("the scope `{scope}` is needed: use another token")))
    }

    /// Lets pass who may do that with products of a source.
    pub(super) fn sees(&self, source: &str) -> Result<(), Problem> {
        if self.0.sees(source) {
            return Ok(());
        }
        let own = self.0.source().unwrap_or_default();
        Err(Problem::new(
            Kind::SourceForbidden,
            format!("the token is for `{own}` alone, and this is of `{source}`: use another token"),
        ))
    }

    /// Lets pass who asks for products of a source by its name.
    pub(super) fn asks(&self, source: Option<&str>) -> Result<(), Problem> {
        match (self.0.source(), source) {
            (Some(own), Some(source)) if own != source => {
                let told = format!("the token is for `{own}` alone: ask for no other source");
                Err(Problem::new(Kind::SourceForbidden, told))
            }
            _ => Ok(()),
        }
    }

    /// Lets pass who may see products of all sources.
    pub(super) fn sees_all(&self) -> Result<(), Problem> {
        let Some(own) = self.0.source() else { return Ok(()) };
        let told =
            format!("the token is for `{own}` alone, and this is about all sources: use another token");
        Err(Problem::new(Kind::SourceForbidden, told))
    }
}

impl FromRequestParts<Arc<Service>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Arc<Service>) -> Result<Self, Problem> {
        let bearer = bearer(parts)?;
        let caller = match bearer {
            Some(bearer) => Self(service.auth.authenticate(Some(bearer)).await.map_err(refused)?),
            None => anonymous(service, &parts.extensions, &parts.headers).await?,
        };
        if let Some(notes) = parts.extensions.get::<RequestNotes>() {
            notes.token(caller.0.token());
        }
        Ok(caller)
    }
}

/// Whoever shows no token: nobody has to while there is none, and they call from this machine.
pub(super) async fn anonymous(
    service: &Service,
    extensions: &Extensions,
    headers: &HeaderMap,
) -> Result<Caller, Problem> {
    let grant = service.auth.authenticate(None).await.map_err(refused)?;
    let is_local = extensions.get() == Some(&Reach::ThisMachine);
    if is_local && means_this_machine(headers) {
        return Ok(Caller(grant));
    }
    // Somebody asks from elsewhere; or a page has led a browser here.
    Err(refused(AuthError::Missing))
}

/// The token that is shown, if one is.
fn bearer(parts: &Parts) -> Result<Option<&str>, Problem> {
    let Some(shown) = parts.headers.get(AUTHORIZATION) else { return Ok(None) };
    let text = shown.to_str().unwrap_or_default();
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.trim())),
        _ => Err(Problem::new(Kind::Unauthorized, "the header `Authorization` says no `Bearer` token")),
    }
}

/// Why somebody is not let in.
pub(super) fn refused(error: AuthError) -> Problem {
    match error {
        AuthError::Unavailable(source) => source.into(),
        AuthError::NoRandomness(_) => Problem::internal(),
        AuthError::Missing | AuthError::Wrong => Problem::new(Kind::Unauthorized, error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(address: &str, expected: Reach) {
        assert_eq!(Reach::of(address.parse().expect("an address")), expected, "{address}");
    }

    #[test]
    fn an_address_of_this_machine_is_reached_from_it_alone() {
        case("127.0.0.1:8080", Reach::ThisMachine);
        case("[::1]:8080", Reach::ThisMachine);
        case("[::ffff:127.0.0.1]:8080", Reach::ThisMachine);
        case("0.0.0.0:8080", Reach::Elsewhere);
        case("[::]:8080", Reach::Elsewhere);
        case("[::ffff:10.0.0.1]:8080", Reach::Elsewhere);
        case("10.0.0.1:8080", Reach::Elsewhere);
    }
}
