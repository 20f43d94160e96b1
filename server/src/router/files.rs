//! The site's files: scripts, styles, fonts, icons.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, IF_MODIFIED_SINCE, RANGE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;
use tower_http::services::ServeDir;

/// A name that changes with its content never changes its content.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Stored, but asked about each time (`Last-Modified`).
const ASK_FIRST: HeaderValue = HeaderValue::from_static("no-cache");

/// What a request asks of the files, or `None` where it cannot mean one.
pub(super) fn question(request: &Request) -> Option<Request> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return None;
    }
    let mut question = Request::builder().method(request.method()).uri(request.uri());
    for name in [ACCEPT_ENCODING, IF_MODIFIED_SINCE, RANGE] {
        if let Some(value) = request.headers().get(&name) {
            question = question.header(name, value);
        }
    }
    question.body(Body::empty()).ok()
}

/// The file, or `None` where there is no such file.
pub(super) async fn answer(site_root: &str, question: Request) -> Option<Response> {
    let is_hashed = is_hashed(question.uri().path());
    let dir = ServeDir::new(site_root).append_index_html_on_directories(false).precompressed_br().precompressed_gzip();
    let response = dir.oneshot(question).await.ok()?;
    if !(response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED) {
        return None;
    }
    let mut response = response.into_response();
    response.headers_mut().insert(CACHE_CONTROL, if is_hashed { FOR_EVER } else { ASK_FIRST });
    Some(response)
}

/// `gatehouse.dQw4w9WgXcQ6bA1c2D3e4F.js`: a middle part as long as cargo-leptos's hashes.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let mut parts = name.split('.').skip(1).collect::<Vec<_>>();
    parts.pop();
    parts
        .iter()
        .any(|part| part.len() >= 20 && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_carry_a_hash_are_for_ever() {
        assert!(is_hashed("/pkg/gatehouse.dQw4w9WgXcQ6bA1c2D3e4F.js"));
        for plain in
            ["/pkg/gatehouse.js", "/fonts/inter.woff2", "/favicon.svg", "/a-very-long-name-that-is-no-hash.css"]
        {
            assert!(!is_hashed(plain), "{plain}");
        }
    }
}
