//! Who is this, and which roles do they hold right now?
//!
//! A role is held when the identity provider's group **and** Gatehouse's own admitted list say so:
//! a group can take a role away, never give one alone (DESIGN §9). Facts from the provider age; at
//! execution anything older than [`ROLE_FACTS_FRESH`] closes the gate.
//!
//! A first or replacement key, and a role that was gained, count only after two other persons endorsed
//! them and 24 hours passed ([`request`]); losing one is immediate.

pub mod decide;
pub mod endorse;
pub mod events;
pub mod founding;
pub mod request;
pub mod roles;
pub mod sessions;
#[cfg(test)]
mod tests;
pub mod tokens;

use crate::ids::{GithubId, KeyId, PersonId};
use crate::reason::Reason;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// How long the identity provider's word counts at execution.
pub const ROLE_FACTS_FRESH: Duration = Duration::minutes(15);

/// What a person may be asked to sign as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Approves any production change.
    Engineer,
    /// Signs infrastructure changes.
    Security,
    /// Data protection officer: signs data-pipeline changes.
    Dpo,
    /// Guardrail committee: signs model changes.
    Guardrail,
    /// May ask for break-glass.
    Oncall,
    /// Reads everything, signs nothing.
    Auditor,
    /// Looks after how the work goes, signs nothing.
    Lead,
}

impl Role {
    /// Every role, for configuration and tables.
    pub const ALL: [Self; 7] =
        [Self::Engineer, Self::Security, Self::Dpo, Self::Guardrail, Self::Oncall, Self::Auditor, Self::Lead];

    /// Whether anybody can be asked for a signature in this role.
    #[must_use]
    pub fn signs(self) -> bool {
        !matches!(self, Self::Auditor | Self::Lead)
    }

    /// The word used in configuration, in the log and in the database.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Engineer => "engineer",
            Self::Security => "security",
            Self::Dpo => "dpo",
            Self::Guardrail => "guardrail",
            Self::Oncall => "oncall",
            Self::Auditor => "auditor",
            Self::Lead => "lead",
        }
    }

    /// The role behind a code; unknown words are no role.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Engineer => "Engineer",
            Self::Security => "Security",
            Self::Dpo => "Data protection officer",
            Self::Guardrail => "Guardrail committee",
            Self::Oncall => "On call",
            Self::Auditor => "Auditor",
            Self::Lead => "Lead",
        })
    }
}

/// Everything about a person that a decision may look at, read in the deciding transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The person.
    pub person: PersonId,
    /// On the admitted list at all.
    pub is_admitted: bool,
    /// Roles that the admitted list grants.
    pub admitted_roles: BTreeSet<Role>,
    /// Roles whose group the identity provider last reported.
    pub group_roles: BTreeSet<Role>,
    /// Roles that both sources say, but that wait for endorsements or for their 24 hours: they fill no seat.
    pub waiting_roles: BTreeSet<Role>,
    /// When the provider said so (database time); `None` if it never did.
    pub facts_at: Option<DateTime<Utc>>,
    /// From the admitted list.
    pub github_id: Option<GithubId>,
    /// Further GitHub accounts of the same person, from the admitted list: what these made, the person made.
    pub github_aliases: BTreeSet<GithubId>,
    /// Keys that count: enrolled, not revoked, and no longer waiting for endorsements.
    pub active_keys: BTreeSet<KeyId>,
}

/// Whether what the provider said at `at` still counts. What it said after `now` was said before the clock was set back:
/// nobody knows how long before (ATK-26).
#[must_use]
pub fn is_fresh(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    at <= now && now - at <= ROLE_FACTS_FRESH
}

impl Signer {
    /// The roles held now: the intersection of both sources, without those that wait.
    #[must_use]
    pub fn held_roles(&self) -> BTreeSet<Role> {
        if !self.is_admitted {
            return BTreeSet::new();
        }
        let both = self.admitted_roles.intersection(&self.group_roles).copied();
        both.filter(|role| !self.waiting_roles.contains(role)).collect()
    }

    /// Why none of these roles counts for this person, if none does. Whoever is not admitted is told that instead.
    #[must_use]
    pub fn holds_none_of(&self, asked: &BTreeSet<Role>) -> Option<Reason> {
        if !self.is_admitted || !self.held_roles().is_disjoint(asked) {
            return None;
        }
        let waiting: Vec<Role> = self.waiting_roles.intersection(asked).copied().collect();
        Some(if waiting.is_empty() {
            Reason::RoleNotHeld(asked.iter().copied().collect())
        } else {
            Reason::RoleWaits(waiting)
        })
    }

    /// Everything against this person's signing in one of these roles; fresh facts where it opens something.
    #[must_use]
    pub fn reasons_against(&self, asked: &[Role], fresh_at: Option<DateTime<Utc>>) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if !self.is_admitted {
            reasons.push(Reason::NotAdmitted);
        } else if self.active_keys.is_empty() {
            reasons.push(Reason::NoKey);
        }
        reasons.extend(self.holds_none_of(&asked.iter().copied().collect()));
        if fresh_at.is_some_and(|now| !self.facts_are_fresh(now)) {
            reasons.push(Reason::RoleFactsStale(self.person.clone()));
        }
        reasons
    }

    /// Why a signature's key does not count, if it does not.
    #[must_use]
    pub fn key_is_foreign(&self, proof: &events::Proof) -> Option<Reason> {
        (!self.active_keys.is_empty() && !self.active_keys.contains(&proof.key)).then_some(Reason::KeyNotActive)
    }

    /// Whether the provider's word is recent enough to execute on.
    #[must_use]
    pub fn facts_are_fresh(&self, now: DateTime<Utc>) -> bool {
        self.facts_at.is_some_and(|at| is_fresh(at, now))
    }
}
