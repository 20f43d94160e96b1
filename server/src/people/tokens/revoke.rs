//! Ending a token before its time: its maker does, or security.

use super::store;
use crate::audit;
use crate::context::Context;
use crate::error::Error;
use crate::people::service::{lock_signer, recorded};
use crate::people::session::SignedIn;
use gatehouse_domain::people::tokens::decide_revoke_token;
use gatehouse_domain::{Decision, Reason, TokenId};

/// Ends a token, at once.
///
/// # Errors
/// `TokenUnknown` when there is none, it ended already, or it is not the caller's to end.
pub async fn revoke_token(ctx: &Context, who: &SignedIn, token: &str) -> Result<(), Error> {
    let revoked = revoke(ctx, who, token).await;
    recorded(ctx, who, "people.revoke_token", revoked).await
}

async fn revoke(ctx: &Context, who: &SignedIn, token: &str) -> Result<(), Error> {
    let token: TokenId = token.parse().map_err(|_| Error::refused(Reason::TokenUnknown))?;
    let mut tx = ctx.db.begin().await?;
    let signer = lock_signer(&mut tx, ctx, &who.person).await?;
    let token = store::lock_token(&mut tx, &token).await?;
    match decide_revoke_token(&signer, token.as_ref()) {
        Decision::Allow(permit) => {
            audit::commit(&mut tx, ctx, &who.actor(), permit).await?;
            tx.commit().await?;
            Ok(())
        }
        Decision::Refuse(reasons) => Err(reasons.into()),
    }
}
