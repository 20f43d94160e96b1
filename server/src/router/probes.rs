//! What do machines ask the portal about itself?
//!
//! | address | asked by | says |
//! |---|---|---|
//! | `/healthz` | whoever restarts it | `ok` while the process answers at all; a database that is away is no reason to restart |
//! | `/readyz` | whoever sends it requests | 200, or 503 and every part that is missing with its remedy |
//! | `/metrics` | Prometheus | figures, to whoever has the token of `telemetry.metrics_token_file` |
//!
//! An outside system that is down is no reason for sending requests elsewhere: every replica sees the same. Its
//! absence is told where it matters, on the change that it keeps shut.

use crate::context::Context;
use crate::error::Error;
use crate::telemetry::metrics;
use crate::{audit, database, jobs};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use gatehouse_domain::Reason;
use secrecy::ExposeSecret;
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use subtle::ConstantTimeEq;

/// How long a probe waits for the database before it says no.
const PROBE_LIMIT: Duration = Duration::from_secs(2);

const METRICS_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `site_root` is where the built site must be.
pub(super) fn routes(site_root: Arc<str>) -> Router<Context> {
    let ready = move |ctx| ready(ctx, Arc::clone(&site_root));
    Router::new().route("/healthz", get(|| async { "ok" })).route("/readyz", get(ready)).route("/metrics", get(figures))
}

/// What `/readyz` says.
#[derive(Debug, Serialize)]
struct Readiness {
    ready: bool,
    missing: Vec<Missing>,
    /// What somebody should look at, and that keeps nobody from being served.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Missing>,
}

/// One part without which this replica is of no use.
#[derive(Debug, Serialize)]
struct Missing {
    part: &'static str,
    remedy: String,
}

async fn ready(State(ctx): State<Context>, site_root: Arc<str>) -> Response {
    let mut missing = Vec::new();
    let config = ctx.config.source.display();
    match tokio::time::timeout(PROBE_LIMIT, database::check(&ctx)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => missing.push(Missing { part: "database", remedy: error.to_string() }),
        Err(_) => missing.push(Missing {
            part: "database",
            remedy: format!(
                "it did not answer in {} s; start it, or look at [database] in {config}",
                PROBE_LIMIT.as_secs()
            ),
        }),
    }
    if !ctx.job_loop.is_running() {
        let remedy = "the job loop is not running; it starts again by itself once the database answers, and says in the log why it stopped";
        missing.push(Missing { part: "jobs", remedy: remedy.to_owned() });
    }
    if !Path::new(&*site_root).join("pkg").is_dir() {
        let remedy = format!(
            "no built site in {site_root}: pages can be read, but no key can be touched; build it with cargo leptos build, or name it in LEPTOS_SITE_ROOT"
        );
        missing.push(Missing { part: "site", remedy });
    }
    let proposed = ctx.waiting.get().map(|digest| Missing {
        part: "configuration",
        remedy: format!(
            "{config} is not what is in force ({}): it proposes {digest}, which decides nothing until everybody signed for it on the Policy page",
            ctx.policy_digest
        ),
    });
    let ready = missing.is_empty();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, missing, notes: proposed.into_iter().collect() })).into_response()
}

async fn figures(State(ctx): State<Context>, request: Request) -> Result<Response, Error> {
    let Some(token) = &ctx.config.telemetry.metrics_token else { return Err(Error::NotFound) };
    let given = request.headers().get(AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    // Both sides hashed, so that neither the bytes nor the length can be felt out.
    let digest = |bytes: &[u8]| gatehouse_domain::Digest::of(bytes).bytes();
    let matches = given.map(|given| digest(given).ct_eq(&digest(token.expose_secret().as_bytes())));
    if !matches.is_some_and(bool::from) {
        let source = audit::source_of(request.extensions());
        audit::count_refusal(&ctx, "metrics", &Reason::NotSignedIn, &source).await?;
        return Err(Error::refused(Reason::NotSignedIn));
    }
    let mut conn = ctx.db.acquire().await?;
    let queue = jobs::waiting(&mut conn).await?;
    drop(conn);
    metrics::observe(queue.waiting, queue.oldest_due, ctx.db.size(), ctx.db.num_idle());
    let text = metrics::render().ok_or_else(|| Error::internal("another recorder of metrics is in this process"))?;
    Ok(([(CONTENT_TYPE, METRICS_FORMAT)], text).into_response())
}
