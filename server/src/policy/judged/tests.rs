//! What judging the twin's clusters gives.

use super::read_whole;
use crate::policy::{Bundle, Policy};
use chrono::{DateTime, Utc};
use gatehouse_domain::environments::facts::{Cluster, Kind};
use gatehouse_domain::environments::guard_rails::{self, Rail, Registry, Report, Rules};
use gatehouse_domain::environments::parity;
use secrecy::SecretString;
use serde_json::json;
use twin::world::{AWS_ACCOUNT, AWS_REGION};
use twin::{ClusterId, Options, Twin};

fn now() -> DateTime<Utc> {
    "2026-11-23T09:00:00Z".parse().unwrap()
}

async fn read(twin: &Twin, id: ClusterId) -> Cluster {
    let cluster = twin.cluster(id);
    let mut config = ::kube::Config::new(cluster.url().parse().unwrap());
    config.auth_info.token = Some(SecretString::from(cluster.token()));
    read_whole(&::kube::Client::try_from(config).unwrap(), now()).await
}

fn policy() -> Policy {
    Policy::compile(&Bundle::built_in())
}

fn judge(cluster: &Cluster) -> Report {
    let registry = Registry { account: AWS_ACCOUNT.to_owned(), region: AWS_REGION.to_owned() };
    guard_rails::judge(cluster, policy().guard_rails().unwrap(), &registry)
}

fn rails(cluster: &Cluster) -> Vec<String> {
    let line = |it: &guard_rails::Finding| {
        format!("rail {} {} {}/{} {}", it.rail.code(), it.kind, it.name.namespace, it.name.name, it.field)
    };
    judge(cluster).findings().map(line).collect()
}

fn differences(left: &Cluster, right: &Cluster) -> Vec<String> {
    let policy = policy();
    let rules: &Rules = policy.guard_rails().unwrap();
    let is_ours = |namespace: &str| rules.is_ours(namespace);
    let declaration = policy.parity().unwrap();
    let compared = parity::compare(("staging", left), ("production", right), declaration, &is_ours, now());
    assert_eq!(compared.stale, [], "an explanation of the policy explains nothing");
    assert!(compared.aspects.iter().all(|aspect| aspect.gaps.is_empty() && aspect.objects > 0), "{compared:?}");
    compared.findings().map(|(aspect, it)| format!("parity {} {} {}", aspect.code(), it.object, it.field)).collect()
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

#[tokio::test]
async fn what_judging_finds_is_exactly_what_was_planted() {
    let twin = Twin::start(Options::default()).await.unwrap();
    let [production, staging, dev] = [
        read(&twin, ClusterId::Production).await,
        read(&twin, ClusterId::Staging).await,
        read(&twin, ClusterId::Development).await,
    ];
    let expected = |id| sorted(twin.cluster(id).expected());
    assert_eq!(rails(&production), Vec::<String>::new(), "production is as it was promised");
    assert_eq!(expected(ClusterId::Production), Vec::<String>::new());
    let of_staging = [rails(&staging), differences(&staging, &production)].concat();
    assert_eq!(sorted(of_staging), expected(ClusterId::Staging));
    assert_eq!(sorted(rails(&dev)), expected(ClusterId::Development));
    assert!(expected(ClusterId::Staging).len() >= 7 && expected(ClusterId::Development).len() >= 8);
    // Everything could be judged, there was something of everything, and what was left out is said.
    for cluster in [&production, &staging, &dev] {
        let report = judge(cluster);
        assert!(report.rails.iter().all(|it| it.gaps.is_empty() && it.looked_at > 0), "{report:?}");
        let outside: Vec<_> = report.outside.iter().map(|it| it.namespace.as_str()).collect();
        assert_eq!(outside, ["argocd", "cert-manager", "kube-system"]);
    }
    assert_eq!(twin.unknown_routes(), Vec::<String>::new());
}

#[tokio::test]
async fn pods_of_a_planted_workload_are_counted_on_it() {
    let twin = Twin::start(Options::default()).await.unwrap();
    let staging = judge(&read(&twin, ClusterId::Staging).await);
    let found: Vec<_> = staging.findings().filter(|it| it.rail == Rail::ReadOnlyRoot).collect();
    assert_eq!(found.iter().map(|it| it.pods).collect::<Vec<_>>(), [2]);
    assert_eq!(found.first().unwrap().seen, Some(now()));
}

#[tokio::test]
async fn a_kind_that_is_denied_and_a_cluster_that_is_silent_are_not_empty() {
    let twin = Twin::start(Options::default()).await.unwrap();
    let handle = twin.cluster(ClusterId::Production);
    handle.deny("resourcequotas", true);
    let denied = read(&twin, ClusterId::Production).await;
    let reach = denied.reach(Kind::Quota);
    assert!(!reach.is_known() && reach.trouble.unwrap().contains("ResourceQuotas could not be listed"));
    assert!(denied.reach(Kind::Pod).is_known());
    assert_eq!(rails(&denied), Vec::<String>::new(), "what nobody could read is not missing");
    handle.deny("resourcequotas", false);
    handle.expire_token(true);
    let expired = read(&twin, ClusterId::Production).await;
    assert!(!expired.reach(Kind::Pod).is_known());
    handle.expire_token(false);
    handle.set_unreachable(true);
    let silent = judge(&read(&twin, ClusterId::Production).await);
    assert!(silent.rails.iter().all(|it| it.verdict == guard_rails::Verdict::CouldNotTell), "{silent:?}");
}

#[tokio::test]
async fn a_kind_that_the_cluster_does_not_know_is_absent_and_a_poison_object_costs_nobody_else() {
    let twin = Twin::start(Options::default()).await.unwrap();
    let handle = twin.cluster(ClusterId::Production);
    assert!(handle.poison("deployments.apps", "altscore-api", "score-api"));
    assert!(handle.delete(
        "customresourcedefinitions.apiextensions.k8s.io",
        "",
        "peerauthentications.security.istio.io"
    ));
    let cluster = read(&twin, ClusterId::Production).await;
    let reach = cluster.reach(Kind::Deployment);
    assert_eq!((reach.poisoned, reach.poison.len()), (1, 1));
    assert!(reach.poison.first().unwrap().starts_with("altscore-api/score-api: "), "{reach:?}");
    assert!(cluster.workloads.len() >= 10);
    assert!(cluster.reach(Kind::PeerAuthentication).absent);
    // Without Istio nothing enforces mTLS: that is no gap, it is a finding for each namespace.
    assert!(rails(&cluster).iter().filter(|line| line.starts_with("rail strict_mtls Namespace")).count() >= 5);
}

#[tokio::test]
async fn facts_are_what_the_objects_say() {
    let twin = Twin::start(Options::default()).await.unwrap();
    let handle = twin.cluster(ClusterId::Production);
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "odd", "namespace": "altscore-data" },
        "spec": {
            "hostPID": true, "hostIPC": true, "securityContext": { "runAsUser": 7 },
            "volumes": [{ "name": "v", "hostPath": { "path": "/var/run" } }],
            "initContainers": [{ "name": "first", "image": "busybox" }],
            "containers": [{
                "name": "main", "image": "x", "securityContext": { "privileged": true, "capabilities": { "add": ["SYS_ADMIN"] } },
                "env": [
                    { "name": "A", "value": "plain" }, { "name": "B_TOKEN", "value": "v" },
                    { "name": "C", "valueFrom": { "fieldRef": { "fieldPath": "status.podIP" } } },
                    { "name": "D", "valueFrom": { "configMapKeyRef": { "name": "c", "key": "k" } } },
                ],
                "envFrom": [{ "secretRef": { "name": "s" } }],
            }],
        },
    });
    handle.put(pod).unwrap();
    let found = rails(&read(&twin, ClusterId::Production).await);
    let odd = |rail: &str, field: &str| format!("rail {rail} Pod altscore-data/odd {field}");
    let expected = [
        odd("images", "containers[main].image"),
        odd("images", "containers[main].image"),
        odd("images", "initContainers[first].image"),
        odd("images", "initContainers[first].image"),
        odd("no_escalation", "containers[main].securityContext.allowPrivilegeEscalation"),
        odd("no_escalation", "initContainers[first].securityContext.allowPrivilegeEscalation"),
        odd("no_host", "containers[main].securityContext.privileged"),
        odd("no_host", "hostIPC"),
        odd("no_host", "hostPID"),
        odd("no_host", "volumes[hostPath /var/run]"),
        odd("no_secret_env", "containers[main].env[B_TOKEN]"),
        odd("no_secret_env", "containers[main].envFrom"),
        odd("non_root", "containers[main].securityContext.runAsNonRoot"),
        odd("non_root", "initContainers[first].securityContext.runAsNonRoot"),
        odd("read_only_root", "containers[main].securityContext.readOnlyRootFilesystem"),
        odd("read_only_root", "initContainers[first].securityContext.readOnlyRootFilesystem"),
    ];
    assert_eq!(sorted(found), sorted(expected.into()));
}
