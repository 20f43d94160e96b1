//! How much may a request ask for, and how long?

use super::guard::WEBHOOKS;
use crate::audit;
use crate::context::Context;
use crate::error::{Error, REQUEST_ID, problem, problem_response, request_id};
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use gatehouse_domain::Reason;
use http_body_util::LengthLimitError;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tracing::Instrument;

/// A server function takes a comment of 2,000 characters and an assertion of a few kilobytes.
const BODY_LIMIT: usize = 64 * 1024;

/// Longer than the database's own limits, shorter than a balancer's.
const DEADLINE: Duration = Duration::from_secs(30);

/// Reads the body whole, up to the limit. Webhooks have a limit of their own, with their own refusal.
pub(super) async fn body(State(ctx): State<Context>, request: Request, next: Next) -> Response {
    if request.uri().path().starts_with(WEBHOOKS) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    match to_bytes(body, BODY_LIMIT).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(error) => {
            // Too long, or the client left in the middle, which is nobody's attempt. Either way nothing of it was used.
            let is_too_long =
                std::error::Error::source(&error).is_some_and(<dyn std::error::Error>::is::<LengthLimitError>);
            let source = audit::source_of(&parts.extensions);
            if is_too_long
                && let Err(error) = audit::count_refusal(&ctx, "request", &Reason::BodyTooLarge, &source).await
            {
                // Refused all the same.
                error.report(&request_id());
            }
            Error::refused(Reason::BodyTooLarge).into_response()
        }
    }
}

/// Lets a request that has begun go on to its end, whatever the client does: whoever hangs up between a refusal and
/// its entry would otherwise have tried without a trace.
pub(super) async fn detached(request: Request, next: Next) -> Response {
    let id = request_id();
    match tokio::spawn(REQUEST_ID.scope(id, next.run(request)).in_current_span()).await {
        Ok(response) => response,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Error::internal("a handler was stopped").into_response(),
    }
}

/// Gives up waiting for a request that takes too long; the database's own limits end what it still does.
pub(super) async fn deadline(request: Request, next: Next) -> Response {
    match tokio::time::timeout(DEADLINE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let title = "This took too long and was given up. Look whether it was done before you try again.";
            problem_response(&problem(StatusCode::SERVICE_UNAVAILABLE, "took_too_long", title, &request_id()))
        }
    }
}

/// Answers a panic as what it is: our fault. Its message went to the log by the panic hook.
pub(super) async fn catch(request: Request, next: Next) -> Response {
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => Error::internal("a handler panicked").into_response(),
    }
}
