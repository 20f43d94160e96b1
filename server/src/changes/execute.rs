//! The gate may be open: check everything again, and record the intent.

use super::assess::{Found, Unreadable, look_again};
use super::lane;
use crate::context::Context;
use crate::error::Error;
use crate::{audit, people, policy};
use gatehouse_domain::audit::{About, Actor};
use gatehouse_domain::changes::decide::decide_execute;
use gatehouse_domain::changes::{Change, Freshness, State, derive_gate};
use gatehouse_domain::{ChangeNumber, Decision, PersonId, Reason};
use std::collections::BTreeSet;

/// Records the intent to release when, in that very transaction, the gate is open (INV-1). Before it, role
/// facts of the signers and the whole subject are read again.
///
/// # Errors
/// When something that must be known does not answer; the job is tried again, and the gate stays shut.
pub async fn execute(ctx: &Context, number: &ChangeNumber) -> Result<(), Error> {
    let mut conn = ctx.db.acquire().await?;
    let change = lane::look_up(&mut conn, ctx, number).await?;
    let signers = people::lock_signers(&mut conn, ctx, &persons_of(&change)).await?;
    let now = ctx.now(&mut conn).await?;
    drop(conn);
    // Most signatures do not open the gate; then there is nothing to check and nothing to say.
    let gate = derive_gate(&change, &signers, &ctx.policy_digest, Freshness::LastKnown, now);
    // What was proved too long ago may have been proved again.
    if change.state != State::Held || !gate.reasons.iter().all(has_lapsed) {
        return Ok(());
    }
    for person in persons_of(&change) {
        people::refresh_role_facts_if_possible(ctx, &person).await;
    }
    if look_again(ctx, number, Unreadable::Waits).await? != Found::Same {
        return Ok(());
    }

    point!("execute.read");
    let mut tx = ctx.db.begin().await?;
    // Other rules come into force alone; everything else is decided while they stay as they are.
    let rules = match &change.proposal {
        Some(proposal) => {
            let rules = policy::hold_alone(&mut tx, ctx).await?;
            policy::demand_kept(&mut tx, proposal).await?;
            rules
        }
        None => policy::hold(&mut tx, ctx).await?,
    };
    // The rules, the line, the change, the people: a stop is either before this in the log, or after it.
    let change = lane::hold(&mut tx, ctx, &change).await?;
    // The same job was done by a replica that was taken for dead: there is nothing left to decide or to refuse.
    if change.state != State::Held {
        return Ok(());
    }
    let signers = people::lock_signers(&mut tx, ctx, &persons_of(&change)).await?;
    let now = ctx.now(&mut tx).await?;
    match decide_execute(&change, &signers, &rules, now) {
        Decision::Allow(permit) => {
            audit::commit(&mut tx, ctx, &Actor::Portal, permit).await?;
            point!("execute.intending");
            tx.commit().await?;
            point!("execute.intended");
            Ok(())
        }
        Decision::Refuse(reasons) => {
            tx.rollback().await?;
            // Nobody tried anything: it waits for a newer proof.
            if reasons.iter().all(has_lapsed) {
                return Ok(());
            }
            // Old role facts may be fresh on the next try; everything else waits for a person, and is recorded.
            if reasons.iter().any(|r| matches!(r, Reason::RoleFactsStale(_))) {
                return Err(Error::upstream("The identity provider", "role facts are older than they may be"));
            }
            audit::refuse(ctx, &Actor::Portal, "changes.execute", About::Change(number.clone()), &reasons).await
        }
    }
}

fn has_lapsed(reason: &Reason) -> bool {
    matches!(reason, Reason::EvidenceLapsed(_))
}

/// Everybody whose signature is on it, or opens something for it.
pub(super) fn persons_of(change: &Change) -> BTreeSet<PersonId> {
    let attached = change.lane.emergency.iter().map(|emergency| emergency.by.clone());
    change.approvals.iter().map(|a| a.person.clone()).chain(attached).collect()
}
