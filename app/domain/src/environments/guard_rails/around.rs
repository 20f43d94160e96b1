//! What a namespace keeps for whatever runs in it: traffic that is denied, a quota, and a mesh that takes nothing plain.

use super::super::facts::{Cluster, Kind, Meta, Name, NetworkPolicy, PeerAuthentication};
use super::super::gap::{may_be_left_out, plural, was_read};
use super::{Finding, Found, Rail, Rules};
use crate::tone::Tone;
use std::collections::BTreeMap;
use std::sync::Arc;

const STRICT: &str = "STRICT";
/// What Istio does where nothing is said.
const DEFAULT: &str = "PERMISSIVE";

pub(super) fn judge(cluster: &Cluster, rules: &Rules, found: &mut Found) {
    let mesh = Mesh::of(cluster, rules);
    for namespace in cluster.namespaces.values().filter(|it| rules.is_ours(&it.meta.name.name)) {
        let name = &namespace.meta.name.name;
        if was_read(cluster, Kind::NetworkPolicy) {
            found.looked(Rail::DenyAll);
            deny_all(cluster, &namespace.meta, found);
        }
        if was_read(cluster, Kind::Quota) {
            found.looked(Rail::Quota);
            if !cluster.quotas.iter().any(|(at, quota)| at.namespace == *name && !quota.hard.is_empty()) {
                let evidence = "No ResourceQuota in it limits anything.".to_owned();
                missing(cluster, (Rail::Quota, Kind::Quota), &namespace.meta, "ResourceQuota", evidence, found);
            }
        }
        if was_read(cluster, Kind::PeerAuthentication) {
            found.looked(Rail::StrictMtls);
            mesh.namespace(cluster, &namespace.meta, found);
        }
    }
    for wish in cluster.mtls.values().filter(|it| it.has_selector && rules.is_ours(&it.meta.name.namespace)) {
        mesh.workloads(cluster, wish, found);
    }
}

/// Of a namespace in which something is not there: the moment is that of the kind that was looked for. Where it may be
/// what could not be decoded, that is all that can be said.
fn missing(
    cluster: &Cluster,
    (rail, kind): (Rail, Kind),
    namespace: &Meta,
    field: &str,
    evidence: String,
    found: &mut Found,
) {
    let name = &*namespace.name.name;
    let is_here = |object: &str| object.split_once('/').is_some_and(|(namespace, _)| namespace == name);
    let (evidence, tone) = if may_be_left_out(cluster, kind, is_here) {
        (format!("{evidence} But one of its {} could not be decoded and may be it.", plural(kind)), Tone::Unknown)
    } else {
        (evidence, Tone::Bad)
    };
    found.add(Finding {
        rail,
        kind: "Namespace".to_owned(),
        name: namespace.name.clone(),
        field: field.to_owned(),
        evidence,
        pods: 0,
        seen: cluster.reach(kind).as_of,
        tone,
    });
}

fn deny_all(cluster: &Cluster, namespace: &Meta, found: &mut Found) {
    let here = || cluster.network_policies.iter().filter(|(at, _)| at.namespace == namespace.name.name);
    for (direction, words) in [("Ingress", "what may come in"), ("Egress", "what may go out")] {
        if !here().any(|(_, policy)| denies(policy, direction)) {
            let evidence = match here().count() {
                0 => format!("No NetworkPolicy is in it, so nothing limits {words}."),
                1 => format!(
                    "Its one NetworkPolicy does not select every pod and deny all {direction}: nothing limits {words} of the rest."
                ),
                many => format!(
                    "None of its {many} NetworkPolicies selects every pod and denies all {direction}: nothing limits {words} of the rest."
                ),
            };
            let place = (Rail::DenyAll, Kind::NetworkPolicy);
            missing(cluster, place, namespace, &format!("NetworkPolicy {direction}"), evidence, found);
        }
    }
}

fn denies(policy: &NetworkPolicy, direction: &str) -> bool {
    let rules = if direction == "Ingress" { policy.ingress } else { policy.egress };
    // Without types Kubernetes takes Ingress, and Egress where there are rules for it.
    let is_about = policy.types.contains(direction) || policy.types.is_empty() && direction == "Ingress";
    policy.selects_all && is_about && rules == 0
}

/// Which mode holds where nothing more special is said.
struct Mesh<'a> {
    root: &'a str,
    wide: BTreeMap<Arc<str>, &'a PeerAuthentication>,
}

impl<'a> Mesh<'a> {
    fn of(cluster: &'a Cluster, rules: &'a Rules) -> Self {
        let mut wide: BTreeMap<Arc<str>, &PeerAuthentication> = BTreeMap::new();
        for wish in cluster.mtls.values().filter(|it| !it.has_selector) {
            let first = wide.entry(wish.meta.name.namespace.clone()).or_insert(wish);
            // Of several Istio takes the oldest; one without a date of making cannot be older.
            let age = |it: &PeerAuthentication| (it.meta.created.is_none(), it.meta.created, it.meta.name.clone());
            if age(wish) < age(first) {
                *first = wish;
            }
        }
        Self { root: rules.mesh_root(), wide }
    }

    /// The mode of a namespace, and who says so.
    fn mode(&self, namespace: &str) -> (&'a str, Option<&'a PeerAuthentication>) {
        let own = [namespace, self.root].into_iter().filter_map(|at| self.wide.get(at).copied());
        own.filter_map(|wish| said(&wish.mode).map(|mode| (mode, Some(wish)))).next().unwrap_or((DEFAULT, None))
    }

    fn namespace(&self, cluster: &Cluster, namespace: &Meta, found: &mut Found) {
        let name: &Name = &namespace.name;
        match self.mode(&name.name) {
            (STRICT, _) => {}
            (mode, Some(wish)) if wish.meta.name.namespace == name.name => {
                let evidence = format!("The mode of the whole namespace is {mode}: plain traffic is taken.");
                let place = (Rail::StrictMtls, Kind::PeerAuthentication);
                found.of(cluster, place, &wish.meta, "spec.mtls.mode", evidence, Tone::Bad);
            }
            (mode, says) => {
                let evidence = match says {
                    Some(_) => format!(
                        "Nothing is said in it, and the mode of the whole mesh is {mode}: plain traffic is taken."
                    ),
                    None => format!(
                        "Neither it nor {} says a mode; Istio then takes plain traffic too ({mode}).",
                        self.root
                    ),
                };
                let place = (Rail::StrictMtls, Kind::PeerAuthentication);
                missing(cluster, place, namespace, "PeerAuthentication", evidence, found);
            }
        }
    }

    /// One for some workloads: its own mode and its ports'. Where it says nothing it inherits, and the parent is judged
    /// elsewhere. Ports count with a selector only; Istio ignores them otherwise.
    fn workloads(&self, cluster: &Cluster, wish: &PeerAuthentication, found: &mut Found) {
        let place = (Rail::StrictMtls, Kind::PeerAuthentication);
        if let Some(mode) = said(&wish.mode).filter(|mode| *mode != STRICT) {
            let evidence = format!("The mode of the workloads that it selects is {mode}: they take plain traffic.");
            found.of(cluster, place, &wish.meta, "spec.mtls.mode", evidence, Tone::Bad);
        }
        for (port, mode) in &wish.ports {
            if let Some(mode) = said(mode).filter(|mode| *mode != STRICT) {
                let evidence = format!("The mode of port {port} is {mode}: it takes plain traffic.");
                found.of(cluster, place, &wish.meta, &format!("spec.portLevelMtls[{port}].mode"), evidence, Tone::Bad);
            }
        }
    }
}

/// A mode that is one; UNSET is what the parent says.
fn said(mode: &str) -> Option<&str> {
    Some(mode).filter(|mode| !matches!(*mode, "" | "UNSET"))
}
