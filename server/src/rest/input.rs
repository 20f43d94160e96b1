//! Is the request exactly one that this address takes? What is not understood is refused, not ignored: a misspelt
//! filter that is dropped silently would answer another question.

use crate::error::Error;
use axum::extract::{FromRequestParts, Path, Query};
use gatehouse_domain::Reason;
use http::request::Parts;
use serde::de::DeserializeOwned;
use std::str::FromStr;

/// The query string, as `T` and nothing else: `T` denies unknown fields, and a doubled one does not parse.
pub struct Params<T>(pub T);

impl<T, S> FromRequestParts<S> for Params<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Error> {
        // The parser's words name our field or the caller's, and nothing of ours besides.
        Query::try_from_uri(&parts.uri).map(|Query(params)| Self(params)).map_err(|error| malformed(&said(&error)))
    }
}

/// Addresses without parameters take none.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// One part of the path, as the id that it is. What is no such id names nothing.
pub struct Id<T>(pub T);

impl<T, S> FromRequestParts<S> for Id<T>
where
    T: FromStr,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| Error::NotFound)?;
        text.parse().map(Self).map_err(|_| Error::NotFound)
    }
}

/// A request that this address does not take.
#[must_use]
pub fn malformed(what: &str) -> Error {
    Error::refused(Reason::RequestMalformed(what.to_owned()))
}

fn said(error: &axum::extract::rejection::QueryRejection) -> String {
    let text = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
