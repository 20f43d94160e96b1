//! What other rooms show of releases: which builds went where, and what happened to a service.

use super::way_back::number;
use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::{ChangeNumber, PersonId};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

/// What runs is seldom further back than this.
const LATEST: i64 = 8;

/// A release as others see it.
pub(crate) struct ReleasedRow {
    pub(crate) service: String,
    pub(crate) environment: String,
    pub(crate) number: ChangeNumber,
    pub(crate) image_digest: Option<String>,
    pub(crate) commit_sha: Option<String>,
    pub(crate) by: Vec<PersonId>,
}

/// The latest releases of each of these services in each of these environments, newest first.
pub(crate) async fn list_latest_released(
    conn: &mut PgConnection,
    services: &[&str],
    environments: &[&str],
) -> Result<Vec<ReleasedRow>, Error> {
    let rows = sqlx::query(
        "SELECT s.service, e.environment, l.number,
                convert_from(b.body, 'UTF8')::jsonb ->> 'image_digest' AS image_digest,
                convert_from(b.body, 'UTF8')::jsonb ->> 'commit_sha' AS commit_sha,
                ARRAY(SELECT a.person FROM changes_approvals a
                      WHERE a.number = l.number AND a.subject_digest = l.subject_digest AND a.decision = 'approve'
                          AND a.fell_because IS NULL ORDER BY a.signed_at) AS by
         FROM unnest($1::text[]) s (service) CROSS JOIN unnest($2::text[]) e (environment)
         CROSS JOIN LATERAL (
             SELECT c.number, c.subject_digest FROM changes_changes c
             WHERE c.service = s.service AND c.environment = e.environment AND c.state = 'released'
             ORDER BY c.ended_at DESC LIMIT $3
         ) l
         JOIN changes_subjects b ON b.number = l.number AND b.digest = l.subject_digest",
    )
    .bind(services)
    .bind(environments)
    .bind(LATEST)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(ReleasedRow {
                service: row.try_get("service")?,
                environment: row.try_get("environment")?,
                number: number(row.try_get("number")?)?,
                image_digest: row.try_get("image_digest")?,
                commit_sha: row.try_get("commit_sha")?,
                by: row.try_get::<Vec<String>, _>("by")?.into_iter().map(person).collect::<Result<_, _>>()?,
            })
        })
        .collect()
}

/// One thing that happened to a change of a service.
pub(crate) struct HappenedRow {
    pub(crate) at: DateTime<Utc>,
    pub(crate) number: ChangeNumber,
    pub(crate) environment: String,
    /// `opened`, `approve`, `reject`, `confirmed`, `marked`, or the state that it ended in.
    pub(crate) what: String,
    pub(crate) person: Option<PersonId>,
    pub(crate) title: Option<String>,
}

/// What happened to the changes of a service since then, newest first.
pub(crate) async fn list_happened(
    conn: &mut PgConnection,
    service: &str,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<HappenedRow>, Error> {
    let rows = sqlx::query(
        "WITH of AS (
             SELECT number, environment, state, opened_at, ended_at FROM changes_changes
             WHERE service = $1 AND (ended_at IS NULL OR ended_at >= $2)
         )
         SELECT h.at, h.number, h.what, h.person, o.environment, r.reading ->> 'title' AS title
         FROM (
             SELECT opened_at AS at, number, 'opened' AS what, NULL::text AS person FROM of
             UNION ALL SELECT ended_at, number, state, NULL FROM of WHERE ended_at IS NOT NULL
             UNION ALL SELECT a.signed_at, a.number, a.decision, a.person FROM changes_approvals a JOIN of USING (number)
             UNION ALL SELECT c.confirmed_at, c.number, 'confirmed', c.person
                 FROM changes_confirmations c JOIN of USING (number)
             UNION ALL SELECT m.marked_at, m.number, 'marked', m.person FROM changes_marks m JOIN of USING (number)
         ) h
         JOIN of o ON o.number = h.number
         LEFT JOIN changes_readings r ON r.number = h.number
         WHERE h.at >= $2 ORDER BY h.at DESC, h.number DESC, h.what LIMIT $3",
    )
    .bind(service)
    .bind(since)
    .bind(limit)
    .fetch_all(conn)
    .await?;
    rows.iter().map(happened).collect()
}

fn happened(row: &PgRow) -> Result<HappenedRow, Error> {
    Ok(HappenedRow {
        at: row.try_get("at")?,
        number: number(row.try_get("number")?)?,
        environment: row.try_get("environment")?,
        what: row.try_get("what")?,
        person: row.try_get::<Option<String>, _>("person")?.map(person).transpose()?,
        title: row.try_get("title")?,
    })
}

fn person(text: String) -> Result<PersonId, Error> {
    text.parse().map_err(Error::internal)
}
