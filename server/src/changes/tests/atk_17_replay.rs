//! ATK-17: the same approval again.

use crate::testing::TestPortal;
use chrono::Duration;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn atk_17_same_request_twice() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let ceremony = asha.begin(&held.number, "approve").await.unwrap();
    let assertion = asha.touch(&ceremony);
    asha.finish(&ceremony, &assertion).await.unwrap();
    let watch = portal.watch().await;
    assert_eq!(asha.finish(&ceremony, &assertion).await.unwrap_err().code, "ceremony_unknown");
    watch.saw_one_refusal("ceremony_unknown").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_17_old_assertion_with_a_new_challenge() {
    let portal = TestPortal::start().await;
    let (one, two) = (portal.held("score-api", "rohandas").await, portal.held("consent-service", "rohandas").await);
    let asha = portal.signer("E-1001").await;
    let old = asha.begin(&one.number, "approve").await.unwrap();
    let assertion = asha.touch(&old);
    asha.finish(&old, &assertion).await.unwrap();
    let new = asha.begin(&two.number, "approve").await.unwrap();
    let watch = portal.watch().await;
    assert_eq!(asha.finish(&new, &assertion).await.unwrap_err().code, "signature_invalid");
    watch.saw_one_refusal("signature_invalid").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_17_parallel_double_submit() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let ceremony = asha.begin(&held.number, "approve").await.unwrap();
    let assertion = asha.touch(&ceremony);
    let (a, b, c) = tokio::join!(
        asha.finish(&ceremony, &assertion),
        asha.finish(&ceremony, &assertion),
        asha.finish(&ceremony, &assertion)
    );
    let won = [&a, &b, &c].into_iter().filter(|r| r.is_ok()).count();
    assert_eq!(won, 1, "{a:?} {b:?} {c:?}");
    let acts = portal.acts_about(held.number.as_str()).await;
    assert_eq!(acts.iter().filter(|act| **act == "changes.approved").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_17_two_ceremonies_of_one_person_fill_one_seat() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let (one, two) =
        (asha.begin(&held.number, "approve").await.unwrap(), asha.begin(&held.number, "approve").await.unwrap());
    asha.finish(&one, &asha.touch(&one)).await.unwrap();
    let watch = portal.watch().await;
    assert_eq!(asha.finish(&two, &asha.touch(&two)).await.unwrap_err().code, "already_signed");
    watch.saw_one_refusal("already_signed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_17_after_the_ceremony_expired() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let ceremony = asha.begin(&held.number, "approve").await.unwrap();
    portal.advance(Duration::minutes(5)).await;
    let watch = portal.watch().await;
    assert_eq!(asha.finish(&ceremony, &asha.touch(&ceremony)).await.unwrap_err().code, "ceremony_unknown");
    watch.saw_one_refusal("ceremony_unknown").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_17_after_the_subject_expired() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    portal.advance(Duration::hours(72)).await;
    let asha = portal.signer("E-1001").await;
    let watch = portal.watch().await;
    assert_eq!(asha.approve(&held.number).await.unwrap_err().code, "subject_expired");
    watch.saw_one_refusal("subject_expired").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_17_after_it_was_closed_or_released() {
    let portal = TestPortal::start().await;
    let (closed, released) =
        (portal.held("score-api", "rohandas").await, portal.held("consent-service", "rohandas").await);
    let (asha, leela, vikram) =
        (portal.signer("E-1001").await, portal.signer("E-1003").await, portal.signer("E-1006").await);
    let late = [
        vikram.begin(&closed.number, "approve").await.unwrap(),
        vikram.begin(&released.number, "approve").await.unwrap(),
    ];
    asha.decide(&closed.number, "close").await.unwrap();
    asha.approve(&released.number).await.unwrap();
    leela.approve(&released.number).await.unwrap();
    portal.run_jobs().await;
    for ceremony in &late {
        let watch = portal.watch().await;
        assert_eq!(vikram.finish(ceremony, &vikram.touch(ceremony)).await.unwrap_err().code, "change_not_held");
        watch.saw_one_refusal("change_not_held").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_17_an_approval_given_before_the_subject_was_replaced() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let ceremony = asha.begin(&held.number, "approve").await.unwrap();
    let sha = portal.twin.github().head_sha(held.run).unwrap();
    portal.twin.ecr().move_tag("altscore/score-api", &sha, &format!("sha256:{}", "ee".repeat(32))).unwrap();
    crate::changes::assess(&portal.ctx, &held.number).await.unwrap();
    let watch = portal.watch().await;
    assert_eq!(asha.finish(&ceremony, &asha.touch(&ceremony)).await.unwrap_err().code, "subject_replaced");
    watch.saw_one_refusal("subject_replaced").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_17_without_a_session_it_is_counted_and_nothing_else() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let ceremony = asha.begin(&held.number, "approve").await.unwrap();
    let assertion = asha.touch(&ceremony);
    let nobody = crate::testing::Browser::anonymous(&portal);
    let watch = portal.watch().await;
    let body = json!({"ceremony": ceremony["ceremony"], "assertion": assertion.to_string()});
    let refused = nobody.call("finish_decision", body).await.unwrap_err();
    assert_eq!((refused.code.as_str(), refused.status), ("not_signed_in", 401));
    watch.saw_nothing().await;
    assert_eq!(portal.counted().await, [("changes.decide".to_owned(), "not_signed_in".to_owned(), 1)]);
    // The minute over, the count is one entry.
    portal.advance(Duration::minutes(1)).await;
    assert_eq!(crate::audit::flush_refusals(&portal.ctx).await.unwrap(), 1);
    assert_eq!(crate::audit::flush_refusals(&portal.ctx).await.unwrap(), 0);
}

/// Released, then taken back by hand: what was approved once was used up by that release.
#[tokio::test(flavor = "multi_thread")]
async fn atk_17_after_it_was_released_and_rolled_back() {
    let portal = TestPortal::start().await;
    let before = portal.twin.kubernetes().image("altscore-api", "score-api", "score-api").unwrap();
    let held = portal.held("score-api", "rohandas").await;
    let (asha, leela, vikram) =
        (portal.signer("E-1001").await, portal.signer("E-1003").await, portal.signer("E-1006").await);
    let late = vikram.begin(&held.number, "approve").await.unwrap();
    asha.approve(&held.number).await.unwrap();
    leela.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(held.run));
    portal.twin.kubernetes().set_image("altscore-api", "score-api", "score-api", &before).unwrap();
    let watch = portal.watch().await;
    assert_eq!(vikram.finish(&late, &vikram.touch(&late)).await.unwrap_err().code, "change_not_held");
    watch.saw_one_refusal("change_not_held").await;
    // The same run again is another attempt, with nobody's approval.
    portal.twin.github().rerun(held.run, "rohandas").unwrap();
    let again = portal.ask(held.run).await;
    assert_eq!(asha.change(&again).await.row.status.word, "Held · 0 of 2");
    portal.run_jobs().await;
    assert_eq!(portal.twin.github().answers(held.run).len(), 1);
}
