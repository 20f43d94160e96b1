//! Bookkeeping: what GitHub sent, and what is being sent to GitHub.

use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::ChangeNumber;
use sqlx::{PgConnection, Row};
use std::collections::BTreeSet;

/// A stored webhook delivery.
pub(crate) struct Delivery {
    pub(crate) event: String,
    pub(crate) body: Vec<u8>,
    pub(crate) outcome: Option<String>,
}

/// Stores a delivery; false when this GUID is there already, and then what came first stays.
pub(crate) async fn insert_delivery(
    conn: &mut PgConnection,
    guid: &str,
    event: &str,
    body: &[u8],
) -> Result<bool, Error> {
    let done = sqlx::query(
        "INSERT INTO github_deliveries (guid, event, body) VALUES ($1, $2, $3) ON CONFLICT (guid) DO NOTHING",
    )
    .bind(guid)
    .bind(event)
    .bind(body)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn find_delivery(conn: &mut PgConnection, guid: &str) -> Result<Option<Delivery>, Error> {
    let row = sqlx::query("SELECT event, body, outcome FROM github_deliveries WHERE guid = $1")
        .bind(guid)
        .fetch_optional(conn)
        .await?;
    row.map(|row| {
        Ok(Delivery { event: row.try_get("event")?, body: row.try_get("body")?, outcome: row.try_get("outcome")? })
    })
    .transpose()
}

pub(crate) async fn set_delivery_outcome(conn: &mut PgConnection, guid: &str, outcome: &str) -> Result<(), Error> {
    sqlx::query("UPDATE github_deliveries SET outcome = $2 WHERE guid = $1")
        .bind(guid)
        .bind(outcome)
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes that an answer is about to be sent; false when an earlier try noted it already.
pub(crate) async fn insert_attempt(conn: &mut PgConnection, number: &ChangeNumber) -> Result<bool, Error> {
    let done = sqlx::query(
        "INSERT INTO changes_answers (number, attempted_at) VALUES ($1, gatehouse_now()) ON CONFLICT DO NOTHING",
    )
    .bind(number.as_str())
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether an answer may have been sent.
pub(crate) async fn find_attempt(conn: &mut PgConnection, number: &ChangeNumber) -> Result<bool, Error> {
    Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM changes_answers WHERE number = $1)")
        .bind(number.as_str())
        .fetch_one(conn)
        .await?)
}

/// Takes the note back: GitHub said clearly that it did not take the answer.
pub(crate) async fn delete_attempt(conn: &mut PgConnection, number: &ChangeNumber) -> Result<(), Error> {
    sqlx::query("DELETE FROM changes_answers WHERE number = $1").bind(number.as_str()).execute(conn).await?;
    Ok(())
}

/// Whether the outcome is recorded, whatever it was.
pub(crate) async fn is_answered(conn: &mut PgConnection, number: &ChangeNumber) -> Result<bool, Error> {
    let answered: Option<bool> =
        sqlx::query_scalar("SELECT answered_at IS NOT NULL FROM changes_changes WHERE number = $1")
            .bind(number.as_str())
            .fetch_optional(conn)
            .await?;
    answered.ok_or(Error::NotFound)
}

/// Deliveries that no job has read to the end, a minute after they came.
pub(crate) async fn list_unread(conn: &mut PgConnection) -> Result<Vec<String>, Error> {
    Ok(sqlx::query_scalar(
        "SELECT guid FROM github_deliveries
         WHERE outcome IS NULL AND received_at < gatehouse_now() - interval '1 minute'
         ORDER BY event = 'deployment_protection_rule' DESC, received_at LIMIT 100",
    )
    .fetch_all(conn)
    .await?)
}

/// Empties the bodies that were read a month ago: they name people, and what counted of them is in the log.
pub(crate) async fn empty_old_bodies(conn: &mut PgConnection) -> Result<(), Error> {
    sqlx::query(
        "UPDATE github_deliveries SET body = ''
         WHERE outcome IS NOT NULL AND octet_length(body) > 0 AND received_at < gatehouse_now() - interval '30 days'",
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Throws away what a delivery said; that it came stays known.
pub(crate) async fn empty_body(conn: &mut PgConnection, guid: &str) -> Result<(), Error> {
    sqlx::query("UPDATE github_deliveries SET body = '' WHERE guid = $1").bind(guid).execute(conn).await?;
    Ok(())
}

/// Which of these are here.
pub(crate) async fn list_arrived(conn: &mut PgConnection, guids: &[String]) -> Result<BTreeSet<String>, Error> {
    let found: Vec<String> = sqlx::query_scalar("SELECT guid FROM github_deliveries WHERE guid = ANY($1)")
        .bind(guids)
        .fetch_all(conn)
        .await?;
    Ok(found.into_iter().collect())
}

/// Up to when GitHub's own log of deliveries has nothing left to ask for.
pub(crate) async fn find_read_until(conn: &mut PgConnection) -> Result<Option<DateTime<Utc>>, Error> {
    Ok(sqlx::query_scalar("SELECT read_until FROM github_sweeps").fetch_optional(conn).await?)
}

pub(crate) async fn set_read_until(conn: &mut PgConnection, until: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO github_sweeps (read_until) VALUES ($1)
         ON CONFLICT (one_row) DO UPDATE SET read_until = excluded.read_until",
    )
    .bind(until)
    .execute(conn)
    .await?;
    Ok(())
}
