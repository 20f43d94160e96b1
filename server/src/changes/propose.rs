//! Somebody proposes other rules: what their key is to sign, and the change that is opened for it.

use super::reading::Reading;
use super::store;
use crate::audit;
use crate::context::Context;
use crate::error::Error;
use crate::people::{self, SignedIn};
use crate::policy;
use gatehouse_app::people::shape::SignatureRequest;
use gatehouse_app::policy::shape::{ProposalDone, ProposalRequest};
use gatehouse_domain::act::{Act, ActDraft, SignedDecision};
use gatehouse_domain::audit::About;
use gatehouse_domain::changes::Requirement;
use gatehouse_domain::people::Signer;
use gatehouse_domain::policy::decide::{Candidate, decide_propose, reasons_against_proposing};
use gatehouse_domain::policy::events::Proposed;
use gatehouse_domain::policy::{Proposal, contributors};
use gatehouse_domain::{Decision, Digest, PersonId, Reason, Reasons};
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// What an attempt is called in the log.
const ATTEMPT: &str = "policy.propose";

/// Prepares a proposal: everything against it now, or what the key is to sign.
///
/// # Errors
/// `Refused` with every reason, which is recorded; or when the database does not answer.
pub async fn begin_proposal(
    ctx: &Context,
    who: &SignedIn,
    request: ProposalRequest,
) -> Result<SignatureRequest, Error> {
    let begun = begin(ctx, who, &request).await;
    recorded(ctx, who, begun).await
}

async fn begin(ctx: &Context, who: &SignedIn, request: &ProposalRequest) -> Result<SignatureRequest, Error> {
    let malformed = |_| Error::refused(Reason::BodyMalformed("these are no digests".to_owned()));
    let proposal = Proposal {
        base: request.base.parse().map_err(malformed)?,
        proposed: request.proposed.parse().map_err(malformed)?,
    };
    let mut tx = ctx.db.begin().await?;
    let rules = policy::hold(&mut tx, ctx).await?;
    let signer = signer(&mut tx, ctx, &who.person).await?;
    let candidate = candidate(&mut tx, ctx, &proposal, &rules).await?;
    if let Some(reasons) = Reasons::from_vec(reasons_against_proposing(&signer, &candidate)) {
        return Err(reasons.into());
    }
    let draft = ActDraft {
        act: Act::ProposeConfiguration,
        decision: SignedDecision::Propose,
        subject_digest: proposal.digest(),
        comment_digest: Digest::of(b""),
    };
    let context = serde_json::to_value(&proposal).map_err(Error::internal)?;
    let ceremony = people::begin_signature(&mut tx, ctx, who, draft, context).await?;
    tx.commit().await?;
    Ok(ceremony.request())
}

/// Takes the signature and opens the change. Everything is decided again, under locks, from what is true now.
///
/// # Errors
/// As [`begin_proposal`]. The ceremony is used up in every case.
pub async fn finish_proposal(
    ctx: &Context,
    who: &SignedIn,
    ceremony: &str,
    assertion: &str,
) -> Result<ProposalDone, Error> {
    let finished = finish(ctx, who, ceremony, assertion).await;
    recorded(ctx, who, finished).await
}

async fn finish(ctx: &Context, who: &SignedIn, ceremony: &str, assertion: &str) -> Result<ProposalDone, Error> {
    let taken = people::take_ceremony(ctx, who, ceremony, Act::ProposeConfiguration).await?;
    let mut tx = ctx.db.begin().await?;
    people::hold_session(&mut tx, who).await?;
    // Alone: of two who propose the same, the second finds the first one's change.
    let rules = policy::hold_alone(&mut tx, ctx).await?;
    let signature = people::finish_signature(&mut tx, ctx, who, taken, assertion).await?;
    let proposal: Proposal = serde_json::from_value(signature.context).map_err(Error::internal)?;
    // What is opened is what was signed.
    if *signature.act.subject_digest() != proposal.digest() {
        return Err(Error::refused(Reason::SignatureInvalid));
    }
    let signer = signer(&mut tx, ctx, &who.person).await?;
    let candidate = candidate(&mut tx, ctx, &proposal, &rules).await?;
    let now = ctx.now(&mut tx).await?;
    let number = store::next_number(&mut tx, now).await?;
    let subject = proposal.subject(now).map_err(Error::internal)?;
    let accounts: BTreeSet<_> = signer.github_aliases.iter().copied().chain(signer.github_id).collect();
    let proposed = Proposed {
        number: number.clone(),
        person: who.person.clone(),
        session: who.session_id.into(),
        proof: signature.proof,
        subject_digest: subject.digest(),
        subject,
        requirement: Requirement::for_the_rules(),
        contributors: contributors(&accounts),
        rollback_plan: proposal.rollback_plan().map_err(Error::internal)?,
        proposal: proposal.clone(),
    };
    match decide_propose(&signer, &candidate, proposed) {
        Decision::Allow(permit) => {
            audit::commit(&mut tx, ctx, &who.actor(), permit).await?;
            let difference = policy::difference(&mut tx, &proposal).await?;
            let reading = Reading { title: difference.title(), files_complete: true, ..Reading::default() };
            store::set_reading(&mut tx, &number, &reading).await?;
            tx.commit().await?;
            Ok(ProposalDone { number: number.to_string() })
        }
        Decision::Refuse(reasons) => Err(reasons.into()),
    }
}

/// Everything against this person's proposing it now, for the page.
///
/// # Errors
/// When the database refuses.
pub async fn against_proposing(
    conn: &mut PgConnection,
    ctx: &Context,
    person: &PersonId,
    proposal: &Proposal,
) -> Result<(Vec<Reason>, Candidate), Error> {
    let persons = BTreeSet::from([person.clone()]);
    let signer = people::read_signers(conn, ctx, &persons).await?.remove(person);
    let signer = signer.ok_or_else(|| Error::refused(Reason::NotAdmitted))?;
    let candidate = candidate(conn, ctx, proposal, &ctx.policy_digest).await?;
    Ok((reasons_against_proposing(&signer, &candidate), candidate))
}

async fn candidate(
    conn: &mut PgConnection,
    ctx: &Context,
    proposal: &Proposal,
    in_force: &Digest,
) -> Result<Candidate, Error> {
    let open = store::find_proposed(conn, proposal).await?;
    policy::candidate(conn, ctx, proposal, in_force, open).await
}

async fn signer(conn: &mut PgConnection, ctx: &Context, person: &PersonId) -> Result<Signer, Error> {
    let signers = people::lock_signers(conn, ctx, &BTreeSet::from([person.clone()])).await?;
    signers.into_values().next().ok_or_else(|| Error::refused(Reason::NotAdmitted))
}

/// Leaves an entry when the attempt was refused, and gives the result on.
async fn recorded<T>(ctx: &Context, who: &SignedIn, result: Result<T, Error>) -> Result<T, Error> {
    audit::recorded(ctx, &who.actor(), ATTEMPT, About::Portal("configuration".to_owned()), result).await
}
