//! Enrolling a key: the first by a founder's code (or the demo's leave), each further one signed for
//! by one that the person has, over the new key's own digest. Any other first key is asked for ([`super::ask`]).

use super::ask::{ask, has_open_key};
use super::{lock_signer, read_signer, recorded};
use crate::audit;
use crate::context::Context;
use crate::error::Error;
use crate::people::ceremony::{self, REGISTER, begin_signature, finish_signature, take_ceremony};
use crate::people::founders::code_hash;
use crate::people::gained::admits_by_itself;
use crate::people::session::SignedIn;
use crate::people::signers::names;
use crate::people::store::ceremonies::CeremonyRecord;
use crate::people::store::requests::list_standing_roles;
use crate::people::store::{keys, parsed, persons};
use gatehouse_app::people::shape::{EnrolRequest, EnrolStep, SignatureRequest};
use gatehouse_domain::act::{Act, ActDraft, SignedDecision};
use gatehouse_domain::people::Signer;
use gatehouse_domain::people::decide::decide_enrol_key;
use gatehouse_domain::people::events::{EnrolledBy, KeyEnrolled};
use gatehouse_domain::people::roles::permit_roles_trusted;
use gatehouse_domain::personal::is_showable;
use gatehouse_domain::webauthn::StoredCredential;
use gatehouse_domain::{Decision, Digest, Reason, Reasons};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// Longer names break tables; shorter ones say nothing.
const MAX_NAME: usize = 64;
const ATTEMPT: &str = "people.enrol_key";

/// What an enrolment remembers between its steps.
#[derive(Debug, Serialize, Deserialize)]
struct Pending {
    name: String,
    /// A founder's code, checked again when it is used.
    code_hash: Option<Digest>,
    /// The new key, once it has been made and waits for the first one's signature.
    credential: Option<StoredCredential>,
}

/// Begins to enrol a key.
///
/// # Errors
/// `NotAdmitted`, `FounderCodeInvalid`, `TextRefused`, `RequestOpen`.
pub async fn begin_enrol(ctx: &Context, who: &SignedIn, request: EnrolRequest) -> Result<SignatureRequest, Error> {
    let begun = begin(ctx, who, request).await;
    recorded(ctx, who, ATTEMPT, begun).await
}

async fn begin(ctx: &Context, who: &SignedIn, request: EnrolRequest) -> Result<SignatureRequest, Error> {
    let mut tx = ctx.db.begin().await?;
    let signer = read_signer(&mut tx, ctx, &who.person).await?;
    let name = request.name.trim().to_owned();
    let code = request.founder_code.as_deref().map(str::trim).filter(|code| !code.is_empty()).map(code_hash);
    let mut reasons = Vec::new();
    if !signer.is_admitted {
        reasons.push(Reason::NotAdmitted);
    }
    if name.is_empty() || name.chars().count() > MAX_NAME || name.contains('\n') || !is_showable(&name) {
        reasons.push(Reason::TextRefused);
    }
    match first_key_by(&mut tx, ctx, &signer, code.as_ref()).await? {
        FirstKey::Refused => reasons.push(Reason::FounderCodeInvalid),
        FirstKey::Ask if has_open_key(&mut tx, ctx, who).await? => reasons.push(Reason::RequestOpen),
        _ => {}
    }
    if let Some(reasons) = Reasons::from_vec(reasons) {
        return Err(reasons.into());
    }
    let existing: Vec<_> = keys::list_keys(&mut tx, &who.person).await?.into_iter().map(|key| key.credential).collect();
    let shown = names(&mut tx, &BTreeSet::from([who.person.clone()])).await?.remove(&who.person);
    let shown = shown.unwrap_or_else(|| who.person.to_string());
    let started = ctx.authenticators.start_registration(&who.person, &shown, &existing).map_err(Error::internal)?;
    let pending = Pending { name, code_hash: code, credential: None };
    let record = CeremonyRecord {
        person: who.person.clone(),
        session_id: who.session_id,
        purpose: REGISTER.to_owned(),
        act_bytes: None,
        state: started.state,
        context: serde_json::to_value(&pending).map_err(Error::internal)?,
        is_live: true,
    };
    let id = ceremony::insert(&mut tx, ctx, &record).await?;
    tx.commit().await?;
    Ok(ceremony::Ceremony { id, options: started.options, act: None }.request())
}

/// Takes the new credential. A first one is done, or asked for; otherwise the first one signs for it.
///
/// # Errors
/// `CeremonyUnknown`, `CeremonyForeign`, `KeyNotDeviceBound`, `UserNotVerified`, `SignatureInvalid`,
/// `KeyAlreadyEnrolled`, `NotAdmitted`, `FounderCodeInvalid`, `RequestOpen`.
pub async fn finish_enrol(ctx: &Context, who: &SignedIn, ceremony: &str, credential: &str) -> Result<EnrolStep, Error> {
    let finished = finish(ctx, who, ceremony, credential).await;
    recorded(ctx, who, ATTEMPT, finished).await
}

async fn finish(ctx: &Context, who: &SignedIn, ceremony: &str, credential: &str) -> Result<EnrolStep, Error> {
    let (state, context) = ceremony::take(ctx, who, ceremony, &[REGISTER]).await?.into_registration();
    let pending: Pending = serde_json::from_value(context).map_err(Error::internal)?;
    let made = ctx.authenticators.finish_registration(&state, credential.as_bytes()).map_err(|refused| {
        tracing::info!(target: "people", person = %who.person, error = %refused, "registration refused");
        Error::refused(refused.reason())
    })?;
    let mut tx = ctx.db.begin().await?;
    persons::lock_person(&mut tx, &who.person).await?;
    let signer = lock_signer(&mut tx, ctx, &who.person).await?;
    // Said now, before anybody signs for it; decided again when it is enrolled.
    if keys::has_credential(&mut tx, &made.id_base64url()).await? {
        return Err(Error::refused(Reason::KeyAlreadyEnrolled));
    }
    let step = match first_key_by(&mut tx, ctx, &signer, pending.code_hash.as_ref()).await? {
        FirstKey::By(by) => {
            let code = pending.code_hash.filter(|_| matches!(by, EnrolledBy::FounderCode { .. }));
            enrol(&mut tx, ctx, who, &signer, &pending.name, &made, by).await?;
            if let Some(code) = code {
                trust_roles(&mut tx, ctx, who, &code).await?;
            }
            EnrolStep::Done
        }
        FirstKey::Ask => {
            ask(&mut tx, ctx, who, &signer, &pending.name, &made).await?;
            EnrolStep::Asked
        }
        FirstKey::Refused => return Err(Error::refused(Reason::FounderCodeInvalid)),
        FirstKey::IsThere => {
            let draft = ActDraft {
                act: Act::EnrolKey,
                decision: SignedDecision::Enrol,
                subject_digest: made.subject_digest().map_err(Error::internal)?,
                comment_digest: Digest::of(b""),
            };
            let pending = Pending { credential: Some(made), ..pending };
            let context = serde_json::to_value(&pending).map_err(Error::internal)?;
            EnrolStep::SignWithExisting(begin_signature(&mut tx, ctx, who, draft, context).await?.request())
        }
    };
    tx.commit().await?;
    Ok(step)
}

/// Takes the first key's signature over the new one.
///
/// # Errors
/// As [`finish_enrol`], and `KeyNotActive` when the signing key is not the person's own and active.
pub async fn finish_enrol_signature(
    ctx: &Context,
    who: &SignedIn,
    ceremony: &str,
    assertion: &str,
) -> Result<EnrolStep, Error> {
    let finished = finish_signed(ctx, who, ceremony, assertion).await;
    recorded(ctx, who, ATTEMPT, finished).await
}

async fn finish_signed(ctx: &Context, who: &SignedIn, ceremony: &str, assertion: &str) -> Result<EnrolStep, Error> {
    let taken = take_ceremony(ctx, who, ceremony, Act::EnrolKey).await?;
    let mut tx = ctx.db.begin().await?;
    persons::lock_person(&mut tx, &who.person).await?;
    let signer = lock_signer(&mut tx, ctx, &who.person).await?;
    let signature = finish_signature(&mut tx, ctx, who, taken, assertion).await?;
    let pending: Pending = serde_json::from_value(signature.context).map_err(Error::internal)?;
    let made = pending.credential.ok_or_else(|| Error::internal("an enrolment's signature has no new key"))?;
    if signature.act.subject_digest() != &made.subject_digest().map_err(Error::internal)? {
        return Err(Error::refused(Reason::SignatureInvalid));
    }
    enrol(&mut tx, ctx, who, &signer, &pending.name, &made, EnrolledBy::Signature(signature.proof)).await?;
    tx.commit().await?;
    Ok(EnrolStep::Done)
}

/// On whose word a first key may come in.
#[derive(Debug, PartialEq, Eq)]
enum FirstKey {
    /// It would not be the first.
    IsThere,
    By(EnrolledBy),
    /// On that of two others, and not at once.
    Ask,
    Refused,
}

async fn first_key_by(
    conn: &mut PgConnection,
    ctx: &Context,
    signer: &Signer,
    code: Option<&Digest>,
) -> Result<FirstKey, Error> {
    if !signer.active_keys.is_empty() {
        return Ok(FirstKey::IsThere);
    }
    if let Some(code) = code
        && persons::lock_founder_code(conn, &signer.person, code).await?
    {
        return Ok(FirstKey::By(EnrolledBy::FounderCode { code_hash: code.clone() }));
    }
    Ok(match code {
        _ if admits_by_itself(ctx) => FirstKey::By(EnrolledBy::Demo),
        // Whoever typed a code meant it: a wrong one must not quietly become something else.
        Some(_) => FirstKey::Refused,
        None => FirstKey::Ask,
    })
}

/// The roles with which a founder came count with their key.
async fn trust_roles(conn: &mut PgConnection, ctx: &Context, who: &SignedIn, code: &Digest) -> Result<(), Error> {
    let only = [who.person.to_string()];
    let standing = list_standing_roles(conn, Some(&only)).await?.remove(&who.person).unwrap_or_default();
    let waiting = standing.into_iter().filter(|(_, role)| !role.counts && !role.refused);
    let waiting = waiting.map(|(role, standing)| (role, standing.request)).collect();
    if let Some(permit) = permit_roles_trusted(&who.person, code, &waiting) {
        audit::commit(conn, ctx, &who.actor(), permit).await?;
    }
    Ok(())
}

async fn enrol(
    conn: &mut PgConnection,
    ctx: &Context,
    who: &SignedIn,
    signer: &Signer,
    name: &str,
    made: &StoredCredential,
    by: EnrolledBy,
) -> Result<(), Error> {
    let at = ctx.now(conn).await?;
    let enrolled = KeyEnrolled {
        person: who.person.clone(),
        key: parsed(&ctx.entropy.split("people.key_id").uuid_v7(at).to_string())?,
        name: audit::seal(conn, ctx, who.person.as_str(), name).await?,
        credential_id: made.id_base64url(),
        public_key: made.public_key.clone(),
        by,
        github_id: signer.github_id,
    };
    let is_known = keys::has_credential(conn, &enrolled.credential_id).await?;
    let key = enrolled.key.clone();
    match decide_enrol_key(signer, enrolled, is_known) {
        Decision::Allow(permit) => {
            audit::commit(conn, ctx, &who.actor(), permit).await?;
            keys::set_counter(conn, &key, made.counter).await
        }
        Decision::Refuse(reasons) => Err(reasons.into()),
    }
}
