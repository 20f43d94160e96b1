//! Whose is what, and what may one manager apply? Server-side apply: the fields a manager names become its own, those it
//! no longer names go unless somebody else holds them, and a field that another holds with another value is a conflict
//! unless it is forced.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::fields::{self, Fields};
use super::kind::Kind;
use super::lists::{ListType, key_of, list_type};
use super::object;

/// Who writes, at which door.
#[derive(Clone, Debug)]
pub(super) struct Manager {
    pub name: String,
    /// `status` or `scale`; empty for the object itself.
    pub subresource: String,
    pub at: DateTime<Utc>,
}

fn owned(entry: &Value) -> Fields {
    entry.get("fieldsV1").and_then(Value::as_object).cloned().unwrap_or_default()
}

fn is(entry: &Value, manager: &Manager, operation: &str) -> bool {
    object::text(entry, &["manager"]) == manager.name
        && object::text(entry, &["operation"]) == operation
        && object::text(entry, &["subresource"]) == manager.subresource
}

fn entry(kind: &Kind, manager: &Manager, operation: &str, set: Fields) -> Value {
    let mut entry = json!({
        "manager": manager.name, "operation": operation, "apiVersion": kind.api_version(),
        "time": manager.at.to_rfc3339_opts(SecondsFormat::Secs, true), "fieldsType": "FieldsV1", "fieldsV1": set,
    });
    if !manager.subresource.is_empty() {
        object::set(&mut entry, &["subresource"], json!(manager.subresource));
    }
    entry
}

fn entries(value: &Value) -> Vec<Value> {
    object::list(value, &["metadata", "managedFields"]).to_vec()
}

fn put_entries(value: &mut Value, mut all: Vec<Value>) {
    all.retain(|entry| !owned(entry).is_empty());
    if all.is_empty() {
        object::remove(value, &["metadata", "managedFields"]);
    } else {
        object::set(value, &["metadata", "managedFields"], Value::Array(all));
    }
}

/// Notes who changed what, after a create, an update or a patch.
pub(super) fn note(kind: &Kind, before: &Value, after: &mut Value, manager: &Manager) {
    let mut all = entries(after);
    let (old, new) = (fields::of(kind, before), fields::of(kind, after));
    let leaves = fields::leaves(&new).into_iter();
    let changed = fields::set_of(leaves.filter(|path| fields::differs(before, after, path)));
    let gone = fields::minus(&old, &new);
    if changed.is_empty() && gone.is_empty() {
        return;
    }
    for entry in &mut all {
        let mut left = fields::minus(&owned(entry), &gone);
        if !is(entry, manager, "Update") {
            left = fields::minus(&left, &changed);
        }
        object::set(entry, &["fieldsV1"], Value::Object(left));
    }
    if !changed.is_empty() {
        match all.iter().position(|entry| is(entry, manager, "Update")).and_then(|index| all.get_mut(index)) {
            Some(mine) => *mine = entry(kind, manager, "Update", fields::union(owned(mine), &changed)),
            None => all.push(entry(kind, manager, "Update", changed)),
        }
    }
    put_entries(after, all);
}

/// `live` under what `manager` applies; or the fields that others hold, each with its owner.
pub(super) fn apply(
    kind: &Kind,
    live: &Value,
    config: &Value,
    manager: &Manager,
    force: bool,
) -> Result<Value, Vec<(String, String)>> {
    let mut config = config.clone();
    object::remove(&mut config, &["metadata", "managedFields"]);
    let wanted = fields::of(kind, &config);
    let mut all = entries(live);
    let paths = fields::leaves(&wanted);
    let mut conflicts = Vec::new();
    for other in all.iter_mut().filter(|entry| !is(entry, manager, "Apply")) {
        let theirs = owned(other);
        let differs = |path: &&Vec<String>| fields::has(&theirs, path) && fields::differs(live, &config, path);
        let lost: Vec<Vec<String>> = paths.iter().filter(differs).cloned().collect();
        if lost.is_empty() {
            continue;
        }
        let version = object::text(other, &["apiVersion"]);
        let owner = format!("\"{}\" using {version}", object::text(other, &["manager"]));
        conflicts.extend(lost.iter().map(|path| (fields::words(path), owner.clone())));
        let left = fields::minus(&theirs, &fields::set_of(lost));
        object::set(other, &["fieldsV1"], Value::Object(left));
    }
    if !conflicts.is_empty() && !force {
        return Err(conflicts);
    }
    let mut result = merge(kind, live, &config, &mut Vec::new());
    let before = all.iter().find(|entry| is(entry, manager, "Apply")).map(owned).unwrap_or_default();
    for path in fields::leaves(&fields::minus(&before, &wanted)) {
        let held = all.iter().any(|entry| !is(entry, manager, "Apply") && fields::touches(&owned(entry), &path));
        if !held {
            fields::take(&mut result, &path);
        }
    }
    match all.iter().position(|entry| is(entry, manager, "Apply")).and_then(|index| all.get_mut(index)) {
        Some(mine) if owned(mine) == wanted => {}
        Some(mine) => *mine = entry(kind, manager, "Apply", wanted),
        None => all.push(entry(kind, manager, "Apply", wanted)),
    }
    put_entries(&mut result, all);
    Ok(result)
}

fn merge(kind: &Kind, live: &Value, config: &Value, path: &mut Vec<String>) -> Value {
    match (live, config) {
        (Value::Object(live), Value::Object(config)) => {
            let mut result = live.clone();
            for (key, value) in config {
                path.push(key.clone());
                let new = merge(kind, live.get(key).unwrap_or(&Value::Null), value, path);
                path.pop();
                result.insert(key.clone(), new);
            }
            Value::Object(result)
        }
        (Value::Array(live), Value::Array(config)) => match list_type(kind, path) {
            ListType::Atomic => Value::Array(config.clone()),
            ListType::Set => {
                let more = config.iter().filter(|item| !live.contains(item));
                Value::Array(live.iter().chain(more).cloned().collect())
            }
            ListType::Map(keys) => {
                let mut result = live.clone();
                for item in config {
                    let wanted = key_of(item, keys);
                    match result.iter_mut().find(|one| key_of(one, keys) == wanted) {
                        Some(place) => *place = merge(kind, place, item, path),
                        None => result.push(item.clone()),
                    }
                }
                Value::Array(result)
            }
        },
        (_, config) => config.clone(),
    }
}
