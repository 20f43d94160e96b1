//! Which columns has each kind? As kubectl's users expect them.

use super::cells::{
    completions, containers, count, data, desired_ready, disruptions, duration, endpoints, external, images,
    internal_address, keys, node_selector, node_status, nodes_roles, object_of_event, pod_ready, pod_restarts,
    pod_status, pod_waiting_for, ports, quota_hard, quota_used, ready, references, role_of, scaled, schedule_suspended,
    selector, subjects, targets,
};
use super::{Column, at, name, of, since};

const NAME: Column = of("Name", name);
const CREATED: &[&str] = &["metadata", "creationTimestamp"];
const AGE: Column = since("Age", CREATED);
const CONTAINERS: Column = of("Containers", containers).wide();
const IMAGES: Column = of("Images", images).wide();
const SELECTOR: Column = of("Selector", selector).wide();

const PLAIN: &[Column] = &[NAME, AGE];
const PODS: &[Column] = &[
    NAME,
    of("Ready", pod_ready),
    of("Status", pod_status),
    of("Restarts", pod_restarts),
    AGE,
    at("IP", &["status", "podIP"]).wide(),
    at("Node", &["spec", "nodeName"]).wide(),
    at("Nominated Node", &["status", "nominatedNodeName"]).wide(),
    of("Readiness Gates", pod_waiting_for).wide(),
];
const DEPLOYMENTS: &[Column] = &[
    NAME,
    of("Ready", ready),
    at("Up-to-date", &["status", "updatedReplicas"]).number(),
    at("Available", &["status", "availableReplicas"]).number(),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];
const REPLICA_SETS: &[Column] = &[
    NAME,
    at("Desired", &["spec", "replicas"]).number(),
    at("Current", &["status", "replicas"]).number(),
    at("Ready", &["status", "readyReplicas"]).number(),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];
const STATEFUL_SETS: &[Column] = &[NAME, of("Ready", ready), AGE, CONTAINERS, IMAGES];
const DAEMON_SETS: &[Column] = &[
    NAME,
    at("Desired", &["status", "desiredNumberScheduled"]).number(),
    at("Current", &["status", "currentNumberScheduled"]).number(),
    at("Ready", &["status", "numberReady"]).number(),
    at("Up-to-date", &["status", "updatedNumberScheduled"]).number(),
    at("Available", &["status", "numberAvailable"]).number(),
    of("Node Selector", node_selector),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];
const JOBS: &[Column] = &[
    NAME,
    of("Status", desired_ready),
    of("Completions", completions),
    of("Duration", duration),
    AGE,
    CONTAINERS,
    IMAGES,
];
const CRON_JOBS: &[Column] = &[
    NAME,
    at("Schedule", &["spec", "schedule"]),
    at("Timezone", &["spec", "timeZone"]),
    of("Suspend", schedule_suspended),
    of("Active", |it| count(it, &["status", "active"])).number(),
    since("Last Schedule", &["status", "lastScheduleTime"]),
    AGE,
];
const SERVICES: &[Column] = &[
    NAME,
    at("Type", &["spec", "type"]),
    at("Cluster-IP", &["spec", "clusterIP"]),
    of("External-IP", external),
    of("Port(s)", ports),
    AGE,
    of("Selector", endpoints).wide(),
];
const NAMESPACES: &[Column] = &[NAME, at("Status", &["status", "phase"]), AGE];
const NODES: &[Column] = &[
    NAME,
    of("Status", node_status),
    of("Roles", nodes_roles),
    AGE,
    at("Version", &["status", "nodeInfo", "kubeletVersion"]),
    of("Internal-IP", internal_address).wide(),
    of("External-IP", |_| "<none>".into()).wide(),
    at("OS-Image", &["status", "nodeInfo", "osImage"]).wide(),
    at("Kernel-Version", &["status", "nodeInfo", "kernelVersion"]).wide(),
    at("Container-Runtime", &["status", "nodeInfo", "containerRuntimeVersion"]).wide(),
];
const CONFIG_MAPS: &[Column] = &[NAME, of("Data", data).number(), AGE];
const SECRETS: &[Column] = &[NAME, at("Type", &["type"]), of("Data", data).number(), AGE];
const ACCOUNTS: &[Column] = &[NAME, of("Secrets", |it| count(it, &["secrets"])).number(), AGE];
const QUOTAS: &[Column] = &[NAME, AGE, of("Request", quota_hard), of("Limit", quota_used)];
const EVENTS: &[Column] = &[
    since("Last Seen", &["lastTimestamp"]),
    at("Type", &["type"]),
    at("Reason", &["reason"]),
    of("Object", object_of_event),
    at("Message", &["message"]),
    of("Name", name).wide(),
];
const SCALERS: &[Column] = &[
    NAME,
    of("Reference", references),
    of("Targets", targets),
    at("MinPods", &["spec", "minReplicas"]).number(),
    at("MaxPods", &["spec", "maxReplicas"]).number(),
    of("Replicas", scaled).number(),
    AGE,
];
const POLICIES: &[Column] = &[NAME, of("Pod-Selector", keys), AGE];
const BUDGETS: &[Column] = &[
    NAME,
    at("Min Available", &["spec", "minAvailable"]),
    at("Max Unavailable", &["spec", "maxUnavailable"]),
    of("Allowed Disruptions", disruptions).number(),
    AGE,
];
const ROLES: &[Column] = &[NAME, at("Created At", CREATED)];
const BINDINGS: &[Column] = &[NAME, of("Role", role_of), AGE, of("Subjects", subjects).wide()];
const DEFINITIONS: &[Column] = &[NAME, at("Created At", CREATED)];

pub(super) fn of_kind(kind: &str) -> &'static [Column] {
    match kind {
        "Pod" => PODS,
        "Deployment" => DEPLOYMENTS,
        "ReplicaSet" => REPLICA_SETS,
        "StatefulSet" => STATEFUL_SETS,
        "DaemonSet" => DAEMON_SETS,
        "Job" => JOBS,
        "CronJob" => CRON_JOBS,
        "Service" => SERVICES,
        "Namespace" => NAMESPACES,
        "Node" => NODES,
        "ConfigMap" => CONFIG_MAPS,
        "Secret" => SECRETS,
        "ServiceAccount" => ACCOUNTS,
        "ResourceQuota" => QUOTAS,
        "Event" => EVENTS,
        "HorizontalPodAutoscaler" => SCALERS,
        "NetworkPolicy" => POLICIES,
        "PodDisruptionBudget" => BUDGETS,
        "Role" | "ClusterRole" => ROLES,
        "RoleBinding" | "ClusterRoleBinding" => BINDINGS,
        "CustomResourceDefinition" => DEFINITIONS,
        _ => PLAIN,
    }
}
