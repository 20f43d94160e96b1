//! ATK-14: fields that nobody asked for, twice, nested, or by another method. Refused or ignored; nothing else changes.

use crate::testing::{Browser, TestPortal, read};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};

/// What an attacker would like to set.
const WANTED: [(&str, &str); 12] = [
    ("status", "released"),
    ("state", "released"),
    ("person", "E-1003"),
    ("person_id", "E-1003"),
    ("signer", "E-1003"),
    ("approvers", "E-1003"),
    ("roles", "engineer"),
    ("policy_version", "0"),
    ("expires_at", "2099-01-01T00:00:00Z"),
    ("signed_at", "2000-01-01T00:00:00Z"),
    ("key", "00000000-0000-7000-8000-000000000000"),
    ("fell_because", ""),
];

/// Every server function that acts, with an honest body for it.
fn acts(number: &str) -> [(&'static str, Value); 6] {
    let decision = json!({"number": number, "decision": "approve", "comment": "x", "subject_digest": "0"});
    [
        ("begin_decision", json!({ "request": decision })),
        ("finish_decision", json!({"ceremony": "none", "assertion": "{}"})),
        ("begin_enrol", json!({"request": {"name": "x", "founder_code": null}})),
        ("finish_enrol", json!({"ceremony": "none", "credential": "{}"})),
        ("finish_enrol_signature", json!({"ceremony": "none", "assertion": "{}"})),
        ("begin_revoke", json!({"key": "none"})),
    ]
}

async fn post(browser: &Browser<'_>, path: &str, body: &str) -> (StatusCode, Value) {
    read(browser.request_raw(Method::POST, path, body).await).await
}

/// The requester, whom every approval refuses, adds everything that might make a difference, everywhere.
#[tokio::test(flavor = "multi_thread")]
async fn atk_14_fields_that_nobody_asked_for_change_nothing() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let rohan = portal.signer("E-1002").await;
    let before = portal.state().await;
    for (function, honest) in acts(held.number.as_str()) {
        if function == "begin_enrol" {
            continue;
        }
        let (_, said) = post(&rohan, &format!("/api/ui/{function}"), &honest.to_string()).await;
        for nested in [false, true] {
            let mut body = honest.clone();
            let place = if nested && body["request"].is_object() { &mut body["request"] } else { &mut body };
            for (field, value) in WANTED {
                place[field] = json!(value);
            }
            let entries = portal.entries().await.len();
            let (status, told) = post(&rohan, &format!("/api/ui/{function}"), &body.to_string()).await;
            assert!(!status.is_success(), "{function}: {told}");
            let code = told["code"].as_str().unwrap();
            assert!(
                code == "request_malformed" || told["code"] == said["code"],
                "{function}: {told} instead of {said}"
            );
            let entry = usize::from(code != "request_malformed");
            assert_eq!(portal.entries().await.len(), entries + entry, "{function}");
        }
    }
    assert_eq!(portal.state().await, before);
}

/// What a structure of ours does not have is refused, so that nobody comes to rely on its being ignored.
#[tokio::test(flavor = "multi_thread")]
async fn atk_14_a_decision_with_a_person_of_its_own_is_no_decision() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let shown = asha.change(&held.number).await.subject_digest;
    let watch = portal.watch().await;
    for (field, value) in WANTED {
        let mut body =
            json!({"request": {"number": held.number, "decision": "approve", "comment": "", "subject_digest": shown}});
        body["request"][field] = json!(value);
        let refused = asha.call("begin_decision", body).await.unwrap_err();
        assert_eq!((refused.code.as_str(), refused.status), ("request_malformed", 400), "{field}");
    }
    watch.saw_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_14_the_same_key_twice() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let shown = asha.change(&held.number).await.subject_digest;
    let watch = portal.watch().await;
    let one =
        format!(r#"{{"number":"{}","decision":"reject","comment":"no","subject_digest":"{shown}"}}"#, held.number);
    let bodies = [
        format!(r#"{{"request":{one},"request":{one}}}"#),
        format!(
            r#"{{"request":{}}}"#,
            one.replacen(r#""decision":"reject""#, r#""decision":"reject","decision":"approve""#, 1)
        ),
        format!(r#"{{"request":{}}}"#, one.replacen(r#""decision""#, r#""number":"CHG-2026-000009","decision""#, 1)),
    ];
    for body in bodies {
        let (status, told) = post(&asha, "/api/ui/begin_decision", &body).await;
        assert_eq!((status, told["code"].as_str()), (StatusCode::BAD_REQUEST, Some("request_malformed")), "{body}");
    }
    let ceremony = asha.begin(&held.number, "reject").await.unwrap();
    let id = ceremony["ceremony"].as_str().unwrap();
    let assertion = serde_json::to_string(&asha.touch(&ceremony).to_string()).unwrap();
    let twice = format!(r#"{{"ceremony":"other","ceremony":"{id}","assertion":{assertion}}}"#);
    assert_eq!(post(&asha, "/api/ui/finish_decision", &twice).await.1["code"], "request_malformed");
    watch.saw_nothing().await;
}

/// Neither a form field, a query parameter nor a header makes another method of a request.
#[tokio::test(flavor = "multi_thread")]
async fn atk_14_method_overrides_are_not_heard() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let watch = portal.watch().await;
    let body = json!({"request": {"number": held.number, "decision": "close", "comment": "x", "subject_digest": ""}})
        .to_string();
    for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
        let (status, _) =
            read(asha.request_raw(method.clone(), "/api/ui/begin_decision?_method=POST", &body).await).await;
        assert!(!status.is_success(), "{method}");
    }
    for path in ["/api/ui/change?_method=POST", "/api/ui/home?_method=DELETE&status=released"] {
        let path = if path.contains("change") { format!("{path}&number={}", held.number) } else { path.to_owned() };
        let mut request =
            Request::get(&path).header("x-http-method-override", "POST").header("x-method-override", "DELETE");
        request = request.header("cookie", asha.cookies());
        let (status, _) = read(portal.send(request.body(Body::empty()).unwrap()).await).await;
        assert_eq!(status, StatusCode::OK, "{path}");
    }
    watch.saw_nothing().await;
}

/// A webhook is GitHub's to shape: what it adds is passed over. What we read is read once.
#[tokio::test(flavor = "multi_thread")]
async fn atk_14_webhook_with_fields_of_ours_and_a_field_twice() {
    let portal = TestPortal::start().await;
    let run = portal.twin.github().push_run(&twin::PushRun::of("score-api", "rohandas")).unwrap();
    let delivery = portal.twin.github().build_delivery(run).unwrap();
    let text = String::from_utf8(delivery.body.to_vec()).unwrap();
    let send = async |guid: &str, body: String| {
        let signature = twin::sign(&portal.twin.secrets().webhook, body.as_bytes());
        let request = Request::post("/webhooks/github")
            .header("x-github-delivery", guid)
            .header("x-github-event", "deployment_protection_rule")
            .header("x-hub-signature-256", signature);
        assert_eq!(portal.send(request.body(Body::from(body)).unwrap()).await.status(), StatusCode::ACCEPTED);
        portal.run_jobs().await;
        portal.outcome(guid).await
    };
    let watch = portal.watch().await;
    let twice = text.replacen('{', r#"{"environment":"staging","#, 1);
    assert_eq!(send("11111111-0000-0000-0000-000000000000", twice).await, "refused:body_malformed");
    watch.saw_one_refusal("body_malformed").await;
    let ours = WANTED.iter().map(|(field, value)| format!(r#""{field}":"{value}","#)).collect::<String>();
    let outcome = send("22222222-0000-0000-0000-000000000000", text.replacen('{', &format!("{{{ours}"), 1)).await;
    let number = outcome.strip_prefix("opened:").unwrap().to_owned();
    let asha = portal.signer("E-1001").await;
    let view = asha.change(&number.parse().unwrap()).await;
    assert_eq!((view.row.status.word.as_str(), view.approvals.len()), ("Held · 0 of 2", 0));
    assert_eq!(view.expires_at - view.row.opened_at, gatehouse_domain::changes::SUBJECT_LIFETIME);
}
