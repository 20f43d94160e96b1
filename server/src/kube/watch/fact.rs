//! One decoded object, and its place in a cluster.

use gatehouse_domain::environments::facts::{
    Application, Budget, Canary, Certificate, Cluster, ConfigMap, Kind, Name, Namespace, NetworkPolicy, Node,
    PeerAuthentication, Pod, Quota, ReplicaSet, Scaler, Workload,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One decoded object.
#[derive(Debug, Clone)]
pub enum Fact {
    /// A Deployment, StatefulSet or Rollout.
    Workload(Kind, Arc<Workload>),
    /// A ReplicaSet.
    ReplicaSet(Arc<ReplicaSet>),
    /// A pod.
    Pod(Arc<Pod>),
    /// A HorizontalPodAutoscaler.
    Scaler(Arc<Scaler>),
    /// A node.
    Node(Arc<Node>),
    /// A namespace.
    Namespace(Arc<Namespace>),
    /// A ResourceQuota.
    Quota(Arc<Quota>),
    /// A ConfigMap.
    ConfigMap(Arc<ConfigMap>),
    /// A NetworkPolicy.
    NetworkPolicy(Arc<NetworkPolicy>),
    /// A PodDisruptionBudget.
    Budget(Arc<Budget>),
    /// A PeerAuthentication.
    PeerAuthentication(Arc<PeerAuthentication>),
    /// A Certificate.
    Certificate(Arc<Certificate>),
    /// An Argo CD Application.
    Application(Arc<Application>),
    /// A Canary.
    Canary(Arc<Canary>),
}

/// Puts an object where it belongs.
pub(super) fn put(cluster: &mut Cluster, name: Name, fact: Fact) {
    match fact {
        Fact::Workload(kind, it) => drop(cluster.workloads.insert((kind, name), it)),
        Fact::ReplicaSet(it) => drop(cluster.replica_sets.insert(name, it)),
        Fact::Pod(it) => drop(cluster.pods.insert(name, it)),
        Fact::Scaler(it) => drop(cluster.scalers.insert(name, it)),
        Fact::Node(it) => drop(cluster.nodes.insert(name, it)),
        Fact::Namespace(it) => drop(cluster.namespaces.insert(name, it)),
        Fact::Quota(it) => drop(cluster.quotas.insert(name, it)),
        Fact::ConfigMap(it) => drop(cluster.config_maps.insert(name, it)),
        Fact::NetworkPolicy(it) => drop(cluster.network_policies.insert(name, it)),
        Fact::Budget(it) => drop(cluster.budgets.insert(name, it)),
        Fact::PeerAuthentication(it) => drop(cluster.mtls.insert(name, it)),
        Fact::Certificate(it) => drop(cluster.certificates.insert(name, it)),
        Fact::Application(it) => drop(cluster.applications.insert(name, it)),
        Fact::Canary(it) => drop(cluster.canaries.insert(name, it)),
    }
}

/// Takes an object away.
pub(super) fn remove(cluster: &mut Cluster, kind: Kind, name: &Name) {
    retain(cluster, kind, Which::AllBut(name));
}

/// Takes away every object of a kind that is not in the list that was read.
pub(super) fn keep_only(cluster: &mut Cluster, kind: Kind, listed: &BTreeMap<Name, Fact>) {
    retain(cluster, kind, Which::Only(listed));
}

#[derive(Clone, Copy)]
enum Which<'a> {
    AllBut(&'a Name),
    Only(&'a BTreeMap<Name, Fact>),
}

fn sift<T>(map: &mut BTreeMap<Name, T>, which: Which<'_>) {
    match which {
        Which::AllBut(name) => drop(map.remove(name)),
        Which::Only(listed) => map.retain(|name, _| listed.contains_key(name)),
    }
}

fn retain(cluster: &mut Cluster, kind: Kind, which: Which<'_>) {
    match kind {
        Kind::Deployment | Kind::StatefulSet | Kind::Rollout => match which {
            Which::AllBut(name) => drop(cluster.workloads.remove(&(kind, name.clone()))),
            Which::Only(listed) => cluster.workloads.retain(|(of, name), _| *of != kind || listed.contains_key(name)),
        },
        Kind::ReplicaSet => sift(&mut cluster.replica_sets, which),
        Kind::Pod => sift(&mut cluster.pods, which),
        Kind::Scaler => sift(&mut cluster.scalers, which),
        Kind::Node => sift(&mut cluster.nodes, which),
        Kind::Namespace => sift(&mut cluster.namespaces, which),
        Kind::Quota => sift(&mut cluster.quotas, which),
        Kind::ConfigMap => sift(&mut cluster.config_maps, which),
        Kind::NetworkPolicy => sift(&mut cluster.network_policies, which),
        Kind::Budget => sift(&mut cluster.budgets, which),
        Kind::PeerAuthentication => sift(&mut cluster.mtls, which),
        Kind::Certificate => sift(&mut cluster.certificates, which),
        Kind::Application => sift(&mut cluster.applications, which),
        Kind::Canary => sift(&mut cluster.canaries, which),
    }
}
