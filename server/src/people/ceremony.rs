//! One touch over one act: asked for, taken, verified.
//!
//! Three steps, and the types keep their order: [`begin_signature`] writes what is to be signed;
//! [`take_ceremony`] removes it in a transaction of its own, so that **whatever the check says, and
//! even if it crashes, it cannot be tried twice**; [`finish_signature`] consumes what was taken.

use super::session::SignedIn;
use super::store::ceremonies::{self, CeremonyRecord};
use super::store::keys;
use super::store::persons::{self, Hold};
use crate::context::Context;
use crate::error::Error;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatehouse_app::people::shape::SignatureRequest;
use gatehouse_domain::Reason;
use gatehouse_domain::act::{Act, ActDraft, Nonce, SignedAct};
use gatehouse_domain::people::events::Proof;
use gatehouse_domain::webauthn::Assertion;
use gatehouse_domain::words::six_words;
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

/// Purpose of a registration; every other purpose is the act that is signed.
pub(super) const REGISTER: &str = "people.register";

/// A ceremony that waits for a touch.
#[derive(Debug, Clone)]
pub struct Ceremony {
    /// To be given back with the answer.
    pub id: Uuid,
    /// For the browser, without `publicKey` around it.
    pub options: Value,
    /// What is signed; `None` for a registration.
    pub act: Option<SignedAct>,
}

impl Ceremony {
    /// As the page wants it.
    #[must_use]
    pub fn request(&self) -> SignatureRequest {
        SignatureRequest {
            ceremony: self.id.to_string(),
            options: json!({ "publicKey": self.options }).to_string(),
            act: self.act.as_ref().map(|act| String::from_utf8_lossy(act.bytes()).into_owned()).unwrap_or_default(),
            six_words: self.act.iter().flat_map(|act| six_words(act.subject_digest())).map(ToOwned::to_owned).collect(),
        }
    }
}

/// A ceremony that was removed from the database for this person, in this session, for this purpose.
#[derive(Debug)]
pub struct Taken {
    act: Option<SignedAct>,
    state: Value,
    context: Value,
}

impl Taken {
    pub(super) fn into_registration(self) -> (Value, Value) {
        (self.state, self.context)
    }

    /// What the caller of [`begin_signature`] left for itself.
    #[must_use]
    pub fn context(&self) -> &Value {
        &self.context
    }
}

/// A signature that both verifiers believe, by a key that is the person's own and active.
#[derive(Debug, Clone)]
pub struct Signature {
    /// What was signed.
    pub act: SignedAct,
    /// The whole proof, for the log.
    pub proof: Proof,
    /// What the caller of [`begin_signature`] left for itself.
    pub context: Value,
}

/// Asks `who` for a signature over `draft`. `context` comes back with the signature.
///
/// # Errors
/// `NoKey` when the person has no active key; otherwise when the database or the library refuses.
pub async fn begin_signature(
    conn: &mut PgConnection,
    ctx: &Context,
    who: &SignedIn,
    draft: ActDraft,
    context: Value,
) -> Result<Ceremony, Error> {
    let nonce = Nonce::new(ctx.entropy.split("people.act_nonce").bytes());
    let act = draft.by(who.person.clone(), &ctx.log_origin, nonce).map_err(Error::internal)?;
    let all = keys::list_keys(conn, &who.person).await?;
    let active: Vec<_> = all.into_iter().filter(|key| key.counts).map(|key| key.credential).collect();
    if active.is_empty() {
        return Err(Error::refused(Reason::NoKey));
    }
    let started = ctx.authenticators.start_signature(&active, act.challenge()).map_err(Error::internal)?;
    let record = CeremonyRecord {
        person: who.person.clone(),
        session_id: who.session_id,
        purpose: act.act().as_str().to_owned(),
        act_bytes: Some(act.bytes().to_vec()),
        state: started.state,
        context,
        is_live: true,
    };
    let id = insert(conn, ctx, &record).await?;
    Ok(Ceremony { id, options: started.options, act: Some(act) })
}

pub(super) async fn insert(conn: &mut PgConnection, ctx: &Context, record: &CeremonyRecord) -> Result<Uuid, Error> {
    // Random, not by time: who cannot see it cannot take it away either.
    let id = ctx.entropy.split("people.ceremony").uuid_v4();
    ceremonies::insert_ceremony(conn, id, record).await?;
    Ok(id)
}

/// Takes a ceremony, once. Commits at once, before anything is checked.
///
/// # Errors
/// `CeremonyUnknown` when it was taken before, is over or never was; `CeremonyForeign` when it is
/// another person's, another session's or for another purpose.
pub async fn take_ceremony(ctx: &Context, who: &SignedIn, id: &str, act: Act) -> Result<Taken, Error> {
    take(ctx, who, id, &[act.as_str()]).await
}

/// The same, for a ceremony that has one of several purposes.
pub(super) async fn take(ctx: &Context, who: &SignedIn, id: &str, purposes: &[&str]) -> Result<Taken, Error> {
    let unknown = || Error::refused(Reason::CeremonyUnknown);
    let id: Uuid = id.parse().map_err(|_| unknown())?;
    let mut conn = ctx.db.acquire().await?;
    let record = ceremonies::take_ceremony(&mut conn, id).await?.ok_or_else(unknown)?;
    if record.person != who.person
        || record.session_id != who.session_id
        || !purposes.contains(&record.purpose.as_str())
    {
        return Err(Error::refused(Reason::CeremonyForeign));
    }
    if !record.is_live {
        return Err(unknown());
    }
    let act = record.act_bytes.as_deref().map(SignedAct::parse).transpose().map_err(Error::internal)?;
    Ok(Taken { act, state: record.state, context: record.context })
}

/// Verifies the answer with both verifiers, against the person's own active keys as they are now, and
/// counts the use, in the caller's transaction: **if that rolls back, the key's counter does too**,
/// but the ceremony stays taken.
///
/// # Errors
/// `KeyNotActive` for a key that is not the person's own and active; `UserNotVerified`,
/// `KeyNotDeviceBound` or `SignatureInvalid` for what the verifiers refuse.
pub async fn finish_signature(
    conn: &mut PgConnection,
    ctx: &Context,
    who: &SignedIn,
    taken: Taken,
    assertion_json: &str,
) -> Result<Signature, Error> {
    let act = taken.act.ok_or_else(|| Error::internal("a signature's ceremony has no act"))?;
    // Written for this person and this log by `begin_signature`; checked again, since everything hangs on it.
    if act.person() != &who.person || act.log_origin() != ctx.log_origin {
        return Err(Error::refused(Reason::CeremonyForeign));
    }
    // The person before the key, as everywhere: revoking holds the person, then wants the key.
    persons::list_persons(conn, &[who.person.to_string()], Hold::Share).await?;
    let assertion =
        Assertion::from_json(assertion_json.as_bytes()).map_err(|_| Error::refused(Reason::SignatureInvalid))?;
    let key = keys::lock_active_key(conn, &who.person, &assertion.credential_id)
        .await?
        .ok_or_else(|| Error::refused(Reason::KeyNotActive))?;
    let verified = ctx
        .authenticators
        .finish_signature(&who.person, &key.credential, act.challenge(), &taken.state, assertion_json.as_bytes())
        .map_err(|refused| {
            tracing::info!(target: "people", person = %who.person, key = %key.key, error = %refused, "signature refused");
            Error::refused(refused.reason())
        })?;
    let now = ctx.now(conn).await?;
    keys::set_used(conn, &key.key, verified.counter, now).await?;
    let proof = Proof {
        key: key.key,
        act: String::from_utf8(act.bytes().to_vec()).map_err(Error::internal)?,
        client_data_json: URL_SAFE_NO_PAD.encode(&assertion.client_data_json),
        authenticator_data: URL_SAFE_NO_PAD.encode(&assertion.authenticator_data),
        signature: URL_SAFE_NO_PAD.encode(&assertion.signature),
    };
    Ok(Signature { act, proof, context: taken.context })
}
