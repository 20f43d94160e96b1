//! What is in AltScore's clusters when the story begins? Kinds and common things from `seeds/`, nodes and services from
//! the tables here, and what is wrong on purpose from `seeds/planted.yaml`, in one place.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::controllers::id;
use super::kind::Id;
use super::object::{self, Key, get, list, text};
use super::past::Told;
use super::write::Act;
use super::{Cluster, ClusterId};
use crate::world::{AWS_ACCOUNT, Service};

/// One thing that is wrong on purpose.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Planted {
    pub cluster: String,
    /// What a person should find.
    pub finding: String,
    /// The lines that judging the cluster must give for it.
    pub finds: Vec<String>,
    /// `deployments.apps`, or a plural of the core.
    pub kind: String,
    pub namespace: String,
    pub name: String,
    /// A merge patch of the object.
    #[serde(default)]
    pub patch: Value,
    /// A merge patch of the first container of its template.
    #[serde(default)]
    pub container: Value,
    /// It is not there.
    #[serde(default)]
    pub gone: bool,
}

/// Read once for all twins of a process; the files are ours, and a test reads them.
static PLANTED: LazyLock<Vec<Planted>> =
    LazyLock::new(|| serde_saphyr::from_str(include_str!("seeds/planted.yaml")).unwrap_or_default());
static OBJECTS: LazyLock<BTreeMap<ClusterId, Vec<Value>>> = LazyLock::new(|| {
    let of = |cluster: ClusterId| {
        let read = |text: &str| {
            let text = text.replace("ACCOUNT", AWS_ACCOUNT).replace("CLUSTER", cluster.name());
            serde_saphyr::from_str::<Vec<Value>>(&text).unwrap_or_default()
        };
        let mut all = read(include_str!("seeds/crds.yaml"));
        all.extend(read(include_str!("seeds/common.yaml")));
        (cluster, all)
    };
    ClusterId::ALL.into_iter().map(of).collect()
});

/// Group of nodes: name, type, how many, what runs there.
const PRODUCTION_NODES: [(&str, &str, u8); 3] =
    [("api-nodes", "c6i.xlarge", 3), ("ml-nodes", "m6i.2xlarge", 2), ("system-nodes", "t3.medium", 3)];
/// One availability zone, smaller, and no machines of their own for the system.
const DEVELOPMENT_NODES: [(&str, &str, u8); 2] = [("api-nodes", "t3.large", 1), ("ml-nodes", "t3.large", 1)];

/// How far a service scales: `(name, least, most)`; whoever is not named is fixed.
const SCALES: [(&str, u32, u32); 6] = [
    ("score-api", 3, 20),
    ("consent-service", 3, 10),
    ("erp-ingestion", 2, 8),
    ("notification-service", 2, 6),
    ("audit-service", 2, 4),
    ("scoring-engine", 2, 10),
];

/// What the platform itself runs: namespace, name, image, replicas.
const PLATFORM: [(&str, &str, &str, u32); 6] = [
    ("altscore-gateway", "kong", "platform/kong", 2),
    ("altscore-monitoring", "prometheus", "platform/prometheus", 1),
    ("altscore-monitoring", "grafana", "platform/grafana", 1),
    ("altscore-monitoring", "alertmanager", "platform/alertmanager", 2),
    ("altscore-ml", "mlflow", "platform/mlflow", 1),
    ("istio-system", "istiod", "platform/istiod", 2),
];

impl Planted {
    fn patch_or_nothing(&self) -> Value {
        if self.patch.is_null() { json!({}) } else { self.patch.clone() }
    }

    pub(super) fn all() -> &'static [Self] {
        &PLANTED
    }
}

fn labels(name: &str, team: &str) -> Value {
    json!({
        "app.kubernetes.io/name": name, "app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/part-of": "altscore",
        "altscore.example/team": team,
    })
}

fn deployment(namespace: &str, name: &str, team: &str, container: &str, image: &str, replicas: u32) -> Value {
    let labels = labels(name, team);
    let nodes = if namespace == "altscore-ml" { "ml-nodes" } else { "api-nodes" };
    let container = json!({
        "name": container, "image": image, "imagePullPolicy": "IfNotPresent",
        "ports": [{ "name": "http", "containerPort": 8080, "protocol": "TCP" }],
        "resources": { "requests": { "cpu": "250m", "memory": "256Mi" }, "limits": { "memory": "512Mi" } },
        "readinessProbe": { "httpGet": { "path": "/healthz", "port": "http", "scheme": "HTTP" }, "periodSeconds": 5 },
        "livenessProbe": { "httpGet": { "path": "/livez", "port": "http", "scheme": "HTTP" }, "periodSeconds": 10 },
        "securityContext": { "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "runAsNonRoot": true },
    });
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {
            "name": name, "namespace": namespace, "labels": labels, "annotations": { "meta.helm.sh/release-name": name },
        },
        "spec": {
            "replicas": replicas, "selector": { "matchLabels": { "app.kubernetes.io/name": name } },
            "strategy": { "type": "RollingUpdate", "rollingUpdate": { "maxUnavailable": 0, "maxSurge": 1 } },
            "template": {
                "metadata": { "labels": labels },
                "spec": {
                    "serviceAccountName": name, "automountServiceAccountToken": false, "containers": [container],
                    "nodeSelector": { "eks.amazonaws.com/nodegroup": nodes },
                    "securityContext": { "runAsNonRoot": true, "seccompProfile": { "type": "RuntimeDefault" } },
                },
            },
        },
    })
}

fn node(group: &str, instance: &str, network: usize, index: u8, development: bool) -> Value {
    let address = format!("10.0.{}.{}", 10 + network, 10 + index);
    let name = format!("ip-{}.ap-south-1.compute.internal", address.replace('.', "-"));
    let zone = if development { "a" } else { ["a", "b", "c"].get(usize::from(index - 1) % 3).copied().unwrap_or("a") };
    let short = group.trim_end_matches("-nodes");
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {
                "eks.amazonaws.com/nodegroup": group, "node.kubernetes.io/instance-type": instance, "kubernetes.io/hostname": name,
                "topology.kubernetes.io/region": "ap-south-1", "topology.kubernetes.io/zone": format!("ap-south-1{zone}"),
            },
        },
        "spec": { "taints": [{ "key": "workload", "value": short, "effect": "NoSchedule" }] },
        "status": {
            "addresses": [{ "type": "InternalIP", "address": address }, { "type": "Hostname", "address": name }],
            "capacity": { "cpu": "4", "memory": "8Gi", "pods": "58" }, "allocatable": { "cpu": "3920m", "memory": "7Gi", "pods": "58" },
            "conditions": [{ "type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status" }],
            "nodeInfo": {
                "kubeletVersion": "v1.33.4-eks-ba24e9c", "osImage": "Amazon Linux 2023.7", "kernelVersion": "6.1.141-155.222.amzn2023.x86_64",
                "containerRuntimeVersion": "containerd://1.7.27", "architecture": "amd64", "operatingSystem": "linux",
                "bootID": "", "kubeProxyVersion": "v1.33.4-eks-ba24e9c", "machineID": "", "systemUUID": "",
            },
        },
    })
}

impl Cluster {
    /// Makes an object out of what it says it is.
    pub(super) fn seed(&mut self, value: Value, at: DateTime<Utc>) -> anyhow::Result<()> {
        let (version, name) = (text(&value, &["apiVersion"]), text(&value, &["kind"]));
        let kind = self.kinds.values().find(|kind| kind.api_version() == version && kind.kind == name).cloned();
        let kind = kind.with_context(|| format!("no kind {name} in {version}"))?;
        let namespace = object::namespace(&value).to_owned();
        self.create(&kind, &namespace, value, &Act::own(at)).map_err(|refusal| anyhow::anyhow!(refusal.message))?;
        Ok(())
    }

    /// Makes the cluster out of what it was told.
    pub(super) fn awaken(&mut self, cluster: ClusterId) {
        let Some(past) = self.past.take() else { return };
        self.furnish(cluster, past.begun);
        let mut told: Vec<Told> = past.services.into_values().collect();
        told.sort_by_key(|it| it.last);
        for Told { service, image, deployed, .. } in &told {
            if let Err(error) = self.deploy(service, image, *deployed) {
                tracing::error!(%error, cluster = self.name, "a service is not taken");
            }
        }
        self.plant(past.begun);
        // Each rolls out what it was told last, at the time it was told.
        for it in told {
            self.dirty = [(id("apps", "deployments"), (it.service.namespace, it.service.deployment))].into();
            self.start_pods(it.last);
        }
        let rest = self
            .store
            .all(&id("apps", "deployments"), None)
            .map(|it| (id("apps", "deployments"), object::key(&it.value)));
        self.dirty =
            rest.chain([(id("apps", "daemonsets"), ("kube-system".to_owned(), "fluentd".to_owned()))]).collect();
        self.start_pods(past.begun);
    }

    fn furnish(&mut self, cluster: ClusterId, at: DateTime<Utc>) {
        let is_development = cluster == ClusterId::Development;
        let groups = if is_development { &DEVELOPMENT_NODES[..] } else { &PRODUCTION_NODES[..] };
        let nodes = groups.iter().enumerate().flat_map(|(network, (group, instance, count))| {
            (1..=*count).map(move |index| node(group, instance, network, index, is_development))
        });
        let objects = OBJECTS.get(&cluster).into_iter().flatten().cloned();
        let registry = crate::world::registry();
        let platform = PLATFORM.iter().map(|(namespace, name, image, replicas)| {
            let digest = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(image));
            deployment(namespace, name, "platform", name, &format!("{registry}/{image}@sha256:{digest}"), *replicas)
        });
        for value in nodes.chain(objects).chain(platform) {
            if let Err(error) = self.seed(value, at) {
                tracing::error!(%error, cluster = self.name, "a seed is not taken");
            }
        }
    }

    /// Puts down what is wrong on purpose.
    fn plant(&mut self, at: DateTime<Utc>) {
        let name = self.name;
        for planted in PLANTED.iter().filter(|planted| planted.cluster == name) {
            let (plural, group) = planted.kind.split_once('.').unwrap_or((&planted.kind, ""));
            let (kind, key) = (id(group, plural), (planted.namespace.clone(), planted.name.clone()));
            if planted.gone {
                let kind = self.kinds.get(&kind).cloned();
                if kind.is_none_or(|kind| self.delete(&kind, &key, &Value::Null, &Act::own(at)).is_err()) {
                    tracing::error!(planted.finding, "there is nothing to take away");
                }
                continue;
            }
            let found = self.change(&kind, &key, at, |value| {
                json_patch::merge(value, &planted.patch_or_nothing());
                let containers = object::place(value, &["spec", "template", "spec", "containers"]);
                match containers.and_then(Value::as_array_mut).and_then(|all| all.first_mut()) {
                    Some(first) if !planted.container.is_null() => json_patch::merge(first, &planted.container),
                    _ => {}
                }
            });
            if !found {
                tracing::error!(planted.finding, "there is nothing to plant this on");
            }
        }
    }

    /// A service with everything that its chart makes.
    pub(crate) fn deploy(&mut self, service: &Service, image: &str, at: DateTime<Utc>) -> anyhow::Result<()> {
        let Service { namespace, deployment: name, container, owner_team, replicas, .. } = service;
        let metadata = json!({ "name": name, "namespace": namespace, "labels": labels(name, owner_team) });
        let selector = json!({ "app.kubernetes.io/name": name });
        self.seed(json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata }), at)?;
        let ports = json!([{ "name": "http", "port": 8080, "targetPort": "http" }]);
        let spec = json!({ "selector": selector, "ports": ports, "clusterIP": format!("172.20.0.{}", 10 + self.serial % 200) });
        self.seed(json!({ "apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec }), at)?;
        let most = SCALES.iter().find(|(scaled, ..)| scaled == name);
        if let Some((_, least, most)) = most {
            let target = json!({ "type": "Utilization", "averageUtilization": 70 });
            let current = json!({ "averageUtilization": 41, "averageValue": "102m" });
            let metric =
                |key: &str, value: Value| json!({ "type": "Resource", "resource": { "name": "cpu", key: value } });
            self.seed(
                json!({
                    "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": metadata,
                    "spec": {
                        "scaleTargetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": name },
                        "minReplicas": least.min(replicas), "maxReplicas": most, "metrics": [metric("target", target)],
                    },
                    "status": {
                        "currentReplicas": replicas, "desiredReplicas": replicas, "currentMetrics": [metric("current", current)],
                        "conditions": [],
                    },
                }),
                at,
            )?;
        }
        let selector = json!({ "matchLabels": selector });
        self.seed(
            json!({
                "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata,
                "spec": { "maxUnavailable": 1, "selector": selector },
                "status": { "currentHealthy": replicas, "desiredHealthy": replicas.saturating_sub(1), "disruptionsAllowed": 1, "expectedPods": replicas },
            }),
            at,
        )?;
        self.seed(deployment(namespace, name, owner_team, container, image, *replicas), at)?;
        Ok(())
    }

    /// Changes an object as nobody in particular; says whether there is one.
    pub(super) fn change(&mut self, kind: &Id, key: &Key, at: DateTime<Utc>, change: impl FnOnce(&mut Value)) -> bool {
        let (Some(kind), Some(object)) = (self.kinds.get(kind).cloned(), self.store.get(kind, key).cloned()) else {
            return false;
        };
        let mut value = object.value.clone();
        change(&mut value);
        match self.replace(&kind, key, value, &Act::own(at)) {
            Ok(_) => true,
            Err(refusal) => {
                tracing::error!(message = refusal.message, "a change is not taken");
                false
            }
        }
    }

    /// Sets a container's image, as `kubectl set image` or Helm would, and lets it roll out at once.
    pub(crate) fn set_image(
        &mut self,
        namespace: &str,
        name: &str,
        container: &str,
        image: &str,
        at: DateTime<Utc>,
    ) -> anyhow::Result<()> {
        let (kind, key) = (id("apps", "deployments"), (namespace.to_owned(), name.to_owned()));
        let object = self.store.get(&kind, &key).with_context(|| format!("no deployment {namespace}/{name}"))?;
        let containers = list(&object.value, &["spec", "template", "spec", "containers"]);
        let index = containers.iter().position(|one| text(one, &["name"]) == container);
        let index = index.with_context(|| format!("no container {container} in {namespace}/{name}"))?;
        self.change(&kind, &key, at, |value| {
            let all = object::place(value, &["spec", "template", "spec", "containers"]).and_then(Value::as_array_mut);
            if let Some(one) = all.and_then(|all| all.get_mut(index)) {
                object::set(one, &["image"], json!(image));
            }
        });
        self.start_pods(at);
        Ok(())
    }

    /// Containers and their images of a Deployment.
    pub(crate) fn images(&self, namespace: &str, name: &str) -> Option<BTreeMap<String, String>> {
        let object = self.store.get(&id("apps", "deployments"), &(namespace.to_owned(), name.to_owned()))?;
        let containers = get(&object.value, &["spec", "template", "spec", "containers"]).as_array()?;
        let one = |it: &Value| (text(it, &["name"]).to_owned(), text(it, &["image"]).to_owned());
        Some(containers.iter().map(one).collect())
    }
}
