//! ATK-33: webhooks that are not GitHub's, or not what they say.

use crate::testing::{TestPortal, read};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use std::fmt::Write as _;

/// Posts `body` with these headers.
async fn post(portal: &TestPortal, headers: &[(&str, &str)], body: Vec<u8>) -> (StatusCode, String) {
    let mut request = Request::post("/webhooks/github");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (status, json) = read(portal.send(request.body(Body::from(body)).unwrap()).await).await;
    (status, json["code"].as_str().unwrap_or_default().to_owned())
}

/// Signs as GitHub does: whoever holds the secret.
fn signed(portal: &TestPortal, body: &[u8]) -> String {
    twin::sign(&portal.twin.secrets().webhook, body)
}

const GUID: (&str, &str) = ("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958");
const EVENT: (&str, &str) = ("x-github-event", "deployment_protection_rule");

#[tokio::test(flavor = "multi_thread")]
async fn atk_33_no_empty_wrong_or_sha1_signature() {
    let portal = TestPortal::start().await;
    let body = br#"{"action":"requested"}"#.to_vec();
    let other = twin::sign("another secret", &body);
    let longer = signed(&portal, b"another body");
    let watch = portal.watch().await;
    assert_eq!(
        post(&portal, &[GUID, EVENT], body.clone()).await,
        (StatusCode::UNAUTHORIZED, "webhook_unsigned".into())
    );
    for (signature, code) in [
        ("", "webhook_unsigned"),
        ("sha1=0123456789abcdef0123456789abcdef01234567", "webhook_unsigned"),
        ("sha256=", "webhook_forged"),
        ("sha256=zz", "webhook_forged"),
        (&other, "webhook_forged"),
        (&longer, "webhook_forged"),
    ] {
        let answer = post(&portal, &[GUID, EVENT, ("x-hub-signature-256", signature)], body.clone()).await;
        assert_eq!(answer, (StatusCode::UNAUTHORIZED, code.into()), "{signature:?}");
    }
    let sha1 = [GUID, EVENT, ("x-hub-signature", "sha1=0123456789abcdef0123456789abcdef01234567")];
    assert_eq!(post(&portal, &sha1, body).await.1, "webhook_unsigned");
    watch.saw_nothing().await;
    let counted = portal.counted().await;
    assert_eq!(counted.iter().map(|(_, _, n)| n).sum::<i64>(), 8, "{counted:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_33_ten_gigabyte_body_is_cut_off_before_it_is_checked() {
    let portal = TestPortal::start().await;
    // A body without end: whoever reads it all never answers.
    let chunk = axum::body::Bytes::from(vec![b' '; 64 * 1024]);
    let endless = futures::stream::iter((0..200_000).map(move |_| Ok::<_, std::io::Error>(chunk.clone())));
    let request = Request::post("/webhooks/github")
        .header(GUID.0, GUID.1)
        .header(EVENT.0, EVENT.1)
        .header("x-hub-signature-256", format!("sha256={}", "0".repeat(64)))
        .body(Body::from_stream(endless))
        .unwrap();
    let watch = portal.watch().await;
    let (status, json) = read(portal.send(request).await).await;
    assert_eq!((status, json["code"].as_str()), (StatusCode::PAYLOAD_TOO_LARGE, Some("body_too_large")));
    watch.saw_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_33_replayed_delivery_opens_one_change() {
    let portal = TestPortal::start().await;
    let run = portal.twin.github().push_run(&twin::PushRun::of("score-api", "rohandas")).unwrap();
    let delivery = portal.twin.github().build_delivery(run).unwrap();
    for _ in 0..3 {
        assert_eq!(portal.deliver(&delivery).await.status(), StatusCode::ACCEPTED);
    }
    portal.run_jobs().await;
    let watch = portal.watch().await;
    assert_eq!(portal.deliver(&delivery).await.status(), StatusCode::ACCEPTED);
    portal.run_jobs().await;
    watch.saw_nothing().await;
    // The same request under another GUID is the same promotion.
    let again = portal.twin.github().build_delivery(run).unwrap();
    assert_ne!(again.guid, delivery.guid);
    portal.deliver(&again).await;
    portal.run_jobs().await;
    assert!(portal.outcome(&again.guid).await.starts_with("known:CHG-"));
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_33_two_deliveries_at_once_open_one_change() {
    let portal = TestPortal::start().await;
    let run = portal.twin.github().push_run(&twin::PushRun::of("score-api", "rohandas")).unwrap();
    let (a, b) = (portal.twin.github().build_delivery(run).unwrap(), portal.twin.github().build_delivery(run).unwrap());
    portal.deliver(&a).await;
    portal.deliver(&b).await;
    portal.run_jobs().await;
    let opened = portal.entries().await.iter().filter(|e| e.event.act() == "changes.opened").count();
    assert_eq!(opened, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_33_signed_nonsense_opens_nothing_and_says_what_is_wrong() {
    let portal = TestPortal::start().await;
    let mut deep = String::new();
    for _ in 0..10_000 {
        deep.write_str(r#"{"a":"#).unwrap();
    }
    let bodies: [(&[u8], &str); 5] = [
        (b"", "body_malformed"),
        (b"{", "body_malformed"),
        (b"{\"action\":\"\xff\"}", "body_malformed"),
        (deep.as_bytes(), "body_malformed"),
        (br#"{"zen":"Design for failure."}"#, "body_malformed"),
    ];
    for (i, (body, code)) in bodies.into_iter().enumerate() {
        let guid = format!("00000000-0000-0000-0000-00000000000{i}");
        let signature = signed(&portal, body);
        let watch = portal.watch().await;
        let headers = [("x-github-delivery", guid.as_str()), EVENT, ("x-hub-signature-256", &signature)];
        assert_eq!(post(&portal, &headers, body.to_vec()).await.0, StatusCode::ACCEPTED);
        portal.run_jobs().await;
        watch.saw_one_refusal(code).await;
        assert_eq!(portal.outcome(&guid).await, format!("refused:{code}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_33_event_type_mismatch_is_ignored() {
    let portal = TestPortal::start().await;
    let run = portal.twin.github().push_run(&twin::PushRun::of("score-api", "rohandas")).unwrap();
    let delivery = portal.twin.github().build_delivery(run).unwrap();
    let signature = signed(&portal, &delivery.body);
    let watch = portal.watch().await;
    let headers = [GUID, ("x-github-event", "ping"), ("x-hub-signature-256", &signature)];
    assert_eq!(post(&portal, &headers, delivery.body.clone().into()).await.0, StatusCode::ACCEPTED);
    portal.run_jobs().await;
    assert_eq!(portal.outcome(GUID.1).await, "ignored");
    watch.saw_nothing().await;
}

/// Changes one field of a true request and signs it again, as a thief of the secret would.
async fn altered(change: fn(&mut serde_json::Value)) -> (TestPortal, String, String) {
    let portal = TestPortal::start().await;
    let run = portal.twin.github().push_run(&twin::PushRun::of("score-api", "rohandas")).unwrap();
    let delivery = portal.twin.github().build_delivery(run).unwrap();
    let mut body: serde_json::Value = serde_json::from_slice(&delivery.body).unwrap();
    change(&mut body);
    let body = body.to_string().into_bytes();
    let signature = signed(&portal, &body);
    let before = portal.entries().await.len();
    assert_eq!(post(&portal, &[GUID, EVENT, ("x-hub-signature-256", &signature)], body).await.0, StatusCode::ACCEPTED);
    portal.run_jobs().await;
    let entries = portal.entries().await;
    assert_eq!(entries.len(), before + 1);
    let outcome = portal.outcome(GUID.1).await;
    let act = entries[before].event.act().to_owned();
    (portal, outcome, act)
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_33_callback_url_that_leads_elsewhere() {
    let (_portal, outcome, act) = altered(|b| {
        b["deployment_callback_url"] =
            "https://evil.example/repos/altscore/services/actions/runs/1/deployment_protection_rule".into()
    })
    .await;
    assert_eq!((outcome.as_str(), act.as_str()), ("refused:callback_elsewhere", "audit.refused"));
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_33_unknown_environment() {
    let (_portal, outcome, act) = altered(|b| b["environment"] = "sandbox".into()).await;
    assert_eq!((outcome.as_str(), act.as_str()), ("refused:environment_unknown", "audit.refused"));
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_33_unknown_repository() {
    let (_portal, outcome, act) = altered(|b| b["repository"]["id"] = 99.into()).await;
    assert_eq!((outcome.as_str(), act.as_str()), ("refused:service_unknown", "audit.refused"));
}
