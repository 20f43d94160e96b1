//! What does a strategic merge patch do? A merge patch in which lists with a key merge member by member, and in which
//! `$patch`, `$retainKeys`, `$setElementOrder/…` and `$deleteFromPrimitiveList/…` say what JSON alone cannot.

use serde_json::{Map, Value};

use super::kind::Kind;
use super::lists::{ListType, key_of, list_type};

/// `base` under `patch`.
pub(super) fn strategic(kind: &Kind, base: &Value, patch: &Value) -> Result<Value, String> {
    merge(kind, base, patch, &mut Vec::new())
}

fn directive(value: &Value) -> Option<&str> {
    value.get("$patch").and_then(Value::as_str)
}

fn merge(kind: &Kind, base: &Value, patch: &Value, path: &mut Vec<String>) -> Result<Value, String> {
    let Value::Object(members) = patch else { return Ok(patch.clone()) };
    let mut result = match (directive(patch), base) {
        (Some("replace"), _) => {
            let kept = members.iter().filter(|(key, _)| key.as_str() != "$patch");
            return Ok(Value::Object(kept.map(|(key, value)| (key.clone(), value.clone())).collect()));
        }
        (Some("delete"), _) => return Ok(Value::Object(Map::new())),
        (Some("merge") | None, Value::Object(base)) => base.clone(),
        (Some("merge") | None, _) => Map::new(),
        (Some(other), _) => return Err(format!("unknown patch type '{other}' in $patch")),
    };
    if let Some(Value::Array(kept)) = members.get("$retainKeys") {
        result.retain(|key, _| kept.iter().any(|one| one == key));
    }
    for (key, value) in members {
        if let Some(list) = key.strip_prefix("$deleteFromPrimitiveList/") {
            if let (Some(Value::Array(have)), Value::Array(gone)) = (result.get_mut(list), value) {
                have.retain(|item| !gone.contains(item));
            }
            continue;
        }
        if key.starts_with('$') {
            continue;
        }
        if value.is_null() {
            result.remove(key);
            continue;
        }
        path.push(key.clone());
        let old = result.get(key).unwrap_or(&Value::Null);
        let new = match value {
            Value::Array(items) => list(kind, old, items, path)?,
            other => merge(kind, old, other, path)?,
        };
        path.pop();
        result.insert(key.clone(), new);
    }
    for (key, order) in members {
        if let (Some(name), Value::Array(order)) = (key.strip_prefix("$setElementOrder/"), order) {
            path.push(name.to_owned());
            let keys = list_type(kind, path);
            path.pop();
            if let Some(Value::Array(items)) = result.get_mut(name) {
                arrange(items, order, keys);
            }
        }
    }
    Ok(Value::Object(result))
}

fn list(kind: &Kind, old: &Value, items: &[Value], path: &mut Vec<String>) -> Result<Value, String> {
    let have = old.as_array().cloned().unwrap_or_default();
    let replaced = items.iter().any(|item| directive(item) == Some("replace"));
    let plain = || items.iter().filter(|item| directive(item) != Some("replace")).cloned().collect();
    match list_type(kind, path) {
        ListType::Atomic => Ok(Value::Array(plain())),
        _ if replaced => Ok(Value::Array(plain())),
        ListType::Set => {
            let mut all = have;
            let new: Vec<Value> = items.iter().filter(|item| !all.contains(item)).cloned().collect();
            all.extend(new);
            Ok(Value::Array(all))
        }
        ListType::Map(keys) => {
            let key = keys.get(..1).unwrap_or_default();
            let mut all = have;
            for item in items {
                let wanted = key_of(item, key);
                if wanted.iter().any(Value::is_null) {
                    return Err(format!("map: {item} does not contain declared merge key: {}", key.join(",")));
                }
                let position = all.iter().position(|one| key_of(one, key) == wanted);
                if directive(item) == Some("delete") {
                    all.retain(|one| key_of(one, key) != wanted);
                } else if let Some(place) = position.and_then(|index| all.get_mut(index)) {
                    *place = merge(kind, place, item, path)?;
                } else {
                    all.push(merge(kind, &Value::Null, item, path)?);
                }
            }
            Ok(Value::Array(all))
        }
    }
}

/// Puts members into the order that the patch names; those that it does not name keep their place at the end.
fn arrange(items: &mut [Value], order: &[Value], keys: ListType) {
    let place = |item: &Value| {
        let same = |wanted: &Value| match keys {
            ListType::Map(keys) => {
                let key = keys.get(..1).unwrap_or_default();
                key_of(item, key) == key_of(wanted, key)
            }
            ListType::Set | ListType::Atomic => item == wanted,
        };
        order.iter().position(same).unwrap_or(order.len())
    };
    items.sort_by_key(place);
}
