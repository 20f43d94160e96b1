//! ATK-W3 to W13: bent touches, through the production router and services. Each ends in no change of
//! state, not even of a key's counter, and in exactly one entry with the right reason.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod ceremony;
mod flags;
mod malformed;
mod page;
mod same_key;

use crate::auth::testing::{SoftKey, Touch};
use crate::testing::{Browser, ORIGIN, TestPortal};
use gatehouse_domain::problem::Problem;
use serde_json::{Value, json};

/// What is tried, and how.
type Bent<T> = (&'static str, fn(&mut T));

/// What is tried, how, and the reason that it must be refused for.
type Bends<'a> = &'a [(&'a str, fn(&mut Touch), &'a str)];

/// Tries each bend at an approval; the same key, unbent, approves afterwards.
async fn approvals_refused(portal: &TestPortal, bends: Bends<'_>) {
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let uses = key_uses(portal).await;
    for (tried, bend, code) in bends {
        let ceremony = asha.begin(&held.number, "approve").await.unwrap();
        let answer = asha.touch_with(&ceremony, bend);
        let watch = portal.watch().await;
        assert_eq!(asha.finish(&ceremony, &answer).await.expect_err(tried).code, *code, "{tried}");
        watch.saw_one_refusal(code).await;
        assert_eq!(key_uses(portal).await, uses, "{tried}");
    }
    asha.approve(&held.number).await.unwrap();
    assert_ne!(key_uses(portal).await, uses, "an honest use counts");
}

/// Tries each bend at a first enrolment; the same key, unbent, is enrolled afterwards.
async fn enrolments_refused(portal: &TestPortal, bends: Bends<'_>) {
    let leela = portal.browser("E-1003").await;
    for (tried, bend, code) in bends {
        let watch = portal.watch().await;
        assert_eq!(enrol(&leela, &leela.key, bend, |_| {}).await.expect_err(tried).code, *code, "{tried}");
        watch.saw_one_refusal(code).await;
    }
    leela.enrol("first").await.unwrap();
}

/// Enrols `key`, bent when it is made (`touch`) or on its way to us (`answer`).
async fn enrol(
    browser: &Browser<'_>,
    key: &SoftKey,
    touch: impl FnOnce(&mut Touch),
    answer: impl FnOnce(&mut Value),
) -> Result<Value, Problem> {
    let begun = begin_enrol(browser).await;
    let mut credential = key.register_with(&options(&begun), ORIGIN, touch);
    answer(&mut credential);
    finish_enrol(browser, &begun, &credential).await
}

async fn begin_enrol(browser: &Browser<'_>) -> Value {
    browser.call("begin_enrol", json!({"request": {"name": "a key", "founder_code": null}})).await.unwrap()
}

async fn finish_enrol(browser: &Browser<'_>, begun: &Value, credential: &Value) -> Result<Value, Problem> {
    browser.call("finish_enrol", json!({"ceremony": begun["ceremony"], "credential": credential.to_string()})).await
}

async fn sign_enrolment(browser: &Browser<'_>, asked: &Value, assertion: &Value) -> Result<Value, Problem> {
    let body = json!({"ceremony": asked["ceremony"], "assertion": assertion.to_string()});
    browser.call("finish_enrol_signature", body).await
}

/// What the page hands to the authenticator.
fn options(begun: &Value) -> Value {
    serde_json::from_str(begun["options"].as_str().unwrap()).unwrap()
}

/// Counters and last uses: bookkeeping, which a refusal must leave alone too.
async fn key_uses(portal: &TestPortal) -> String {
    sqlx::query_scalar("SELECT coalesce(string_agg(u::text, '|' ORDER BY u::text), '') FROM people_key_uses u")
        .fetch_one(&portal.db.owner)
        .await
        .unwrap()
}
