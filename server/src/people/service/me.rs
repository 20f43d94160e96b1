//! Who is looking, as every page's frame says it.

use super::read_signer;
use crate::audit;
use crate::context::Context;
use crate::error::Error;
use crate::people::founders::FOUNDERS;
use crate::people::session::SignedIn;
use crate::people::signers::names;
use crate::people::store::requests::find_refounding;
use gatehouse_app::shape::{Me, PersonView};
use gatehouse_domain::audit::Event;
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// The person, what they hold and whether they can act.
///
/// # Errors
/// When the database refuses.
pub async fn me(conn: &mut PgConnection, ctx: &Context, who: &SignedIn) -> Result<Me, Error> {
    let signer = read_signer(conn, ctx, &who.person).await?;
    let name = names(conn, &BTreeSet::from([who.person.clone()])).await?.remove(&who.person);
    Ok(Me {
        person: PersonView { id: who.person.to_string(), name },
        roles: signer.held_roles().iter().map(ToString::to_string).collect(),
        is_admitted: signer.is_admitted,
        active_keys: u32::try_from(signer.active_keys.len()).unwrap_or(u32::MAX),
    })
}

/// What every page says for a week after the founders began again; the reason only to whoever is signed in, because
/// it may name people.
///
/// # Errors
/// When the database refuses.
pub async fn notice(conn: &mut PgConnection, ctx: &Context, is_signed_in: bool) -> Result<Option<String>, Error> {
    let Some(at) = find_refounding(conn).await? else { return Ok(None) };
    let told = format!(
        "Gatehouse was refounded offline at {}: all founders' keys were replaced. If you did not expect this, stop and ask.",
        at.format("%Y-%m-%d %H:%M UTC")
    );
    let reason = if is_signed_in { reason(conn, ctx).await? } else { None };
    Ok(Some(match reason {
        Some(reason) => format!("{told} The reason given: {reason}"),
        None => told,
    }))
}

async fn reason(conn: &mut PgConnection, ctx: &Context) -> Result<Option<String>, Error> {
    let (entries, _) = audit::entries_about(conn, FOUNDERS).await?;
    let last = entries.iter().rev().find_map(|entry| match &entry.event {
        Event::Refounded(e) => Some(&e.reason),
        _ => None,
    });
    match last {
        Some(reason) => audit::open(conn, ctx, reason).await,
        None => Ok(None),
    }
}
