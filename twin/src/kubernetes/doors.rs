//! What is behind an object's other doors? Its size in the words of autoscaling, and what its pod said.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Cluster;
use super::kind::Kind;
use super::object::{self, Key, Object, get, list, number, text};
use super::read::{Query, param};
use super::refusal::Refusal;
use super::write::{Act, PatchType};

/// The `Scale` of an object.
pub(super) fn scale(object: &Arc<Object>) -> Value {
    let it = &object.value;
    let labels = get(it, &["spec", "selector", "matchLabels"]).as_object().into_iter().flatten();
    let selector: Vec<String> =
        labels.map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default())).collect();
    json!({
        "kind": "Scale", "apiVersion": "autoscaling/v1",
        "metadata": {
            "name": object::name(it), "namespace": object::namespace(it), "uid": get(it, &["metadata", "uid"]),
            "resourceVersion": object.revision.to_string(), "creationTimestamp": get(it, &["metadata", "creationTimestamp"]),
        },
        "spec": { "replicas": number(it, &["spec", "replicas"]) },
        "status": { "replicas": number(it, &["status", "replicas"]), "selector": selector.join(",") },
    })
}

impl Cluster {
    /// Writes the size through the door `scale`: a whole `Scale`, or a patch of one.
    pub(super) fn rescale(
        &mut self,
        kind: &Kind,
        key: &Key,
        how: Option<PatchType>,
        body: &Value,
        act: &Act,
    ) -> Result<Arc<Object>, Refusal> {
        let before = self.find(kind, key)?;
        let mut wanted = scale(&before);
        match how {
            None => wanted = body.clone(),
            Some(PatchType::Json) => {
                let patch: json_patch::Patch = serde_json::from_value(body.clone())
                    .map_err(|error| Refusal::bad(format!("error decoding patch: {error}")))?;
                json_patch::patch(&mut wanted, &patch).map_err(|error| Refusal::unusable_patch(error.to_string()))?;
            }
            Some(_) => json_patch::merge(&mut wanted, body),
        }
        let version = text(&wanted, &["metadata", "resourceVersion"]);
        if !version.is_empty() && version != before.revision.to_string() {
            return Err(Refusal::modified(kind, &key.1));
        }
        let mut after = before.value.clone();
        object::set(&mut after, &["spec", "replicas"], json!(number(&wanted, &["spec", "replicas"])));
        let mut act = act.clone();
        act.manager.subresource = "scale".to_owned();
        self.replace(kind, key, after, &act)
    }
}

/// What a pod's container said: the same each time it is asked.
pub(super) fn log(pod: &Value, query: &Query) -> Result<String, Refusal> {
    let containers = list(pod, &["spec", "containers"]);
    let names: Vec<&str> = containers.iter().map(|one| text(one, &["name"])).collect();
    let wanted = match (param(query, "container"), names.as_slice()) {
        ("", [one]) => *one,
        ("", many) => {
            let many = many.join(" ");
            return Err(Refusal::bad(format!(
                "a container name must be specified for pod {}, choose one of: [{many}]",
                object::name(pod)
            )));
        }
        (wanted, _) => wanted,
    };
    if !names.contains(&wanted) {
        return Err(Refusal::bad(format!("container {wanted} is not valid for pod {}", object::name(pod))));
    }
    let started = text(pod, &["status", "startTime"]);
    let statuses = list(pod, &["status", "containerStatuses"]);
    let waiting = statuses
        .iter()
        .find(|one| text(one, &["name"]) == wanted)
        .map(|one| text(one, &["state", "waiting", "reason"]));
    if let Some(reason) = waiting.filter(|reason| !reason.is_empty()) {
        let name = object::name(pod);
        return Err(Refusal::bad(format!("container \"{wanted}\" in pod \"{name}\" is waiting to start: {reason}")));
    }
    let said = ["starting", "listening on :8080", "ready"];
    let lines: Vec<String> = said
        .iter()
        .map(|what| {
            json!({ "time": started, "level": "info", "service": wanted, "pod": object::name(pod), "message": what })
                .to_string()
        })
        .collect();
    let tail = param(query, "tailLines").parse().unwrap_or(lines.len());
    let from = lines.len().saturating_sub(tail);
    Ok(lines.into_iter().skip(from).map(|line| format!("{line}\n")).collect())
}
