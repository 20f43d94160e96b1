//! Requests that arrive more than once; ATK-24 and ATK-17 by REST.

use super::get;
use crate::testing::{Browser, TestPortal, read};
use axum::http::{Method, StatusCode};
use chrono::Duration;
use gatehouse_domain::ChangeNumber;
use serde_json::{Value, json};

async fn post(browser: &Browser<'_>, path: &str, key: &str, body: &Value) -> (StatusCode, Value) {
    read(browser.rest(Method::POST, path, key, Some(body)).await).await
}

/// Asks what to sign, and signs it: gives where the signature goes, and the signature.
async fn signed(browser: &Browser<'_>, number: &ChangeNumber, key: &str) -> (String, Value) {
    let (_, change) = get(browser, &format!("/api/v1/changes/{number}")).await;
    let body = json!({"decision": "approve", "comment": "", "subject_digest": change["subject"]["digest"]});
    let (status, begun) = post(browser, &format!("/api/v1/changes/{number}/decisions"), key, &body).await;
    assert_eq!(status, StatusCode::OK, "{begun}");
    let assertion = browser.key.sign(&begun["options"], crate::testing::ORIGIN);
    let ceremony = begun["ceremony"].as_str().unwrap();
    (format!("/api/v1/changes/decisions/{ceremony}"), json!({ "assertion": assertion }))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_is_answered_again_and_not_done_again() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let (path, body) = signed(&asha, &held.number, "begin-1").await;
    let first = asha.rest(Method::POST, &path, "\"finish-1\"", Some(&body)).await;
    assert!(first.headers().get("idempotency-replayed").is_none());
    let (status, first) = read(first).await;
    assert_eq!((status, &first["entries"][0]["act"]), (StatusCode::OK, &json!("changes.approved")), "{first}");
    let id = portal.entries().await.last().unwrap().id.to_string();
    assert_eq!(first["entries"][0]["id"], json!(id));

    let watch = portal.watch().await;
    let again = asha.rest(Method::POST, &path, "finish-1", Some(&body)).await;
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    assert_eq!(read(again).await, (StatusCode::OK, first.clone()));
    // Asking again what to sign gives the same ceremony: it makes no second one.
    let (again, _) = signed(&asha, &held.number, "begin-1").await;
    assert_eq!(again, path);
    watch.saw_nothing().await;

    let watch = portal.watch().await;
    let other = post(&asha, &path, "finish-1", &json!({"assertion": {}})).await;
    assert_eq!((other.0.as_u16(), &other.1["code"]), (422, &json!("idempotency_key_reused")));
    watch.saw_one_refusal("idempotency_key_reused").await;
    // The key is the asker's own: another person's is another.
    let leela = portal.signer("E-1003").await;
    let watch = portal.watch().await;
    let foreign = post(&leela, &path, "finish-1", &body).await;
    assert_eq!(foreign.1["code"], "ceremony_unknown");
    watch.saw_one_refusal("ceremony_unknown").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_answered_again_too_and_recorded_once() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let rohan = portal.signer("E-1002").await;
    let path = format!("/api/v1/changes/{}/decisions", held.number);
    let body = json!({"decision": "approve", "comment": "", "subject_digest": "0".repeat(64)});
    let watch = portal.watch().await;
    let first = post(&rohan, &path, "k", &body).await;
    assert_eq!(first.1["code"], "subject_replaced", "{}", first.1);
    assert_eq!(post(&rohan, &path, "k", &body).await, first);
    watch.saw_one_refusal("contributed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_while_it_is_under_way_is_told_so() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let (path, body) = signed(&asha, &held.number, "b").await;
    // The first one waits for a row that somebody holds.
    let mut holder = portal.db.owner.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM changes_changes FOR UPDATE").execute(&mut *holder).await.unwrap();
    let first = post(&asha, &path, "k", &body);
    let second = async {
        let taken = "SELECT count(*) FROM rest_requests WHERE key = 'k'";
        while sqlx::query_scalar::<_, i64>(taken).fetch_one(&portal.db.owner).await.unwrap() == 0 {
            tokio::task::yield_now().await;
        }
        let (_, problem) = post(&asha, &path, "k", &body).await;
        holder.rollback().await.unwrap();
        problem
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!((first.0, &second["code"]), (StatusCode::OK, &json!("request_under_way")), "{first:?}");
    let acts = portal.acts_about(held.number.as_str()).await;
    assert_eq!(acts.iter().filter(|act| **act == "changes.approved").count(), 1);
}

/// The portal committed and its answer never arrived: the connection to the database broke after COMMIT, so that even
/// the portal does not know. Whoever asks again with the same key finds out, and nothing is done twice.
#[tokio::test(flavor = "multi_thread")]
async fn atk_24_lost_commit_acknowledgement_then_the_same_idempotency_key() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let (path, body) = signed(&asha, &held.number, "b").await;
    let (_, first) = post(&asha, &path, "k", &body).await;
    // What a portal leaves that met an error at COMMIT: no answer kept, nobody at it.
    let forget =
        "UPDATE rest_requests SET status = NULL, content_type = NULL, body = NULL, taken_at = NULL WHERE key = 'k'";
    sqlx::query(forget).execute(&portal.db.owner).await.unwrap();
    let watch = portal.watch().await;
    let (status, again) = post(&asha, &path, "k", &body).await;
    assert_eq!((status, &again), (StatusCode::OK, &first), "made from what the transaction itself wrote");
    watch.saw_nothing().await;

    // A portal that was killed in between leaves it taken; a minute later it is not waited for any more.
    let taken = "UPDATE rest_requests SET status = NULL, content_type = NULL, body = NULL, taken_at = gatehouse_now() WHERE key = 'k'";
    sqlx::query(taken).execute(&portal.db.owner).await.unwrap();
    assert_eq!(post(&asha, &path, "k", &body).await.1["code"], "request_under_way");
    portal.advance(Duration::seconds(60)).await;
    assert_eq!(post(&asha, &path, "k", &body).await, (StatusCode::OK, first));
}

/// The transaction failed: the same key finds that nothing was done, and does it.
#[tokio::test(flavor = "multi_thread")]
async fn atk_24_transaction_that_failed_then_the_same_idempotency_key() {
    let portal = TestPortal::start().await;
    let asha = portal.signer("E-1001").await;
    let (id, _) = asha.token(&["audit:read"], 1).await.unwrap();
    let path = format!("/api/v1/people/tokens/{id}");
    sqlx::query("REVOKE UPDATE ON people_tokens FROM gatehouse_app").execute(&portal.db.owner).await.unwrap();
    let failed = asha.rest(Method::DELETE, &path, "k", None).await;
    assert_eq!(failed.status(), StatusCode::INTERNAL_SERVER_ERROR);
    sqlx::query("GRANT UPDATE ON people_tokens TO gatehouse_app").execute(&portal.db.owner).await.unwrap();
    let (status, done) = read(asha.rest(Method::DELETE, &path, "k", None).await).await;
    assert_eq!((status, &done["entries"][0]["act"]), (StatusCode::OK, &json!("people.token_revoked")), "{done}");
    let watch = portal.watch().await;
    assert_eq!(read(asha.rest(Method::DELETE, &path, "k", None).await).await, (StatusCode::OK, done));
    watch.saw_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_17_same_approval_twice_by_rest() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let (path, body) = signed(&asha, &held.number, "b").await;
    assert_eq!(post(&asha, &path, "k1", &body).await.0, StatusCode::OK);
    // With another key it is another request, and the ceremony is used up.
    let watch = portal.watch().await;
    assert_eq!(post(&asha, &path, "k2", &body).await.1["code"], "ceremony_unknown");
    watch.saw_one_refusal("ceremony_unknown").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_17_parallel_double_submit_by_rest() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let (path, body) = signed(&asha, &held.number, "b").await;
    let (a, b, c) = tokio::join!(
        post(&asha, &path, "k", &body),
        post(&asha, &path, "k", &body),
        post(&asha, &path, "other", &body)
    );
    let done = [&a, &b, &c].into_iter().filter(|answer| answer.0 == StatusCode::OK).count();
    assert!(done >= 1, "{a:?} {b:?} {c:?}");
    let acts = portal.acts_about(held.number.as_str()).await;
    assert_eq!(acts.iter().filter(|act| **act == "changes.approved").count(), 1, "{acts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_shown_once_however_often_it_is_asked_for() {
    let portal = TestPortal::start().await;
    let asha = portal.signer("E-1001").await;
    let wanted = json!({"name": "dash", "scopes": ["audit:read"], "days": 1});
    let (_, begun) = post(&asha, "/api/v1/people/tokens", "b", &wanted).await;
    let assertion = asha.key.sign(&begun["options"], crate::testing::ORIGIN);
    let path = format!("/api/v1/people/tokens/issues/{}", begun["ceremony"].as_str().unwrap());
    let (_, first) = post(&asha, &path, "k", &json!({ "assertion": assertion })).await;
    let secret = first["secret"].as_str().unwrap().to_owned();
    let (_, again) = post(&asha, &path, "k", &json!({ "assertion": assertion })).await;
    assert_eq!((&again["token"], &again["secret"]), (&first["token"], &Value::Null));
    let kept: Vec<Vec<u8>> = sqlx::query_scalar("SELECT body FROM rest_requests WHERE body IS NOT NULL")
        .fetch_all(&portal.db.owner)
        .await
        .unwrap();
    assert!(!kept.iter().any(|body| String::from_utf8_lossy(body).contains(&secret[5..40])));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_requests_live_for_a_day() {
    let portal = TestPortal::start().await;
    let asha = portal.signer("E-1001").await;
    let wanted = json!({"name": "dash", "scopes": [], "days": 1});
    let ask = async || post(&asha, "/api/v1/people/tokens", "k", &wanted).await;
    ask().await;
    portal.advance(Duration::hours(24)).await;
    crate::rest::once::sweep(&portal.ctx).await.unwrap();
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM rest_requests").fetch_one(&portal.db.owner).await.unwrap();
    assert_eq!(left, 1, "a day is not over yet");
    portal.advance(Duration::seconds(1)).await;
    crate::rest::once::sweep(&portal.ctx).await.unwrap();
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM rest_requests").fetch_one(&portal.db.owner).await.unwrap();
    assert_eq!(left, 0);
}
