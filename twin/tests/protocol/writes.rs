//! Writing, by the real client: what the API server lets in, refuses, merges and takes along.

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Pod};
use kube::api::{DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PostParams};
use kube::core::{ApiResource, GroupVersionKind};
use kube::{Api, Client};
use serde_json::{Value, json};

use super::kubernetes::{client, status_of};
use super::twin;

const NS: &str = "altscore-api";

fn maps(client: &Client) -> Api<ConfigMap> {
    Api::namespaced(client.clone(), NS)
}

fn map(name: &str, data: &Value) -> ConfigMap {
    serde_json::from_value(json!({ "metadata": { "name": name }, "data": data })).unwrap()
}

fn web(image: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web" },
        "spec": {
            "replicas": 2, "selector": { "matchLabels": { "app": "web" } },
            "template": {
                "metadata": { "labels": { "app": "web" } },
                "spec": { "containers": [{ "name": "web", "image": image, "ports": [{ "containerPort": 80 }] }] },
            },
        },
    })
}

#[tokio::test]
async fn a_write_is_refused_in_the_servers_own_words() {
    let twin = twin().await;
    let client = client(&twin);
    let maps = maps(&client);
    let post = PostParams::default();
    let made = maps.create(&post, &map("one", &json!({ "a": "1" }))).await.unwrap();
    let again = status_of(maps.create(&post, &made_anew(&made)).await);
    assert_eq!((again.code, again.reason.as_str()), (409, "AlreadyExists"));
    assert_eq!(again.message, "configmaps \"one\" already exists");
    let absent: Api<ConfigMap> = Api::namespaced(client.clone(), "nowhere");
    let refused = status_of(absent.create(&post, &map("one", &json!({}))).await);
    assert_eq!((refused.code, refused.message.as_str()), (404, "namespaces \"nowhere\" not found"));
    let unnamed = status_of(maps.create(&post, &map("Capital", &json!({}))).await);
    assert_eq!((unnamed.code, unnamed.reason.as_str()), (422, "Invalid"));
    // Somebody else was quicker.
    maps.patch("one", &PatchParams::default(), &Patch::Merge(json!({ "data": { "a": "2" } }))).await.unwrap();
    let stale = status_of(maps.replace("one", &post, &made).await);
    assert_eq!((stale.code, stale.reason.as_str()), (409, "Conflict"));
    assert!(stale.message.contains("the object has been modified"), "{}", stale.message);
    // A selector that does not fit its template, and a container without an image: all reasons at once.
    let mut wrong = web("");
    wrong["spec"]["template"]["metadata"]["labels"]["app"] = json!("other");
    let deployments: Api<DynamicObject> = Api::namespaced_with(client, NS, &apps("Deployment"));
    let invalid = status_of(deployments.create(&post, &serde_json::from_value(wrong).unwrap()).await);
    let fields: Vec<String> = invalid.details.unwrap().causes.into_iter().map(|cause| cause.field).collect();
    assert_eq!(fields, ["spec.template.metadata.labels", "spec.template.spec.containers[0].image"]);
    assert_eq!(twin.kubernetes().get("deployments.apps", NS, "web"), None);
}

fn made_anew(made: &ConfigMap) -> ConfigMap {
    map(made.metadata.name.as_deref().unwrap(), &json!({}))
}

fn apps(kind: &str) -> ApiResource {
    ApiResource::from_gvk(&GroupVersionKind::gvk("apps", "v1", kind))
}

#[tokio::test]
async fn a_dry_run_changes_nothing_and_a_write_of_the_same_is_none() {
    let twin = twin().await;
    let maps = maps(&client(&twin));
    let before = twin.kubernetes().revision();
    let dry = PostParams { dry_run: true, ..PostParams::default() };
    maps.create(&dry, &map("dry", &json!({ "a": "1" }))).await.unwrap();
    assert_eq!((twin.kubernetes().revision(), maps.get_opt("dry").await.unwrap()), (before, None));
    maps.create(&PostParams::default(), &map("wet", &json!({ "a": "1" }))).await.unwrap();
    let before = twin.kubernetes().revision();
    maps.patch("wet", &PatchParams::default(), &Patch::Merge(json!({ "data": { "a": "1" } }))).await.unwrap();
    maps.patch("wet", &PatchParams::default().dry_run(), &Patch::Merge(json!({ "data": { "a": "2" } }))).await.unwrap();
    maps.delete("wet", &DeleteParams::default().dry_run()).await.unwrap();
    assert_eq!(twin.kubernetes().revision(), before);
}

#[tokio::test]
async fn a_field_belongs_to_whoever_applied_it() {
    let twin = twin().await;
    let maps = maps(&client(&twin));
    let applied = |data: Value| {
        Patch::Apply(json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "shared" }, "data": data }))
    };
    let (helm, argo) = (PatchParams::apply("helm"), PatchParams::apply("argo"));
    maps.patch("shared", &helm, &applied(json!({ "a": "1", "b": "1", "c": "1" }))).await.unwrap();
    // Another may hold the same value, and others of its own.
    maps.patch("shared", &argo, &applied(json!({ "b": "1", "d": "1" }))).await.unwrap();
    let conflict = status_of(maps.patch("shared", &argo, &applied(json!({ "a": "2", "b": "1", "d": "1" }))).await);
    assert_eq!((conflict.code, conflict.reason.as_str()), (409, "Conflict"));
    assert_eq!(conflict.message, "Apply failed with 1 conflict: conflict with \"helm\" using v1: .data.a");
    let cause = conflict.details.unwrap().causes.remove(0);
    assert_eq!((cause.reason.as_str(), cause.field.as_str()), ("FieldManagerConflict", ".data.a"));
    let forced =
        maps.patch("shared", &argo.clone().force(), &applied(json!({ "a": "2", "b": "1", "d": "1" }))).await.unwrap();
    let owners = |map: &ConfigMap| -> Vec<(String, Vec<String>)> {
        let all = map.metadata.managed_fields.clone().unwrap_or_default().into_iter();
        all.map(|entry| {
            let fields = entry.fields_v1.unwrap().0["f:data"].as_object().unwrap().keys().cloned().collect();
            (entry.manager.unwrap(), fields)
        })
        .collect()
    };
    let words = |list: &[&str]| list.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    assert_eq!(
        owners(&forced),
        [("helm".to_owned(), words(&["f:b", "f:c"])), ("argo".to_owned(), words(&["f:a", "f:b", "f:d"]))]
    );
    // Helm no longer names `b` and `c`: `c` was its alone and goes, `b` is argo's too and stays.
    let left = maps.patch("shared", &helm, &applied(json!({}))).await.unwrap();
    assert_eq!(serde_json::to_value(&left.data).unwrap(), json!({ "a": "2", "b": "1", "d": "1" }));
}

#[tokio::test]
async fn lists_with_keys_merge_by_key() {
    let twin = twin().await;
    let deployments: Api<Deployment> = Api::namespaced(client(&twin), NS);
    let apply = PatchParams::apply("one");
    deployments.patch("web", &apply, &Patch::Apply(web("web:1"))).await.unwrap();
    let more = json!({ "spec": { "template": { "spec": { "containers": [
        { "name": "web", "env": [{ "name": "A", "value": "1" }, { "name": "B", "value": "1" }] }, { "name": "side", "image": "side:1" },
    ] } } } });
    let patch = PatchParams::default();
    let after = deployments.patch("web", &patch, &Patch::Strategic(more)).await.unwrap();
    let containers = after.spec.template.spec.unwrap().containers;
    let names: Vec<&str> = containers.iter().map(|it| it.name.as_str()).collect();
    assert_eq!((names, containers[0].image.as_deref()), (vec!["web", "side"], Some("web:1")));
    let less = json!({ "spec": { "template": { "spec": { "containers": [
        { "name": "side", "$patch": "delete" }, { "name": "web", "env": [{ "name": "A", "$patch": "delete" }] },
    ] } } } });
    deployments.patch("web", &patch, &Patch::Strategic(less)).await.unwrap();
    // Another applies one container's image: the member it names, and no other.
    let mut other = web("web:2");
    other["spec"] = json!({ "template": { "spec": { "containers": [{ "name": "web", "image": "web:2" }] } } });
    let conflict = status_of(deployments.patch("web", &PatchParams::apply("two"), &Patch::Apply(other.clone())).await);
    assert!(conflict.message.ends_with(".spec.template.spec.containers[name=\"web\"].image"), "{}", conflict.message);
    let forced = deployments.patch("web", &PatchParams::apply("two").force(), &Patch::Apply(other)).await.unwrap();
    let containers = serde_json::to_value(forced.spec.template.spec.unwrap().containers).unwrap();
    assert_eq!(containers.as_array().unwrap().len(), 1);
    assert_eq!(
        (&containers[0]["image"], &containers[0]["env"]),
        (&json!("web:2"), &json!([{ "name": "B", "value": "1" }]))
    );
    assert_eq!(containers[0]["ports"][0]["containerPort"], 80);
}

#[tokio::test]
async fn a_changed_template_rolls_out_and_a_scale_is_followed() {
    let twin = twin().await;
    let client = client(&twin);
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), NS);
    let sets: Api<ReplicaSet> = Api::namespaced(client.clone(), NS);
    let pods: Api<Pod> = Api::namespaced(client.clone(), NS);
    let ours = ListParams::default().labels("app=web");
    deployments.patch("web", &PatchParams::apply("me"), &Patch::Apply(web("web:1"))).await.unwrap();
    deployments.patch("web", &PatchParams::apply("me"), &Patch::Apply(web("web:2"))).await.unwrap();
    let mut sizes: Vec<(i32, i32)> = Vec::new();
    for set in sets.list(&ours).await.unwrap() {
        sizes.push((set.spec.replicas.unwrap(), set.status.unwrap().replicas));
    }
    sizes.sort_unstable();
    assert_eq!(sizes, [(0, 0), (2, 2)]);
    let images = |list: kube::core::ObjectList<Pod>| -> Vec<String> {
        list.into_iter().map(|pod| pod.spec.unwrap().containers[0].image.clone().unwrap()).collect()
    };
    assert_eq!(images(pods.list(&ours).await.unwrap()), ["web:2", "web:2"]);
    let scale = deployments
        .patch_scale("web", &PatchParams::default(), &Patch::Merge(json!({ "spec": { "replicas": 5 } })))
        .await
        .unwrap();
    assert_eq!(scale.spec.unwrap().replicas, Some(5));
    let it = deployments.get("web").await.unwrap();
    let status = it.status.unwrap();
    assert_eq!(
        (status.ready_replicas, status.available_replicas, status.observed_generation),
        (Some(5), Some(5), it.metadata.generation)
    );
    // A pod that is taken away comes again, with another name.
    let first = pods.list(&ours).await.unwrap().items.remove(0).metadata.name.unwrap();
    pods.delete(&first, &DeleteParams::default()).await.unwrap();
    let names: Vec<String> =
        pods.list(&ours).await.unwrap().into_iter().map(|pod| pod.metadata.name.unwrap()).collect();
    assert!(names.len() == 5 && !names.contains(&first), "{names:?}");
    // An image that is not there: the old pods go on serving.
    deployments
        .patch("web", &PatchParams::apply("me").force(), &Patch::Apply(web("web:does-not-exist")))
        .await
        .unwrap();
    let status = deployments.get("web").await.unwrap().status.unwrap();
    assert_eq!((status.updated_replicas, status.ready_replicas), (Some(2), Some(5)));
    deployments.delete("web", &DeleteParams::background()).await.unwrap();
    assert!(pods.list(&ours).await.unwrap().items.is_empty() && sets.list(&ours).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn orphans_stay_finalizers_hold_and_a_namespace_takes_all() {
    let twin = twin().await;
    let client = client(&twin);
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), NS);
    let sets: Api<ReplicaSet> = Api::namespaced(client.clone(), NS);
    deployments.patch("web", &PatchParams::apply("me"), &Patch::Apply(web("web:1"))).await.unwrap();
    deployments.delete("web", &DeleteParams::orphan()).await.unwrap();
    let left = sets.list(&ListParams::default().labels("app=web")).await.unwrap().items.remove(0);
    assert_eq!((left.spec.replicas, left.metadata.owner_references.unwrap_or_default().len()), (Some(2), 0));
    let namespaces: Api<Namespace> = Api::all(client.clone());
    namespaces
        .create(&PostParams::default(), &serde_json::from_value(json!({ "metadata": { "name": "short" } })).unwrap())
        .await
        .unwrap();
    let maps: Api<ConfigMap> = Api::namespaced(client, "short");
    let held = json!({ "metadata": { "name": "held", "finalizers": ["example.com/hold"] } });
    maps.create(&PostParams::default(), &serde_json::from_value(held).unwrap()).await.unwrap();
    namespaces.delete("short", &DeleteParams::default()).await.unwrap();
    assert_eq!(namespaces.get("short").await.unwrap().status.unwrap().phase.as_deref(), Some("Terminating"));
    assert!(maps.get("held").await.unwrap().metadata.deletion_timestamp.is_some());
    maps.patch("held", &PatchParams::default(), &Patch::Merge(json!({ "metadata": { "finalizers": null } })))
        .await
        .unwrap();
    assert!(maps.get_opt("held").await.unwrap().is_none() && namespaces.get_opt("short").await.unwrap().is_none());
}

#[tokio::test]
async fn status_and_spec_have_a_door_each() {
    let twin = twin().await;
    let rollouts = ApiResource::from_gvk(&GroupVersionKind::gvk("argoproj.io", "v1alpha1", "Rollout"));
    let rollouts: Api<DynamicObject> = Api::namespaced_with(client(&twin), NS, &rollouts);
    let one = json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": { "name": "score" },
        "spec": { "replicas": 3, "paused": false }, "status": { "phase": "Healthy" },
    });
    let made = rollouts.create(&PostParams::default(), &serde_json::from_value(one).unwrap()).await.unwrap();
    assert_eq!((made.data.get("status"), made.metadata.generation), (None, Some(1)));
    let patch = PatchParams::default();
    let status = Patch::Merge(json!({ "status": { "phase": "Paused", "abort": true }, "spec": { "replicas": 9 } }));
    let after = rollouts.patch_status("score", &patch, &status).await.unwrap();
    assert_eq!((&after.data["status"]["phase"], &after.data["spec"]["replicas"]), (&json!("Paused"), &json!(3)));
    assert_eq!(after.metadata.generation, Some(1));
    let spec = Patch::Merge(json!({ "status": { "phase": "Healthy" }, "spec": { "paused": true } }));
    let after = rollouts.patch("score", &patch, &spec).await.unwrap();
    assert_eq!((&after.data["status"]["phase"], after.metadata.generation), (&json!("Paused"), Some(2)));
    let strategic = status_of(rollouts.patch("score", &patch, &Patch::Strategic(json!({ "spec": {} }))).await);
    assert_eq!((strategic.code, strategic.reason.as_str()), (415, "UnsupportedMediaType"));
    let mut unversioned = rollouts.get("score").await.unwrap();
    unversioned.metadata.resource_version = None;
    let refused = rollouts.replace("score", &PostParams::default(), &unversioned).await;
    assert_eq!(status_of(refused).code, 422);
}
