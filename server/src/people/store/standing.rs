//! Writes to the governed tables of what waits before it counts: one function for each way in which an event
//! changes one. Whoever calls them, through [`crate::people::apply`], holds the row of the person concerned.

use super::governed::{expect_one, insert_key_row, key_uuid, request_uuid};
use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::act::SignedDecision;
use gatehouse_domain::people::events::Proof;
use gatehouse_domain::people::request::{Ended, Wanted};
use gatehouse_domain::{Digest, KeyId, PersonId, RequestId};
use sqlx::PgConnection;
use uuid::Uuid;

pub(in crate::people) async fn insert_request(
    conn: &mut PgConnection,
    wanted: &Wanted,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let body = wanted.to_bytes().map_err(Error::internal)?;
    let (kind, role) = match wanted {
        Wanted::Key { .. } => ("key", None),
        Wanted::Role { role, .. } => ("role", Some(role.code())),
    };
    sqlx::query(
        "INSERT INTO people_requests (request_id, person, kind, role, body, digest, asked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(request_uuid(wanted.request())?)
    .bind(wanted.person().as_str())
    .bind(kind)
    .bind(role)
    .bind(&body)
    .bind(Digest::of(&body).as_str())
    .bind(at)
    .execute(conn)
    .await?;
    Ok(())
}

/// The key is there from the beginning, so that nobody else can bring the same one; it signs nothing yet.
pub(in crate::people) async fn insert_asked_key(
    conn: &mut PgConnection,
    wanted: &Wanted,
    at: DateTime<Utc>,
) -> Result<KeyId, Error> {
    let Wanted::Key { request, person, key, credential_id, public_key, .. } = wanted else {
        return Err(Error::internal("a request for a key names none"));
    };
    insert_key_row(conn, (key, person, credential_id, public_key), "request", Some(request), at).await?;
    Ok(key.clone())
}

pub(in crate::people) async fn set_counts_from(
    conn: &mut PgConnection,
    request: &RequestId,
    from: Option<DateTime<Utc>>,
) -> Result<(), Error> {
    let done = sqlx::query("UPDATE people_requests SET counts_from = $2 WHERE request_id = $1 AND ended_at IS NULL")
        .bind(request_uuid(request)?)
        .bind(from)
        .execute(conn)
        .await?;
    expect_one(done.rows_affected(), "a request has ended")
}

/// Ends a request. The key that waited in it is nobody's from then on.
pub(in crate::people) async fn set_ended(
    conn: &mut PgConnection,
    request: &RequestId,
    because: Ended,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let done = sqlx::query(
        "UPDATE people_requests SET ended_at = $2, ended_because = $3 WHERE request_id = $1 AND ended_at IS NULL",
    )
    .bind(request_uuid(request)?)
    .bind(at)
    .bind(because.code())
    .execute(&mut *conn)
    .await?;
    expect_one(done.rows_affected(), "a request has ended")?;
    sqlx::query("UPDATE people_keys SET revoked_at = $2 WHERE request_id = $1 AND revoked_at IS NULL")
        .bind(request_uuid(request)?)
        .bind(at)
        .execute(conn)
        .await?;
    Ok(())
}

/// The role is gone; a refusal that stood against it is over with it.
pub(in crate::people) async fn set_lost(
    conn: &mut PgConnection,
    request: &RequestId,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let done = sqlx::query(
        "UPDATE people_requests SET ended_at = coalesce(ended_at, $2), ended_because = 'lost'
         WHERE request_id = $1 AND kind = 'role' AND (ended_at IS NULL OR ended_because = 'refused')",
    )
    .bind(request_uuid(request)?)
    .bind(at)
    .execute(conn)
    .await?;
    expect_one(done.rows_affected(), "a role was lost already")
}

/// A request, who speaks of it, what they signed, and the proof.
pub(in crate::people) type Said<'a> = (&'a RequestId, &'a PersonId, &'a Digest, &'a Proof);

pub(in crate::people) async fn insert_endorsement(
    conn: &mut PgConnection,
    entry_id: Uuid,
    decision: SignedDecision,
    (request, endorser, subject_digest, proof): Said<'_>,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO people_endorsements
             (entry_id, request_id, endorser, decision, subject_digest, key_id, proof, signed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(entry_id)
    .bind(request_uuid(request)?)
    .bind(endorser.as_str())
    .bind(decision.as_str())
    .bind(subject_digest.as_str())
    .bind(key_uuid(&proof.key)?)
    .bind(serde_json::to_value(proof).map_err(Error::internal)?)
    .bind(at)
    .execute(conn)
    .await?;
    Ok(())
}

pub(in crate::people) async fn set_fallen(
    conn: &mut PgConnection,
    request: &RequestId,
    endorser: &PersonId,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let done = sqlx::query(
        "UPDATE people_endorsements SET fell_at = $3
         WHERE request_id = $1 AND endorser = $2 AND decision = 'approve' AND fell_at IS NULL",
    )
    .bind(request_uuid(request)?)
    .bind(endorser.as_str())
    .bind(at)
    .execute(conn)
    .await?;
    expect_one(done.rows_affected(), "an endorsement fell already")
}

pub(in crate::people) async fn insert_refounding(
    conn: &mut PgConnection,
    entry_id: Uuid,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query("INSERT INTO people_refoundings (entry_id, refounded_at) VALUES ($1, $2)")
        .bind(entry_id)
        .bind(at)
        .execute(conn)
        .await?;
    Ok(())
}
