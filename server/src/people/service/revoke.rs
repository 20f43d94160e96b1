//! Revoking one's own key, signed by any of one's active keys, the revoked one included. The last one
//! too: then nothing can be signed until two others endorsed a new one, which the page says beforehand.

use super::{lock_signer, recorded};
use crate::audit;
use crate::context::Context;
use crate::error::Error;
use crate::people::ceremony::{begin_signature, finish_signature, take_ceremony};
use crate::people::requests::fell_endorsements_of;
use crate::people::session::SignedIn;
use crate::people::store::keys::list_keys;
use crate::people::store::persons;
use gatehouse_app::people::shape::SignatureRequest;
use gatehouse_domain::act::{Act, ActDraft, SignedDecision};
use gatehouse_domain::people::decide::decide_revoke_key;
use gatehouse_domain::people::events::KeyRevoked;
use gatehouse_domain::{Decision, Digest, KeyId, Reason};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

const ATTEMPT: &str = "people.revoke_key";

#[derive(Debug, Serialize, Deserialize)]
struct Pending {
    key: KeyId,
}

/// Begins to revoke a key.
///
/// # Errors
/// `KeyNotActive` when it is not the caller's own active key.
pub async fn begin_revoke(ctx: &Context, who: &SignedIn, key: &str) -> Result<SignatureRequest, Error> {
    let begun = begin(ctx, who, key).await;
    recorded(ctx, who, ATTEMPT, begun).await
}

async fn begin(ctx: &Context, who: &SignedIn, key: &str) -> Result<SignatureRequest, Error> {
    let key: KeyId = key.parse().map_err(|_| Error::refused(Reason::KeyNotActive))?;
    let mut tx = ctx.db.begin().await?;
    let draft = ActDraft {
        act: Act::RevokeKey,
        decision: SignedDecision::Revoke,
        subject_digest: subject(&mut tx, who, &key).await?,
        comment_digest: Digest::of(b""),
    };
    let context = serde_json::to_value(Pending { key }).map_err(Error::internal)?;
    let ceremony = begin_signature(&mut tx, ctx, who, draft, context).await?;
    tx.commit().await?;
    Ok(ceremony.request())
}

/// Takes the signed revocation.
///
/// # Errors
/// `CeremonyUnknown`, `CeremonyForeign`, `KeyNotActive`, `UserNotVerified`, `SignatureInvalid`.
pub async fn finish_revoke(ctx: &Context, who: &SignedIn, ceremony: &str, assertion: &str) -> Result<(), Error> {
    let finished = finish(ctx, who, ceremony, assertion).await;
    recorded(ctx, who, ATTEMPT, finished).await
}

async fn finish(ctx: &Context, who: &SignedIn, ceremony: &str, assertion: &str) -> Result<(), Error> {
    let taken = take_ceremony(ctx, who, ceremony, Act::RevokeKey).await?;
    let mut tx = ctx.db.begin().await?;
    persons::lock_person(&mut tx, &who.person).await?;
    let signer = lock_signer(&mut tx, ctx, &who.person).await?;
    let signature = finish_signature(&mut tx, ctx, who, taken, assertion).await?;
    let pending: Pending = serde_json::from_value(signature.context).map_err(Error::internal)?;
    if signature.act.subject_digest() != &subject(&mut tx, who, &pending.key).await? {
        return Err(Error::refused(Reason::SignatureInvalid));
    }
    let revoked = KeyRevoked { person: who.person.clone(), key: pending.key, proof: signature.proof };
    match decide_revoke_key(&signer, revoked) {
        Decision::Allow(permit) => {
            audit::commit(&mut tx, ctx, &who.actor(), permit).await?;
            // Whoever revokes a key may have lost it: what it endorsed and does not count yet falls with it.
            fell_endorsements_of(&mut tx, ctx, &who.person).await?;
            tx.commit().await?;
            Ok(())
        }
        Decision::Refuse(reasons) => Err(reasons.into()),
    }
}

/// The digest of the caller's own active key of this id.
async fn subject(conn: &mut PgConnection, who: &SignedIn, key: &KeyId) -> Result<Digest, Error> {
    let keys = list_keys(conn, &who.person).await?;
    let own = keys.iter().find(|own| own.key == *key && own.counts);
    let own = own.ok_or_else(|| Error::refused(Reason::KeyNotActive))?;
    own.credential.subject_digest().map_err(Error::internal)
}
