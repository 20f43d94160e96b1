//! A person's signed word about one thing, for slices whose acts are one touch long: what is wanted and why is kept
//! beside the ceremony, comes back with the signature, and is worth nothing where it is not what was signed.

use super::ceremony::{Taken, begin_signature, finish_signature, take};
use super::session::SignedIn;
use super::signers::{lock_signers, read_signers};
use crate::audit;
use crate::context::Context;
use crate::error::Error;
use gatehouse_app::people::shape::SignatureRequest;
use gatehouse_domain::act::{Act, ActDraft, SignedDecision};
use gatehouse_domain::people::Signer;
use gatehouse_domain::people::events::Proof;
use gatehouse_domain::personal::Personal;
use gatehouse_domain::{Digest, PersonId, Reason};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// What can be wanted by one signature.
pub trait Wish: Serialize + DeserializeOwned {
    /// What is signed, and which way.
    fn act(&self) -> (Act, SignedDecision);

    /// SHA-256 of exactly what it is about. `words` is the commitment to the words beside it, for a subject that they
    /// are a part of.
    ///
    /// # Errors
    /// When it has no canonical bytes.
    fn subject(&self, words: &Digest) -> Result<Digest, Error>;
}

/// A wish on its way, as the ceremony keeps it.
#[derive(Debug, Serialize, Deserialize)]
struct Pending<W> {
    wanted: W,
    why: Personal,
}

/// What a signature says: the words are opened, the proof is whole.
pub struct Granted {
    /// The words beside it.
    pub why: Personal,
    /// The signature.
    pub proof: Proof,
}

/// Asks `who` for a signature over `wanted`, with these words.
///
/// # Errors
/// `NoKey`, or when the database refuses.
pub async fn begin_wish<W: Wish>(
    conn: &mut PgConnection,
    ctx: &Context,
    who: &SignedIn,
    wanted: W,
    why: &str,
) -> Result<SignatureRequest, Error> {
    let why = audit::seal(conn, ctx, who.person.as_str(), why).await?;
    let (act, decision) = wanted.act();
    let draft = ActDraft {
        act,
        decision,
        subject_digest: wanted.subject(&why.commitment)?,
        comment_digest: why.commitment.clone(),
    };
    let pending = serde_json::to_value(Pending { wanted, why }).map_err(Error::internal)?;
    Ok(begin_signature(conn, ctx, who, draft, pending).await?.request())
}

/// Takes the ceremony, once, and what was wanted with it.
///
/// # Errors
/// `CeremonyUnknown`, `CeremonyForeign`.
pub async fn take_wish<W: Wish>(ctx: &Context, who: &SignedIn, id: &str, acts: &[Act]) -> Result<(Taken, W), Error> {
    let purposes: Vec<&str> = acts.iter().map(|act| act.as_str()).collect();
    let taken = take(ctx, who, id, &purposes).await?;
    let pending: Pending<W> = serde_json::from_value(taken.context().clone()).map_err(Error::internal)?;
    Ok((taken, pending.wanted))
}

/// Verifies the signature: it is over `wanted`, decided this way, with the words that were written.
///
/// # Errors
/// As [`finish_signature`]; `SignatureInvalid` when it is over anything else.
pub async fn finish_wish<W: Wish>(
    conn: &mut PgConnection,
    ctx: &Context,
    who: &SignedIn,
    taken: Taken,
    wanted: &W,
    assertion: &str,
) -> Result<Granted, Error> {
    let signature = finish_signature(conn, ctx, who, taken, assertion).await?;
    let Pending::<W> { why, .. } = serde_json::from_value(signature.context).map_err(Error::internal)?;
    let said = (signature.act.act(), signature.act.decision());
    let is_it = said == wanted.act()
        && *signature.act.subject_digest() == wanted.subject(&why.commitment)?
        && *signature.act.comment_digest() == why.commitment;
    if !is_it {
        return Err(Error::refused(Reason::SignatureInvalid));
    }
    let clear = audit::open(conn, ctx, &why).await?;
    Ok(Granted { why: Personal { clear, ..why }, proof: signature.proof })
}

/// One person, held for a decision.
///
/// # Errors
/// When the database refuses.
pub async fn lock_one(conn: &mut PgConnection, ctx: &Context, person: &PersonId) -> Result<Signer, Error> {
    only(lock_signers(conn, ctx, &BTreeSet::from([person.clone()])).await?.into_values())
}

/// One person, for a page.
///
/// # Errors
/// When the database refuses.
pub async fn read_one(conn: &mut PgConnection, ctx: &Context, person: &PersonId) -> Result<Signer, Error> {
    only(read_signers(conn, ctx, &BTreeSet::from([person.clone()])).await?.into_values())
}

fn only(mut signers: impl Iterator<Item = Signer>) -> Result<Signer, Error> {
    signers.next().ok_or_else(|| Error::internal("a signer that was asked for is not there"))
}
