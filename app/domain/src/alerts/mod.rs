//! Is something wrong in production, who says so, and was it looked at afterwards?
//!
//! An *incident* is declared by a person's signature. A P1 opens a door (a change may go out without its proof in
//! staging), so it is one only once a second person has confirmed it by signature, and neither of the two uses it: it is
//! never made by the one who wants the door (DESIGN §9).
//!
//! ```text
//! declared ──(P1: confirmed by another)── live ── closed ── reviewed by somebody else than whoever declared it
//! ```
//!
//! Invariants
//! - severity, services and environment are fixed when it is declared: what grew worse is another incident;
//! - the confirmer signs the very same incident, title included;
//! - a closed incident is never open again, and owes a review until one is signed.

pub mod decide;
pub mod events;
#[cfg(test)]
mod tests;

use crate::canonical::{self, CanonicalError};
use crate::ids::{Digest, EnvironmentName, IncidentId, PersonId, ServiceName};
use crate::personal::Personal;
use crate::reason::Reason;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Customers cannot be served, or data is at risk. Opens doors, so it takes two.
    P1,
    /// Something important is degraded.
    P2,
    /// Something is wrong that can wait for the morning.
    P3,
}

impl Severity {
    /// Every severity, worst first.
    pub const ALL: [Self; 3] = [Self::P1, Self::P2, Self::P3];

    /// The word in the database and in forms.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::P1 => "p1",
            Self::P2 => "p2",
            Self::P3 => "p3",
        }
    }

    /// The severity behind a word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.code() == code)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
        })
    }
}

/// What is declared: exactly what declarer and confirmer sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// Our id for it.
    pub incident: IncidentId,
    /// How bad it is.
    pub severity: Severity,
    /// Where.
    pub environment: EnvironmentName,
    /// Which services it concerns; at least one.
    pub services: BTreeSet<ServiceName>,
}

impl Declaration {
    /// SHA-256 of what keys sign. The title is in it by its commitment.
    ///
    /// # Errors
    /// Never for values that exist.
    pub fn digest(&self, title: &Digest) -> Result<Digest, CanonicalError> {
        canonical::to_bytes(&json!({
            "tag": "gatehouse.incident.v1",
            "incident": self.incident,
            "severity": self.severity,
            "environment": self.environment,
            "services": self.services,
            "title": title,
        }))
        .map(|bytes| Digest::of(&bytes))
    }
}

/// An incident as a decision sees it, held until the decision commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// What was declared.
    pub declared: Declaration,
    /// In which words.
    pub title: Personal,
    /// Who declared it.
    pub declared_by: PersonId,
    /// When.
    pub declared_at: DateTime<Utc>,
    /// Who confirmed it, and when.
    pub confirmed: Option<(PersonId, DateTime<Utc>)>,
    /// Who closed it, and when.
    pub closed: Option<(PersonId, DateTime<Utc>)>,
    /// Who reviewed it afterwards.
    pub reviewers: BTreeSet<PersonId>,
}

impl Incident {
    /// What declarer and confirmer sign.
    ///
    /// # Errors
    /// Never for values that exist.
    pub fn digest(&self) -> Result<Digest, CanonicalError> {
        self.declared.digest(&self.title.commitment)
    }

    /// Not closed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.closed.is_none()
    }

    /// A P1 that two people signed and nobody closed.
    #[must_use]
    pub fn is_live_p1(&self) -> bool {
        self.declared.severity == Severity::P1 && self.confirmed.is_some() && self.is_open()
    }

    /// Closed, and nobody looked at it afterwards.
    #[must_use]
    pub fn owes_review(&self) -> bool {
        !self.is_open() && self.reviewers.is_empty()
    }

    /// Whoever made it what it is.
    pub fn makers(&self) -> impl Iterator<Item = &PersonId> {
        std::iter::once(&self.declared_by).chain(self.confirmed.iter().map(|(person, _)| person))
    }

    /// Why it opens nothing for this service and environment, used by this person; empty where it does.
    #[must_use]
    pub fn against_use(&self, service: &ServiceName, environment: &EnvironmentName, by: &PersonId) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if self.declared.severity != Severity::P1 {
            reasons.push(Reason::IncidentNotP1);
        } else if self.confirmed.is_none() {
            reasons.push(Reason::IncidentUnconfirmed);
        }
        if !self.is_open() {
            reasons.push(Reason::IncidentClosed);
        }
        if self.declared.environment != *environment || !self.declared.services.contains(service) {
            reasons.push(Reason::IncidentElsewhere);
        }
        if self.makers().any(|maker| maker == by) {
            reasons.push(Reason::OwnIncident);
        }
        reasons
    }
}
