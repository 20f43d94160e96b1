//! What can happen to the rules themselves, as it stands in the log.

use super::Proposal;
use crate::changes::{Contributors, Requirement, RollbackPlan, Subject};
use crate::ids::{ChangeNumber, Digest, PersonId, SessionId};
use crate::people::events::Proof;
use serde::{Deserialize, Serialize};

/// A configuration is in force without signatures: there was none before, or all founders were lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adopted {
    /// Which.
    pub digest: Digest,
    /// Which was in force before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Digest>,
}

/// Somebody proposed another configuration, with their key, and a change was opened for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposed {
    /// The change.
    pub number: ChangeNumber,
    /// Which configuration is to take the place of which.
    pub proposal: Proposal,
    /// Who proposed it, and so fills no seat.
    pub person: PersonId,
    /// In which session.
    pub session: SessionId,
    /// Their signature over the proposal.
    pub proof: Proof,
    /// What is to be approved.
    pub subject: Subject,
    /// Its digest.
    pub subject_digest: Digest,
    /// Who must sign.
    pub requirement: Requirement,
    /// Who had a part in it.
    pub contributors: Contributors,
    /// The plan whose digest is in the subject.
    pub rollback_plan: RollbackPlan,
}

/// A configuration that everybody signed is in force from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CameIntoForce {
    /// The change.
    pub number: ChangeNumber,
    /// Which took the place of which.
    pub proposal: Proposal,
}
