//! What do the cluster's own controllers do? A Deployment makes a ReplicaSet, a ReplicaSet makes pods, a pod becomes
//! ready, and the numbers travel back up.
//!
//! States: what was touched waits in `dirty`; a pod that is not ready yet waits in `starting`. [`Cluster::work`] looks at
//! what is dirty until nothing is. [`Cluster::start_pods`] lets what is starting become ready: at once when time stands
//! still, a moment later when it runs.
//!
//! Invariants: no thread and no clock of its own; the same writes in the same order give the same cluster. A pod that
//! runs is never touched again, so that a test may break it. Canaries are not steered here: a Rollout stays as it is given.

mod deployment;
mod pod;
mod sets;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Cluster;
use super::kind::{Id, Kind};
use super::object::{self, Key, Object, get, list, text};
use super::write::Act;

pub(super) fn id(group: &str, plural: &str) -> Id {
    (group.to_owned(), plural.to_owned())
}

pub(super) fn pods() -> Id {
    id("", "pods")
}

fn plural_of(kind: &str) -> Option<Id> {
    match kind {
        "Deployment" => Some(id("apps", "deployments")),
        "ReplicaSet" => Some(id("apps", "replicasets")),
        "StatefulSet" => Some(id("apps", "statefulsets")),
        "DaemonSet" => Some(id("apps", "daemonsets")),
        "Job" => Some(id("batch", "jobs")),
        "Pod" => Some(pods()),
        _ => None,
    }
}

impl Cluster {
    /// Something about it changed: it, and what owns it, are looked at again.
    pub(super) fn touched(&mut self, kind: &Kind, object: &Object) {
        if !kind.builtin {
            return;
        }
        if plural_of(&kind.kind).is_some() {
            self.dirty.insert((kind.id(), object::key(&object.value)));
        }
        for owner in list(&object.value, &["metadata", "ownerReferences"]) {
            if let Some(id) = plural_of(text(owner, &["kind"])) {
                let key = (object::namespace(&object.value).to_owned(), text(owner, &["name"]).to_owned());
                self.dirty.insert((id, key));
            }
        }
    }

    /// Does what there is to do, but for starting pods.
    pub(super) fn work(&mut self, now: DateTime<Utc>) {
        while let Some((id, key)) = self.dirty.pop_first() {
            let Some(object) = self.store.get(&id, &key).cloned() else { continue };
            if !get(&object.value, &["metadata", "deletionTimestamp"]).is_null() {
                continue;
            }
            match id.1.as_str() {
                "deployments" => self.deployment(&object, now),
                "replicasets" => self.replica_set(&object, now),
                "statefulsets" | "daemonsets" => self.set(&object, now),
                "jobs" => self.job(&object, now),
                "pods" if text(&object.value, &["status", "phase"]) == "Pending" => {
                    self.starting.insert(key);
                }
                _ => {}
            }
        }
    }

    /// Lets every pod that is starting become ready, and what follows from it.
    pub(super) fn start_pods(&mut self, now: DateTime<Utc>) {
        self.work(now);
        // A roll-out starts pods after others ended; a cluster that never comes to rest is a mistake in a controller.
        for _ in 0..50 {
            if self.starting.is_empty() {
                return;
            }
            for key in std::mem::take(&mut self.starting) {
                self.start_pod(&key, now);
            }
            self.work(now);
        }
        tracing::error!(cluster = self.name, "the controllers do not come to rest");
    }

    /// Whether a pod waits for its moment.
    pub(super) fn is_starting(&self) -> bool {
        !self.starting.is_empty()
    }

    fn children(&self, owner: &Value, of: &Id) -> Vec<Arc<Object>> {
        let owned = self.store.owned_by(text(owner, &["metadata", "uid"]));
        owned
            .into_iter()
            .filter(|(id, _)| id == of)
            .filter_map(|(id, key)| self.store.get(&id, &key).cloned())
            .collect()
    }

    /// Writes what a controller changed, when it did.
    fn rewrite(&mut self, id: &Id, before: &Object, value: Value) {
        if value == before.value {
            return;
        }
        let Some(kind) = self.kinds.get(id).cloned() else { return };
        let object = self.store.put(id, value);
        self.touched(&kind, &object);
    }

    fn make(&mut self, id: &Id, namespace: &str, value: Value, now: DateTime<Utc>) {
        let Some(kind) = self.kinds.get(id).cloned() else { return };
        if let Err(refusal) = self.create(&kind, namespace, value, &Act::own(now)) {
            tracing::warn!(cluster = self.name, message = refusal.message, "a controller was refused");
        }
    }

    fn end(&mut self, id: &Id, key: &Key, now: DateTime<Utc>) {
        if let Some(kind) = self.kinds.get(id).cloned() {
            self.take_away(&kind, key, now);
        }
    }
}

/// The owner as what it owns names it.
fn reference(owner: &Value) -> Value {
    json!({
        "apiVersion": get(owner, &["apiVersion"]), "kind": get(owner, &["kind"]), "name": get(owner, &["metadata", "name"]),
        "uid": get(owner, &["metadata", "uid"]), "controller": true, "blockOwnerDeletion": true,
    })
}

/// A short name for a template: the same template has the same.
fn hash(template: &Value) -> String {
    // Letters without vowels, as Kubernetes uses them.
    const LETTERS: &[u8] = b"bcdf46789ghjklmn";
    let digest: [u8; 32] = Sha256::digest(template.to_string()).into();
    digest
        .iter()
        .take(10)
        .filter_map(|byte| LETTERS.get(usize::from(byte % 16)))
        .map(|byte| char::from(*byte))
        .collect()
}

fn is_ready(pod: &Value) -> bool {
    let mut conditions = list(pod, &["status", "conditions"]).iter();
    conditions.any(|it| text(it, &["type"]) == "Ready" && text(it, &["status"]) == "True")
}
