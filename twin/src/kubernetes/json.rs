//! The cluster in Kubernetes' own JSON.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Deployment;

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A stable id made from a name: the same object keeps it.
fn uid(name: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(name).into();
    let bytes = digest.first_chunk::<16>().copied().unwrap_or_default();
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

pub(super) fn labels(deployment: &Deployment) -> Value {
    json!({
        "app.kubernetes.io/name": deployment.name,
        "app.kubernetes.io/managed-by": "Helm",
        "app.kubernetes.io/part-of": "altscore",
        "altscore.example/team": deployment.team,
    })
}

fn containers(deployment: &Deployment) -> Vec<Value> {
    let one = |(name, image): (&String, &String)| {
        json!({
            "name": name,
            "image": image,
            "imagePullPolicy": "IfNotPresent",
            "ports": [{ "name": "http", "containerPort": 8080, "protocol": "TCP" }],
            "resources": { "requests": { "cpu": "250m", "memory": "256Mi" }, "limits": { "memory": "512Mi" } },
            "readinessProbe": { "httpGet": { "path": "/healthz", "port": "http", "scheme": "HTTP" }, "periodSeconds": 5 },
            "securityContext": { "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "runAsNonRoot": true },
        })
    };
    deployment.containers.iter().map(one).collect()
}

pub(super) fn deployment(it: &Deployment) -> Value {
    let selector = json!({ "app.kubernetes.io/name": it.name });
    let condition = |kind: &str, reason: &str| json!({ "type": kind, "status": "True", "reason": reason, "message": "", "lastUpdateTime": time(it.changed_at), "lastTransitionTime": time(it.changed_at) });
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": it.name,
            "namespace": it.namespace,
            "uid": uid(&format!("{}/{}", it.namespace, it.name)),
            "resourceVersion": it.resource_version.to_string(),
            "generation": it.generation,
            "creationTimestamp": time(it.created_at),
            "labels": labels(it),
            "annotations": { "deployment.kubernetes.io/revision": it.generation.to_string(), "meta.helm.sh/release-name": it.name },
        },
        "spec": {
            "replicas": it.replicas,
            "revisionHistoryLimit": 10,
            "progressDeadlineSeconds": 600,
            "selector": { "matchLabels": selector },
            "strategy": { "type": "RollingUpdate", "rollingUpdate": { "maxUnavailable": 0, "maxSurge": 1 } },
            "template": {
                "metadata": { "labels": labels(it) },
                "spec": { "serviceAccountName": it.name, "containers": containers(it), "restartPolicy": "Always" },
            },
        },
        "status": {
            "observedGeneration": it.generation,
            "replicas": it.replicas,
            "updatedReplicas": it.replicas,
            "readyReplicas": it.replicas,
            "availableReplicas": it.replicas,
            "conditions": [condition("Available", "MinimumReplicasAvailable"), condition("Progressing", "NewReplicaSetAvailable")],
        },
    })
}

pub(super) fn pods(it: &Deployment) -> Vec<Value> {
    let hash = uid(&format!("{}{:?}", it.name, it.containers));
    let hash = hash.get(..8).unwrap_or_default();
    let statuses: Vec<Value> = it
        .containers
        .iter()
        .map(|(name, image)| {
            json!({ "name": name, "image": image, "imageID": image, "ready": true, "started": true, "restartCount": 0, "state": { "running": { "startedAt": time(it.changed_at) } } })
        })
        .collect();
    let one = |index: u32| {
        let name = format!("{}-{hash}-{}", it.name, uid(&format!("{hash}{index}")).get(..5).unwrap_or_default());
        json!({
            "metadata": {
                "name": name,
                "namespace": it.namespace,
                "uid": uid(&name),
                "resourceVersion": it.resource_version.to_string(),
                "creationTimestamp": time(it.changed_at),
                "labels": labels(it),
            },
            "spec": { "containers": containers(it), "nodeName": format!("ip-10-0-1{index}-24.ap-south-1.compute.internal"), "restartPolicy": "Always" },
            "status": {
                "phase": "Running",
                "podIP": format!("10.0.1{index}.37"),
                "startTime": time(it.changed_at),
                "conditions": [{ "type": "Ready", "status": "True", "lastTransitionTime": time(it.changed_at) }],
                "containerStatuses": statuses,
            },
        })
    };
    (0..it.replicas).map(one).collect()
}
