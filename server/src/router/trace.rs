//! Every request gets an id of ours and one line in the log.

use crate::context::Entropy;
use crate::error::REQUEST_ID;
use crate::telemetry::metrics::{self, Stopwatch};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::field::Empty;
use tracing::{Instrument, info_span};

const PROBES: [&str; 3] = ["/healthz", "/readyz", "/metrics"];
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
    let span = info_span!(
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        request_id = id,
        %method,
        route,
        status = Empty
    );
    let watch = Stopwatch::start();
    let answer = REQUEST_ID.scope(id.clone(), next.run(request));
    let mut response = answer.instrument(span.clone()).await;
    let (took, status) = (watch.took(), response.status().as_u16());
    span.record("status", status);
    metrics::answered(method.as_str(), &route, status, took);
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let _in_request = span.enter();
    if PROBES.contains(&route.as_str()) && status == 200 {
        // Every few seconds, for ever, and no news.
        tracing::debug!(target: "gatehouse::http", duration_ms, "answered");
    } else {
        tracing::info!(target: "gatehouse::http", duration_ms, "answered");
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    response
}
