//! Is the request exactly one that this address takes? What is not understood is refused, not ignored: a misspelt
//! filter that is dropped silently would answer another question.

use crate::error::Error;
use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use gatehouse_domain::Reason;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use serde::de::{DeserializeOwned, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// Larger bodies were refused at the portal's door.
const LARGEST: usize = 1 << 20;

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

/// The body, as `T` and nothing else: `T` denies unknown fields, and no object in it has a key twice.
pub struct Strict<T>(pub T);

impl<T, S> FromRequest<S> for Strict<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Error> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind: String = kind.to_ascii_lowercase().split_whitespace().collect();
        if !matches!(kind.as_str(), "application/json" | "application/json;charset=utf-8") {
            return Err(Error::refused(Reason::ContentTypeUnsupported));
        }
        let bytes = to_bytes(request.into_body(), LARGEST).await.map_err(|_| Error::refused(Reason::BodyTooLarge))?;
        let read = serde_json::from_slice::<NothingTwice>(&bytes).and_then(|_| serde_json::from_slice(&bytes));
        read.map(Self).map_err(|error| malformed(&shown(&error.to_string())))
    }
}

/// JSON in which no object has a key twice. A parser keeps one of the two, and the reader before us perhaps the other.
struct NothingTwice;

impl<'de> Deserialize<'de> for NothingTwice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = NothingTwice;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }
            fn visit_bool<E>(self, _: bool) -> Result<NothingTwice, E> {
                Ok(NothingTwice)
            }
            fn visit_i64<E>(self, _: i64) -> Result<NothingTwice, E> {
                Ok(NothingTwice)
            }
            fn visit_u64<E>(self, _: u64) -> Result<NothingTwice, E> {
                Ok(NothingTwice)
            }
            fn visit_f64<E>(self, _: f64) -> Result<NothingTwice, E> {
                Ok(NothingTwice)
            }
            fn visit_str<E>(self, _: &str) -> Result<NothingTwice, E> {
                Ok(NothingTwice)
            }
            fn visit_unit<E>(self) -> Result<NothingTwice, E> {
                Ok(NothingTwice)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<NothingTwice, A::Error> {
                while items.next_element::<NothingTwice>()?.is_some() {}
                Ok(NothingTwice)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<NothingTwice, A::Error> {
                let mut seen = BTreeSet::new();
                while let Some(key) = fields.next_key::<String>()? {
                    fields.next_value::<NothingTwice>()?;
                    if let Some(twice) = seen.replace(key) {
                        return Err(serde::de::Error::custom(format_args!("duplicate field `{twice}`")));
                    }
                }
                Ok(NothingTwice)
            }
        }
        deserializer.deserialize_any(Any)
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
    shown(&std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string))
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
