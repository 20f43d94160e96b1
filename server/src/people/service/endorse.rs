//! Saying yes or no to another's key or role, by signature over exactly what is asked for.

use super::{lock_signer, read_signer};
use crate::audit;
use crate::context::Context;
use crate::error::Error;
use crate::people::ceremony::{begin_signature, finish_signature, take};
use crate::people::role_facts::refresh_role_facts_if_possible;
use crate::people::session::SignedIn;
use crate::people::store::persons;
use crate::people::store::requests::{find_key_differs, find_request, lock_request};
use gatehouse_app::people::shape::{EndorseRequest, SignatureRequest};
use gatehouse_domain::act::{Act, ActDraft, SignedDecision};
use gatehouse_domain::audit::About;
use gatehouse_domain::people::endorse::{decide_endorse, reasons_against};
use gatehouse_domain::people::request::Request;
use gatehouse_domain::{Decision, Digest, PersonId, Reason, Reasons, RequestId};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

/// What an attempt is called in the log.
const ATTEMPT: &str = "people.endorse";

#[derive(Debug, Serialize, Deserialize)]
struct Pending {
    request: RequestId,
    person: PersonId,
}

/// Begins to say yes or no.
///
/// # Errors
/// `RequestUnknown`, `RequestReplaced` when another digest was shown, and every reason of
/// [`gatehouse_domain::people::endorse::reasons_against`].
pub async fn begin_endorsement(
    ctx: &Context,
    who: &SignedIn,
    request: EndorseRequest,
) -> Result<SignatureRequest, Error> {
    let mut about = who.person.clone();
    let begun = begin(ctx, who, request, &mut about).await;
    recorded(ctx, who, about, begun).await
}

async fn begin(
    ctx: &Context,
    who: &SignedIn,
    asked: EndorseRequest,
    about: &mut PersonId,
) -> Result<SignatureRequest, Error> {
    let unknown = || Error::refused(Reason::RequestUnknown);
    let id: RequestId = asked.request.parse().map_err(|_| unknown())?;
    let mut tx = ctx.db.begin().await?;
    let request = find_request(&mut tx, &id).await?.ok_or_else(unknown)?;
    about.clone_from(request.wanted.person());
    let act = request.wanted.act();
    let mut decisions = SignedDecision::ALL.iter().copied();
    let decision = decisions.find(|d| d.as_str() == asked.decision && act.admits(*d));
    let decision = decision.ok_or_else(|| Error::refused(Reason::BodyMalformed("no such decision".to_owned())))?;
    let signer = read_signer(&mut tx, ctx, &who.person).await?;
    let now = ctx.now(&mut tx).await?;
    let mut against = Vec::new();
    if asked.subject_digest != request.digest.as_str() {
        against.push(Reason::RequestReplaced);
    }
    against.extend(reasons_against(&request, &signer, decision, now));
    if let Some(reasons) = Reasons::from_vec(against) {
        return Err(reasons.into());
    }
    let draft = ActDraft { act, decision, subject_digest: request.digest.clone(), comment_digest: Digest::of(b"") };
    let context = serde_json::to_value(Pending { request: id, person: about.clone() }).map_err(Error::internal)?;
    let ceremony = begin_signature(&mut tx, ctx, who, draft, context).await?;
    tx.commit().await?;
    Ok(ceremony.request())
}

/// Takes the signed yes or no. Everything is decided again, under locks, from what is true now. Gives a sentence.
///
/// # Errors
/// As [`begin_endorsement`], and whatever is wrong with ceremony or signature.
pub async fn finish_endorsement(
    ctx: &Context,
    who: &SignedIn,
    ceremony: &str,
    assertion: &str,
) -> Result<String, Error> {
    let mut about = who.person.clone();
    let finished = finish(ctx, who, ceremony, assertion, &mut about).await;
    recorded(ctx, who, about, finished).await
}

async fn finish(
    ctx: &Context,
    who: &SignedIn,
    ceremony: &str,
    assertion: &str,
    about: &mut PersonId,
) -> Result<String, Error> {
    let taken = take(ctx, who, ceremony, &[Act::EndorseKey.as_str(), Act::EndorseRole.as_str()]).await?;
    let pending: Pending = serde_json::from_value(taken.context().clone()).map_err(Error::internal)?;
    about.clone_from(&pending.person);
    // Who is to judge another must be known to be who they were a quarter of an hour ago. An outage is no refusal of
    // theirs: the facts' age is among the reasons below.
    refresh_role_facts_if_possible(ctx, &who.person).await;
    let mut tx = ctx.db.begin().await?;
    lock_both(&mut tx, &pending.person, &who.person).await?;
    let request = lock_request(&mut tx, &pending.request).await?;
    let request = request.ok_or_else(|| Error::refused(Reason::RequestUnknown))?;
    let signature = finish_signature(&mut tx, ctx, who, taken, assertion).await?;
    let signer = lock_signer(&mut tx, ctx, &who.person).await?;
    let now = ctx.now(&mut tx).await?;
    if signature.act.act() != request.wanted.act() || find_key_differs(&mut tx, &request.wanted).await? {
        return Err(Error::refused(Reason::RequestReplaced));
    }
    let (decision, signed) = (signature.act.decision(), signature.act.subject_digest().clone());
    match decide_endorse(&request, &signer, decision, signed, signature.proof, now) {
        Decision::Allow(permit) => {
            audit::commit(&mut tx, ctx, &who.actor(), permit).await?;
            let after = lock_request(&mut tx, &pending.request).await?;
            tx.commit().await?;
            Ok(outcome(after.as_ref()))
        }
        Decision::Refuse(reasons) => Err(reasons.into()),
    }
}

/// One change of a person's requests at a time, while nobody takes anything from the endorser; in the order of their
/// ids, so that two who endorse each other do not wait for each other.
async fn lock_both(conn: &mut PgConnection, person: &PersonId, endorser: &PersonId) -> Result<(), Error> {
    for id in std::collections::BTreeSet::from([person, endorser]) {
        if id == person {
            persons::lock_person(conn, id).await?;
        } else {
            persons::list_persons(conn, &[id.to_string()], persons::Hold::Share).await?;
        }
    }
    Ok(())
}

fn outcome(request: Option<&Request>) -> String {
    match request.map(|request| (request.ended, request.counts_from)) {
        Some((None, Some(from))) => {
            format!("Endorsed. It counts from {}, if nobody refuses until then.", from.format("%Y-%m-%d %H:%M UTC"))
        }
        Some((None, None)) => "Endorsed. One more person must endorse it.".to_owned(),
        _ => "Refused. The request has ended.".to_owned(),
    }
}

/// The entry of a refusal is about the person whose request it is, once that is known.
async fn recorded<T>(ctx: &Context, who: &SignedIn, about: PersonId, result: Result<T, Error>) -> Result<T, Error> {
    audit::recorded(ctx, &who.actor(), ATTEMPT, About::Person(about), result).await
}
