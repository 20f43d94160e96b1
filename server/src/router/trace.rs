//! Every request gets an id of ours and one line in the log.

use crate::context::Entropy;
use crate::error::REQUEST_ID;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request, in its extensions: streamed pages outlive the task that began them.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(pub(crate) String);

/// Names the request and logs its outcome. The id is always ours: one that a client chose could be
/// another's. The log line has the route, not the path or query, which can hold personal data.
pub(super) async fn request(State(entropy): State<Entropy>, mut request: Request, next: Next) -> Response {
    let id = entropy.uuid_v4().to_string();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("(none)".to_owned(), |path| path.as_str().to_owned());
    request.extensions_mut().insert(RequestId(id.clone()));
    let began = Instant::now();
    let mut response = REQUEST_ID.scope(id.clone(), next.run(request)).await;
    let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let status = response.status().as_u16();
    if route == "/healthz" && status == 200 {
        // Every few seconds, for ever, and no news.
        tracing::debug!(target: "gatehouse::http", request_id = id, duration_ms, "healthy");
    } else {
        tracing::info!(target: "gatehouse::http", request_id = id, %method, route, status, duration_ms, "answered");
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    response
}
