//! ATK-07: the requester administers the group, and lets a colleague in who approves.
//!
//! Nothing is relaxed here: Asha and Vikram are founders; Leela comes later, endorsed by both.

use crate::people;
use crate::testing::{Browser, TestPortal};
use chrono::Duration;
use gatehouse_domain::changes::State;
use serde_json::{Value, json};

/// Endorses everything that waits for this browser's person.
async fn endorse_all(browser: &Browser<'_>) -> usize {
    let (_, people) = browser.get("/api/ui/people").await;
    let waiting: Vec<Value> =
        people["requests"].as_array().unwrap().iter().filter(|row| row["is_yours"] == true).cloned().collect();
    for row in &waiting {
        let id = row["id"].as_str().unwrap();
        let (_, shown) = browser.get(&format!("/api/ui/request?id={id}")).await;
        let request = json!({"request": id, "decision": "approve", "subject_digest": shown["digest"]});
        let asked = browser.call("begin_endorsement", json!({ "request": request })).await.unwrap();
        let assertion = browser.touch(&asked).to_string();
        browser
            .call("finish_endorsement", json!({"ceremony": asked["ceremony"], "assertion": assertion}))
            .await
            .unwrap();
    }
    waiting.len()
}

/// The whole way of a colleague: in the group, then endorsed; a minute before the day is over every approval is
/// refused, and it counts after it.
#[tokio::test(flavor = "multi_thread")]
async fn atk_07_a_colleague_added_after_the_request_fills_no_seat_for_a_day() {
    let portal = TestPortal::start_strict().await;
    // Leela leaves the group before Gatehouse meets her.
    portal.twin.people().remove_group("u-1003", "altscore-engineers").unwrap();
    let (asha, vikram) = portal.founders().await;
    let held = portal.held("score-api", "rohandas").await;
    asha.approve(&held.number).await.unwrap();
    // Now she is put into it, signs in and makes a key.
    portal.twin.people().add_group("u-1003", "altscore-engineers").unwrap();
    let leela = portal.browser("E-1003").await;
    leela.enrol("first").await.unwrap();
    let watch = portal.watch().await;
    let refused = leela.begin(&held.number, "approve").await.unwrap_err();
    let codes: Vec<&str> = refused.reasons.iter().map(|reason| reason.code.as_str()).collect();
    assert_eq!(codes, ["no_key", "role_waits"]);
    watch.saw_one_refusal("role_waits").await;
    assert_eq!((endorse_all(&asha).await, endorse_all(&vikram).await), (2, 2));
    // 23 h 59 min: the key signs nothing, the role fills nothing.
    portal.advance(Duration::hours(24) - Duration::minutes(1)).await;
    let mut again = portal.browser("E-1003").await;
    again.key = leela.key;
    let watch = portal.watch().await;
    assert_eq!(again.begin(&held.number, "approve").await.unwrap_err().code, "no_key");
    watch.saw_one_refusal("role_waits").await;
    assert_eq!(again.change(&held.number).await.row.status.word, "Held · 1 of 2");
    // 24 h: she is an engineer like any other, and Asha's approval still stands.
    portal.advance(Duration::minutes(1)).await;
    portal.browser("E-1001").await;
    again.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    let mut conn = portal.ctx.db.acquire().await.unwrap();
    let state = super::super::store::get_change(&mut conn, &held.number).await.unwrap().state;
    assert_eq!(state, State::Released);
}

/// INV-8: a role that was lost and is back when the gate would open fills no seat either.
#[tokio::test(flavor = "multi_thread")]
async fn atk_08_a_role_lost_and_regained_between_approval_and_execution_fills_no_seat() {
    let portal = TestPortal::start_strict().await;
    let (asha, vikram) = portal.founders().await;
    let held = portal.held("score-api", "rohandas").await;
    asha.approve(&held.number).await.unwrap();
    portal.twin.people().remove_group("u-1001", "altscore-engineers").unwrap();
    people::refresh_role_facts(&portal.ctx, &"E-1001".parse().unwrap()).await.unwrap();
    portal.twin.people().add_group("u-1001", "altscore-engineers").unwrap();
    vikram.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    let view = vikram.change(&held.number).await;
    assert_eq!(view.row.status.word, "Held · 1 of 2");
    assert!(view.gate.reasons.iter().any(|reason| reason.code == "approval_void"));
}
