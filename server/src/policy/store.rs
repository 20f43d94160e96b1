//! The SQL of the rules in force. The governed table is written only by [`super::apply`], which only `audit::commit` calls.

use crate::config::Kept;
use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::{ChangeNumber, Digest};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

/// Whoever decides by the rules shares this lock until they commit; whoever brings others into force has it alone.
const LOCK: &str = "policy.in_force";

/// A configuration that is or was in force.
#[derive(Debug, Clone)]
pub(crate) struct InForce {
    pub(crate) digest: Digest,
    pub(crate) number: Option<ChangeNumber>,
    pub(crate) since: DateTime<Utc>,
}

/// Shares the rules until this transaction ends. An advisory lock, which gives the transaction no id (see ARCHITECTURE,
/// "whoever waits for a change").
pub(super) async fn share(conn: &mut PgConnection) -> Result<(), Error> {
    let sql = "SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))";
    sqlx::query(sql).bind(LOCK).execute(conn).await?;
    Ok(())
}

/// The same without waiting: whether it was to be had. Whoever holds rows already may not wait for the rules.
pub(super) async fn try_share(conn: &mut PgConnection) -> Result<bool, Error> {
    let sql = "SELECT pg_try_advisory_xact_lock_shared(hashtextextended($1, 0))";
    Ok(sqlx::query_scalar(sql).bind(LOCK).fetch_one(conn).await?)
}

/// Has the rules alone until this transaction ends.
pub(super) async fn hold_alone(conn: &mut PgConnection) -> Result<(), Error> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))").bind(LOCK).execute(conn).await?;
    Ok(())
}

/// What is in force; `None` in a database that no portal served yet.
pub(super) async fn find_in_force(conn: &mut PgConnection) -> Result<Option<InForce>, Error> {
    sqlx::query("SELECT digest, number, since FROM policy_configurations ORDER BY n DESC LIMIT 1")
        .fetch_optional(conn)
        .await?
        .as_ref()
        .map(in_force)
        .transpose()
}

/// What is and was in force, newest first.
pub(super) async fn list_in_force(conn: &mut PgConnection, limit: i64) -> Result<Vec<InForce>, Error> {
    sqlx::query("SELECT digest, number, since FROM policy_configurations ORDER BY n DESC LIMIT $1")
        .bind(limit)
        .fetch_all(conn)
        .await?
        .iter()
        .map(in_force)
        .collect()
}

fn in_force(row: &PgRow) -> Result<InForce, Error> {
    let number: Option<String> = row.try_get("number")?;
    Ok(InForce {
        digest: row.try_get::<String, _>("digest")?.parse().map_err(Error::internal)?,
        number: number.map(|number| number.parse()).transpose().map_err(Error::internal)?,
        since: row.try_get("since")?,
    })
}

pub(super) async fn insert_in_force(
    conn: &mut PgConnection,
    at: DateTime<Utc>,
    entry: Uuid,
    digest: &Digest,
    number: Option<&ChangeNumber>,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO policy_configurations (n, digest, entry_id, number, since)
         SELECT coalesce(max(n), 0) + 1, $1, $2, $3, $4 FROM policy_configurations",
    )
    .bind(digest.as_str())
    .bind(entry)
    .bind(number.map(ChangeNumber::as_str))
    .bind(at)
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps what a digest names. What is kept already is the same.
pub(super) async fn insert_document(conn: &mut PgConnection, kept: &Kept) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO policy_documents (digest, governed, policy, seen_at) VALUES ($1, $2, $3, gatehouse_now())
         ON CONFLICT DO NOTHING",
    )
    .bind(kept.digest.as_str())
    .bind(&kept.governed)
    .bind(&kept.policy)
    .execute(conn)
    .await?;
    Ok(())
}

/// What a digest names.
pub(super) async fn find_document(conn: &mut PgConnection, digest: &Digest) -> Result<Option<Kept>, Error> {
    let row = sqlx::query("SELECT governed, policy FROM policy_documents WHERE digest = $1")
        .bind(digest.as_str())
        .fetch_optional(conn)
        .await?;
    row.map(|row| {
        Ok(Kept { digest: digest.clone(), governed: row.try_get("governed")?, policy: row.try_get("policy")? })
    })
    .transpose()
}

/// More than so many of the newest inputs are not kept.
const INPUTS: i64 = 5_000;

/// Keeps what a policy was told; the digest stands in the decision.
pub(super) async fn insert_input(conn: &mut PgConnection, input: &str) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO policy_inputs (digest, input, told_at) VALUES ($1, $2, gatehouse_now()) ON CONFLICT DO NOTHING",
    )
    .bind(Digest::of(input.as_bytes()).as_str())
    .bind(input.as_bytes())
    .execute(conn)
    .await?;
    Ok(())
}

/// What a policy was told, by its digest.
pub(super) async fn find_input(conn: &mut PgConnection, digest: &Digest) -> Result<Option<Vec<u8>>, Error> {
    let sql = "SELECT input FROM policy_inputs WHERE digest = $1";
    Ok(sqlx::query_scalar(sql).bind(digest.as_str()).fetch_optional(conn).await?)
}

/// Forgets the oldest inputs beyond what is kept.
pub(super) async fn delete_old_inputs(conn: &mut PgConnection) -> Result<(), Error> {
    sqlx::query(
        "DELETE FROM policy_inputs WHERE digest IN (SELECT digest FROM policy_inputs ORDER BY told_at DESC OFFSET $1)",
    )
    .bind(INPUTS)
    .execute(conn)
    .await?;
    Ok(())
}
