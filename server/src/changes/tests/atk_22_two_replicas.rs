//! ATK-22: two portals on one database do everything at once, and do it once. ATK-25: they decide on nothing but what the
//! deciding transaction reads, from a database that takes writes.

use super::lawful::all_is_lawful;
use crate::testing::{Browser, Held, TestPortal};
use axum::http::StatusCode;

async fn approved(portal: &TestPortal) -> (Held, Browser<'_>) {
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    asha.approve(&held.number).await.unwrap();
    portal.signer("E-1003").await.approve(&held.number).await.unwrap();
    (held, asha)
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_22_executed_on_two_replicas_at_once() {
    let portal = TestPortal::start().await;
    let (held, asha) = approved(&portal).await;
    let other = portal.replica(portal.db.app_with(8, ("application_name", "other"))).await;
    let (one, two) =
        tokio::join!(crate::changes::execute(&portal.ctx, &held.number), crate::changes::execute(&other, &held.number));
    one.unwrap();
    two.unwrap();
    let acts = portal.acts_about(held.number.as_str()).await;
    assert_eq!(acts.iter().filter(|act| **act == "changes.execution_intended").count(), 1, "{acts:?}");
    // Whoever came second finds it gone, and says at most that.
    assert!(acts.len() <= 5, "{acts:?}");
    // Both answer, too: what GitHub hears is one answer.
    let (one, two) =
        tokio::join!(crate::changes::answer(&portal.ctx, &held.number), crate::changes::answer(&other, &held.number));
    assert!(one.is_ok() || two.is_ok(), "{one:?} {two:?}");
    portal.let_jobs_try_again().await;
    assert_eq!(portal.twin.github().answers(held.run).len(), 1);
    assert_eq!(asha.change(&held.number).await.row.status.word, "Released");
    all_is_lawful(&portal, &held).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_22_both_replicas_run_the_queue() {
    let portal = TestPortal::start().await;
    let (held, asha) = approved(&portal).await;
    let other = portal.replica(portal.db.app_with(8, ("application_name", "other"))).await;
    tokio::join!(portal.run_jobs(), portal.run_jobs_on(&other));
    portal.run_jobs().await;
    assert_eq!(portal.twin.github().answers(held.run).len(), 1);
    assert_eq!(asha.change(&held.number).await.row.status.word, "Released");
    let acts = portal.acts_about(held.number.as_str()).await;
    let expected = [
        "changes.opened",
        "changes.approved",
        "changes.approved",
        "changes.execution_intended",
        "changes.github_answered",
    ];
    assert_eq!(acts, expected);
}

/// With one connection there is no other place to read from than the transaction that decides: whatever asked a
/// second connection, a standby's or a cache's, would wait for the first one and fail.
#[tokio::test(flavor = "multi_thread")]
async fn atk_25_decides_on_the_one_connection_of_its_transaction() {
    let mut portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    portal.rewire(portal.db.app_with(1, ("application_name", "one"))).await;
    let (asha, leela, vikram) =
        (portal.signer("E-1001").await, portal.signer("E-1003").await, portal.signer("E-1006").await);
    vikram.decide(&held.number, "reject").await.unwrap();
    asha.approve(&held.number).await.unwrap();
    leela.approve(&held.number).await.unwrap();
    vikram.decide(&held.number, "withdraw").await.unwrap();
    let rohan = portal.signer("E-1002").await;
    assert_eq!(rohan.approve(&held.number).await.unwrap_err().code, "contributed");
    crate::changes::assess(&portal.ctx, &held.number).await.unwrap();
    crate::changes::execute(&portal.ctx, &held.number).await.unwrap();
    crate::changes::answer(&portal.ctx, &held.number).await.unwrap();
    crate::changes::expire(&portal.ctx).await.unwrap();
    crate::changes::sweep(&portal.ctx).await.unwrap();
    assert!(portal.twin.github().job_released(held.run));
    all_is_lawful(&portal, &held).await;
}

/// A standby takes no writes: whatever a portal that was led to one shows, it decides nothing.
#[tokio::test(flavor = "multi_thread")]
async fn atk_25_led_to_a_standby_it_decides_nothing() {
    let mut portal = TestPortal::start().await;
    let (held, asha) = approved(&portal).await;
    let cookies = asha.steal();
    let ceremony = asha.begin(&held.number, "withdraw").await.unwrap();
    let touch = asha.touch(&ceremony);
    let cookie = cookies.cookies();
    drop((asha, cookies));
    let watch_state = portal.state().await;
    let entries = portal.entries().await.len();
    portal.rewire(portal.db.app_with(4, ("default_transaction_read_only", "on"))).await;
    let body = serde_json::json!({"ceremony": ceremony["ceremony"], "assertion": touch.to_string()});
    let request = axum::http::Request::post("/api/ui/finish_decision")
        .header("cookie", cookie)
        .header("origin", crate::testing::ORIGIN)
        .header("content-type", "application/json")
        .body(axum::body::Body::from(body.to_string()))
        .unwrap();
    let status = portal.send(request).await.status();
    assert!(status.is_server_error(), "{status}");
    assert_ne!(status, StatusCode::OK);
    crate::changes::execute(&portal.ctx, &held.number).await.unwrap_err();
    crate::changes::assess(&portal.ctx, &held.number).await.unwrap_err();
    assert_eq!(portal.state().await, watch_state);
    assert_eq!(portal.entries().await.len(), entries);
    assert!(portal.twin.github().answers(held.run).is_empty());
}
