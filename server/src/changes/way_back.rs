//! How does production go back, and who says that the plan for it is right?
//!
//! The signed word "go back" takes the same way as every decision ([`super::service`]); what is its own is here: what it
//! holds, what it asks, and what a release leaves behind for it. Editing and confirming a plan, and marking a version, are
//! acts of a signed-in person without a key: none of them opens anything.
//!
//! Invariants
//! - whoever goes back or marks holds the lane of the service, as every release does: so a token is used once, never after
//!   a newer release, and a mark is before a release in the log or after it;
//! - the outside world is read again before the transaction, as for every release.

use super::assess::{Unreadable, look_again};
use super::store;
use crate::context::Context;
use crate::error::Error;
use crate::people::{self, SignedIn};
use crate::{audit, policy};
use gatehouse_app::changes::rollback::PlanForm;
use gatehouse_domain::audit::About;
use gatehouse_domain::changes::Change;
use gatehouse_domain::changes::decide::permit_answered;
use gatehouse_domain::changes::events::{Answer, Signed};
use gatehouse_domain::changes::going_back::{
    decide_go_back, decide_mark, reasons_against_going_back, reasons_against_mark, with_token,
};
use gatehouse_domain::changes::planning::{PlanEdit, decide_confirm, decide_edit, reasons_against_planning};
use gatehouse_domain::people::Signer;
use gatehouse_domain::personal::is_showable;
use gatehouse_domain::{ChangeNumber, DateTime, Decision, Digest, Permit, Reason, Reasons, Utc};
use sqlx::PgConnection;

/// Everything against going back by this change now.
pub(super) async fn against(
    conn: &mut PgConnection,
    change: &Change,
    signer: &Signer,
    rules: &Digest,
    now: DateTime<Utc>,
) -> Result<Vec<Reason>, Error> {
    let token = store::find_token(conn, change).await?;
    Ok(reasons_against_going_back(change, token.as_ref(), signer, rules, None, now))
}

/// Before the transaction: the world as it is, and the provider's word on whoever asks.
pub(super) async fn look(ctx: &Context, who: &SignedIn, number: &ChangeNumber) -> Result<(), Error> {
    people::refresh_role_facts_if_possible(ctx, &who.person).await;
    // What became another is refused where it is decided, with the reason for the log.
    look_again(ctx, number, Unreadable::InSubjectWaits).await.map(drop)
}

/// Holds the lane that this change is in.
pub(super) async fn hold(conn: &mut PgConnection, number: &ChangeNumber) -> Result<(), Error> {
    let seen = store::get_change(conn, number).await?;
    store::hold_lane(conn, &seen.subject.service, &seen.key.environment).await
}

/// Decides, while the lane and the change are held.
pub(super) async fn decide(
    conn: &mut PgConnection,
    change: &Change,
    signer: &Signer,
    signed: Signed,
    rules: &Digest,
    now: DateTime<Utc>,
) -> Result<Decision, Error> {
    let token = store::find_token(conn, change).await?;
    Ok(decide_go_back(change, token.as_ref(), signer, signed, rules, now))
}

/// The outcome of an answer; a release leaves behind what leads back.
pub(super) async fn answered(conn: &mut PgConnection, change: &Change, answer: Answer) -> Result<Permit, Error> {
    let permit = permit_answered(change.number.clone(), answer);
    if answer != Answer::Approved {
        return Ok(permit);
    }
    let chosen = change.rollback_plan.edited.as_ref().and_then(|edited| edited.to.as_ref());
    let earlier = store::list_earlier(conn, change, chosen).await?;
    Ok(with_token(permit, change, earlier.first()))
}

/// Puts another rollback plan in the place of the one that stands.
///
/// # Errors
/// `Refused` with every reason, which is recorded; or when the database does not answer.
pub async fn edit_plan(ctx: &Context, who: &SignedIn, form: PlanForm) -> Result<(), Error> {
    let mut about = About::Person(who.person.clone());
    let result = edit(ctx, who, form, &mut about).await;
    recorded(ctx, who, "changes.edit_plan", about, result).await
}

async fn edit(ctx: &Context, who: &SignedIn, form: PlanForm, about: &mut About) -> Result<(), Error> {
    let number = number(&form.number, about)?;
    let malformed = |what: &str| Error::refused(Reason::BodyMalformed(what.to_owned()));
    let read: Digest = form.subject_digest.parse().map_err(|_| malformed("no digest of the change"))?;
    let to: Option<ChangeNumber> = match form.to.as_str() {
        "" => None,
        text => Some(text.parse().map_err(|_| Error::refused(Reason::PlanTarget))?),
    };
    let by_hand = match form.migrations.as_str() {
        "by_hand" => true,
        "forward_only" | "none" | "" => false,
        _ => return Err(malformed("no such word for the migrations")),
    };
    let mut tx = ctx.db.begin().await?;
    people::hold_session(&mut tx, who).await?;
    policy::hold(&mut tx, ctx).await?;
    let change = known(store::lock_change(&mut tx, &number).await)?;
    let signer = people::lock_one(&mut tx, ctx, &who.person).await?;
    let now = ctx.now(&mut tx).await?;
    let mut against = reasons_against_planning(&change, &signer);
    if !is_showable(&form.note) {
        against.push(Reason::TextRefused);
    }
    let earlier = match &to {
        Some(to) => store::list_earlier(&mut tx, &change, Some(to)).await?.into_iter().next(),
        None => None,
    };
    if to.is_some() && earlier.is_none() {
        against.push(Reason::PlanTarget);
    }
    if let Some(reasons) = Reasons::from_vec(against) {
        return Err(reasons.into());
    }
    let note = form.note.trim();
    let note = match note {
        "" => None,
        note => Some(audit::seal(&mut tx, ctx, who.person.as_str(), note).await?),
    };
    match decide_edit(&change, &signer, PlanEdit { read, to: earlier, by_hand, note }, now) {
        Decision::Allow(permit) => {
            audit::commit(&mut tx, ctx, &who.actor(), permit).await?;
            Ok(tx.commit().await?)
        }
        Decision::Refuse(reasons) => Err(reasons.into()),
    }
}

/// Says that the plan of this digest is what is to be done.
///
/// # Errors
/// As [`edit_plan`].
pub async fn confirm_plan(ctx: &Context, who: &SignedIn, of: &str, plan_digest: &str) -> Result<(), Error> {
    let mut about = About::Person(who.person.clone());
    let result = confirm(ctx, who, of, plan_digest, &mut about).await;
    recorded(ctx, who, "changes.confirm_plan", about, result).await
}

async fn confirm(ctx: &Context, who: &SignedIn, of: &str, plan_digest: &str, about: &mut About) -> Result<(), Error> {
    let number = number(of, about)?;
    let malformed = || Error::refused(Reason::BodyMalformed("no digest of the plan".to_owned()));
    let read: Digest = plan_digest.parse().map_err(|_| malformed())?;
    let mut tx = ctx.db.begin().await?;
    people::hold_session(&mut tx, who).await?;
    policy::hold(&mut tx, ctx).await?;
    let change = known(store::lock_change(&mut tx, &number).await)?;
    let signer = people::lock_one(&mut tx, ctx, &who.person).await?;
    match decide_confirm(&change, &signer, &read) {
        Decision::Allow(permit) => {
            audit::commit(&mut tx, ctx, &who.actor(), permit).await?;
            Ok(tx.commit().await?)
        }
        Decision::Refuse(reasons) => Err(reasons.into()),
    }
}

/// Marks the version that a change released: do not return to it.
///
/// # Errors
/// As [`edit_plan`].
pub async fn mark(ctx: &Context, who: &SignedIn, of: &str, why: &str) -> Result<(), Error> {
    let mut about = About::Person(who.person.clone());
    let result = mark_version(ctx, who, of, why, &mut about).await;
    recorded(ctx, who, "changes.mark", about, result).await
}

async fn mark_version(ctx: &Context, who: &SignedIn, of: &str, why: &str, about: &mut About) -> Result<(), Error> {
    let number = number(of, about)?;
    let mut tx = ctx.db.begin().await?;
    people::hold_session(&mut tx, who).await?;
    policy::hold(&mut tx, ctx).await?;
    known(hold(&mut tx, &number).await)?;
    let change = known(store::lock_change(&mut tx, &number).await)?;
    let signer = people::lock_one(&mut tx, ctx, &who.person).await?;
    let mut against = reasons_against_mark(&change, &signer);
    if !is_showable(why) {
        against.push(Reason::TextRefused);
    } else if why.trim().is_empty() {
        against.push(Reason::CommentMissing);
    }
    if let Some(reasons) = Reasons::from_vec(against) {
        return Err(reasons.into());
    }
    let why = audit::seal(&mut tx, ctx, who.person.as_str(), why.trim()).await?;
    match decide_mark(&change, &signer, why) {
        Decision::Allow(permit) => {
            audit::commit(&mut tx, ctx, &who.actor(), permit).await?;
            Ok(tx.commit().await?)
        }
        Decision::Refuse(reasons) => Err(reasons.into()),
    }
}

fn number(text: &str, about: &mut About) -> Result<ChangeNumber, Error> {
    let number: ChangeNumber = text.parse().map_err(|_| Error::refused(Reason::ChangeUnknown))?;
    *about = About::Change(number.clone());
    Ok(number)
}

fn known<T>(found: Result<T, Error>) -> Result<T, Error> {
    match found {
        Err(Error::NotFound) => Err(Error::refused(Reason::ChangeUnknown)),
        other => other,
    }
}

/// A refusal is an entry; everything else is as it is.
async fn recorded<T>(
    ctx: &Context,
    who: &SignedIn,
    attempt: &str,
    about: About,
    result: Result<T, Error>,
) -> Result<T, Error> {
    if let Err(Error::Refused(reasons)) = &result {
        audit::refuse(ctx, &who.actor(), attempt, about, reasons).await?;
    }
    result
}
