//! Which fields does an object have, as far as they are declared? Object to field to value, as it is shown.

use super::super::facts::{Cluster, Container, EnvFrom, EnvSource, Kind, Name, PodShape, Security, Workload};
use super::Aspect;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Field to value. A field without a value is not in it.
pub(super) type Fields = BTreeMap<String, String>;

/// What an aspect has in a cluster, by `namespace/name` as people say it.
pub(super) fn of(cluster: &Cluster, aspect: Aspect, is_ours: &dyn Fn(&str) -> bool) -> BTreeMap<String, Fields> {
    match aspect {
        Aspect::InstanceTypes => machines(cluster),
        Aspect::Namespaces => {
            let ours = cluster.namespaces.values().filter(|it| is_ours(&it.meta.name.name));
            ours.map(|it| (it.meta.name.name.to_string(), enforced(&it.meta.labels))).collect()
        }
        Aspect::Config => each(&cluster.config_maps, is_ours, |it| {
            it.keys.iter().map(|(key, digest)| (key.clone(), hashed(digest))).collect()
        }),
        Aspect::NetworkPolicies => {
            each(&cluster.network_policies, is_ours, |it| Fields::from([("spec".to_owned(), hashed(&it.digest))]))
        }
        Aspect::Mtls => each(&cluster.mtls, is_ours, |it| {
            let mut fields = prefixed("spec.portLevelMtls", &it.ports);
            set(&mut fields, "spec.mtls.mode", Some(it.mode.clone()).filter(|mode| !mode.is_empty()));
            let about = if it.has_selector { "some workloads" } else { "all of the namespace" };
            set(&mut fields, "about", Some(about.to_owned()));
            fields
        }),
        Aspect::Quotas => each(&cluster.quotas, is_ours, |it| prefixed("spec.hard", &it.hard)),
        Aspect::Scaling => each(&cluster.scalers, is_ours, |it| {
            let target = ("scaleTargetRef".to_owned(), format!("{} {}", it.target.0, it.target.1));
            let metric = |(name, wanted, _): &(String, Option<u32>, Option<u32>)| {
                let wanted = wanted.map_or_else(|| "by another measure".to_owned(), |wanted| format!("{wanted} %"));
                (format!("metrics[{name}]"), wanted)
            };
            it.metrics.iter().map(metric).chain([target]).collect()
        }),
        Aspect::Budgets => each(&cluster.budgets, is_ours, |it| {
            let mut fields = prefixed("selector", &it.selector);
            set(&mut fields, "minAvailable", it.min_available.clone());
            set(&mut fields, "maxUnavailable", it.max_unavailable.clone());
            fields
        }),
        aspect => workloads(cluster, aspect, is_ours),
    }
}

fn each<T>(
    all: &BTreeMap<Name, Arc<T>>,
    is_ours: &dyn Fn(&str) -> bool,
    fields: impl Fn(&T) -> Fields,
) -> BTreeMap<String, Fields> {
    let ours = all.iter().filter(|(name, _)| is_ours(&name.namespace));
    ours.map(|(name, it)| (format!("{}/{}", name.namespace, name.name), fields(it))).collect()
}

fn machines(cluster: &Cluster) -> BTreeMap<String, Fields> {
    let mut groups: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for node in cluster.nodes.values() {
        groups.entry(&node.group).or_default().insert(&node.instance_type);
    }
    let named = |group: &str| if group.is_empty() { "no group".to_owned() } else { group.to_owned() };
    let one = |(group, types): (&str, BTreeSet<&str>)| {
        let types = types.into_iter().collect::<Vec<_>>().join(", ");
        (named(group), Fields::from([("instance types".to_owned(), types)]))
    };
    groups.into_iter().map(one).collect()
}

/// Labels that the platform acts on: pod security, and whether the mesh is in it.
fn enforced(labels: &BTreeMap<Arc<str>, Arc<str>>) -> Fields {
    let acts = |key: &str| {
        key.starts_with("pod-security.kubernetes.io/") || key == "istio-injection" || key.starts_with("istio.io/")
    };
    let acting = labels.iter().filter(|(key, _)| acts(key));
    acting.map(|(key, value)| (format!("labels[{key}]"), value.to_string())).collect()
}

fn workloads(cluster: &Cluster, aspect: Aspect, is_ours: &dyn Fn(&str) -> bool) -> BTreeMap<String, Fields> {
    let ours = cluster.workloads.iter().filter(|((_, name), _)| is_ours(&name.namespace));
    // A StatefulSet and a Deployment may have one name.
    let named = |kind: Kind, name: &Name| match kind {
        Kind::Deployment => format!("{}/{}", name.namespace, name.name),
        kind => format!("{}/{} ({})", name.namespace, name.name, super::super::singular(kind)),
    };
    ours.map(|((kind, name), workload)| (named(*kind, name), of_workload(workload, aspect))).collect()
}

fn of_workload(workload: &Workload, aspect: Aspect) -> Fields {
    let shape = &workload.template;
    let mut fields = Fields::new();
    if aspect == Aspect::SecurityContext {
        pod_security(shape, &mut fields);
    }
    for container in &shape.containers {
        let list = if container.is_init { "initContainers" } else { "containers" };
        let own = of_container(container, aspect);
        fields.extend(own.into_iter().map(|(field, value)| {
            let dot = if field.is_empty() { "" } else { "." };
            (format!("{list}[{}]{dot}{field}", container.name), value)
        }));
    }
    fields
}

fn of_container(container: &Container, aspect: Aspect) -> Fields {
    // That it is there: of a container that one side does not have, nothing else is compared.
    let mut fields = Fields::from([(String::new(), "is there".to_owned())]);
    match aspect {
        Aspect::ImageRepositories => set(&mut fields, "image", Some(repository(&container.image).to_owned())),
        Aspect::Probes => {
            set(&mut fields, "livenessProbe", container.liveness.clone());
            set(&mut fields, "readinessProbe", container.readiness.clone());
            set(&mut fields, "startupProbe", container.startup.clone());
        }
        Aspect::Resources => {
            fields.extend(prefixed("resources.requests", &container.requests));
            fields.extend(prefixed("resources.limits", &container.limits));
        }
        Aspect::SecurityContext => security(&container.security, &mut fields),
        Aspect::Environment => fields.extend(container.env.iter().map(variable)),
        _ => {}
    }
    fields
}

/// Without tag and digest. A colon before the last slash is a port.
fn repository(image: &str) -> &str {
    let name = image.split_once('@').map_or(image, |(name, _)| name);
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => name,
    }
}

fn variable(source: &EnvSource) -> (String, String) {
    match &source.from {
        // Two secrets must not be comparable even by their digests.
        EnvFrom::Literal { looks_secret: true, .. } => {
            (format!("env[{}]", source.name), "a secret, not compared".to_owned())
        }
        EnvFrom::Literal { digest, .. } => (format!("env[{}]", source.name), hashed(digest)),
        EnvFrom::Secret(from) if source.name.is_empty() => (format!("envFrom[Secret {from}]"), "every key".to_owned()),
        EnvFrom::ConfigMap(from) if source.name.is_empty() => {
            (format!("envFrom[ConfigMap {from}]"), "every key".to_owned())
        }
        EnvFrom::Secret(from) => (format!("env[{}]", source.name), format!("Secret {from}")),
        EnvFrom::ConfigMap(from) => (format!("env[{}]", source.name), format!("ConfigMap {from}")),
        EnvFrom::Field => (format!("env[{}]", source.name), "the pod's own field".to_owned()),
    }
}

fn pod_security(shape: &PodShape, fields: &mut Fields) {
    let flags = [("hostNetwork", shape.host_network), ("hostPID", shape.host_pid), ("hostIPC", shape.host_ipc)];
    flags.into_iter().for_each(|(field, is_set)| set(fields, field, is_set.then(|| "true".to_owned())));
    set(fields, "volumes[hostPath]", joined(&shape.host_paths));
    set(fields, "serviceAccountName", Some(shape.service_account.clone()).filter(|name| !name.is_empty()));
    set(fields, "automountServiceAccountToken", shape.mounts_token.map(|is| is.to_string()));
    security(&shape.security, fields);
}

fn security(it: &Security, fields: &mut Fields) {
    let words = [
        ("runAsNonRoot", it.run_as_non_root.map(|is| is.to_string())),
        ("runAsUser", it.run_as_user.map(|user| user.to_string())),
        ("readOnlyRootFilesystem", it.read_only_root.map(|is| is.to_string())),
        ("allowPrivilegeEscalation", it.privilege_escalation.map(|is| is.to_string())),
        ("privileged", it.privileged.map(|is| is.to_string())),
        ("capabilities.add", joined(&it.added)),
        ("capabilities.drop", joined(&it.dropped)),
        ("seccompProfile.type", it.seccomp.clone()),
    ];
    words.into_iter().for_each(|(field, value)| set(fields, &format!("securityContext.{field}"), value));
}

fn joined(words: &BTreeSet<String>) -> Option<String> {
    (!words.is_empty()).then(|| words.iter().map(String::as_str).collect::<Vec<_>>().join(", "))
}

fn set(fields: &mut Fields, field: &str, value: Option<String>) {
    if let Some(value) = value {
        fields.insert(field.to_owned(), value);
    }
}

fn prefixed<K: AsRef<str>, V: AsRef<str>>(prefix: &str, map: &BTreeMap<K, V>) -> Fields {
    map.iter().map(|(key, value)| (format!("{prefix}[{}]", key.as_ref()), value.as_ref().to_owned())).collect()
}

/// The container that a field of a workload is of, as [`Aspect::Workloads`] names it.
pub(super) fn container(field: &str) -> Option<&str> {
    let end = field.find(']').filter(|_| field.starts_with("containers[") || field.starts_with("initContainers["))?;
    field.get(..=end)
}

fn hashed(digest: &str) -> String {
    format!("sha256:{digest}")
}
