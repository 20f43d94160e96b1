//! How does GitHub answer? Errors in its shape, pages with `Link`, conditional requests, rate headers.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::faults::Faulted;
use crate::state::Shared;
use crate::world::INSTALLATION_ID;

/// A refusal in GitHub's error shape.
pub(super) struct Refusal {
    status: StatusCode,
    message: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    /// GitHub says 404 also for what the token may not see.
    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "message": self.message, "documentation_url": "https://docs.github.com/rest", "status": self.status.as_str() });
        (self.status, Json(body)).into_response()
    }
}

pub(super) type Answer = Result<Response, Refusal>;

pub(super) fn ok(value: Value) -> Answer {
    Ok(Json(value).into_response())
}

/// Which part of a list was asked for, and what to link to.
pub(super) struct Page {
    number: usize,
    size: usize,
    url: String,
    query: BTreeMap<String, String>,
}

impl Page {
    pub(super) fn new(url: String, query: &BTreeMap<String, String>) -> Self {
        let read =
            |key: &str, default: usize| query.get(key).and_then(|value| value.parse().ok()).unwrap_or(default).max(1);
        Self { number: read("page", 1), size: read("per_page", 30).min(100), url, query: query.clone() }
    }

    pub(super) fn is_first(&self) -> bool {
        self.number == 1
    }

    /// The slice of a list, with its `Link` header.
    pub(super) fn cut<T>(&self, all: Vec<T>) -> (Vec<T>, HeaderMap) {
        let last = all.len().div_ceil(self.size).max(1);
        let link = |number: usize, rel: &str| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(self.query.iter().filter(|(key, _)| *key != "page"));
            query.append_pair("page", &number.to_string());
            format!("<{}?{}>; rel=\"{rel}\"", self.url, query.finish())
        };
        let mut links = Vec::new();
        if self.number > 1 {
            links.extend([link(self.number - 1, "prev"), link(1, "first")]);
        }
        if self.number < last {
            links.extend([link(self.number + 1, "next"), link(last, "last")]);
        }
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_str(&links.join(", "))
            .map_err(|_| ())
            .and_then(|value| if links.is_empty() { Err(()) } else { Ok(value) })
        {
            headers.insert(header::LINK, value);
        }
        (all.into_iter().skip((self.number - 1) * self.size).take(self.size).collect(), headers)
    }

    /// A bare array.
    pub(super) fn array(&self, all: Vec<Value>) -> Answer {
        let (some, headers) = self.cut(all);
        Ok((headers, Json(some)).into_response())
    }

    /// An object with `total_count` and the named array.
    pub(super) fn object(&self, name: &str, all: Vec<Value>) -> Answer {
        let total = all.len();
        let (some, headers) = self.cut(all);
        Ok((headers, Json(json!({ "total_count": total, name: some }))).into_response())
    }
}

/// A list that grows at its beginning is paged from a place in it, not by number.
pub(super) fn after_cursor<T>(
    url: &str,
    query: &BTreeMap<String, String>,
    newest_first: impl Iterator<Item = T>,
    id: impl Fn(&T) -> u64,
) -> Result<(Vec<T>, HeaderMap), Refusal> {
    let size = query.get("per_page").and_then(|size| size.parse().ok()).unwrap_or(30_usize).clamp(1, 100);
    let before = match query.get("cursor") {
        None => u64::MAX,
        Some(cursor) => cursor
            .strip_prefix("v1_")
            .and_then(|id| id.parse().ok())
            .ok_or_else(|| Refusal::new(StatusCode::BAD_REQUEST, "Invalid cursor"))?,
    };
    let mut some: Vec<T> = newest_first.filter(|it| id(it) < before).take(size + 1).collect();
    let mut headers = HeaderMap::new();
    if some.len() > size {
        some.truncate(size);
        let last = some.last().map(id).unwrap_or_default();
        let link = format!("<{url}?per_page={size}&cursor=v1_{last}>; rel=\"next\"");
        headers.extend(HeaderValue::from_str(&link).ok().map(|link| (header::LINK, link)));
    }
    Ok((some, headers))
}

/// The path as it was asked for: nesting cuts it short for the handlers.
#[derive(Clone)]
pub(super) struct FullPath(pub(super) String);

/// What every answer of GitHub carries: rate headers, and an ETag that a conditional request gets 304 for.
pub(super) async fn dress(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let (asked, mut request) = crate::record::asked(&shared, request).await;
    let path = request.uri().path().to_owned();
    request.extensions_mut().insert(FullPath(path.clone()));
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    // The App's own routes have a share of their own, which nobody here uses up.
    let is_counted = !path.starts_with("/app");
    let now = shared.clock.wire_now();
    let is_used_up = is_counted && shared.model().github.rate.is_used_up(now);
    let response = if is_used_up { used_up() } else { next.run(request).await };
    let mut response = if asked.method == Method::GET { conditional(response, known).await } else { response };
    response.headers_mut().insert("x-github-media-type", HeaderValue::from_static("github.v3; format=json"));
    response.headers_mut().insert("x-github-api-version-selected", HeaderValue::from_static("2022-11-28"));
    if is_counted {
        let rate = &mut shared.model().github.rate;
        rate.count(now, response.status() == StatusCode::NOT_MODIFIED);
        rate.write(response.headers_mut());
    }
    crate::record::exchange(&shared, asked, response).await
}

fn used_up() -> Response {
    Refusal::new(StatusCode::FORBIDDEN, format!("API rate limit exceeded for installation ID {INSTALLATION_ID}."))
        .into_response()
}

async fn conditional(response: Response, known: Option<HeaderValue>) -> Response {
    // A body broken off by a fault must stay broken.
    if response.status() != StatusCode::OK || response.extensions().get::<Faulted>().is_some() {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return Response::from_parts(parts, Body::empty());
    };
    let etag = format!("W/\"{}\"", hex::encode(Sha256::digest(&bytes)));
    if known.is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response();
    }
    if let Ok(value) = HeaderValue::from_str(&etag) {
        parts.headers.insert(header::ETAG, value);
    }
    Response::from_parts(parts, Body::from(bytes))
}
