//! What runs: workloads, pods, what scales and protects them.

use super::node::Node;
use super::pool::Pool;
use super::shape::shape;
use super::{Why, conditions, holds, texts};
use crate::kube::watch::fact::Fact;
use gatehouse_domain::environments::facts::{Budget, Kind, Meta, Pod, ReplicaSet, Scaler, Workload};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) fn workload(kind: Kind, node: Node<'_>, meta: Meta, pool: &mut Pool) -> Result<Fact, Why> {
    let (spec, status) = (node.at("spec")?, node.at("status")?);
    let template = spec.at("template")?;
    let generation = node.path(&["metadata", "generation"])?.integer()?;
    // Argo Rollouts writes it as text.
    let observed = status.at("observedGeneration")?.written()?.parse::<i64>().ok();
    let workload = Workload {
        wanted: spec.at("replicas")?.count_or(1)?,
        replicas: status.at("replicas")?.count()?,
        ready: status.at("readyReplicas")?.count()?,
        updated: status.at("updatedReplicas")?.count()?,
        available: status.at("availableReplicas")?.count()?,
        observed: generation.is_some() && observed >= generation,
        paused: spec.at("paused")?.is_true()?,
        conditions: conditions(status.at("conditions")?)?,
        selector: texts(spec.path(&["selector", "matchLabels"])?, pool)?,
        template: shape(template.path(&["metadata", "labels"])?, template.at("spec")?, pool)?,
        meta,
    };
    Ok(Fact::Workload(kind, Arc::new(workload)))
}

pub(super) fn replica_set(node: Node<'_>, meta: Meta) -> Result<Fact, Why> {
    let spec = node.at("spec")?;
    let revision = node.path(&["metadata", "annotations", "deployment.kubernetes.io/revision"])?.text()?;
    let containers = spec.path(&["template", "spec", "containers"])?.list()?;
    let images: Result<Vec<String>, Why> = containers.map(|it| Ok(it.at("image")?.text()?.to_owned())).collect();
    Ok(Fact::ReplicaSet(Arc::new(ReplicaSet {
        wanted: spec.at("replicas")?.count_or(1)?,
        ready: node.path(&["status", "readyReplicas"])?.count()?,
        revision: revision.parse().ok(),
        images: images?,
        meta,
    })))
}

pub(super) fn pod(node: Node<'_>, meta: Meta, pool: &mut Pool) -> Result<Fact, Why> {
    let (spec, status) = (node.at("spec")?, node.at("status")?);
    let (mut restarts, mut digests, mut restarted) = (0_u32, BTreeMap::new(), None);
    let said = status.at("reason")?.text()?;
    let mut reason = (!said.is_empty()).then(|| said.to_owned());
    for key in ["initContainerStatuses", "containerStatuses"] {
        for container in status.at(key)?.list()? {
            let last = container.path(&["lastState", "terminated"])?;
            if key == "containerStatuses" {
                restarts = restarts.saturating_add(container.at("restartCount")?.count()?);
                let id = container.at("imageID")?.text()?;
                if let Some((_, digest)) = id.rsplit_once("sha256:") {
                    let digest = pool.text(&format!("sha256:{digest}"));
                    digests.insert(pool.text(container.at("name")?.text()?), digest);
                }
                restarted = restarted.max(last.at("finishedAt")?.time()?);
            }
            let state = container.at("state")?;
            let waiting = state.path(&["waiting", "reason"])?.text()?;
            let ended = state.path(&["terminated", "reason"])?.text()?;
            let before = last.at("reason")?.text()?;
            for word in [before, ended, waiting] {
                // Starting is no trouble, and having done its work is none.
                if !matches!(word, "" | "Completed" | "ContainerCreating" | "PodInitializing") {
                    reason = Some(word.to_owned());
                }
            }
        }
    }
    let host = spec.at("nodeName")?.text()?;
    // Its labels are its own: with them no two pods of a StatefulSet would share a shape.
    let shape = shape(Node::of(&Value::Null), spec, pool)?;
    Ok(Fact::Pod(Arc::new(Pod {
        phase: status.at("phase")?.text()?.to_owned(),
        is_ready: holds(&conditions(status.at("conditions")?)?, "Ready"),
        node: (!host.is_empty()).then(|| pool.text(host)),
        restarts,
        reason,
        restarted,
        started: status.at("startTime")?.time()?,
        ending: node.path(&["metadata", "deletionTimestamp"])?.time()?,
        digests,
        shape,
        meta,
    })))
}

pub(super) fn scaler(node: Node<'_>, meta: Meta) -> Result<Fact, Why> {
    let (spec, status) = (node.at("spec")?, node.at("status")?);
    let target = spec.at("scaleTargetRef")?;
    let mut measured = BTreeMap::new();
    for metric in status.at("currentMetrics")?.list()? {
        let resource = metric.at("resource")?;
        let used = resource.path(&["current", "averageUtilization"])?.integer()?;
        measured.insert(resource.at("name")?.text()?, used.and_then(|used| u32::try_from(used).ok()));
    }
    let mut metrics = Vec::new();
    for metric in spec.at("metrics")?.list()? {
        let resource = metric.at("resource")?;
        if resource.raw().is_some() {
            let name = resource.at("name")?.text()?;
            let wanted = resource.path(&["target", "averageUtilization"])?.integer()?;
            let wanted = wanted.and_then(|wanted| u32::try_from(wanted).ok());
            metrics.push((name.to_owned(), wanted, measured.get(name).copied().flatten()));
        }
    }
    Ok(Fact::Scaler(Arc::new(Scaler {
        target: (target.at("kind")?.text()?.to_owned(), target.at("name")?.text()?.to_owned()),
        min: spec.at("minReplicas")?.count_or(1)?,
        max: spec.at("maxReplicas")?.count()?,
        current: status.at("currentReplicas")?.count()?,
        desired: status.at("desiredReplicas")?.count()?,
        metrics,
        meta,
    })))
}

pub(super) fn budget(node: Node<'_>, meta: Meta, pool: &mut Pool) -> Result<Fact, Why> {
    let spec = node.at("spec")?;
    let said = |key| -> Result<Option<String>, Why> {
        let written = spec.at(key)?.written()?;
        Ok((!written.is_empty()).then_some(written))
    };
    Ok(Fact::Budget(Arc::new(Budget {
        min_available: said("minAvailable")?,
        max_unavailable: said("maxUnavailable")?,
        selector: texts(spec.path(&["selector", "matchLabels"])?, pool)?,
        allowed: node.path(&["status", "disruptionsAllowed"])?.count()?,
        meta,
    })))
}
