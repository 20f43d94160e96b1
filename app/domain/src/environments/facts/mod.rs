//! What is kept of a cluster's objects. The source of every field is the Kubernetes API path in its doc.

mod around;
mod running;

pub use around::{
    Application, Canary, Certificate, ConfigMap, Namespace, NetworkPolicy, Node, PeerAuthentication, Quota,
};
pub use running::{
    Budget, Condition, Container, EnvFrom, EnvSource, Pod, PodShape, ReplicaSet, Scaler, Security, Workload,
};

use crate::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A kind of object that is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// apps/v1.
    Deployment,
    /// apps/v1.
    ReplicaSet,
    /// apps/v1.
    StatefulSet,
    /// v1.
    Pod,
    /// autoscaling/v2 HorizontalPodAutoscaler.
    Scaler,
    /// v1.
    Node,
    /// v1.
    Namespace,
    /// v1 ResourceQuota.
    Quota,
    /// v1: keys, and digests of values.
    ConfigMap,
    /// networking.k8s.io/v1 NetworkPolicy.
    NetworkPolicy,
    /// policy/v1 PodDisruptionBudget.
    Budget,
    /// security.istio.io PeerAuthentication.
    PeerAuthentication,
    /// cert-manager.io Certificate.
    Certificate,
    /// argoproj.io Argo CD Application.
    Application,
    /// argoproj.io Argo Rollouts Rollout.
    Rollout,
    /// flagger.app Canary.
    Canary,
}

/// How far a kind of a cluster could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// When what is held was last known to be whole (the last event, bookmark or list); `None`: never.
    pub as_of: Option<DateTime<Utc>>,
    /// Why nothing newer comes, in a sentence of ours with its remedy; `None`: it does.
    pub trouble: Option<String>,
    /// The cluster does not know the kind: its operator is not installed. Nothing is missing then.
    pub absent: bool,
    /// Objects that could not be decoded and are left out, as `namespace/name: why`; at most twenty.
    pub poison: Vec<String>,
    /// How many such objects there are.
    pub poisoned: u32,
}

impl Reach {
    /// Whether what is held can be judged: it was read once, and is not known to be behind.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.absent || (self.as_of.is_some() && self.trouble.is_none())
    }
}

/// `namespace/name`; the namespace is empty for kinds that have none.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Name {
    /// Empty for nodes and namespaces.
    pub namespace: Arc<str>,
    /// The object's name.
    pub name: Arc<str>,
}

/// One cluster as far as it was seen, at one moment. Cheap to clone: objects are shared.
#[derive(Debug, Clone, Default)]
pub struct Cluster {
    /// How far each kind could be read. A kind that is not there was never asked for.
    pub reach: BTreeMap<Kind, Reach>,
    /// Deployments and StatefulSets (and Rollouts, which hold a pod template too).
    pub workloads: BTreeMap<(Kind, Name), Arc<Workload>>,
    /// ReplicaSets.
    pub replica_sets: BTreeMap<Name, Arc<ReplicaSet>>,
    /// Pods.
    pub pods: BTreeMap<Name, Arc<Pod>>,
    /// HorizontalPodAutoscalers.
    pub scalers: BTreeMap<Name, Arc<Scaler>>,
    /// Nodes.
    pub nodes: BTreeMap<Name, Arc<Node>>,
    /// Namespaces.
    pub namespaces: BTreeMap<Name, Arc<Namespace>>,
    /// ResourceQuotas.
    pub quotas: BTreeMap<Name, Arc<Quota>>,
    /// ConfigMaps.
    pub config_maps: BTreeMap<Name, Arc<ConfigMap>>,
    /// NetworkPolicies.
    pub network_policies: BTreeMap<Name, Arc<NetworkPolicy>>,
    /// PodDisruptionBudgets.
    pub budgets: BTreeMap<Name, Arc<Budget>>,
    /// Istio's PeerAuthentications.
    pub mtls: BTreeMap<Name, Arc<PeerAuthentication>>,
    /// cert-manager's Certificates.
    pub certificates: BTreeMap<Name, Arc<Certificate>>,
    /// Argo CD's Applications.
    pub applications: BTreeMap<Name, Arc<Application>>,
    /// Flagger's Canaries: phase and weight as the controller says them.
    pub canaries: BTreeMap<Name, Arc<Canary>>,
}

impl Cluster {
    /// How far `kind` could be read; *never* where it was not asked for.
    #[must_use]
    pub fn reach(&self, kind: Kind) -> Reach {
        self.reach.get(&kind).cloned().unwrap_or_default()
    }
}

/// What every object has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meta {
    /// Where and what.
    pub name: Name,
    /// `metadata.uid`.
    pub uid: String,
    /// `metadata.creationTimestamp`.
    pub created: Option<DateTime<Utc>>,
    /// `metadata.labels`.
    pub labels: BTreeMap<Arc<str>, Arc<str>>,
    /// `metadata.ownerReferences[controller=true]`, as kind and name.
    pub owner: Option<(Arc<str>, Arc<str>)>,
    /// When we saw this version of it.
    pub seen: Option<DateTime<Utc>>,
}
