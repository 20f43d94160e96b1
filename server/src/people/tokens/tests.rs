#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
//! Tokens from the touch to the last read, through the real router.

use crate::auth::testing::SoftKey;
use crate::testing::{Browser, TestPortal, read};
use axum::http::{Method, StatusCode};
use chrono::Duration;
use gatehouse_domain::audit::{Actor, Event};
use gatehouse_domain::problem::Problem;
use serde_json::{Value, json};

const ALL: [&str; 4] = ["changes:read", "runs:read", "audit:read", "people:read"];

async fn ask(portal: &TestPortal, secret: &str, path: &str) -> (StatusCode, Value) {
    read(portal.program(secret, Method::GET, path, None).await).await
}

fn code(answer: &(StatusCode, Value)) -> (u16, &str) {
    (answer.0.as_u16(), answer.1["code"].as_str().unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_signed_for_shown_once_and_outlives_its_session() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let (id, secret) = asha.token(&ALL, 30).await.unwrap();
    assert_eq!(portal.acts_about("E-1001").await.last(), Some(&"people.token_issued"));
    let entries = portal.entries().await;
    let bytes = String::from_utf8(entries.last().unwrap().to_bytes().unwrap()).unwrap();
    assert!(!bytes.contains(&secret[5..40]) && !bytes.contains("dashboard"), "neither secret nor name: {bytes}");
    let stored: String = sqlx::query_scalar("SELECT string_agg(t::text, '') FROM people_tokens t")
        .fetch_one(&portal.db.owner)
        .await
        .unwrap();
    assert!(!stored.contains(&secret[5..40]), "{stored}");
    asha.request(Method::POST, "/auth/logout", None).await;
    let (status, change) = ask(&portal, &secret, &format!("/api/v1/changes/{}", held.number)).await;
    assert_eq!((status, change["state"].as_str()), (StatusCode::OK, Some("held")), "{change}");
    let (_, me) = ask(&portal, &secret, "/api/v1/people/me").await;
    assert_eq!(me["id"], "E-1001");
    let (_, list) = ask(&portal, &secret, "/api/v1/people/tokens").await;
    assert_eq!((&list["tokens"][0]["id"], &list["tokens"][0]["state"]), (&json!(id), &json!("live")));
    assert_eq!(list["tokens"][0]["last_used_at"].as_str().map(str::is_empty), Some(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_token_may_be_is_refused_with_every_reason() {
    let portal = TestPortal::start().await;
    let asha = portal.signer("E-1001").await;
    for (scopes, days, expected) in [
        (&[][..], 30, &["token_without_scope"][..]),
        (&["audit:read", "audit:read"], 30, &["token_without_scope"]),
        (&["audit:read", "changes:approve"], 30, &["token_without_scope"]),
        (&["audit:read"], 0, &["token_lifetime"]),
        (&["audit:read"], 366, &["token_lifetime"]),
        (&["*"], 65_535, &["token_without_scope", "token_lifetime"]),
    ] {
        let watch = portal.watch().await;
        let refused = asha.token(scopes, days).await.unwrap_err();
        let codes: Vec<&str> = refused.reasons.iter().map(|reason| reason.code.as_str()).collect();
        assert_eq!(codes, expected, "{scopes:?} {days}");
        watch.saw_one_refusal(expected[0]).await;
    }
    for (employee, expected) in [("E-1003", "no_key"), ("E-1008", "not_admitted")] {
        let browser = portal.browser(employee).await;
        let watch = portal.watch().await;
        assert_eq!(browser.token(&["audit:read"], 1).await.unwrap_err().code, expected);
        watch.saw_one_refusal(expected).await;
    }
    let begun = asha.begin_token(&["audit:read"], 1).await.unwrap();
    let mut thief = asha.steal();
    thief.key = SoftKey::new("E-1003");
    let body = json!({"ceremony": begun["ceremony"], "assertion": thief.touch(&begun).to_string()});
    let watch = portal.watch().await;
    assert_eq!(thief.call("finish_token", body).await.unwrap_err().code, "key_not_active");
    watch.saw_one_refusal("key_not_active").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_for_one_token_makes_no_other() {
    let portal = TestPortal::start().await;
    let asha = portal.signer("E-1001").await;
    let begun = asha.begin_token(&["audit:read"], 1).await.unwrap();
    // Whoever can write bookkeeping still cannot widen what is signed.
    sqlx::query("UPDATE people_ceremonies SET context = jsonb_set(context, '{scopes}', '[\"changes:read\"]')")
        .execute(&portal.db.owner)
        .await
        .unwrap();
    let body = json!({"ceremony": begun["ceremony"], "assertion": asha.touch(&begun).to_string()});
    let watch = portal.watch().await;
    assert_eq!(asha.call("finish_token", body).await.unwrap_err().code, "signature_invalid");
    watch.saw_one_refusal("signature_invalid").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_verified_is_nobody_and_counted() {
    let portal = TestPortal::start().await;
    let asha = portal.signer("E-1001").await;
    let (_, secret) = asha.token(&ALL, 1).await.unwrap();
    let watch = portal.watch().await;
    let mut forged = secret.clone();
    forged.replace_range(5..6, if forged.as_bytes()[5] == b'0' { "1" } else { "0" });
    let unknown = super::secret::Secret::new([9; 32]).show();
    for bad in ["", "x", &forged, &unknown, &secret.to_uppercase(), &format!("{secret} "), "eyJhbGciOiJub25lIn0.e30."] {
        let answer = ask(&portal, bad, "/api/v1/changes").await;
        assert_eq!(code(&answer), (401, "token_invalid"), "{bad}");
    }
    for header in [format!("Basic {secret}"), secret.clone(), format!("Bearer {secret}, Bearer {secret}")] {
        let answer = read(portal.authorized(&[&header], &[], "/api/v1/changes").await).await;
        assert_eq!(code(&answer), (401, "token_invalid"), "{header}");
    }
    let good = format!("Bearer {secret}");
    let doubled = read(portal.authorized(&[&good, &good], &[], "/api/v1/changes").await).await;
    assert_eq!(code(&doubled), (401, "token_invalid"));
    let both = read(portal.authorized(&[&good], &[("cookie", &asha.cookies())], "/api/v1/changes").await).await;
    assert_eq!(code(&both), (401, "two_credentials"));
    assert_eq!(read(portal.authorized(&[&good], &[], "/api/v1/changes").await).await.0, StatusCode::OK);
    let counted = portal.counted().await;
    let count = |reason: &str| counted.iter().filter(|(_, r, _)| r == reason).map(|(_, _, n)| n).sum::<i64>();
    assert_eq!((count("token_invalid"), count("two_credentials")), (11, 1), "{counted:?}");
    watch.saw_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_no_page_and_no_server_function() {
    let portal = TestPortal::start().await;
    let (_, secret) = portal.signer("E-1001").await.token(&ALL, 1).await.unwrap();
    for path in ["/api/ui/home", "/api/ui/changes", "/api/ui/audit", "/api/ui/tokens"] {
        assert_eq!(code(&ask(&portal, &secret, path).await), (401, "not_signed_in"), "{path}");
    }
}

async fn revoke(who: &Browser<'_>, token: &str) -> Result<(), Problem> {
    let (status, body) = read(who.form("revoke_token", &[("token", token)], "application/json").await).await;
    if status.is_success() { Ok(()) } else { Err(serde_json::from_value(body).unwrap()) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_with_its_time_its_makers_word_and_securitys() {
    let portal = TestPortal::start().await;
    let (asha, rohan, farah) =
        (portal.signer("E-1001").await, portal.signer("E-1002").await, portal.signer("E-1004").await);
    let ((one, first), (two, second)) = (asha.token(&ALL, 1).await.unwrap(), asha.token(&ALL, 2).await.unwrap());
    let watch = portal.watch().await;
    assert_eq!(revoke(&rohan, &one).await.unwrap_err().code, "token_unknown");
    watch.saw_one_refusal("token_unknown").await;
    assert_eq!(ask(&portal, &first, "/api/v1/changes").await.0, StatusCode::OK);

    revoke(&asha, &one).await.unwrap();
    assert_eq!(code(&ask(&portal, &first, "/api/v1/changes").await), (401, "token_revoked"));
    let watch = portal.watch().await;
    assert_eq!(revoke(&asha, &one).await.unwrap_err().code, "token_unknown");
    watch.saw_one_refusal("token_unknown").await;

    let (_, view) = farah.get("/api/ui/tokens").await;
    assert_eq!(view["others"].as_array().map(Vec::len), Some(1), "security sees what still reads: {view}");
    revoke(&farah, &two).await.unwrap();
    assert_eq!(code(&ask(&portal, &second, "/api/v1/changes").await), (401, "token_revoked"));
    let entries = portal.entries().await;
    let last = entries.last().unwrap();
    let Event::TokenRevoked(revoked) = &last.event else { unreachable!() };
    assert_eq!((revoked.person.as_str(), revoked.by.as_str()), ("E-1001", "E-1004"));
    assert!(matches!(&last.actor, Actor::Person { id } if id.as_str() == "E-1004"));

    let (_, third) = asha.token(&ALL, 1).await.unwrap();
    portal.advance(Duration::days(1) - Duration::seconds(1)).await;
    assert_eq!(ask(&portal, &third, "/api/v1/changes").await.0, StatusCode::OK);
    portal.advance(Duration::seconds(1)).await;
    assert_eq!(code(&ask(&portal, &third, "/api/v1/changes").await), (401, "token_expired"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_with_its_makers_admission() {
    let portal = TestPortal::start().await;
    let (_, secret) = portal.signer("E-1001").await.token(&ALL, 30).await.unwrap();
    assert_eq!(ask(&portal, &secret, "/api/v1/changes").await.0, StatusCode::OK);
    let mut config = portal.ctx.config.clone();
    config.admitted.retain(|row| row.person.as_str() != "E-1001");
    let entropy = crate::context::Entropy::from_number(8);
    let ctx = crate::context::Context::new(config, portal.db.app.clone(), entropy).await.unwrap();
    let headers = [(http::header::AUTHORIZATION, format!("Bearer {secret}").parse().unwrap())];
    let refused = super::bearer::machine(&ctx, &headers.into_iter().collect()).await.unwrap_err();
    assert_eq!(refused.problem("r").code, "token_owner_not_admitted");
}
