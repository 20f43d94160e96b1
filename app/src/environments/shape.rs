//! What the environment pages show.

use crate::shape::Status;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Nodes of one group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRow {
    /// The group's name; empty where a node names none.
    pub group: String,
    /// How many nodes.
    pub nodes: u32,
    /// How many of them are ready.
    pub ready: u32,
    /// How many take no new pods.
    pub cordoned: u32,
    /// Their instance types.
    pub types: Vec<String>,
}

/// How far a kind can be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindRow {
    /// Its plural.
    pub kind: String,
    /// `Live`, `Behind`, `Absent`, `Never read`.
    pub status: Status,
    /// Since when nothing newer is known.
    pub as_of: Option<DateTime<Utc>>,
    /// Why, and what helps.
    pub trouble: Option<String>,
    /// Objects that were left out, at most twenty, in the portal's words around foreign names.
    pub poison: Vec<String>,
    /// How many were left out.
    pub poisoned: u32,
}

/// One environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentCard {
    /// Our word.
    pub name: String,
    /// Whether nothing goes there but through a gate.
    pub gated: bool,
    /// Account, region, cluster and so on: what it is and what is said.
    pub about: Vec<(String, String)>,
    /// Whether this replica watches its cluster.
    pub watched: bool,
    /// Workloads by their health, the best first: word, tone and how many; none that is zero.
    pub health: Vec<(Status, u32)>,
    /// Nodes by group.
    pub groups: Vec<GroupRow>,
    /// What each kind's watch says.
    pub kinds: Vec<KindRow>,
}

/// Every environment, from the left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentsView {
    /// In the order of the way to production.
    pub environments: Vec<EnvironmentCard>,
    /// When it was read.
    pub as_of: DateTime<Utc>,
}

/// A Deployment, StatefulSet or Rollout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkloadRow {
    /// Its kind.
    pub kind: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// How it is.
    pub health: Status,
    /// Why.
    pub why: String,
    /// Wanted, ready, updated.
    pub counts: (u32, u32, u32),
    /// Bounds of its autoscaler.
    pub bounds: Option<(u32, u32)>,
}

/// Something around the workloads: a namespace's quota, a rule, a certificate, what another operator says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AroundRow {
    /// What it is.
    pub kind: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// How it is.
    pub status: Status,
    /// What it says.
    pub words: String,
}

/// One environment and what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentView {
    /// As in the list.
    pub card: EnvironmentCard,
    /// A page of its workloads.
    pub workloads: Vec<WorkloadRow>,
    /// How many there are in all.
    pub total: u32,
    /// Where the next page begins.
    pub next: Option<String>,
    /// A page's worth of what is around them.
    pub around: Vec<AroundRow>,
    /// How much more of it there is.
    pub around_more: u32,
    /// Whether it keeps its guard rails: `All kept`, `2 broken`.
    pub rails: Status,
    /// Whether it mirrors what it was declared to mirror; `None` where it was declared to mirror nothing.
    pub parity: Option<Status>,
    /// When it was read.
    pub as_of: DateTime<Utc>,
}
