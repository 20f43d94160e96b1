//! Which roles did a person gain or lose? A role that appears, for the first time or again, waits for
//! endorsements; one that goes is gone at once.

use super::Role;
use super::events::{RoleGained, RoleLost, RoleTrusted};
use super::request::Wanted;
use crate::audit::Event;
use crate::canonical::CanonicalError;
use crate::decision::Permit;
use crate::ids::{Digest, PersonId, RequestId};
use std::collections::{BTreeMap, BTreeSet};

/// Compares what group and admitted list say together now (`sources`) with what is on record (`standing`: waiting,
/// counting, or refused and not lost since). `None` when they agree. A refused role stays refused until it was lost.
///
/// # Errors
/// Never for values that exist; the canonical writer can fail in principle.
pub fn permit_roles_moved(
    person: &PersonId,
    sources: &BTreeSet<Role>,
    standing: &BTreeMap<Role, RequestId>,
    mut new_id: impl FnMut() -> RequestId,
) -> Result<Option<Permit>, CanonicalError> {
    let mut events = Vec::new();
    for (role, request) in standing.iter().filter(|(role, _)| !sources.contains(role)) {
        events.push(Event::RoleLost(RoleLost { person: person.clone(), role: *role, request: request.clone() }));
    }
    for role in sources.iter().filter(|role| !standing.contains_key(role)) {
        let wanted = Wanted::Role { request: new_id(), person: person.clone(), role: *role };
        let subject_digest = wanted.digest()?;
        events.push(Event::RoleGained(RoleGained { wanted, subject_digest }));
    }
    Ok(events.into_iter().map(Permit::new).reduce(Permit::followed_by))
}

/// The roles with which a founder came count together with the key that their code let in: there is nobody yet
/// who could endorse them. `None` when no role waits.
#[must_use]
pub fn permit_roles_trusted(
    person: &PersonId,
    code_hash: &Digest,
    waiting: &BTreeMap<Role, RequestId>,
) -> Option<Permit> {
    let trusted = waiting.iter().map(|(role, request)| {
        Event::RoleTrusted(RoleTrusted {
            request: request.clone(),
            person: person.clone(),
            role: *role,
            code_hash: code_hash.clone(),
        })
    });
    trusted.map(Permit::new).reduce(Permit::followed_by)
}
