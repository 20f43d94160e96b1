//! The SQL of incidents. The governed tables are written for recorded events only ([`super::apply`]).

use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::alerts::events::{IncidentDeclared, IncidentSigned};
use gatehouse_domain::alerts::{Declaration, Incident, Severity};
use gatehouse_domain::personal::Personal;
use gatehouse_domain::{IncidentId, PersonId};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

/// A review as it was signed.
pub(super) struct Review {
    pub(super) person: PersonId,
    pub(super) review: Personal,
    pub(super) signed_at: DateTime<Utc>,
}

/// An advisory lock, because a row's would give whoever waits for it a place in the log before the one it waited for.
pub(super) async fn hold_incident(conn: &mut PgConnection, id: &IncidentId, is_alone: bool) -> Result<(), Error> {
    let sql = if is_alone {
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
    } else {
        "SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))"
    };
    sqlx::query(sql).bind(format!("alerts.incident/{id}")).execute(conn).await?;
    Ok(())
}

pub(super) async fn insert_incident(
    conn: &mut PgConnection,
    at: DateTime<Utc>,
    e: &IncidentDeclared,
) -> Result<(), Error> {
    let services: Vec<&str> = e.declared.services.iter().map(|service| service.as_str()).collect();
    sqlx::query(
        "INSERT INTO alerts_incidents (incident_id, severity, environment, services, title, declared_by, declared_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(uuid(&e.declared.incident)?)
    .bind(e.declared.severity.code())
    .bind(e.declared.environment.as_str())
    .bind(&services)
    .bind(serde_json::to_value(&e.title).map_err(Error::internal)?)
    .bind(e.person.as_str())
    .bind(at)
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn set_confirmed(conn: &mut PgConnection, at: DateTime<Utc>, e: &IncidentSigned) -> Result<(), Error> {
    let done = sqlx::query(
        "UPDATE alerts_incidents SET confirmed_by = $2, confirmed_at = $3 WHERE incident_id = $1 AND confirmed_by IS NULL",
    )
    .bind(uuid(&e.incident)?)
    .bind(e.person.as_str())
    .bind(at)
    .execute(conn)
    .await?;
    once(done.rows_affected())
}

pub(super) async fn set_closed(conn: &mut PgConnection, at: DateTime<Utc>, e: &IncidentSigned) -> Result<(), Error> {
    let done = sqlx::query(
        "UPDATE alerts_incidents SET closed_by = $2, closed_at = $3 WHERE incident_id = $1 AND closed_by IS NULL",
    )
    .bind(uuid(&e.incident)?)
    .bind(e.person.as_str())
    .bind(at)
    .execute(conn)
    .await?;
    once(done.rows_affected())
}

pub(super) async fn insert_review(
    conn: &mut PgConnection,
    at: DateTime<Utc>,
    entry_id: Uuid,
    e: &IncidentSigned,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO alerts_reviews (entry_id, incident_id, person, review, signed_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(entry_id)
    .bind(uuid(&e.incident)?)
    .bind(e.person.as_str())
    .bind(serde_json::to_value(&e.words).map_err(Error::internal)?)
    .bind(at)
    .execute(conn)
    .await?;
    Ok(())
}

const INCIDENTS: &str =
    "SELECT i.*, ARRAY(SELECT r.person FROM alerts_reviews r WHERE r.incident_id = i.incident_id) AS reviewers
    FROM alerts_incidents i";

pub(super) async fn find_incident(conn: &mut PgConnection, id: &IncidentId) -> Result<Option<Incident>, Error> {
    let sql = [INCIDENTS, "WHERE i.incident_id = $1"].join(" ");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(uuid(id)?).fetch_optional(conn).await?;
    row.as_ref().map(incident).transpose()
}

/// Newest first, at most two hundred; or only those that are open.
pub(super) async fn list_incidents(conn: &mut PgConnection, only_open: bool) -> Result<Vec<Incident>, Error> {
    let sql =
        [INCIDENTS, "WHERE i.closed_at IS NULL OR NOT $1 ORDER BY i.declared_at DESC, i.incident_id DESC LIMIT 200"]
            .join(" ");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(only_open).fetch_all(conn).await?;
    rows.iter().map(incident).collect()
}

pub(super) async fn list_declared_since(conn: &mut PgConnection, since: DateTime<Utc>) -> Result<Vec<Incident>, Error> {
    let sql =
        [INCIDENTS, "WHERE i.declared_at >= $1 ORDER BY i.declared_at DESC, i.incident_id DESC LIMIT 2000"].join(" ");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(since).fetch_all(conn).await?;
    rows.iter().map(incident).collect()
}

pub(super) async fn list_reviews(conn: &mut PgConnection, id: &IncidentId) -> Result<Vec<Review>, Error> {
    let rows = sqlx::query(
        "SELECT person, review, signed_at FROM alerts_reviews WHERE incident_id = $1 ORDER BY signed_at, entry_id",
    )
    .bind(uuid(id)?)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Review {
                person: person(row.try_get("person")?)?,
                review: serde_json::from_value(row.try_get("review")?).map_err(Error::internal)?,
                signed_at: row.try_get("signed_at")?,
            })
        })
        .collect()
}

fn incident(row: &PgRow) -> Result<Incident, Error> {
    let id: Uuid = row.try_get("incident_id")?;
    let severity: String = row.try_get("severity")?;
    let environment: String = row.try_get("environment")?;
    let services: Vec<String> = row.try_get("services")?;
    let reviewers: Vec<String> = row.try_get("reviewers")?;
    let step = |who: &str, when: &str| -> Result<Option<(PersonId, DateTime<Utc>)>, Error> {
        let (by, at): (Option<String>, Option<DateTime<Utc>>) = (row.try_get(who)?, row.try_get(when)?);
        by.zip(at).map(|(by, at)| Ok((person(by)?, at))).transpose()
    };
    Ok(Incident {
        declared: Declaration {
            incident: id.hyphenated().to_string().parse().map_err(Error::internal)?,
            severity: Severity::from_code(&severity).ok_or_else(|| Error::internal("no such severity"))?,
            environment: environment.parse().map_err(Error::internal)?,
            services: services.iter().map(|name| name.parse().map_err(Error::internal)).collect::<Result<_, _>>()?,
        },
        title: serde_json::from_value(row.try_get("title")?).map_err(Error::internal)?,
        declared_by: person(row.try_get("declared_by")?)?,
        declared_at: row.try_get("declared_at")?,
        confirmed: step("confirmed_by", "confirmed_at")?,
        closed: step("closed_by", "closed_at")?,
        reviewers: reviewers.into_iter().map(person).collect::<Result<_, _>>()?,
    })
}

fn person(id: String) -> Result<PersonId, Error> {
    id.parse().map_err(Error::internal)
}

fn uuid(id: &IncidentId) -> Result<Uuid, Error> {
    id.as_str().parse().map_err(Error::internal)
}

fn once(rows: u64) -> Result<(), Error> {
    if rows == 1 { Ok(()) } else { Err(Error::internal("an incident was decided on twice")) }
}
