//! ATK-16: approve one thing, execute another.

use crate::testing::TestPortal;
use axum::http::{Request, StatusCode};
use gatehouse_domain::ChangeNumber;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn atk_16_assertion_for_service_a_given_to_service_b() {
    let portal = TestPortal::start().await;
    let (a, b) = (portal.held("score-api", "rohandas").await, portal.held("consent-service", "rohandas").await);
    let asha = portal.signer("E-1001").await;
    let for_a = asha.begin(&a.number, "approve").await.unwrap();
    let for_b = asha.begin(&b.number, "approve").await.unwrap();
    let watch = portal.watch().await;
    assert_eq!(asha.finish(&for_b, &asha.touch(&for_a)).await.unwrap_err().code, "signature_invalid");
    watch.saw_one_refusal("signature_invalid").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_16_subject_of_b_named_in_a_request_for_a() {
    let portal = TestPortal::start().await;
    let (a, b) = (portal.held("score-api", "rohandas").await, portal.held("consent-service", "rohandas").await);
    let asha = portal.signer("E-1001").await;
    let digest_of_b = asha.change(&b.number).await.subject_digest;
    let watch = portal.watch().await;
    let request = json!({"number": a.number, "decision": "approve", "comment": "", "subject_digest": digest_of_b});
    assert_eq!(asha.call("begin_decision", json!({ "request": request })).await.unwrap_err().code, "subject_replaced");
    watch.saw_one_refusal("subject_replaced").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_16_two_approvals_of_a_release_nothing_of_b() {
    let portal = TestPortal::start().await;
    let (a, b) = (portal.held("score-api", "rohandas").await, portal.held("consent-service", "rohandas").await);
    portal.signer("E-1001").await.approve(&a.number).await.unwrap();
    portal.signer("E-1003").await.approve(&a.number).await.unwrap();
    portal.run_jobs().await;
    crate::changes::execute(&portal.ctx, &b.number).await.unwrap();
    crate::changes::answer(&portal.ctx, &b.number).await.unwrap();
    assert!(portal.twin.github().job_released(a.run));
    assert!(!portal.twin.github().job_released(b.run));
    assert_eq!(portal.acts_about(b.number.as_str()).await, ["changes.opened"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_16_fields_that_nobody_asked_for_in_the_body() {
    let portal = TestPortal::start().await;
    let (a, b) = (portal.held("score-api", "rohandas").await, portal.held("consent-service", "rohandas").await);
    let asha = portal.signer("E-1001").await;
    let for_a = asha.begin(&a.number, "approve").await.unwrap();
    // The number in the answer is not ours to read: the ceremony knows which change it is for.
    let body = json!({"ceremony": for_a["ceremony"], "assertion": asha.touch(&for_a).to_string(), "number": b.number, "person": "E-1003", "state": "released"});
    asha.call("finish_decision", body).await.unwrap();
    assert_eq!(portal.acts_about(a.number.as_str()).await, ["changes.opened", "changes.approved"]);
    assert_eq!(portal.acts_about(b.number.as_str()).await, ["changes.opened"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_16_the_tag_moves_between_the_two_approvals() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    asha.approve(&held.number).await.unwrap();
    leela.approve(&held.number).await.unwrap();
    let sha = portal.twin.github().head_sha(held.run).unwrap();
    portal.twin.ecr().move_tag("altscore/score-api", &sha, &format!("sha256:{}", "ee".repeat(32))).unwrap();
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run), "released what nobody approved");
    let view = asha.change(&held.number).await;
    assert_eq!(view.row.status.word, "Held · 0 of 2");
    assert!(
        view.approvals.iter().all(|a| { a.fell_because.as_deref().is_some_and(|why| why.contains("image digest")) })
    );
}

/// A staging environment beside production, on the same cluster.
async fn with_staging() -> TestPortal {
    TestPortal::start_with(|text| {
        let production = text.split("[[environments]]").nth(1).unwrap().split("[[").next().unwrap();
        let staging = production
            .replace("name = \"production\"", "name = \"staging\"")
            .replace("github_environment = \"production\"", "github_environment = \"staging\"")
            .replace("production = true", "production = false");
        assert!(staging.contains("production = false") && !staging.contains("\"production\""), "{staging}");
        *text = text.replacen("[[environments]]", &format!("[[environments]]{staging}\n[[environments]]"), 1);
        // The twin's own is one that is only looked at, and a name is one place.
        let (before, observed) = text.split_once("[[observed]]").unwrap();
        let (_, after) = observed.split_once("[[services]]").unwrap();
        *text = format!("{before}[[services]]{after}");
    })
    .await
}

/// GitHub asks for staging of this run.
async fn ask_for_staging(portal: &TestPortal, run: twin::RunId) -> ChangeNumber {
    let mut delivery = portal.twin.github().build_delivery(run).unwrap();
    portal.twin.github().wait_at(run, "staging").unwrap();
    let mut body: serde_json::Value = serde_json::from_slice(&delivery.body).unwrap();
    body["environment"] = json!("staging");
    delivery.body = body.to_string().into();
    let request = Request::post("/webhooks/github")
        .header("x-github-delivery", delivery.guid.as_str())
        .header("x-github-event", "deployment_protection_rule")
        .header("x-hub-signature-256", twin::sign(&portal.twin.secrets().webhook, &delivery.body));
    let answer = portal.send(request.body(axum::body::Body::from(delivery.body.clone())).unwrap()).await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    portal.run_jobs().await;
    portal.outcome(&delivery.guid).await.strip_prefix("opened:").unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_16_approval_of_staging_replayed_for_production() {
    let portal = with_staging().await;
    let held = portal.held("score-api", "rohandas").await;
    let staging = ask_for_staging(&portal, held.run).await;
    let asha = portal.signer("E-1001").await;
    let for_staging = asha.begin(&staging, "approve").await.unwrap();
    let for_production = asha.begin(&held.number, "approve").await.unwrap();
    let watch = portal.watch().await;
    let refused = asha.finish(&for_production, &asha.touch(&for_staging)).await.unwrap_err();
    assert_eq!(refused.code, "signature_invalid");
    watch.saw_one_refusal("signature_invalid").await;
}

/// Staging is gated by the same two engineers; its release says nothing about production.
#[tokio::test(flavor = "multi_thread")]
async fn atk_16_staging_approved_by_two_opens_nothing_in_production() {
    let portal = with_staging().await;
    let held = portal.held("score-api", "rohandas").await;
    let staging = ask_for_staging(&portal, held.run).await;
    portal.confirm(&staging).await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    asha.approve(&staging).await.unwrap();
    portal.run_jobs().await;
    assert!(!portal.acts_about(staging.as_str()).await.contains(&"changes.execution_intended"), "one opened staging");
    leela.approve(&staging).await.unwrap();
    portal.run_jobs().await;
    assert!(portal.acts_about(staging.as_str()).await.contains(&"changes.execution_intended"));
    crate::changes::execute(&portal.ctx, &held.number).await.unwrap();
    crate::changes::answer(&portal.ctx, &held.number).await.unwrap();
    assert!(portal.twin.github().answers(held.run).iter().all(|answer| answer.environment != "production"));
    assert!(!portal.twin.github().job_released(held.run));
    assert_eq!(portal.acts_about(held.number.as_str()).await, ["changes.opened"]);
}
