#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod semantics;
mod verdicts;

use super::super::facts::*;
use super::*;
use std::sync::Arc;

const RULES: &str = include_str!("../../../../../policies/guard-rails.json");

fn rules() -> Rules {
    Rules::parse(RULES).unwrap()
}

fn judged(cluster: &Cluster) -> Report {
    judge(cluster, &rules(), &Registry { account: "210987654321".to_owned(), region: "ap-south-1".to_owned() })
}

fn at(minute: u32) -> DateTime<Utc> {
    format!("2026-11-22T14:{minute:02}:00Z").parse().unwrap()
}

fn meta(namespace: &str, name: &str) -> Meta {
    let name = Name { namespace: namespace.into(), name: name.into() };
    Meta { name, seen: Some(at(5)), ..Meta::default() }
}

fn image() -> String {
    format!("210987654321.dkr.ecr.ap-south-1.amazonaws.com/altscore/score-api@sha256:{}", "a".repeat(64))
}

fn container(name: &str) -> Container {
    let security = Security {
        run_as_non_root: Some(true),
        read_only_root: Some(true),
        privilege_escalation: Some(false),
        ..Security::default()
    };
    Container { name: name.to_owned(), image: image(), security, ..Container::default() }
}

fn shape(change: impl FnOnce(&mut PodShape)) -> Arc<PodShape> {
    let mut shape = PodShape { containers: vec![container("api")], ..PodShape::default() };
    change(&mut shape);
    Arc::new(shape)
}

/// A Deployment of `altscore-api`, its ReplicaSet, and as many pods.
fn put(cluster: &mut Cluster, name: &str, shape: &Arc<PodShape>, pods: u32) {
    let meta_of = |kind: Option<(&str, &str)>, name: &str| {
        let owner = kind.map(|(kind, name)| (kind.into(), name.into()));
        Meta { owner, ..meta("altscore-api", name) }
    };
    let workload = Workload { meta: meta_of(None, name), template: shape.clone(), ..Workload::default() };
    cluster.workloads.insert((Kind::Deployment, workload.meta.name.clone()), Arc::new(workload));
    let set = format!("{name}-5d9c");
    let replica_set = ReplicaSet { meta: meta_of(Some(("Deployment", name)), &set), ..ReplicaSet::default() };
    cluster.replica_sets.insert(replica_set.meta.name.clone(), Arc::new(replica_set));
    for index in 0..pods {
        let meta = meta_of(Some(("ReplicaSet", &set)), &format!("{set}-{index}"));
        cluster.pods.insert(meta.name.clone(), Arc::new(Pod { meta, shape: shape.clone(), ..Pod::default() }));
    }
}

/// A cluster in which everything is as promised.
fn good() -> Cluster {
    let mut cluster = Cluster::default();
    let needed = Rail::ALL.into_iter().flat_map(|rail| rail.needs().iter().copied());
    cluster.reach = needed.map(|kind| (kind, Reach { as_of: Some(at(9)), ..Reach::default() })).collect();
    for namespace in ["altscore-api", "istio-system"] {
        let own = meta("", namespace);
        cluster.namespaces.insert(own.name.clone(), Arc::new(Namespace { meta: own, ..Namespace::default() }));
        let (quota, policy) = (meta(namespace, "quota"), meta(namespace, "deny-all"));
        let hard = [("requests.cpu".to_owned(), "4".to_owned())].into();
        cluster.quotas.insert(quota.name.clone(), Arc::new(Quota { meta: quota, hard, ..Quota::default() }));
        let types = ["Ingress", "Egress"].map(str::to_owned).into();
        let policy = NetworkPolicy { meta: policy, selects_all: true, types, ..NetworkPolicy::default() };
        cluster.network_policies.insert(policy.meta.name.clone(), Arc::new(policy));
    }
    mesh(&mut cluster, "istio-system", "default", "STRICT", |_| {});
    put(&mut cluster, "score-api", &shape(|_| {}), 3);
    scale(&mut cluster, |_| {});
    cluster
}

fn mesh(cluster: &mut Cluster, namespace: &str, name: &str, mode: &str, change: impl FnOnce(&mut PeerAuthentication)) {
    let meta = meta(namespace, name);
    let mut wish = PeerAuthentication { meta, mode: mode.to_owned(), ..PeerAuthentication::default() };
    change(&mut wish);
    cluster.mtls.insert(wish.meta.name.clone(), Arc::new(wish));
}

fn scale(cluster: &mut Cluster, change: impl FnOnce(&mut Scaler)) {
    let mut scaler = Scaler {
        meta: meta("altscore-api", "score-api"),
        target: ("Deployment".to_owned(), "score-api".to_owned()),
        min: 3,
        max: 20,
        current: 3,
        desired: 3,
        metrics: vec![("cpu".to_owned(), Some(70), Some(41))],
    };
    change(&mut scaler);
    cluster.scalers.insert(scaler.meta.name.clone(), Arc::new(scaler));
}

/// `rail kind namespace/name field tone`, one a line.
fn lines(cluster: &Cluster) -> Vec<String> {
    let line = |it: &Finding| {
        let tone = format!("{:?}", it.tone);
        format!("{} {} {}/{} {} {tone}", it.rail.code(), it.kind, it.name.namespace, it.name.name, it.field)
    };
    judged(cluster).findings().map(line).collect()
}

fn of(cluster: &Cluster, rail: Rail) -> Judged {
    judged(cluster).rails.into_iter().find(|judged| judged.rail == rail).unwrap()
}
