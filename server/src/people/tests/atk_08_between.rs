//! ATK-08: something happens to an approver between their approval and its execution.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use crate::testing::{Browser, Held, TestPortal};
use chrono::Duration;
use http::{Method, StatusCode};
use serde_json::{Value, json};

/// Approved by Asha and Leela, executed by nobody yet.
async fn approved(portal: &TestPortal) -> (Held, Browser<'_>, Browser<'_>) {
    let held = portal.held("score-api", "rohandas").await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    asha.approve(&held.number).await.unwrap();
    leela.approve(&held.number).await.unwrap();
    (held, asha, leela)
}

/// It is not released, the page says why, and one approval more releases it: so it was this one that fell.
async fn voided(portal: &TestPortal, held: &Held, code: &str) {
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run) && portal.twin.github().answers(held.run).is_empty());
    assert!(!portal.acts_about(held.number.as_str()).await.contains(&"changes.execution_intended"));
    let vikram = portal.signer("E-1006").await;
    let gate = vikram.change(&held.number).await.gate;
    assert!(gate.reasons.iter().any(|reason| reason.code == code), "{code} is not among {:?}", gate.reasons);
    vikram.approve(&held.number).await.unwrap();
    portal.let_jobs_try_again().await;
    assert!(portal.twin.github().job_released(held.run));
    let seats = portal.entries().await.into_iter().find_map(|entry| match entry.event {
        gatehouse_domain::audit::Event::ExecutionIntended(intended) => Some(intended.seats),
        _ => None,
    });
    let persons: Vec<_> = seats.unwrap().into_iter().map(|seat| seat.person.to_string()).collect();
    assert!(persons.contains(&"E-1003".to_owned()) && persons.contains(&"E-1006".to_owned()), "{persons:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_08_an_approver_who_was_deactivated_opens_nothing() {
    let portal = TestPortal::start().await;
    let (held, ..) = approved(&portal).await;
    portal.twin.people().suspend("u-1001");
    voided(&portal, &held, "approval_void").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_08_an_approver_whose_role_was_taken_away_opens_nothing() {
    let portal = TestPortal::start().await;
    let (held, ..) = approved(&portal).await;
    portal.twin.people().remove_group("u-1001", "altscore-engineers").unwrap();
    voided(&portal, &held, "approval_void").await;
    let refused = portal.acts_about(held.number.as_str()).await.iter().filter(|act| **act == "audit.refused").count();
    assert_eq!(refused, 1, "the execution that did not happen is one entry");
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_08_an_approver_whose_key_was_revoked_opens_nothing() {
    let portal = TestPortal::start().await;
    let (held, asha, _) = approved(&portal).await;
    let (_, keys) = asha.get("/api/ui/keys").await;
    let asked = asha.call("begin_revoke", json!({ "key": keys["keys"][0]["id"] })).await.unwrap();
    let assertion = asha.touch(&asked).to_string();
    asha.call("finish_revoke", json!({ "ceremony": asked["ceremony"], "assertion": assertion })).await.unwrap();
    voided(&portal, &held, "approval_void").await;
}

/// The directory took the group away; the provider goes on saying it for ten minutes.
#[tokio::test(flavor = "multi_thread")]
async fn atk_08_a_group_that_goes_late_is_gone_when_the_provider_says_so_however_fresh_the_facts_are() {
    let portal = TestPortal::start().await;
    portal.twin.people().delay_groups(Duration::minutes(10));
    let held = portal.held("score-api", "rohandas").await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    asha.approve(&held.number).await.unwrap();
    portal.twin.people().remove_group("u-1001", "altscore-engineers").unwrap();
    portal.advance(Duration::minutes(9)).await;
    let person = asha.who().await.person;
    crate::people::refresh_role_facts(&portal.ctx, &person).await.unwrap();
    let mut conn = portal.ctx.db.acquire().await.unwrap();
    let me = crate::people::service::me(&mut conn, &portal.ctx, &asha.who().await).await.unwrap();
    assert!(me.roles.contains(&"Engineer".to_owned()), "nobody can know yet");
    portal.advance(Duration::minutes(2)).await;
    // Two minutes old, and wrong by now: what is asked again at execution counts.
    leela.approve(&held.number).await.unwrap();
    voided(&portal, &held, "approval_void").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_08_an_approver_whose_session_was_stolen_opens_nothing() {
    let portal = TestPortal::start().await;
    let (held, asha, _) = approved(&portal).await;
    let session = asha.who().await.session_id.to_string();
    let (status, to) = asha.submit("report_stolen", &[("session", &session)]).await;
    assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/sessions"));
    voided(&portal, &held, "seat_empty").await;
    let acts = portal.acts_about(held.number.as_str()).await;
    assert_eq!(acts.iter().filter(|act| **act == "changes.approval_voided").count(), 1, "{acts:?}");
}

/// A session that merely ended takes nothing back.
#[tokio::test(flavor = "multi_thread")]
async fn atk_08_an_approval_outlives_a_session_that_ended() {
    for how in ["signed out", "idle", "signed out elsewhere", "replaced"] {
        let portal = TestPortal::start().await;
        let (held, asha, _) = approved(&portal).await;
        match how {
            "signed out" => drop(asha.request(Method::POST, "/auth/logout", None).await),
            "idle" => portal.advance(Duration::minutes(16)).await,
            "replaced" => asha.sign_in_again().await,
            _ => {
                let other = portal.browser("E-1001").await;
                other.submit("sign_out_elsewhere", &[]).await;
            }
        }
        if how != "replaced" {
            assert_eq!(asha.get("/api/ui/home").await.0, StatusCode::UNAUTHORIZED, "{how}");
        }
        portal.run_jobs().await;
        assert!(portal.twin.github().job_released(held.run), "{how}: it fell");
    }
}

/// The thief's touch is on its way when the session is reported: whichever comes first, nothing of it stands.
#[tokio::test(flavor = "multi_thread")]
async fn atk_08_a_decision_that_is_on_its_way_while_its_session_is_reported_does_not_stand() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let who = asha.who().await;
    let session = who.session_id;
    let asked: Value = asha.begin(&held.number, "approve").await.unwrap();
    let assertion = asha.touch(&asked).to_string();
    let watch = portal.watch().await;
    // Whoever reports holds the session; the decision has taken its ceremony and comes to it.
    let mut report = portal.db.owner.begin().await.unwrap();
    crate::people::store::sessions::lock_session(&mut report, session).await.unwrap();
    let ceremony = asked["ceremony"].as_str().unwrap().to_owned();
    let ctx = portal.ctx.clone();
    let decision =
        tokio::spawn(async move { crate::changes::service::finish_decision(&ctx, &who, &ceremony, &assertion).await });
    portal.db.somebody_waits().await;
    sqlx::query(
        "UPDATE people_sessions SET ended_at = gatehouse_now(), end_cause = 'compromised' WHERE session_id = $1",
    )
    .bind(session)
    .execute(&mut *report)
    .await
    .unwrap();
    report.commit().await.unwrap();
    assert_eq!(super::codes(decision.await.unwrap()), "not_signed_in");
    watch.saw_one_refusal("not_signed_in").await;
}
