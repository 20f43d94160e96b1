//! Writing changes. Each function writes what one event says.

use super::super::reading::Reading;
use crate::error::Error;
use chrono::{DateTime, Datelike, Utc};
use gatehouse_domain::act::SignedDecision;
use gatehouse_domain::changes::events::{ApprovalVoided, Gone, Opened, Signed};
use gatehouse_domain::changes::{Contributors, Requirement, RollbackPlan, State, Subject};
use gatehouse_domain::policy::Proposal;
use gatehouse_domain::{ChangeNumber, Digest, PersonId};
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

fn json<T: Serialize>(value: &T) -> Result<serde_json::Value, Error> {
    serde_json::to_value(value).map_err(Error::internal)
}

/// The next number of the year; the row lock keeps numbers without gaps, because a rollback takes this back too.
pub(crate) async fn next_number(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<ChangeNumber, Error> {
    let last: i64 = sqlx::query_scalar(
        "INSERT INTO changes_numbers (year, last) VALUES ($1, 1)
         ON CONFLICT (year) DO UPDATE SET last = changes_numbers.last + 1 RETURNING last",
    )
    .bind(now.year())
    .fetch_one(conn)
    .await?;
    Ok(ChangeNumber::new(now.year(), last))
}

pub(crate) async fn insert_change(
    conn: &mut PgConnection,
    at: DateTime<Utc>,
    e: &Opened,
    proposal: Option<&Proposal>,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO changes_changes
             (number, repository_id, run_id, attempt, environment, service, state, subject_digest, requirement, opened_at,
              proposal_base, proposal_digest)
         VALUES ($1, $2, $3, $4, $5, $6, 'held', $7, $8, $9, $10, $11)",
    )
    .bind(e.number.as_str())
    .bind(e.key.repository_id.as_i64())
    .bind(e.key.run_id.as_i64())
    .bind(e.key.attempt.as_i64())
    .bind(e.key.environment.as_str())
    .bind(e.subject.service.as_str())
    .bind(e.subject_digest.as_str())
    .bind(json(&e.requirement)?)
    .bind(at)
    .bind(proposal.map(|proposal| proposal.base.as_str()))
    .bind(proposal.map(|proposal| proposal.proposed.as_str()))
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn insert_subject(
    conn: &mut PgConnection,
    at: DateTime<Utc>,
    number: &ChangeNumber,
    subject: &Subject,
    contributors: &Contributors,
    rollback_plan: &RollbackPlan,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO changes_subjects (number, digest, body, contributors, rollback_plan, expires_at, made_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(number.as_str())
    .bind(subject.digest().as_str())
    .bind(subject.to_bytes().map_err(Error::internal)?)
    .bind(json(contributors)?)
    .bind(json(rollback_plan)?)
    .bind(subject.expires_at)
    .bind(at)
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn set_subject(conn: &mut PgConnection, number: &ChangeNumber, digest: &Digest) -> Result<(), Error> {
    sqlx::query("UPDATE changes_changes SET subject_digest = $2 WHERE number = $1")
        .bind(number.as_str())
        .bind(digest.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn set_requirement(
    conn: &mut PgConnection,
    number: &ChangeNumber,
    requirement: &Requirement,
) -> Result<(), Error> {
    sqlx::query("UPDATE changes_changes SET requirement = $2 WHERE number = $1")
        .bind(number.as_str())
        .bind(json(requirement)?)
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn insert_approval(
    conn: &mut PgConnection,
    at: DateTime<Utc>,
    entry_id: Uuid,
    decision: SignedDecision,
    e: &Signed,
) -> Result<(), Error> {
    let key: Uuid = e.proof.key.as_str().parse().map_err(Error::internal)?;
    let session: Option<Uuid> =
        e.session.as_ref().map(|id| id.as_str().parse()).transpose().map_err(Error::internal)?;
    sqlx::query(
        "INSERT INTO changes_approvals
             (entry_id, number, person, decision, subject_digest, key_id, proof, signed_at, session_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(entry_id)
    .bind(e.number.as_str())
    .bind(e.person.as_str())
    .bind(decision.as_str())
    .bind(e.subject_digest.as_str())
    .bind(key)
    .bind(json(&e.proof)?)
    .bind(at)
    .bind(session)
    .execute(conn)
    .await?;
    Ok(())
}

/// Lets standing decisions fall: all of one person's, or everybody's approvals. A veto falls only by its signer's hand (INV-6).
pub(crate) async fn set_fallen(
    conn: &mut PgConnection,
    number: &ChangeNumber,
    person: Option<&PersonId>,
    cause: &str,
) -> Result<(), Error> {
    sqlx::query(
        "UPDATE changes_approvals SET fell_because = $3
         WHERE number = $1 AND fell_because IS NULL AND CASE WHEN $2::text IS NULL THEN decision = 'approve' ELSE person = $2 END",
    )
    .bind(number.as_str())
    .bind(person.map(PersonId::as_str))
    .bind(cause)
    .execute(conn)
    .await?;
    Ok(())
}

/// Lets the approval fall that was given through this session.
pub(crate) async fn set_voided(conn: &mut PgConnection, e: &ApprovalVoided, cause: &str) -> Result<(), Error> {
    let session: Uuid = e.session.as_str().parse().map_err(Error::internal)?;
    sqlx::query(
        "UPDATE changes_approvals SET fell_because = $4
         WHERE number = $1 AND person = $2 AND session_id = $3 AND decision = 'approve' AND fell_because IS NULL",
    )
    .bind(e.number.as_str())
    .bind(e.person.as_str())
    .bind(session)
    .bind(cause)
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn set_state(
    conn: &mut PgConnection,
    number: &ChangeNumber,
    state: State,
    ended_at: Option<DateTime<Utc>>,
) -> Result<(), Error> {
    sqlx::query("UPDATE changes_changes SET state = $2, ended_at = coalesce($3, ended_at) WHERE number = $1")
        .bind(number.as_str())
        .bind(state.code())
        .bind(ended_at)
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn set_cancelled_if_executing(
    conn: &mut PgConnection,
    number: &ChangeNumber,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query(
        "UPDATE changes_changes SET state = 'cancelled', ended_at = $2 WHERE number = $1 AND state = 'executing'",
    )
    .bind(number.as_str())
    .bind(at)
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn set_gone(conn: &mut PgConnection, number: &ChangeNumber, how: Gone) -> Result<(), Error> {
    sqlx::query("UPDATE changes_changes SET gone = $2 WHERE number = $1")
        .bind(number.as_str())
        .bind(how.code())
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn set_answered(
    conn: &mut PgConnection,
    number: &ChangeNumber,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query("UPDATE changes_changes SET answered_at = $2 WHERE number = $1")
        .bind(number.as_str())
        .bind(at)
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn set_reading(
    conn: &mut PgConnection,
    number: &ChangeNumber,
    reading: &Reading,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO changes_readings (number, reading, read_at) VALUES ($1, $2, gatehouse_now())
         ON CONFLICT (number) DO UPDATE SET reading = excluded.reading, read_at = excluded.read_at",
    )
    .bind(number.as_str())
    .bind(json(reading)?)
    .execute(conn)
    .await?;
    Ok(())
}

/// It was looked at, and is as it was.
pub(crate) async fn set_read_at(conn: &mut PgConnection, number: &ChangeNumber) -> Result<(), Error> {
    sqlx::query("UPDATE changes_readings SET read_at = gatehouse_now() WHERE number = $1")
        .bind(number.as_str())
        .execute(conn)
        .await?;
    Ok(())
}
