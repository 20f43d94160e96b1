//! Where does a pod run, and does it become ready? An image that says `does-not-exist` cannot be pulled, a pod that wants
//! a node that is not there stays pending; everything else runs.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::super::Cluster;
use super::super::object::{self, Key, get, list, set, text};
use super::{id, pods};

impl Cluster {
    pub(super) fn start_pod(&mut self, key: &Key, now: DateTime<Utc>) {
        let Some(object) = self.store.get(&pods(), key).cloned() else { return };
        // One that has started and still is pending waits for its image, for good.
        let has_begun = !get(&object.value, &["status", "startTime"]).is_null();
        if text(&object.value, &["status", "phase"]) != "Pending" || has_begun {
            return;
        }
        let mut value = object.value.clone();
        let Some((node, address)) = self.node_for(&value) else {
            let condition = json!({
                "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "lastTransitionTime": object::time(now),
                "message": "0 nodes are available: no node matches the pod's node selector.",
            });
            set(&mut value, &["status", "conditions"], json!([condition]));
            if get(&object.value, &["status", "conditions"]).is_null() {
                self.rewrite(&pods(), &object, value);
            }
            return;
        };
        set(&mut value, &["spec", "nodeName"], json!(node));
        let is_job = list(&value, &["metadata", "ownerReferences"]).iter().any(|owner| text(owner, &["kind"]) == "Job");
        let serial = self.serial;
        let status = status(&value, is_job, &address, serial, now);
        set(&mut value, &["status"], status);
        self.rewrite(&pods(), &object, value);
    }

    /// A node that the pod's selector lets it run on, and its address: one after the other.
    pub(super) fn node_for(&mut self, pod: &Value) -> Option<(String, String)> {
        let named = text(pod, &["spec", "nodeName"]);
        let selector = get(pod, &["spec", "nodeSelector"]).as_object();
        let fits = |node: &Value| {
            let labels = get(node, &["metadata", "labels"]);
            let open = get(node, &["spec", "unschedulable"]).as_bool() != Some(true);
            (named.is_empty() && open || named == object::name(node))
                && selector.into_iter().flatten().all(|(key, value)| labels.get(key) == Some(value))
        };
        let nodes: Vec<_> = self.store.all(&id("", "nodes"), None).filter(|node| fits(&node.value)).cloned().collect();
        self.serial += 1;
        let turn = usize::try_from(self.serial).unwrap_or_default() % nodes.len().max(1);
        let node = nodes.get(turn)?;
        let address = list(&node.value, &["status", "addresses"]).first().map(|it| text(it, &["address"]).to_owned());
        Some((object::name(&node.value).to_owned(), address.unwrap_or_default()))
    }
}

fn status(pod: &Value, is_job: bool, node: &str, serial: u64, now: DateTime<Utc>) -> Value {
    let at = object::time(now);
    let containers = list(pod, &["spec", "containers"]);
    let missing = |container: &Value| text(container, &["image"]).contains("does-not-exist");
    let one = |container: &Value| {
        let image = text(container, &["image"]);
        let state = match (missing(container), is_job) {
            (true, _) => {
                let message = format!("Back-off pulling image \"{image}\"");
                json!({ "waiting": { "reason": "ImagePullBackOff", "message": message } })
            }
            (false, true) => {
                json!({ "terminated": { "exitCode": 0, "reason": "Completed", "startedAt": at, "finishedAt": at } })
            }
            (false, false) => json!({ "running": { "startedAt": at } }),
        };
        let up = !missing(container) && !is_job;
        json!({
            "name": get(container, &["name"]), "image": image, "imageID": if missing(container) { "" } else { image },
            "ready": up, "started": up, "restartCount": 0, "lastState": {}, "state": state,
        })
    };
    let statuses: Vec<Value> = containers.iter().map(one).collect();
    let is_ready = !is_job && !containers.iter().any(missing);
    let phase = match (containers.iter().any(missing), is_job) {
        (true, _) => "Pending",
        (false, true) => "Succeeded",
        (false, false) => "Running",
    };
    let condition = |kind: &str, yes: bool| {
        let mut it = json!({ "type": kind, "status": if yes { "True" } else { "False" }, "lastProbeTime": null, "lastTransitionTime": at });
        if !yes {
            set(&mut it, &["reason"], json!(if is_job { "PodCompleted" } else { "ContainersNotReady" }));
        }
        it
    };
    let address = format!("10.0.{}.{}", 10 + serial / 250 % 6, 2 + serial % 250);
    json!({
        "phase": phase, "startTime": at, "hostIP": node, "podIP": address, "podIPs": [{ "ip": address }], "qosClass": "Burstable",
        "conditions": [
            condition("PodScheduled", true), condition("Initialized", true), condition("ContainersReady", is_ready), condition("Ready", is_ready),
        ],
        "containerStatuses": statuses,
    })
}
