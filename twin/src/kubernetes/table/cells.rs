//! What stands in the cells that are worked out?

use serde_json::{Value, json};

use super::super::object::{self, get, list, number, text};
use super::human;

fn joined(words: impl Iterator<Item = String>) -> Value {
    let all: Vec<String> = words.collect();
    if all.is_empty() { json!("<none>") } else { json!(all.join(",")) }
}

fn pairs(value: &Value) -> Value {
    let members = value.as_object().into_iter().flatten();
    joined(members.map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default())))
}

fn pod_template(it: &Value) -> &Value {
    get(it, &["spec", "template", "spec"])
}

pub(super) fn containers(it: &Value) -> Value {
    joined(list(pod_template(it), &["containers"]).iter().map(|one| text(one, &["name"]).to_owned()))
}

pub(super) fn images(it: &Value) -> Value {
    joined(list(pod_template(it), &["containers"]).iter().map(|one| text(one, &["image"]).to_owned()))
}

pub(super) fn selector(it: &Value) -> Value {
    pairs(get(it, &["spec", "selector", "matchLabels"]))
}

pub(super) fn node_selector(it: &Value) -> Value {
    pairs(get(pod_template(it), &["nodeSelector"]))
}

pub(super) fn endpoints(it: &Value) -> Value {
    pairs(get(it, &["spec", "selector"]))
}

pub(super) fn keys(it: &Value) -> Value {
    pairs(get(it, &["spec", "podSelector", "matchLabels"]))
}

pub(super) fn ready(it: &Value) -> Value {
    json!(format!("{}/{}", number(it, &["status", "readyReplicas"]), number(it, &["spec", "replicas"])))
}

pub(super) fn pod_ready(it: &Value) -> Value {
    let statuses = list(it, &["status", "containerStatuses"]);
    let ready = statuses.iter().filter(|one| get(one, &["ready"]) == &json!(true)).count();
    json!(format!("{ready}/{}", list(it, &["spec", "containers"]).len()))
}

pub(super) fn pod_restarts(it: &Value) -> Value {
    let all = list(it, &["status", "containerStatuses"]);
    json!(all.iter().map(|one| number(one, &["restartCount"])).sum::<i64>().to_string())
}

pub(super) fn pod_status(it: &Value) -> Value {
    if !get(it, &["metadata", "deletionTimestamp"]).is_null() {
        return json!("Terminating");
    }
    let reason = |one: &Value| {
        let (waiting, ended) =
            (text(one, &["state", "waiting", "reason"]), text(one, &["state", "terminated", "reason"]));
        [waiting, ended].into_iter().find(|reason| !reason.is_empty()).map(str::to_owned)
    };
    let trouble = list(it, &["status", "containerStatuses"]).iter().find_map(reason);
    let said = [text(it, &["status", "reason"]), text(it, &["status", "phase"])];
    json!(trouble.unwrap_or_else(|| said.into_iter().find(|word| !word.is_empty()).unwrap_or("Unknown").to_owned()))
}

pub(super) fn pod_waiting_for(_: &Value) -> Value {
    json!("<none>")
}

pub(super) fn desired_ready(it: &Value) -> Value {
    let ended = list(it, &["status", "conditions"]).iter().find(|one| text(one, &["status"]) == "True");
    json!(ended.map_or("Running", |one| text(one, &["type"])))
}

pub(super) fn completions(it: &Value) -> Value {
    let wanted = get(it, &["spec", "completions"]).as_i64().unwrap_or(1);
    json!(format!("{}/{wanted}", number(it, &["status", "succeeded"])))
}

pub(super) fn duration(it: &Value) -> Value {
    let time = |path: &[&str]| text(it, path).parse::<chrono::DateTime<chrono::Utc>>().ok();
    match (time(&["status", "startTime"]), time(&["status", "completionTime"])) {
        (Some(start), Some(end)) => json!(human((end - start).num_seconds())),
        _ => json!(""),
    }
}

pub(super) fn schedule_suspended(it: &Value) -> Value {
    json!(if get(it, &["spec", "suspend"]) == &json!(true) { "True" } else { "False" })
}

pub(super) fn count(it: &Value, path: &[&str]) -> Value {
    json!(list(it, path).len())
}

pub(super) fn data(it: &Value) -> Value {
    let members = |key: &str| it.get(key).and_then(Value::as_object).map_or(0, serde_json::Map::len);
    json!(members("data") + members("binaryData"))
}

pub(super) fn external(it: &Value) -> Value {
    match list(it, &["status", "loadBalancer", "ingress"]).first() {
        Some(first) => json!([text(first, &["hostname"]), text(first, &["ip"])].concat()),
        None => json!("<none>"),
    }
}

pub(super) fn ports(it: &Value) -> Value {
    let one = |port: &Value| format!("{}/{}", number(port, &["port"]), text(port, &["protocol"]));
    joined(list(it, &["spec", "ports"]).iter().map(one))
}

pub(super) fn node_status(it: &Value) -> Value {
    let mut conditions = list(it, &["status", "conditions"]).iter();
    let ready = conditions.any(|one| text(one, &["type"]) == "Ready" && text(one, &["status"]) == "True");
    let closed = get(it, &["spec", "unschedulable"]) == &json!(true);
    json!(format!("{}{}", if ready { "Ready" } else { "NotReady" }, if closed { ",SchedulingDisabled" } else { "" }))
}

pub(super) fn nodes_roles(it: &Value) -> Value {
    let labels = get(it, &["metadata", "labels"]).as_object().into_iter().flatten();
    joined(labels.filter_map(|(key, _)| key.strip_prefix("node-role.kubernetes.io/").map(str::to_owned)))
}

pub(super) fn internal_address(it: &Value) -> Value {
    let mut all = list(it, &["status", "addresses"]).iter();
    json!(all.find(|one| text(one, &["type"]) == "InternalIP").map_or("<none>", |one| text(one, &["address"])))
}

fn quota(it: &Value, limits: bool) -> Value {
    let hard = get(it, &["status", "hard"]).as_object().into_iter().flatten();
    let one = |(key, hard): (&String, &Value)| {
        let used = text(it, &["status", "used", key]);
        format!("{key}: {}/{}", if used.is_empty() { "0" } else { used }, hard.as_str().unwrap_or_default())
    };
    let all: Vec<String> = hard.filter(|(key, _)| key.starts_with("limits.") == limits).map(one).collect();
    json!(all.join(", "))
}

pub(super) fn quota_hard(it: &Value) -> Value {
    quota(it, false)
}

pub(super) fn quota_used(it: &Value) -> Value {
    quota(it, true)
}

pub(super) fn references(it: &Value) -> Value {
    json!(format!(
        "{}/{}",
        text(it, &["spec", "scaleTargetRef", "kind"]),
        text(it, &["spec", "scaleTargetRef", "name"])
    ))
}

pub(super) fn targets(it: &Value) -> Value {
    let now = list(it, &["status", "currentMetrics"]);
    let one = |(index, metric): (usize, &Value)| {
        let current = now.get(index).map(|metric| number(metric, &["resource", "current", "averageUtilization"]));
        let wanted = number(metric, &["resource", "target", "averageUtilization"]);
        let current = current.map_or("<unknown>".to_owned(), |current| format!("{current}%"));
        format!("{}: {current}/{wanted}%", text(metric, &["resource", "name"]))
    };
    joined(list(it, &["spec", "metrics"]).iter().enumerate().map(one))
}

pub(super) fn scaled(it: &Value) -> Value {
    json!(number(it, &["status", "currentReplicas"]))
}

pub(super) fn disruptions(it: &Value) -> Value {
    json!(number(it, &["status", "disruptionsAllowed"]))
}

pub(super) fn role_of(it: &Value) -> Value {
    json!(format!("{}/{}", text(it, &["roleRef", "kind"]), text(it, &["roleRef", "name"])))
}

pub(super) fn subjects(it: &Value) -> Value {
    joined(list(it, &["subjects"]).iter().map(|one| object::name(&json!({ "metadata": one })).to_owned()))
}

pub(super) fn object_of_event(it: &Value) -> Value {
    let kind = text(it, &["involvedObject", "kind"]).to_lowercase();
    json!(format!("{kind}/{}", text(it, &["involvedObject", "name"])))
}
