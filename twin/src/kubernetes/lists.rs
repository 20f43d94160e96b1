//! Which list is a map by key, which is a set, and which is only ever replaced as a whole? Kubernetes writes this into
//! its types; here it is one table of the lists that people patch.

use serde_json::Value;

use super::kind::Kind;

/// How a list merges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListType {
    /// Its members are told apart by these members of theirs.
    Map(&'static [&'static str]),
    Set,
    Atomic,
}

/// By the list's own name, and the member that holds it where that matters. The first key is the one of strategic merge
/// patches.
const MAPS: &[(&str, &str, &[&str])] = &[
    ("containers", "", &["name"]),
    ("initContainers", "", &["name"]),
    ("ephemeralContainers", "", &["name"]),
    ("env", "", &["name"]),
    ("volumes", "", &["name"]),
    ("volumeMounts", "", &["mountPath"]),
    ("volumeDevices", "", &["devicePath"]),
    ("imagePullSecrets", "", &["name"]),
    ("hostAliases", "", &["ip"]),
    ("topologySpreadConstraints", "", &["topologyKey", "whenUnsatisfiable"]),
    ("schedulingGates", "", &["name"]),
    ("conditions", "status", &["type"]),
    ("ownerReferences", "metadata", &["uid"]),
    ("ports", "containers", &["containerPort", "protocol"]),
    ("ports", "initContainers", &["containerPort", "protocol"]),
    ("ports", "spec", &["port", "protocol"]),
    ("taints", "spec", &["key"]),
    ("addresses", "status", &["type"]),
    ("secrets", "", &["name"]),
];

const SETS: &[&str] = &["finalizers"];

/// The list at `path`, which names members only.
pub(super) fn list_type(kind: &Kind, path: &[String]) -> ListType {
    let (Some(last), holder) = (path.last(), path.iter().rev().nth(1).map(String::as_str).unwrap_or_default()) else {
        return ListType::Atomic;
    };
    if holder == "metadata" && SETS.contains(&last.as_str()) {
        return ListType::Set;
    }
    // Of a CRD's lists only those of the metadata are known to merge.
    let known = MAPS.iter().find(|(name, of, _)| *name == last && (of.is_empty() || *of == holder));
    match known {
        Some((_, _, keys)) if kind.builtin || holder == "metadata" => ListType::Map(keys),
        _ => ListType::Atomic,
    }
}

/// A member of a list by its keys: what an absent protocol means is known.
pub(super) fn key_of(item: &Value, keys: &[&str]) -> Vec<Value> {
    let one = |key: &&str| match item.get(*key) {
        None | Some(Value::Null) if *key == "protocol" => Value::from("TCP"),
        None => Value::Null,
        Some(value) => value.clone(),
    };
    keys.iter().map(one).collect()
}
