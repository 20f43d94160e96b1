//! What is looked at every minute, so that nothing waits for ever: changes whose time is over, and changes and
//! deliveries whose job was lost or has given up, and changes that were prepared under another configuration. Each job finds out by itself whether anything is left to do.

use super::store;
use crate::context::Context;
use crate::error::{Error, chain};
use crate::{audit, jobs};
use gatehouse_domain::ChangeNumber;
use gatehouse_domain::audit::Actor;
use gatehouse_domain::changes::State;
use gatehouse_domain::changes::decide::permit_expire;
use gatehouse_domain::decision::Job;

/// Asks again for every job that something still waits for. A job that is there already is one job.
///
/// # Errors
/// When the database does not answer.
pub async fn sweep(ctx: &Context) -> Result<(), Error> {
    let mut conn = ctx.db.acquire().await?;
    for guid in store::list_unread(&mut conn).await? {
        jobs::enqueue(&mut conn, &Job::ReadDelivery { guid }).await?;
    }
    for (number, state) in store::list_unsettled(&mut conn).await? {
        let job = match state {
            State::Held => Job::ExecuteChange { number },
            _ => Job::AnswerGithub { number },
        };
        jobs::enqueue(&mut conn, &job).await?;
    }
    // What was prepared under another policy is prepared again: its approvals fall, and it asks for what is asked now.
    for number in store::list_prepared_otherwise(&mut conn, &ctx.policy_digest).await? {
        jobs::enqueue(&mut conn, &Job::AssessChange { number }).await?;
    }
    for number in store::list_unpaid(&mut conn).await? {
        jobs::enqueue(&mut conn, &Job::SettleDebt { number }).await?;
    }
    // What was not proved may be by now: a scan that was under way, a finding that was mended.
    for number in store::list_unproved(&mut conn).await? {
        jobs::enqueue(&mut conn, &Job::AssessChange { number }).await?;
    }
    store::empty_old_bodies(&mut conn).await?;
    store::forget_old_looks(&mut conn).await
}

/// Ends every held change whose 72 hours have passed. One that cannot be read does not keep the others.
///
/// # Errors
/// When the database does not answer.
pub async fn expire(ctx: &Context) -> Result<(), Error> {
    let mut conn = ctx.db.acquire().await?;
    let due = store::list_expired(&mut conn).await?;
    drop(conn);
    for number in due {
        if let Err(error) = expire_one(ctx, &number).await {
            tracing::error!(%number, error = chain(&error), "a change could not be ended");
        }
    }
    Ok(())
}

async fn expire_one(ctx: &Context, number: &ChangeNumber) -> Result<(), Error> {
    let mut tx = ctx.db.begin().await?;
    let change = store::lock_change(&mut tx, number).await?;
    let now = ctx.now(&mut tx).await?;
    if let Some(permit) = permit_expire(&change, now) {
        audit::commit(&mut tx, ctx, &Actor::Portal, permit).await?;
        tx.commit().await?;
    }
    Ok(())
}
