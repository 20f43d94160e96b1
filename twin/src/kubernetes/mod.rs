//! What runs in the clusters, and how does one ask? A Kubernetes API with state behind it, for kubectl and kube alike:
//! three clusters (production, staging, development), each at an address of its own with a token of its own.
//!
//! A request goes `routes` → `address` (what does the path name) → `read`, `watch`, `write` or `delete` on the [`Cluster`]
//! → `store`, which alone knows what is there and what was. Kinds are rows of a table (`kind`), and a
//! CustomResourceDefinition adds one. `controllers` do what a cluster does by itself.
//!
//! States of an object: there, waiting for its finalizers (it has a deletion time), gone. A write that changes nothing
//! writes nothing.
//!
//! Invariants: `resourceVersion` rises with every write of a cluster and belongs to one write; an object is replaced,
//! never changed; a list in chunks is of one moment or says 410; a watcher misses nothing or is told 410. No schema is
//! kept but for what `admit` checks; a kind is served in one version, that of its storage.

mod address;
mod admit;
mod apply;
mod controllers;
mod delete;
mod discovery;
mod doors;
mod fields;
mod handle;
mod kind;
mod kubeconfig;
mod listener;
mod lists;
mod object;
mod past;
mod patch;
mod read;
mod refusal;
mod routes;
mod seed;
mod selector;
mod store;
mod table;
mod watch;
mod write;

use std::collections::BTreeSet;

use serde_json::Value;
use sha2::{Digest, Sha256};

pub use handle::KubernetesHandle;
pub(crate) use kubeconfig::kubeconfig;
pub(crate) use listener::Both;
pub(crate) use routes::router;

use kind::{Id, Kind, Kinds};
use object::{Key, Object};
use store::Store;

/// One of the three clusters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClusterId {
    /// Where it counts.
    Production,
    /// What is meant to mirror it.
    Staging,
    /// Where everybody tries things.
    Development,
}

impl ClusterId {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Production, Self::Staging, Self::Development];

    /// As files, faults and contexts call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Staging => "staging",
            Self::Development => "dev",
        }
    }
}

/// How an answer shows objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Whole,
    Table,
    Partial,
}

/// The three clusters.
pub(crate) struct Clusters {
    production: Cluster,
    staging: Cluster,
    development: Cluster,
}

impl Default for Clusters {
    fn default() -> Self {
        let new = |id: ClusterId| Cluster::new(id.name());
        Self {
            production: new(ClusterId::Production),
            staging: new(ClusterId::Staging),
            development: new(ClusterId::Development),
        }
    }
}

impl Clusters {
    /// The cluster of somebody who came through [`Clusters::get_mut`] before.
    fn get(&self, id: ClusterId) -> &Cluster {
        match id {
            ClusterId::Production => &self.production,
            ClusterId::Staging => &self.staging,
            ClusterId::Development => &self.development,
        }
    }

    /// The cluster, made if it was not yet.
    pub(crate) fn get_mut(&mut self, id: ClusterId) -> &mut Cluster {
        let cluster = self.asleep_mut(id);
        cluster.awaken(id);
        cluster
    }

    fn asleep_mut(&mut self, id: ClusterId) -> &mut Cluster {
        match id {
            ClusterId::Production => &mut self.production,
            ClusterId::Staging => &mut self.staging,
            ClusterId::Development => &mut self.development,
        }
    }
}

/// One cluster.
pub(crate) struct Cluster {
    name: &'static str,
    store: Store,
    kinds: Kinds,
    /// Counts what was named, so that ids and suffixes are the same for the same history.
    serial: u64,
    /// What it was told, until somebody looks.
    past: Option<past::Past>,
    dirty: BTreeSet<(Id, Key)>,
    starting: BTreeSet<Key>,
    /// Plurals that the token may not see.
    denied: BTreeSet<String>,
    /// Nobody gets through.
    is_unreachable: bool,
    /// The token is not taken any more.
    is_token_expired: bool,
}

impl Cluster {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            store: Store::new(4_100),
            kinds: kind::builtin(),
            serial: 0,
            past: Some(past::Past::default()),
            dirty: BTreeSet::new(),
            starting: BTreeSet::new(),
            denied: BTreeSet::new(),
            is_unreachable: false,
            is_token_expired: false,
        }
    }

    fn namespaces(&self) -> Id {
        (String::new(), "namespaces".to_owned())
    }

    fn digest(&mut self) -> [u8; 32] {
        self.serial += 1;
        Sha256::digest(format!("{} {}", self.name, self.serial)).into()
    }

    fn uid(&mut self) -> String {
        let digest = self.digest();
        let bytes = digest.first_chunk::<16>().copied().unwrap_or_default();
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    /// Five letters behind a generated name.
    fn suffix(&mut self) -> String {
        const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
        let digest = self.digest();
        let letters = digest.iter().take(5).filter_map(|byte| LETTERS.get(usize::from(*byte) % LETTERS.len()));
        letters.map(|letter| char::from(*letter)).collect()
    }

    /// What a new object brings with it.
    fn born(&mut self, kind: &Kind, object: &Object, act: &write::Act) {
        self.touched(kind, object);
        match kind.kind.as_str() {
            "CustomResourceDefinition" => self.define(&object.value),
            "Namespace" => {
                let accounts = (String::new(), "serviceaccounts".to_owned());
                let Some(accounts) = self.kinds.get(&accounts).cloned() else { return };
                let account = serde_json::json!({ "metadata": { "name": "default" } });
                // There already is one where the namespace was made with everything in it.
                let _exists = self.create(&accounts, object::name(&object.value), account, &write::Act::own(act.now));
            }
            _ => {}
        }
    }

    fn define(&mut self, crd: &Value) {
        if let Some(kind) = kind::defined(crd) {
            self.kinds.insert(kind.id(), std::sync::Arc::new(kind));
        }
    }
}
