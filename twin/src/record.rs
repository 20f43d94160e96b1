//! What was said, word for word, so that it can be compared with what GitHub documents.
//!
//! With `TWIN_RECORD` naming a directory, every answer and every webhook of this GitHub becomes a line of JSON in a file
//! of the process. Answers that a fault made up are left out: GitHub did not say them.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use http::{Method, StatusCode, Uri};
use serde_json::{Value, json};

use crate::faults::Faulted;
use crate::state::Shared;

/// What was asked.
pub(crate) struct Asked {
    pub method: Method,
    uri: Uri,
    body: Value,
}

/// Where lines go, if anywhere.
pub(crate) fn file() -> Option<PathBuf> {
    let dir = std::env::var_os("TWIN_RECORD").filter(|dir| !dir.is_empty())?;
    Some(PathBuf::from(dir).join(format!("{}.jsonl", std::process::id())))
}

fn write(shared: &Shared, line: &Value) {
    let Some(path) = &shared.record else { return };
    // One write of one line each, so that lines of parallel tests do not mix.
    let appended = OpenOptions::new().create(true).append(true).open(path);
    if let Err(error) = appended.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes())) {
        tracing::error!(%error, path = %path.display(), "cannot record");
    }
}

/// Reads what was asked, where it will be noted, and leaves the request whole.
pub(crate) async fn asked(shared: &Shared, request: Request) -> (Asked, Request) {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    if shared.record.is_none() {
        return (Asked { method, uri, body: Value::Null }, request);
    }
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let body = serde_json::from_slice(&bytes).unwrap_or_default();
    (Asked { method, uri, body }, Request::from_parts(parts, Body::from(bytes)))
}

/// Notes one answer and passes it on.
pub(crate) async fn exchange(shared: &Shared, asked: Asked, response: Response) -> Response {
    let made_up = response.extensions().get::<Faulted>().is_some() || response.status() == StatusCode::NOT_IMPLEMENTED;
    if shared.record.is_none() || made_up {
        return response;
    }
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let Asked { method, uri, body: asked } = asked;
    write(
        shared,
        &json!({
            "method": method.as_str(), "path": uri.path(), "asked": asked,
            "status": parts.status.as_u16(), "body": body,
        }),
    );
    Response::from_parts(parts, Body::from(bytes))
}

/// Notes one webhook.
pub(crate) fn webhook(shared: &Shared, event: &str, payload: &Value) {
    write(shared, &json!({ "event": event, "body": payload }));
}
