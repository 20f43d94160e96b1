//! What can happen to an incident, as it stands in the log.

use super::Declaration;
use crate::ids::{Digest, IncidentId, PersonId};
use crate::people::events::Proof;
use crate::personal::Personal;
use serde::{Deserialize, Serialize};

/// A person declared an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IncidentDeclared {
    /// What.
    pub declared: Declaration,
    /// In which words.
    pub title: Personal,
    /// Who.
    pub person: PersonId,
    /// The signature over what was declared, title included.
    pub proof: Proof,
}

/// A person signed something about an incident that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IncidentSigned {
    /// Which.
    pub incident: IncidentId,
    /// What was declared.
    pub subject_digest: Digest,
    /// Who.
    pub person: PersonId,
    /// The words beside it; of a review, the review.
    pub words: Personal,
    /// The signature over the same incident.
    pub proof: Proof,
}
