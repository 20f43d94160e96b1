//! A person's sessions: seeing them, ending the others, and saying that one was stolen.

use super::{lock_signer, read_signer, recorded, sign_out};
use crate::context::Context;
use crate::error::Error;
use crate::people::session::SignedIn;
use crate::people::signers::names;
use crate::people::store::parsed;
use crate::people::store::sessions::{self, EndCause};
use crate::{audit, changes};
use gatehouse_app::people::sessions::shape::{SessionRow, SessionsView};
use gatehouse_app::shape::{Availability, PersonView};
use gatehouse_domain::people::Role;
use gatehouse_domain::people::sessions::{
    decide_end, decide_report_stolen, permit_sign_out_elsewhere, reasons_against_report,
};
use gatehouse_domain::problem::ReasonView;
use gatehouse_domain::{Decision, PersonId, Reason, SessionId};
use std::collections::BTreeSet;

/// What reporting is called in the log.
const ATTEMPT: &str = "people.report_stolen_session";

/// The sessions of one person: the caller's own, or, for security, anybody's.
///
/// # Errors
/// `RoleNotHeld` when the caller asks for another's and is not security. Reading is not recorded.
pub async fn sessions(ctx: &Context, who: &SignedIn, person: Option<&str>) -> Result<SessionsView, Error> {
    let mut conn = ctx.db.acquire().await?;
    let signer = read_signer(&mut conn, ctx, &who.person).await?;
    let is_security = signer.held_roles().contains(&Role::Security);
    let person = match person.map(str::trim).filter(|person| !person.is_empty()) {
        Some(person) => person.parse::<PersonId>().map_err(|_| Error::NotFound)?,
        None => who.person.clone(),
    };
    if person != who.person && !is_security {
        return Err(Error::refused(Reason::RoleNotHeld(vec![Role::Security])));
    }
    let name = names(&mut conn, &BTreeSet::from([person.clone()])).await?.remove(&person);
    let rows = sessions::list_sessions(&mut conn, &person).await?.into_iter().map(|record| SessionRow {
        is_this: record.facts.session == SessionId::from(who.session_id),
        is_live: record.is_live,
        is_stolen: record.facts.is_known_stolen,
        report: Availability {
            reasons: reasons_against_report(&signer, &record.facts).iter().map(ReasonView::from).collect(),
        },
        id: record.facts.session.to_string(),
        started_at: record.started_at,
        seen_at: record.seen_at,
    });
    Ok(SessionsView {
        sessions: rows.collect(),
        is_own: person == who.person,
        person: PersonView { id: person.to_string(), name },
        sees_everybody: is_security,
        as_of: ctx.now(&mut conn).await?,
    })
}

/// Ends a session as stolen; what was approved through it and is not executed yet falls with it.
///
/// # Errors
/// `SessionUnknown`, or `RoleNotHeld` when it is another's and the caller is not security.
pub async fn report_stolen(ctx: &Context, who: &SignedIn, session: &str) -> Result<(), Error> {
    let reported = report(ctx, who, session).await;
    recorded(ctx, who, ATTEMPT, reported).await
}

async fn report(ctx: &Context, who: &SignedIn, session: &str) -> Result<(), Error> {
    let unknown = || Error::refused(Reason::SessionUnknown);
    let session: SessionId = session.parse().map_err(|_| unknown())?;
    let id = parsed(session.as_str())?;
    let mut tx = ctx.db.begin().await?;
    // The session first, then changes, then people: a decision takes its locks in the same order, so it has
    // either committed and is found, or finds its session ended.
    let facts = sessions::lock_session(&mut tx, id).await?.ok_or_else(unknown)?;
    let given = changes::lock_given_through(&mut tx, &session).await?;
    let signer = lock_signer(&mut tx, ctx, &who.person).await?;
    match decide_report_stolen(&signer, &facts) {
        Decision::Allow(permit) => {
            sessions::set_session_stolen(&mut tx, id).await?;
            audit::commit(&mut tx, ctx, &who.actor(), permit).await?;
            for permit in given {
                audit::commit(&mut tx, ctx, &who.actor(), permit).await?;
            }
            tx.commit().await?;
            Ok(())
        }
        Decision::Refuse(reasons) => Err(reasons.into()),
    }
}

/// Ends one live session of the caller: this one or another. Nothing that was done through it is taken back.
///
/// # Errors
/// `SessionUnknown` when it is no live one of theirs.
pub async fn end_session(ctx: &Context, who: &SignedIn, session: &str) -> Result<(), Error> {
    let ended = end(ctx, who, session).await;
    recorded(ctx, who, "people.end_session", ended).await
}

async fn end(ctx: &Context, who: &SignedIn, session: &str) -> Result<(), Error> {
    let unknown = || Error::refused(Reason::SessionUnknown);
    let session: SessionId = session.parse().map_err(|_| unknown())?;
    let id = parsed(session.as_str())?;
    if id == who.session_id {
        return sign_out(ctx, who).await;
    }
    let mut tx = ctx.db.begin().await?;
    let facts = sessions::lock_session(&mut tx, id).await?.ok_or_else(unknown)?;
    match decide_end(&who.person, &facts) {
        Decision::Allow(permit) => {
            if !sessions::set_session_ended(&mut tx, id, EndCause::SignedOut).await? {
                return Err(unknown());
            }
            audit::commit(&mut tx, ctx, &who.actor(), permit).await?;
            tx.commit().await?;
            Ok(())
        }
        Decision::Refuse(reasons) => Err(reasons.into()),
    }
}

/// Ends every other live session of the caller. Nothing that was done through them is taken back.
///
/// # Errors
/// When the database refuses; then all of them are still live.
pub async fn sign_out_elsewhere(ctx: &Context, who: &SignedIn) -> Result<(), Error> {
    let mut tx = ctx.db.begin().await?;
    let ended = sessions::set_others_ended(&mut tx, &who.person, who.session_id).await?;
    if let Some(permit) = permit_sign_out_elsewhere(who.person.clone(), ended) {
        audit::commit(&mut tx, ctx, &who.actor(), permit).await?;
    }
    tx.commit().await?;
    Ok(())
}
