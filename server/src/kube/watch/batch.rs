//! What has been heard of a kind and is not written yet.

use super::decode::{self, Pool};
use super::fact::{self, Fact};
use super::raw::Raw;
use chrono::{DateTime, Utc};
use gatehouse_domain::environments::facts::{Cluster, Kind, Name, Reach};
use kube::runtime::watcher::Event;
use std::collections::BTreeMap;

/// How many of the objects that could not be decoded are named.
const NAMED: usize = 20;

/// Changes of one kind, and what its watch remembers.
pub(super) struct Batch {
    kind: Kind,
    pool: Pool,
    /// What a list has shown so far; it counts when it is whole.
    listing: Option<Listing>,
    /// A whole list.
    listed: Option<Listing>,
    /// What happened after it; `None`: it is gone, or cannot be decoded.
    changes: BTreeMap<Name, Option<Fact>>,
    poison: BTreeMap<Name, String>,
}

#[derive(Default)]
struct Listing {
    facts: BTreeMap<Name, Fact>,
    poison: BTreeMap<Name, String>,
}

impl Batch {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            kind,
            pool: Pool::default(),
            listing: None,
            listed: None,
            changes: BTreeMap::new(),
            poison: BTreeMap::new(),
        }
    }

    pub(super) fn has_changes(&self) -> bool {
        self.listed.is_some() || !self.changes.is_empty()
    }

    /// Takes an event in; says whether a list has become whole by it.
    pub(super) fn take(&mut self, event: Event<Raw>, seen: DateTime<Utc>) -> bool {
        match event {
            Event::Init => self.listing = Some(Listing::default()),
            Event::InitApply(raw) => {
                let (name, decoded) = self.read(&raw, seen);
                let listing = self.listing.get_or_insert_default();
                match decoded {
                    Ok(fact) => drop(listing.facts.insert(name, fact)),
                    Err(why) => drop(listing.poison.insert(name, why)),
                }
            }
            Event::InitDone => {
                let listing = self.listing.take().unwrap_or_default();
                self.poison.clone_from(&listing.poison);
                self.changes.clear();
                self.listed = Some(listing);
                return true;
            }
            Event::Apply(raw) => {
                let (name, decoded) = self.read(&raw, seen);
                match decoded {
                    Ok(fact) => {
                        self.poison.remove(&name);
                        self.changes.insert(name, Some(fact));
                    }
                    Err(why) => {
                        self.poison.insert(name.clone(), why);
                        self.changes.insert(name, None);
                    }
                }
            }
            Event::Delete(raw) => {
                if let Some(name) = decode::name(&raw.value, &mut self.pool) {
                    self.poison.remove(&name);
                    self.changes.insert(name, None);
                }
            }
        }
        false
    }

    /// One without a name cannot be kept, nor found again; it is one of the poisoned under no name.
    fn read(&mut self, raw: &Raw, seen: DateTime<Utc>) -> (Name, Result<Fact, String>) {
        let name = decode::name(&raw.value, &mut self.pool).unwrap_or_default();
        let decoded = decode::decode(self.kind, &raw.value, seen, &mut self.pool);
        (name, decoded.map_err(|why| why.0))
    }

    /// Writes what was heard.
    pub(super) fn write(&mut self, cluster: &mut Cluster, now: DateTime<Utc>) {
        if let Some(listing) = self.listed.take() {
            fact::keep_only(cluster, self.kind, &listing.facts);
            for (name, fact) in listing.facts {
                fact::put(cluster, name, fact);
            }
        }
        for (name, change) in std::mem::take(&mut self.changes) {
            match change {
                Some(fact) => fact::put(cluster, name, fact),
                None => fact::remove(cluster, self.kind, &name),
            }
        }
        let reach = cluster.reach.entry(self.kind).or_default();
        *reach = Reach {
            as_of: Some(now),
            trouble: None,
            absent: false,
            poison: self.poison.iter().take(NAMED).map(|(name, why)| said(name, why)).collect(),
            poisoned: u32::try_from(self.poison.len()).unwrap_or(u32::MAX),
        };
    }

    /// The cluster does not know the kind: then there is none of it.
    pub(super) fn absent(&mut self, cluster: &mut Cluster, now: DateTime<Utc>) {
        *self = Self::new(self.kind);
        fact::keep_only(cluster, self.kind, &BTreeMap::new());
        cluster.reach.insert(self.kind, Reach { as_of: Some(now), absent: true, ..Reach::default() });
    }
}

fn said(name: &Name, why: &str) -> String {
    match (&*name.namespace, &*name.name) {
        ("", "") => format!("(no name): {why}"),
        ("", name) => format!("{name}: {why}"),
        (namespace, name) => format!("{namespace}/{name}: {why}"),
    }
}
