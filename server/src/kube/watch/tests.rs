//! The real watches against the twin's clusters.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
use super::{Mirror, Pace, run};
use crate::context::Entropy;
use crate::kube::Client;
use gatehouse_domain::environments::facts::{Cluster, Kind, Name};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::{CancellationToken, DropGuard};
use twin::{ClusterId, KubernetesHandle, Options, Twin};

const NAMESPACE: &str = "altscore-api";
const NAME: &str = "score-api";
const PATIENCE: Duration = Duration::from_secs(20);

/// Nothing waits for long, but everything waits.
const PACE: Pace = Pace {
    first: Duration::from_millis(40),
    longest: Duration::from_millis(200),
    absent: Duration::from_millis(200),
    gather: Duration::from_millis(20),
    stands: Duration::from_millis(100),
};

struct Seen {
    cluster: KubernetesHandle,
    mirror: Mirror,
    _stop: DropGuard,
}

fn watch(twin: &Twin, id: ClusterId) -> Seen {
    let cluster = twin.cluster(id);
    let client = Client::connect(&cluster.url().parse().unwrap(), &cluster.token().into(), None).unwrap();
    let (mirror, stop) = (Mirror::new(Arc::default()), CancellationToken::new());
    tokio::spawn(run(client, mirror.clone(), Entropy::from_number(5), PACE, stop.clone()));
    Seen { cluster, mirror, _stop: stop.drop_guard() }
}

impl Seen {
    async fn until(&self, what: &str, is_so: impl Fn(&Cluster) -> bool) -> Arc<Cluster> {
        let wait = async {
            loop {
                let now = self.mirror.snapshot();
                if is_so(&now) {
                    return now;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        match tokio::time::timeout(PATIENCE, wait).await {
            Ok(cluster) => cluster,
            Err(_) => unreachable!("never: {what}; {:#?}", self.mirror.snapshot().reach),
        }
    }

    async fn all_known(&self) -> Arc<Cluster> {
        self.until("every kind is known", |it| super::ALL.iter().all(|kind| it.reach(*kind).is_known())).await
    }
}

fn name(namespace: &str, name: &str) -> Name {
    Name { namespace: namespace.into(), name: name.into() }
}

fn wanted(cluster: &Cluster) -> Option<u32> {
    Some(cluster.workloads.get(&(Kind::Deployment, name(NAMESPACE, NAME)))?.wanted)
}

fn trouble(cluster: &Cluster, kind: Kind) -> String {
    cluster.reach(kind).trouble.unwrap_or_default()
}

#[tokio::test]
async fn what_is_there_is_seen_as_it_is_with_every_kind() {
    let twin = Twin::start(Options::default()).await.unwrap();
    let seen = watch(&twin, ClusterId::Production);
    let cluster = seen.all_known().await;
    let deployment = cluster.workloads.get(&(Kind::Deployment, name(NAMESPACE, NAME))).unwrap();
    let image = seen.cluster.image(NAMESPACE, NAME, NAME).unwrap();
    assert_eq!(deployment.template.containers.first().map(|it| it.image.clone()), Some(image));
    for (kind, plural) in [
        (Kind::Pod, "pods"),
        (Kind::ReplicaSet, "replicasets.apps"),
        (Kind::ConfigMap, "configmaps"),
        (Kind::NetworkPolicy, "networkpolicies.networking.k8s.io"),
    ] {
        let there: Vec<String> = match kind {
            Kind::Pod => {
                cluster.pods.keys().filter(|it| &*it.namespace == NAMESPACE).map(|it| it.name.to_string()).collect()
            }
            Kind::ReplicaSet => cluster
                .replica_sets
                .keys()
                .filter(|it| &*it.namespace == NAMESPACE)
                .map(|it| it.name.to_string())
                .collect(),
            Kind::ConfigMap => cluster
                .config_maps
                .keys()
                .filter(|it| &*it.namespace == NAMESPACE)
                .map(|it| it.name.to_string())
                .collect(),
            _ => cluster
                .network_policies
                .keys()
                .filter(|it| &*it.namespace == NAMESPACE)
                .map(|it| it.name.to_string())
                .collect(),
        };
        assert_eq!(there, seen.cluster.names(plural, NAMESPACE), "{plural}");
    }
    assert!(!cluster.nodes.is_empty() && !cluster.namespaces.is_empty() && !cluster.scalers.is_empty());
    let all: Vec<u32> = super::ALL.iter().map(|kind| cluster.reach(*kind).poisoned).collect();
    assert_eq!(all, vec![0; super::ALL.len()], "{:#?}", cluster.reach);
    assert_eq!(twin.unknown_routes(), Vec::<String>::new());
}

#[tokio::test]
async fn an_edit_and_a_deletion_are_seen_and_two_clusters_do_not_mix() {
    let twin = Twin::start(Options::default()).await.unwrap();
    let (seen, other) = (watch(&twin, ClusterId::Production), watch(&twin, ClusterId::Staging));
    seen.all_known().await;
    let before = wanted(&*other.all_known().await);
    assert!(seen.cluster.patch("deployments.apps", NAMESPACE, NAME, &json!({ "spec": { "replicas": 9 } })));
    let held = seen.until("the edit", |it| wanted(it) == Some(9)).await;
    seen.cluster.remove(NAMESPACE, NAME);
    seen.until("the deletion", |it| wanted(it).is_none()).await;
    seen.until("its pods go too", |it| {
        !it.pods.values().any(|pod| pod.meta.labels.get("app").is_some_and(|app| &**app == NAME))
    })
    .await;
    assert_eq!(wanted(&held), Some(9), "a moment that somebody holds stays what it was");
    assert_eq!(wanted(&other.mirror.snapshot()), before);
}

#[tokio::test]
async fn a_broken_watch_and_a_forgotten_past_lose_nothing_and_are_no_trouble() {
    let twin = Twin::start(Options::default()).await.unwrap();
    let seen = watch(&twin, ClusterId::Production);
    seen.all_known().await;
    for (replicas, is_dropped) in [(7, true), (8, false)] {
        if is_dropped {
            seen.cluster.drop_watches()
        } else {
            seen.cluster.compact()
        }
        assert!(seen.cluster.patch("deployments.apps", NAMESPACE, NAME, &json!({ "spec": { "replicas": replicas } })));
        let cluster = seen.until("the edit after it", |it| wanted(it) == Some(replicas)).await;
        assert_eq!(trouble(&cluster, Kind::Deployment), "");
    }
    // What went away meanwhile is away.
    seen.cluster.drop_watches();
    seen.cluster.remove(NAMESPACE, NAME);
    seen.until("the deletion", |it| wanted(it).is_none()).await;
}

#[tokio::test]
async fn one_kind_that_may_not_be_read_says_so_keeps_its_data_and_comes_back() {
    let twin = Twin::start(Options::default()).await.unwrap();
    let seen = watch(&twin, ClusterId::Production);
    let before = seen.all_known().await;
    seen.cluster.deny("pods", true);
    let denied = seen.until("the refusal", |it| it.reach(Kind::Pod).trouble.is_some()).await;
    assert_eq!(
        trouble(&denied, Kind::Pod),
        "The token may not read pods. Give its role the verbs list and watch on pods."
    );
    assert!(!denied.reach(Kind::Pod).is_known() && denied.pods.len() == before.pods.len());
    let as_of = denied.reach(Kind::Pod).as_of.unwrap();
    seen.until("the others go on", |it| it.reach(Kind::Node).as_of > Some(as_of + Duration::from_millis(300))).await;
    assert_eq!(seen.mirror.snapshot().reach(Kind::Pod).as_of, Some(as_of), "what is not read does not grow younger");
    assert!(seen.mirror.snapshot().reach(Kind::Node).is_known());
    seen.cluster.deny("pods", false);
    seen.all_known().await;
}

#[tokio::test]
async fn an_expired_token_and_a_cluster_that_is_away_are_told_apart_and_end() {
    let twin = Twin::start(Options::default()).await.unwrap();
    let seen = watch(&twin, ClusterId::Production);
    let before = seen.all_known().await;
    let in_trouble = |it: &Cluster| super::ALL.iter().all(|kind| it.reach(*kind).trouble.is_some());
    seen.cluster.expire_token(true);
    let expired = seen.until("the token is not taken", in_trouble).await;
    assert!(trouble(&expired, Kind::Node).starts_with("The cluster does not take the token."), "{:?}", expired.reach);
    seen.cluster.expire_token(false);
    seen.all_known().await;
    seen.cluster.set_unreachable(true);
    let away = seen.until("nobody answers", in_trouble).await;
    assert!(trouble(&away, Kind::Node).starts_with("The cluster"), "{:?}", away.reach);
    assert!(!trouble(&away, Kind::Node).contains("token"));
    assert_eq!(away.pods.len(), before.pods.len(), "the last that was seen is kept");
    seen.cluster.set_unreachable(false);
    assert!(seen.cluster.patch("deployments.apps", NAMESPACE, NAME, &json!({ "spec": { "replicas": 6 } })));
    seen.until("the cluster is back", |it| wanted(it) == Some(6)).await;
    seen.all_known().await;
}

#[tokio::test]
async fn a_poisoned_object_is_named_and_left_out_and_the_watch_goes_on() {
    let twin = Twin::start(Options::default()).await.unwrap();
    let seen = watch(&twin, ClusterId::Production);
    seen.all_known().await;
    assert!(seen.cluster.poison("deployments.apps", NAMESPACE, NAME));
    let cluster = seen.until("the poison is named", |it| it.reach(Kind::Deployment).poisoned == 1).await;
    let reach = cluster.reach(Kind::Deployment);
    assert_eq!(reach.poison, ["altscore-api/score-api: spec is not an object"]);
    assert!(reach.is_known() && wanted(&cluster).is_none());
    seen.cluster.put(json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "namespace": NAMESPACE, "name": "after" },
        "spec": { "replicas": 2, "selector": { "matchLabels": { "app": "after" } }, "template": {
            "metadata": { "labels": { "app": "after" } }, "spec": { "containers": [{ "name": "a", "image": "a" }] } } },
    })).unwrap();
    let after = (Kind::Deployment, name(NAMESPACE, "after"));
    seen.until("what came after it", |it| it.workloads.contains_key(&after)).await;
    // A list with poison in it is as good as a watch.
    seen.cluster.compact();
    seen.cluster.drop_watches();
    seen.cluster.delete("deployments.apps", NAMESPACE, "after");
    let cluster = seen.until("the list", |it| !it.workloads.contains_key(&after)).await;
    assert_eq!(cluster.reach(Kind::Deployment).poisoned, 1);
    seen.cluster.remove(NAMESPACE, NAME);
    seen.until("the poison is gone", |it| it.reach(Kind::Deployment).poisoned == 0).await;
}

#[tokio::test]
async fn a_large_object_is_read_like_every_other_and_leaves_only_digests() {
    let twin = Twin::start(Options::default()).await.unwrap();
    let seen = watch(&twin, ClusterId::Production);
    seen.all_known().await;
    let value = "x".repeat(1_000_000);
    seen.cluster
        .put(json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "namespace": NAMESPACE, "name": "large" },
            "data": { "all": value },
        }))
        .unwrap();
    let key = name(NAMESPACE, "large");
    let cluster = seen.until("the large object", |it| it.config_maps.contains_key(&key)).await;
    assert!(format!("{:?}", cluster.config_maps.get(&key)).len() < 1_000);
    assert!(cluster.reach(Kind::ConfigMap).is_known());
}

#[tokio::test]
async fn a_kind_that_the_cluster_does_not_know_is_absent_until_it_appears() {
    let twin = Twin::start(Options::default()).await.unwrap();
    let cluster = twin.cluster(ClusterId::Production);
    let crd = cluster.get("customresourcedefinitions.apiextensions.k8s.io", "", "canaries.flagger.app").unwrap();
    assert!(cluster.delete("customresourcedefinitions.apiextensions.k8s.io", "", "canaries.flagger.app"));
    let seen = watch(&twin, ClusterId::Production);
    let absent = seen.all_known().await;
    assert!(absent.reach(Kind::Canary).absent && absent.canaries.is_empty());
    let mut fresh =
        json!({ "apiVersion": crd["apiVersion"], "kind": crd["kind"], "metadata": { "name": "canaries.flagger.app" } });
    fresh["spec"] = crd["spec"].clone();
    cluster.put(fresh).unwrap();
    seen.until("the kind appears", |it| !it.reach(Kind::Canary).absent && it.reach(Kind::Canary).is_known()).await;
}

/// What this process has in memory, twin and all.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap() * 1_024
}

/// `cargo test -p gatehouse --lib -- --ignored --nocapture fifty_thousand`
#[tokio::test(flavor = "multi_thread")]
#[ignore = "half a minute, and it measures the memory of its process"]
async fn fifty_thousand_pods_are_held_in_bounded_memory_beside_poison_and_a_large_object() {
    const PODS: usize = 50_000;
    let twin = Twin::start(Options::default()).await.unwrap();
    let cluster = twin.cluster(ClusterId::Production);
    let few = cluster.names("pods", "filler").len() + watch(&twin, ClusterId::Production).all_known().await.pods.len();
    cluster.add_pods("filler", "filler", PODS);
    cluster
        .put(json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "namespace": NAMESPACE, "name": "large" },
            "data": { "all": "x".repeat(1_000_000) },
        }))
        .unwrap();
    assert!(cluster.poison("pods", "filler", "filler-7"));
    let (before, start) = (resident(), std::time::Instant::now());
    let seen = watch(&twin, ClusterId::Production);
    let wait = async {
        while seen.mirror.snapshot().pods.len() + 1 < few + PODS {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(180), wait).await.unwrap();
    let cluster_seen = seen.all_known().await;
    let (took, grown) = (start.elapsed(), resident().saturating_sub(before));
    println!("{PODS} pods whole after {took:?}, resident memory grew by {} MB", grown / 1_000_000);
    assert_eq!(cluster_seen.pods.len() + 1, few + PODS);
    assert_eq!(cluster_seen.reach(Kind::Pod).poison, ["filler/filler-7: spec is not an object"]);
    assert!(cluster_seen.config_maps.contains_key(&name(NAMESPACE, "large")));
    assert!(grown < 400_000_000, "{grown}");
    // And it goes on.
    assert!(cluster.touch_pod("filler", "filler-49999", 3));
    let last = name("filler", "filler-49999");
    seen.until("an event", |it| it.pods.get(&last).is_some_and(|pod| pod.restarts == 3)).await;
}
