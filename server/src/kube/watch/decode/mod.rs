//! What is kept of one object? A pure function of its JSON, a small file for each family of kinds.
//!
//! Only the fields that are kept are read, and those strictly: an object whose documented field is of another type is
//! refused as a whole with the field's name (never its value), because half an object is a wrong one.

mod around;
mod custom;
mod node;
mod pool;
mod running;
mod shape;
#[cfg(test)]
mod tests;

pub use pool::Pool;

use super::fact::Fact;
use chrono::{DateTime, Utc};
use gatehouse_domain::environments::facts::{Condition, Kind, Meta, Name};
use node::Node;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Why an object could not be decoded: which field, and what it is not. Holds nothing of the object's values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why(pub String);

const LONGEST_MESSAGE: usize = 300;

/// Who an object says it is, as far as that can be read.
#[must_use]
pub fn name(value: &Value, pool: &mut Pool) -> Option<Name> {
    let meta = value.get("metadata")?;
    let text = |key| meta.get(key).and_then(Value::as_str);
    let name = text("name").filter(|name| !name.is_empty())?;
    Some(Name { namespace: pool.text(text("namespace").unwrap_or_default()), name: name.into() })
}

/// What is kept of it.
///
/// # Errors
/// When a field that is kept is not what Kubernetes documents.
pub fn decode(kind: Kind, value: &Value, seen: DateTime<Utc>, pool: &mut Pool) -> Result<Fact, Why> {
    let node = Node::of(value);
    let meta = meta(node, seen, pool)?;
    match kind {
        Kind::Deployment | Kind::StatefulSet | Kind::Rollout => running::workload(kind, node, meta, pool),
        Kind::ReplicaSet => running::replica_set(node, meta),
        Kind::Pod => running::pod(node, meta, pool),
        Kind::Scaler => running::scaler(node, meta),
        Kind::Budget => running::budget(node, meta, pool),
        Kind::Node => around::node(node, meta),
        Kind::Namespace => around::namespace(node, meta),
        Kind::Quota => around::quota(node, meta),
        Kind::ConfigMap => around::config_map(node, meta),
        Kind::NetworkPolicy => around::network_policy(node, meta),
        Kind::PeerAuthentication => custom::peer_authentication(node, meta),
        Kind::Certificate => custom::certificate(node, meta),
        Kind::Application => custom::application(node, meta),
        Kind::Canary => custom::canary(node, meta),
    }
}

fn meta(node: Node<'_>, seen: DateTime<Utc>, pool: &mut Pool) -> Result<Meta, Why> {
    let meta = node.at("metadata")?;
    let name = meta.at("name")?.text()?;
    if name.is_empty() {
        return Err(Why("it has no name".to_owned()));
    }
    let mut owner = None;
    for reference in meta.at("ownerReferences")?.list()? {
        if reference.at("controller")?.is_true()? {
            owner = Some((pool.text(reference.at("kind")?.text()?), pool.text(reference.at("name")?.text()?)));
        }
    }
    Ok(Meta {
        name: Name { namespace: pool.text(meta.at("namespace")?.text()?), name: name.into() },
        uid: meta.at("uid")?.text()?.to_owned(),
        created: meta.at("creationTimestamp")?.time()?,
        labels: texts(meta.at("labels")?, pool)?,
        owner,
        seen: Some(seen),
    })
}

fn texts(node: Node<'_>, pool: &mut Pool) -> Result<BTreeMap<Arc<str>, Arc<str>>, Why> {
    node.members()?.map(|(key, value)| Ok((pool.text(key), pool.text(value.text()?)))).collect()
}

/// Quantities, as written.
fn written(node: Node<'_>) -> Result<BTreeMap<String, String>, Why> {
    node.members()?.map(|(key, value)| Ok((key.to_owned(), value.written()?))).collect()
}

fn conditions(node: Node<'_>) -> Result<Vec<Condition>, Why> {
    let one = |node: Node<'_>| -> Result<Condition, Why> {
        let text = |key| -> Result<String, Why> { Ok(node.at(key)?.text()?.to_owned()) };
        Ok(Condition {
            kind: text("type")?,
            status: text("status")?,
            reason: text("reason")?,
            message: node.at("message")?.text()?.chars().take(LONGEST_MESSAGE).collect(),
            since: node.at("lastTransitionTime")?.time()?,
        })
    };
    node.list()?.map(one).collect()
}

/// Whether a condition of this type says `True`.
fn holds(conditions: &[Condition], kind: &str) -> bool {
    conditions.iter().any(|condition| condition.kind == kind && condition.status == "True")
}

fn sha256(bytes: &[u8]) -> String {
    gatehouse_domain::Digest::of(bytes).as_str().to_owned()
}
