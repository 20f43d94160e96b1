//! The SQL of requests that are done once.

use super::EntryRef;
use crate::error::Error;
use sqlx::{PgConnection, Row};

/// What is known of a request when it arrives.
pub(super) enum Taken {
    /// Nothing: do it.
    Ours,
    /// The same was answered.
    Answered { status: u16, content_type: String, body: Vec<u8> },
    /// The same was done, and its answer is not kept.
    Done(Vec<EntryRef>),
    /// The key was another request's.
    Another,
    /// The same is being done.
    UnderWay,
}

/// Takes the request, or says what became of it. A transaction of somebody else's that is just about to do it is
/// waited for: it holds the row.
pub(super) async fn take(
    conn: &mut PgConnection,
    asker: &str,
    key: &str,
    fingerprint: &[u8; 32],
) -> Result<Taken, Error> {
    sqlx::query(
        "DELETE FROM rest_requests WHERE asker = $1 AND key = $2 AND began_at < gatehouse_now() - interval '24 hours'",
    )
    .bind(asker)
    .bind(key)
    .execute(&mut *conn)
    .await?;
    let inserted = sqlx::query(
        "INSERT INTO rest_requests (asker, key, fingerprint, began_at, taken_at)
         SELECT $1, $2, $3, now, now FROM gatehouse_now() AS now ON CONFLICT (asker, key) DO NOTHING",
    )
    .bind(asker)
    .bind(key)
    .bind(fingerprint.as_slice())
    .execute(&mut *conn)
    .await?;
    if inserted.rows_affected() == 1 {
        return Ok(Taken::Ours);
    }
    let row = sqlx::query(
        // Longer than any request may take: whoever took it is gone.
        "SELECT fingerprint, status, content_type, body, entries,
                coalesce(taken_at > gatehouse_now() - interval '60 seconds', false) AS under_way
         FROM rest_requests WHERE asker = $1 AND key = $2 FOR UPDATE",
    )
    .bind(asker)
    .bind(key)
    .fetch_one(&mut *conn)
    .await?;
    if row.try_get::<Vec<u8>, _>("fingerprint")? != fingerprint {
        return Ok(Taken::Another);
    }
    if let Some(status) = row.try_get::<Option<i32>, _>("status")? {
        return Ok(Taken::Answered {
            status: u16::try_from(status).map_err(Error::internal)?,
            content_type: row.try_get::<Option<String>, _>("content_type")?.unwrap_or_default(),
            body: row.try_get::<Option<Vec<u8>>, _>("body")?.unwrap_or_default(),
        });
    }
    if row.try_get("under_way")? {
        return Ok(Taken::UnderWay);
    }
    let entries: Option<serde_json::Value> = row.try_get("entries")?;
    let entries: Vec<EntryRef> =
        entries.map(serde_json::from_value).transpose().map_err(Error::internal)?.unwrap_or_default();
    // A refusal did nothing, and may be decided again.
    if entries.iter().any(|entry| entry.act != "audit.refused") {
        return Ok(Taken::Done(entries));
    }
    sqlx::query("UPDATE rest_requests SET taken_at = gatehouse_now(), entries = NULL WHERE asker = $1 AND key = $2")
        .bind(asker)
        .bind(key)
        .execute(conn)
        .await?;
    Ok(Taken::Ours)
}

pub(super) async fn add_entries(
    conn: &mut PgConnection,
    asker: &str,
    key: &str,
    entries: &[EntryRef],
) -> Result<(), Error> {
    sqlx::query("UPDATE rest_requests SET entries = coalesce(entries, '[]') || $3 WHERE asker = $1 AND key = $2")
        .bind(asker)
        .bind(key)
        .bind(serde_json::to_value(entries).map_err(Error::internal)?)
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn set_answer(
    conn: &mut PgConnection,
    asker: &str,
    key: &str,
    status: u16,
    content_type: &str,
    body: &[u8],
) -> Result<(), Error> {
    sqlx::query(
        "UPDATE rest_requests SET status = $3, content_type = $4, body = $5, taken_at = NULL
         WHERE asker = $1 AND key = $2",
    )
    .bind(asker)
    .bind(key)
    .bind(i32::from(status))
    .bind(content_type)
    .bind(body)
    .execute(conn)
    .await?;
    Ok(())
}

/// Nobody is at it any more, and nobody knows what came of it.
pub(super) async fn set_unknown(conn: &mut PgConnection, asker: &str, key: &str) -> Result<(), Error> {
    sqlx::query("UPDATE rest_requests SET taken_at = NULL WHERE asker = $1 AND key = $2")
        .bind(asker)
        .bind(key)
        .execute(conn)
        .await?;
    Ok(())
}

/// A day later nobody repeats anything.
pub(super) async fn delete_old_requests(conn: &mut PgConnection) -> Result<(), Error> {
    sqlx::query("DELETE FROM rest_requests WHERE began_at < gatehouse_now() - interval '24 hours'")
        .execute(conn)
        .await?;
    Ok(())
}
