//! Which requests get in, how far, and what do they get back?
//!
//! Everything passes the same doors, outermost first:
//!
//! ```text
//! trace     an id, one log line
//! headers   what the browser may do with the answer
//! catch     a panic is a 500 like any other
//! deadline  nobody waits for ever
//! guard     no request of another site; unsafe methods only from our own pages
//! body      64 KiB, unless the route has its own rule
//! detached  what has begun goes on to its end when the client hangs up
//! forms     what a person without JavaScript sent leads back to a page
//! routes    slices, probes, pages and server functions, files; anything else is 404
//! ```
//!
//! Invariants
//! - default deny: what is not routed answers 404, what is not a route's method 405, both as a Problem;
//! - every answer carries a content security policy, and a page's names its own nonce;
//! - nothing but files is ever stored by a browser or proxy.

mod files;
mod forms;
mod guard;
mod headers;
mod limits;
mod pages;
mod probes;
#[cfg(test)]
mod tests;
mod trace;

pub(crate) use pages::request_id_of;
pub use pages::{BackendOf, site_options};

use crate::context::Context;
use crate::error::{problem, problem_response, request_id};
use crate::telemetry::metrics;
use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use leptos::prelude::LeptosOptions;

/// The whole portal. `slices` are the routes of the slices; `backend` binds the pages to the caller.
pub fn router(ctx: &Context, slices: Router<Context>, backend: BackendOf, site: LeptosOptions) -> Router {
    metrics::start();
    let slices = slices.merge(probes::routes(site.site_root.clone())).with_state(ctx.clone());
    pages::routes(ctx, backend, site)
        .merge(slices)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(ctx.clone(), forms::lead_back))
        .layer(from_fn(limits::detached))
        .layer(from_fn_with_state(ctx.clone(), limits::body))
        .layer(from_fn_with_state(ctx.clone(), guard::same_site))
        .layer(from_fn(limits::deadline))
        .layer(from_fn(limits::catch))
        .layer(from_fn_with_state(headers::Policy::of(&ctx.config), headers::secure))
        .layer(from_fn_with_state(ctx.entropy.split("request"), trace::request))
}

async fn method_not_allowed() -> Response {
    let title = "This address does not take requests of that kind.";
    problem_response(&problem(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", title, &request_id()))
}
