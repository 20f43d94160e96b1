//! The decisions on a change. Each returns a permit, or every reason against it; deciding twice with
//! the same facts gives the same answer.

use super::events::{
    Answer, AnswerCancelled, ApprovalVoided, EvidenceRenewed, ExecutionIntended, Expired, GithubAnswered, Gone, Opened,
    RunGone, SeatTaken, Signed, SubjectReplaced, Superseded,
};
use super::gate::{excluded, live_emergency, shut_by_subject};
use super::lane::debt_of;
use super::{
    Approval, Change, Contributors, Freshness, Requirement, RollbackPlan, State, Subject, derive_gate, match_seats,
};
use crate::act::SignedDecision;
use crate::audit::Event;
use crate::decision::{Decision, Job, Permit};
use crate::ids::{ChangeNumber, Digest, PersonId, SessionId};
use crate::people::{Role, Signer};
use crate::policy::decide::came_into_force;
use crate::reason::{Reason, Reasons};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// Opens the record, and ends the one that an earlier attempt left held. Opening promises nothing, so
/// there is nothing to refuse: a change with unreadable fields is opened so that people can see why it is shut.
pub fn permit_open(opened: Opened, supersedes: Option<&Change>) -> Permit {
    let number = opened.number.clone();
    let shut = !opened.subject.unreadable().is_empty()
        || !opened.contributors.unknown.is_empty()
        || opened.requirement.is_unsettled();
    let mut permit = Permit::new(Event::ChangeOpened(opened));
    if shut {
        permit = permit.then(Job::AssessChange { number: number.clone() });
    }
    match supersedes {
        // A change that is being executed is answered or cancelled by its own job.
        Some(old) if old.state == State::Held => {
            permit.and(Event::Superseded(Superseded { number: old.number.clone(), by: number }))
        }
        _ => permit,
    }
}

/// The world was read again. `None` when it says the same; else the subject is replaced and approvals fall (INV-2).
#[must_use]
pub fn permit_replace_subject(
    change: &Change,
    subject: Subject,
    requirement: Requirement,
    contributors: Contributors,
    rollback_plan: RollbackPlan,
) -> Option<Permit> {
    let is_same = subject.is_same_thing(&change.subject)
        && requirement.asks_the_same(&change.requirement)
        && contributors == change.contributors;
    if change.state != State::Held || is_same {
        return None;
    }
    let mut differs: Vec<String> = change
        .subject
        .fields()
        .into_iter()
        .zip(subject.fields())
        .filter(|((name, old), (_, new))| old != new && *name != "expiry")
        .map(|((name, _), _)| name.to_owned())
        .collect();
    if contributors != change.contributors {
        differs.push("who made it".to_owned());
    }
    let found = |requirement: &Requirement| -> BTreeMap<String, Option<String>> {
        requirement.wants().map(|want| (want.check.clone(), want.unmet.clone())).collect()
    };
    let (before, after) = (found(&change.requirement), found(&requirement));
    let wants = after.iter().filter(|(check, unmet)| before.get(*check).is_some_and(|known| known != *unmet));
    differs.extend(wants.map(|(check, _)| format!("what {check} found")));
    if requirement.seats != change.requirement.seats {
        differs.push("who must sign".to_owned());
    } else if !requirement.asks_the_same(&change.requirement) && differs.is_empty() {
        differs.push("how the policy decided".to_owned());
    }
    Some(Permit::new(Event::SubjectReplaced(SubjectReplaced {
        number: change.number.clone(),
        old_digest: change.subject_digest.clone(),
        subject_digest: subject.digest(),
        subject,
        requirement: Some(requirement),
        contributors,
        rollback_plan,
        differs,
    })))
}

/// Something was proved too long ago, and the same was proved again: nothing falls. `None` when it was not.
#[must_use]
pub fn permit_renew_evidence(change: &Change, requirement: &Requirement, now: DateTime<Utc>) -> Option<Permit> {
    let lapsed =
        |of: &Requirement| of.wants().filter(|want| want.fresh_until.is_some_and(|until| now >= until)).count();
    let is_newer = requirement.asks_the_same(&change.requirement) && lapsed(requirement) < lapsed(&change.requirement);
    (change.state == State::Held && is_newer).then(|| {
        let renewed = EvidenceRenewed { number: change.number.clone(), requirement: requirement.clone() };
        Permit::new(Event::EvidenceRenewed(renewed)).then(Job::ExecuteChange { number: change.number.clone() })
    })
}

/// Everything against this person's decision, apart from the signature itself. The same function
/// explains the buttons on the page and decides in the transaction.
#[must_use]
pub fn reasons_against(
    change: &Change,
    signer: &Signer,
    signers: &BTreeMap<PersonId, Signer>,
    decision: SignedDecision,
    policy_digest: &Digest,
    now: DateTime<Utc>,
) -> Vec<Reason> {
    let standing = change.standing_of(&signer.person);
    let mut reasons = Vec::new();
    if !signer.is_admitted {
        reasons.push(Reason::NotAdmitted);
    } else if signer.active_keys.is_empty() {
        reasons.push(Reason::NoKey);
    }
    match decision {
        SignedDecision::Approve => {
            reasons.extend(excluded(change, signer).filter(|r| *r != Reason::NotAdmitted));
            reasons.extend(shut_by_subject(change, policy_digest, now));
            if standing.is_some() {
                reasons.push(Reason::AlreadySigned);
            } else {
                reasons.extend(no_seat(change, signer, signers, policy_digest, now));
            }
        }
        SignedDecision::Reject => {
            reasons.extend(not_held(change));
            reasons.extend(holds_no_role(change, signer));
            if standing.is_some_and(|s| s.decision == SignedDecision::Reject) {
                reasons.push(Reason::AlreadySigned);
            }
        }
        SignedDecision::Withdraw => {
            reasons.extend(not_held(change));
            if standing.is_none() {
                reasons.push(Reason::NothingToWithdraw);
            }
        }
        SignedDecision::Close => {
            reasons.extend(not_held(change));
            reasons.extend(holds_no_role(change, signer));
        }
        // The others belong to keys, tokens and the line; an act that says so about a change is not well formed.
        _ => reasons.push(Reason::SignatureInvalid),
    }
    reasons
}

/// Decides on a verified signature. `signed.subject_digest` is what the key signed; when that is no
/// longer the change's subject the signature is worth nothing (INV-2).
pub fn decide_sign(
    change: &Change,
    signer: &Signer,
    signers: &BTreeMap<PersonId, Signer>,
    decision: SignedDecision,
    signed: Signed,
    policy_digest: &Digest,
    now: DateTime<Utc>,
) -> Decision {
    let mut reasons = Vec::new();
    if signed.subject_digest != change.subject_digest {
        reasons.push(Reason::SubjectReplaced);
    }
    if !signer.active_keys.is_empty() && !signer.active_keys.contains(&signed.proof.key) {
        reasons.push(Reason::KeyNotActive);
    }
    reasons.extend(reasons_against(change, signer, signers, decision, policy_digest, now));
    if let Some(reasons) = Reasons::from_vec(reasons) {
        return Decision::Refuse(reasons);
    }
    let number = change.number.clone();
    Decision::Allow(match decision {
        // The job finds out by itself whether this one opened the gate.
        SignedDecision::Approve => Permit::new(Event::Approved(signed)).then(Job::ExecuteChange { number }),
        SignedDecision::Reject => Permit::new(Event::Rejected(signed)),
        // Taking back a veto may be what the gate waited for.
        SignedDecision::Withdraw => Permit::new(Event::Withdrawn(signed)).then(Job::ExecuteChange { number }),
        SignedDecision::Close => answered(change, Permit::new(Event::ClosedBySignature(signed))),
        _ => return Decision::Refuse(Reason::SignatureInvalid.into()),
    })
}

/// The last look, in the transaction that records the intent (INV-1, INV-8): allowed only when the gate
/// is open with fresh facts.
pub fn decide_execute(
    change: &Change,
    signers: &BTreeMap<PersonId, Signer>,
    policy_digest: &Digest,
    now: DateTime<Utc>,
) -> Decision {
    let gate = derive_gate(change, signers, policy_digest, Freshness::Demanded, now);
    if let Some(reasons) = Reasons::from_vec(gate.reasons) {
        return Decision::Refuse(reasons);
    }
    let seats = gate
        .seats
        .into_iter()
        .filter_map(|filled| filled.by.map(|person| SeatTaken { seat: filled.seat.name, person }))
        .collect();
    let intended =
        ExecutionIntended { number: change.number.clone(), subject_digest: change.subject_digest.clone(), seats };
    let mut permit = Permit::new(Event::ExecutionIntended(intended));
    // Nobody outside has to be asked: other rules are in force with this very entry.
    if let Some(proposal) = &change.proposal {
        return Decision::Allow(permit.and(came_into_force(change, proposal)));
    }
    // Whatever went out in an emergency owes its proof, from this very moment on.
    if let Some(emergency) = live_emergency(change, signers, Some(now)) {
        permit = permit.and(debt_of(change, emergency, now));
    }
    Decision::Allow(answered(change, permit))
}

/// Whoever asked is told what came of it. For the rules themselves nobody outside asked.
fn answered(change: &Change, permit: Permit) -> Permit {
    match change.proposal {
        Some(_) => permit,
        None => permit.then(Job::AnswerGithub { number: change.number.clone() }),
    }
}

/// A session was stolen: the approval that was given through it falls, while there is time. A veto does not:
/// it keeps the gate shut, and its signer can withdraw it (INV-6). `None` when nothing of it stands here.
#[must_use]
pub fn permit_void_stolen(change: &Change, session: &SessionId) -> Option<Permit> {
    let through = |a: &&Approval| a.decision == SignedDecision::Approve && a.session.as_ref() == Some(session);
    let approval = change.standing().find(through).filter(|_| change.state == State::Held)?;
    let voided =
        ApprovalVoided { number: change.number.clone(), person: approval.person.clone(), session: session.clone() };
    Some(Permit::new(Event::ApprovalVoided(voided)))
}

/// The answer that GitHub is owed in this state; `None` when it is owed none.
#[must_use]
pub fn answer_owed(state: State) -> Option<Answer> {
    match state {
        State::Executing => Some(Answer::Approved),
        State::Closed | State::Expired => Some(Answer::Rejected),
        // The answer names run and environment, not attempt: rejecting for a superseded attempt would
        // reject the attempt that took its place.
        State::Held | State::Released | State::Cancelled | State::Superseded => None,
    }
}

/// Records the answer that GitHub took.
pub fn permit_answered(number: ChangeNumber, answer: Answer) -> Permit {
    Permit::new(Event::GithubAnswered(GithubAnswered { number, answer }))
}

/// Records that GitHub's run had moved on, so that nothing was said.
pub fn permit_answer_cancelled(number: ChangeNumber, reasons: &Reasons) -> Permit {
    Permit::new(Event::AnswerCancelled(AnswerCancelled { number, reasons: reasons.codes() }))
}

/// Ends a held change for which GitHub does not wait any more; `None` when it is no longer held.
#[must_use]
pub fn permit_run_gone(change: &Change, how: Gone) -> Option<Permit> {
    let gone = || Permit::new(Event::RunGone(RunGone { number: change.number.clone(), how }));
    (change.state == State::Held).then(gone)
}

/// Ends a held change whose time has run out; `None` otherwise.
#[must_use]
pub fn permit_expire(change: &Change, now: DateTime<Utc>) -> Option<Permit> {
    (change.state == State::Held && now >= change.subject.expires_at)
        .then(|| answered(change, Permit::new(Event::Expired(Expired { number: change.number.clone() }))))
}

pub(super) fn not_held(change: &Change) -> Option<Reason> {
    (change.state != State::Held).then(|| Reason::ChangeNotHeld(change.state.to_string()))
}

pub(super) fn holds_no_role(change: &Change, signer: &Signer) -> Option<Reason> {
    signer.holds_none_of(&change.requirement.roles())
}

/// Whether one more person would fill one more seat.
fn no_seat(
    change: &Change,
    signer: &Signer,
    signers: &BTreeMap<PersonId, Signer>,
    policy_digest: &Digest,
    now: DateTime<Utc>,
) -> Option<Reason> {
    if let Some(reason) = holds_no_role(change, signer) {
        return Some(reason);
    }
    if !signer.is_admitted {
        return None;
    }
    let gate = derive_gate(change, signers, policy_digest, Freshness::LastKnown, now);
    let mut persons: Vec<(PersonId, BTreeSet<Role>)> = gate
        .seats
        .iter()
        .filter_map(|seat| seat.by.clone())
        .map(|person| {
            let roles = signers.get(&person).map(Signer::held_roles).unwrap_or_default();
            (person, roles)
        })
        .collect();
    let before = persons.len();
    persons.push((signer.person.clone(), signer.held_roles()));
    let after = match_seats(&change.requirement.seats, &persons).iter().filter(|s| s.by.is_some()).count();
    (after <= before).then_some(Reason::NoFreeSeat)
}
