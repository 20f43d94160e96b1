//! The session of a cookie, by the portal's own SQL, the write that keeps it alive twice a minute included.

use anyhow::Context;
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, Row};
use uuid::Uuid;

const FIND: &str = "SELECT session_id, person, account, seen_at < gatehouse_now() - interval '30 seconds' AS is_due
     FROM people_sessions WHERE token_hash = $1
         AND ended_at IS NULL AND seen_at > gatehouse_now() - interval '15 minutes'
         AND started_at > gatehouse_now() - interval '12 hours'";
const SEEN: &str = "UPDATE people_sessions SET seen_at = gatehouse_now() WHERE session_id = $1 AND ended_at IS NULL";

/// Whose it is.
pub(super) struct Session {
    pub(super) id: Uuid,
    pub(super) person: String,
}

/// Finds it.
///
/// # Errors
/// When there is none that lives.
pub(super) async fn find(conn: &mut PgConnection, headers: &HeaderMap) -> anyhow::Result<Session> {
    let cookies = headers.get(COOKIE).and_then(|value| value.to_str().ok()).context("no cookie")?;
    let pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
    let (_, token) = pairs.into_iter().find(|(name, _)| *name == "__Host-gatehouse").context("no session's cookie")?;
    let hash = Sha256::digest(token.as_bytes());
    let row = sqlx::query(FIND).bind(hash.as_slice()).fetch_optional(&mut *conn).await?.context("no live session")?;
    let id: Uuid = row.try_get("session_id")?;
    if row.try_get("is_due")? {
        sqlx::query(SEEN).bind(id).execute(conn).await?;
    }
    Ok(Session { id, person: row.try_get("person")? })
}
