//! Who set which field? Sets of fields in Kubernetes' own notation (`FieldsV1`): `f:name` a member, `k:{…}` a member of a
//! list by its keys, `v:…` a value of a set, `.` the thing itself.

use serde_json::{Map, Value, json};

use super::kind::Kind;
use super::lists::{ListType, key_of, list_type};

/// A set of fields; an empty one is a leaf.
pub(super) type Fields = Map<String, Value>;

/// What the server writes, which therefore nobody owns.
const SERVERS: [&str; 11] = [
    "name",
    "generateName",
    "namespace",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "managedFields",
    "selfLink",
];

/// Every field of `value` that somebody can own.
pub(super) fn of(kind: &Kind, value: &Value) -> Fields {
    let mut all = Fields::new();
    for (key, member) in value.as_object().into_iter().flatten() {
        if key == "apiVersion" || key == "kind" {
            continue;
        }
        let mut set = below(kind, member, &mut vec![key.clone()]);
        if key == "metadata" {
            set.retain(|key, _| !SERVERS.iter().any(|name| key.strip_prefix("f:") == Some(name)));
            if set.is_empty() {
                continue;
            }
        }
        all.insert(format!("f:{key}"), Value::Object(set));
    }
    all
}

fn below(kind: &Kind, value: &Value, path: &mut Vec<String>) -> Fields {
    let mut set = Fields::new();
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                path.push(key.clone());
                set.insert(format!("f:{key}"), Value::Object(below(kind, member, path)));
                path.pop();
            }
        }
        Value::Array(items) => match list_type(kind, path) {
            ListType::Map(keys) => {
                for item in items {
                    let mut inner = below(kind, item, path);
                    inner.insert(".".to_owned(), json!({}));
                    set.insert(element(item, keys), Value::Object(inner));
                }
            }
            ListType::Set => set.extend(items.iter().map(|item| (format!("v:{item}"), json!({})))),
            ListType::Atomic => {}
        },
        _ => {}
    }
    set
}

/// `k:{"name":"score-api"}`.
fn element(item: &Value, keys: &[&str]) -> String {
    let pairs: Map<String, Value> = keys.iter().map(|&key| key.to_owned()).zip(key_of(item, keys)).collect();
    format!("k:{}", Value::Object(pairs))
}

fn inner(set: &Fields, key: &str) -> Fields {
    set.get(key).and_then(Value::as_object).cloned().unwrap_or_default()
}

/// Both together.
pub(super) fn union(mut one: Fields, other: &Fields) -> Fields {
    for (key, more) in other {
        let both = union(inner(&one, key), more.as_object().unwrap_or(&Fields::new()));
        one.insert(key.clone(), Value::Object(both));
    }
    one
}

/// The leaves of `one` that are not in `other`.
pub(super) fn minus(one: &Fields, other: &Fields) -> Fields {
    let mut left = Fields::new();
    for (key, value) in one {
        let Some(theirs) = other.get(key).and_then(Value::as_object) else {
            left.insert(key.clone(), value.clone());
            continue;
        };
        let mine = value.as_object().cloned().unwrap_or_default();
        let rest = minus(&mine, theirs);
        // Whoever owns a thing without naming what is in it (a leaf here, members there) still owns it.
        if !rest.is_empty() {
            left.insert(key.clone(), Value::Object(rest));
        }
    }
    left
}

/// The paths of the leaves, each as its elements.
pub(super) fn leaves(set: &Fields) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    walk(set, &mut Vec::new(), &mut all);
    all
}

fn walk(set: &Fields, path: &mut Vec<String>, all: &mut Vec<Vec<String>>) {
    for (key, value) in set {
        if key == "." {
            all.push(path.clone());
            continue;
        }
        path.push(key.clone());
        match value.as_object() {
            Some(more) if !more.is_empty() => walk(more, path, all),
            _ => all.push(path.clone()),
        }
        path.pop();
    }
}

fn below_path<'a>(set: &'a Fields, path: &[String]) -> Option<&'a Fields> {
    path.iter().try_fold(set, |set, key| set.get(key).and_then(Value::as_object))
}

/// Whether the set has this field itself.
pub(super) fn has(set: &Fields, path: &[String]) -> bool {
    below_path(set, path).is_some_and(|found| found.is_empty() || found.contains_key("."))
}

/// Whether the set has this field, or something in it.
pub(super) fn touches(set: &Fields, path: &[String]) -> bool {
    below_path(set, path).is_some()
}

fn matches(item: &Value, element: &str) -> bool {
    if let Some(keys) = element.strip_prefix("k:") {
        let keys: Map<String, Value> = serde_json::from_str(keys).unwrap_or_default();
        return keys.iter().all(|(key, value)| key_of(item, &[key.as_str()]).first() == Some(value));
    }
    element
        .strip_prefix("v:")
        .is_some_and(|value| serde_json::from_str::<Value>(value).is_ok_and(|value| value == *item))
}

/// The value at a path.
pub(super) fn value<'a>(root: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(root, |value, step| match step.strip_prefix("f:") {
        Some(name) => value.get(name),
        None => value.as_array()?.iter().find(|item| matches(item, step)),
    })
}

/// Whether what is at a path is another thing now. A member of a list is the same thing while it is there.
pub(super) fn differs(one: &Value, other: &Value, path: &[String]) -> bool {
    let (one, other) = (value(one, path), value(other, path));
    let is_element = path.last().is_some_and(|last| last.starts_with("k:"));
    if is_element { one.is_some() != other.is_some() } else { one != other }
}

/// The set of these leaves.
pub(super) fn set_of(paths: impl IntoIterator<Item = Vec<String>>) -> Fields {
    let mut set = Fields::new();
    for path in paths {
        let mut below = Fields::new();
        if path.last().is_some_and(|last| last.starts_with("k:")) {
            below.insert(".".to_owned(), json!({}));
        }
        let one = path.into_iter().rfold(below, |below, step| [(step, Value::Object(below))].into_iter().collect());
        set = union(set, &one);
    }
    set
}

/// Takes the value at a path away.
pub(super) fn take(root: &mut Value, path: &[String]) {
    let Some((last, front)) = path.split_last() else { return };
    let holder = front.iter().try_fold(root, |value, step| match step.strip_prefix("f:") {
        Some(name) => value.get_mut(name),
        None => value.as_array_mut()?.iter_mut().find(|item| matches(item, step)),
    });
    match (holder, last.strip_prefix("f:")) {
        (Some(Value::Object(members)), Some(name)) => {
            members.remove(name);
        }
        (Some(Value::Array(items)), None) => items.retain(|item| !matches(item, last)),
        _ => {}
    }
}

/// `.spec.template.spec.containers[name="score-api"].image`, as a conflict names it.
pub(super) fn words(path: &[String]) -> String {
    let one = |step: &String| match (step.strip_prefix("f:"), step.strip_prefix("k:")) {
        (Some(name), _) => format!(".{name}"),
        (_, Some(keys)) => {
            let keys: Map<String, Value> = serde_json::from_str(keys).unwrap_or_default();
            let pairs: Vec<String> = keys.iter().map(|(key, value)| format!("{key}={value}")).collect();
            format!("[{}]", pairs.join(","))
        }
        _ => format!("[={}]", step.trim_start_matches("v:")),
    };
    path.iter().map(one).collect()
}
