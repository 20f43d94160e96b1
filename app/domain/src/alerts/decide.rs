//! May this person say so of an incident?

use super::events::{IncidentDeclared, IncidentSigned};
use super::{Declaration, Incident, Severity};
use crate::audit::Event;
use crate::decision::{Decision, Permit};
use crate::people::events::Proof;
use crate::people::{Role, Signer};
use crate::personal::Personal;
use crate::reason::{Reason, Reasons};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Who may declare, confirm and close.
pub const MAY_DECLARE: [Role; 3] = [Role::Engineer, Role::Security, Role::Oncall];
/// Who may review: whoever signs anything.
pub const MAY_REVIEW: [Role; 5] = [Role::Engineer, Role::Security, Role::Dpo, Role::Guardrail, Role::Oncall];

/// What can be said of an incident that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// It is a P1, says a second person.
    Confirm,
    /// It is over.
    Close,
    /// What was learnt.
    Review,
}

/// Everything against declaring.
#[must_use]
pub fn reasons_against_declare(signer: &Signer) -> Vec<Reason> {
    signer.reasons_against(&MAY_DECLARE, None)
}

/// May they declare it?
pub fn decide_declare(signer: &Signer, declared: Declaration, title: Personal, proof: Proof) -> Decision {
    let mut reasons = reasons_against_declare(signer);
    reasons.extend(signer.key_is_foreign(&proof));
    match Reasons::from_vec(reasons) {
        Some(reasons) => Decision::Refuse(reasons),
        None => {
            let person = signer.person.clone();
            Decision::Allow(Permit::new(Event::IncidentDeclared(IncidentDeclared { declared, title, person, proof })))
        }
    }
}

/// Everything against saying this of it. Confirming opens a door: it takes fresh facts where `fresh_at` says when.
#[must_use]
pub fn reasons_against(
    signer: &Signer,
    incident: &Incident,
    word: Word,
    fresh_at: Option<DateTime<Utc>>,
) -> Vec<Reason> {
    let mut reasons = match word {
        Word::Confirm => signer.reasons_against(&MAY_DECLARE, fresh_at),
        Word::Close => signer.reasons_against(&MAY_DECLARE, None),
        Word::Review => signer.reasons_against(&MAY_REVIEW, None),
    };
    let is_declarer = incident.declared_by == signer.person;
    match word {
        Word::Confirm => {
            if incident.declared.severity != Severity::P1 {
                reasons.push(Reason::IncidentNotP1);
            }
            if !incident.is_open() {
                reasons.push(Reason::IncidentClosed);
            }
            if is_declarer {
                reasons.push(Reason::OwnIncident);
            }
            if incident.confirmed.is_some() {
                reasons.push(Reason::AlreadySigned);
            }
        }
        Word::Close if !incident.is_open() => reasons.push(Reason::IncidentClosed),
        Word::Close => {}
        Word::Review => {
            if incident.is_open() {
                reasons.push(Reason::IncidentOpen);
            }
            if is_declarer {
                reasons.push(Reason::OwnIncident);
            }
            if incident.reviewers.contains(&signer.person) {
                reasons.push(Reason::AlreadySigned);
            }
        }
    }
    reasons
}

/// May they? What they signed is this very incident: its digest is in `signed`.
pub fn decide_word(
    signer: &Signer,
    incident: &Incident,
    word: Word,
    signed: IncidentSigned,
    now: DateTime<Utc>,
) -> Decision {
    let mut reasons = reasons_against(signer, incident, word, Some(now));
    reasons.extend(signer.key_is_foreign(&signed.proof));
    if incident.digest().ok().as_ref() != Some(&signed.subject_digest) || signed.incident != incident.declared.incident
    {
        reasons.push(Reason::SignatureInvalid);
    }
    match Reasons::from_vec(reasons) {
        Some(reasons) => Decision::Refuse(reasons),
        None => Decision::Allow(Permit::new(match word {
            Word::Confirm => Event::IncidentConfirmed(signed),
            Word::Close => Event::IncidentClosed(signed),
            Word::Review => Event::IncidentReviewed(signed),
        })),
    }
}
