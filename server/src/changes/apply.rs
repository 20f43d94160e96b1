//! Events become rows. The same values that stand in the log are written to the tables, in the same transaction.

use super::store;
use crate::audit::Recording;
use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::act::SignedDecision;
use gatehouse_domain::audit::Event;
use gatehouse_domain::changes::State;
use gatehouse_domain::changes::events::{Answer, Opened};
use gatehouse_domain::policy;
use sqlx::PgConnection;
use uuid::Uuid;

/// Applies an event of this slice; every other one leaves the tables as they are.
///
/// # Errors
/// When the database refuses.
pub async fn apply(
    conn: &mut PgConnection,
    _recording: &Recording,
    at: DateTime<Utc>,
    entry_id: Uuid,
    event: &Event,
) -> Result<(), Error> {
    match event {
        Event::ChangeOpened(e) => {
            store::insert_change(conn, at, e, None).await?;
            store::insert_subject(conn, at, &e.number, &e.subject, &e.contributors, &e.rollback_plan).await
        }
        Event::ConfigurationProposed(e) => {
            store::insert_change(conn, at, &opened(e)?, Some(&e.proposal)).await?;
            store::insert_subject(conn, at, &e.number, &e.subject, &e.contributors, &e.rollback_plan).await
        }
        Event::ConfigurationCameIntoForce(e) => store::set_state(conn, &e.number, State::Released, Some(at)).await,
        Event::SubjectReplaced(e) | Event::PlanEdited(e) => {
            store::insert_subject(conn, at, &e.number, &e.subject, &e.contributors, &e.rollback_plan).await?;
            store::set_subject(conn, &e.number, &e.subject_digest).await?;
            if let Some(requirement) = &e.requirement {
                store::set_requirement(conn, &e.number, requirement).await?;
            }
            let cause = match event {
                Event::PlanEdited(_) => "the rollback plan was edited".to_owned(),
                _ => format!("{} changed", e.differs.join(", ")),
            };
            store::set_fallen(conn, &e.number, None, &cause).await
        }
        Event::Approved(e) => store::insert_approval(conn, at, entry_id, SignedDecision::Approve, e).await,
        Event::Rejected(e) => {
            // Whoever says no has taken back their yes.
            store::set_fallen(conn, &e.number, Some(&e.person), "the same person rejected it").await?;
            store::insert_approval(conn, at, entry_id, SignedDecision::Reject, e).await
        }
        Event::Withdrawn(e) => store::set_fallen(conn, &e.number, Some(&e.person), "withdrawn by its signer").await,
        Event::ApprovalVoided(e) => {
            store::set_voided(conn, e, "it was given through a session that was reported as stolen").await
        }
        Event::ClosedBySignature(e) => store::set_state(conn, &e.number, State::Closed, Some(at)).await,
        Event::ExecutionIntended(e) => store::set_state(conn, &e.number, State::Executing, None).await,
        Event::GithubAnswered(e) => {
            store::set_answered(conn, &e.number, at).await?;
            match e.answer {
                Answer::Approved => store::set_state(conn, &e.number, State::Released, Some(at)).await,
                Answer::Rejected => Ok(()),
            }
        }
        Event::AnswerCancelled(e) => {
            store::set_answered(conn, &e.number, at).await?;
            store::set_cancelled_if_executing(conn, &e.number, at).await
        }
        Event::Expired(e) => store::set_state(conn, &e.number, State::Expired, Some(at)).await,
        Event::Superseded(e) => store::set_state(conn, &e.number, State::Superseded, Some(at)).await,
        Event::RunGone(e) => {
            store::set_gone(conn, &e.number, e.how).await?;
            store::set_state(conn, &e.number, State::Cancelled, Some(at)).await
        }
        Event::EvidenceRenewed(e) => store::set_requirement(conn, &e.number, &e.requirement).await,
        Event::LineStopped(e) => store::insert_stop(conn, at, e).await,
        Event::StopLifted(e) => store::set_lifted(conn, at, e).await,
        Event::EmergencyAttached(e) => store::insert_emergency(conn, at, entry_id, e).await,
        Event::DebtOpened(e) => store::insert_debt(conn, at, e).await,
        Event::DebtPaid(e) => store::set_paid(conn, at, e).await,
        Event::Overtaken(e) => store::set_overtaken(conn, at, e).await,
        Event::PlanConfirmed(e) => store::insert_confirmation(conn, at, e).await,
        Event::RollbackMinted(e) => store::insert_token(conn, at, e).await,
        Event::RolledBack(e) => store::set_token_used(conn, at, e).await,
        Event::VersionMarked(e) => store::insert_mark(conn, at, entry_id, e).await,
        _ => Ok(()),
    }
}

/// A change of the rules is a change like every other; only its key is its own.
fn opened(e: &policy::events::Proposed) -> Result<Opened, Error> {
    Ok(Opened {
        number: e.number.clone(),
        key: policy::key_of(&e.number).map_err(Error::internal)?,
        subject: e.subject.clone(),
        subject_digest: e.subject_digest.clone(),
        requirement: e.requirement.clone(),
        contributors: e.contributors.clone(),
        rollback_plan: e.rollback_plan.clone(),
    })
}
