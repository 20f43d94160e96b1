//! Who is looking, as every page's frame says it.

use super::read_signer;
use crate::context::Context;
use crate::error::Error;
use crate::people::session::SignedIn;
use crate::people::signers::names;
use gatehouse_app::shape::{Me, PersonView};
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
