use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{DeleteParams, DynamicObject, ListParams, PostParams};
use kube::core::{ApiResource, GroupVersionKind, Status};
use kube::discovery::{Discovery, verbs};
use kube::{Api, Client, Config, ResourceExt};
use serde_json::json;
use twin::{ClusterId, KubernetesHandle, Twin};

use super::twin;

fn connect(cluster: &KubernetesHandle, token: &str) -> Client {
    let mut config = Config::new(cluster.url().parse().unwrap());
    // What is refused is refused once.
    config.default_retry = false;
    config.auth_info.token = Some(token.to_owned().into());
    Client::try_from(config).unwrap()
}

pub(crate) fn client(twin: &Twin) -> Client {
    connect(&twin.kubernetes(), &twin.secrets().kubernetes)
}

/// What the server said when it refused.
pub(crate) fn status_of<T: std::fmt::Debug>(result: kube::Result<T>) -> Status {
    let kube::Error::Api(status) = result.unwrap_err() else { panic!("not a Status") };
    *status
}

#[tokio::test]
async fn kube_reads_what_production_runs() {
    let twin = twin().await;
    let client = client(&twin);
    assert_eq!(client.apiserver_version().await.unwrap().minor, "33");
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), "altscore-api");
    let it = deployments.get("score-api").await.unwrap();
    let container = it.spec.template.spec.unwrap().containers.remove(0);
    assert!(
        container
            .image
            .unwrap()
            .starts_with("210987654321.dkr.ecr.ap-south-1.amazonaws.com/altscore/score-api@sha256:")
    );
    assert_eq!(deployments.list(&ListParams::default()).await.unwrap().items.len(), 6);
    let pods: Api<Pod> = Api::namespaced(client.clone(), "altscore-api");
    let of_score = ListParams::default().labels("app.kubernetes.io/name=score-api");
    assert_eq!(pods.list(&of_score).await.unwrap().items.len(), 3);
    twin.kubernetes()
        .set_image("altscore-api", "score-api", "score-api", "elsewhere.example/score-api@sha256:00")
        .unwrap();
    let changed = deployments.get("score-api").await.unwrap();
    assert_eq!(changed.metadata.generation, Some(it.metadata.generation.unwrap() + 1));
    let missing = status_of(deployments.get("nobody").await);
    assert_eq!((missing.code, missing.reason.as_str()), (404, "NotFound"));
    assert!(twin.unknown_routes().is_empty());
}

#[tokio::test]
async fn each_cluster_wants_its_own_token() {
    let twin = twin().await;
    let others = [ClusterId::Staging, ClusterId::Development].map(|id| twin.cluster(id).token());
    for token in ["another", "", &others[0], &others[1]] {
        let deployments: Api<Deployment> = Api::namespaced(connect(&twin.kubernetes(), token), "altscore-api");
        let refused = status_of(deployments.get("score-api").await);
        assert_eq!((refused.code, refused.reason.as_str()), (401, "Unauthorized"));
    }
    let deployments: Api<Deployment> = Api::namespaced(client(&twin), "altscore-api");
    twin.kubernetes().expire_token(true);
    assert_eq!(status_of(deployments.get("score-api").await).code, 401);
    twin.kubernetes().expire_token(false);
    deployments.get("score-api").await.unwrap();
}

#[tokio::test]
async fn three_clusters_differ_where_it_is_planted() {
    let twin = twin().await;
    let mut sizes = Vec::new();
    for id in ClusterId::ALL {
        let cluster = twin.cluster(id);
        let nodes = cluster.names("nodes", "").len();
        let pods: Api<Pod> = Api::namespaced(connect(&cluster, &cluster.token()), "altscore-api");
        sizes.push((id.name(), nodes, pods.list(&ListParams::default()).await.unwrap().items.len()));
    }
    assert_eq!(sizes, [("production", 8, 14), ("staging", 8, 14), ("dev", 2, 6)]);
    let (production, staging) = (twin.kubernetes(), twin.cluster(ClusterId::Staging));
    let planted = staging.planted();
    assert_eq!((planted.len(), production.planted().len()), (5, 0));
    // What is said of dev is so: nothing there is misnamed.
    let dev = twin.cluster(ClusterId::Development);
    assert!(dev.get("resourcequotas", "altscore-data", "quota").is_none());
    for (kind, namespace, name) in dev.planted().into_keys().filter(|(kind, ..)| kind != "resourcequotas") {
        let (here, there) = (dev.get(&kind, &namespace, &name), production.get(&kind, &namespace, &name));
        assert!(
            here.is_some()
                && there.is_some()
                && here.map(|it| it["spec"].clone()) != there.map(|it| it["spec"].clone()),
            "{name}"
        );
    }
    // Nothing of staging's configuration differs that was not planted; what is merged runs there first.
    let bare = |cluster: &KubernetesHandle, kind: &str, namespace: &str, name: &str| {
        let mut it = cluster.get(kind, namespace, name)?;
        it["metadata"] = json!({ "labels": it["metadata"]["labels"] });
        for member in ["status", "subjects"] {
            it.as_object_mut().unwrap().remove(member);
        }
        let text = it.to_string().replace("staging", "production");
        Some(text.split('"').filter(|word| !word.contains("@sha256:")).collect::<Vec<_>>().join("\""))
    };
    let namespaces = production.names("namespaces", "");
    let mut found = Vec::new();
    for kind in [
        "deployments.apps",
        "networkpolicies.networking.k8s.io",
        "configmaps",
        "resourcequotas",
        "poddisruptionbudgets.policy",
        "peerauthentications.security.istio.io",
    ] {
        for namespace in &namespaces {
            for name in production.names(kind, namespace) {
                if bare(&production, kind, namespace, &name) != bare(&staging, kind, namespace, &name) {
                    found.push((kind.to_owned(), namespace.clone(), name));
                }
            }
        }
    }
    for name in production.names("nodes", "") {
        if bare(&production, "nodes", "", &name) != bare(&staging, "nodes", "", &name) {
            found.push(("nodes".to_owned(), String::new(), name));
        }
    }
    found.sort();
    assert_eq!(found, planted.into_keys().collect::<Vec<_>>());
}

#[tokio::test]
async fn discovery_tells_every_kind_and_a_definition_adds_one() {
    let twin = twin().await;
    let client = client(&twin);
    let by_group = Discovery::new(client.clone()).run().await.unwrap();
    let at_once = Discovery::new(client.clone()).run_aggregated().await.unwrap();
    for found in [&by_group, &at_once] {
        let pod = found.resolve_gvk(&GroupVersionKind::gvk("", "v1", "Pod")).unwrap();
        assert!(pod.0.plural == "pods" && pod.1.supports_operation(verbs::WATCH));
        let rollout = found.resolve_gvk(&GroupVersionKind::gvk("argoproj.io", "v1alpha1", "Rollout")).unwrap();
        assert!(rollout.1.subresources.iter().any(|(door, _)| door.plural.ends_with("scale")));
        assert!(found.resolve_gvk(&GroupVersionKind::gvk("example.com", "v1", "Widget")).is_none());
    }
    let widgets = ApiResource::from_gvk(&GroupVersionKind::gvk("example.com", "v1", "Widget"));
    let widgets: Api<DynamicObject> = Api::namespaced_with(client.clone(), "altscore-api", &widgets);
    let absent = status_of(widgets.list(&ListParams::default()).await);
    assert_eq!((absent.code, absent.message.as_str()), (404, "the server could not find the requested resource"));
    let definition: CustomResourceDefinition = serde_json::from_value(json!({
        "metadata": { "name": "widgets.example.com" },
        "spec": {
            "group": "example.com", "scope": "Namespaced", "names": { "kind": "Widget", "plural": "widgets", "singular": "widget" },
            "versions": [{ "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": { "type": "object" } } }],
        },
    }))
    .unwrap();
    let definitions: Api<CustomResourceDefinition> = Api::all(client.clone());
    definitions.create(&PostParams::default(), &definition).await.unwrap();
    let widget =
        json!({ "apiVersion": "example.com/v1", "kind": "Widget", "metadata": { "generateName": "w-" }, "size": 3 });
    let made = widgets.create(&PostParams::default(), &serde_json::from_value(widget).unwrap()).await.unwrap();
    assert!(made.name_any().starts_with("w-") && made.name_any().len() == 7, "{}", made.name_any());
    assert_eq!(widgets.list(&ListParams::default()).await.unwrap().items[0].data["size"], 3);
    definitions.delete("widgets.example.com", &DeleteParams::default()).await.unwrap();
    assert_eq!(status_of(widgets.list(&ListParams::default()).await).code, 404);
    assert!(twin.unknown_routes().is_empty(), "a kind that nobody defined is no unknown route");
}

#[tokio::test]
async fn a_list_in_chunks_is_of_one_moment_or_410() {
    let twin = twin().await;
    let cluster = twin.kubernetes();
    cluster.add_pods("altscore-data", "it", 10);
    let pods: Api<Pod> = Api::namespaced(client(&twin), "altscore-data");
    let page = |token: Option<String>| {
        let params = ListParams::default().limit(4);
        let params = token.iter().fold(params, |params, token| params.continue_token(token));
        let pods = pods.clone();
        async move { pods.list(&params).await }
    };
    let names = |list: &kube::core::ObjectList<Pod>| list.items.iter().map(ResourceExt::name_any).collect::<Vec<_>>();
    let first = page(None).await.unwrap();
    assert_eq!(
        (names(&first), first.metadata.remaining_item_count),
        (vec!["it-0".into(), "it-1".into(), "it-2".into(), "it-3".into()], Some(6))
    );
    // Meanwhile one goes, one comes, one changes: the second chunk knows nothing of it.
    cluster.delete("pods", "altscore-data", "it-5");
    cluster.add_pods("altscore-data", "it-4-and", 1);
    cluster.touch_pod("altscore-data", "it-6", 9);
    let second = page(first.metadata.continue_.clone()).await.unwrap();
    assert_eq!(names(&second), ["it-4", "it-5", "it-6", "it-7"]);
    assert_eq!(second.items[2].status.as_ref().unwrap().container_statuses.as_ref().unwrap()[0].restart_count, 0);
    assert_eq!(second.metadata.resource_version, first.metadata.resource_version);
    cluster.compact();
    let expired = status_of(page(second.metadata.continue_).await);
    assert_eq!((expired.code, expired.reason.as_str()), (410, "Expired"));
    assert_eq!(
        status_of(pods.list(&ListParams::default().at("999999").matching(kube::api::VersionMatch::NotOlderThan)).await)
            .code,
        504
    );
}

#[tokio::test]
async fn selectors_choose_by_labels_and_by_the_fields_of_a_kind() {
    let twin = twin().await;
    let pods: Api<Pod> = Api::all(client(&twin));
    let count = |params: ListParams| {
        let pods = pods.clone();
        async move { pods.list(&params).await.map(|list| list.items.len()) }
    };
    let name = "app.kubernetes.io/name";
    for (labels, expected) in [
        (format!("{name} in (score-api, admin-service)"), 5),
        (format!("{name} in (score-api,admin-service),{name}!=score-api"), 2),
        (format!("{name} notin (score-api),altscore.example/team=scoring"), 2),
        (format!("{name}==score-api,!absent"), 3),
        ("absent".to_owned(), 0),
    ] {
        assert_eq!(count(ListParams::default().labels(&labels)).await.unwrap(), expected, "{labels}");
    }
    twin.kubernetes().add_pods("altscore-data", "it", 3);
    assert_eq!(count(ListParams::default().fields("spec.nodeName=filler,metadata.name!=it-1")).await.unwrap(), 2);
    assert_eq!(count(ListParams::default().fields("status.phase=Failed")).await.unwrap(), 0);
    let refused = status_of(count(ListParams::default().fields("spec.colour=red")).await);
    assert!(refused.code == 400 && refused.message.ends_with("field label not supported: spec.colour"), "{refused:?}");
}

#[tokio::test]
async fn what_goes_wrong_goes_wrong_by_name() {
    let twin = twin().await;
    let cluster = twin.kubernetes();
    let pods: Api<Pod> = Api::namespaced(client(&twin), "altscore-api");
    cluster.deny("pods", true);
    let denied = status_of(pods.list(&ListParams::default()).await);
    assert_eq!((denied.code, denied.reason.as_str()), (403, "Forbidden"));
    assert_eq!(
        denied.message,
        "pods is forbidden: User \"gatehouse\" cannot list resource \"pods\" in API group \"\" in the namespace \"altscore-api\""
    );
    cluster.deny("pods", false);
    twin.faults().fail("kube.pods", 503, 1);
    let down = status_of(pods.list(&ListParams::default()).await);
    assert_eq!((down.code, down.reason.as_str()), (503, "ServiceUnavailable"));
    // Another cluster's faults are its own.
    twin.faults().fail("kube.staging.pods", 503, 1);
    pods.list(&ListParams::default()).await.unwrap();
    cluster.set_unreachable(true);
    assert!(!matches!(pods.list(&ListParams::default()).await.unwrap_err(), kube::Error::Api(_)));
    cluster.set_unreachable(false);
    pods.list(&ListParams::default()).await.unwrap();
}
