//! The sets that make pods themselves: StatefulSets with numbered pods, DaemonSets with one on each node, Jobs with one
//! that ends.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::super::Cluster;
use super::super::object::{self, Object, get, list, number, set, text};
use super::deployment::pod;
use super::{hash, id, is_ready, pods};

const HASH: [&str; 3] = ["metadata", "labels", "controller-revision-hash"];

impl Cluster {
    pub(super) fn set(&mut self, it: &Object, now: DateTime<Utc>) {
        let hash = hash(get(&it.value, &["spec", "template"]));
        let is_daemon = text(&it.value, &["kind"]) == "DaemonSet";
        let places = if is_daemon { self.places(&it.value) } else { numbers(&it.value) };
        for old in self.children(&it.value, &pods()) {
            let kept =
                places.iter().any(|(name, _)| name == object::name(&old.value)) && text(&old.value, &HASH) == hash;
            if !kept {
                self.end(&pods(), &object::key(&old.value), now);
            }
        }
        let have = self.children(&it.value, &pods());
        for (name, node) in &places {
            if have.iter().any(|pod| object::name(&pod.value) == name) {
                continue;
            }
            let mut value = pod(&it.value, name);
            set(&mut value, &HASH, json!(hash));
            if !node.is_empty() {
                set(&mut value, &["spec", "nodeName"], json!(node));
            }
            self.make(&pods(), object::namespace(&it.value), value, now);
        }
        let have = self.children(&it.value, &pods());
        let ready = have.iter().filter(|pod| is_ready(&pod.value)).count();
        let mut value = it.value.clone();
        let generation = get(&value, &["metadata", "generation"]).clone();
        let status = if is_daemon {
            json!({
                "observedGeneration": generation, "desiredNumberScheduled": places.len(), "currentNumberScheduled": have.len(),
                "updatedNumberScheduled": have.len(), "numberReady": ready, "numberAvailable": ready, "numberMisscheduled": 0,
            })
        } else {
            let revision = format!("{}-{hash}", object::name(&it.value));
            json!({
                "observedGeneration": generation, "replicas": have.len(), "readyReplicas": ready, "availableReplicas": ready,
                "currentReplicas": have.len(), "updatedReplicas": have.len(), "currentRevision": revision, "updateRevision": revision,
            })
        };
        set(&mut value, &["status"], status);
        self.rewrite(&id("apps", if is_daemon { "daemonsets" } else { "statefulsets" }), it, value);
    }

    /// One pod for each node that the template may run on.
    fn places(&self, daemon: &Value) -> Vec<(String, String)> {
        let selector = get(daemon, &["spec", "template", "spec", "nodeSelector"]).as_object();
        let fits = |node: &Value| {
            let labels = get(node, &["metadata", "labels"]);
            selector.into_iter().flatten().all(|(key, value)| labels.get(key) == Some(value))
        };
        let nodes = self.store.all(&id("", "nodes"), None).filter(|node| fits(&node.value));
        let place = |node: &str| {
            (format!("{}-{}", object::name(daemon), hash(&json!(node)).get(..5).unwrap_or_default()), node.to_owned())
        };
        nodes.map(|node| place(object::name(&node.value))).collect()
    }

    pub(super) fn job(&mut self, it: &Object, now: DateTime<Utc>) {
        let have = self.children(&it.value, &pods());
        if have.is_empty() && get(&it.value, &["status", "completionTime"]).is_null() {
            let name = format!("{}-{}", object::name(&it.value), self.suffix());
            let mut value = pod(&it.value, &name);
            set(&mut value, &["metadata", "labels", "job-name"], json!(object::name(&it.value)));
            self.make(&pods(), object::namespace(&it.value), value, now);
            return;
        }
        let done = have.iter().filter(|pod| text(&pod.value, &["status", "phase"]) == "Succeeded").count();
        let mut value = it.value.clone();
        if done > 0 && list(&value, &["status", "conditions"]).is_empty() {
            let at = object::time(now);
            let condition =
                json!({ "type": "Complete", "status": "True", "lastProbeTime": at, "lastTransitionTime": at });
            let status = json!({ "succeeded": done, "startTime": at, "completionTime": at, "conditions": [condition] });
            set(&mut value, &["status"], status);
        } else if done == 0 {
            set(&mut value, &["status", "active"], json!(have.len()));
        }
        self.rewrite(&id("batch", "jobs"), it, value);
    }
}

fn numbers(set: &Value) -> Vec<(String, String)> {
    let name = object::name(set);
    (0..number(set, &["spec", "replicas"])).map(|index| (format!("{name}-{index}"), String::new())).collect()
}
