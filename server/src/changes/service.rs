//! A person decides on a change: what their key is to sign, and what came of the signature.

use super::execute::persons_of;
use super::{lane, store, way_back};
use crate::context::Context;
use crate::error::Error;
use crate::people::{self, SignedIn};
use crate::{audit, policy};
use gatehouse_app::changes::shape::{DecisionDone, DecisionRequest};
use gatehouse_app::people::shape::SignatureRequest;
use gatehouse_domain::act::{Act, ActDraft, SignedDecision};
use gatehouse_domain::audit::About;
use gatehouse_domain::changes::decide::{decide_sign, reasons_against};
use gatehouse_domain::changes::events::Signed;
use gatehouse_domain::changes::{Change, Freshness, derive_gate};
use gatehouse_domain::people::Signer;
use gatehouse_domain::personal::{Personal, is_showable};
use gatehouse_domain::{ChangeNumber, Decision, PersonId, Reason, Reasons};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an attempt is called in the log while it is not known which decision it was.
const ATTEMPT: &str = "changes.decide";

/// What the ceremony remembers of the request; the browser sends none of it again.
#[derive(Debug, Serialize, Deserialize)]
struct Wanted {
    number: ChangeNumber,
    comment: Personal,
    /// It is about going back: that holds more, and looks at the world again first.
    #[serde(default)]
    goes_back: bool,
}

/// Prepares a decision: everything against it now, or what the key is to sign.
///
/// # Errors
/// `Refused` with every reason, which is recorded; `NotFound`; or when the database does not answer.
pub async fn begin_decision(
    ctx: &Context,
    who: &SignedIn,
    request: DecisionRequest,
) -> Result<SignatureRequest, Error> {
    let Some((number, decision)) = parse(&request) else {
        return lost(ctx, who, Reason::BodyMalformed("no such decision, or no change's number".to_owned()).into())
            .await;
    };
    let mut tx = ctx.db.begin().await?;
    let rules = match policy::hold(&mut tx, ctx).await {
        Err(Error::Refused(reasons)) => {
            tx.rollback().await?;
            return refuse(ctx, who, &attempt(decision), About::Change(number), reasons).await;
        }
        other => other?,
    };
    let change = match store::get_change(&mut tx, &number).await {
        Err(Error::NotFound) => return lost(ctx, who, Reason::ChangeUnknown.into()).await,
        other => other?,
    };
    let (signer, signers) = signers(&mut tx, ctx, &change, &who.person).await?;
    let now = ctx.now(&mut tx).await?;

    let mut against = Vec::new();
    if request.subject_digest != change.subject_digest.as_str() {
        against.push(Reason::SubjectReplaced);
    }
    against.extend(match decision {
        SignedDecision::GoBack => way_back::against(&mut tx, &change, &signer, &rules, now).await?,
        _ => reasons_against(&change, &signer, &signers, decision, &rules, now),
    });
    against.extend(against_comment(decision, &request.comment));
    if let Some(reasons) = Reasons::from_vec(against) {
        tx.rollback().await?;
        return refuse(ctx, who, &attempt(decision), About::Change(number), reasons).await;
    }

    let comment = audit::seal(&mut tx, ctx, who.person.as_str(), &request.comment).await?;
    let draft = ActDraft {
        act: Act::DecideChange,
        decision,
        subject_digest: change.subject_digest,
        comment_digest: comment.commitment.clone(),
    };
    let wanted = serde_json::to_value(Wanted { number, comment, goes_back: decision == SignedDecision::GoBack })
        .map_err(Error::internal)?;
    let ceremony = people::begin_signature(&mut tx, ctx, who, draft, wanted).await?;
    point!("approval.begun");
    tx.commit().await?;
    Ok(ceremony.request())
}

/// Takes the signed decision. Everything is decided again, under locks, from what is true now.
///
/// # Errors
/// As [`begin_decision`]. The ceremony is used up in every case.
pub async fn finish_decision(
    ctx: &Context,
    who: &SignedIn,
    ceremony: &str,
    assertion: &str,
) -> Result<DecisionDone, Error> {
    let taken = match people::take_ceremony(ctx, who, ceremony, Act::DecideChange).await {
        Err(Error::Refused(reasons)) => {
            return lost(ctx, who, reasons).await;
        }
        other => other?,
    };
    let wanted: Wanted = serde_json::from_value(taken.context().clone()).map_err(Error::internal)?;
    let number = wanted.number.clone();
    point!("approval.taken");
    if wanted.goes_back {
        way_back::look(ctx, who, &number).await?;
    }
    let mut tx = ctx.db.begin().await?;
    if let Err(Error::Refused(reasons)) = people::hold_session(&mut tx, who).await {
        tx.rollback().await?;
        return refuse(ctx, who, ATTEMPT, About::Change(number), reasons).await;
    }
    // The session, the rules, the change, the people: every decision takes its locks in this order.
    let rules = match policy::hold(&mut tx, ctx).await {
        Err(Error::Refused(reasons)) => {
            tx.rollback().await?;
            return refuse(ctx, who, ATTEMPT, About::Change(number), reasons).await;
        }
        other => other?,
    };
    if wanted.goes_back {
        way_back::hold(&mut tx, &number).await?;
    }
    let change = store::lock_change(&mut tx, &number).await?;
    let signature = match people::finish_signature(&mut tx, ctx, who, taken, assertion).await {
        Err(Error::Refused(reasons)) => {
            tx.rollback().await?;
            return refuse(ctx, who, ATTEMPT, About::Change(number), reasons).await;
        }
        other => other?,
    };
    let decision = signature.act.decision();
    // The words that are recorded are the words that were signed.
    let is_other_way = wanted.goes_back != (decision == SignedDecision::GoBack);
    if is_other_way || wanted.comment.commitment != *signature.act.comment_digest() {
        tx.rollback().await?;
        return refuse(ctx, who, &attempt(decision), About::Change(number), Reason::SignatureInvalid.into()).await;
    }
    let (signer, signers) = signers(&mut tx, ctx, &change, &who.person).await?;
    let now = ctx.now(&mut tx).await?;
    let clear = audit::open(&mut tx, ctx, &wanted.comment).await?;
    let signed = Signed {
        number: number.clone(),
        person: who.person.clone(),
        subject_digest: signature.act.subject_digest().clone(),
        comment: Personal { clear, ..wanted.comment },
        proof: signature.proof,
        session: Some(who.session_id.into()),
    };
    let decided = match decision {
        SignedDecision::GoBack => way_back::decide(&mut tx, &change, &signer, signed, &rules, now).await?,
        _ => decide_sign(&change, &signer, &signers, decision, signed, &rules, now),
    };
    match decided {
        Decision::Allow(permit) => {
            audit::commit(&mut tx, ctx, &who.actor(), permit).await?;
            let after = lane::look_up(&mut tx, ctx, &number).await?;
            let message = outcome(ctx, decision, &after, &signers, now);
            point!("approval.deciding");
            tx.commit().await?;
            point!("approval.committed");
            Ok(DecisionDone { message })
        }
        Decision::Refuse(reasons) => {
            tx.rollback().await?;
            refuse(ctx, who, &attempt(decision), About::Change(number), reasons).await
        }
    }
}

/// Records the refusal, then gives it.
async fn refuse<T>(ctx: &Context, who: &SignedIn, attempt: &str, about: About, reasons: Reasons) -> Result<T, Error> {
    audit::refuse(ctx, &who.actor(), attempt, about, &reasons).await?;
    Err(Error::Refused(reasons))
}

/// Refuses an attempt of which it is not known what it was about.
async fn lost<T>(ctx: &Context, who: &SignedIn, reasons: Reasons) -> Result<T, Error> {
    refuse(ctx, who, ATTEMPT, About::Person(who.person.clone()), reasons).await
}

/// What a decision is called in the log, once it is known which.
fn attempt(decision: SignedDecision) -> String {
    format!("changes.{decision}")
}

/// The signer and everybody who signed before, their rows locked against change until the decision commits.
async fn signers(
    conn: &mut sqlx::PgConnection,
    ctx: &Context,
    change: &Change,
    who: &PersonId,
) -> Result<(Signer, BTreeMap<PersonId, Signer>), Error> {
    let mut persons = persons_of(change);
    persons.insert(who.clone());
    let signers = people::lock_signers(conn, ctx, &persons).await?;
    let signer = signers.get(who).cloned().ok_or_else(|| Error::refused(Reason::NotAdmitted))?;
    Ok((signer, signers))
}

fn parse(request: &DecisionRequest) -> Option<(ChangeNumber, SignedDecision)> {
    let mut decisions = SignedDecision::ALL.iter().copied();
    let decision = decisions.find(|d| d.as_str() == request.decision && Act::DecideChange.admits(*d))?;
    Some((request.number.parse().ok()?, decision))
}

fn against_comment(decision: SignedDecision, comment: &str) -> Option<Reason> {
    let says_no = matches!(decision, SignedDecision::Reject | SignedDecision::Close);
    if !is_showable(comment) {
        Some(Reason::TextRefused)
    } else if says_no && comment.trim().is_empty() {
        Some(Reason::CommentMissing)
    } else {
        None
    }
}

fn outcome(
    ctx: &Context,
    decision: SignedDecision,
    change: &Change,
    signers: &BTreeMap<PersonId, Signer>,
    now: gatehouse_domain::DateTime<gatehouse_domain::Utc>,
) -> String {
    let gate = derive_gate(change, signers, &ctx.policy_digest, Freshness::LastKnown, now);
    match decision {
        SignedDecision::Approve if gate.is_open() && change.proposal.is_some() => {
            "Approved. The gate is open: Gatehouse checks everything once more, then the new rules are in force."
                .to_owned()
        }
        SignedDecision::Approve if gate.is_open() => {
            "Approved. The gate is open: Gatehouse checks everything once more, then answers GitHub.".to_owned()
        }
        SignedDecision::Approve => format!("Approved. {} of {} seats are filled.", gate.filled(), gate.seats.len()),
        SignedDecision::Reject => "Rejected. It stays blocked until you withdraw this.".to_owned(),
        SignedDecision::Withdraw => "Withdrawn.".to_owned(),
        SignedDecision::GoBack => "Going back: GitHub is answered now. The way back is used up.".to_owned(),
        _ if change.proposal.is_some() => "Closed. The rules stay as they are.".to_owned(),
        _ => "Closed. GitHub is told that it was rejected.".to_owned(),
    }
}
