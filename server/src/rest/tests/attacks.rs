//! ATK-01 and ATK-14 by machine token and by REST.

use crate::testing::{TestPortal, read};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};

const ALL: [&str; 4] = ["changes:read", "runs:read", "audit:read", "people:read"];

/// The requester's own token, and that of somebody who could approve: neither decides, with a perfect signature or not.
#[tokio::test(flavor = "multi_thread")]
async fn atk_01_requester_and_others_approve_by_api_token() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let (rohan, asha) = (portal.signer("E-1002").await, portal.signer("E-1001").await);
    for browser in [&rohan, &asha] {
        let (_, secret) = browser.token(&ALL, 1).await.unwrap();
        let digest = browser.change(&held.number).await.subject_digest;
        let wanted = json!({"decision": "approve", "comment": "", "subject_digest": digest});
        let watch = portal.watch().await;
        let path = format!("/api/v1/changes/{}/decisions", held.number);
        let refused = read(portal.program(&secret, Method::POST, &path, Some(&wanted)).await).await;
        assert_eq!((refused.0.as_u16(), &refused.1["code"]), (403, &json!("token_cannot_act")));
        watch.saw_one_refusal("token_cannot_act").await;
    }
    // A ceremony that the person began, signed by the person's own key, brought by the person's own machine.
    let begun = asha.begin(&held.number, "approve").await.unwrap();
    let (_, secret) = asha.token(&ALL, 2).await.unwrap();
    let body = json!({ "assertion": asha.touch(&begun) });
    let path = format!("/api/v1/changes/decisions/{}", begun["ceremony"].as_str().unwrap());
    let watch = portal.watch().await;
    let refused = read(portal.program(&secret, Method::POST, &path, Some(&body)).await).await;
    assert_eq!(refused.1["code"], "token_cannot_act");
    watch.saw_one_refusal("token_cannot_act").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_01_requester_approves_by_rest() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let rohan = portal.signer("E-1002").await;
    let digest = rohan.change(&held.number).await.subject_digest;
    let wanted = json!({"decision": "approve", "comment": "", "subject_digest": digest});
    let path = format!("/api/v1/changes/{}/decisions", held.number);
    let watch = portal.watch().await;
    let refused = read(rohan.rest(Method::POST, &path, "k", Some(&wanted)).await).await;
    assert_eq!((refused.0.as_u16(), &refused.1["code"]), (403, &json!("contributed")));
    watch.saw_one_refusal("contributed").await;
}

/// The header of another system's proxy names nobody here.
#[tokio::test(flavor = "multi_thread")]
async fn atk_09_impersonation_headers_and_parameters_by_rest() {
    let portal = TestPortal::start().await;
    let asha = portal.signer("E-1001").await;
    let (_, secret) = asha.token(&ALL, 1).await.unwrap();
    for (name, value) in
        [("x-forwarded-user", "E-1003"), ("impersonate-user", "E-1003"), ("x-http-method-override", "DELETE")]
    {
        let answer = portal.authorized(&[&format!("Bearer {secret}")], &[(name, value)], "/api/v1/people/me").await;
        assert_eq!(read(answer).await.1["id"], "E-1001", "{name}");
    }
}

/// Fields that the body does not have, at any depth; a key twice; another kind of body.
#[tokio::test(flavor = "multi_thread")]
async fn atk_14_mass_assignment_by_rest() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let digest = asha.change(&held.number).await.subject_digest;
    let path = format!("/api/v1/changes/{}/decisions", held.number);
    let good = format!(r#"{{"decision":"approve","comment":"","subject_digest":"{digest}""#);
    let json = "application/json";
    let mut attempts = 0;
    for (kind, body, code) in [
        (json, format!(r#"{good},"status":"released"}}"#), "request_malformed"),
        (json, format!(r#"{good},"person_id":"E-1003"}}"#), "request_malformed"),
        (json, format!(r#"{good},"person":{{"id":"E-1003"}}}}"#), "request_malformed"),
        (
            json,
            format!(r#"{good},"approvers":["E-1003"],"policy_version":"0","expires_at":"2099-01-01"}}"#),
            "request_malformed",
        ),
        (json, format!(r#"{good},"_method":"DELETE"}}"#), "request_malformed"),
        (json, format!(r#"{good},"number":"CHG-2026-000002"}}"#), "request_malformed"),
        (json, format!(r#"{good},"decision":"reject"}}"#), "request_malformed"),
        (json, format!(r#"{good}}}{{}}"#), "request_malformed"),
        (json, format!("[{good}}}]"), "request_malformed"),
        (json, r#"{"decision":"approve","comment":"","subject_digest":null}"#.to_owned(), "request_malformed"),
        (json, String::new(), "request_malformed"),
        ("application/x-www-form-urlencoded", "decision=approve".to_owned(), "content_type_unsupported"),
        ("text/plain", format!("{good}}}"), "content_type_unsupported"),
        ("", format!("{good}}}"), "content_type_unsupported"),
    ] {
        attempts += 1;
        let mut request =
            Request::post(&path).header("cookie", asha.cookies()).header("origin", crate::testing::ORIGIN);
        if !kind.is_empty() {
            request = request.header("content-type", kind);
        }
        let request = request.header("idempotency-key", format!("k-{attempts}")).body(Body::from(body.clone()));
        let watch = portal.watch().await;
        let (status, problem) = read(portal.send(request.unwrap()).await).await;
        assert!(status.is_client_error() && problem["code"] == code, "{body}: {problem}");
        watch.saw_one_refusal(code).await;
    }
    // A key twice inside what is passed on to the verifier.
    let begun = asha.begin(&held.number, "approve").await.unwrap();
    let assertion = asha.touch(&begun).to_string();
    let doubled = assertion.replacen(r#""signature":"#, r#""signature":"AA","signature":"#, 1);
    assert_ne!(doubled, assertion);
    let path = format!("/api/v1/changes/decisions/{}", begun["ceremony"].as_str().unwrap());
    let request = Request::post(&path).header("cookie", asha.cookies()).header("origin", crate::testing::ORIGIN);
    let request = request.header("content-type", json).header("idempotency-key", "k");
    let watch = portal.watch().await;
    let request = request.body(Body::from(format!(r#"{{"assertion":{doubled}}}"#))).unwrap();
    let (_, problem) = read(portal.send(request).await).await;
    assert_eq!(problem["code"], "request_malformed", "{problem}");
    watch.saw_one_refusal("request_malformed").await;
    // And it was refused before it was used: the honest signature still counts.
    let honest: Value = serde_json::from_str(&assertion).unwrap();
    let done = read(asha.rest(Method::POST, &path, "k2", Some(&json!({ "assertion": honest }))).await).await;
    assert_eq!(done.0, StatusCode::OK, "{}", done.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_refused_and_counted() {
    let portal = TestPortal::start().await;
    let asha = portal.browser("E-1001").await;
    let body = json!({"name": "x".repeat(70_000), "scopes": [], "days": 1});
    let watch = portal.watch().await;
    let refused = read(asha.rest(Method::POST, "/api/v1/people/tokens", "k", Some(&body)).await).await;
    assert_eq!((refused.0.as_u16(), &refused.1["code"]), (413, &json!("body_too_large")));
    assert_eq!(portal.counted().await, [("request".to_owned(), "body_too_large".to_owned(), 1)]);
    watch.saw_nothing().await;
}

/// Whoever asks is not who says yes, by REST neither; and a ceremony of somebody who may, brought by their machine, is
/// worth nothing.
#[tokio::test(flavor = "multi_thread")]
async fn atk_07_endorsing_by_rest_and_by_api_token() {
    let portal = TestPortal::start_strict().await;
    let (asha, _) = portal.founders().await;
    let (_, secret) = asha.token(&ALL, 1).await.unwrap();
    let leela = portal.browser("E-1003").await;
    leela.enrol("first").await.unwrap();
    let (_, open) = super::get(&leela, "/api/v1/people/requests").await;
    for request in open["requests"].as_array().unwrap() {
        let path = format!("/api/v1/people/requests/{}", request["id"].as_str().unwrap());
        let (_, shown) = super::get(&leela, &path).await;
        assert_eq!(shown["against_yes"][0]["code"], "endorses_self");
        let wanted = json!({"decision": "approve", "subject_digest": shown["subject_digest"]});
        let watch = portal.watch().await;
        let (path, name) = (format!("{path}/endorsements"), request["wants"].as_str().unwrap());
        let refused = read(leela.rest(Method::POST, &path, name, Some(&wanted)).await).await;
        assert_eq!((refused.0.as_u16(), &refused.1["code"]), (403, &json!("endorses_self")));
        watch.saw_one_refusal("endorses_self").await;

        let begun = read(asha.rest(Method::POST, &path, name, Some(&wanted)).await).await.1;
        let touch = json!({ "assertion": asha.key.sign(&begun["options"], crate::testing::ORIGIN) });
        let path = format!("/api/v1/people/requests/endorsements/{}", begun["ceremony"].as_str().unwrap());
        let watch = portal.watch().await;
        let refused = read(portal.program(&secret, Method::POST, &path, Some(&touch)).await).await;
        assert_eq!((refused.0.as_u16(), &refused.1["code"]), (403, &json!("token_cannot_act")));
        watch.saw_one_refusal("token_cannot_act").await;
    }
}

/// Another person's session and request: neither ended nor told apart from what is not there.
#[tokio::test(flavor = "multi_thread")]
async fn anothers_session_and_request_are_not_to_be_ended_by_rest() {
    let portal = TestPortal::start_strict().await;
    let (asha, vikram) = portal.founders().await;
    let leela = portal.browser("E-1003").await;
    leela.enrol("first").await.unwrap();
    let (_, open) = super::get(&asha, "/api/v1/people/requests").await;
    let key = open["requests"].as_array().unwrap().iter().find(|request| request["wants"] == "key").unwrap();
    let (_, hers) = super::get(&leela, "/api/v1/people/sessions").await;
    let hers = hers["sessions"][0]["id"].as_str().unwrap();
    for (path, code) in [
        (format!("/api/v1/people/sessions/{hers}"), "session_unknown"),
        (format!("/api/v1/people/requests/{}", key["id"].as_str().unwrap()), "request_unknown"),
    ] {
        let watch = portal.watch().await;
        let refused = read(vikram.rest(Method::DELETE, &path, code, None).await).await;
        assert_eq!(refused.1["code"], code, "{}", refused.1);
        watch.saw_one_refusal(code).await;
    }
    let watch = portal.watch().await;
    let path = format!("/api/v1/people/sessions/{hers}/theft");
    let refused = read(vikram.rest(Method::POST, &path, "theft", None).await).await;
    assert_eq!((refused.0.as_u16(), &refused.1["code"]), (403, &json!("role_not_held")));
    watch.saw_one_refusal("role_not_held").await;
    assert_eq!(super::get(&leela, "/api/v1/people/me").await.0, StatusCode::OK, "she is still here");
}
