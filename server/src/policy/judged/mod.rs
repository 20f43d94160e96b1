//! The twin's three clusters, read as they are and judged by the lists that come with the program: what is found is
//! exactly what was planted. The reader is these tests' own, and small: every kind is listed once.
#![expect(clippy::unwrap_used, reason = "tests")]

mod around;
mod pods;
mod running;
mod tests;

use ::kube::Api;
use ::kube::api::{ApiResource, DynamicObject, ListParams};
use chrono::{DateTime, Utc};
use gatehouse_domain::environments::facts::{self, Cluster, Kind, Meta, Name, Reach};
use gatehouse_domain::environments::plural as plural_of;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// So many objects that cannot be decoded are named.
const NAMED: usize = 20;

/// Every kind that is read: which, group, version, plural.
const KINDS: [(Kind, &str, &str, &str); 13] = [
    (Kind::Deployment, "apps", "v1", "deployments"),
    (Kind::StatefulSet, "apps", "v1", "statefulsets"),
    (Kind::Rollout, "argoproj.io", "v1alpha1", "rollouts"),
    (Kind::ReplicaSet, "apps", "v1", "replicasets"),
    (Kind::Pod, "", "v1", "pods"),
    (Kind::Scaler, "autoscaling", "v2", "horizontalpodautoscalers"),
    (Kind::Node, "", "v1", "nodes"),
    (Kind::Namespace, "", "v1", "namespaces"),
    (Kind::Quota, "", "v1", "resourcequotas"),
    (Kind::ConfigMap, "", "v1", "configmaps"),
    (Kind::NetworkPolicy, "networking.k8s.io", "v1", "networkpolicies"),
    (Kind::Budget, "policy", "v1", "poddisruptionbudgets"),
    (Kind::PeerAuthentication, "security.istio.io", "v1", "peerauthentications"),
];

/// Reads every kind of a cluster.
async fn read_whole(client: &::kube::Client, now: DateTime<Utc>) -> Cluster {
    let (mut cluster, mut shapes) = (Cluster::default(), pods::Shapes::default());
    for (kind, group, version, plural) in KINDS {
        let api_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
        let (group, version, plural) = (group.to_owned(), version.to_owned(), plural.to_owned());
        let resource = ApiResource { group, version, api_version, kind: String::new(), plural };
        let api: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
        let mut reach = Reach::default();
        match api.list(&ListParams::default()).await {
            Ok(list) => {
                reach.as_of = Some(now);
                for object in list.items {
                    keep(&mut cluster, &mut shapes, kind, object, now, &mut reach);
                }
            }
            Err(::kube::Error::Api(status)) if status.code == 404 => reach.absent = true,
            Err(_) => reach.trouble = Some(format!("{} could not be listed.", plural_of(kind))),
        }
        cluster.reach.insert(kind, reach);
    }
    cluster
}

fn keep(
    cluster: &mut Cluster,
    shapes: &mut pods::Shapes,
    kind: Kind,
    object: DynamicObject,
    now: DateTime<Utc>,
    reach: &mut Reach,
) {
    let meta = meta(&object, now);
    let name = meta.name.clone();
    let place = format!("{}/{}", name.namespace, name.name);
    let kept = match kind {
        Kind::Deployment | Kind::StatefulSet | Kind::Rollout => running::workload(meta, &object, shapes)
            .map(|it| drop(cluster.workloads.insert((kind, name), Arc::new(it)))),
        Kind::ReplicaSet => {
            running::replica_set(meta, &object).map(|it| drop(cluster.replica_sets.insert(name, Arc::new(it))))
        }
        Kind::Pod => running::pod(meta, &object, shapes).map(|it| drop(cluster.pods.insert(name, Arc::new(it)))),
        Kind::Scaler => running::scaler(meta, &object.data).map(|it| drop(cluster.scalers.insert(name, Arc::new(it)))),
        Kind::Node => around::node(meta, &object.data).map(|it| drop(cluster.nodes.insert(name, Arc::new(it)))),
        Kind::Namespace => {
            let phase = text(&object.data, "/status/phase");
            drop(cluster.namespaces.insert(name, Arc::new(facts::Namespace { meta, phase })));
            Ok(())
        }
        Kind::Quota => around::quota(meta, &object.data).map(|it| drop(cluster.quotas.insert(name, Arc::new(it)))),
        Kind::ConfigMap => {
            around::config_map(meta, &object.data).map(|it| drop(cluster.config_maps.insert(name, Arc::new(it))))
        }
        Kind::NetworkPolicy => around::network_policy(meta, &object.data)
            .map(|it| drop(cluster.network_policies.insert(name, Arc::new(it)))),
        Kind::Budget => around::budget(meta, &object.data).map(|it| drop(cluster.budgets.insert(name, Arc::new(it)))),
        Kind::PeerAuthentication => {
            around::peer_authentication(meta, &object.data).map(|it| drop(cluster.mtls.insert(name, Arc::new(it))))
        }
        Kind::Certificate | Kind::Application | Kind::Canary => Ok(()),
    };
    if let Err(why) = kept {
        reach.poisoned += 1;
        if reach.poison.len() < NAMED {
            reach.poison.push(format!("{place}: {why}"));
        }
    }
}

fn meta(object: &DynamicObject, now: DateTime<Utc>) -> Meta {
    let it = &object.metadata;
    let namespace = it.namespace.clone().unwrap_or_default();
    let owners = it.owner_references.iter().flatten();
    let owner = owners.clone().find(|owner| owner.controller == Some(true));
    Meta {
        name: Name { namespace: namespace.into(), name: it.name.clone().unwrap_or_default().into() },
        uid: it.uid.clone().unwrap_or_default(),
        created: it.creation_timestamp.as_ref().and_then(|at| at.0.to_string().parse().ok()),
        labels: it.labels.iter().flatten().map(|(key, value)| (key.as_str().into(), value.as_str().into())).collect(),
        owner: owner.map(|owner| (owner.kind.as_str().into(), owner.name.as_str().into())),
        seen: Some(now),
    }
}

/// What an object must be to be kept.
type Kept<T> = Result<T, &'static str>;

fn part<'a>(value: &'a Value, place: &str) -> &'a Value {
    value.pointer(place).unwrap_or(&Value::Null)
}

/// Something that must be there and an object.
fn must<'a>(value: &'a Value, place: &str, why: &'static str) -> Kept<&'a Value> {
    value.pointer(place).filter(|it| it.is_object()).ok_or(why)
}

fn text(value: &Value, place: &str) -> String {
    part(value, place).as_str().unwrap_or_default().to_owned()
}

fn number(value: &Value, place: &str) -> Option<u32> {
    part(value, place).as_u64().and_then(|number| u32::try_from(number).ok())
}

fn flag(value: &Value, place: &str) -> Option<bool> {
    part(value, place).as_bool()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Words as they are written, numbers as they would be.
fn written(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn map<K: for<'a> From<&'a str> + Ord, V: for<'a> From<&'a str>>(value: &Value) -> BTreeMap<K, V> {
    let all = value.as_object().into_iter().flatten();
    all.filter_map(|(key, value)| Some((K::from(key.as_str()), V::from(written(value)?.as_str())))).collect()
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// JSON with its members in order, so that two that mean the same are the same.
fn canonical(value: &Value) -> String {
    gatehouse_domain::canonical::to_bytes(value)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_else(|| value.to_string())
}
