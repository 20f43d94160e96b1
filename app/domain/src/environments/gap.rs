//! What could not be looked at, and why? Where there is a gap, nothing is called good.

use super::facts::{Cluster, Kind};
use crate::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A kind of a cluster that could not be read wholly, or not lately.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// What could not be read.
    pub kind: Kind,
    /// Until when it could be; `None`: never.
    pub as_of: Option<DateTime<Utc>>,
    /// Why not, in a sentence.
    pub why: String,
}

/// Objects of a kind, as Kubernetes calls them.
#[must_use]
pub fn plural(kind: Kind) -> &'static str {
    match kind {
        Kind::Deployment => "Deployments",
        Kind::ReplicaSet => "ReplicaSets",
        Kind::StatefulSet => "StatefulSets",
        Kind::Pod => "Pods",
        Kind::Scaler => "HorizontalPodAutoscalers",
        Kind::Node => "Nodes",
        Kind::Namespace => "Namespaces",
        Kind::Quota => "ResourceQuotas",
        Kind::ConfigMap => "ConfigMaps",
        Kind::NetworkPolicy => "NetworkPolicies",
        Kind::Budget => "PodDisruptionBudgets",
        Kind::PeerAuthentication => "PeerAuthentications",
        Kind::Certificate => "Certificates",
        Kind::Application => "Applications",
        Kind::Rollout => "Rollouts",
        Kind::Canary => "Canaries",
    }
}

/// One object of a kind, as Kubernetes calls it.
#[must_use]
pub fn singular(kind: Kind) -> &'static str {
    match kind {
        Kind::NetworkPolicy => "NetworkPolicy",
        Kind::Canary => "Canary",
        other => plural(other).trim_end_matches('s'),
    }
}

/// Whether something of this kind was ever read, so that *it is not there* means something.
pub(super) fn was_read(cluster: &Cluster, kind: Kind) -> bool {
    cluster.reach.get(&kind).is_some_and(|reach| reach.absent || reach.as_of.is_some())
}

/// The oldest of the moments at which these kinds were last whole; none where one of them never was. A kind that the
/// cluster does not know has no moment and takes none away.
pub(super) fn as_of(cluster: &Cluster, kinds: &[Kind]) -> Option<DateTime<Utc>> {
    let mut oldest = None;
    for kind in kinds {
        let reach = cluster.reach(*kind);
        match reach.as_of {
            None if reach.absent => {}
            None => return None,
            Some(at) => oldest = Some(oldest.map_or(at, |known: DateTime<Utc>| known.min(at))),
        }
    }
    oldest
}

/// Which of these kinds cannot be judged wholly. An object that could not be decoded may be the one that matters.
pub(super) fn gaps(cluster: &Cluster, kinds: &[Kind]) -> Vec<Gap> {
    let gap = |kind: &Kind| {
        let reach = cluster.reach(*kind);
        let why = match (&reach.trouble, reach.poisoned) {
            (Some(trouble), _) => trouble.clone(),
            _ if !reach.is_known() => format!("{} of this cluster were never read.", plural(*kind)),
            (None, 0) => return None,
            (None, 1) => format!("One of the {} could not be decoded and is left out.", plural(*kind)),
            (None, many) => format!("{many} of the {} could not be decoded and are left out.", plural(*kind)),
        };
        Some(Gap { kind: *kind, as_of: reach.as_of, why })
    };
    kinds.iter().filter_map(gap).collect()
}

/// Whether an object of this kind that is not here may be one that could not be decoded. Of those only some are named;
/// where there are more, it may be any.
pub(super) fn may_be_left_out(cluster: &Cluster, kind: Kind, is_it: impl Fn(&str) -> bool) -> bool {
    let reach = cluster.reach(kind);
    let named = reach.poison.iter().filter_map(|line| line.split_once(": ")).any(|(object, _)| is_it(object));
    named || usize::try_from(reach.poisoned).is_ok_and(|all| all > reach.poison.len())
}
