use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use octocrab::models::webhook_events::{WebhookEvent, WebhookEventPayload};
use twin::{PushRun, sign};

use super::twin;

type Inbox = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

async fn portal() -> (String, Inbox) {
    let inbox = Inbox::default();
    let take = |State(inbox): State<Inbox>, headers: HeaderMap, body: Bytes| async move {
        inbox.lock().unwrap().push((headers, body));
        StatusCode::ACCEPTED
    };
    let router = Router::new().route("/webhooks/github", post(take)).with_state(inbox.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, inbox)
}

#[tokio::test]
async fn the_question_is_signed_and_octocrab_reads_it() {
    let twin = twin().await;
    let (url, inbox) = portal().await;
    twin.set_portal(&url);
    let run = twin.github().push_run(&PushRun::of("score-api", "rohandas")).unwrap();
    let sent = twin.github().ask_for_production(run).await.unwrap();
    assert_eq!(sent.response, Some(202));
    let (headers, body) = inbox.lock().unwrap().remove(0);
    assert_eq!(body, sent.body);
    assert_eq!(headers["x-hub-signature-256"].to_str().unwrap(), sign(&twin.secrets().webhook, &body));
    assert_eq!(headers["x-github-delivery"].to_str().unwrap(), sent.guid);
    assert_eq!(headers["x-github-hook-id"], "423885699");
    assert!(headers["user-agent"].to_str().unwrap().starts_with("GitHub-Hookshot/"));
    let event = WebhookEvent::try_from_header_and_body(headers["x-github-event"].to_str().unwrap(), &body).unwrap();
    assert_eq!(event.sender.unwrap().login, "rohandas");
    assert_eq!(event.repository.unwrap().id.0, 7001);
    assert_eq!(event.organization.unwrap().login, "altscore");
    let WebhookEventPayload::DeploymentProtectionRule(payload) = event.specific else { panic!("another event") };
    assert_eq!(payload.environment.as_deref(), Some("production"));
    assert_eq!(payload.event.as_deref(), Some("push"));
    assert_eq!(
        payload.deployment_callback_url.unwrap(),
        format!("{}/repos/altscore/services/actions/runs/{run}/deployment_protection_rule", twin.urls().github)
    );
    assert_eq!(payload.deployment.unwrap()["sha"], twin.github().head_sha(run).unwrap());
}

#[tokio::test]
async fn a_redelivery_keeps_guid_and_bytes_and_asking_again_is_the_same_deployment() {
    let twin = twin().await;
    let (url, inbox) = portal().await;
    twin.set_portal(&url);
    let run = twin.github().push_run(&PushRun::of("score-api", "rohandas")).unwrap();
    let first = twin.github().ask_for_production(run).await.unwrap();
    let again = twin.github().redeliver(&first.guid).await.unwrap();
    assert_eq!((&again.guid, &again.body, again.redelivery), (&first.guid, &first.body, true));
    let other = twin.github().ask_for_production(run).await.unwrap();
    assert_ne!(other.guid, first.guid);
    let deployment =
        |body: &[u8]| serde_json::from_slice::<serde_json::Value>(body).unwrap()["deployment"]["id"].clone();
    assert_eq!(deployment(&other.body), deployment(&first.body));
    assert_eq!(inbox.lock().unwrap().len(), 3);
    assert_eq!(twin.github().deliveries().len(), 3);
}

#[tokio::test]
async fn a_portal_that_is_not_there_is_noted() {
    let twin = twin().await;
    twin.set_portal("http://127.0.0.1:9");
    let run = twin.github().push_run(&PushRun::of("score-api", "rohandas")).unwrap();
    assert_eq!(twin.github().ask_for_production(run).await.unwrap().response, None);
    assert!(twin.github().is_pending(run));
}
