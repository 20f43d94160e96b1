//! What the page for data protection shows.

use crate::changes::shape::ChangeView;
use gatehouse_domain::changes::data::DataReport;
use serde::{Deserialize, Serialize};

/// A change, and what it does to people's data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataChangeView {
    /// The change, as on its own page.
    pub change: ChangeView,
    /// What is known of its data.
    pub told: DataTold,
}

/// What is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataTold {
    /// No file that changes says anything about data.
    Nothing,
    /// The report that the log names, and its digest.
    Report(Box<DataReport>, String),
    /// The log names a report, and it is not here any more, or not that one.
    Lost(String),
}
