//! Which ReplicaSet is the Deployment's, how large is each, and what does its status say?

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::super::Cluster;
use super::super::object::{self, Object, get, number, remove, set, text};
use super::{hash, id, is_ready, pods, reference};

const REVISION: [&str; 3] = ["metadata", "annotations", "deployment.kubernetes.io/revision"];

fn revision(value: &Value) -> i64 {
    text(value, &REVISION).parse().unwrap_or_default()
}

impl Cluster {
    pub(super) fn deployment(&mut self, it: &Object, now: DateTime<Utc>) {
        let (sets, wanted) = (id("apps", "replicasets"), number(&it.value, &["spec", "replicas"]));
        let template = get(&it.value, &["spec", "template"]);
        let hash = hash(template);
        let all = self.children(&it.value, &sets);
        let is_current = |set: &&Arc<Object>| text(&set.value, &["metadata", "labels", "pod-template-hash"]) == hash;
        let newest = all.iter().map(|set| revision(&set.value)).max().unwrap_or_default();
        let paused = get(&it.value, &["spec", "paused"]).as_bool() == Some(true);
        let Some(current) = all.iter().find(is_current).cloned() else {
            if !paused {
                let value = replica_set(&it.value, &hash, newest + 1);
                self.make(&sets, object::namespace(&it.value), value, now);
                self.dirty.insert((id("apps", "deployments"), object::key(&it.value)));
            }
            return;
        };
        let mut value = current.value.clone();
        set(&mut value, &["spec", "replicas"], json!(wanted));
        let mine = if revision(&value) < newest { newest + 1 } else { revision(&value) };
        set(&mut value, &REVISION, json!(mine.to_string()));
        self.rewrite(&sets, &current, value);
        // The old ones serve until the new one does.
        if number(&current.value, &["status", "readyReplicas"]) >= wanted {
            for old in all.iter().filter(|set| !is_current(set)) {
                let mut value = old.value.clone();
                set(&mut value, &["spec", "replicas"], json!(0));
                self.rewrite(&sets, old, value);
            }
            self.forget_old(it, &all, now);
        }
        let status = status(&it.value, &current.value, &all, now);
        let mut value = it.value.clone();
        set(&mut value, &REVISION, json!(mine.to_string()));
        set(&mut value, &["status"], status);
        self.rewrite(&id("apps", "deployments"), it, value);
    }

    fn forget_old(&mut self, it: &Object, all: &[Arc<Object>], now: DateTime<Utc>) {
        let limit = usize::try_from(number(&it.value, &["spec", "revisionHistoryLimit"])).unwrap_or_default();
        let mut idle: Vec<&Arc<Object>> = all
            .iter()
            .filter(|set| {
                number(&set.value, &["spec", "replicas"]) == 0 && number(&set.value, &["status", "replicas"]) == 0
            })
            .collect();
        idle.sort_by_key(|set| revision(&set.value));
        let gone = idle.len().saturating_sub(limit);
        for old in idle.into_iter().take(gone) {
            self.end(&id("apps", "replicasets"), &object::key(&old.value), now);
        }
    }

    pub(super) fn replica_set(&mut self, it: &Object, now: DateTime<Utc>) {
        let wanted = usize::try_from(number(&it.value, &["spec", "replicas"])).unwrap_or_default();
        let mut have = self.children(&it.value, &pods());
        have.retain(|pod| get(&pod.value, &["metadata", "deletionTimestamp"]).is_null());
        for _ in have.len()..wanted {
            let name = format!("{}-{}", object::name(&it.value), self.suffix());
            let value = pod(&it.value, &name);
            self.make(&pods(), object::namespace(&it.value), value, now);
        }
        if have.len() > wanted {
            // Those that do not serve go first, then the youngest.
            have.sort_by_key(|pod| (is_ready(&pod.value), std::cmp::Reverse(pod.revision)));
            for extra in have.iter().take(have.len() - wanted) {
                self.end(&pods(), &object::key(&extra.value), now);
            }
        }
        let have = self.children(&it.value, &pods());
        let ready = have.iter().filter(|pod| is_ready(&pod.value)).count();
        let mut value = it.value.clone();
        let mut status = json!({
            "replicas": have.len(), "fullyLabeledReplicas": have.len(), "observedGeneration": get(&value, &["metadata", "generation"]),
        });
        if ready > 0 {
            set(&mut status, &["readyReplicas"], json!(ready));
            set(&mut status, &["availableReplicas"], json!(ready));
        }
        // What a Deployment told it about its size is a change of its spec.
        set(&mut value, &["status"], status);
        self.rewrite(&id("apps", "replicasets"), it, value);
    }
}

fn replica_set(deployment: &Value, hash: &str, revision: i64) -> Value {
    let mut template = get(deployment, &["spec", "template"]).clone();
    set(&mut template, &["metadata", "labels", "pod-template-hash"], json!(hash));
    let mut selector = get(deployment, &["spec", "selector"]).clone();
    set(&mut selector, &["matchLabels", "pod-template-hash"], json!(hash));
    let labels = get(&template, &["metadata", "labels"]).clone();
    json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {
            "name": format!("{}-{hash}", object::name(deployment)), "namespace": object::namespace(deployment), "labels": labels,
            "annotations": {
                "deployment.kubernetes.io/desired-replicas": number(deployment, &["spec", "replicas"]).to_string(),
                "deployment.kubernetes.io/revision": revision.to_string(),
            },
            "ownerReferences": [reference(deployment)],
        },
        "spec": { "replicas": get(deployment, &["spec", "replicas"]), "selector": selector, "template": template },
        "status": { "replicas": 0 },
    })
}

/// A pod of a set, from its template.
pub(super) fn pod(owner: &Value, name: &str) -> Value {
    let mut pod = get(owner, &["spec", "template"]).clone();
    set(&mut pod, &["apiVersion"], json!("v1"));
    set(&mut pod, &["kind"], json!("Pod"));
    set(&mut pod, &["metadata", "name"], json!(name));
    set(&mut pod, &["metadata", "namespace"], json!(object::namespace(owner)));
    set(&mut pod, &["metadata", "ownerReferences"], json!([reference(owner)]));
    remove(&mut pod, &["metadata", "creationTimestamp"]);
    pod
}

fn status(deployment: &Value, current: &Value, all: &[Arc<Object>], now: DateTime<Utc>) -> Value {
    let sum = |member: &str| -> i64 { all.iter().map(|set| number(&set.value, &["status", member])).sum() };
    let wanted = number(deployment, &["spec", "replicas"]);
    let (replicas, ready, updated) = (sum("replicas"), sum("readyReplicas"), number(current, &["status", "replicas"]));
    let mut status = json!({ "observedGeneration": get(deployment, &["metadata", "generation"]) });
    for (member, count) in [
        ("replicas", replicas),
        ("updatedReplicas", updated),
        ("readyReplicas", ready),
        ("availableReplicas", ready),
        ("unavailableReplicas", (wanted.max(replicas) - ready).max(0)),
    ] {
        if count > 0 {
            set(&mut status, &[member], json!(count));
        }
    }
    let is_complete = updated == wanted && replicas == wanted && ready >= wanted;
    let name = object::name(current);
    let progress = if is_complete {
        ("True", "NewReplicaSetAvailable", format!("ReplicaSet \"{name}\" has successfully progressed."))
    } else {
        ("True", "ReplicaSetUpdated", format!("ReplicaSet \"{name}\" is progressing."))
    };
    let available = if ready >= wanted {
        ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.".to_owned())
    } else {
        ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.".to_owned())
    };
    let conditions =
        [condition(deployment, "Available", available, now), condition(deployment, "Progressing", progress, now)];
    set(&mut status, &["conditions"], json!(conditions));
    status
}

/// A condition that keeps its times while it says the same.
fn condition(of: &Value, kind: &str, (state, reason, message): (&str, &str, String), now: DateTime<Utc>) -> Value {
    let old = object::list(of, &["status", "conditions"]).iter().find(|it| text(it, &["type"]) == kind);
    let mut new = json!({ "type": kind, "status": state, "reason": reason, "message": message });
    let time = |member: &str, same: &[&str]| match old {
        Some(old) if same.iter().all(|key| get(old, &[key]) == get(&new, &[key])) => get(old, &[member]).clone(),
        _ => object::time(now),
    };
    let (updated, changed) =
        (time("lastUpdateTime", &["status", "reason", "message"]), time("lastTransitionTime", &["status"]));
    set(&mut new, &["lastUpdateTime"], updated);
    set(&mut new, &["lastTransitionTime"], changed);
    new
}
