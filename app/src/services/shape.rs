//! What the service pages show.

use crate::shape::{PersonView, Status};
use chrono::{DateTime, Utc};
use gatehouse_domain::tone::Tone;
use serde::{Deserialize, Serialize};

/// Which services, in which order: the query string of the matrix.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceFilter {
    /// Part of a service's name.
    #[serde(default)]
    pub q: Option<String>,
    /// The team that owns it.
    #[serde(default)]
    pub team: Option<String>,
    /// `name` (as without it), or `trouble`: what needs a look first.
    #[serde(default)]
    pub sort: Option<String>,
    /// The last service of the page before.
    #[serde(default)]
    pub after: Option<String>,
}

/// The matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatrixView {
    /// In the order in which code moves; a service's cells are in the same order.
    pub environments: Vec<EnvironmentHead>,
    /// One page of services.
    pub rows: Vec<ServiceRow>,
    /// The name to go on after.
    pub next: Option<String>,
    /// Every team, for the filter.
    pub teams: Vec<String>,
    /// How many services are configured.
    pub total: u32,
    /// Database time.
    pub as_of: DateTime<Utc>,
}

/// The head of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentHead {
    /// Its name.
    pub name: String,
    /// How many of the configured services are like that there; those that nobody deployed are not counted.
    pub shares: Vec<(Status, u32)>,
    /// When its cluster last said something.
    pub seen: Option<DateTime<Utc>>,
    /// Why nothing newer comes, in a sentence.
    pub trouble: Option<String>,
}

/// A service in every environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceRow {
    /// Its name.
    pub name: String,
    /// The team that owns it.
    pub team: String,
    /// One for each environment.
    pub cells: Vec<Cell>,
}

/// A service in one environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Health.
    pub status: Status,
    /// Why it is not simply healthy, in words.
    pub why: Option<String>,
    /// What runs; `None` where nothing does, or nobody knows.
    pub version: Option<Version>,
    /// Pods that serve, pods that are wanted.
    pub replicas: Option<(u32, u32)>,
    /// Between how many and how many pods it may scale.
    pub bounds: Option<(u32, u32)>,
    /// Live incidents that name it.
    pub incidents: u32,
    /// How the environment to its left lies to it.
    pub distance: Option<Distance>,
}

/// A build that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// The commit, where the registry or a change says which.
    pub commit: Option<String>,
    /// The image's digest; `None` where it is deployed by a tag.
    pub digest: Option<String>,
    /// The image as the cluster names it, where no digest is known.
    pub image: String,
    /// Since when, by the cluster's own record.
    pub since: Option<DateTime<Utc>>,
    /// The change that released exactly this.
    pub change: Option<String>,
    /// Who signed for it.
    pub by: Vec<PersonView>,
}

/// What the environment to the left has and this one has not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Distance {
    /// The same commit.
    Level,
    /// So many commits ahead; the first lines of the newest of them.
    Ahead {
        /// The environment to the left.
        than: String,
        /// How many.
        commits: u32,
        /// At most three.
        titles: Vec<String>,
    },
    /// Behind, or on another branch: a sentence.
    Otherwise {
        /// In words.
        words: String,
    },
    /// Not known (yet): a sentence.
    Unknown {
        /// Why.
        why: String,
    },
}

/// One service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceView {
    /// As in the matrix, with the environments' names.
    pub row: ServiceRow,
    /// Names of the environments, in the order of the cells.
    pub environments: Vec<String>,
    /// Where its code is.
    pub repository: String,
    /// The repository's address.
    pub repository_url: String,
    /// What its descriptor says, or why that is not known.
    pub catalog: Result<CatalogView, String>,
    /// What happened, newest first; all on one axis.
    pub events: Vec<Event>,
    /// From when the axis goes.
    pub from: DateTime<Utc>,
    /// Pods, worst first, in every environment.
    pub pods: Vec<PodRow>,
    /// How many pods are left out.
    pub more_pods: u32,
    /// How it scaled lately, where something scales it.
    pub scaling: Vec<ScalingView>,
    /// The image that production runs.
    pub image: Option<ImageView>,
    /// Database time.
    pub as_of: DateTime<Utc>,
}

/// From `catalog-info.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogView {
    /// Who owns it.
    pub owner: String,
    /// A sentence about it (foreign).
    pub description: Option<String>,
    /// `production`, `experimental` …
    pub lifecycle: Option<String>,
    /// The system that it belongs to.
    pub system: Option<String>,
    /// Its tier.
    pub tier: Option<String>,
    /// Who is called at night.
    pub on_call: Option<String>,
    /// Where to read on: title, address (https only).
    pub links: Vec<(String, String)>,
    /// What it needs.
    pub depends_on: Vec<String>,
}

/// On which lane of the axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Commits and runs.
    Run,
    /// Changes, approvals, releases, ways back.
    Change,
    /// Pods that began anew.
    Cluster,
    /// Incidents.
    Incident,
}

impl Lane {
    /// Top to bottom.
    pub const ALL: [Self; 4] = [Self::Run, Self::Change, Self::Cluster, Self::Incident];

    /// As people call it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Run => "Runs",
            Self::Change => "Changes",
            Self::Cluster => "Pods",
            Self::Incident => "Incidents",
        }
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: DateTime<Utc>,
    /// Where on the picture.
    pub lane: Lane,
    /// Its tone.
    pub tone: Tone,
    /// Who or what.
    pub actor: String,
    /// The rest of the sentence.
    pub what: String,
    /// Where it can be read; an address of ours.
    pub href: Option<String>,
}

/// A pod.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PodRow {
    /// Where.
    pub environment: String,
    /// Its name.
    pub name: String,
    /// How it is.
    pub status: Status,
    /// The cluster's word for it.
    pub reason: Option<String>,
    /// How often it began anew.
    pub restarts: u32,
    /// When it last did.
    pub restarted: Option<DateTime<Utc>>,
    /// Since when it runs.
    pub started: Option<DateTime<Utc>>,
    /// On which node.
    pub node: Option<String>,
}

/// How a service scaled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScalingView {
    /// Where.
    pub environment: String,
    /// Least and most pods.
    pub bounds: (u32, u32),
    /// What it measures: name, wanted percent, measured percent.
    pub metrics: Vec<(String, Option<u32>, Option<u32>)>,
    /// Moments and pods, oldest first, as far as this portal has watched.
    pub curve: Vec<(DateTime<Utc>, u32)>,
}

/// An image with what is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageView {
    /// The whole reference.
    pub reference: String,
    /// When it was pushed.
    pub pushed: Option<DateTime<Utc>>,
    /// How its scan ended.
    pub scan: Status,
    /// Findings by severity, worst first.
    pub findings: Vec<(String, u32)>,
    /// Where it comes from, step by step: name and value; a link of ours where there is one.
    pub provenance: Vec<(String, String, Option<String>)>,
}
