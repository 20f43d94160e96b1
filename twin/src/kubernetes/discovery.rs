//! What does the cluster have? The same table of kinds told in the two forms that clients ask for: one document with
//! everything (aggregated), or one per group and version.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::Cluster;
use super::kind::Kind;

/// The media type of the document with everything.
pub(super) const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

const VERBS: [&str; 8] = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const DOOR_VERBS: [&str; 3] = ["get", "patch", "update"];

pub(super) fn version() -> Value {
    json!({
        "major": "1", "minor": "33", "emulationMajor": "1", "emulationMinor": "33", "gitVersion": "v1.33.4-eks-ba24e9c",
        "gitCommit": "ba24e9c47a1e7c2b9e9c5fd6c1b9e0c2f4f2b7a1", "gitTreeState": "clean",
        "buildDate": "2026-02-17T00:00:00Z", "goVersion": "go1.24.4", "compiler": "gc", "platform": "linux/amd64",
    })
}

/// Kinds by group and version.
fn groups(cluster: &Cluster) -> BTreeMap<&str, BTreeMap<&str, Vec<&Arc<Kind>>>> {
    let mut groups: BTreeMap<&str, BTreeMap<&str, Vec<&Arc<Kind>>>> = BTreeMap::new();
    for kind in cluster.kinds.values() {
        groups.entry(&kind.group).or_default().entry(&kind.version).or_default().push(kind);
    }
    groups
}

fn group_version(group: &str, version: &str) -> String {
    if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") }
}

/// The doors of a kind, each with the kind that is read there.
fn doors(kind: &Kind) -> Vec<(&'static str, &str, &str, &str)> {
    let own = (kind.group.as_str(), kind.version.as_str(), kind.kind.as_str());
    let mut doors = Vec::new();
    if kind.has_status {
        doors.push(("status", own.0, own.1, own.2));
    }
    if kind.has_scale {
        doors.push(("scale", "autoscaling", "v1", "Scale"));
    }
    if kind.plural == "pods" && kind.group.is_empty() {
        doors.push(("log", "", "v1", "Pod"));
    }
    doors
}

fn aggregated_resource(kind: &Kind) -> Value {
    let whole = json!({ "group": kind.group, "version": kind.version, "kind": kind.kind });
    let door = |(name, group, version, kind): &(&str, &str, &str, &str)| {
        json!({
            "subresource": name, "responseKind": { "group": group, "version": version, "kind": kind },
            "verbs": if *name == "log" { &DOOR_VERBS[..1] } else { &DOOR_VERBS[..] },
        })
    };
    let mut resource = json!({
        "resource": kind.plural, "responseKind": whole, "scope": if kind.namespaced { "Namespaced" } else { "Cluster" },
        "singularResource": kind.singular, "verbs": VERBS,
    });
    for (key, list) in [("shortNames", &kind.short), ("categories", &kind.categories)] {
        if !list.is_empty() {
            super::object::set(&mut resource, &[key], json!(list));
        }
    }
    let doors: Vec<Value> = doors(kind).iter().map(door).collect();
    if !doors.is_empty() {
        super::object::set(&mut resource, &["subresources"], json!(doors));
    }
    resource
}

/// `/api` or `/apis`, with everything in it.
pub(super) fn aggregated(cluster: &Cluster, core: bool) -> Value {
    let items: Vec<Value> = groups(cluster)
        .into_iter()
        .filter(|(group, _)| group.is_empty() == core)
        .map(|(group, versions)| {
            let versions: Vec<Value> = versions
                .into_iter()
                .map(|(version, kinds)| {
                    let resources: Vec<Value> = kinds.into_iter().map(|kind| aggregated_resource(kind)).collect();
                    json!({ "version": version, "resources": resources, "freshness": "Current" })
                })
                .collect();
            let metadata = if group.is_empty() { json!({}) } else { json!({ "name": group }) };
            json!({ "metadata": metadata, "versions": versions })
        })
        .collect();
    json!({ "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items })
}

pub(super) fn core() -> Value {
    json!({ "kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [] })
}

fn named(group: &str, versions: &BTreeSet<&str>) -> Value {
    let all: Vec<Value> = versions
        .iter()
        .map(|version| json!({ "groupVersion": group_version(group, version), "version": version }))
        .collect();
    json!({ "name": group, "preferredVersion": all.first(), "versions": all })
}

pub(super) fn group_list(cluster: &Cluster) -> Value {
    let groups = groups(cluster).into_iter().filter(|(group, _)| !group.is_empty());
    let groups: Vec<Value> = groups.map(|(group, versions)| named(group, &versions.into_keys().collect())).collect();
    json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": groups })
}

pub(super) fn group(cluster: &Cluster, name: &str) -> Option<Value> {
    let versions = groups(cluster).remove(name).filter(|_| !name.is_empty())?;
    let mut group = named(name, &versions.into_keys().collect());
    super::object::set(&mut group, &["kind"], json!("APIGroup"));
    super::object::set(&mut group, &["apiVersion"], json!("v1"));
    Some(group)
}

/// `/api/v1` or `/apis/apps/v1`.
pub(super) fn resources(cluster: &Cluster, group: &str, version: &str) -> Option<Value> {
    let kinds = groups(cluster).remove(group)?.remove(version)?;
    let mut all = Vec::new();
    for kind in kinds {
        let mut resource = json!({
            "name": kind.plural, "singularName": kind.singular, "namespaced": kind.namespaced, "kind": kind.kind, "verbs": VERBS,
        });
        for (key, list) in [("shortNames", &kind.short), ("categories", &kind.categories)] {
            if !list.is_empty() {
                super::object::set(&mut resource, &[key], json!(list));
            }
        }
        all.push(resource);
        for (door, group, version, of) in doors(kind) {
            all.push(json!({
                "name": format!("{}/{door}", kind.plural), "singularName": "", "namespaced": kind.namespaced, "group": group,
                "version": version, "kind": of, "verbs": if door == "log" { &DOOR_VERBS[..1] } else { &DOOR_VERBS[..] },
            }));
        }
    }
    let version = group_version(group, version);
    Some(json!({ "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": all }))
}

/// `/openapi/v3`: what kubectl asks before it writes. No schemas are kept: an object may hold any field, and a write says
/// that it takes `fieldValidation` and `dryRun`.
pub(super) fn openapi(cluster: &Cluster, path: &str) -> Option<Value> {
    let groups = groups(cluster);
    if path.is_empty() {
        let mut paths = json!({});
        for (group, versions) in &groups {
            for version in versions.keys() {
                let path = if group.is_empty() { format!("api/{version}") } else { format!("apis/{group}/{version}") };
                let url = json!({ "serverRelativeURL": format!("/openapi/v3/{path}") });
                super::object::set(&mut paths, &[path.as_str()], url);
            }
        }
        return Some(json!({ "paths": paths }));
    }
    let words: Vec<&str> = path.split('/').collect();
    let (group, version) = match words.as_slice() {
        ["api", version] => ("", *version),
        ["apis", group, version] => (*group, *version),
        _ => return None,
    };
    let (mut paths, mut schemas) = (json!({}), json!({}));
    for kind in groups.get(group)?.get(version)? {
        let gvk = json!({ "group": kind.group, "version": kind.version, "kind": kind.kind });
        let place = if kind.namespaced { "namespaces/{namespace}/" } else { "" };
        let url = format!("/{path}/{place}{}/{{name}}", kind.plural);
        let parameter =
            |name: &str| json!({ "name": name, "in": "query", "schema": { "type": "string", "uniqueItems": true } });
        let parameters: Vec<Value> =
            ["dryRun", "fieldManager", "fieldValidation", "force"].iter().map(|name| parameter(name)).collect();
        let patch = json!({
            "operationId": format!("patch{}", kind.kind), "parameters": parameters, "responses": {},
            "x-kubernetes-action": "patch", "x-kubernetes-group-version-kind": gvk,
        });
        super::object::set(&mut paths, &[url.as_str(), "patch"], patch);
        let schema = json!({
            "type": "object", "x-kubernetes-group-version-kind": [gvk], "x-kubernetes-preserve-unknown-fields": true,
            "description": format!("{} of {}; the twin keeps no schema of its fields.", kind.kind, group_version(group, version)),
            "properties": {
                "apiVersion": { "type": "string" }, "kind": { "type": "string" },
                "metadata": { "type": "object" }, "spec": { "type": "object" }, "status": { "type": "object" },
            },
        });
        super::object::set(
            &mut schemas,
            &[&format!("{}.{version}.{}", if group.is_empty() { "core" } else { group }, kind.kind)],
            schema,
        );
    }
    Some(json!({
        "openapi": "3.0.0", "info": { "title": "Kubernetes", "version": "v1.33.4" }, "paths": paths, "components": { "schemas": schemas },
    }))
}
