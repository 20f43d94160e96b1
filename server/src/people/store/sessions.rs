//! Sessions. The limits stand in the SQL, so that no caller can forget one.

use super::parsed;
use crate::error::Error;
use crate::people::session::SignedIn;
use gatehouse_domain::{Digest, PersonId};
use sqlx::{PgConnection, Row};
use uuid::Uuid;

/// Why a session ended.
#[derive(Debug, Clone, Copy)]
pub(in crate::people) enum EndCause {
    /// Its holder signed out.
    SignedOut,
    /// The same browser signed in again.
    Replaced,
}

impl EndCause {
    const fn word(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Replaced => "replaced",
        }
    }
}

pub(in crate::people) async fn insert_session(
    conn: &mut PgConnection,
    session_id: Uuid,
    token_hash: &[u8],
    person: &PersonId,
    account: &Digest,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO people_sessions (session_id, token_hash, person, account, started_at, seen_at)
         SELECT $1, $2, $3, $4, now, now FROM gatehouse_now() AS now",
    )
    .bind(session_id)
    .bind(token_hash)
    .bind(person.as_str())
    .bind(account.as_str())
    .execute(conn)
    .await?;
    Ok(())
}

/// The live session of a token: not ended, seen within 15 minutes, begun within 12 hours.
pub(in crate::people) async fn find_session(
    conn: &mut PgConnection,
    token_hash: &[u8],
) -> Result<Option<SignedIn>, Error> {
    let row = sqlx::query(
        "SELECT session_id, person, account, seen_at < gatehouse_now() - interval '30 seconds' AS is_due
         FROM people_sessions
         WHERE token_hash = $1 AND ended_at IS NULL
           AND seen_at > gatehouse_now() - interval '15 minutes'
           AND started_at > gatehouse_now() - interval '12 hours'",
    )
    .bind(token_hash)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let session_id: Uuid = row.try_get("session_id")?;
    // A write for every request would cost more than half a minute of precision is worth.
    if row.try_get("is_due")? {
        sqlx::query("UPDATE people_sessions SET seen_at = gatehouse_now() WHERE session_id = $1 AND ended_at IS NULL")
            .bind(session_id)
            .execute(conn)
            .await?;
    }
    Ok(Some(SignedIn {
        person: parsed(&row.try_get::<String, _>("person")?)?,
        session_id,
        account: parsed(&row.try_get::<String, _>("account")?)?,
    }))
}

/// Ends a session, and every ceremony that it began.
pub(in crate::people) async fn set_session_ended(
    conn: &mut PgConnection,
    session_id: Uuid,
    cause: EndCause,
) -> Result<bool, Error> {
    sqlx::query("DELETE FROM people_ceremonies WHERE session_id = $1").bind(session_id).execute(&mut *conn).await?;
    let done = sqlx::query(
        "UPDATE people_sessions SET ended_at = gatehouse_now(), end_cause = $2 WHERE session_id = $1 AND ended_at IS NULL",
    )
    .bind(session_id)
    .bind(cause.word())
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Sessions that can no longer be used, a day after their last hour.
pub(in crate::people) async fn delete_old_sessions(conn: &mut PgConnection) -> Result<u64, Error> {
    let done = sqlx::query("DELETE FROM people_sessions WHERE started_at < gatehouse_now() - interval '36 hours'")
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}
