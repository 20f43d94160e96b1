//! Who is looking, as every page's frame says it.

use super::read_signer;
use crate::context::Context;
use crate::error::Error;
use crate::people::session::SignedIn;
use crate::people::signers::names;
use crate::people::store::requests::find_refounding;
use gatehouse_app::shape::{Me, PersonView};
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// The person, what they hold and whether they can act.
///
/// # Errors
/// When the database refuses.
pub async fn me(ctx: &Context, who: &SignedIn) -> Result<Me, Error> {
    let mut conn = ctx.db.acquire().await?;
    let signer = read_signer(&mut conn, ctx, &who.person).await?;
    let name = names(&mut conn, &BTreeSet::from([who.person.clone()])).await?.remove(&who.person);
    Ok(Me {
        person: PersonView { id: who.person.to_string(), name },
        roles: signer.held_roles().iter().map(ToString::to_string).collect(),
        is_admitted: signer.is_admitted,
        active_keys: u32::try_from(signer.active_keys.len()).unwrap_or(u32::MAX),
    })
}

/// What every page says for a week after the founders began again.
///
/// # Errors
/// When the database refuses.
pub async fn notice(conn: &mut PgConnection) -> Result<Option<String>, Error> {
    let at = find_refounding(conn).await?;
    Ok(at.map(|at| {
        let at = at.format("%Y-%m-%d %H:%M UTC");
        format!("Gatehouse was refounded offline at {at}: all founders' keys were replaced. If you did not expect this, stop and ask; the audit log says why it was done.")
    }))
}
