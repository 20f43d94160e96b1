//! What the incident pages show and send.

use crate::shape::{Availability, PersonView, Status};
use chrono::{DateTime, Utc};
use gatehouse_domain::alerts::decide::Word;
use serde::{Deserialize, Serialize};

/// An incident in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentRow {
    /// Our id for it.
    pub id: String,
    /// `P1`.
    pub severity: String,
    /// Where it stands.
    pub status: Status,
    /// A person's words.
    pub title: String,
    /// Where.
    pub environment: String,
    /// Which services.
    pub services: Vec<String>,
    /// By whom, when.
    pub declared: (PersonView, DateTime<Utc>),
    /// The second person of a P1.
    pub confirmed: Option<(PersonView, DateTime<Utc>)>,
    /// By whom, when.
    pub closed: Option<(PersonView, DateTime<Utc>)>,
}

/// Every incident, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentsView {
    /// At most two hundred.
    pub rows: Vec<IncidentRow>,
    /// Configured environments.
    pub environments: Vec<String>,
    /// Configured services.
    pub services: Vec<String>,
    /// Whether the caller may declare one.
    pub declare: Availability,
    /// Database time.
    pub as_of: DateTime<Utc>,
}

/// A review as it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewRow {
    /// By whom.
    pub by: PersonView,
    /// When.
    pub at: DateTime<Utc>,
    /// The review (a person's words), where it can still be read.
    pub words: Option<String>,
}

/// One incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentView {
    /// As in the list.
    pub row: IncidentRow,
    /// Oldest first.
    pub reviews: Vec<ReviewRow>,
    /// Say that it is a P1.
    pub confirm: Availability,
    /// Say that it is over.
    pub close: Availability,
    /// Say what was learnt.
    pub review: Availability,
    /// Database time.
    pub as_of: DateTime<Utc>,
}

/// What the caller wants to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum IncidentWish {
    /// That something is wrong.
    Declare {
        /// `p1`, `p2` or `p3`.
        severity: String,
        /// Where.
        environment: String,
        /// Which services; at least one.
        services: Vec<String>,
        /// In one line.
        title: String,
    },
    /// Something about an incident that is there.
    Say {
        /// What.
        word: Word,
        /// Which.
        incident: String,
        /// The words beside it; of a review, the review.
        words: String,
    },
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentDone {
    /// Which incident.
    pub incident: String,
    /// In a sentence.
    pub message: String,
}
