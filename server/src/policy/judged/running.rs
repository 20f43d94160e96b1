//! Workloads, pods, and what scales them.

use super::pods::Shapes;
use super::{Kept, flag, items, map, must, number, part, text};
use ::kube::api::DynamicObject;
use chrono::{DateTime, Utc};
use gatehouse_domain::environments::facts::{Condition, Meta, Pod, ReplicaSet, Scaler, Workload};
use serde_json::Value;

const LONGEST: usize = 300;

fn moment(value: &Value, place: &str) -> Option<DateTime<Utc>> {
    part(value, place).as_str()?.parse().ok()
}

fn conditions(object: &Value) -> Vec<Condition> {
    let one = |it: &Value| Condition {
        kind: text(it, "/type"),
        status: text(it, "/status"),
        reason: text(it, "/reason"),
        message: text(it, "/message").chars().take(LONGEST).collect(),
        since: moment(it, "/lastTransitionTime"),
    };
    items(part(object, "/status/conditions")).map(one).collect()
}

fn is_true(object: &Value, kind: &str) -> bool {
    let mut all = items(part(object, "/status/conditions"));
    all.any(|it| text(it, "/type") == kind && text(it, "/status") == "True")
}

pub(super) fn workload(meta: Meta, object: &DynamicObject, shapes: &mut Shapes) -> Kept<Workload> {
    let it = &object.data;
    let spec = must(it, "/spec", "it has no spec")?;
    let template = must(spec, "/template/spec", "it has no pod template")?;
    let status = |name: &str| number(it, &format!("/status/{name}")).unwrap_or_default();
    Ok(Workload {
        wanted: number(spec, "/replicas").unwrap_or(1),
        replicas: status("replicas"),
        ready: status("readyReplicas"),
        updated: status("updatedReplicas"),
        available: status("availableReplicas"),
        observed: object.metadata.generation.is_some()
            && part(it, "/status/observedGeneration").as_i64() >= object.metadata.generation,
        paused: flag(spec, "/paused").unwrap_or(false),
        conditions: conditions(it),
        selector: map(part(spec, "/selector/matchLabels")),
        template: shapes.of(map(part(spec, "/template/metadata/labels")), template)?,
        meta,
    })
}

pub(super) fn replica_set(meta: Meta, object: &DynamicObject) -> Kept<ReplicaSet> {
    let it = &object.data;
    let spec = must(it, "/spec", "it has no spec")?;
    let revision = object.metadata.annotations.iter().flatten();
    let mut revision = revision.filter(|(key, _)| *key == "deployment.kubernetes.io/revision");
    let containers = items(part(spec, "/template/spec/containers"));
    Ok(ReplicaSet {
        meta,
        wanted: number(spec, "/replicas").unwrap_or(1),
        ready: number(it, "/status/readyReplicas").unwrap_or_default(),
        revision: revision.next().and_then(|(_, value)| value.parse().ok()),
        images: containers.map(|it| text(it, "/image")).collect(),
    })
}

pub(super) fn pod(meta: Meta, object: &DynamicObject, shapes: &mut Shapes) -> Kept<Pod> {
    let it = &object.data;
    let spec = must(it, "/spec", "it has no spec")?;
    let statuses = || items(part(it, "/status/containerStatuses"));
    let reason = statuses().find_map(|status| {
        let state = ["/state/waiting/reason", "/state/terminated/reason", "/lastState/terminated/reason"];
        state.iter().find_map(|place| Some(status.pointer(place)?.as_str()?.to_owned()))
    });
    let digest = |status: &Value| {
        let image = text(status, "/imageID");
        let (_, digest) = image.rsplit_once('@')?;
        Some((text(status, "/name").as_str().into(), digest.into()))
    };
    Ok(Pod {
        phase: text(it, "/status/phase"),
        is_ready: is_true(it, "Ready"),
        node: part(spec, "/nodeName").as_str().map(Into::into),
        restarts: statuses().filter_map(|status| number(status, "/restartCount")).sum(),
        reason: reason.or_else(|| part(it, "/status/reason").as_str().map(str::to_owned)),
        restarted: statuses().filter_map(|status| moment(status, "/lastState/terminated/finishedAt")).max(),
        started: moment(it, "/status/startTime"),
        ending: object.metadata.deletion_timestamp.as_ref().and_then(|at| at.0.to_string().parse().ok()),
        digests: statuses().filter_map(digest).collect(),
        shape: shapes.of(meta.labels.clone(), spec)?,
        meta,
    })
}

pub(super) fn scaler(meta: Meta, it: &Value) -> Kept<Scaler> {
    let spec = must(it, "/spec", "it has no spec")?;
    let of = |place: &'static str| {
        items(part(it, place)).filter(|metric| text(metric, "/type") == "Resource").map(|it| text(it, "/resource/name"))
    };
    let average = |place: &str, name: &str, at: &str| {
        let found = items(part(it, place)).find(|metric| text(metric, "/resource/name") == *name)?;
        number(found, at)
    };
    let metric = |name: String| {
        let wanted = average("/spec/metrics", &name, "/resource/target/averageUtilization");
        let measured = average("/status/currentMetrics", &name, "/resource/current/averageUtilization");
        (name, wanted, measured)
    };
    Ok(Scaler {
        meta,
        target: (text(spec, "/scaleTargetRef/kind"), text(spec, "/scaleTargetRef/name")),
        min: number(spec, "/minReplicas").unwrap_or(1),
        max: number(spec, "/maxReplicas").ok_or("it says no most")?,
        current: number(it, "/status/currentReplicas").unwrap_or_default(),
        desired: number(it, "/status/desiredReplicas").unwrap_or_default(),
        metrics: of("/spec/metrics").map(metric).collect(),
    })
}
