//! How does GitHub answer? Errors in its shape, pages with `Link`, conditional requests, rate headers.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

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

/// The path as it was asked for: nesting cuts it short for the handlers.
#[derive(Clone)]
pub(super) struct FullPath(pub(super) String);

/// What every answer of GitHub carries: rate headers, and an ETag that a conditional request gets 304 for.
pub(super) async fn dress(mut request: Request, next: Next) -> Response {
    let path = FullPath(request.uri().path().to_owned());
    request.extensions_mut().insert(path);
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let conditional = request.method() == Method::GET;
    let (mut parts, body) = next.run(request).await.into_parts();
    let fixed = [
        ("x-github-media-type", "github.v3; format=json"),
        ("x-github-api-version-selected", "2022-11-28"),
        ("x-ratelimit-limit", "5000"),
        ("x-ratelimit-remaining", "4999"),
        ("x-ratelimit-used", "1"),
        ("x-ratelimit-resource", "core"),
        ("x-ratelimit-reset", "4102444800"),
    ];
    parts.headers.extend(fixed.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))));
    // A body broken off by a fault must stay broken.
    if !conditional
        || parts.status != StatusCode::OK
        || parts.headers.contains_key(header::CONTENT_LENGTH) && parts.headers.get(header::CONTENT_TYPE).is_none()
    {
        return Response::from_parts(parts, body);
    }
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
