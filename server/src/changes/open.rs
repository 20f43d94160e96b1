//! A run waits before production: its change is opened, once, and never for an attempt that was left behind.

use super::reading::read_world;
use super::store;
use crate::config::{Environment, Service};
use crate::context::Context;
use crate::error::Error;
use crate::github::RepoName;
use crate::github::facts::RunFacts;
use crate::{audit, policy};
use gatehouse_domain::audit::Actor;
use gatehouse_domain::changes::decide::permit_open;
use gatehouse_domain::changes::events::Opened;
use gatehouse_domain::changes::{ChangeKey, State, Who};
use gatehouse_domain::{ChangeNumber, Reason};

/// Production of one run, asked for.
pub(super) struct Asked<'a> {
    /// By whose word we know.
    pub(super) actor: Actor,
    pub(super) service: &'a Service,
    pub(super) environment: &'a Environment,
    pub(super) repository: &'a RepoName,
    /// As GitHub tells it now: a webhook's own words about it are not believed.
    pub(super) run: &'a RunFacts,
    /// Whose act led to the question.
    pub(super) requester: Who,
}

/// What came of it.
pub(super) enum Found {
    /// A new change.
    Opened(ChangeNumber),
    /// The same question again; its change is under way.
    Known(ChangeNumber),
}

/// Why nothing is opened.
pub(super) enum Stop {
    /// It may not be.
    Refused(Reason),
    /// Something did not answer.
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// The key of this run's change.
pub(super) fn key_of(run: &RunFacts, environment: &Environment) -> ChangeKey {
    ChangeKey {
        repository_id: run.repository_id,
        run_id: run.id,
        attempt: run.attempt,
        environment: environment.name.clone(),
    }
}

/// Whether GitHub says, now, that the run waits at this environment. A question that comes late finds that it does not.
async fn waits(ctx: &Context, repository: &RepoName, run: &RunFacts, environment: &Environment) -> Result<bool, Error> {
    let pending = ctx.github.list_pending_deployments(repository, run.id).await?;
    Ok(pending.iter().any(|p| p.environment == environment.github_environment))
}

/// Opens the change of a run that waits. Doing it again finds it there and does nothing.
pub(super) async fn open(ctx: &Context, asked: Asked<'_>) -> Result<Found, Stop> {
    let Asked { actor, service, environment, repository, run, requester } = asked;
    let key = key_of(run, environment);
    let mut conn = ctx.db.acquire().await?;
    if let Some(number) = store::find_number(&mut conn, &key).await? {
        // Held: the same question again. Ended: another job of the same attempt asks for what was already used up.
        return match store::get_change(&mut conn, &number).await?.state {
            State::Held | State::Executing => Ok(Found::Known(number)),
            _ => Err(Stop::Refused(Reason::AlreadyAnswered(number))),
        };
    }
    drop(conn);
    if !waits(ctx, repository, run, environment).await? {
        return Err(Stop::Refused(Reason::RunMoved));
    }
    let world = read_world(ctx, service, environment, repository, run, &[requester]).await;

    point!("delivery.read");
    let mut tx = ctx.db.begin().await?;
    store::lock_run(&mut tx, &key).await?;
    policy::hold(&mut tx, ctx).await?;
    // Two deliveries of one request may have come this far: the second finds the first one's change.
    if let Some(number) = store::find_number(&mut tx, &key).await? {
        return Ok(Found::Known(number));
    }
    // While this one was read, a later attempt may have come: a run is never taken back to an earlier one.
    if store::exists_later(&mut tx, &key).await? {
        return Err(Stop::Refused(Reason::RunMoved));
    }
    let now = ctx.now(&mut tx).await?;
    let earlier = store::find_earlier_held(&mut tx, &key).await?;
    let number = store::next_number(&mut tx, now).await?;
    let subject = world.subject(now);
    let opened = Opened {
        number: number.clone(),
        key,
        subject_digest: subject.digest(),
        subject,
        requirement: world.requirement,
        contributors: world.contributors,
        rollback_plan: world.rollback_plan,
    };
    audit::commit(&mut tx, ctx, &actor, permit_open(opened, earlier.as_ref())).await?;
    store::set_reading(&mut tx, &number, &world.reading).await?;
    store::insert_report(&mut tx, &world.data).await?;
    policy::keep_input(&mut tx, &world.input).await?;
    point!("change.opening");
    tx.commit().await?;
    point!("change.opened");
    Ok(Found::Opened(number))
}
