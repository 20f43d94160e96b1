//! Ceremonies that wait for a touch.

use super::parsed;
use crate::error::Error;
use gatehouse_domain::PersonId;
use serde_json::Value;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

/// One ceremony.
#[derive(Debug, Clone)]
pub(in crate::people) struct CeremonyRecord {
    pub(in crate::people) person: PersonId,
    pub(in crate::people) session_id: Uuid,
    pub(in crate::people) purpose: String,
    pub(in crate::people) act_bytes: Option<Vec<u8>>,
    pub(in crate::people) state: Value,
    pub(in crate::people) context: Value,
    pub(in crate::people) is_live: bool,
}

pub(in crate::people) async fn insert_ceremony(
    conn: &mut PgConnection,
    id: Uuid,
    ceremony: &CeremonyRecord,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO people_ceremonies (ceremony_id, person, session_id, purpose, act_bytes, state, context, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, gatehouse_now() + interval '5 minutes')",
    )
    .bind(id)
    .bind(ceremony.person.as_str())
    .bind(ceremony.session_id)
    .bind(&ceremony.purpose)
    .bind(&ceremony.act_bytes)
    .bind(&ceremony.state)
    .bind(&ceremony.context)
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes a ceremony out, whoever asks and whatever comes of it: the second asker finds nothing.
pub(in crate::people) async fn take_ceremony(
    conn: &mut PgConnection,
    id: Uuid,
) -> Result<Option<CeremonyRecord>, Error> {
    let row = sqlx::query(
        "DELETE FROM people_ceremonies WHERE ceremony_id = $1
         RETURNING person, session_id, purpose, act_bytes, state, context, expires_at > gatehouse_now() AS is_live",
    )
    .bind(id)
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(CeremonyRecord {
            person: parsed(&row.try_get::<String, _>("person")?)?,
            session_id: row.try_get("session_id")?,
            purpose: row.try_get("purpose")?,
            act_bytes: row.try_get("act_bytes")?,
            state: row.try_get("state")?,
            context: row.try_get("context")?,
            is_live: row.try_get("is_live")?,
        })
    })
    .transpose()
}

pub(in crate::people) async fn delete_expired_ceremonies(conn: &mut PgConnection) -> Result<u64, Error> {
    let done = sqlx::query("DELETE FROM people_ceremonies WHERE expires_at < gatehouse_now()").execute(conn).await?;
    Ok(done.rows_affected())
}
