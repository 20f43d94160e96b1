//! What the policy page shows and sends.

use crate::shape::Availability;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The rules in force, and what is proposed instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyView {
    /// The configuration in force.
    pub digest: String,
    /// Its first 66 bits, to read aloud.
    pub six_words: Vec<String>,
    /// Since when.
    pub since: DateTime<Utc>,
    /// The change that everybody signed for it; absent where it was adopted.
    pub number: Option<String>,
    /// The policy's files.
    pub policy_digest: String,
    /// Why the policy gives no answer, if so.
    pub fault: Option<String>,
    /// The policy's files in force: rules and data.
    pub files: Vec<PolicyFile>,
    /// Everything else that is governed, value by value.
    pub values: Vec<ValueRow>,
    /// What this portal's file says instead.
    pub proposal: Option<ProposalView>,
    /// Why the file cannot be read, where it cannot.
    pub file_fault: Option<String>,
    /// What is and was in force, newest first.
    pub history: Vec<HistoryRow>,
    /// Database time.
    pub as_of: DateTime<Utc>,
}

/// One of the policy's files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyFile {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// One governed value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueRow {
    /// `admitted.E-1001.roles`.
    pub place: String,
    /// Its text.
    pub value: String,
}

/// Other rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalView {
    /// The digest.
    pub digest: String,
    /// The digest of what whoever proposes it signs, as six words.
    pub six_words: Vec<String>,
    /// What would be another thing.
    pub difference: DifferenceView,
    /// The change that proposes it already.
    pub number: Option<String>,
    /// Whether the caller may propose it.
    pub propose: Availability,
}

/// What differs between two configurations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DifferenceView {
    /// Values that are another, or are on one side only.
    pub rows: Vec<DifferenceRow>,
    /// Files of the policy that differ.
    pub files: Vec<FileDifferenceView>,
}

/// A value that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DifferenceRow {
    /// `admitted.E-1001.roles`.
    pub place: String,
    /// In force.
    pub before: Option<String>,
    /// Proposed.
    pub after: Option<String>,
}

/// A file that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDifferenceView {
    /// Its name.
    pub name: String,
    /// Lines, with some around them.
    pub lines: Vec<LineView>,
    /// Whether there is more than is shown.
    pub cut: bool,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineView {
    /// On both sides.
    Same(String),
    /// Only in force.
    Gone(String),
    /// Only proposed.
    New(String),
    /// Lines that do not differ are left out here.
    Skipped,
}

/// A configuration that is or was in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRow {
    /// The digest.
    pub digest: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// The change; absent where it was adopted.
    pub number: Option<String>,
}

/// What the caller proposes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposalRequest {
    /// The configuration in force, as the page showed it.
    pub base: String,
    /// The one to take its place, as the page showed it.
    pub proposed: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalDone {
    /// The change that was opened.
    pub number: String,
}
