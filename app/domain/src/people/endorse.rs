//! May this person say yes or no to another's key or role? And what ends a request.

use super::Signer;
use super::events::{Endorsed, EndorsementFell, EndorsementRefused, KeyAsked, Proof, RequestExpired, RequestWithdrawn};
use super::request::{COUNTS_AFTER, ENDORSEMENTS, Ended, Request, Stand, Wanted};
use crate::act::SignedDecision;
use crate::audit::Event;
use crate::decision::{Decision, Permit};
use crate::ids::Digest;
use crate::reason::{Reason, Reasons};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// May this key begin to wait? For a person without an active key and without a founder's code. The
/// caller has verified the registration.
pub fn decide_ask_key(signer: &Signer, asked: KeyAsked, credential_is_known: bool, has_open: bool) -> Decision {
    let mut reasons = Vec::new();
    if !signer.is_admitted {
        reasons.push(Reason::NotAdmitted);
    }
    if credential_is_known {
        reasons.push(Reason::KeyAlreadyEnrolled);
    }
    // Whoever has a key signs for the next one with it; asking others instead would go round it.
    if !signer.active_keys.is_empty() {
        reasons.push(Reason::FirstKeyMustSign);
    }
    if has_open {
        reasons.push(Reason::RequestOpen);
    }
    match Reasons::from_vec(reasons) {
        Some(reasons) => Decision::Refuse(reasons),
        None => Decision::Allow(Permit::new(Event::KeyAsked(asked))),
    }
}

/// Everything against this person's yes or no, apart from the signature itself. The same function
/// explains the buttons on the page and decides in the transaction.
#[must_use]
pub fn reasons_against(
    request: &Request,
    endorser: &Signer,
    decision: SignedDecision,
    now: DateTime<Utc>,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    match request.stand(now) {
        Stand::Ended(ended) => reasons.push(Reason::RequestEnded(ended.to_string())),
        Stand::Counts => reasons.push(Reason::RequestEnded("in force".to_owned())),
        // Until it counts, anybody may still say no; that is what the wait is for.
        Stand::Waits { .. } if decision == SignedDecision::Approve => reasons.push(Reason::RequestComplete),
        Stand::Waits { .. } | Stand::Asked { .. } => {}
    }
    if endorser.person == *request.wanted.person() {
        reasons.push(Reason::EndorsesSelf);
    }
    reasons.extend(unfit(endorser, now));
    match decision {
        SignedDecision::Approve if request.endorsements.iter().any(|e| e.endorser == endorser.person) => {
            reasons.push(Reason::AlreadySigned);
        }
        SignedDecision::Approve | SignedDecision::Reject => {}
        // Not of this act; an act that says so is not well formed.
        _ => reasons.push(Reason::SignatureInvalid),
    }
    reasons
}

/// Why nobody's word of this person's counts. An admitted person with a key who holds no role yet could be
/// somebody whom the same hand let in a moment ago, and auditors and leads sign nothing.
fn unfit(endorser: &Signer, now: DateTime<Utc>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if !endorser.is_admitted {
        reasons.push(Reason::NotAdmitted);
        return reasons;
    }
    if endorser.active_keys.is_empty() {
        reasons.push(Reason::NoKey);
    }
    if !endorser.held_roles().iter().any(|role| role.signs()) {
        reasons.push(Reason::EndorserWithoutRole);
    } else if !endorser.facts_are_fresh(now) {
        reasons.push(Reason::RoleFactsStale(endorser.person.clone()));
    }
    reasons
}

/// Decides on a verified signature. `signed` is the subject that the key signed; when it is not exactly
/// what is asked for, it is worth nothing.
pub fn decide_endorse(
    request: &Request,
    endorser: &Signer,
    decision: SignedDecision,
    signed: Digest,
    proof: Proof,
    now: DateTime<Utc>,
) -> Decision {
    let mut reasons = Vec::new();
    if signed != request.digest || request.wanted.digest().as_ref() != Ok(&request.digest) {
        reasons.push(Reason::RequestReplaced);
    }
    if !endorser.active_keys.is_empty() && !endorser.active_keys.contains(&proof.key) {
        reasons.push(Reason::KeyNotActive);
    }
    reasons.extend(reasons_against(request, endorser, decision, now));
    if let Some(reasons) = Reasons::from_vec(reasons) {
        return Decision::Refuse(reasons);
    }
    let id = request.wanted.request().clone();
    let (person, by) = (request.wanted.person().clone(), endorser.person.clone());
    Decision::Allow(Permit::new(match decision {
        SignedDecision::Approve => {
            let is_last = request.endorsements.len() + 1 >= ENDORSEMENTS;
            let counts_from = is_last.then(|| now + COUNTS_AFTER);
            Event::Endorsed(Endorsed { request: id, person, endorser: by, subject_digest: signed, proof, counts_from })
        }
        _ => Event::EndorsementRefused(EndorsementRefused {
            request: id,
            person,
            endorser: by,
            subject_digest: signed,
            proof,
        }),
    }))
}

/// May the person take it back? Only for a key that does not count yet; a role is the identity provider's to take.
pub fn decide_withdraw(request: &Request, by: &Signer, now: DateTime<Utc>) -> Decision {
    let own = matches!(&request.wanted, Wanted::Key { person, .. } if *person == by.person);
    if !own {
        return Decision::Refuse(Reason::RequestUnknown.into());
    }
    match request.stand(now) {
        Stand::Asked { .. } | Stand::Waits { .. } => {
            let withdrawn =
                RequestWithdrawn { request: request.wanted.request().clone(), person: request.wanted.person().clone() };
            Decision::Allow(Permit::new(Event::RequestWithdrawn(withdrawn)))
        }
        Stand::Counts => Decision::Refuse(Reason::RequestEnded("in force".to_owned()).into()),
        Stand::Ended(ended) => Decision::Refuse(Reason::RequestEnded(ended.to_string()).into()),
    }
}

/// Ends a request whose seven days passed without enough endorsements; `None` otherwise.
#[must_use]
pub fn permit_expire(request: &Request, now: DateTime<Utc>) -> Option<Permit> {
    let is_due = request.ended.is_none() && request.stand(now) == Stand::Ended(Ended::Expired);
    is_due.then(|| {
        let (id, person) = (request.wanted.request().clone(), request.wanted.person().clone());
        Permit::new(Event::RequestExpired(RequestExpired { request: id, person }))
    })
}

/// Takes out every yes whose signer is no longer admitted or whose key is no longer theirs, while the request does
/// not count yet (INV-8); `None` when all stand. Whoever is not in `endorsers` is nobody.
#[must_use]
pub fn permit_fall(
    request: &Request,
    endorsers: &BTreeMap<crate::ids::PersonId, Signer>,
    now: DateTime<Utc>,
) -> Option<Permit> {
    if !request.is_open(now) {
        return None;
    }
    let stands = |e: &&super::request::Endorsement| {
        endorsers.get(&e.endorser).is_some_and(|s| s.is_admitted && s.active_keys.contains(&e.key))
    };
    let fell = request.endorsements.iter().filter(|e| !stands(e)).map(|e| {
        Event::EndorsementFell(EndorsementFell {
            request: request.wanted.request().clone(),
            person: request.wanted.person().clone(),
            endorser: e.endorser.clone(),
        })
    });
    fell.map(Permit::new).reduce(Permit::followed_by)
}
