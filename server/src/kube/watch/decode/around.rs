//! What is around it: nodes, namespaces and their rules. Of a ConfigMap's values only digests are kept.

use super::node::Node as At;
use super::{Why, conditions, holds, sha256, written};
use crate::kube::watch::fact::Fact;
use gatehouse_domain::environments::facts::{ConfigMap, Meta, Namespace, NetworkPolicy, Node, Quota};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) fn node(node: At<'_>, meta: Meta) -> Result<Fact, Why> {
    let (spec, status) = (node.at("spec")?, node.at("status")?);
    let conditions = conditions(status.at("conditions")?)?;
    let pressures = conditions.iter().filter(|it| it.kind != "Ready" && it.status == "True");
    let label = |key: &str| meta.labels.get(key).map(ToString::to_string).unwrap_or_default();
    let mut allocatable = written(status.at("allocatable")?)?;
    allocatable.retain(|key, _| matches!(key.as_str(), "cpu" | "memory"));
    Ok(Fact::Node(Arc::new(Node {
        group: label("eks.amazonaws.com/nodegroup"),
        instance_type: label("node.kubernetes.io/instance-type"),
        zone: label("topology.kubernetes.io/zone"),
        is_ready: holds(&conditions, "Ready"),
        is_cordoned: spec.at("unschedulable")?.is_true()?,
        pressures: pressures.map(|it| it.kind.clone()).collect(),
        allocatable,
        kubelet: status.path(&["nodeInfo", "kubeletVersion"])?.text()?.to_owned(),
        meta,
    })))
}

pub(super) fn namespace(node: At<'_>, meta: Meta) -> Result<Fact, Why> {
    // Nothing of its spec is kept; one that is no object is refused all the same.
    node.at("spec")?.map()?;
    let phase = node.path(&["status", "phase"])?.text()?.to_owned();
    Ok(Fact::Namespace(Arc::new(Namespace { phase, meta })))
}

pub(super) fn quota(node: At<'_>, meta: Meta) -> Result<Fact, Why> {
    node.at("spec")?.map()?;
    let status = node.at("status")?;
    let (hard, used) = (written(status.at("hard")?)?, written(status.at("used")?)?);
    Ok(Fact::Quota(Arc::new(Quota { hard, used, meta })))
}

pub(super) fn config_map(node: At<'_>, meta: Meta) -> Result<Fact, Why> {
    let mut keys = BTreeMap::new();
    for member in ["data", "binaryData"] {
        for (key, value) in node.at(member)?.members()? {
            keys.insert(key.to_owned(), sha256(value.text()?.as_bytes()));
        }
    }
    Ok(Fact::ConfigMap(Arc::new(ConfigMap { keys, meta })))
}

pub(super) fn network_policy(node: At<'_>, meta: Meta) -> Result<Fact, Why> {
    let spec = node.at("spec")?;
    let count = |key| -> Result<u32, Why> { Ok(u32::try_from(spec.at(key)?.list()?.count()).unwrap_or(u32::MAX)) };
    let selector = spec.at("podSelector")?;
    let is_empty = |key| -> Result<bool, Why> {
        Ok(match selector.at(key)?.raw() {
            None => true,
            Some(value) => {
                value.as_object().is_some_and(serde_json::Map::is_empty) || value.as_array().is_some_and(Vec::is_empty)
            }
        })
    };
    let types: Result<_, Why> = spec.at("policyTypes")?.list()?.map(|it| Ok(it.text()?.to_owned())).collect();
    Ok(Fact::NetworkPolicy(Arc::new(NetworkPolicy {
        selects_all: is_empty("matchLabels")? && is_empty("matchExpressions")?,
        types: types?,
        ingress: count("ingress")?,
        egress: count("egress")?,
        digest: sha256(spec.canonical().unwrap_or_default().as_bytes()),
        meta,
    })))
}
