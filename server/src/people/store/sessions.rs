//! Sessions. The limits stand in the SQL, so that no caller can forget one.

use super::parsed;
use crate::error::Error;
use crate::people::session::SignedIn;
use chrono::{DateTime, Utc};
use gatehouse_domain::people::sessions::SessionFacts;
use gatehouse_domain::{Digest, PersonId};
use sqlx::{PgConnection, Row};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Not ended, seen within 15 minutes, begun within 12 hours.
const LIVE: &str = "ended_at IS NULL AND seen_at > gatehouse_now() - interval '15 minutes'
    AND started_at > gatehouse_now() - interval '12 hours'";
/// Ended because its holder, or security, said that somebody else had it.
const STOLEN: &str = "compromised";

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

/// The live session of a token.
pub(in crate::people) async fn find_session(
    conn: &mut PgConnection,
    token_hash: &[u8],
) -> Result<Option<SignedIn>, Error> {
    let row = sqlx::query(sqlx::AssertSqlSafe(format!(
        "SELECT session_id, person, account, seen_at < gatehouse_now() - interval '30 seconds' AS is_due
         FROM people_sessions WHERE token_hash = $1 AND {LIVE}"
    )))
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

/// Those of these sessions that are alive, by the rule of [`find_session`]; none of them is marked as seen.
pub(in crate::people) async fn list_alive(conn: &mut PgConnection, asked: &[Uuid]) -> Result<BTreeSet<Uuid>, Error> {
    let alive: Vec<Uuid> = sqlx::query_scalar(
        "SELECT session_id FROM people_sessions
         WHERE session_id = ANY($1) AND ended_at IS NULL
           AND seen_at > gatehouse_now() - interval '15 minutes'
           AND started_at > gatehouse_now() - interval '12 hours'",
    )
    .bind(asked)
    .fetch_all(conn)
    .await?;
    Ok(alive.into_iter().collect())
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

/// Whether it has not ended, held so until the transaction ends. Being seen is not kept waiting by this.
///
/// An advisory lock and not the row's: a row's gives the transaction its id, and ids are the order of the log. Whoever
/// then waits for a change would stand in the log before the one that it waited for.
pub(in crate::people) async fn hold_session(conn: &mut PgConnection, session_id: Uuid) -> Result<bool, Error> {
    sqlx::query("SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))")
        .bind(lock_name(session_id))
        .execute(&mut *conn)
        .await?;
    let found: Option<i32> =
        sqlx::query_scalar("SELECT 1 FROM people_sessions WHERE session_id = $1 AND ended_at IS NULL")
            .bind(session_id)
            .fetch_optional(conn)
            .await?;
    Ok(found.is_some())
}

fn lock_name(session_id: Uuid) -> String {
    format!("people.session/{session_id}")
}

/// Whose it is and whether it was reported, held against every decision through it.
pub(in crate::people) async fn lock_session(
    conn: &mut PgConnection,
    session_id: Uuid,
) -> Result<Option<SessionFacts>, Error> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind(lock_name(session_id))
        .execute(&mut *conn)
        .await?;
    let row = sqlx::query("SELECT person, end_cause FROM people_sessions WHERE session_id = $1 FOR UPDATE")
        .bind(session_id)
        .fetch_optional(conn)
        .await?;
    row.map(|row| {
        Ok(SessionFacts {
            session: session_id.into(),
            person: parsed(&row.try_get::<String, _>("person")?)?,
            is_known_stolen: row.try_get::<Option<String>, _>("end_cause")?.as_deref() == Some(STOLEN),
        })
    })
    .transpose()
}

/// Ends it as stolen, also when it had ended in another way.
pub(in crate::people) async fn set_session_stolen(conn: &mut PgConnection, session_id: Uuid) -> Result<(), Error> {
    sqlx::query("DELETE FROM people_ceremonies WHERE session_id = $1").bind(session_id).execute(&mut *conn).await?;
    sqlx::query(
        "UPDATE people_sessions SET ended_at = coalesce(ended_at, gatehouse_now()), end_cause = $2 WHERE session_id = $1",
    )
    .bind(session_id)
    .bind(STOLEN)
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends every live session of a person but one, and the ceremonies of all of them; how many.
pub(in crate::people) async fn set_others_ended(
    conn: &mut PgConnection,
    person: &PersonId,
    keep: Uuid,
) -> Result<u64, Error> {
    let ended: Vec<Uuid> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
        "UPDATE people_sessions SET ended_at = gatehouse_now(), end_cause = 'signed_out'
         WHERE person = $1 AND session_id <> $2 AND {LIVE} RETURNING session_id"
    )))
    .bind(person.as_str())
    .bind(keep)
    .fetch_all(&mut *conn)
    .await?;
    sqlx::query("DELETE FROM people_ceremonies WHERE session_id = ANY($1)").bind(&ended).execute(conn).await?;
    Ok(u64::try_from(ended.len()).unwrap_or(u64::MAX))
}

/// One session, as its page shows it.
#[derive(Debug, Clone)]
pub(in crate::people) struct SessionRecord {
    pub(in crate::people) facts: SessionFacts,
    pub(in crate::people) started_at: DateTime<Utc>,
    pub(in crate::people) seen_at: DateTime<Utc>,
    pub(in crate::people) is_live: bool,
}

/// All sessions of a person that are still remembered: live ones first, then those seen last.
pub(in crate::people) async fn list_sessions(
    conn: &mut PgConnection,
    person: &PersonId,
) -> Result<Vec<SessionRecord>, Error> {
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "SELECT session_id, person, started_at, seen_at, end_cause, ({LIVE}) AS is_live FROM people_sessions
         WHERE person = $1 ORDER BY ({LIVE}) DESC, seen_at DESC, session_id LIMIT 200"
    )))
    .bind(person.as_str())
    .fetch_all(conn)
    .await?
    .iter()
    .map(|row| {
        let session_id: Uuid = row.try_get("session_id")?;
        Ok(SessionRecord {
            facts: SessionFacts {
                session: session_id.into(),
                person: parsed(&row.try_get::<String, _>("person")?)?,
                is_known_stolen: row.try_get::<Option<String>, _>("end_cause")?.as_deref() == Some(STOLEN),
            },
            started_at: row.try_get("started_at")?,
            seen_at: row.try_get("seen_at")?,
            is_live: row.try_get("is_live")?,
        })
    })
    .collect()
}

/// Sessions that can no longer be used and through which nothing that was approved can still stand: an
/// approval lives 72 hours, and was given within the session's 12.
pub(in crate::people) async fn delete_old_sessions(conn: &mut PgConnection) -> Result<u64, Error> {
    let done = sqlx::query("DELETE FROM people_sessions WHERE started_at < gatehouse_now() - interval '4 days'")
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}
