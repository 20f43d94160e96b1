//! Has what a program saw last changed since? An answer to a GET carries the hash of its bytes; whoever brings it back
//! gets 304 and no body. The answer is made all the same, so that a tag never outlives a right to read.

use crate::error::{Error, request_id};
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};

/// No answer of ours is larger: pages are bounded.
const LARGEST: usize = 16 << 20;

/// Tags answers to GET, and shortens those that the asker has already.
pub async fn not_modified(request: Request, next: Next) -> Response {
    let is_read = request.method() == Method::GET;
    let seen = request.headers().clone();
    let response = next.run(request).await;
    if !is_read || response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, LARGEST).await else {
        let error = Error::internal("an answer is larger than any should be");
        error.report(&request_id());
        return error.into_response();
    };
    let digest = hex::encode(Sha256::digest(&bytes));
    let tag = format!("\"{}\"", digest.get(..32).unwrap_or(&digest));
    let has_it = has(&seen, &tag);
    if let Ok(value) = HeaderValue::from_str(&tag) {
        parts.headers.insert(ETAG, value);
    }
    if has_it {
        parts.status = StatusCode::NOT_MODIFIED;
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

fn has(seen: &HeaderMap, tag: &str) -> bool {
    let tags = seen.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    tags.flat_map(|value| value.split(',')).any(|seen| seen.trim().trim_start_matches("W/") == tag)
}
