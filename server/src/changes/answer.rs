//! What is GitHub told, once, and only if its run is still the one that was decided on?
//!
//! ```text
//! intent recorded → run re-read: attempt, SHA, waiting job the same?
//!    no  → cancelled, nothing is said
//!    yes → "being sent" is noted → POST → outcome recorded
//! ```
//! The note is what tells, after a crash, an answer that may have arrived from one that was never sent.

use super::store;
use crate::audit;
use crate::context::Context;
use crate::error::Error;
use crate::github::facts::{Conclusion, RunStatus};
use crate::github::{Answer as GithubAnswer, Error as GithubError, RepoName};
use gatehouse_domain::audit::Actor;
use gatehouse_domain::changes::Change;
use gatehouse_domain::changes::decide::{answer_owed, permit_answer_cancelled, permit_answered};
use gatehouse_domain::changes::events::Answer;
use gatehouse_domain::words::six_words;
use gatehouse_domain::{ChangeNumber, Permit, Reason};

/// Gives GitHub the answer that it is owed.
///
/// # Errors
/// When GitHub or the database does not answer; the job is tried again, and looks before it speaks.
pub async fn answer(ctx: &Context, number: &ChangeNumber) -> Result<(), Error> {
    let mut conn = ctx.db.acquire().await?;
    let change = store::get_change(&mut conn, number).await?;
    let is_answered = store::is_answered(&mut conn, number).await?;
    let was_sent = store::find_attempt(&mut conn, number).await?;
    drop(conn);
    let Some(owed) = answer_owed(change.state).filter(|_| !is_answered) else {
        return Ok(());
    };

    let (repository, environment) = place(ctx, &change)?;
    match standing(ctx, &change, &repository, environment).await? {
        Standing::Waiting => {}
        // Ours arrived before the crash: the run is the same, and waits no longer.
        Standing::NotWaiting if was_sent => return record(ctx, number, permit_answered(number.clone(), owed)).await,
        Standing::NotWaiting | Standing::Gone => {
            let permit = permit_answer_cancelled(number.clone(), &Reason::RunMoved.into());
            return record(ctx, number, permit).await;
        }
    }

    let mut conn = ctx.db.acquire().await?;
    // GitHub may have been away for days. What was approved was approved until then and no longer.
    if owed == Answer::Approved && !was_sent && ctx.now(&mut conn).await? >= change.subject.expires_at {
        return record(ctx, number, permit_answer_cancelled(number.clone(), &Reason::SubjectExpired.into())).await;
    }
    let is_first_try = store::insert_attempt(&mut conn, number).await?;
    drop(conn);
    let said = match owed {
        Answer::Approved => GithubAnswer::Approve,
        Answer::Rejected => GithubAnswer::Reject,
    };
    let sent = ctx.github.answer_rule(&repository, change.key.run_id, environment, said, &comment(ctx, &change)).await;
    match sent {
        Ok(()) => record(ctx, number, permit_answered(number.clone(), owed)).await,
        // A clear no: nothing arrived, by this try. An earlier one may still have, so its note stays and GitHub's run
        // is looked at again.
        Err(GithubError::Denied { .. } | GithubError::NotFound { .. }) if is_first_try => {
            let permit = permit_answer_cancelled(number.clone(), &Reason::GithubRefused.into());
            record(ctx, number, permit).await?;
            let mut conn = ctx.db.acquire().await?;
            store::delete_attempt(&mut conn, number).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Where GitHub's run stands.
enum Standing {
    /// The attempt and commit of the change, waiting at this gate.
    Waiting,
    /// The attempt and commit of the change, not waiting here any more.
    NotWaiting,
    /// Another attempt or another commit now, or cancelled, or deleted.
    Gone,
}

async fn standing(ctx: &Context, change: &Change, repository: &RepoName, environment: &str) -> Result<Standing, Error> {
    let github = &ctx.github;
    let run = match github.read_run(repository, change.key.run_id).await {
        Err(GithubError::NotFound { .. }) => return Ok(Standing::Gone),
        other => other?,
    };
    let is_another = run.attempt != change.key.attempt || run.head_sha != change.subject.commit_sha;
    // A cancelled run took no answer, whatever was sent while it was being cancelled.
    if is_another || run.conclusion == Some(Conclusion::Cancelled) {
        return Ok(Standing::Gone);
    }
    let pending = github.list_pending_deployments(repository, change.key.run_id).await?;
    let waits = run.status != RunStatus::Completed && pending.iter().any(|p| p.environment == environment);
    Ok(if waits { Standing::Waiting } else { Standing::NotWaiting })
}

async fn record(ctx: &Context, number: &ChangeNumber, permit: Permit) -> Result<(), Error> {
    let mut tx = ctx.db.begin().await?;
    store::lock_change(&mut tx, number).await?;
    // The same job on another replica may have been here first.
    if !store::is_answered(&mut tx, number).await? {
        audit::commit(&mut tx, ctx, &Actor::Portal, permit).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn place<'a>(ctx: &'a Context, change: &Change) -> Result<(RepoName, &'a str), Error> {
    let gone = || Error::internal("a change's service or environment is no longer configured");
    let service = ctx.config.services.iter().find(|s| s.name == change.subject.service).ok_or_else(gone)?;
    let environment = ctx.config.environments.iter().find(|e| e.name == change.key.environment).ok_or_else(gone)?;
    Ok((service.repository.parse().map_err(Error::internal)?, &environment.github_environment))
}

/// What stands in GitHub beside the answer: the number, the link, the six words; no names.
fn comment(ctx: &Context, change: &Change) -> String {
    let outcome = match answer_owed(change.state) {
        Some(Answer::Approved) => format!("approved by {} people", change.requirement.seats.len()),
        _ => format!("{}: not released", change.state),
    };
    format!(
        "{number} {outcome}. {url}/changes/{number} · {words}",
        number = change.number,
        url = ctx.config.public_url,
        words = six_words(&change.subject_digest).join(" "),
    )
}
