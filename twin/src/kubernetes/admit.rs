//! What does the API server fill in, and what does it not let in? The defaults and checks that people meet; a full schema
//! is not kept, so an unknown field is stored as it came.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::kind::Kind;
use super::object::{self, default, get, list, text};
use super::refusal::Refusal;

type Causes = Vec<(String, &'static str, String)>;

/// Fills in what was left out.
pub(super) fn defaults(kind: &Kind, value: &mut Value, now: DateTime<Utc>) {
    match kind.kind.as_str() {
        _ if !kind.builtin => {}
        "Namespace" => {
            let name = object::name(value).to_owned();
            object::set(value, &["metadata", "labels", "kubernetes.io/metadata.name"], json!(name));
            default(value, &["spec", "finalizers"], json!(["kubernetes"]));
            default(value, &["status", "phase"], json!("Active"));
        }
        "Pod" => {
            object::place(value, &["spec"]).into_iter().for_each(pod_spec);
            default(value, &["status", "phase"], json!("Pending"));
        }
        "Deployment" => {
            default(value, &["spec", "replicas"], json!(1));
            default(value, &["spec", "revisionHistoryLimit"], json!(10));
            default(value, &["spec", "progressDeadlineSeconds"], json!(600));
            default(value, &["spec", "strategy", "type"], json!("RollingUpdate"));
            if text(value, &["spec", "strategy", "type"]) == "RollingUpdate" {
                default(value, &["spec", "strategy", "rollingUpdate", "maxSurge"], json!("25%"));
                default(value, &["spec", "strategy", "rollingUpdate", "maxUnavailable"], json!("25%"));
            }
            template(value);
        }
        "ReplicaSet" | "StatefulSet" => {
            default(value, &["spec", "replicas"], json!(1));
            template(value);
        }
        "DaemonSet" | "Job" => template(value),
        "Service" => {
            default(value, &["spec", "type"], json!("ClusterIP"));
            default(value, &["spec", "sessionAffinity"], json!("None"));
            if let Some(Value::Array(ports)) = object::place(value, &["spec", "ports"]) {
                for port in ports {
                    default(port, &["protocol"], json!("TCP"));
                    let number = get(port, &["port"]).clone();
                    default(port, &["targetPort"], number);
                }
            }
        }
        "Secret" => {
            default(value, &["type"], json!("Opaque"));
            if let Some(Value::Object(plain)) = object::remove(value, &["stringData"]) {
                use base64::Engine as _;
                for (key, text) in plain {
                    let encoded = base64::engine::general_purpose::STANDARD.encode(text.as_str().unwrap_or_default());
                    object::set(value, &["data", key.as_str()], json!(encoded));
                }
            }
        }
        "CustomResourceDefinition" => established(value, now),
        _ => {}
    }
}

fn template(value: &mut Value) {
    object::place(value, &["spec", "template", "spec"]).into_iter().for_each(pod_spec);
}

fn pod_spec(spec: &mut Value) {
    default(spec, &["restartPolicy"], json!("Always"));
    default(spec, &["dnsPolicy"], json!("ClusterFirst"));
    default(spec, &["schedulerName"], json!("default-scheduler"));
    default(spec, &["terminationGracePeriodSeconds"], json!(30));
    default(spec, &["securityContext"], json!({}));
    for containers in ["containers", "initContainers"] {
        let Some(Value::Array(all)) = spec.get_mut(containers) else { continue };
        for container in all.iter_mut().filter(|container| container.is_object()) {
            default(container, &["imagePullPolicy"], json!("IfNotPresent"));
            default(container, &["terminationMessagePath"], json!("/dev/termination-log"));
            default(container, &["terminationMessagePolicy"], json!("File"));
            default(container, &["resources"], json!({}));
            let Some(Value::Array(ports)) = container.get_mut("ports") else { continue };
            ports.iter_mut().for_each(|port| default(port, &["protocol"], json!("TCP")));
        }
    }
}

fn established(value: &mut Value, now: DateTime<Utc>) {
    let condition = |kind: &str, reason: &str| json!({ "type": kind, "status": "True", "reason": reason, "message": "", "lastTransitionTime": object::time(now) });
    let names = get(value, &["spec", "names"]).clone();
    let versions = list(value, &["spec", "versions"]).iter();
    let stored: Vec<Value> =
        versions.filter(|it| get(it, &["storage"]) == &json!(true)).map(|it| get(it, &["name"]).clone()).collect();
    let conditions =
        json!([condition("NamesAccepted", "NoConflicts"), condition("Established", "InitialNamesAccepted")]);
    default(value, &["status"], json!({ "conditions": conditions, "acceptedNames": names, "storedVersions": stored }));
}

/// Refuses what cannot be, with every reason; `before` is null for what is new.
pub(super) fn check(kind: &Kind, before: &Value, value: &Value) -> Result<(), Refusal> {
    let mut causes = Causes::new();
    if before.is_null() {
        name(kind, value, &mut causes);
    }
    match kind.kind.as_str() {
        _ if !kind.builtin => {}
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" => workload(before, value, &mut causes),
        "Pod" => {
            containers(get(value, &["spec"]), "spec", &mut causes);
            if !before.is_null() {
                only_images(before, value, &mut causes);
            }
        }
        "CustomResourceDefinition" => definition(value, &mut causes),
        _ => {}
    }
    let labels = get(value, &["metadata", "labels"]).as_object();
    for (key, label) in labels.into_iter().flatten() {
        let text = label.as_str().unwrap_or_default();
        let ok = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        if !label.is_string() || text.len() > 63 || !text.bytes().all(ok) {
            let words = format!(
                "Invalid value: {label}: a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.'"
            );
            causes.push((format!("metadata.labels[{key}]"), "FieldValueInvalid", words));
        }
    }
    if causes.is_empty() { Ok(()) } else { Err(Refusal::invalid(kind, object::name(value), &causes)) }
}

fn name(kind: &Kind, value: &Value, causes: &mut Causes) {
    let name = object::name(value);
    if name.is_empty() {
        let words = "Required value: name or generateName is required".to_owned();
        causes.push(("metadata.name".to_owned(), "FieldValueRequired", words));
        return;
    }
    // Roles and their bindings have names with colons in them.
    let lenient = kind.group.starts_with("rbac");
    let ok = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
    let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let good = name.bytes().all(ok) && edge(name.bytes().next()) && edge(name.bytes().last()) && name.len() <= 253;
    if !good && !lenient {
        let words = format!(
            "Invalid value: \"{name}\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
        );
        causes.push(("metadata.name".to_owned(), "FieldValueInvalid", words));
    }
}

fn workload(before: &Value, value: &Value, causes: &mut Causes) {
    let selector = get(value, &["spec", "selector"]);
    let labels = get(value, &["spec", "template", "metadata", "labels"]);
    if selector.is_null() {
        causes.push(("spec.selector".to_owned(), "FieldValueRequired", "Required value".to_owned()));
    }
    for (key, wanted) in get(selector, &["matchLabels"]).as_object().into_iter().flatten() {
        if labels.get(key) != Some(wanted) {
            let words = format!("Invalid value: {labels}: `selector` does not match template `labels`");
            causes.push(("spec.template.metadata.labels".to_owned(), "FieldValueInvalid", words));
            break;
        }
    }
    if !before.is_null() && get(before, &["spec", "selector"]) != selector {
        let words = format!("Invalid value: {selector}: field is immutable");
        causes.push(("spec.selector".to_owned(), "FieldValueInvalid", words));
    }
    let replicas = get(value, &["spec", "replicas"]);
    if !replicas.is_null() && replicas.as_i64().is_none_or(|replicas| replicas < 0) {
        let words = format!("Invalid value: {replicas}: must be greater than or equal to 0");
        causes.push(("spec.replicas".to_owned(), "FieldValueInvalid", words));
    }
    containers(get(value, &["spec", "template", "spec"]), "spec.template.spec", causes);
}

fn containers(spec: &Value, path: &str, causes: &mut Causes) {
    let all = list(spec, &["containers"]);
    if all.is_empty() {
        causes.push((format!("{path}.containers"), "FieldValueRequired", "Required value".to_owned()));
    }
    for (index, container) in all.iter().enumerate() {
        for member in ["name", "image"] {
            if text(container, &[member]).is_empty() {
                let field = format!("{path}.containers[{index}].{member}");
                causes.push((field, "FieldValueRequired", "Required value".to_owned()));
            }
        }
    }
}

fn only_images(before: &Value, value: &Value, causes: &mut Causes) {
    let bare = |value: &Value| {
        let mut spec = get(value, &["spec"]).clone();
        for changing in ["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "ephemeralContainers"]
        {
            object::remove(&mut spec, &[changing]);
        }
        for containers in ["containers", "initContainers"] {
            let all = spec.get_mut(containers).and_then(Value::as_array_mut);
            all.into_iter().flatten().for_each(|one| drop(object::remove(one, &["image"])));
        }
        spec
    };
    let scheduled = text(before, &["spec", "nodeName"]).is_empty();
    if !scheduled && bare(before) != bare(value) {
        let words = "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
        causes.push(("spec".to_owned(), "FieldValueForbidden", words.to_owned()));
    }
}

fn definition(value: &Value, causes: &mut Causes) {
    let wanted = format!("{}.{}", text(value, &["spec", "names", "plural"]), text(value, &["spec", "group"]));
    if object::name(value) != wanted {
        let words = format!("Invalid value: \"{}\": must be spec.names.plural+\".\"+spec.group", object::name(value));
        causes.push(("metadata.name".to_owned(), "FieldValueInvalid", words));
    }
    let stored = list(value, &["spec", "versions"]).iter().filter(|it| get(it, &["storage"]) == &json!(true)).count();
    if stored != 1 {
        let words = "Invalid value: must have exactly one version marked as storage version".to_owned();
        causes.push(("spec.versions".to_owned(), "FieldValueInvalid", words));
    }
}
