//! What may a test do to a cluster behind everybody's back?

use std::collections::BTreeMap;

use anyhow::Context;
use serde_json::{Value, json};

use super::controllers::{id, pods};
use super::object::{self, Key};
use super::seed::Planted;
use super::write::Act;
use super::{Cluster, ClusterId, admit};
use crate::state::Shared;

/// One cluster, for tests.
#[derive(Clone)]
pub struct KubernetesHandle(pub(crate) Shared, pub(crate) ClusterId);

/// `deployments.apps`, or a plural of the core.
fn kind_of(kind: &str) -> super::Id {
    let (plural, group) = kind.split_once('.').unwrap_or((kind, ""));
    id(group, plural)
}

fn key(namespace: &str, name: &str) -> Key {
    (namespace.to_owned(), name.to_owned())
}

impl KubernetesHandle {
    fn with<T>(&self, work: impl FnOnce(&mut Cluster) -> T) -> T {
        work(self.0.model().clusters.get_mut(self.1))
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        self.0.urls.cluster(self.1).to_owned()
    }

    /// What it takes.
    #[must_use]
    pub fn token(&self) -> String {
        self.0.secrets.cluster(self.1).to_owned()
    }

    /// Sets a container's image behind everybody's back.
    ///
    /// # Errors
    /// When there is no such Deployment or container.
    pub fn set_image(&self, namespace: &str, deployment: &str, container: &str, image: &str) -> anyhow::Result<()> {
        let now = self.0.now();
        self.with(|cluster| cluster.set_image(namespace, deployment, container, image, now))
    }

    /// The image a container runs.
    #[must_use]
    pub fn image(&self, namespace: &str, deployment: &str, container: &str) -> Option<String> {
        self.with(|cluster| cluster.images(namespace, deployment)?.remove(container))
    }

    /// Takes a Deployment away, with its pods.
    pub fn remove(&self, namespace: &str, deployment: &str) {
        self.delete("deployments.apps", namespace, deployment);
    }

    /// An object as it is; `kind` is `pods` or `deployments.apps`.
    #[must_use]
    pub fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        self.with(|cluster| Some(cluster.store.get(&kind_of(kind), &key(namespace, name))?.value.clone()))
    }

    /// The names of a kind's objects in a namespace.
    #[must_use]
    pub fn names(&self, kind: &str, namespace: &str) -> Vec<String> {
        self.with(|cluster| {
            let all = cluster.store.all(&kind_of(kind), Some(namespace));
            all.map(|object| object::name(&object.value).to_owned()).collect()
        })
    }

    /// Makes an object, or writes it over the one that is there, status and all.
    ///
    /// # Errors
    /// When the cluster does not know the kind or would refuse the object.
    pub fn put(&self, value: Value) -> anyhow::Result<()> {
        let now = self.0.now();
        self.with(|cluster| {
            let (version, kind) = (object::text(&value, &["apiVersion"]), object::text(&value, &["kind"]));
            let kind = cluster.kinds.values().find(|it| it.api_version() == version && it.kind == kind).cloned();
            let kind = kind.with_context(|| format!("no such kind: {value}"))?;
            let place = object::key(&value);
            let refused = |refusal: super::refusal::Refusal| anyhow::anyhow!(refusal.message);
            if let Some(old) = cluster.store.get(&kind.id(), &place).cloned() {
                let mut value = value;
                object::set(&mut value, &["metadata", "resourceVersion"], json!(old.revision.to_string()));
                cluster.replace(&kind, &place, value, &Act::own(now)).map_err(refused)?;
            } else {
                cluster.create(&kind, &place.0, value, &Act::own(now)).map_err(refused)?;
            }
            cluster.start_pods(now);
            Ok(())
        })
    }

    /// A merge patch, status and all; says whether there was something to patch.
    pub fn patch(&self, kind: &str, namespace: &str, name: &str, patch: &Value) -> bool {
        let now = self.0.now();
        self.with(|cluster| {
            let found =
                cluster.change(&kind_of(kind), &key(namespace, name), now, |value| json_patch::merge(value, patch));
            cluster.start_pods(now);
            found
        })
    }

    /// Takes an object away, with what it owns; says whether there was one.
    pub fn delete(&self, kind: &str, namespace: &str, name: &str) -> bool {
        let now = self.0.now();
        self.with(|cluster| {
            let Some(kind) = cluster.kinds.get(&kind_of(kind)).cloned() else { return false };
            let gone = cluster.delete(&kind, &key(namespace, name), &Value::Null, &Act::own(now)).is_ok();
            cluster.start_pods(now);
            gone
        })
    }

    /// Adds pods that run and belong to nobody, named `{prefix}-0` and on: cheap, for clusters of ten thousand.
    pub fn add_pods(&self, namespace: &str, prefix: &str, count: usize) {
        let now = self.0.now();
        self.with(|cluster| {
            let at = object::time(now);
            let mut template = json!({
                "apiVersion": "v1", "kind": "Pod",
                "metadata": { "namespace": namespace, "creationTimestamp": at, "labels": { "app": prefix } },
                "spec": { "containers": [{ "name": "main", "image": "registry.example/filler@sha256:00" }], "nodeName": "filler" },
                "status": {
                    "phase": "Running", "startTime": at, "conditions": [{ "type": "Ready", "status": "True", "lastTransitionTime": at }],
                    "containerStatuses": [{ "name": "main", "ready": true, "restartCount": 0, "image": "", "imageID": "", "state": { "running": { "startedAt": at } } }],
                },
            });
            if let Some(kind) = cluster.kinds.get(&pods()) {
                admit::defaults(kind, &mut template, now);
            }
            for index in 0..count {
                let mut value = template.clone();
                let uid = cluster.uid();
                object::set(&mut value, &["metadata", "name"], json!(format!("{prefix}-{index}")));
                object::set(&mut value, &["metadata", "uid"], json!(uid));
                cluster.store.put(&pods(), value);
            }
        });
    }

    /// One event: a pod's restarts become `count`. Nothing else is looked at, so that a thousand a second are cheap.
    pub fn touch_pod(&self, namespace: &str, name: &str, count: u32) -> bool {
        self.with(|cluster| {
            let Some(object) = cluster.store.get(&pods(), &key(namespace, name)) else { return false };
            let mut value = object.value.clone();
            let first = object::place(&mut value, &["status", "containerStatuses"]).and_then(Value::as_array_mut);
            if let Some(first) = first.and_then(|all| all.first_mut()) {
                object::set(first, &["restartCount"], json!(count));
            }
            cluster.store.put(&pods(), value);
            true
        })
    }

    /// Makes an object one that no client can decode: its `spec` is a word.
    pub fn poison(&self, kind: &str, namespace: &str, name: &str) -> bool {
        self.with(|cluster| {
            let Some(object) = cluster.store.get(&kind_of(kind), &key(namespace, name)) else { return false };
            let mut value = object.value.clone();
            object::set(&mut value, &["spec"], json!("not a spec"));
            cluster.store.put(&kind_of(kind), value);
            true
        })
    }

    /// Breaks every watch off.
    pub fn drop_watches(&self) {
        self.with(|cluster| cluster.store.raise(|signal| signal.drops += 1));
    }

    /// Sends a bookmark to every watch that takes them.
    pub fn bookmark(&self) {
        self.with(|cluster| cluster.store.raise(|signal| signal.bookmarks += 1));
    }

    /// Forgets what happened: every watch, and every list that was begun, is told 410.
    pub fn compact(&self) {
        self.with(|cluster| cluster.store.compact());
    }

    /// The token may not see this plural any more, or may again.
    pub fn deny(&self, plural: &str, denied: bool) {
        self.with(
            |cluster| if denied { cluster.denied.insert(plural.to_owned()) } else { cluster.denied.remove(plural) },
        );
        self.drop_watches();
    }

    /// Nobody gets through to the cluster, or somebody does again.
    pub fn set_unreachable(&self, unreachable: bool) {
        self.with(|cluster| cluster.is_unreachable = unreachable);
        self.drop_watches();
    }

    /// The token is not taken any more, or is again.
    pub fn expire_token(&self, expired: bool) {
        self.with(|cluster| cluster.is_token_expired = expired);
        self.drop_watches();
    }

    /// The number of the last write.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.with(|cluster| cluster.store.revision())
    }

    /// What is wrong on purpose in this cluster: what a person should find, by kind, namespace and name.
    #[must_use]
    pub fn planted(&self) -> BTreeMap<(String, String, String), String> {
        let here = Planted::all().iter().filter(|planted| planted.cluster == self.1.name());
        here.map(|it| ((it.kind.clone(), it.namespace.clone(), it.name.clone()), it.finding.clone())).collect()
    }

    /// The lines that judging this cluster must give, and no others: a rail of its own, or that it differs from the one
    /// that it mirrors.
    #[must_use]
    pub fn expected(&self) -> Vec<String> {
        let here = Planted::all().iter().filter(|planted| planted.cluster == self.1.name());
        here.flat_map(|it| it.finds.iter().cloned()).collect()
    }
}
