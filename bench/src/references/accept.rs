//! A delivery: its signature over the raw bytes, and one durable INSERT. Left out: the job that reads it, and every
//! door before the handler.

use std::sync::Arc;

use anyhow::Context;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use sqlx::PgPool;

use super::Failed;

pub(super) async fn accept(
    State((pool, secret)): State<(PgPool, Arc<[u8]>)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Failed> {
    let word = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).context("a header is missing");
    let signature = word("x-hub-signature-256")?.strip_prefix("sha256=").context("another signature")?;
    let mac = Hmac::<Sha256>::new_from_slice(&secret)?.chain_update(&body);
    if mac.verify_slice(&hex::decode(signature)?).is_err() {
        return Ok(StatusCode::FORBIDDEN);
    }
    sqlx::query("INSERT INTO github_deliveries (guid, event, body) VALUES ($1, $2, $3) ON CONFLICT (guid) DO NOTHING")
        .bind(word("x-github-delivery")?)
        .bind(word("x-github-event")?)
        .bind(body.as_ref())
        .execute(&pool)
        .await?;
    Ok(StatusCode::ACCEPTED)
}
