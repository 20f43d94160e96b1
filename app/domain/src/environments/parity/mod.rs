//! Does one environment mirror another, in what was declared to be equal?
//!
//! A [`Declaration`] is data of the policy: which [`Aspect`]s must be equal, what is left out and why, and which
//! differences somebody explained, until when. [`compare`] puts two clusters side by side by it. Each difference is
//! explained, or a finding.
//!
//! Invariants
//! - an aspect is *equal* only where every kind that it needs was read wholly and lately on both sides;
//! - a kind that was never read on a side makes no differences: what is not known is not missing;
//! - an explanation that expired explains nothing, and one that fits nothing is said: a list that nobody keeps is no list;
//! - no value of a Secret is here, and of configuration only digests.

mod compare;
mod declaration;
mod fields;
#[cfg(test)]
mod tests;

pub use compare::{Compared, Comparison, Difference, Side, Stale, Verdict, Why, compare};
pub use declaration::{Declaration, Explained, LeftOut, Malformed};

use super::facts::Kind;
use serde::{Deserialize, Serialize};

/// What can be declared to be equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// Which types of machine each group of nodes has.
    InstanceTypes,
    /// Which namespaces there are, and what their labels make the platform enforce.
    Namespaces,
    /// Which workloads there are, and their containers.
    Workloads,
    /// From which repositories images come; not which version.
    ImageRepositories,
    /// How Kubernetes asks whether a container is alive and ready.
    Probes,
    /// What containers ask for and may use.
    Resources,
    /// What pods and containers may do.
    SecurityContext,
    /// Which environment variables there are, and from where.
    Environment,
    /// Keys of ConfigMaps, and digests of their values.
    Config,
    /// Who may talk to whom.
    NetworkPolicies,
    /// Who must prove who they are to talk.
    Mtls,
    /// What a namespace may use.
    Quotas,
    /// By what autoscalers scale.
    Scaling,
    /// How many pods may be taken away at once.
    Budgets,
}

impl Aspect {
    /// All of them, as they are shown.
    pub const ALL: [Self; 14] = [
        Self::InstanceTypes,
        Self::Namespaces,
        Self::Workloads,
        Self::ImageRepositories,
        Self::Probes,
        Self::Resources,
        Self::SecurityContext,
        Self::Environment,
        Self::Config,
        Self::NetworkPolicies,
        Self::Mtls,
        Self::Quotas,
        Self::Scaling,
        Self::Budgets,
    ];

    /// Its name in the policy's file.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::InstanceTypes => "instance_types",
            Self::Namespaces => "namespaces",
            Self::Workloads => "workloads",
            Self::ImageRepositories => "image_repositories",
            Self::Probes => "probes",
            Self::Resources => "resources",
            Self::SecurityContext => "security_context",
            Self::Environment => "environment",
            Self::Config => "config",
            Self::NetworkPolicies => "network_policies",
            Self::Mtls => "mtls",
            Self::Quotas => "quotas",
            Self::Scaling => "scaling",
            Self::Budgets => "budgets",
        }
    }

    /// What is compared, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::InstanceTypes => "Instance types of each node group",
            Self::Namespaces => "Namespaces and what their labels enforce",
            Self::Workloads => "Workloads and their containers",
            Self::ImageRepositories => "Repositories that images come from",
            Self::Probes => "Probes",
            Self::Resources => "Resources asked for and limits",
            Self::SecurityContext => "Security contexts",
            Self::Environment => "Environment variables and where they come from",
            Self::Config => "Configuration keys and digests of values",
            Self::NetworkPolicies => "Network policies",
            Self::Mtls => "mTLS",
            Self::Quotas => "Quotas",
            Self::Scaling => "What autoscalers scale by",
            Self::Budgets => "Disruption budgets",
        }
    }

    /// What must be known on both sides before it can be called equal.
    #[must_use]
    pub fn needs(self) -> &'static [Kind] {
        match self {
            Self::InstanceTypes => &[Kind::Node],
            Self::Namespaces => &[Kind::Namespace],
            Self::Config => &[Kind::ConfigMap],
            Self::NetworkPolicies => &[Kind::NetworkPolicy],
            Self::Mtls => &[Kind::PeerAuthentication],
            Self::Quotas => &[Kind::Quota],
            Self::Scaling => &[Kind::Scaler],
            Self::Budgets => &[Kind::Budget],
            _ => &[Kind::Deployment, Kind::StatefulSet, Kind::Rollout],
        }
    }
}
