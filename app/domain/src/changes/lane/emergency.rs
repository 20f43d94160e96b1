//! May this change go out without its proof in staging, because something is on fire?
//!
//! A live P1 of the same service and environment, attached to a held change by a third person's signature, lets wants
//! with `emergency_may_skip` pass. It never lets a seat stay empty, and never lifts a stop. Whatever goes out so owes the
//! proof afterwards: the *debt* stands from the same transaction as the intent, and until it is paid nothing of that
//! service goes out there, but for another emergency.
//!
//! Read the safer way: whoever attaches it neither declared nor confirmed the incident, and neither of those two had a
//! part in the change. So whoever wants the door made no part of the key.

use super::super::gate::parts_of;
use super::super::{Change, State};
use crate::alerts::Incident;
use crate::audit::Event;
use crate::canonical::{self, CanonicalError};
use crate::changes::events::{DebtOpened, DebtPaid, EmergencyAttached, PaidBy};
use crate::decision::{Decision, Job, Permit};
use crate::ids::{ChangeNumber, Digest, IncidentId, KeyId, PersonId};
use crate::people::events::Proof;
use crate::people::{Role, Signer};
use crate::personal::Personal;
use crate::reason::{Reason, Reasons};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Who may attach one.
pub const MAY_ATTACH: [Role; 3] = [Role::Engineer, Role::Security, Role::Oncall];
/// In which the proof is to be made good.
pub const DEBT_TIME: Duration = Duration::hours(24);
/// Reviewers of the incident who together stand for the proof.
const REVIEWERS: usize = 2;

/// A P1 that somebody attached to a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emergency {
    /// Which incident.
    pub incident: IncidentId,
    /// Who attached it.
    pub by: PersonId,
    /// With which key.
    pub key: KeyId,
    /// To which subject of the change.
    pub subject_digest: Digest,
    /// The incident, where it is held until the decision commits. One that nobody looked up opens nothing.
    pub facts: Option<Incident>,
}

/// A proof that is owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Debt {
    /// Of which change.
    pub number: ChangeNumber,
    /// Until when it was to be made good.
    pub due_at: DateTime<Utc>,
}

impl Emergency {
    /// Why it opens nothing for this change now; empty where it does. Executing takes fresh facts, at `fresh_at`.
    #[must_use]
    pub fn against(
        &self,
        change: &Change,
        signers: &BTreeMap<PersonId, Signer>,
        fresh_at: Option<DateTime<Utc>>,
    ) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if self.subject_digest != change.subject_digest {
            reasons.push(Reason::SubjectReplaced);
        }
        match &self.facts {
            Some(incident) => {
                reasons.extend(incident.against_use(&change.subject.service, &change.key.environment, &self.by));
            }
            None => reasons.push(Reason::IncidentUnknown),
        }
        // Whoever attached it must still be who they were.
        let stands = signers.get(&self.by).is_some_and(|signer| {
            let may = BTreeSet::from(MAY_ATTACH);
            signer.is_admitted && signer.active_keys.contains(&self.key) && !signer.held_roles().is_disjoint(&may)
        });
        if !stands {
            reasons.push(Reason::ApprovalVoid(self.by.clone()));
        } else if fresh_at.is_some_and(|now| !signers.get(&self.by).is_some_and(|signer| signer.facts_are_fresh(now))) {
            reasons.push(Reason::RoleFactsStale(self.by.clone()));
        }
        reasons
    }
}

/// SHA-256 of what the key signs that attaches.
///
/// # Errors
/// Never for values that exist.
pub fn emergency_digest(
    number: &ChangeNumber,
    subject: &Digest,
    incident: &IncidentId,
) -> Result<Digest, CanonicalError> {
    canonical::to_bytes(&json!({
        "tag": "gatehouse.emergency.v1",
        "change": number,
        "subject": subject,
        "incident": incident,
    }))
    .map(|bytes| Digest::of(&bytes))
}

/// Everything against this person's attaching this incident; the page asks the same. `makers` are whoever declared and
/// confirmed it, as they stand now.
#[must_use]
pub fn reasons_against_attach(
    signer: &Signer,
    change: &Change,
    incident: &Incident,
    makers: &[Signer],
    fresh_at: Option<DateTime<Utc>>,
) -> Vec<Reason> {
    let mut reasons = signer.reasons_against(&MAY_ATTACH, fresh_at);
    if change.state != State::Held {
        reasons.push(Reason::ChangeNotHeld(change.state.to_string()));
    }
    reasons.extend(incident.against_use(&change.subject.service, &change.key.environment, &signer.person));
    // Somebody whose accounts nobody knows may have written anything.
    let had_a_part = |maker: &Signer| maker.github_id.is_none() || !parts_of(change, maker).is_empty();
    let is_known = |maker: &PersonId| makers.iter().any(|signer| signer.person == *maker);
    if makers.iter().any(had_a_part) || !incident.makers().all(is_known) {
        reasons.push(Reason::IncidentOfAuthor);
    }
    let stands = change.lane.emergency.as_ref().is_some_and(|emergency| {
        emergency.subject_digest == change.subject_digest && emergency.incident == incident.declared.incident
    });
    if stands {
        reasons.push(Reason::AlreadySigned);
    }
    reasons
}

/// What is attached to what, as it was read and signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attaching {
    /// The change.
    pub number: ChangeNumber,
    /// What it was.
    pub subject_digest: Digest,
    /// The incident.
    pub incident: IncidentId,
}

/// May they attach it?
pub fn decide_attach(
    signer: &Signer,
    change: &Change,
    incident: &Incident,
    makers: &[Signer],
    read: &Attaching,
    (why, proof): (Personal, Proof),
    now: DateTime<Utc>,
) -> Decision {
    let mut reasons = Vec::new();
    if read.subject_digest != change.subject_digest {
        reasons.push(Reason::SubjectReplaced);
    }
    reasons.extend(signer.key_is_foreign(&proof));
    reasons.extend(reasons_against_attach(signer, change, incident, makers, Some(now)));
    if let Some(reasons) = Reasons::from_vec(reasons) {
        return Decision::Refuse(reasons);
    }
    let number = change.number.clone();
    let attached = EmergencyAttached {
        number: number.clone(),
        subject_digest: change.subject_digest.clone(),
        incident: read.incident.clone(),
        person: signer.person.clone(),
        why,
        proof,
    };
    // It may be what the gate waited for.
    Decision::Allow(Permit::new(Event::EmergencyAttached(attached)).then(Job::ExecuteChange { number }))
}

/// The debt that an emergency release opens, with its intent.
pub(in crate::changes) fn debt_of(change: &Change, emergency: &Emergency, now: DateTime<Utc>) -> Event {
    Event::DebtOpened(DebtOpened {
        number: change.number.clone(),
        service: change.subject.service.clone(),
        environment: change.key.environment.clone(),
        image_digest: change.subject.image_digest.known().cloned(),
        incident: emergency.incident.clone(),
        attached_by: emergency.by.clone(),
        due_at: now + DEBT_TIME,
    })
}

/// A debt is paid: it never went out, or what an emergency skipped is proved now, for the very image that went out, or two people who had no
/// part in the emergency reviewed the incident. `None` while none of it is so.
#[must_use]
pub fn permit_pay(
    (number, state): (&ChangeNumber, State),
    is_proved: bool,
    incident: Option<&Incident>,
    attached_by: &PersonId,
) -> Option<Permit> {
    let others = |incident: &Incident| {
        let is_other = |who: &&PersonId| *who != attached_by && !incident.makers().any(|maker| maker == *who);
        incident.reviewers.iter().filter(is_other).cloned().collect::<Vec<_>>()
    };
    let by = match incident.filter(|incident| !incident.is_open()).map(others) {
        // GitHub's run had moved on between intent and answer: nothing is out there.
        _ if state == State::Cancelled => PaidBy::NeverReleased,
        _ if is_proved => PaidBy::Proof,
        Some(reviewers) if reviewers.len() >= REVIEWERS => PaidBy::Review(reviewers),
        _ => return None,
    };
    Some(Permit::new(Event::DebtPaid(DebtPaid { number: number.clone(), by })))
}
