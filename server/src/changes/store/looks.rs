//! When somebody first saw what they could sign, and what was approved since.

use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::changes::{Contributors, Requirement};
use gatehouse_domain::{ChangeNumber, Digest, PersonId};
use sqlx::{PgConnection, Row};

/// An approval of the last ninety days, with what belongs to it.
pub(crate) struct Approved {
    pub(crate) number: ChangeNumber,
    pub(crate) person: PersonId,
    pub(crate) signed_at: DateTime<Utc>,
    pub(crate) opened_at: DateTime<Utc>,
    pub(crate) first_at: Option<DateTime<Utc>>,
    pub(crate) lines: Option<i64>,
    pub(crate) requirement: Requirement,
    pub(crate) contributors: Contributors,
}

/// Notes the first look; a later one changes nothing.
pub(crate) async fn note_look(
    conn: &mut PgConnection,
    number: &ChangeNumber,
    subject_digest: &Digest,
    person: &PersonId,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO changes_looks (number, subject_digest, person) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    )
    .bind(number.as_str())
    .bind(subject_digest.as_str())
    .bind(person.as_str())
    .execute(conn)
    .await?;
    Ok(())
}

/// Looks that the page about habits does not reach back to.
pub(crate) async fn forget_old_looks(conn: &mut PgConnection) -> Result<(), Error> {
    sqlx::query("DELETE FROM changes_looks WHERE first_at < gatehouse_now() - interval '100 days'")
        .execute(conn)
        .await?;
    Ok(())
}

/// The approvals of ninety days, newest first, fallen ones too: they were signatures.
pub(crate) async fn list_approved(conn: &mut PgConnection, limit: i64) -> Result<Vec<Approved>, Error> {
    let rows = sqlx::query(
        "SELECT a.number, a.person, a.signed_at, c.opened_at, c.requirement, s.contributors, l.first_at,
                CASE WHEN (r.reading->>'files_complete')::boolean THEN
                    (SELECT coalesce(sum((f->>'additions')::bigint + (f->>'deletions')::bigint), 0)::bigint
                     FROM jsonb_array_elements(r.reading->'files') f) END AS lines
         FROM changes_approvals a
         JOIN changes_changes c ON c.number = a.number
         JOIN changes_subjects s ON s.number = a.number AND s.digest = a.subject_digest
         LEFT JOIN changes_looks l
             ON l.number = a.number AND l.subject_digest = a.subject_digest AND l.person = a.person
         LEFT JOIN changes_readings r ON r.number = a.number
         WHERE a.decision = 'approve' AND a.signed_at > gatehouse_now() - interval '90 days'
         ORDER BY a.signed_at DESC, a.entry_id LIMIT $1",
    )
    .bind(limit)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let (number, person): (String, String) = (row.try_get("number")?, row.try_get("person")?);
            Ok(Approved {
                number: number.parse().map_err(Error::internal)?,
                person: person.parse().map_err(Error::internal)?,
                signed_at: row.try_get("signed_at")?,
                opened_at: row.try_get("opened_at")?,
                first_at: row.try_get("first_at")?,
                lines: row.try_get("lines")?,
                requirement: serde_json::from_value(row.try_get("requirement")?).map_err(Error::internal)?,
                contributors: serde_json::from_value(row.try_get("contributors")?).map_err(Error::internal)?,
            })
        })
        .collect()
}
