//! Which resource is a kind?

use gatehouse_domain::environments::facts::Kind;
use kube::api::ApiResource;
use kube::core::GroupVersionKind;

/// Every kind that is watched.
pub const ALL: [Kind; 16] = [
    Kind::Deployment,
    Kind::ReplicaSet,
    Kind::StatefulSet,
    Kind::Pod,
    Kind::Scaler,
    Kind::Node,
    Kind::Namespace,
    Kind::Quota,
    Kind::ConfigMap,
    Kind::NetworkPolicy,
    Kind::Budget,
    Kind::PeerAuthentication,
    Kind::Certificate,
    Kind::Application,
    Kind::Rollout,
    Kind::Canary,
];

/// Whether a cluster may well not know it: it comes with an operator.
#[must_use]
pub fn is_custom(kind: Kind) -> bool {
    matches!(kind, Kind::PeerAuthentication | Kind::Certificate | Kind::Application | Kind::Rollout | Kind::Canary)
}

/// The name of its objects in addresses, and in the rules of a role.
#[must_use]
pub fn plural(kind: Kind) -> &'static str {
    row(kind).3
}

/// Where it is asked for.
pub(super) fn resource(kind: Kind) -> ApiResource {
    let (group, version, name, plural) = row(kind);
    ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk(group, version, name), plural)
}

fn row(kind: Kind) -> (&'static str, &'static str, &'static str, &'static str) {
    match kind {
        Kind::Deployment => ("apps", "v1", "Deployment", "deployments"),
        Kind::ReplicaSet => ("apps", "v1", "ReplicaSet", "replicasets"),
        Kind::StatefulSet => ("apps", "v1", "StatefulSet", "statefulsets"),
        Kind::Pod => ("", "v1", "Pod", "pods"),
        Kind::Scaler => ("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
        Kind::Node => ("", "v1", "Node", "nodes"),
        Kind::Namespace => ("", "v1", "Namespace", "namespaces"),
        Kind::Quota => ("", "v1", "ResourceQuota", "resourcequotas"),
        Kind::ConfigMap => ("", "v1", "ConfigMap", "configmaps"),
        Kind::NetworkPolicy => ("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies"),
        Kind::Budget => ("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets"),
        Kind::PeerAuthentication => ("security.istio.io", "v1", "PeerAuthentication", "peerauthentications"),
        Kind::Certificate => ("cert-manager.io", "v1", "Certificate", "certificates"),
        Kind::Application => ("argoproj.io", "v1alpha1", "Application", "applications"),
        Kind::Rollout => ("argoproj.io", "v1alpha1", "Rollout", "rollouts"),
        Kind::Canary => ("flagger.app", "v1beta1", "Canary", "canaries"),
    }
}
