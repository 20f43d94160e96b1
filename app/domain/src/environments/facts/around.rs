//! What is around it: nodes, namespaces, the rules they keep, and what other operators say.

use super::Meta;
use crate::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// A node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    /// Who it is.
    pub meta: Meta,
    /// `eks.amazonaws.com/nodegroup`.
    pub group: String,
    /// `node.kubernetes.io/instance-type`.
    pub instance_type: String,
    /// `topology.kubernetes.io/zone`.
    pub zone: String,
    /// Condition `Ready`.
    pub is_ready: bool,
    /// `spec.unschedulable`.
    pub is_cordoned: bool,
    /// Conditions that say pressure, by type.
    pub pressures: Vec<String>,
    /// `status.allocatable` of cpu and memory, as written.
    pub allocatable: BTreeMap<String, String>,
    /// `status.nodeInfo.kubeletVersion`.
    pub kubelet: String,
}

/// A namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Namespace {
    /// Who it is.
    pub meta: Meta,
    /// `status.phase`.
    pub phase: String,
}

/// A ResourceQuota.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quota {
    /// Who it is.
    pub meta: Meta,
    /// `status.hard`, as written.
    pub hard: BTreeMap<String, String>,
    /// `status.used`, as written.
    pub used: BTreeMap<String, String>,
}

/// A ConfigMap: which keys it has, and whether two values are the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfigMap {
    /// Who it is.
    pub meta: Meta,
    /// Key to SHA-256 of its value in hex (`data` and `binaryData`).
    pub keys: BTreeMap<String, String>,
}

/// A NetworkPolicy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetworkPolicy {
    /// Who it is.
    pub meta: Meta,
    /// `spec.podSelector` is empty: it is about every pod of the namespace.
    pub selects_all: bool,
    /// `spec.policyTypes`.
    pub types: BTreeSet<String>,
    /// How many `spec.ingress` rules; none with type Ingress denies all.
    pub ingress: u32,
    /// How many `spec.egress` rules.
    pub egress: u32,
    /// SHA-256 of the canonical spec in hex, so that two can be compared.
    pub digest: String,
}

/// Istio's PeerAuthentication.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeerAuthentication {
    /// Who it is.
    pub meta: Meta,
    /// `spec.selector` is there: it is about some workloads only.
    pub has_selector: bool,
    /// `spec.mtls.mode`: `STRICT`, `PERMISSIVE`, `DISABLE`, `UNSET`; empty where it is not said.
    pub mode: String,
    /// `spec.portLevelMtls`: port to mode.
    pub ports: BTreeMap<String, String>,
}

/// cert-manager's Certificate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Certificate {
    /// Who it is.
    pub meta: Meta,
    /// Condition `Ready`.
    pub is_ready: bool,
    /// `status.notAfter`.
    pub not_after: Option<DateTime<Utc>>,
    /// `status.renewalTime`.
    pub renewal: Option<DateTime<Utc>>,
    /// `spec.dnsNames`.
    pub dns_names: Vec<String>,
}

/// Argo CD's Application.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Application {
    /// Who it is.
    pub meta: Meta,
    /// `status.sync.status`.
    pub sync: String,
    /// `status.health.status`.
    pub health: String,
    /// `status.sync.revision`.
    pub revision: String,
    /// `status.reconciledAt`.
    pub reconciled: Option<DateTime<Utc>>,
    /// `spec.destination.namespace`.
    pub destination: String,
}

/// Flagger's Canary.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Canary {
    /// Who it is.
    pub meta: Meta,
    /// `status.phase`.
    pub phase: String,
    /// `status.canaryWeight`.
    pub weight: u32,
    /// `status.failedChecks`.
    pub failed_checks: u32,
    /// `spec.targetRef.name`.
    pub target: String,
}
