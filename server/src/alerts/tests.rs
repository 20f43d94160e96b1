//! Incidents through the production router. What they open, and for whom, is in `changes/tests/emergency.rs`.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use crate::testing::{Browser, TestPortal};
use gatehouse_domain::problem::Problem;
use serde_json::{Value, json};

async fn say(who: &Browser<'_>, wish: Value) -> Result<Value, Problem> {
    let begun = who.call("begin_incident", json!({ "wish": wish })).await?;
    let body = json!({"ceremony": begun["ceremony"], "assertion": who.touch(&begun).to_string()});
    who.call("finish_incident", body).await
}

fn declared(severity: &str, environment: &str, services: &[&str], title: &str) -> Value {
    json!({"declare": {"severity": severity, "environment": environment, "services": services, "title": title}})
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_declarations_are_refused_each_with_its_reason() {
    let portal = TestPortal::start().await;
    let asha = portal.signer("E-1001").await;
    for (wish, code) in [
        (declared("p0", "production", &["score-api"], "t"), "body_malformed"),
        (declared("p1", "nowhere", &["score-api"], "t"), "environment_unknown"),
        (declared("p1", "production", &["no-such"], "t"), "service_unknown"),
        (declared("p1", "production", &[], "t"), "service_unknown"),
        (declared("p1", "production", &["score-api"], " "), "comment_missing"),
        (declared("p1", "production", &["score-api"], "\u{202e}t"), "text_refused"),
        (json!({"say": {"word": "close", "incident": "x", "words": "w"}}), "incident_unknown"),
    ] {
        let watch = portal.watch().await;
        assert_eq!(say(&asha, wish).await.unwrap_err().code, code);
        watch.saw_one_refusal(code).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_08_declaring_without_a_role_that_may() {
    let portal = TestPortal::start().await;
    let auditor = portal.signer("E-1007").await;
    let watch = portal.watch().await;
    let refused = say(&auditor, declared("p1", "production", &["score-api"], "t")).await.unwrap_err();
    assert_eq!(refused.code, "role_not_held");
    watch.saw_one_refusal("role_not_held").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_is_in_no_entry_in_the_clear() {
    let portal = TestPortal::start().await;
    let asha = portal.signer("E-1001").await;
    say(&asha, declared("p2", "production", &["score-api"], "a very telling title")).await.unwrap();
    for entry in portal.entries().await {
        let text = String::from_utf8(entry.to_bytes().unwrap()).unwrap();
        assert!(!text.contains("telling"), "{text}");
    }
    crate::testing::replay::must_rebuild(&mut portal.ctx.db.acquire().await.unwrap()).await;
}
