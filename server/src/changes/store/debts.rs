//! The SQL of emergencies and of what they leave owed.

use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::changes::events::{DebtOpened, DebtPaid, EmergencyAttached};
use gatehouse_domain::{ChangeNumber, EnvironmentName, IncidentId, PersonId, ServiceName};
use sqlx::{PgConnection, Row};
use uuid::Uuid;

/// A debt as it stands.
pub(crate) struct DebtRecord {
    pub(crate) incident: IncidentId,
    pub(crate) attached_by: PersonId,
    pub(crate) due_at: DateTime<Utc>,
    pub(crate) paid_at: Option<DateTime<Utc>>,
}

/// One release of a service to an environment at a time: whoever comes second sees the debt that the first one opened.
/// An advisory lock, for the same reasons as [`super::hold_line`].
pub(crate) async fn hold_lane(
    conn: &mut PgConnection,
    service: &ServiceName,
    environment: &EnvironmentName,
) -> Result<(), Error> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind(format!("changes.lane/{environment}/{service}"))
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn insert_emergency(
    conn: &mut PgConnection,
    at: DateTime<Utc>,
    entry_id: Uuid,
    e: &EmergencyAttached,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO changes_emergencies (entry_id, number, subject_digest, incident_id, person, key_id, attached_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(entry_id)
    .bind(e.number.as_str())
    .bind(e.subject_digest.as_str())
    .bind(uuid(e.incident.as_str())?)
    .bind(e.person.as_str())
    .bind(uuid(e.proof.key.as_str())?)
    .bind(at)
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn insert_debt(conn: &mut PgConnection, at: DateTime<Utc>, e: &DebtOpened) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO changes_debts
             (number, service, environment, image_digest, incident_id, attached_by, opened_at, due_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(e.number.as_str())
    .bind(e.service.as_str())
    .bind(e.environment.as_str())
    .bind(e.image_digest.as_ref().map(|digest| digest.as_str()))
    .bind(uuid(e.incident.as_str())?)
    .bind(e.attached_by.as_str())
    .bind(at)
    .bind(e.due_at)
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn set_paid(conn: &mut PgConnection, at: DateTime<Utc>, e: &DebtPaid) -> Result<(), Error> {
    sqlx::query("UPDATE changes_debts SET paid_at = $2, paid_by = $3 WHERE number = $1 AND paid_at IS NULL")
        .bind(e.number.as_str())
        .bind(at)
        .bind(serde_json::to_value(&e.by).map_err(Error::internal)?)
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn find_debt(conn: &mut PgConnection, number: &ChangeNumber) -> Result<Option<DebtRecord>, Error> {
    let row = sqlx::query("SELECT incident_id, attached_by, due_at, paid_at FROM changes_debts WHERE number = $1")
        .bind(number.as_str())
        .fetch_optional(conn)
        .await?;
    row.map(|row| {
        Ok(DebtRecord {
            incident: row
                .try_get::<Uuid, _>("incident_id")?
                .hyphenated()
                .to_string()
                .parse()
                .map_err(Error::internal)?,
            attached_by: row.try_get::<String, _>("attached_by")?.parse().map_err(Error::internal)?,
            due_at: row.try_get("due_at")?,
            paid_at: row.try_get("paid_at")?,
        })
    })
    .transpose()
}

/// Changes that went out and whose debt is not paid, oldest first.
pub(crate) async fn list_unpaid(conn: &mut PgConnection) -> Result<Vec<ChangeNumber>, Error> {
    let numbers: Vec<String> =
        sqlx::query_scalar("SELECT number FROM changes_debts WHERE paid_at IS NULL ORDER BY number LIMIT 100")
            .fetch_all(conn)
            .await?;
    numbers.into_iter().map(|number| number.parse().map_err(Error::internal)).collect()
}

fn uuid(text: &str) -> Result<Uuid, Error> {
    text.parse().map_err(Error::internal)
}
