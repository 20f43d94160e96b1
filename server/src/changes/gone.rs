//! Does GitHub still wait for what is held here?
//!
//! A run can be cancelled, let go by an administrator, or let go in our own name by a database that then lost what it had
//! written (ATK-28). Whatever is held and waits no longer ends, and the entry says what became of it.

use super::answer::{Place, Standing};
use super::store;
use crate::audit;
use crate::context::Context;
use crate::error::{Error, chain};
use gatehouse_domain::audit::Actor;
use gatehouse_domain::changes::decide::permit_run_gone;
use gatehouse_domain::changes::events::{Answer, Gone};
use gatehouse_domain::{ChangeNumber, RepositoryId, RunId};
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// Ends what is held of this repository and waits no longer. `waiting` are its runs that certainly do.
///
/// # Errors
/// The last of those that could not be looked at; the others are.
pub(super) async fn end_gone(ctx: &Context, repository: RepositoryId, waiting: &BTreeSet<RunId>) -> Result<(), Error> {
    let mut conn = ctx.db.acquire().await?;
    let held = store::list_held_runs(&mut conn, repository).await?;
    drop(conn);
    let mut done = Ok(());
    for (number, _) in held.into_iter().filter(|(_, run)| !waiting.contains(run)) {
        if let Err(error) = end_if_gone(ctx, &number).await {
            tracing::warn!(%number, error = chain(&error), "a held change could not be compared with its run");
            done = Err(error);
        }
    }
    done
}

async fn end_if_gone(ctx: &Context, number: &ChangeNumber) -> Result<(), Error> {
    let mut conn = ctx.db.acquire().await?;
    let change = store::get_change(&mut conn, number).await?;
    drop(conn);
    let place = Place::of(ctx, &change, Answer::Approved)?;
    let how = match place.standing().await? {
        Standing::Waiting => return Ok(()),
        _ if place.was_released_as_ours().await? => Gone::ReleasedInOurName,
        Standing::NotWaiting { went_on: true } => Gone::ReleasedByOthers,
        Standing::NotWaiting { went_on: false } | Standing::Gone => Gone::Ended,
    };
    let mut tx = ctx.db.begin().await?;
    let change = store::lock_change(&mut tx, number).await?;
    if let Some(permit) = permit_run_gone(&change, how) {
        if how != Gone::Ended {
            tracing::error!(%number, how = how.code(), "production may run what this gate did not release");
        }
        audit::commit(&mut tx, ctx, &Actor::Portal, permit).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// What everybody must know for a week: something went round the gate.
///
/// # Errors
/// When the database does not answer.
pub async fn notice(conn: &mut PgConnection) -> Result<Option<String>, Error> {
    let numbers = store::list_released_elsewhere(conn).await?;
    Ok((!numbers.is_empty()).then(|| {
        format!(
            "{} was released at GitHub without a decision of this gate. See what runs in production, and why, before anything else.",
            numbers.join(", ")
        )
    }))
}
