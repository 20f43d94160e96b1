//! An approval, by the statements that the portal makes, in their order (`server/src/changes/service.rs::finish_decision`):
//! the session; the ceremony, taken in a transaction of its own; then in one transaction the session held, the change
//! under its row lock, the key under its own, everybody who signed before, the entry, the approval, the job, and the
//! change as it is afterwards. Left out: everything that is not the database. The statements are the portal's, word for
//! word, so where one changes there this file is to change too.

use anyhow::{Context, ensure};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row};
use uuid::Uuid;

use super::{Failed, decide_sql as sql, session};

/// What an entry of an approval measures in the portal's log, give or take a few bytes.
const ENTRY: usize = 2_300;

#[derive(Deserialize)]
pub(super) struct Touch {
    ceremony: Uuid,
    assertion: String,
}

pub(super) async fn decide(
    State(pool): State<PgPool>,
    headers: HeaderMap,
    Json(touch): Json<Touch>,
) -> Result<StatusCode, Failed> {
    let session = session::find(&mut *pool.acquire().await?, &headers).await?;
    let ceremony = sqlx::query(sql::TAKE_CEREMONY).bind(touch.ceremony).fetch_one(&pool).await?;
    let wanted: Value = ceremony.try_get("context")?;
    let number = wanted.get("number").and_then(Value::as_str).context("a ceremony is about a change")?.to_owned();
    let assertion: Value = serde_json::from_str(&touch.assertion)?;
    let credential = assertion.get("id").and_then(Value::as_str).context("an assertion names its key")?;

    let mut tx = pool.begin().await?;
    sqlx::query(sql::LOCK_SESSION).bind(session.id.to_string()).execute(&mut *tx).await?;
    let held = sqlx::query(sql::HOLD_SESSION).bind(session.id).fetch_optional(&mut *tx).await?;
    ensure_some(held.as_ref())?;
    sqlx::query(sql::LOCK_CHANGE).bind(&number).fetch_optional(&mut *tx).await?;
    let (change, approvals) = change(&mut tx, sql::CHANGE_LOCKED, &number).await?;

    let myself = [session.person.clone()];
    sqlx::query(sql::PERSONS).bind(&myself).fetch_all(&mut *tx).await?;
    let key = sqlx::query(sql::LOCK_KEY).bind(&session.person).bind(credential).fetch_one(&mut *tx).await?;
    let (key_id, counter): (Uuid, i64) = (key.try_get("key_id")?, key.try_get("counter")?);
    let at = now(&mut tx).await?;
    sqlx::query(sql::SET_USED).bind(key_id).bind(counter + 1).bind(at).execute(&mut *tx).await?;

    let mut persons: Vec<String> = approvals.iter().map(|row| row.try_get("person")).collect::<Result<_, _>>()?;
    persons.push(session.person.clone());
    persons.sort();
    for statement in [sql::PERSONS, sql::ACCOUNTS, sql::KEYS, sql::STANDING_ROLES] {
        sqlx::query(statement).bind(&persons).fetch_all(&mut *tx).await?;
    }
    now(&mut tx).await?;
    now(&mut tx).await?;
    sqlx::query(sql::PERSON_KEY).bind(&session.person).fetch_optional(&mut *tx).await?;

    let at = now(&mut tx).await?;
    let place = sqlx::query(sql::PLACE).fetch_one(&mut *tx).await?;
    let (xid, ord): (String, i32) = (place.try_get("xid")?, place.try_get("ord")?);
    // JSON, because the table computes what it names; about as long and as hard to compress as the portal's, with an id
    // that grows with time, as the portal's do.
    let proof: String = touch.assertion.chars().filter(char::is_ascii_alphanumeric).cycle().take(ENTRY).collect();
    let body = serde_json::json!({"number": number, "person": session.person, "proof": proof}).to_string().into_bytes();
    let leaf = Sha256::new().chain_update([0]).chain_update(&body).finalize();
    let id = entry_id(at, touch.ceremony);
    sqlx::query(sql::INSERT_ENTRY)
        .bind(id)
        .bind(xid)
        .bind(ord)
        .bind(at)
        .bind(&body)
        .bind(leaf.as_slice())
        .bind("changes.approved")
        .bind(format!("person:{}", session.person))
        .bind("change")
        .bind(&number)
        .execute(&mut *tx)
        .await?;
    sqlx::query(sql::INSERT_APPROVAL)
        .bind(id)
        .bind(&number)
        .bind(&session.person)
        .bind("approve")
        .bind(change.try_get::<String, _>("subject_digest")?)
        .bind(key_id)
        .bind(&assertion)
        .bind(at)
        .bind(session.id)
        .execute(&mut *tx)
        .await?;
    sqlx::query(sql::ADD_JOB)
        .bind("execute_change")
        .bind(serde_json::json!({ "about": number, "trace": null }).to_string())
        .bind(&number)
        .bind(format!("execute_change:{number}"))
        .execute(&mut *tx)
        .await?;
    self::change(&mut tx, sql::CHANGE, &number).await?;
    tx.commit().await?;
    Ok(StatusCode::OK)
}

async fn change(conn: &mut PgConnection, statement: &'static str, number: &str) -> anyhow::Result<(PgRow, Vec<PgRow>)> {
    let row = sqlx::query(statement).bind(number).fetch_one(&mut *conn).await?;
    let approvals = sqlx::query(sql::APPROVALS).bind(number).fetch_all(conn).await?;
    Ok((row, approvals))
}

async fn now(conn: &mut PgConnection) -> Result<DateTime<Utc>, sqlx::Error> {
    sqlx::query_scalar(sql::NOW).fetch_one(conn).await
}

fn ensure_some(row: Option<&PgRow>) -> anyhow::Result<()> {
    ensure!(row.is_some(), "the session ended");
    Ok(())
}

fn entry_id(at: DateTime<Utc>, random: Uuid) -> Uuid {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
    let [.., a, b, c, d, e, f, g, h, i, j] = *random.as_bytes();
    uuid::Builder::from_unix_timestamp_millis(millis, &[a, b, c, d, e, f, g, h, i, j]).into_uuid()
}
