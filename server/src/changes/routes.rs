//! The webhook: what GitHub says is checked for its signature, stored, and answered at once. A job reads it.

use super::store;
use crate::audit;
use crate::context::Context;
use crate::error::Error;
use crate::github::webhook::{SignatureError, verify_signature};
use crate::{jobs, pipelines};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use gatehouse_domain::Reason;
use gatehouse_domain::decision::Job;

/// The largest delivery that is read. GitHub's own cap is 25 MB, but the events that we take stay far below
/// this, and whoever is not GitHub must not make us hold more before the signature is checked.
pub const BODY_LIMIT: usize = 2 * 1024 * 1024;

/// The event that asks this slice something; what is told of runs goes to `pipelines`.
pub(super) const TAKEN: &str = "deployment_protection_rule";

/// This slice's routes.
pub fn routes() -> Router<Context> {
    Router::new().route("/webhooks/github", post(receive_delivery))
}

/// Signature over the raw bytes, then store and enqueue in one transaction; 202 within milliseconds.
/// A GUID that is known is answered the same way and does nothing.
async fn receive_delivery(State(ctx): State<Context>, request: Request) -> Result<StatusCode, Error> {
    let source = audit::source_of(request.extensions());
    let (parts, body) = request.into_parts();
    match read(&ctx, &parts.headers, body).await {
        Ok(delivery) => {
            point!("webhook.received");
            let mut tx = ctx.db.begin().await?;
            if delivery.event == TAKEN || pipelines::is_taken(&delivery.event) {
                store::insert_delivery(&mut tx, &delivery.guid, &delivery.event, &delivery.body).await?;
                // Also for a GUID that is known: a redelivery is how GitHub's pages repair what was lost here.
                jobs::enqueue(&mut tx, &Job::ReadDelivery { guid: delivery.guid }).await?;
            } else if store::insert_delivery(&mut tx, &delivery.guid, &delivery.event, b"").await? {
                // What is not taken is not kept either: other events carry names and addresses.
                store::set_delivery_outcome(&mut tx, &delivery.guid, "ignored").await?;
            }
            point!("webhook.stored");
            tx.commit().await?;
            point!("webhook.committed");
            Ok(StatusCode::ACCEPTED)
        }
        Err(reason) => {
            audit::count_refusal(&ctx, "github.deliver", &reason, &source).await?;
            Err(Error::refused(reason))
        }
    }
}

struct Delivered {
    guid: String,
    event: String,
    body: Vec<u8>,
}

async fn read(ctx: &Context, headers: &HeaderMap, body: Body) -> Result<Delivered, Reason> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // Whoever cannot sign is not worth reading a body for.
    let signature = header("x-hub-signature-256").ok_or(Reason::WebhookUnsigned)?;
    let body = to_bytes(body, BODY_LIMIT).await.map_err(|_| Reason::BodyTooLarge)?;
    verify_signature(&ctx.config.github.webhook_secret, Some(signature), &body).map_err(|error| match error {
        SignatureError::Missing | SignatureError::Sha1Only => Reason::WebhookUnsigned,
        _ => Reason::WebhookForged,
    })?;
    let word = |name: &str, fits: fn(u8) -> bool| {
        header(name)
            .filter(|text| (1..=64).contains(&text.len()) && text.bytes().all(fits))
            .map(str::to_owned)
            .ok_or_else(|| Reason::BodyMalformed(format!("no usable {name}")))
    };
    Ok(Delivered {
        guid: word("x-github-delivery", |b| b.is_ascii_alphanumeric() || b == b'-')?,
        event: word("x-github-event", |b| b.is_ascii_lowercase() || b == b'_')?,
        body: body.to_vec(),
    })
}
