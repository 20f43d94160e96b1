//! The SQL of the way back: confirmed plans, tokens, marks.

use super::read::subject;
use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::changes::Change;
use gatehouse_domain::changes::events::{PlanConfirmed, RollbackMinted, RolledBack, VersionMarked};
use gatehouse_domain::changes::going_back::{Earlier, RollbackToken};
use gatehouse_domain::{ChangeNumber, PersonId};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

/// More earlier releases than this are offered to nobody.
const MOST: i64 = 20;

/// A token of the change's service and environment: of one release, or the newest. Its release is the last one when no
/// later one went out, or is on its way.
const TOKEN: &str = "SELECT t.number AS minted_by, t.used_by, t.to_number AS number, t.subject_digest, s.body,
        EXISTS (SELECT 1 FROM changes_marks k
                WHERE k.image_digest = convert_from(s.body, 'UTF8')::jsonb ->> 'image_digest') AS is_marked,
        t.number = (SELECT c.number FROM changes_changes c
                    WHERE c.service = $1 AND c.environment = $2 AND c.state IN ('executing', 'released')
                    ORDER BY c.ended_at DESC NULLS FIRST, c.number DESC LIMIT 1) AS is_last
    FROM changes_rollback_tokens t
    JOIN changes_changes m ON m.number = t.number
    JOIN changes_subjects s ON s.number = t.to_number AND s.digest = t.subject_digest
    WHERE m.service = $1 AND m.environment = $2 AND ($3::text IS NULL OR t.number = $3)
    ORDER BY t.minted_at DESC, t.number DESC LIMIT 1";

/// The newest token of the place that this change is about. Whoever decides by it holds the lane ([`super::hold_lane`]).
pub(crate) async fn find_token(conn: &mut PgConnection, change: &Change) -> Result<Option<RollbackToken>, Error> {
    token(conn, change, None).await
}

/// The token that this release left behind.
pub(crate) async fn find_own_token(conn: &mut PgConnection, change: &Change) -> Result<Option<RollbackToken>, Error> {
    token(conn, change, Some(&change.number)).await
}

async fn token(
    conn: &mut PgConnection,
    change: &Change,
    of: Option<&ChangeNumber>,
) -> Result<Option<RollbackToken>, Error> {
    let row = sqlx::query(TOKEN)
        .bind(change.subject.service.as_str())
        .bind(change.key.environment.as_str())
        .bind(of.map(ChangeNumber::as_str))
        .fetch_optional(conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let used_by: Option<String> = row.try_get("used_by")?;
    Ok(Some(RollbackToken {
        minted_by: number(row.try_get("minted_by")?)?,
        to: earlier(&row)?,
        used_by: used_by.map(number).transpose()?,
        is_last: row.try_get::<Option<bool>, _>("is_last")?.unwrap_or(false),
    }))
}

/// What went out before to where this change goes, newest first; one of them, where `which` says so.
pub(crate) async fn list_earlier(
    conn: &mut PgConnection,
    change: &Change,
    which: Option<&ChangeNumber>,
) -> Result<Vec<Earlier>, Error> {
    let rows = sqlx::query(
        "SELECT c.number, c.subject_digest, s.body,
                EXISTS (SELECT 1 FROM changes_marks k
                        WHERE k.image_digest = convert_from(s.body, 'UTF8')::jsonb ->> 'image_digest') AS is_marked
         FROM changes_changes c JOIN changes_subjects s ON s.number = c.number AND s.digest = c.subject_digest
         WHERE c.service = $1 AND c.environment = $2 AND c.state = 'released' AND c.number <> $3
             AND ($4::text IS NULL OR c.number = $4)
         ORDER BY c.ended_at DESC, c.number DESC LIMIT $5",
    )
    .bind(change.subject.service.as_str())
    .bind(change.key.environment.as_str())
    .bind(change.number.as_str())
    .bind(which.map(ChangeNumber::as_str))
    .bind(MOST)
    .fetch_all(conn)
    .await?;
    rows.iter().map(earlier).collect()
}

fn earlier(row: &PgRow) -> Result<Earlier, Error> {
    let body: Vec<u8> = row.try_get("body")?;
    Ok(Earlier {
        number: number(row.try_get("number")?)?,
        subject: subject(&body).ok_or_else(|| Error::internal("the subject of an earlier release cannot be read"))?,
        subject_digest: row.try_get::<String, _>("subject_digest")?.parse().map_err(Error::internal)?,
        is_marked: row.try_get("is_marked")?,
    })
}

pub(super) fn number(text: String) -> Result<ChangeNumber, Error> {
    text.parse().map_err(Error::internal)
}

/// Who marked the image that this change is of, and their words, sealed.
pub(crate) async fn find_mark(
    conn: &mut PgConnection,
    change: &Change,
) -> Result<Option<(PersonId, DateTime<Utc>)>, Error> {
    let Some(image) = change.subject.image_digest.known() else { return Ok(None) };
    let row = sqlx::query("SELECT person, marked_at FROM changes_marks WHERE image_digest = $1")
        .bind(image.as_str())
        .fetch_optional(conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let person: String = row.try_get("person")?;
    Ok(Some((person.parse().map_err(Error::internal)?, row.try_get("marked_at")?)))
}

pub(crate) async fn insert_token(conn: &mut PgConnection, at: DateTime<Utc>, e: &RollbackMinted) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO changes_rollback_tokens (number, to_number, subject_digest, minted_at) VALUES ($1, $2, $3, $4)",
    )
    .bind(e.number.as_str())
    .bind(e.to.as_str())
    .bind(e.subject_digest.as_str())
    .bind(at)
    .execute(conn)
    .await?;
    Ok(())
}

/// Uses a token up; one that is used already is an error, whatever was decided.
pub(crate) async fn set_token_used(conn: &mut PgConnection, at: DateTime<Utc>, e: &RolledBack) -> Result<(), Error> {
    let done = sqlx::query(
        "UPDATE changes_rollback_tokens SET used_by = $2, used_at = $3 WHERE number = $1 AND used_by IS NULL",
    )
    .bind(e.token.as_str())
    .bind(e.signed.number.as_str())
    .bind(at)
    .execute(conn)
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::internal("a rollback token was used twice")) }
}

pub(crate) async fn insert_confirmation(
    conn: &mut PgConnection,
    at: DateTime<Utc>,
    e: &PlanConfirmed,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO changes_confirmations (number, plan_digest, person, confirmed_at) VALUES ($1, $2, $3, $4)",
    )
    .bind(e.number.as_str())
    .bind(e.plan_digest.as_str())
    .bind(e.person.as_str())
    .bind(at)
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn insert_mark(
    conn: &mut PgConnection,
    at: DateTime<Utc>,
    entry_id: Uuid,
    e: &VersionMarked,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO changes_marks (entry_id, number, service, image_digest, person, why, marked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(entry_id)
    .bind(e.number.as_str())
    .bind(e.service.as_str())
    .bind(e.image_digest.as_str())
    .bind(e.person.as_str())
    .bind(serde_json::to_value(&e.why).map_err(Error::internal)?)
    .bind(at)
    .execute(conn)
    .await?;
    Ok(())
}
