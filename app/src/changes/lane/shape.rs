//! What is shown of the lane, and what is wanted of it.

use crate::shape::{Availability, PersonView};
use chrono::{DateTime, Utc};
use gatehouse_domain::problem::ReasonView;
use serde::{Deserialize, Serialize};

/// Everybody on the way to the same place, whoever holds the lane first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneView {
    /// At least two.
    pub rows: Vec<InLaneRow>,
}

/// One change on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InLaneRow {
    /// `CHG-2026-000123`.
    pub number: String,
    /// The one whose page this is.
    pub is_this: bool,
    /// On its way since.
    pub since: DateTime<Utc>,
    /// GitHub is being answered.
    pub is_executing: bool,
    /// For an older one: what it is now, and whether the caller may end it for this one.
    pub supersede: Option<(String, Availability)>,
}

/// When nothing goes out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreezesView {
    /// Stops, newest first, over or not.
    pub stops: Vec<StopRow>,
    /// The policy's windows, but for those long over.
    pub windows: Vec<WindowRow>,
    /// Every configured environment.
    pub environments: Vec<String>,
    /// Whether the caller may stop a line.
    pub stop: Availability,
    /// Database time.
    pub as_of: DateTime<Utc>,
}

/// One stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopRow {
    /// Our id for it.
    pub id: String,
    /// To where.
    pub environment: String,
    /// Who.
    pub by: PersonView,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Until when, if it ends by itself.
    pub until: Option<DateTime<Utc>>,
    /// Why (a person's words), where that can still be read.
    pub why: Option<String>,
    /// Lifted when, and by whom.
    pub lifted: Option<(DateTime<Utc>, PersonView)>,
    /// Whether it holds now.
    pub stands: bool,
    /// Whether the caller may lift it.
    pub lift: Availability,
}

/// A window of the policy's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowRow {
    /// To where.
    pub environment: String,
    /// Of which services; empty: all.
    pub services: Vec<String>,
    /// From when on.
    pub from: DateTime<Utc>,
    /// Until when.
    pub until: DateTime<Utc>,
    /// Why.
    pub because: String,
}

/// What the caller wants to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LaneWish {
    /// Let nothing go out.
    Stop {
        /// To where.
        environment: String,
        /// Until when, if it is to end by itself.
        until: Option<DateTime<Utc>>,
        /// Why: everybody reads it.
        why: String,
    },
    /// Take a stop back.
    Lift {
        /// Which.
        stop: String,
        /// Why.
        why: String,
    },
    /// End an older change for a newer one, both as the page showed them.
    Supersede {
        /// The one that ends.
        older: String,
        /// The digest that the page showed.
        older_subject: String,
        /// The one that takes its place.
        newer: String,
        /// The digest that the page showed.
        newer_subject: String,
        /// Why.
        why: String,
    },
    /// Attach a live P1 to a change as the page showed it.
    Attach {
        /// The change.
        number: String,
        /// The digest that the page showed.
        subject_digest: String,
        /// The incident.
        incident: String,
        /// Why.
        why: String,
    },
}

/// The emergency lane of one change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyView {
    /// What is attached: the incident's id and title, who attached it, and why it opens nothing if it does not.
    pub attached: Option<AttachedView>,
    /// Live P1s of this service there, and whether the caller may attach each: id, title, whether.
    pub live: Vec<(String, String, Availability)>,
    /// What this change owes since it went out.
    pub debt: Option<DebtView>,
}

/// A P1 that is attached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachedView {
    /// The incident.
    pub incident: String,
    /// A person's words.
    pub title: String,
    /// Who attached it.
    pub by: PersonView,
    /// Why it opens nothing; empty where it does.
    pub against: Vec<ReasonView>,
}

/// A proof that is owed, or was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DebtView {
    /// Until when.
    pub due_at: DateTime<Utc>,
    /// Since when it is paid.
    pub paid_at: Option<DateTime<Utc>>,
}
