//! What is in the cluster, what was, and who waits for what comes?
//!
//! One map per kind, one number (`revision`, the `resourceVersion`) that rises with every write in any of them, and per
//! kind a bounded tail of what happened. The tail answers three questions: what came after a revision (watch), how did
//! the kind look at a revision (a list in chunks), and is that too long ago (410).
//!
//! Invariants: a revision belongs to one write; the tail of a kind is in the order of revisions; what was before a
//! revision can be told exactly when it is not below `compacted`.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::ops::Bound;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::watch;

use super::kind::Id;
use super::object::{self, Key, Object};

/// How many events of one kind are kept before the oldest go.
const TAIL: usize = 8_192;

/// One write. Absent before: created. Absent after: deleted, and `last` is how it looked then.
#[derive(Clone)]
pub(crate) struct Event {
    pub revision: u64,
    pub key: Key,
    pub before: Option<Arc<Object>>,
    pub after: Option<Arc<Object>>,
    /// What a watcher is shown of a deletion: the last state, at the revision of the deletion.
    pub last: Option<Arc<Object>>,
}

/// What is kept of one kind.
#[derive(Default)]
struct Collection {
    signal: watch::Sender<Signal>,
    objects: BTreeMap<Key, Arc<Object>>,
    tail: VecDeque<Event>,
    /// The newest revision that is no longer told about.
    compacted: u64,
}

/// What wakes a watcher: the numbers only rise, so that none is missed by being slow.
#[derive(Clone, Copy, Default)]
pub(crate) struct Signal {
    pub revision: u64,
    /// How often everybody was sent a bookmark.
    pub bookmarks: u64,
    /// How often every watch was broken off.
    pub drops: u64,
}

/// Everything that one cluster keeps.
pub(crate) struct Store {
    revision: u64,
    collections: BTreeMap<Id, Collection>,
    owned: HashMap<String, BTreeSet<(Id, Key)>>,
}

/// Too long ago.
pub(crate) struct Compacted;

impl Store {
    pub(super) fn new(revision: u64) -> Self {
        Self { revision, collections: BTreeMap::new(), owned: HashMap::new() }
    }

    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    /// A bell that rings with every write of a kind, and of no other: an idle kind costs its watchers nothing.
    pub(super) fn subscribe(&mut self, kind: &Id) -> watch::Receiver<Signal> {
        self.collections.entry(kind.clone()).or_default().signal.subscribe()
    }

    /// Rings every bell.
    pub(super) fn raise(&self, change: impl Fn(&mut Signal)) {
        self.collections.values().for_each(|it| it.signal.send_modify(&change));
    }

    pub(super) fn get(&self, kind: &Id, key: &Key) -> Option<&Arc<Object>> {
        self.collections.get(kind)?.objects.get(key)
    }

    /// All of a kind, or of one namespace, in the order of namespace and name.
    pub(super) fn all<'a>(
        &'a self,
        kind: &Id,
        namespace: Option<&str>,
    ) -> impl Iterator<Item = &'a Arc<Object>> + use<'a> {
        let range = (from(namespace, None), to(namespace));
        let objects = self.collections.get(kind).map(|it| &it.objects);
        objects.into_iter().flat_map(move |objects| objects.range(range.clone()).map(|(_, object)| object))
    }

    /// The same after `after`, as it was at `revision`.
    pub(super) fn at(
        &self,
        kind: &Id,
        namespace: Option<&str>,
        after: Option<&Key>,
        revision: u64,
    ) -> Result<Vec<Arc<Object>>, Compacted> {
        let Some(collection) = self.collections.get(kind) else { return Ok(Vec::new()) };
        let range = (from(namespace, after), to(namespace));
        let now = collection.objects.range(range.clone());
        if revision >= self.revision {
            return Ok(now.map(|(_, object)| object.clone()).collect());
        }
        if revision < collection.compacted {
            return Err(Compacted);
        }
        let mut then: BTreeMap<&Key, &Arc<Object>> = now.collect();
        let since = collection.tail.partition_point(|event| event.revision <= revision);
        for event in collection.tail.range(since..).rev() {
            if !std::ops::RangeBounds::contains(&range, &event.key) {
                continue;
            }
            match &event.before {
                Some(before) => then.insert(&event.key, before),
                None => then.remove(&event.key),
            };
        }
        Ok(then.into_values().cloned().collect())
    }

    /// Up to `limit` events of a kind after `revision`, oldest first.
    pub(super) fn since(&self, kind: &Id, revision: u64, limit: usize) -> Result<Vec<Event>, Compacted> {
        let Some(collection) = self.collections.get(kind) else { return Ok(Vec::new()) };
        if revision < collection.compacted {
            return Err(Compacted);
        }
        let start = collection.tail.partition_point(|event| event.revision <= revision);
        Ok(collection.tail.range(start..).take(limit).cloned().collect())
    }

    /// Writes one object, new or changed.
    pub(super) fn put(&mut self, kind: &Id, value: Value) -> Arc<Object> {
        self.revision += 1;
        let object = Arc::new(Object::new(value, self.revision));
        let key = object::key(&object.value);
        let collection = self.collections.entry(kind.clone()).or_default();
        let before = collection.objects.insert(key.clone(), object.clone());
        self.own(kind, &key, before.as_deref(), Some(&object));
        self.tell(kind, Event { revision: self.revision, key, before, after: Some(object.clone()), last: None });
        object
    }

    /// Takes one object away, and returns it as it was.
    pub(super) fn remove(&mut self, kind: &Id, key: &Key) -> Option<Arc<Object>> {
        let before = self.collections.get_mut(kind)?.objects.remove(key)?;
        self.revision += 1;
        let last = Arc::new(Object::new(before.value.clone(), self.revision));
        self.own(kind, key, Some(&before), None);
        let event = Event {
            revision: self.revision,
            key: key.clone(),
            before: Some(before),
            after: None,
            last: Some(last.clone()),
        };
        self.tell(kind, event);
        Some(last)
    }

    /// What names `uid` as an owner.
    pub(super) fn owned_by(&self, uid: &str) -> Vec<(Id, Key)> {
        self.owned.get(uid).map(|all| all.iter().cloned().collect()).unwrap_or_default()
    }

    /// The kinds that hold anything.
    pub(super) fn kinds(&self) -> impl Iterator<Item = &Id> {
        self.collections.keys()
    }

    /// Forgets everything that happened so far. Harder than etcd's compaction: whoever was up to date a moment ago is too
    /// old too, and is told so.
    pub(super) fn compact(&mut self) {
        self.revision += 1;
        for collection in self.collections.values_mut() {
            collection.tail.clear();
            collection.compacted = self.revision;
        }
        let revision = self.revision;
        self.raise(|signal| signal.revision = revision);
    }

    fn own(&mut self, kind: &Id, key: &Key, before: Option<&Object>, after: Option<&Object>) {
        for uid in before.iter().flat_map(|object| object::owners(&object.value)) {
            if let Some(all) = self.owned.get_mut(uid) {
                all.remove(&(kind.clone(), key.clone()));
                if all.is_empty() {
                    self.owned.remove(uid);
                }
            }
        }
        for uid in after.iter().flat_map(|object| object::owners(&object.value)) {
            self.owned.entry(uid.to_owned()).or_default().insert((kind.clone(), key.clone()));
        }
    }

    fn tell(&mut self, kind: &Id, event: Event) {
        let collection = self.collections.entry(kind.clone()).or_default();
        collection.tail.push_back(event);
        if collection.tail.len() > TAIL
            && let Some(old) = collection.tail.pop_front()
        {
            collection.compacted = old.revision;
        }
        let revision = self.revision;
        collection.signal.send_modify(|signal| signal.revision = revision);
    }
}

fn from(namespace: Option<&str>, after: Option<&Key>) -> Bound<Key> {
    match (after, namespace) {
        (Some(after), _) => Bound::Excluded(after.clone()),
        (None, Some(namespace)) => Bound::Included((namespace.to_owned(), String::new())),
        (None, None) => Bound::Unbounded,
    }
}

fn to(namespace: Option<&str>) -> Bound<Key> {
    // No name of a namespace holds a zero byte, so this is behind all of its objects and before the next namespace.
    namespace.map_or(Bound::Unbounded, |namespace| Bound::Excluded((format!("{namespace}\0"), String::new())))
}
