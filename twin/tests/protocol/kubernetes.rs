use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;
use kube::{Api, Client, Config};
use twin::Twin;

use super::twin;

fn client(twin: &Twin, token: &str) -> Client {
    let mut config = Config::new(twin.urls().kubernetes.parse().unwrap());
    config.auth_info.token = Some(token.to_owned().into());
    Client::try_from(config).unwrap()
}

#[tokio::test]
async fn kube_reads_what_production_runs() {
    let twin = twin().await;
    let client = client(&twin, &twin.secrets().kubernetes);
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
    let kube::Error::Api(missing) = deployments.get("nobody").await.unwrap_err() else { panic!("not a Status") };
    assert_eq!((missing.code, missing.reason.as_str()), (404, "NotFound"));
    assert!(twin.unknown_routes().is_empty());
}

#[tokio::test]
async fn the_cluster_wants_its_token() {
    let twin = twin().await;
    let deployments: Api<Deployment> = Api::namespaced(client(&twin, "another"), "altscore-api");
    let kube::Error::Api(refused) = deployments.get("score-api").await.unwrap_err() else { panic!("not a Status") };
    assert_eq!((refused.code, refused.reason.as_str()), (401, "Unauthorized"));
}
