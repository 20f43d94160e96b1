//! Ending one's own session.

use crate::audit;
use crate::context::Context;
use crate::error::Error;
use crate::people::session::SignedIn;
use crate::people::store::sessions::{EndCause, set_session_ended};
use gatehouse_domain::people::decide::permit_sign_out;

/// Ends the session and every ceremony that it began. Ending it twice leaves one entry.
///
/// # Errors
/// When the database refuses; the session is then still live.
pub(in crate::people) async fn sign_out(ctx: &Context, who: &SignedIn) -> Result<(), Error> {
    let mut tx = ctx.db.begin().await?;
    if set_session_ended(&mut tx, who.session_id, EndCause::SignedOut).await? {
        audit::commit(&mut tx, ctx, &who.actor(), permit_sign_out(who.person.clone())).await?;
    }
    tx.commit().await?;
    Ok(())
}
