//! Reading changes: for a decision under row locks, or for showing without them.

use super::super::reading::Reading;
use super::proofs::list_approvals;
use crate::error::{Error, Inconsistency};
use chrono::{DateTime, Utc};
use gatehouse_domain::changes::lane::{Emergency, Lane};
use gatehouse_domain::changes::{Approval, Change, ChangeKey, State, Subject, WayBack};
use gatehouse_domain::policy::Proposal;
use gatehouse_domain::{
    ChangeNumber, Digest, IncidentId, KeyId, PersonId, RepositoryId, RunAttempt, RunId, SessionId, canonical,
};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What lists show of a change besides the change itself.
pub(crate) struct RowFacts {
    pub(crate) number: ChangeNumber,
    pub(crate) opened_at: DateTime<Utc>,
    pub(crate) ended_at: Option<DateTime<Utc>>,
}

/// Stops that were not lifted stand in the same row: whoever decides on a change cannot forget to ask for them.
macro_rules! change_sql {
    ($which:literal) => {
        concat!(
            "SELECT c.number, c.repository_id, c.run_id, c.attempt, c.environment, c.state, c.subject_digest,
                c.proposal_base, c.proposal_digest, c.requirement, c.overtaken_by, s.body, s.contributors, s.rollback_plan,
                (SELECT coalesce(jsonb_agg(jsonb_build_object('stop', p.stop_id, 'environment', p.environment,
                     'by', p.person, 'since', p.stopped_at, 'until', p.until, 'why', p.why)
                     ORDER BY p.stopped_at, p.stop_id), '[]')
                 FROM changes_stops p WHERE p.environment = c.environment AND p.lifted_at IS NULL) AS stops,
                (SELECT jsonb_build_object('incident', e.incident_id, 'by', e.person, 'key', e.key_id,
                     'subject_digest', e.subject_digest)
                 FROM changes_emergencies e WHERE e.number = c.number ORDER BY e.attached_at DESC, e.entry_id DESC LIMIT 1)
                 AS emergency,
                (SELECT coalesce(jsonb_agg(jsonb_build_object('number', d.number, 'due_at', d.due_at) ORDER BY d.number), '[]')
                 FROM changes_debts d WHERE d.service = c.service AND d.environment = c.environment AND d.paid_at IS NULL
                     AND d.number <> c.number) AS debts,
                (SELECT f.person FROM changes_confirmations f WHERE f.number = c.number
                     AND f.plan_digest = convert_from(s.body, 'UTF8')::jsonb ->> 'rollback_plan_digest') AS confirmed_by,
                (SELECT k.number FROM changes_marks k
                 WHERE k.image_digest = convert_from(s.body, 'UTF8')::jsonb ->> 'image_digest') AS marked_on,
                (SELECT t.number FROM changes_rollback_tokens t WHERE t.used_by = c.number) AS undid
            FROM changes_changes c JOIN changes_subjects s ON s.number = c.number AND s.digest = c.subject_digest
            WHERE c.number = ",
            $which
        )
    };
}
const CHANGE: &str = change_sql!("$1");
const CHANGE_LOCKED: &str = change_sql!("$1 FOR UPDATE OF c");
const CHANGES: &str = change_sql!("ANY($1)");

/// The change with all its signatures, for showing.
pub(crate) async fn get_change(conn: &mut PgConnection, number: &ChangeNumber) -> Result<Change, Error> {
    let row = sqlx::query(CHANGE).bind(number.as_str()).fetch_optional(&mut *conn).await?;
    change(conn, &row.ok_or(Error::NotFound)?).await
}

/// Several of them, for showing, in two queries however many they are. Each that cannot be read says so for itself.
pub(crate) async fn list_changes(
    conn: &mut PgConnection,
    numbers: &[ChangeNumber],
) -> Result<BTreeMap<ChangeNumber, Result<Change, Error>>, Error> {
    let texts: Vec<&str> = numbers.iter().map(ChangeNumber::as_str).collect();
    let rows = sqlx::query(CHANGES).bind(&texts).fetch_all(&mut *conn).await?;
    let mut approvals = list_approvals(conn, &texts).await?;
    rows.iter()
        .map(|row| {
            let number: String = row.try_get("number")?;
            let signed: Result<_, _> = approvals.remove(&number).unwrap_or_default().into_iter().collect();
            Ok((number.parse().map_err(Error::internal)?, signed.and_then(|signed| parsed(row, signed))))
        })
        .collect()
}

/// The same under its row lock, for deciding: whoever else wants to decide waits, and then sees what was decided.
pub(crate) async fn lock_change(conn: &mut PgConnection, number: &ChangeNumber) -> Result<Change, Error> {
    // The lock first, by itself: a join that waited for it would still show the subject from before.
    sqlx::query("SELECT 1 FROM changes_changes WHERE number = $1 FOR UPDATE")
        .bind(number.as_str())
        .fetch_optional(&mut *conn)
        .await?;
    let row = sqlx::query(CHANGE_LOCKED).bind(number.as_str()).fetch_optional(&mut *conn).await?;
    change(conn, &row.ok_or(Error::NotFound)?).await
}

/// Serialises the opening of changes of one run.
pub(crate) async fn lock_run(conn: &mut PgConnection, key: &ChangeKey) -> Result<(), Error> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind(format!("changes.open/{}/{}", key.repository_id, key.run_id))
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn find_number(conn: &mut PgConnection, key: &ChangeKey) -> Result<Option<ChangeNumber>, Error> {
    let number: Option<String> = sqlx::query_scalar(
        "SELECT number FROM changes_changes WHERE repository_id = $1 AND run_id = $2 AND attempt = $3 AND environment = $4",
    )
    .bind(key.repository_id.as_i64())
    .bind(key.run_id.as_i64())
    .bind(key.attempt.as_i64())
    .bind(key.environment.as_str())
    .fetch_optional(conn)
    .await?;
    number.map(|n| n.parse().map_err(Error::internal)).transpose()
}

/// Whether a later attempt of this run has its change.
pub(crate) async fn exists_later(conn: &mut PgConnection, key: &ChangeKey) -> Result<bool, Error> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM changes_changes
         WHERE repository_id = $1 AND run_id = $2 AND attempt > $3 AND environment = $4)",
    )
    .bind(key.repository_id.as_i64())
    .bind(key.run_id.as_i64())
    .bind(key.attempt.as_i64())
    .bind(key.environment.as_str())
    .fetch_one(conn)
    .await?)
}

/// The change that an earlier attempt of this run left held, under its row lock.
pub(crate) async fn find_earlier_held(conn: &mut PgConnection, key: &ChangeKey) -> Result<Option<Change>, Error> {
    let number: Option<String> = sqlx::query_scalar(
        "SELECT number FROM changes_changes
         WHERE repository_id = $1 AND run_id = $2 AND attempt < $3 AND environment = $4 AND state = 'held' FOR UPDATE",
    )
    .bind(key.repository_id.as_i64())
    .bind(key.run_id.as_i64())
    .bind(key.attempt.as_i64())
    .bind(key.environment.as_str())
    .fetch_optional(&mut *conn)
    .await?;
    match number {
        Some(number) => Ok(Some(lock_change(conn, &number.parse().map_err(Error::internal)?).await?)),
        None => Ok(None),
    }
}

pub(crate) async fn list_expired(conn: &mut PgConnection) -> Result<Vec<ChangeNumber>, Error> {
    let numbers: Vec<String> = sqlx::query_scalar(
        "SELECT c.number FROM changes_changes c JOIN changes_subjects s ON s.number = c.number AND s.digest = c.subject_digest
         WHERE c.state = 'held' AND s.expires_at <= gatehouse_now() ORDER BY c.number LIMIT 100",
    )
    .fetch_all(conn)
    .await?;
    numbers.into_iter().map(|n| n.parse().map_err(Error::internal)).collect()
}

/// Changes for which a job may have been lost or has given up: (number, state).
pub(crate) async fn list_unsettled(conn: &mut PgConnection) -> Result<Vec<(ChangeNumber, State)>, Error> {
    let rows = sqlx::query(
        "SELECT c.number, c.state FROM changes_changes c
         WHERE ((c.state IN ('executing', 'closed', 'expired') OR c.overtaken_by IS NOT NULL) AND c.answered_at IS NULL
                AND c.proposal_base IS NULL)
            OR (c.state = 'held' AND 2 <= (SELECT count(DISTINCT a.person) FROM changes_approvals a
                    WHERE a.number = c.number AND a.subject_digest = c.subject_digest
                      AND a.decision = 'approve' AND a.fell_because IS NULL))
         ORDER BY c.number LIMIT 100",
    )
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let (number, state): (String, String) = (row.try_get("number")?, row.try_get("state")?);
            let unknown = || Inconsistency { table: "changes_changes", column: "state", row: number.clone() };
            let state = State::from_code(&state).ok_or_else(unknown)?;
            Ok((number.parse().map_err(Error::internal)?, state))
        })
        .collect()
}

/// Held changes that were prepared under another configuration than this one.
pub(crate) async fn list_prepared_otherwise(
    conn: &mut PgConnection,
    policy: &Digest,
) -> Result<Vec<ChangeNumber>, Error> {
    let numbers: Vec<String> = sqlx::query_scalar(
        "SELECT c.number FROM changes_changes c JOIN changes_subjects s ON s.number = c.number AND s.digest = c.subject_digest
         WHERE c.state = 'held' AND convert_from(s.body, 'UTF8')::jsonb ->> 'policy_digest' <> $1
         ORDER BY c.number LIMIT 100",
    )
    .bind(policy.as_str())
    .fetch_all(conn)
    .await?;
    numbers.into_iter().map(|n| n.parse().map_err(Error::internal)).collect()
}

/// Held changes of which something is not proved, and at which nobody has looked for five minutes.
pub(crate) async fn list_unproved(conn: &mut PgConnection) -> Result<Vec<ChangeNumber>, Error> {
    let numbers: Vec<String> = sqlx::query_scalar(
        "SELECT c.number FROM changes_changes c LEFT JOIN changes_readings r USING (number)
         WHERE c.state = 'held' AND jsonb_path_exists(c.requirement, '$.decided.wants[*].unmet')
           AND (r.read_at IS NULL OR r.read_at <= gatehouse_now() - interval '5 minutes')
         ORDER BY c.number LIMIT 100",
    )
    .fetch_all(conn)
    .await?;
    numbers.into_iter().map(|n| n.parse().map_err(Error::internal)).collect()
}

/// Changes with an approval that was given through this session and stands, in the order in which they are locked.
pub(crate) async fn list_given_through(
    conn: &mut PgConnection,
    session: &SessionId,
) -> Result<Vec<ChangeNumber>, Error> {
    let numbers: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT number FROM changes_approvals
         WHERE session_id = $1 AND decision = 'approve' AND fell_because IS NULL ORDER BY number",
    )
    .bind(session.as_str().parse::<Uuid>().map_err(Error::internal)?)
    .fetch_all(conn)
    .await?;
    numbers.into_iter().map(|n| n.parse().map_err(Error::internal)).collect()
}

/// Newest first, at most `limit`.
pub(crate) async fn list_rows(
    conn: &mut PgConnection,
    states: &[State],
    service: Option<&str>,
    after: Option<&ChangeNumber>,
    limit: i64,
) -> Result<Vec<RowFacts>, Error> {
    let mut query: QueryBuilder<Postgres> =
        QueryBuilder::new("SELECT number, opened_at, ended_at FROM changes_changes WHERE true");
    if !states.is_empty() {
        let codes: Vec<String> = states.iter().map(|s| s.code().to_owned()).collect();
        query.push(" AND state = ANY(").push_bind(codes).push(")");
    }
    if let Some(service) = service {
        query.push(" AND service = ").push_bind(service.to_owned());
    }
    if let Some(after) = after {
        query.push(" AND number < ").push_bind(after.to_string());
    }
    query.push(" ORDER BY number DESC LIMIT ").push_bind(limit);
    query.build().fetch_all(conn).await?.iter().map(row_facts).collect()
}

/// The same for one change.
pub(crate) async fn get_row(conn: &mut PgConnection, number: &ChangeNumber) -> Result<RowFacts, Error> {
    let row = sqlx::query("SELECT number, opened_at, ended_at FROM changes_changes WHERE number = $1")
        .bind(number.as_str())
        .fetch_optional(conn)
        .await?;
    row_facts(&row.ok_or(Error::NotFound)?)
}

fn row_facts(row: &PgRow) -> Result<RowFacts, Error> {
    let number: String = row.try_get("number")?;
    Ok(RowFacts {
        number: number.parse().map_err(Error::internal)?,
        opened_at: row.try_get("opened_at")?,
        ended_at: row.try_get("ended_at")?,
    })
}

pub(crate) async fn find_reading(conn: &mut PgConnection, number: &ChangeNumber) -> Result<Reading, Error> {
    let reading: Option<serde_json::Value> =
        sqlx::query_scalar("SELECT reading FROM changes_readings WHERE number = $1")
            .bind(number.as_str())
            .fetch_optional(conn)
            .await?;
    // A cache: when it cannot be read it is empty, and the page says that it does not know.
    Ok(reading.and_then(|r| serde_json::from_value(r).ok()).unwrap_or_default())
}

/// The same for several; what is not there is not read.
pub(crate) async fn list_readings(
    conn: &mut PgConnection,
    numbers: &[ChangeNumber],
) -> Result<BTreeMap<ChangeNumber, Reading>, Error> {
    let texts: Vec<&str> = numbers.iter().map(ChangeNumber::as_str).collect();
    let rows = sqlx::query("SELECT number, reading FROM changes_readings WHERE number = ANY($1)")
        .bind(&texts)
        .fetch_all(conn)
        .await?;
    rows.iter()
        .map(|row| {
            let number: String = row.try_get("number")?;
            let reading = serde_json::from_value(row.try_get("reading")?).unwrap_or_default();
            Ok((number.parse().map_err(Error::internal)?, reading))
        })
        .collect()
}

async fn change(conn: &mut PgConnection, row: &PgRow) -> Result<Change, Error> {
    let number: String = row.try_get("number")?;
    let approvals = list_approvals(conn, &[&number]).await?.remove(&number).unwrap_or_default();
    parsed(row, approvals.into_iter().collect::<Result<_, _>>()?)
}

fn parsed(row: &PgRow, approvals: Vec<Approval>) -> Result<Change, Error> {
    let number: String = row.try_get("number")?;
    let unreadable = |column: &'static str| {
        let row = number.clone();
        move || Error::internal(Inconsistency { table: "changes_changes", column, row })
    };
    let id = |column: &'static str| -> Result<u64, Error> {
        u64::try_from(row.try_get::<i64, _>(column)?).map_err(Error::internal)
    };
    let environment: String = row.try_get("environment")?;
    let state: String = row.try_get("state")?;
    let digest: String = row.try_get("subject_digest")?;
    let emergency: Option<serde_json::Value> = row.try_get("emergency")?;
    let overtaken_by: Option<String> = row.try_get("overtaken_by")?;
    let body: Vec<u8> = row.try_get("body")?;
    let subject = subject(&body).ok_or_else(unreadable("body"))?;
    let change = Change {
        key: ChangeKey {
            repository_id: RepositoryId(id("repository_id")?),
            run_id: RunId(id("run_id")?),
            attempt: RunAttempt(id("attempt")?),
            environment: environment.parse().map_err(Error::internal)?,
        },
        proposal: proposal(row)?,
        state: State::from_code(&state).ok_or_else(unreadable("state"))?,
        subject,
        subject_digest: digest.parse().map_err(Error::internal)?,
        requirement: serde_json::from_value(row.try_get("requirement")?).map_err(Error::internal)?,
        contributors: serde_json::from_value(row.try_get("contributors")?).map_err(Error::internal)?,
        rollback_plan: serde_json::from_value(row.try_get("rollback_plan")?).map_err(Error::internal)?,
        approvals,
        overtaken_by: overtaken_by.map(|by| by.parse().map_err(Error::internal)).transpose()?,
        lane: Lane {
            stops: serde_json::from_value(row.try_get("stops")?).map_err(Error::internal)?,
            emergency: emergency.map(attached).transpose()?,
            debts: serde_json::from_value(row.try_get("debts")?).map_err(Error::internal)?,
        },
        way_back: way_back(row)?,
        number: number.parse().map_err(Error::internal)?,
    };
    // The row must hold what its digest says, or nothing may be decided on it.
    if change.subject.digest() == change.subject_digest { Ok(change) } else { Err(unreadable("subject_digest")()) }
}

/// Without the incident: that is another slice's, and whoever decides holds it (`changes::lane::hold`). An emergency
/// whose incident nobody looked up opens nothing.
fn attached(row: serde_json::Value) -> Result<Emergency, Error> {
    #[derive(serde::Deserialize)]
    struct Row {
        incident: IncidentId,
        by: PersonId,
        key: KeyId,
        subject_digest: Digest,
    }
    let Row { incident, by, key, subject_digest } = serde_json::from_value(row).map_err(Error::internal)?;
    Ok(Emergency { incident, by, key, subject_digest, facts: None })
}

fn way_back(row: &PgRow) -> Result<WayBack, Error> {
    let number = |column: &str| -> Result<Option<ChangeNumber>, Error> {
        let text: Option<String> = row.try_get(column)?;
        text.map(|text| text.parse().map_err(Error::internal)).transpose()
    };
    let confirmed_by: Option<String> = row.try_get("confirmed_by")?;
    Ok(WayBack {
        confirmed_by: confirmed_by.map(|person| person.parse().map_err(Error::internal)).transpose()?,
        marked_on: number("marked_on")?,
        undid: number("undid")?,
    })
}

fn proposal(row: &PgRow) -> Result<Option<Proposal>, Error> {
    let (base, proposed): (Option<String>, Option<String>) =
        (row.try_get("proposal_base")?, row.try_get("proposal_digest")?);
    let Some((base, proposed)) = base.zip(proposed) else { return Ok(None) };
    Ok(Some(Proposal {
        base: base.parse().map_err(Error::internal)?,
        proposed: proposed.parse().map_err(Error::internal)?,
    }))
}

pub(super) fn subject(body: &[u8]) -> Option<Subject> {
    let mut value = canonical::parse(body).ok()?;
    value.as_object_mut()?.remove("tag")?;
    serde_json::from_value(value).ok()
}
