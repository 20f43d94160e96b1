//! Nodes, and the rules that namespaces keep.

use super::{Kept, canonical, digest, items, map, must, part, text, written};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gatehouse_domain::environments::facts::{Budget, ConfigMap, Meta, NetworkPolicy, Node, PeerAuthentication, Quota};
use serde_json::Value;

pub(super) fn node(meta: Meta, it: &Value) -> Kept<Node> {
    let label = |key: &str| meta.labels.get(key).map(|value| value.to_string()).unwrap_or_default();
    let conditions = || items(part(it, "/status/conditions")).filter(|it| text(it, "/status") == "True");
    let is_ready = conditions().any(|it| text(it, "/type") == "Ready");
    Ok(Node {
        group: label("eks.amazonaws.com/nodegroup"),
        instance_type: label("node.kubernetes.io/instance-type"),
        zone: label("topology.kubernetes.io/zone"),
        is_ready,
        is_cordoned: part(it, "/spec/unschedulable").as_bool().unwrap_or(false),
        pressures: conditions().map(|it| text(it, "/type")).filter(|kind| kind != "Ready").collect(),
        allocatable: map(part(it, "/status/allocatable")),
        kubelet: text(it, "/status/nodeInfo/kubeletVersion"),
        meta,
    })
}

pub(super) fn quota(meta: Meta, it: &Value) -> Kept<Quota> {
    must(it, "/spec", "it has no spec")?;
    let hard = part(it, "/status/hard");
    // What counts is the status; before a controller wrote one, the spec.
    let hard = if hard.is_object() { hard } else { part(it, "/spec/hard") };
    Ok(Quota { meta, hard: map(hard), used: map(part(it, "/status/used")) })
}

pub(super) fn config_map(meta: Meta, it: &Value) -> Kept<ConfigMap> {
    let texts = part(it, "/data").as_object().into_iter().flatten();
    let texts = texts.filter_map(|(key, value)| Some((key.clone(), digest(value.as_str()?.as_bytes()))));
    let binaries = part(it, "/binaryData").as_object().into_iter().flatten();
    let binaries =
        binaries.filter_map(|(key, value)| Some((key.clone(), digest(&STANDARD.decode(value.as_str()?).ok()?))));
    Ok(ConfigMap { meta, keys: texts.chain(binaries).collect() })
}

pub(super) fn network_policy(meta: Meta, it: &Value) -> Kept<NetworkPolicy> {
    let spec = must(it, "/spec", "it has no spec")?;
    let selector = part(spec, "/podSelector");
    let is_empty = |place: &str| match part(selector, place) {
        Value::Array(all) => all.is_empty(),
        Value::Object(all) => all.is_empty(),
        other => other.is_null(),
    };
    let rules = |place: &str| u32::try_from(items(part(spec, place)).count()).unwrap_or(u32::MAX);
    Ok(NetworkPolicy {
        meta,
        selects_all: is_empty("/matchLabels") && is_empty("/matchExpressions"),
        types: items(part(spec, "/policyTypes")).filter_map(|it| Some(it.as_str()?.to_owned())).collect(),
        ingress: rules("/ingress"),
        egress: rules("/egress"),
        digest: digest(canonical(spec).as_bytes()),
    })
}

pub(super) fn budget(meta: Meta, it: &Value) -> Kept<Budget> {
    let spec = must(it, "/spec", "it has no spec")?;
    let allowed = part(it, "/status/disruptionsAllowed").as_u64().and_then(|it| u32::try_from(it).ok());
    Ok(Budget {
        meta,
        min_available: written(part(spec, "/minAvailable")),
        max_unavailable: written(part(spec, "/maxUnavailable")),
        selector: map(part(spec, "/selector/matchLabels")),
        allowed: allowed.unwrap_or_default(),
    })
}

pub(super) fn peer_authentication(meta: Meta, it: &Value) -> Kept<PeerAuthentication> {
    // Without a spec it says nothing, which Istio allows.
    let spec = part(it, "/spec");
    if !spec.is_object() && !spec.is_null() {
        return Err("its spec is none");
    }
    let selector = part(spec, "/selector/matchLabels").as_object();
    let ports = part(spec, "/portLevelMtls").as_object().into_iter().flatten();
    Ok(PeerAuthentication {
        meta,
        has_selector: selector.is_some_and(|labels| !labels.is_empty()),
        mode: text(spec, "/mtls/mode"),
        ports: ports.map(|(port, it)| (port.clone(), text(it, "/mode"))).collect(),
    })
}
