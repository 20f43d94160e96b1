//! What does a write do? Create, replace, patch, delete, with everything that the API server does around them: identity,
//! optimistic concurrency, generation, managed fields, finalizers, and what goes with what is deleted.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::apply::{self, Manager};
use super::kind::Kind;
use super::object::{self, Key, Object, get, set, text};
use super::refusal::Refusal;
use super::{Cluster, admit, patch};

/// Who writes what, and whether only to see what would be.
#[derive(Clone, Debug)]
pub(super) struct Act {
    pub manager: Manager,
    pub dry_run: bool,
    pub now: DateTime<Utc>,
}

impl Act {
    /// The cluster's own controllers: their writes are no manager's.
    pub(super) fn own(now: DateTime<Utc>) -> Self {
        Self { manager: Manager { name: String::new(), subresource: String::new(), at: now }, dry_run: false, now }
    }
}

/// The four ways to patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PatchType {
    Json,
    Merge,
    Strategic,
    Apply,
}

impl PatchType {
    pub(super) const JSON: &str = "application/json-patch+json";
    pub(super) const MERGE: &str = "application/merge-patch+json";
    pub(super) const STRATEGIC: &str = "application/strategic-merge-patch+json";
    pub(super) const APPLY: &str = "application/apply-patch+yaml";

    pub(super) fn of(media: &str, kind: &Kind) -> Result<Self, Refusal> {
        match media.split(';').next().unwrap_or_default().trim() {
            Self::JSON => Ok(Self::Json),
            Self::MERGE => Ok(Self::Merge),
            Self::APPLY => Ok(Self::Apply),
            Self::STRATEGIC if kind.builtin => Ok(Self::Strategic),
            _ if kind.builtin => Err(Refusal::media_type(&[Self::JSON, Self::MERGE, Self::STRATEGIC, Self::APPLY])),
            _ => Err(Refusal::media_type(&[Self::JSON, Self::MERGE, Self::APPLY])),
        }
    }
}

/// Members of the metadata that only the server writes.
const KEPT: [&str; 5] = ["uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds"];

impl Cluster {
    pub(super) fn find(&self, kind: &Kind, key: &Key) -> Result<Arc<Object>, Refusal> {
        self.store.get(&kind.id(), key).cloned().ok_or_else(|| Refusal::not_found(kind, &key.1))
    }

    /// Makes an object.
    pub(super) fn create(
        &mut self,
        kind: &Kind,
        namespace: &str,
        mut value: Value,
        act: &Act,
    ) -> Result<Arc<Object>, Refusal> {
        if !value.is_object() {
            return Err(Refusal::bad("the object provided is unrecognized (must be of type object)"));
        }
        identify(kind, namespace, &mut value)?;
        if !text(&value, &["metadata", "resourceVersion"]).is_empty() {
            return Err(Refusal::bad("resourceVersion should not be set on objects to be created"));
        }
        if kind.namespaced && self.store.get(&self.namespaces(), &(String::new(), namespace.to_owned())).is_none() {
            let namespaces = self.kinds.get(&self.namespaces()).cloned();
            return Err(namespaces.map_or_else(Refusal::no_route, |kind| Refusal::not_found(&kind, namespace)));
        }
        let generate = text(&value, &["metadata", "generateName"]).to_owned();
        if object::name(&value).is_empty() && !generate.is_empty() {
            let name = format!("{generate}{}", self.suffix());
            set(&mut value, &["metadata", "name"], json!(name));
        }
        if kind.has_status && !act.manager.name.is_empty() {
            object::remove(&mut value, &["status"]);
        }
        for member in KEPT.iter().filter(|_| !act.manager.name.is_empty()) {
            object::remove(&mut value, &["metadata", member]);
        }
        admit::defaults(kind, &mut value, act.now);
        admit::check(kind, &Value::Null, &value)?;
        let key = object::key(&value);
        if self.store.get(&kind.id(), &key).is_some() {
            return Err(Refusal::exists(kind, &key.1));
        }
        let uid = self.uid();
        object::default(&mut value, &["metadata", "uid"], json!(uid));
        object::default(&mut value, &["metadata", "creationTimestamp"], object::time(act.now));
        if !kind.builtin || kind.has_status {
            object::default(&mut value, &["metadata", "generation"], json!(1));
        }
        if !act.manager.name.is_empty() && get(&value, &["metadata", "managedFields"]).is_null() {
            apply::note(kind, &Value::Null, &mut value, &act.manager);
        }
        if act.dry_run {
            return Ok(Arc::new(Object::new(value, 0)));
        }
        let object = self.store.put(&kind.id(), value);
        self.born(kind, &object, act);
        Ok(object)
    }

    /// Writes `after` over what is there, at the door `act.manager.subresource`.
    pub(super) fn replace(
        &mut self,
        kind: &Kind,
        key: &Key,
        mut after: Value,
        act: &Act,
    ) -> Result<Arc<Object>, Refusal> {
        let before = self.find(kind, key)?;
        identify(kind, &key.0, &mut after)?;
        if object::name(&after) != key.1 {
            let said = object::name(&after);
            return Err(Refusal::bad(format!(
                "the name of the object ({said}) does not match the name on the URL ({})",
                key.1
            )));
        }
        let uid = text(&after, &["metadata", "uid"]);
        if !uid.is_empty() && uid != text(&before.value, &["metadata", "uid"]) {
            let have = text(&before.value, &["metadata", "uid"]);
            let why = format!("Precondition failed: UID in precondition: {uid}, UID in object meta: {have}");
            return Err(Refusal::conflict(kind, &key.1, &why));
        }
        let version = text(&after, &["metadata", "resourceVersion"]);
        if !version.is_empty() && version != before.revision.to_string() {
            return Err(Refusal::modified(kind, &key.1));
        }
        if version.is_empty() && !kind.builtin {
            let words = "Invalid value: 0: must be specified for an update".to_owned();
            return Err(Refusal::invalid(
                kind,
                &key.1,
                &[("metadata.resourceVersion".to_owned(), "FieldValueInvalid", words)],
            ));
        }
        shape(kind, &before, &mut after, act)?;
        if !act.manager.name.is_empty() {
            if get(&after, &["metadata", "managedFields"]).is_null() {
                put_back(&mut after, &before.value, &["metadata", "managedFields"]);
            }
            apply::note(kind, &before.value, &mut after, &act.manager);
        }
        self.settle(kind, key, &before, after, act)
    }

    /// Patches what is there; an apply makes what is not.
    pub(super) fn patch(
        &mut self,
        kind: &Kind,
        key: &Key,
        how: PatchType,
        body: &Value,
        force: bool,
        act: &Act,
    ) -> Result<Arc<Object>, Refusal> {
        let before = match (self.find(kind, key), how) {
            (Ok(before), _) => before,
            (Err(_), PatchType::Apply) if act.manager.subresource.is_empty() => {
                return self.create_applied(kind, key, body, act);
            }
            (Err(refusal), _) => return Err(refusal),
        };
        let after = match how {
            PatchType::Json => {
                let patch: json_patch::Patch = serde_json::from_value(body.clone())
                    .map_err(|error| Refusal::bad(format!("error decoding patch: {error}")))?;
                let mut after = before.value.clone();
                json_patch::patch(&mut after, &patch).map_err(|error| Refusal::unusable_patch(error.to_string()))?;
                after
            }
            PatchType::Merge => {
                let mut after = before.value.clone();
                json_patch::merge(&mut after, body);
                after
            }
            PatchType::Strategic => patch::strategic(kind, &before.value, body).map_err(Refusal::unusable_patch)?,
            PatchType::Apply => return self.applied(kind, key, &before, body, force, act),
        };
        self.replace(kind, key, after, act)
    }

    fn create_applied(&mut self, kind: &Kind, key: &Key, body: &Value, act: &Act) -> Result<Arc<Object>, Refusal> {
        let mut config = body.clone();
        identify(kind, &key.0, &mut config)?;
        set(&mut config, &["metadata", "name"], json!(key.1));
        let bare = json!({ "apiVersion": kind.api_version(), "kind": kind.kind });
        let value = apply::apply(kind, &bare, &config, &act.manager, true).unwrap_or(bare);
        self.create(kind, &key.0, value, act)
    }

    fn applied(
        &mut self,
        kind: &Kind,
        key: &Key,
        before: &Arc<Object>,
        body: &Value,
        force: bool,
        act: &Act,
    ) -> Result<Arc<Object>, Refusal> {
        let mut config = body.clone();
        identify(kind, &key.0, &mut config)?;
        let mut after = apply::apply(kind, &before.value, &config, &act.manager, force)
            .map_err(|conflicts| Refusal::owned_by_others(&conflicts))?;
        let managed = get(&after, &["metadata", "managedFields"]).clone();
        if object::text(&config, &["metadata", "resourceVersion"]).is_empty() {
            set(&mut after, &["metadata", "resourceVersion"], json!(before.revision.to_string()));
        }
        if text(&after, &["metadata", "resourceVersion"]) != before.revision.to_string() {
            return Err(Refusal::modified(kind, &key.1));
        }
        shape(kind, before, &mut after, act)?;
        set(&mut after, &["metadata", "managedFields"], managed);
        self.settle(kind, key, before, after, act)
    }

    /// Puts a change down, unless it is none; what waited only for its finalizers goes.
    fn settle(
        &mut self,
        kind: &Kind,
        key: &Key,
        before: &Arc<Object>,
        after: Value,
        act: &Act,
    ) -> Result<Arc<Object>, Refusal> {
        if after == before.value {
            return Ok(before.clone());
        }
        if act.dry_run {
            return Ok(Arc::new(Object::new(after, before.revision)));
        }
        let doomed = !get(&after, &["metadata", "deletionTimestamp"]).is_null();
        let object = self.store.put(&kind.id(), after);
        self.touched(kind, &object);
        if doomed && object::list(&object.value, &["metadata", "finalizers"]).is_empty() {
            self.take_away(kind, key, act.now);
        } else if kind.kind == "CustomResourceDefinition" {
            self.define(&object.value);
        }
        Ok(object)
    }
}

/// Only what may be written at this door is; the rest stays as it was, and what is left out is filled in.
fn shape(kind: &Kind, before: &Object, after: &mut Value, act: &Act) -> Result<(), Refusal> {
    if act.manager.subresource == "status" {
        let (status, managed) = (get(after, &["status"]).clone(), get(after, &["metadata", "managedFields"]).clone());
        *after = before.value.clone();
        set(after, &["status"], status);
        if !managed.is_null() {
            set(after, &["metadata", "managedFields"], managed);
        }
    } else if kind.has_status && !act.manager.name.is_empty() {
        put_back(after, &before.value, &["status"]);
    }
    for member in KEPT {
        put_back(after, &before.value, &["metadata", member]);
    }
    set(after, &["metadata", "resourceVersion"], json!(before.revision.to_string()));
    admit::defaults(kind, after, act.now);
    admit::check(kind, &before.value, after)?;
    let generation = object::number(&before.value, &["metadata", "generation"]);
    if generation > 0 && spec_differs(kind, &before.value, after) {
        set(after, &["metadata", "generation"], json!(generation + 1));
    }
    Ok(())
}

fn put_back(after: &mut Value, before: &Value, path: &[&str]) {
    let old = get(before, path);
    if old.is_null() {
        object::remove(after, path);
    } else {
        set(after, path, old.clone());
    }
}

fn spec_differs(kind: &Kind, before: &Value, after: &Value) -> bool {
    let keys = |value: &Value| -> Vec<(String, Value)> {
        let members = value.as_object().into_iter().flatten();
        let counted =
            members.filter(|(key, _)| key.as_str() != "metadata" && !(kind.has_status && key.as_str() == "status"));
        counted.map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    keys(before) != keys(after)
}

/// The kind, version and namespace are those of the address.
fn identify(kind: &Kind, namespace: &str, value: &mut Value) -> Result<(), Refusal> {
    object::default(value, &["apiVersion"], json!(kind.api_version()));
    object::default(value, &["kind"], json!(kind.kind));
    let (version, name) = (text(value, &["apiVersion"]), text(value, &["kind"]));
    if version != kind.api_version() || name != kind.kind {
        let (group, version) = version.split_once('/').unwrap_or(("", version));
        return Err(Refusal::bad(format!(
            "{name} in version \"{version}\" cannot be handled as a {}: group \"{group}\" or kind does not match the address",
            kind.kind
        )));
    }
    let said = object::namespace(value);
    if kind.namespaced && said.is_empty() {
        set(value, &["metadata", "namespace"], json!(namespace));
    } else if !kind.namespaced {
        object::remove(value, &["metadata", "namespace"]);
    } else if said != namespace {
        return Err(Refusal::bad(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    Ok(())
}
