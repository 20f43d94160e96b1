//! What the page of DORA's figures shows.

use crate::pipelines::shape::Currency;
use chrono::{DateTime, Utc};
use gatehouse_domain::pipelines::dora::Figure;
use serde::{Deserialize, Serialize};

/// Of what, and for how long; in the query string.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoraFilter {
    /// A service's name; all of them without.
    pub service: Option<String>,
    /// `30` or `90`.
    pub days: Option<String>,
}

/// The five of one service, or of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FigureRow {
    /// Whose; `None` for all.
    pub service: Option<String>,
    /// How many deployments.
    pub deployments: usize,
    /// In seconds.
    pub lead_time: Figure<i64>,
    /// A hundred times how many a week.
    pub per_week_hundredths: Figure<u64>,
    /// In seconds.
    pub recovery_time: Figure<i64>,
    /// How many of how many failed.
    pub fail_rate: Figure<(usize, usize)>,
    /// How many of how many nobody planned.
    pub rework_rate: Figure<(usize, usize)>,
}

/// A deployment, as the lists behind the figures show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentRow {
    /// The run that did it.
    pub run: String,
    /// The change that let it.
    pub number: Option<String>,
    /// Of what.
    pub service: String,
    /// The run's title: a stranger's words.
    pub title: String,
    /// When it came to production.
    pub deployed_at: DateTime<Utc>,
    /// From commit to production.
    pub lead_seconds: i64,
    /// Why nobody planned it, in words.
    pub unplanned: Option<String>,
    /// Why it counts as failed, in words.
    pub failed: Vec<String>,
    /// How long until it was made good.
    pub recovery_seconds: Option<i64>,
}

/// The page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoraView {
    /// Over so many days.
    pub days: u32,
    /// Of what is chosen.
    pub chosen: FigureRow,
    /// Of every service, where none is chosen.
    pub services: Vec<FigureRow>,
    /// Every service's name.
    pub names: Vec<String>,
    /// What the figures are made of, newest first.
    pub deployments: Vec<DeploymentRow>,
    /// There were more than are counted.
    pub is_cut: bool,
    /// How current it is.
    pub currency: Currency,
    /// When this was read.
    pub as_of: DateTime<Utc>,
}
