//! What the page of guard rails shows.

use chrono::{DateTime, Utc};
use gatehouse_domain::environments::guard_rails::{Judged, Outside};
use serde::{Deserialize, Serialize};

/// A rail, with the worst of what breaks it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RailRow {
    /// The judgement; its findings are cut to what a page can show.
    pub judged: Judged,
    /// How many findings there are in all.
    pub findings: usize,
}

/// The rails of one environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RailsView {
    /// Which environment.
    pub environment: String,
    /// Every rail; empty where nothing could be judged.
    pub rails: Vec<RailRow>,
    /// Namespaces that are not judged.
    pub outside: Vec<Outside>,
    /// Why nothing could be judged.
    pub fault: Option<String>,
    /// Database time.
    pub as_of: DateTime<Utc>,
}
