//! Is the gate open, and if not, why not? Derived from the facts each time, never stored.

use super::{Change, SeatFilled, State, match_seats};
use crate::act::SignedDecision;
use crate::ids::{Digest, PersonId};
use crate::people::{Role, Signer};
use crate::reason::Reason;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// How strictly role facts are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// For showing: the last known word of the identity provider.
    LastKnown,
    /// For executing: no older than fifteen minutes.
    Demanded,
}

/// The gate of one change at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "an unread gate guards nothing"]
pub struct Gate {
    /// Every seat, and who fills it now.
    pub seats: Vec<SeatFilled>,
    /// Everything that keeps it shut; empty means open.
    pub reasons: Vec<Reason>,
}

impl Gate {
    /// Open means: nothing at all is in the way.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.reasons.is_empty()
    }

    /// How many seats are filled.
    #[must_use]
    pub fn filled(&self) -> usize {
        self.seats.iter().filter(|seat| seat.by.is_some()).count()
    }
}

/// Derives the gate. `signers` must hold everybody who signed; whoever is missing fills no seat.
pub fn derive_gate(
    change: &Change,
    signers: &BTreeMap<PersonId, Signer>,
    policy_digest: &Digest,
    freshness: Freshness,
    now: DateTime<Utc>,
) -> Gate {
    let mut reasons = shut_by_subject(change, policy_digest, now);
    // Signatures may be given meanwhile; nothing goes out.
    let frozen = change.requirement.freezes().filter(|freeze| freeze.holds(now));
    reasons.extend(frozen.map(|freeze| Reason::Frozen(freeze.to_string())));
    // The same with what must be proved: it may be proved while people sign.
    reasons.extend(change.requirement.wants().filter_map(|want| want.against(now)));
    let mut counting: Vec<(PersonId, BTreeSet<Role>)> = Vec::new();
    let mut void: Vec<Reason> = Vec::new();
    for approval in change.standing() {
        match approval.decision {
            SignedDecision::Reject => reasons.push(Reason::Vetoed(approval.person.clone())),
            SignedDecision::Approve => match signers.get(&approval.person) {
                Some(signer) if signer.active_keys.contains(&approval.key) && excluded(change, signer).is_none() => {
                    if freshness == Freshness::Demanded && !signer.facts_are_fresh(now) {
                        void.push(Reason::RoleFactsStale(approval.person.clone()));
                    } else if signer.held_roles().is_disjoint(&change.requirement.roles()) {
                        void.push(Reason::ApprovalVoid(approval.person.clone()));
                    } else {
                        counting.push((approval.person.clone(), signer.held_roles()));
                    }
                }
                _ => void.push(Reason::ApprovalVoid(approval.person.clone())),
            },
            _ => {}
        }
    }
    let seats = match_seats(&change.requirement.seats, &counting);
    let empty: Vec<Reason> =
        seats.iter().filter(|s| s.by.is_none()).map(|s| Reason::SeatEmpty(s.seat.name.clone())).collect();
    // A void approval is worth a word only while it leaves a seat empty: two others may have signed since.
    if !empty.is_empty() {
        reasons.extend(void);
    }
    // A requirement without seats would be a gate that nobody guards.
    if seats.is_empty() {
        reasons.push(Reason::SeatEmpty("Any seat".to_owned()));
    }
    reasons.extend(empty);
    Gate { seats, reasons }
}

/// What is wrong with the change itself, whoever signs.
pub(super) fn shut_by_subject(change: &Change, policy_digest: &Digest, now: DateTime<Utc>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if change.state != State::Held {
        reasons.push(Reason::ChangeNotHeld(change.state.to_string()));
    }
    if now >= change.subject.expires_at {
        reasons.push(Reason::SubjectExpired);
    }
    if change.subject.policy_digest != *policy_digest {
        reasons.push(Reason::PolicyChanged);
    }
    reasons.extend(change.requirement.fault().map(Reason::PolicyFailed));
    reasons.extend(change.subject.unreadable().into_iter().map(|field| Reason::FieldUnreadable(field.to_owned())));
    if !change.contributors.unknown.is_empty() {
        reasons.push(Reason::ContributorsUnknown);
    }
    if !change.contributors.unlisted.is_empty() {
        reasons.push(Reason::ContributorUnlisted(change.contributors.unlisted.iter().copied().collect()));
    }
    reasons
}

/// Why this person can fill no seat of this change, if so, whatever role they hold.
pub(super) fn excluded(change: &Change, signer: &Signer) -> Option<Reason> {
    if !signer.is_admitted {
        return Some(Reason::NotAdmitted);
    }
    let Some(github_id) = signer.github_id else {
        return Some(Reason::NoGithubIdentity);
    };
    let accounts = signer.github_aliases.iter().copied().chain([github_id]);
    let parts: BTreeSet<_> = accounts.flat_map(|id| change.contributors.parts_of(id)).collect();
    (!parts.is_empty()).then(|| Reason::Contributed(parts.into_iter().collect()))
}
