//! What runs: workloads, pods, what they are made of and what scales them.

use super::Meta;
use crate::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A Deployment, StatefulSet or Rollout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Workload {
    /// Who it is.
    pub meta: Meta,
    /// `spec.replicas`; Kubernetes fills in 1.
    pub wanted: u32,
    /// `status.replicas`.
    pub replicas: u32,
    /// `status.readyReplicas`.
    pub ready: u32,
    /// `status.updatedReplicas`.
    pub updated: u32,
    /// `status.availableReplicas`.
    pub available: u32,
    /// `status.observedGeneration >= metadata.generation`: the status is about this spec.
    pub observed: bool,
    /// `spec.paused`.
    pub paused: bool,
    /// `status.conditions` that matter: type, status (`True`…), reason, message, since.
    pub conditions: Vec<Condition>,
    /// `spec.selector.matchLabels`.
    pub selector: BTreeMap<Arc<str>, Arc<str>>,
    /// `spec.template`.
    pub template: Arc<PodShape>,
}

/// A condition as the cluster wrote it. Its words are outside input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    /// `Available`, `Progressing`, `Ready` …
    pub kind: String,
    /// `True`, `False`, `Unknown`.
    pub status: String,
    /// A word.
    pub reason: String,
    /// A sentence, cut to 300 characters.
    pub message: String,
    /// `lastTransitionTime`.
    pub since: Option<DateTime<Utc>>,
}

/// What a pod is made of: `spec.template.spec` of a workload, `spec` of a pod. Shared between pods that are alike.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PodShape {
    /// Labels of the template; of a pod none, its own are in [`Meta::labels`].
    pub labels: BTreeMap<Arc<str>, Arc<str>>,
    /// `hostNetwork`.
    pub host_network: bool,
    /// `hostPID`.
    pub host_pid: bool,
    /// `hostIPC`.
    pub host_ipc: bool,
    /// `serviceAccountName`.
    pub service_account: String,
    /// `automountServiceAccountToken`, where it is said.
    pub mounts_token: Option<bool>,
    /// `securityContext` of the pod.
    pub security: Security,
    /// `hostPath` volumes, by path.
    pub host_paths: BTreeSet<String>,
    /// `initContainers`, then `containers`.
    pub containers: Vec<Container>,
}

/// `securityContext` of a pod or container. `None`: not said there.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Security {
    /// `runAsNonRoot`.
    pub run_as_non_root: Option<bool>,
    /// `runAsUser`.
    pub run_as_user: Option<i64>,
    /// `readOnlyRootFilesystem` (containers only).
    pub read_only_root: Option<bool>,
    /// `allowPrivilegeEscalation` (containers only).
    pub privilege_escalation: Option<bool>,
    /// `privileged` (containers only).
    pub privileged: Option<bool>,
    /// `capabilities.add` (containers only).
    pub added: BTreeSet<String>,
    /// `capabilities.drop` (containers only).
    pub dropped: BTreeSet<String>,
    /// `seccompProfile.type`.
    pub seccomp: Option<String>,
}

/// A container.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// From `initContainers`.
    pub is_init: bool,
    /// `image` as it is written.
    pub image: String,
    /// `resources.requests`, as written.
    pub requests: BTreeMap<String, String>,
    /// `resources.limits`, as written.
    pub limits: BTreeMap<String, String>,
    /// `livenessProbe`, as canonical JSON.
    pub liveness: Option<String>,
    /// `readinessProbe`, as canonical JSON.
    pub readiness: Option<String>,
    /// `startupProbe`, as canonical JSON.
    pub startup: Option<String>,
    /// `securityContext`.
    pub security: Security,
    /// `env` and `envFrom`; values are never kept.
    pub env: Vec<EnvSource>,
}

/// Where an environment variable comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnvSource {
    /// The variable; for `envFrom` its prefix, which is mostly empty.
    pub name: String,
    /// From where.
    pub from: EnvFrom,
}

/// From where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EnvFrom {
    /// `value`: SHA-256 of it in hex, so that two can be compared; `looks_secret` by name or form.
    Literal {
        /// SHA-256 in hex.
        digest: String,
        /// A name such as `*_PASSWORD`, or a value of a known key format.
        looks_secret: bool,
    },
    /// `valueFrom.secretKeyRef` or `envFrom.secretRef`: the Secret's name.
    Secret(String),
    /// `valueFrom.configMapKeyRef` or `envFrom.configMapRef`: the ConfigMap's name.
    ConfigMap(String),
    /// `fieldRef`, `resourceFieldRef`.
    Field,
}

/// A ReplicaSet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReplicaSet {
    /// Who it is.
    pub meta: Meta,
    /// `spec.replicas`.
    pub wanted: u32,
    /// `status.readyReplicas`.
    pub ready: u32,
    /// `metadata.annotations["deployment.kubernetes.io/revision"]`.
    pub revision: Option<u64>,
    /// Images of its template's containers (not of init containers), as written.
    pub images: Vec<String>,
}

/// A pod.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pod {
    /// Who it is.
    pub meta: Meta,
    /// `status.phase`.
    pub phase: String,
    /// Condition `Ready`.
    pub is_ready: bool,
    /// `spec.nodeName`.
    pub node: Option<Arc<str>>,
    /// Sum of `status.containerStatuses[].restartCount`.
    pub restarts: u32,
    /// The worst word said of it: a waiting or terminated reason (`CrashLoopBackOff`, `OOMKilled`), else `status.reason`.
    pub reason: Option<String>,
    /// When it last restarted.
    pub restarted: Option<DateTime<Utc>>,
    /// `status.startTime`.
    pub started: Option<DateTime<Utc>>,
    /// `metadata.deletionTimestamp`.
    pub ending: Option<DateTime<Utc>>,
    /// `status.containerStatuses[].imageID` digests, `sha256:…`, by container.
    pub digests: BTreeMap<Arc<str>, Arc<str>>,
    /// What it is made of.
    pub shape: Arc<PodShape>,
}

/// A HorizontalPodAutoscaler.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scaler {
    /// Who it is.
    pub meta: Meta,
    /// `spec.scaleTargetRef`, as kind and name.
    pub target: (String, String),
    /// `spec.minReplicas`; Kubernetes fills in 1.
    pub min: u32,
    /// `spec.maxReplicas`.
    pub max: u32,
    /// `status.currentReplicas`.
    pub current: u32,
    /// `status.desiredReplicas`.
    pub desired: u32,
    /// Resource metrics: name, wanted average utilisation, measured one, in percent.
    pub metrics: Vec<(String, Option<u32>, Option<u32>)>,
}

/// A PodDisruptionBudget.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Budget {
    /// Who it is.
    pub meta: Meta,
    /// `spec.minAvailable`, as written.
    pub min_available: Option<String>,
    /// `spec.maxUnavailable`, as written.
    pub max_unavailable: Option<String>,
    /// `spec.selector.matchLabels`.
    pub selector: BTreeMap<Arc<str>, Arc<str>>,
    /// `status.disruptionsAllowed`.
    pub allowed: u32,
}
