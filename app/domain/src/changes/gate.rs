//! Is the gate open, and if not, why not? Derived from the facts each time, never stored.

use super::lane::{Debt, Emergency};
use super::{Change, Part, SeatFilled, State, match_seats};
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
    reasons.extend(change.lane.against(now));
    reasons.extend(change.way_back.marked_on.clone().map(Reason::Marked));
    let fresh_at = (freshness == Freshness::Demanded).then_some(now);
    reasons.extend(unproved(change, signers, fresh_at, now));
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

/// The emergency that is attached, where it opens something now.
pub(super) fn live_emergency<'a>(
    change: &'a Change,
    signers: &BTreeMap<PersonId, Signer>,
    fresh_at: Option<DateTime<Utc>>,
) -> Option<&'a Emergency> {
    change.lane.emergency.as_ref().filter(|emergency| emergency.against(change, signers, fresh_at).is_empty())
}

/// What is not proved, here and now, and what an earlier emergency left unproved. It may be proved while people sign.
fn unproved(
    change: &Change,
    signers: &BTreeMap<PersonId, Signer>,
    fresh_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Vec<Reason> {
    let is_emergency = live_emergency(change, signers, fresh_at).is_some();
    let wants = change.requirement.wants().filter(|want| !(is_emergency && want.emergency_may_skip));
    let mut reasons: Vec<Reason> = wants.filter_map(|want| want.against(now)).collect();
    // Whoever acts in an emergency, too, says first how to get out of it.
    let is_unconfirmed =
        change.way_back.confirmed_by.is_none() && change.requirement.wants().any(|want| want.by_person);
    reasons.extend(is_unconfirmed.then_some(Reason::PlanUnconfirmed));
    if !is_emergency {
        let owed = |debt: &Debt| Reason::DebtOwed { number: debt.number.clone(), due_at: debt.due_at };
        reasons.extend(change.lane.debts.iter().map(owed));
    }
    // Why an emergency that somebody counts on does not count, where it would have made a difference.
    if let Some(emergency) = change.lane.emergency.as_ref().filter(|_| !is_emergency && !reasons.is_empty()) {
        reasons.extend(emergency.against(change, signers, fresh_at));
    }
    reasons
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
    if signer.github_id.is_none() {
        return Some(Reason::NoGithubIdentity);
    }
    let parts = parts_of(change, signer);
    (!parts.is_empty()).then(|| Reason::Contributed(parts.into_iter().collect()))
}

/// What this person had to do with making it, through any account of theirs.
pub(super) fn parts_of(change: &Change, signer: &Signer) -> BTreeSet<Part> {
    let accounts = signer.github_aliases.iter().copied().chain(signer.github_id);
    accounts.flat_map(|id| change.contributors.parts_of(id)).collect()
}
