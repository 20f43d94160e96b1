//! What the home page shows.

use crate::changes::shape::ChangeRow;
use crate::people::shape::RequestRow;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Home: what needs the caller, then what else moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomeView {
    /// Held changes that the caller could approve now, longest waiting first.
    pub needs_you: Vec<ChangeRow>,
    /// Keys and roles of others that the caller could endorse now, longest waiting first.
    pub endorse: Vec<RequestRow>,
    /// Held changes that wait for others.
    pub waiting: Vec<ChangeRow>,
    /// The latest that ended or are being answered.
    pub recent: Vec<ChangeRow>,
    /// Database time.
    pub as_of: DateTime<Utc>,
}
