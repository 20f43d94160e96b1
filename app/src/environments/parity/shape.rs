//! What the page of parity shows.

use chrono::{DateTime, Utc};
use gatehouse_domain::environments::parity::Comparison;
use serde::{Deserialize, Serialize};

/// One environment beside another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParityView {
    /// Which environment.
    pub environment: String,
    /// What came of comparing it; its differences are cut to what a page can show. `None`: see `fault`.
    pub comparison: Option<Comparison>,
    /// How many differences were cut off.
    pub more: usize,
    /// Why nothing was compared, with its remedy.
    pub fault: Option<String>,
    /// Database time.
    pub as_of: DateTime<Utc>,
}
