//! Asking for a first or replacement key: it waits for two others and 24 hours. And taking that back.

use super::{lock_signer, recorded};
use crate::audit;
use crate::context::Context;
use crate::error::Error;
use crate::people::gained::request_id;
use crate::people::session::SignedIn;
use crate::people::store::requests::{find_request, list_requests_of, lock_request};
use crate::people::store::{keys, parsed, persons};
use gatehouse_domain::people::Signer;
use gatehouse_domain::people::endorse::{decide_ask_key, decide_withdraw};
use gatehouse_domain::people::events::KeyAsked;
use gatehouse_domain::people::request::Wanted;
use gatehouse_domain::webauthn::StoredCredential;
use gatehouse_domain::{Decision, Reason, RequestId};
use sqlx::PgConnection;

/// Asks others to endorse a key that was just made. The caller holds the person's row.
pub(super) async fn ask(
    conn: &mut PgConnection,
    ctx: &Context,
    who: &SignedIn,
    signer: &Signer,
    name: &str,
    made: &StoredCredential,
) -> Result<(), Error> {
    let now = ctx.now(conn).await?;
    let wanted = Wanted::Key {
        request: request_id(&ctx.entropy.split("people.request_id"), now),
        person: who.person.clone(),
        key: parsed(&ctx.entropy.split("people.key_id").uuid_v7(now).to_string())?,
        credential_id: made.id_base64url(),
        public_key: made.public_key.clone(),
        roles: signer.admitted_roles.iter().copied().collect(),
    };
    let key = match &wanted {
        Wanted::Key { key, .. } => key.clone(),
        Wanted::Role { .. } => return Err(Error::internal("a key was asked for")),
    };
    let is_known = keys::has_credential(conn, &made.id_base64url()).await?;
    let has_open = has_open_key(conn, ctx, who).await?;
    let asked = KeyAsked {
        subject_digest: wanted.digest().map_err(Error::internal)?,
        wanted,
        name: audit::seal(conn, ctx, who.person.as_str(), name).await?,
    };
    match decide_ask_key(signer, asked, is_known, has_open) {
        Decision::Allow(permit) => {
            audit::commit(conn, ctx, &who.actor(), permit).await?;
            keys::set_counter(conn, &key, made.counter).await
        }
        Decision::Refuse(reasons) => Err(reasons.into()),
    }
}

/// Whether a key of this person's waits already.
pub(super) async fn has_open_key(conn: &mut PgConnection, ctx: &Context, who: &SignedIn) -> Result<bool, Error> {
    let now = ctx.now(conn).await?;
    let requests = list_requests_of(conn, &who.person).await?;
    Ok(requests.iter().any(|request| matches!(request.wanted, Wanted::Key { .. }) && request.is_open(now)))
}

/// Takes back one's own request for a key. It needs no signature: it only takes power away, from somebody who has none.
///
/// # Errors
/// `RequestUnknown`, `RequestEnded`.
pub async fn withdraw_request(ctx: &Context, who: &SignedIn, request: &str) -> Result<(), Error> {
    let withdrawn = withdraw(ctx, who, request).await;
    recorded(ctx, who, "people.withdraw_request", withdrawn).await
}

async fn withdraw(ctx: &Context, who: &SignedIn, request: &str) -> Result<(), Error> {
    let unknown = || Error::refused(Reason::RequestUnknown);
    let id: RequestId = request.parse().map_err(|_| unknown())?;
    let mut tx = ctx.db.begin().await?;
    // Another's request is not locked for somebody who has no business with it.
    find_request(&mut tx, &id).await?.filter(|r| *r.wanted.person() == who.person).ok_or_else(unknown)?;
    persons::lock_person(&mut tx, &who.person).await?;
    let request = lock_request(&mut tx, &id).await?.ok_or_else(unknown)?;
    let signer = lock_signer(&mut tx, ctx, &who.person).await?;
    let now = ctx.now(&mut tx).await?;
    match decide_withdraw(&request, &signer, now) {
        Decision::Allow(permit) => {
            audit::commit(&mut tx, ctx, &who.actor(), permit).await?;
            tx.commit().await?;
            Ok(())
        }
        Decision::Refuse(reasons) => Err(reasons.into()),
    }
}
