//! What the audit page shows.

use crate::shape::PersonView;
use chrono::{DateTime, Utc};
use gatehouse_domain::tone::Tone;
use serde::{Deserialize, Serialize};

/// Which entries; all of it lives in the query string.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditFilter {
    /// An act, such as `changes.approved`.
    pub act: Option<String>,
    /// A person's id, `github`, `gatehouse`, `operator`.
    pub actor: Option<String>,
    /// What an entry is about or names: a change's number, a key's or person's id.
    pub about: Option<String>,
    /// From this moment on, in UTC: `2026-11-22` or `2026-11-22T14:00`.
    pub since: Option<String>,
    /// Before this moment, in UTC.
    pub until: Option<String>,
    /// The cursor of the page before (keyset).
    pub before: Option<String>,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    /// The entry's id.
    pub id: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who, as people say it.
    pub actor: String,
    /// Who, as the filter takes it.
    pub actor_id: String,
    /// The act's stable name.
    pub act: String,
    /// The act as the rest of a sentence.
    pub what: String,
    /// What it is about: `CHG-…`, a person's id, a delivery.
    pub about: String,
    /// Where that can be read, when there is a page for it.
    pub about_href: Option<String>,
    /// Its tone.
    pub tone: Tone,
    /// SHA-256 leaf hash of the exact bytes.
    pub leaf_hash: String,
    /// The exact bytes, as text.
    pub bytes: String,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// Newest first.
    pub rows: Vec<AuditRow>,
    /// Give this as `before` for the next page.
    pub next: Option<String>,
    /// Every act there is, for the filter.
    pub acts: Vec<String>,
    /// Everybody who can have acted, for the filter.
    pub actors: Vec<PersonView>,
    /// What in the filter cannot be understood, in a sentence; then there are no rows.
    pub unclear: Option<String>,
    /// Database time.
    pub as_of: DateTime<Utc>,
}
