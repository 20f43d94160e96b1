//! The list of changes: session, one query, JSON. Left out: every door before the handler, tags, tokens, filters.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgPool};

use super::{Failed, session};

const LIST: &str = "SELECT c.number, c.state, c.service, c.environment, coalesce(r.reading->>'title', '') AS title,
            c.subject_digest, c.opened_at, c.ended_at
     FROM changes_changes c LEFT JOIN changes_readings r USING (number) WHERE true ORDER BY c.number DESC LIMIT $1";

/// The portal reads one more than it shows, to know whether there is another page.
const LIMIT: i64 = 51;

#[derive(Serialize, FromRow)]
struct Row {
    number: String,
    state: String,
    service: String,
    environment: String,
    title: String,
    subject_digest: String,
    opened_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

#[derive(Serialize)]
pub(super) struct Page {
    changes: Vec<Row>,
    next: Option<String>,
}

pub(super) async fn read(State(pool): State<PgPool>, headers: HeaderMap) -> Result<Json<Page>, Failed> {
    let mut conn = pool.acquire().await?;
    session::find(&mut conn, &headers).await?;
    let changes = sqlx::query_as(LIST).bind(LIMIT).fetch_all(&mut *conn).await?;
    Ok(Json(Page { changes, next: None }))
}
