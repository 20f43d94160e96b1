//! The real client against the twin's cluster.

#![expect(clippy::unwrap_used, reason = "tests")]
use super::{Client, Error};
use twin::{Options, Twin};

const NAMESPACE: &str = "altscore-api";
const NAME: &str = "score-api";

async fn start() -> (Twin, Client) {
    let twin = Twin::start(Options::default()).await.unwrap();
    let client = connect(&twin, &twin.secrets().kubernetes);
    (twin, client)
}

fn connect(twin: &Twin, token: &str) -> Client {
    Client::connect(&twin.urls().kubernetes.parse().unwrap(), &token.into(), None).unwrap()
}

fn end(twin: &Twin) {
    assert_eq!(twin.unknown_routes(), Vec::<String>::new());
    assert_eq!(twin.faults().unspent(), Vec::<String>::new());
}

#[tokio::test]
async fn production_says_by_digest_what_it_runs() {
    let (twin, kube) = start().await;
    let running = kube.read_running_image(NAMESPACE, NAME, NAME).await.unwrap().unwrap();
    assert_eq!(running.image.as_str(), twin.kubernetes().image(NAMESPACE, NAME, NAME).unwrap());
    assert_eq!(running.image.repository(), "altscore/score-api");
    assert_eq!(running.digest.as_ref(), running.image.digest());
    assert!(running.digest.is_some() && running.is_settled(), "{running:?}");
    end(&twin);
}

#[tokio::test]
async fn an_image_named_by_a_tag_has_no_digest() {
    let (twin, kube) = start().await;
    twin.kubernetes().set_image(NAMESPACE, NAME, NAME, "registry.example/altscore/score-api:latest").unwrap();
    let running = kube.read_running_image(NAMESPACE, NAME, NAME).await.unwrap().unwrap();
    assert_eq!((running.digest, running.image.tag()), (None, Some("latest")));
    twin.kubernetes().set_image(NAMESPACE, NAME, NAME, "altscore/score-api@sha256:short").unwrap();
    assert!(matches!(kube.read_running_image(NAMESPACE, NAME, NAME).await, Err(Error::Unreadable { .. })));
    end(&twin);
}

#[tokio::test]
async fn what_is_not_there_is_none_but_a_missing_container_is_an_error() {
    let (twin, kube) = start().await;
    assert_eq!(kube.read_running_image(NAMESPACE, "no-such", NAME).await.unwrap(), None);
    assert_eq!(kube.read_running_image("no-such", NAME, NAME).await.unwrap(), None);
    let error = kube.read_running_image(NAMESPACE, NAME, "sidecar").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the cluster's answer about deployment score-api in altscore-api could not be read: it has no such container"
    );
    twin.kubernetes().remove(NAMESPACE, NAME);
    assert_eq!(kube.read_running_image(NAMESPACE, NAME, NAME).await.unwrap(), None);
    end(&twin);
}

#[tokio::test]
async fn a_refused_token_a_failing_cluster_and_silence_are_told_apart() {
    let (twin, kube) = start().await;
    let error = connect(&twin, "wrong-token").read_running_image(NAMESPACE, NAME, NAME).await.unwrap_err();
    assert!(matches!(error, Error::Denied { status: 401, .. }), "{error:?}");
    assert!(!error.is_retryable() && !format!("{error} {error:?}").contains("wrong-token"));
    for status in [429, 500, 503] {
        twin.faults().fail("kube.deployment", status, 1);
        let error = kube.read_running_image(NAMESPACE, NAME, NAME).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }) && error.is_retryable(), "{status}: {error:?}");
    }
    twin.faults().fail("kube.deployment", 403, 1);
    let error = kube.read_running_image(NAMESPACE, NAME, NAME).await.unwrap_err();
    assert!(matches!(error, Error::Denied { status: 403, .. }), "{error:?}");
    twin.faults().drop("kube.deployment", 1);
    let error = kube.read_running_image(NAMESPACE, NAME, NAME).await.unwrap_err();
    assert!(error.is_retryable(), "{error:?}");

    let nobody = Client::connect(&"http://127.0.0.1:1".parse().unwrap(), &"t".into(), None).unwrap();
    let error = nobody.read_running_image(NAMESPACE, NAME, NAME).await.unwrap_err();
    assert_eq!(error.to_string(), "the cluster did not answer when asked for deployment score-api in altscore-api");
    end(&twin);
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_before_any_call() {
    let url = "https://cluster.example".parse().unwrap();
    for ca in ["", "no pem", "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n"] {
        let refused = Client::connect(&url, &"t".into(), Some(ca.as_bytes())).err().unwrap();
        assert!(matches!(refused, Error::Settings { .. }), "{ca}");
    }
    assert!(Client::connect(&url, &"t".into(), None).is_ok());
}
