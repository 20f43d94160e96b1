//! What the page about habits shows.

use crate::shape::PersonView;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// An approval by the size of what was approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadingDot {
    /// Of which change.
    pub number: String,
    /// Lines added and removed.
    pub lines: u64,
    /// Seconds from the first look to the signature.
    pub seconds: u64,
    /// Faster than anybody reads.
    pub is_too_quick: bool,
}

/// How many of one person's changes the other approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareView {
    /// Approved by the other.
    pub approved: u32,
    /// All that anybody approved.
    pub all: u32,
}

/// Two who approve each other's work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairRow {
    /// The one.
    pub one: PersonView,
    /// The other.
    pub other: PersonView,
    /// Of the one's changes, by the other.
    pub of_one: ShareView,
    /// Of the other's, by the one.
    pub of_other: ShareView,
    /// Nearly always, both ways.
    pub is_habit: bool,
}

/// What a role has to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadRow {
    /// The role, as people say it.
    pub role: String,
    /// How many hold it.
    pub holders: u32,
    /// Signatures given.
    pub given: u32,
    /// By how many.
    pub hands: u32,
    /// How many of them by the busiest.
    pub busiest: u32,
    /// Seats that wait now.
    pub waiting: u32,
    /// Usual seconds from opening to signature.
    pub usually: Option<u64>,
}

/// The page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HabitsView {
    /// Since when.
    pub since: DateTime<Utc>,
    /// Approvals in that time.
    pub approvals: u32,
    /// Those of which size and reading time are known.
    pub dots: Vec<ReadingDot>,
    /// Who approves each other.
    pub pairs: Vec<PairRow>,
    /// Every role that signs.
    pub load: Vec<LoadRow>,
    /// Database time.
    pub as_of: DateTime<Utc>,
}
