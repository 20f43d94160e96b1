//! A page that is known already: its bytes, from memory. Left out: everything else.

use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

/// The page, once it was put there.
pub(super) type Page = Arc<OnceLock<Bytes>>;

pub(super) async fn put(State(page): State<Page>, bytes: Bytes) -> StatusCode {
    match page.set(bytes) {
        Ok(()) => StatusCode::OK,
        Err(_) => StatusCode::CONFLICT,
    }
}

pub(super) async fn get(State(page): State<Page>) -> Response {
    match page.get() {
        Some(bytes) => ([(CONTENT_TYPE, "text/html; charset=utf-8")], bytes.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
