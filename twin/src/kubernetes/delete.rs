//! What goes when something is deleted? Finalizers first hold it; then what it owns goes with it, a namespace takes all
//! that is in it, a CustomResourceDefinition takes its kind.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::Cluster;
use super::kind::{self, Kind};
use super::object::{self, Key, Object, get, list, set, text};
use super::refusal::Refusal;
use super::write::Act;

/// What became of it.
pub(super) enum Deleted {
    /// Gone; how it looked last.
    Gone(Arc<Object>),
    /// Waiting for its finalizers.
    Waiting(Arc<Object>),
}

impl Cluster {
    /// Deletes one object under `DeleteOptions`.
    pub(super) fn delete(&mut self, kind: &Kind, key: &Key, options: &Value, act: &Act) -> Result<Deleted, Refusal> {
        let object = self.find(kind, key)?;
        let uid = text(&object.value, &["metadata", "uid"]).to_owned();
        let wanted = text(options, &["preconditions", "uid"]);
        if !wanted.is_empty() && wanted != uid {
            let why = format!("Precondition failed: UID in precondition: {wanted}, UID in object meta: {uid}");
            return Err(Refusal::conflict(kind, &key.1, &why));
        }
        let wanted = text(options, &["preconditions", "resourceVersion"]);
        if !wanted.is_empty() && wanted != object.revision.to_string() {
            let why = format!(
                "Precondition failed: ResourceVersion in precondition: {wanted}, ResourceVersion in object meta: {}",
                object.revision
            );
            return Err(Refusal::conflict(kind, &key.1, &why));
        }
        if act.dry_run {
            return Ok(Deleted::Gone(object));
        }
        if text(options, &["propagationPolicy"]) == "Orphan" {
            self.orphan(&uid);
        }
        if kind.kind == "Namespace" {
            self.empty_namespace(&key.1, act);
        }
        let held = !list(&object.value, &["metadata", "finalizers"]).is_empty();
        if held || (kind.kind == "Namespace" && !self.is_empty_namespace(&key.1)) {
            if !get(&object.value, &["metadata", "deletionTimestamp"]).is_null() {
                return Ok(Deleted::Waiting(object));
            }
            let mut value = object.value.clone();
            set(&mut value, &["metadata", "deletionTimestamp"], object::time(act.now));
            set(&mut value, &["metadata", "deletionGracePeriodSeconds"], json!(0));
            if kind.kind == "Namespace" {
                set(&mut value, &["status", "phase"], json!("Terminating"));
            }
            return Ok(Deleted::Waiting(self.store.put(&kind.id(), value)));
        }
        let last = self.take_away(kind, key, act.now).unwrap_or(object);
        Ok(Deleted::Gone(last))
    }

    /// Takes an object out, and all that stood only on it.
    pub(super) fn take_away(&mut self, kind: &Kind, key: &Key, now: DateTime<Utc>) -> Option<Arc<Object>> {
        let last = self.store.remove(&kind.id(), key)?;
        self.touched(kind, &last);
        let uid = text(&last.value, &["metadata", "uid"]).to_owned();
        for (id, child) in self.store.owned_by(&uid) {
            let (Some(kind), Some(object)) = (self.kinds.get(&id).cloned(), self.store.get(&id, &child)) else {
                continue;
            };
            let others = object::owners(&object.value).any(|owner| owner != uid && self.exists(owner));
            if others {
                self.disown(&id, &child, &uid);
            } else {
                // Nothing is asked of it but to be there, and it was a line above.
                let _gone = self.delete(&kind, &child, &Value::Null, &Act::own(now));
            }
        }
        if kind.kind == "CustomResourceDefinition"
            && let Some(gone) = kind::defined(&last.value)
        {
            let all: Vec<Key> = self.store.all(&gone.id(), None).map(|object| object::key(&object.value)).collect();
            for key in all {
                self.store.remove(&gone.id(), &key);
            }
            self.kinds.remove(&gone.id());
        }
        let namespace = (String::new(), key.0.clone());
        let holder = self.store.get(&self.namespaces(), &namespace);
        let doomed = holder.is_some_and(|it| !get(&it.value, &["metadata", "deletionTimestamp"]).is_null());
        if doomed && self.is_empty_namespace(&key.0) {
            self.store.remove(&self.namespaces(), &namespace);
        }
        Some(last)
    }

    fn exists(&self, uid: &str) -> bool {
        let mut all = self.store.kinds().flat_map(|kind| self.store.all(kind, None));
        all.any(|object| text(&object.value, &["metadata", "uid"]) == uid)
    }

    fn orphan(&mut self, uid: &str) {
        for (id, child) in self.store.owned_by(uid) {
            self.disown(&id, &child, uid);
        }
    }

    fn disown(&mut self, id: &kind::Id, key: &Key, uid: &str) {
        let Some(object) = self.store.get(id, key) else { return };
        let mut value = object.value.clone();
        let kept: Vec<Value> = list(&value, &["metadata", "ownerReferences"])
            .iter()
            .filter(|owner| text(owner, &["uid"]) != uid)
            .cloned()
            .collect();
        set(&mut value, &["metadata", "ownerReferences"], Value::Array(kept));
        self.store.put(id, value);
    }

    fn inside(&self, namespace: &str) -> Vec<(Arc<Kind>, Key)> {
        let kinds = self.kinds.values().filter(|kind| kind.namespaced);
        let all = kinds.flat_map(|kind| {
            let objects = self.store.all(&kind.id(), Some(namespace));
            objects.map(|object| (kind.clone(), object::key(&object.value)))
        });
        all.collect()
    }

    fn is_empty_namespace(&self, namespace: &str) -> bool {
        self.kinds
            .values()
            .filter(|kind| kind.namespaced)
            .all(|kind| self.store.all(&kind.id(), Some(namespace)).next().is_none())
    }

    fn empty_namespace(&mut self, namespace: &str, act: &Act) {
        for (kind, key) in self.inside(namespace) {
            // What an owner took with it a moment ago is gone already.
            let _gone = self.delete(&kind, &key, &Value::Null, &Act::own(act.now));
        }
    }
}
