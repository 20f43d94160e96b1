//! What other operators say: Istio, cert-manager, Argo CD, Flagger.

use super::node::Node;
use super::{Why, conditions, holds};
use crate::kube::watch::fact::Fact;
use gatehouse_domain::environments::facts::{Application, Canary, Certificate, Meta, PeerAuthentication};
use std::sync::Arc;

pub(super) fn peer_authentication(node: Node<'_>, meta: Meta) -> Result<Fact, Why> {
    let spec = node.at("spec")?;
    let ports = spec.at("portLevelMtls")?.members()?;
    let ports: Result<_, Why> =
        ports.map(|(port, it)| Ok((port.to_owned(), it.at("mode")?.text()?.to_owned()))).collect();
    Ok(Fact::PeerAuthentication(Arc::new(PeerAuthentication {
        has_selector: spec.path(&["selector", "matchLabels"])?.map()?.is_some_and(|labels| !labels.is_empty()),
        mode: spec.path(&["mtls", "mode"])?.text()?.to_owned(),
        ports: ports?,
        meta,
    })))
}

pub(super) fn certificate(node: Node<'_>, meta: Meta) -> Result<Fact, Why> {
    let status = node.at("status")?;
    let dns_names: Result<_, Why> =
        node.path(&["spec", "dnsNames"])?.list()?.map(|it| Ok(it.text()?.to_owned())).collect();
    Ok(Fact::Certificate(Arc::new(Certificate {
        is_ready: holds(&conditions(status.at("conditions")?)?, "Ready"),
        not_after: status.at("notAfter")?.time()?,
        renewal: status.at("renewalTime")?.time()?,
        dns_names: dns_names?,
        meta,
    })))
}

pub(super) fn application(node: Node<'_>, meta: Meta) -> Result<Fact, Why> {
    let status = node.at("status")?;
    Ok(Fact::Application(Arc::new(Application {
        sync: status.path(&["sync", "status"])?.text()?.to_owned(),
        health: status.path(&["health", "status"])?.text()?.to_owned(),
        revision: status.path(&["sync", "revision"])?.text()?.to_owned(),
        reconciled: status.at("reconciledAt")?.time()?,
        destination: node.path(&["spec", "destination", "namespace"])?.text()?.to_owned(),
        meta,
    })))
}

pub(super) fn canary(node: Node<'_>, meta: Meta) -> Result<Fact, Why> {
    let status = node.at("status")?;
    Ok(Fact::Canary(Arc::new(Canary {
        phase: status.at("phase")?.text()?.to_owned(),
        weight: status.at("canaryWeight")?.count()?,
        failed_checks: status.at("failedChecks")?.count()?,
        target: node.path(&["spec", "targetRef", "name"])?.text()?.to_owned(),
        meta,
    })))
}
