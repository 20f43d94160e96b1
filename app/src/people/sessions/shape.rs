//! What the sessions page shows.

use crate::shape::{Availability, PersonView};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// Its id.
    pub id: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When something was last asked through it.
    pub seen_at: DateTime<Utc>,
    /// The one that looks at this page.
    pub is_this: bool,
    /// Whoever has it is signed in.
    pub is_live: bool,
    /// It was reported as stolen.
    pub is_stolen: bool,
    /// Whether the caller may report it.
    pub report: Availability,
}

/// The sessions of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionsView {
    /// Whose.
    pub person: PersonView,
    /// The caller's own.
    pub is_own: bool,
    /// The caller may look at anybody's.
    pub sees_everybody: bool,
    /// Live ones first.
    pub sessions: Vec<SessionRow>,
    /// Database time.
    pub as_of: DateTime<Utc>,
}
