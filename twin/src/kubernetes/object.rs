//! One object as the cluster keeps it: its JSON, and its bytes once somebody wanted them. Nobody changes one; a change is
//! another object.

use std::sync::OnceLock;

use axum::body::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

/// Where an object is: its namespace (empty for the cluster's own) and its name.
pub(crate) type Key = (String, String);

/// One version of one object.
#[derive(Debug)]
pub(crate) struct Object {
    pub value: Value,
    /// Its `resourceVersion` as a number.
    pub revision: u64,
    bytes: OnceLock<Bytes>,
}

impl Object {
    pub(super) fn new(mut value: Value, revision: u64) -> Self {
        // What was only tried has no revision.
        if revision == 0 {
            remove(&mut value, &["metadata", "resourceVersion"]);
        } else {
            set(&mut value, &["metadata", "resourceVersion"], json!(revision.to_string()));
        }
        Self { value, revision, bytes: OnceLock::new() }
    }

    /// Serialised once, however many watchers there are.
    pub(super) fn bytes(&self) -> Bytes {
        self.bytes.get_or_init(|| Bytes::from(self.value.to_string())).clone()
    }
}

/// The member at `path`; null where there is none.
pub(super) fn get<'a>(value: &'a Value, path: &[&str]) -> &'a Value {
    path.iter().try_fold(value, |value, key| value.get(key)).unwrap_or(&Value::Null)
}

/// The text at `path`; empty where there is none.
pub(super) fn text<'a>(value: &'a Value, path: &[&str]) -> &'a str {
    get(value, path).as_str().unwrap_or_default()
}

/// The whole number at `path`; zero where there is none.
pub(super) fn number(value: &Value, path: &[&str]) -> i64 {
    get(value, path).as_i64().unwrap_or_default()
}

/// The list at `path`; empty where there is none.
pub(super) fn list<'a>(value: &'a Value, path: &[&str]) -> &'a [Value] {
    get(value, path).as_array().map(Vec::as_slice).unwrap_or_default()
}

fn members(value: &mut Value) -> Option<&mut Map<String, Value>> {
    if value.is_null() {
        *value = json!({});
    }
    value.as_object_mut()
}

/// The place at `path`, made where it is missing; nothing where a member on the way is no object.
pub(super) fn place<'a>(value: &'a mut Value, path: &[&str]) -> Option<&'a mut Value> {
    path.iter().try_fold(value, |value, key| Some(members(value)?.entry((*key).to_owned()).or_insert(Value::Null)))
}

/// Sets the member at `path`.
pub(super) fn set(value: &mut Value, path: &[&str], to: Value) {
    if let Some(place) = place(value, path) {
        *place = to;
    }
}

/// Sets the member at `path` where there is none.
pub(super) fn default(value: &mut Value, path: &[&str], to: Value) {
    if let Some(place) = place(value, path).filter(|place| place.is_null()) {
        *place = to;
    }
}

/// Takes the member at `path` away.
pub(super) fn remove(value: &mut Value, path: &[&str]) -> Option<Value> {
    let (last, front) = path.split_last()?;
    let holder = front.iter().try_fold(value, |value, key| value.get_mut(key))?;
    holder.as_object_mut()?.remove(*last)
}

pub(super) fn name(value: &Value) -> &str {
    text(value, &["metadata", "name"])
}

pub(super) fn namespace(value: &Value) -> &str {
    text(value, &["metadata", "namespace"])
}

pub(super) fn key(value: &Value) -> Key {
    (namespace(value).to_owned(), name(value).to_owned())
}

pub(super) fn time(at: DateTime<Utc>) -> Value {
    json!(at.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// The uids of its owners.
pub(super) fn owners(value: &Value) -> impl Iterator<Item = &str> {
    list(value, &["metadata", "ownerReferences"]).iter().map(|owner| text(owner, &["uid"]))
}
