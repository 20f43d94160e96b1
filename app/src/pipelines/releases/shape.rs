//! What the page of images shows.

use crate::shape::Status;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Which images.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseFilter {
    /// Of one service.
    pub service: Option<String>,
    /// `never`, `moved` or `unscanned`: only what is worth that look.
    pub only: Option<String>,
    /// Where the page begins, as an earlier page said.
    pub after: Option<String>,
}

/// An image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageRow {
    /// Services that are deployed from its repository.
    pub services: Vec<String>,
    /// The repository.
    pub repository: String,
    /// Its content address.
    pub digest: String,
    /// Tags that name it; anybody who may push chooses them.
    pub tags: Vec<String>,
    /// When it was pushed.
    pub pushed_at: DateTime<Utc>,
    /// Its size in words, where it is known.
    pub size: Option<String>,
    /// How far the registry's scan is.
    pub scan: Status,
    /// When that was done last.
    pub scanned_at: Option<DateTime<Utc>>,
    /// Findings by severity, the worst first.
    pub findings: Vec<(String, u32)>,
    /// What became of it: released, runs, ran, never deployed.
    pub fate: Status,
    /// The newest change that released it, and when.
    pub released: Option<(String, DateTime<Utc>)>,
    /// Where it runs.
    pub runs_in: Vec<String>,
    /// Tags that named it and name another one now.
    pub lost: Vec<String>,
    /// Tags that name it and named another one before.
    pub taken: Vec<String>,
    /// When the registry was first without it.
    pub gone_at: Option<DateTime<Utc>>,
}

/// A repository, and how far it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryRow {
    /// Its name.
    pub repository: String,
    /// When it was last read whole; `None`: never.
    pub as_of: Option<DateTime<Utc>>,
    /// Why nothing newer is shown.
    pub trouble: Option<String>,
}

/// One page of images, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasesView {
    /// At most fifty.
    pub rows: Vec<ImageRow>,
    /// Where the next page begins.
    pub next: Option<String>,
    /// The repositories that are shown.
    pub repositories: Vec<RepositoryRow>,
    /// Configured services.
    pub services: Vec<String>,
    /// Database time.
    pub as_of: DateTime<Utc>,
}
