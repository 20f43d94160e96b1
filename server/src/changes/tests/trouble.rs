//! The outside world fails; nothing is lost, nothing is said twice, and the gate stays shut.

use crate::testing::{Browser, Held, TestPortal};
use axum::http::{Method, StatusCode};
use chrono::Duration;

/// A held change with one of its two approvals, and both engineers.
async fn half_approved(portal: &TestPortal) -> (Held, Browser<'_>, Browser<'_>) {
    let held = portal.held("score-api", "rohandas").await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    asha.approve(&held.number).await.unwrap();
    (held, asha, leela)
}

#[tokio::test(flavor = "multi_thread")]
async fn github_refuses_the_answer_and_gets_it_once_when_it_is_back() {
    let portal = TestPortal::start().await;
    let (held, asha, leela) = half_approved(&portal).await;
    portal.twin.faults().fail("github.callback", 503, 20);
    leela.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run));
    assert_eq!(portal.failed_jobs().await, ["answer_github"]);
    assert_eq!(asha.change(&held.number).await.row.status.word, "Answering GitHub");
    portal.twin.faults().clear();
    portal.let_jobs_try_again().await;
    assert!(portal.twin.github().job_released(held.run));
    assert_eq!(portal.twin.github().answers(held.run).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_arrived_but_its_acknowledgement_was_lost() {
    let portal = TestPortal::start().await;
    let (held, asha, leela) = half_approved(&portal).await;
    portal.twin.faults().lose("github.callback", 1);
    leela.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    portal.let_jobs_try_again().await;
    assert_eq!(portal.twin.github().answers(held.run).len(), 1);
    assert_eq!(asha.change(&held.number).await.row.status.word, "Released");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_attempt_between_intent_and_answer_cancels_it() {
    let portal = TestPortal::start().await;
    let (held, asha, leela) = half_approved(&portal).await;
    portal.twin.faults().fail("github.callback", 503, 20);
    leela.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    portal.twin.github().rerun(held.run, "rohandas").unwrap();
    portal.twin.faults().clear();
    portal.let_jobs_try_again().await;
    assert!(portal.twin.github().answers(held.run).is_empty());
    assert_eq!(asha.change(&held.number).await.row.status.word, "Cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_cancelled_while_it_was_answered_is_not_called_released() {
    let portal = TestPortal::start().await;
    let (held, asha, leela) = half_approved(&portal).await;
    portal.twin.faults().fail("github.callback", 503, 20);
    leela.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    portal.twin.github().cancel(held.run).unwrap();
    portal.twin.faults().clear();
    portal.let_jobs_try_again().await;
    assert!(portal.twin.github().answers(held.run).is_empty());
    assert_eq!(asha.change(&held.number).await.row.status.word, "Cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_lost_between_approval_and_execution_voids_it() {
    let portal = TestPortal::start().await;
    let (held, _, leela) = half_approved(&portal).await;
    leela.approve(&held.number).await.unwrap();
    portal.twin.people().remove_group("u-1001", "altscore-engineers").unwrap();
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run), "a person without the role released it");
    assert!(portal.acts_about(held.number.as_str()).await.contains(&"audit.refused"));
    let vikram = portal.signer("E-1006").await;
    vikram.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(held.run));
}

#[tokio::test(flavor = "multi_thread")]
async fn role_facts_that_cannot_be_read_again_close_the_gate_after_fifteen_minutes() {
    let portal = TestPortal::start().await;
    let (held, _, leela) = half_approved(&portal).await;
    portal.advance(Duration::minutes(14)).await;
    leela.approve(&held.number).await.unwrap();
    portal.advance(Duration::minutes(2)).await;
    portal.twin.people().set_up(false);
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run));
    portal.twin.people().set_up(true);
    portal.let_jobs_try_again().await;
    assert!(portal.twin.github().job_released(held.run));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_session_is_told_to_sign_in() {
    let portal = TestPortal::start().await;
    let asha = portal.browser("E-1001").await;
    assert_eq!(asha.get("/api/ui/home").await.0, StatusCode::OK);
    portal.advance(Duration::minutes(15)).await;
    let (status, body) = asha.get("/api/ui/home").await;
    assert_eq!((status, body["code"].as_str()), (StatusCode::UNAUTHORIZED, Some("not_signed_in")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_request_is_one_clear_problem_and_changes_nothing() {
    let portal = TestPortal::start().await;
    let asha = portal.signer("E-1001").await;
    let watch = portal.watch().await;
    for body in [serde_json::json!({}), serde_json::json!({"request": {"number": 7}}), serde_json::json!([])] {
        let problem = asha.call("begin_decision", body).await.unwrap_err();
        assert_eq!((problem.code.as_str(), problem.status), ("request_malformed", 400), "{problem:?}");
        assert!(!problem.request_id.is_empty() && !problem.title.is_empty());
    }
    watch.saw_nothing().await;
    // What reads well but names nothing is an attempt, and is recorded as one.
    for (number, decision, code) in [
        ("CHG-2026-999999", "approve", "change_unknown"),
        ("x", "approve", "body_malformed"),
        ("CHG-2026-000001", "enrol", "body_malformed"),
    ] {
        let watch = portal.watch().await;
        let request = serde_json::json!({"number": number, "decision": decision, "comment": "", "subject_digest": ""});
        let refused = asha.call("begin_decision", serde_json::json!({ "request": request })).await.unwrap_err();
        assert_eq!(refused.code, code);
        watch.saw_one_refusal(code).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_database_the_portal_is_closed_and_says_when_to_come_again() {
    let portal = TestPortal::start().await;
    let asha = portal.browser("E-1001").await;
    portal.db.go_away().await;
    let response = asha.request(Method::GET, "/api/ui/home", None).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let run = portal.twin.github().push_run(&twin::PushRun::of("score-api", "rohandas")).unwrap();
    let delivery = portal.twin.github().build_delivery(run).unwrap();
    assert_eq!(portal.deliver(&delivery).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    portal.db.come_back().await;
    assert_eq!(portal.deliver(&delivery).await.status(), StatusCode::ACCEPTED);
}

#[tokio::test(flavor = "multi_thread")]
async fn github_refuses_the_answer_for_good_and_people_are_told() {
    let portal = TestPortal::start().await;
    let (held, asha, leela) = half_approved(&portal).await;
    portal.twin.faults().fail("github.callback", 403, 1);
    leela.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert_eq!(asha.change(&held.number).await.row.status.word, "Cancelled");
    let said = asha.change(&held.number).await.timeline.pop().unwrap().what;
    assert!(said.contains("github refused"), "{said}");
    assert!(portal.failed_jobs().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_approved_is_not_released_after_it_expired() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    portal.advance(Duration::hours(71)).await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    asha.approve(&held.number).await.unwrap();
    portal.twin.faults().fail("github.pending", 503, 20);
    leela.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    portal.advance(Duration::hours(1)).await;
    portal.twin.faults().clear();
    portal.let_jobs_try_again().await;
    assert!(portal.twin.github().answers(held.run).is_empty());
    assert_eq!(portal.acts_about(held.number.as_str()).await.last(), Some(&"changes.answer_cancelled"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_job_is_asked_for_again_within_a_minute() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let run = portal.twin.github().push_run(&twin::PushRun::of("consent-service", "rohandas")).unwrap();
    let unread = portal.twin.github().build_delivery(run).unwrap();
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    asha.approve(&held.number).await.unwrap();
    leela.approve(&held.number).await.unwrap();
    portal.deliver(&unread).await;
    sqlx::query("DELETE FROM jobs._private_jobs").execute(&portal.db.owner).await.unwrap();
    portal.advance(Duration::minutes(2)).await;
    crate::changes::sweep(&portal.ctx).await.unwrap();
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(held.run));
    assert!(portal.outcome(&unread.guid).await.starts_with("opened:"));
    // And where nothing waits it asks for nothing.
    let watch = portal.watch().await;
    crate::changes::sweep(&portal.ctx).await.unwrap();
    portal.run_jobs().await;
    watch.saw_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_the_provider_took_back_counts_no_more_from_that_moment() {
    let portal = TestPortal::start().await;
    let (held, _, leela) = half_approved(&portal).await;
    leela.approve(&held.number).await.unwrap();
    portal.twin.people().suspend("u-1003");
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run), "somebody who is gone released it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_veto_outlives_a_subject_that_was_replaced() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let (asha, leela, vikram) =
        (portal.signer("E-1001").await, portal.signer("E-1003").await, portal.signer("E-1006").await);
    vikram.decide(&held.number, "reject").await.unwrap();
    let sha = portal.twin.github().head_sha(held.run).unwrap();
    let other = format!("sha256:{}", "ee".repeat(32));
    portal.twin.ecr().move_tag("altscore/score-api", &sha, &other).unwrap();
    portal.twin.github().prove_image(held.run, &other).unwrap();
    crate::changes::assess(&portal.ctx, &held.number).await.unwrap();
    asha.approve(&held.number).await.unwrap();
    leela.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run), "a veto fell by itself");
    vikram.decide(&held.number, "withdraw").await.unwrap();
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(held.run));
}
