//! The decisions on the rules themselves.

use super::Proposal;
use super::events::{Adopted, CameIntoForce, Proposed};
use crate::audit::Event;
use crate::changes::events::Superseded;
use crate::changes::{Change, Requirement, State, match_seats};
use crate::decision::{Decision, Permit};
use crate::ids::{ChangeNumber, Digest, PersonId};
use crate::people::{Role, Signer};
use crate::reason::{Reason, Reasons};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that is known of a configuration that somebody would propose.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Which is to take the place of which, as the proposer read it.
    pub proposal: Proposal,
    /// What is in force, read under its lock.
    pub in_force: Digest,
    /// What is wrong with it, if it is there at all: `None` when nobody has it.
    pub faults: Option<Vec<String>>,
    /// Whom it would admit, and as what.
    pub admitted: BTreeMap<PersonId, BTreeSet<Role>>,
    /// The change that proposes the same and is held.
    pub open: Option<ChangeNumber>,
}

/// Everything against proposing it, apart from the signature.
#[must_use]
pub fn reasons_against_proposing(signer: &Signer, candidate: &Candidate) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if !signer.is_admitted {
        reasons.push(Reason::NotAdmitted);
    } else if signer.active_keys.is_empty() {
        reasons.push(Reason::NoKey);
    } else if !may_propose(&signer.held_roles()) {
        // A role that waits for endorsements proposes nothing, and neither does somebody whose group is gone.
        reasons.push(Reason::RoleNotHeld(Role::ALL.into_iter().filter(|role| role.signs()).collect()));
    }
    if candidate.proposal.base != candidate.in_force {
        reasons.push(Reason::ConfigurationMoved);
    }
    if candidate.proposal.proposed == candidate.in_force {
        reasons.push(Reason::ProposalInForce);
    }
    if let Some(number) = &candidate.open {
        reasons.push(Reason::ProposalOpen(number.clone()));
    }
    match &candidate.faults {
        None => reasons.push(Reason::ProposalUnknown),
        Some(faults) => {
            reasons.extend(faults.iter().cloned().map(Reason::ProposalFaulty));
            if faults.is_empty() && !can_be_replaced(&candidate.admitted) {
                reasons.push(Reason::ProposalLocksOut);
            }
        }
    }
    reasons
}

/// Whoever only looks proposes nothing.
fn may_propose(roles: &BTreeSet<Role>) -> bool {
    roles.iter().any(|role| role.signs())
}

/// Whether, with these people, somebody could propose other rules and five others sign for them.
#[must_use]
pub fn can_be_replaced(admitted: &BTreeMap<PersonId, BTreeSet<Role>>) -> bool {
    let seats = Requirement::for_the_rules().seats;
    admitted.iter().filter(|(_, roles)| may_propose(roles)).any(|(proposer, _)| {
        let others: Vec<_> = admitted
            .iter()
            .filter(|(person, _)| *person != proposer)
            .map(|(person, roles)| (person.clone(), roles.clone()))
            .collect();
        match_seats(&seats, &others).iter().all(|seat| seat.by.is_some())
    })
}

/// May it be proposed? The caller has verified the signature over [`Proposal::digest`].
pub fn decide_propose(signer: &Signer, candidate: &Candidate, proposed: Proposed) -> Decision {
    let mut reasons = reasons_against_proposing(signer, candidate);
    if proposed.person != signer.person || !signer.active_keys.contains(&proposed.proof.key) {
        reasons.push(Reason::KeyNotActive);
    }
    match Reasons::from_vec(reasons) {
        Some(reasons) => Decision::Refuse(reasons),
        None => Decision::Allow(Permit::new(Event::ConfigurationProposed(proposed))),
    }
}

/// Where there is none yet, the file's is in force; so it is when all founders were lost, and whoever has the machine begins
/// again (docs/founders-lost.md).
pub fn permit_adopt(adopted: Adopted) -> Permit {
    Permit::new(Event::ConfigurationAdopted(adopted))
}

/// What comes of a change of the rules whose gate is open.
pub(crate) fn came_into_force(change: &Change, proposal: &Proposal) -> Event {
    Event::ConfigurationCameIntoForce(CameIntoForce { number: change.number.clone(), proposal: proposal.clone() })
}

/// Ends a held change of the rules whose base is not in force any more. `by` is the change that took its place; rules that were
/// adopted have none, and then it stays shut until it expires.
#[must_use]
pub fn permit_outrun(change: &Change, in_force: &Digest, by: Option<&ChangeNumber>) -> Option<Permit> {
    let base = &change.proposal.as_ref()?.base;
    let by = by.filter(|_| change.state == State::Held && base != in_force)?;
    Some(Permit::new(Event::Superseded(Superseded { number: change.number.clone(), by: by.clone() })))
}
