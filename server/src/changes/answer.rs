//! What is GitHub told, once, and only if its run is still the one that was decided on?
//!
//! ```text
//! intent recorded → run re-read: attempt, SHA, waiting job the same?
//!    no  → cancelled, nothing is said
//!    yes → "being sent" is noted → POST → outcome recorded
//! ```
//! The note is what tells, after a crash, an answer that may have arrived from one that was never sent; whether it did
//! arrive, GitHub's own history of the run tells. Nothing is said again before that was read.

use super::{store, way_back};
use crate::audit;
use crate::context::Context;
use crate::error::Error;
use crate::github::facts::{AccountKind, Conclusion, ReviewFacts, RunStatus};
use crate::github::{Answer as GithubAnswer, Error as GithubError, RepoName};
use gatehouse_domain::audit::Actor;
use gatehouse_domain::changes::Change;
use gatehouse_domain::changes::decide::permit_answer_cancelled;
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
    // Nobody asked for other rules at GitHub.
    let Some(owed) = change.answer_owed().filter(|_| !is_answered && change.proposal.is_none()) else {
        return Ok(());
    };

    let place = Place::of(ctx, &change, owed)?;
    match place.standing().await? {
        // Ours may have arrived although the run waits: for another App's rule, for a reviewer, for a timer.
        Standing::Waiting if was_sent && place.took_ours().await? => {
            return given(ctx, number, owed).await;
        }
        Standing::Waiting => {}
        // Ours arrived before the crash: the run is the same, and waits no longer.
        Standing::NotWaiting { .. } if was_sent => {
            return given(ctx, number, owed).await;
        }
        // What this database lost GitHub may still have (ATK-28): the same answer of the same change, given before a
        // failover, is given.
        Standing::NotWaiting { .. } if place.took_ours().await? => {
            return given(ctx, number, owed).await;
        }
        Standing::NotWaiting { .. } | Standing::Gone => {
            let permit = permit_answer_cancelled(number.clone(), &Reason::RunMoved.into());
            return record(ctx, number, permit).await;
        }
    }

    // A tag is a name: whatever it names now is what would be deployed.
    if owed == Answer::Approved && !names_the_same_image(ctx, &change).await? {
        return record(ctx, number, permit_answer_cancelled(number.clone(), &Reason::SubjectReplaced.into())).await;
    }
    let mut conn = ctx.db.acquire().await?;
    // GitHub may have been away for days. What was approved was approved until then and no longer.
    if owed == Answer::Approved && !was_sent && ctx.now(&mut conn).await? >= change.subject.expires_at {
        drop(conn);
        return record(ctx, number, permit_answer_cancelled(number.clone(), &Reason::SubjectExpired.into())).await;
    }
    // Somebody stopped the line after the intent: what was not said yet waits. The sweep asks again each minute, and the
    // subject's own end still ends it.
    let now = ctx.now(&mut conn).await?;
    // Going back is how harm ends; no stop holds it.
    if owed == Answer::Approved
        && !was_sent
        && change.way_back.undid.is_none()
        && !store::get_change(&mut conn, number).await?.lane.against(now).is_empty()
    {
        return Ok(());
    }
    let is_first_try = store::insert_attempt(&mut conn, number).await?;
    drop(conn);
    point!("answer.noted");
    let sent = ctx
        .github
        .answer_rule(&place.repository, change.key.run_id, place.environment, place.said, &place.comment())
        .await;
    point!("answer.sent");
    match sent {
        Ok(()) => given(ctx, number, owed).await,
        Err(error @ (GithubError::Denied { .. } | GithubError::NotFound { .. })) => {
            // A clear no to this try says nothing of another one, which may have arrived: an earlier one's, or that of a
            // replica that took this one for dead.
            if place.took_ours().await? {
                return given(ctx, number, owed).await;
            }
            if !is_first_try && !matches!(place.standing().await?, Standing::Waiting) {
                return Err(error.into());
            }
            let permit = permit_answer_cancelled(number.clone(), &Reason::GithubRefused.into());
            record(ctx, number, permit).await?;
            let mut conn = ctx.db.acquire().await?;
            store::delete_attempt(&mut conn, number).await
        }
        Err(error) => Err(error.into()),
    }
}

fn said(owed: Answer) -> GithubAnswer {
    match owed {
        Answer::Approved => GithubAnswer::Approve,
        Answer::Rejected => GithubAnswer::Reject,
    }
}

/// Where GitHub's run stands.
pub(super) enum Standing {
    /// The attempt and commit of the change, waiting at this gate.
    Waiting,
    /// The attempt and commit of the change, not waiting here any more.
    NotWaiting {
        /// It goes on, or ended well: somebody let it go.
        went_on: bool,
    },
    /// Another attempt or another commit now, or cancelled, or deleted.
    Gone,
}

/// The waiting job that is to be answered, and what it is to be told.
pub(super) struct Place<'a> {
    ctx: &'a Context,
    change: &'a Change,
    repository: RepoName,
    environment: &'a str,
    said: GithubAnswer,
}

impl<'a> Place<'a> {
    /// The job that this change is about, and that it be told `owed`.
    pub(super) fn of(ctx: &'a Context, change: &'a Change, owed: Answer) -> Result<Self, Error> {
        let (repository, environment) = place_of(ctx, change)?;
        Ok(Self { ctx, change, repository, environment, said: said(owed) })
    }

    pub(super) async fn standing(&self) -> Result<Standing, Error> {
        let (github, key) = (&self.ctx.github, &self.change.key);
        let run = match github.read_run(&self.repository, key.run_id).await {
            Err(GithubError::NotFound { .. }) => return Ok(Standing::Gone),
            other => other?,
        };
        let is_another = run.attempt != key.attempt || run.head_sha != self.change.subject.commit_sha;
        // A cancelled run took no answer, whatever was sent while it was being cancelled.
        if is_another || run.conclusion == Some(Conclusion::Cancelled) {
            return Ok(Standing::Gone);
        }
        let pending = github.list_pending_deployments(&self.repository, key.run_id).await?;
        let waits = run.status != RunStatus::Completed && pending.iter().any(|p| p.environment == self.environment);
        let went_on = run.status != RunStatus::Completed || run.conclusion == Some(Conclusion::Success);
        Ok(if waits { Standing::Waiting } else { Standing::NotWaiting { went_on } })
    }

    /// Whether GitHub's history of the run holds our answer. It is known by its comment, which names this change, and
    /// by coming from an App: a person may write the same words, and does not answer for us.
    async fn took_ours(&self) -> Result<bool, Error> {
        let comment = self.comment();
        Ok(self.reviews().await?.iter().any(|review| {
            review.by == AccountKind::Bot
                && review.comment == comment
                && review.state == self.said.as_str()
                && review.environments.iter().any(|name| name == self.environment)
        }))
    }

    /// Whether anything was let go here in our name for this change, whatever it was about then.
    pub(super) async fn was_released_as_ours(&self) -> Result<bool, Error> {
        let name = format!("{} ", self.change.number);
        Ok(self.reviews().await?.iter().any(|review| {
            review.by == AccountKind::Bot
                && review.comment.starts_with(&name)
                && review.state == GithubAnswer::Approve.as_str()
                && review.environments.iter().any(|name| name == self.environment)
        }))
    }

    async fn reviews(&self) -> Result<Vec<ReviewFacts>, Error> {
        match self.ctx.github.list_reviews(&self.repository, self.change.key.run_id).await {
            // A run that was deleted took its history with it.
            Err(GithubError::NotFound { .. }) => Ok(Vec::new()),
            other => Ok(other?),
        }
    }

    /// What stands in GitHub beside the answer: the number, the link, the six words; no names.
    fn comment(&self) -> String {
        let change = self.change;
        let outcome = match self.said {
            GithubAnswer::Approve if change.way_back.undid.is_some() => {
                let undid = change.way_back.undid.as_ref().map_or_else(String::new, ToString::to_string);
                format!("goes back to what ran before {undid}, once")
            }
            GithubAnswer::Approve => format!("approved by {} people", change.requirement.seats.len()),
            GithubAnswer::Reject => match &change.overtaken_by {
                Some(newer) => format!("superseded by {newer}: not released"),
                None => format!("{}: not released", change.state),
            },
        };
        format!(
            "{number} {outcome}. {url}/changes/{number} · {words}",
            number = change.number,
            url = self.ctx.config.public_url,
            words = six_words(&change.subject_digest).join(" "),
        )
    }
}

/// Whether the commit's tag still names the image that was approved.
async fn names_the_same_image(ctx: &Context, change: &Change) -> Result<bool, Error> {
    let service = ctx.config.services.iter().find(|s| s.name == change.subject.service);
    let service = service.ok_or_else(|| Error::internal("a change's service is no longer configured"))?;
    let found = ctx.ecr.find_image_by_tag(&service.image_repository, change.subject.commit_sha.as_str()).await;
    let found = found.map_err(|error| Error::upstream("Amazon ECR", error))?;
    Ok(found.is_some_and(|image| change.subject.image_digest.known() == Some(&image.digest)))
}

/// The answer was given. A release leaves behind what leads back.
async fn given(ctx: &Context, number: &ChangeNumber, answer: Answer) -> Result<(), Error> {
    let mut tx = ctx.db.begin().await?;
    let change = store::lock_change(&mut tx, number).await?;
    // The same job on another replica may have been here first.
    if !store::is_answered(&mut tx, number).await? {
        let permit = way_back::answered(&mut tx, &change, answer).await?;
        audit::commit(&mut tx, ctx, &Actor::Portal, permit).await?;
        point!("answer.recording");
        tx.commit().await?;
        point!("answer.recorded");
    }
    Ok(())
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

fn place_of<'a>(ctx: &'a Context, change: &Change) -> Result<(RepoName, &'a str), Error> {
    let gone = || Error::internal("a change's service or environment is no longer configured");
    let service = ctx.config.services.iter().find(|s| s.name == change.subject.service).ok_or_else(gone)?;
    let environment = ctx.config.environments.iter().find(|e| e.name == change.key.environment).ok_or_else(gone)?;
    Ok((service.repository.parse().map_err(Error::internal)?, &environment.github_environment))
}
