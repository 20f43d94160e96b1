//! Is the change still about the same thing? Reads the outside world again and replaces the subject where it differs.

use super::reading::{World, read_world};
use super::store;
use crate::context::Context;
use crate::error::Error;
use crate::github::RepoName;
use crate::{audit, policy};
use gatehouse_domain::ChangeNumber;
use gatehouse_domain::audit::Actor;
use gatehouse_domain::changes::decide::{permit_renew_evidence, permit_replace_subject};
use gatehouse_domain::changes::{Change, State, Who};
use gatehouse_domain::policy::decide::permit_outrun;

/// What a second look found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// The same thing, all of it readable.
    Same,
    /// Another thing: the subject was replaced and approvals fell.
    Another,
    /// The change is no longer held.
    Ended,
}

/// Re-reads a held change until all of it could be read.
///
/// # Errors
/// When a field is still unreadable, or the database does not answer; the job is tried again.
pub async fn assess(ctx: &Context, number: &ChangeNumber) -> Result<(), Error> {
    let found = look_again(ctx, number, Unreadable::Replaces).await?;
    let mut conn = ctx.db.acquire().await?;
    let change = store::get_change(&mut conn, number).await?;
    let shut = !change.subject.unreadable().is_empty()
        || !change.contributors.unknown.is_empty()
        || change.requirement.is_unsettled();
    if found != Found::Ended && shut {
        return Err(Error::upstream("A source of the subject", "a field is still unreadable"));
    }
    Ok(())
}

/// What an outage means for the subject that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// A first look: whatever can be read by now is better than what there is.
    Replaces,
    /// A look before going back: what is signed must be read; who made it and what the policy asks do not decide.
    InSubjectWaits,
    /// A last look: an outage must not make approvals fall; the caller waits and looks again.
    Waits,
}

/// Reads the world and replaces the subject where it differs.
pub(super) async fn look_again(ctx: &Context, number: &ChangeNumber, unreadable: Unreadable) -> Result<Found, Error> {
    let mut conn = ctx.db.acquire().await?;
    let before = store::get_change(&mut conn, number).await?;
    drop(conn);
    if before.state != State::Held {
        return Ok(Found::Ended);
    }
    if before.proposal.is_some() {
        return look_at_rules(ctx, number).await;
    }
    let world = read(ctx, &before).await?;
    let is_enough = match unreadable {
        Unreadable::Replaces => true,
        Unreadable::InSubjectWaits => world.is_read(),
        Unreadable::Waits => world.is_whole(),
    };
    if !is_enough {
        return Err(Error::upstream("A source of the subject", "a field is still unreadable"));
    }
    let mut tx = ctx.db.begin().await?;
    policy::hold(&mut tx, ctx).await?;
    let change = store::lock_change(&mut tx, number).await?;
    if change.state != State::Held {
        return Ok(Found::Ended);
    }
    let now = ctx.now(&mut tx).await?;
    // A person's plan outlives reading again, while production runs what it was made for.
    let world = world.keeping(&change.rollback_plan);
    let subject = world.subject(now);
    let renewed = permit_renew_evidence(&change, &world.requirement, now);
    let permit = permit_replace_subject(&change, subject, world.requirement, world.contributors, world.rollback_plan);
    let found = match permit {
        Some(permit) => {
            audit::commit(&mut tx, ctx, &Actor::Portal, permit).await?;
            store::set_reading(&mut tx, number, &world.reading).await?;
            store::insert_report(&mut tx, &world.data).await?;
            policy::keep_input(&mut tx, &world.input).await?;
            Found::Another
        }
        None => {
            if let Some(renewed) = renewed {
                audit::commit(&mut tx, ctx, &Actor::Portal, renewed).await?;
            }
            store::set_read_at(&mut tx, number).await?;
            Found::Same
        }
    };
    tx.commit().await?;
    Ok(found)
}

/// Whether all that an emergency may skip is proved by now, for the very image of this change. A policy that asks for
/// nothing of the kind proves nothing.
pub(super) async fn proves(ctx: &Context, change: &Change) -> Result<bool, Error> {
    let world = read(ctx, change).await?;
    let mut conn = ctx.db.acquire().await?;
    let now = ctx.now(&mut conn).await?;
    let image = world.subject(now).image_digest;
    let wants: Vec<_> = world.requirement.wants().filter(|want| want.emergency_may_skip).collect();
    let is_same = image.known().is_some() && image == change.subject.image_digest;
    Ok(is_same && !wants.is_empty() && wants.iter().all(|want| want.against(now).is_none()))
}

/// A change of the rules is about two digests; all that can become another is which of them is in force.
async fn look_at_rules(ctx: &Context, number: &ChangeNumber) -> Result<Found, Error> {
    let mut tx = ctx.db.begin().await?;
    let rules = policy::hold(&mut tx, ctx).await?;
    let change = store::lock_change(&mut tx, number).await?;
    let by = policy::in_force(&mut tx).await?.and_then(|(_, number)| number);
    match permit_outrun(&change, &rules, by.as_ref()) {
        Some(permit) => {
            audit::commit(&mut tx, ctx, &Actor::Portal, permit).await?;
            tx.commit().await?;
            Ok(Found::Ended)
        }
        None => Ok(Found::Same),
    }
}

async fn read(ctx: &Context, change: &Change) -> Result<World, Error> {
    let gone = || Error::internal("a change's service or environment is no longer configured");
    let service = ctx.config.services.iter().find(|s| s.name == change.subject.service).ok_or_else(gone)?;
    let environment = ctx.config.environments.iter().find(|e| e.name == change.key.environment).ok_or_else(gone)?;
    let repository: RepoName = service.repository.parse().map_err(Error::internal)?;
    // A run that was started again belongs to another change; this one is about its own attempt.
    let run = ctx.github.read_run_attempt(&repository, change.key.run_id, change.key.attempt).await?;
    let requesters: Vec<Who> = change.contributors.requesters().collect();
    Ok(read_world(ctx, service, environment, &repository, &run, &requesters).await)
}
