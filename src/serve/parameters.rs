//! Parameters of requests, read with a problem for what is not right.

use super::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// Parameters behind the question mark.
#[derive(Clone, Debug)]
pub(super) struct Query<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let read = axum::extract::Query::<T>::try_from_uri(&parts.uri);
        let wrong = |error: axum::extract::rejection::QueryRejection| {
            let text = error.body_text();
            let why = text.rsplit_once("query string: ").map_or(text.as_str(), |(_, why)| why);
            Problem::parameter("query", why)
        };
        read.map(|axum::extract::Query(value)| Self(value)).map_err(wrong)
    }
}

/// A number in a path.
#[derive(Clone, Copy, Debug)]
pub(super) struct Id(pub(super) i64);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        number(&part(parts, state, "id").await?).map(Self)
    }
}

/// A number, as a path has it.
pub(super) fn number(said: &str) -> Result<i64, Problem> {
    let number = said.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| Problem::parameter("id", "it is no number of one: whole, from 1"))
}

/// The name of a source in a path.
#[derive(Clone, Debug)]
pub(super) struct Name(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let said = part(parts, state, "source").await?;
        super::page::text("source", Some(&said))?;
        Ok(Self(said))
    }
}

/// A part of the path.
async fn part<S: Send + Sync>(parts: &mut Parts, state: &S, wanted: &str) -> Result<String, Problem> {
    let wrong = || Problem::not_found("the address is not right: `/openapi.json` lists what there is");
    let path = axum::extract::RawPathParams::from_request_parts(parts, state).await.map_err(|_| wrong())?;
    path.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned()).ok_or_else(wrong)
}
