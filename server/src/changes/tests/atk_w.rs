//! ATK-W1, W2, W9: the glue between sessions, ceremonies and signatures, at the signing of a change.

use crate::auth::testing::SoftKey;
use crate::testing::{Browser, ORIGIN, TestPortal};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn atk_w1_attackers_own_valid_assertion_in_the_victims_session() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let (victim, attacker) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    // The attacker holds the victim's session and signs the victim's challenge with a key of their own.
    let stolen = victim.steal();
    let ceremony = stolen.begin(&held.number, "approve").await.unwrap();
    let watch = portal.watch().await;
    assert_eq!(stolen.finish(&ceremony, &attacker.touch(&ceremony)).await.unwrap_err().code, "key_not_active");
    watch.saw_one_refusal("key_not_active").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w1_the_victims_credential_id_on_the_attackers_signature() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let victim = portal.signer("E-1001").await;
    let id = victim.key.id.clone();
    let mut stolen = victim.steal();
    stolen.key = SoftKey::new("E-1003");
    let ceremony = stolen.begin(&held.number, "approve").await.unwrap();
    let forged = stolen.touch_with(&ceremony, |touch| touch.credential_id = id);
    let watch = portal.watch().await;
    assert_eq!(stolen.finish(&ceremony, &forged).await.unwrap_err().code, "signature_invalid");
    watch.saw_one_refusal("signature_invalid").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w2_ceremony_of_another_session_of_the_same_person() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let first = portal.signer("E-1001").await;
    let ceremony = first.begin(&held.number, "approve").await.unwrap();
    let second = portal.browser("E-1001").await;
    let watch = portal.watch().await;
    let code = second.finish(&ceremony, &first.touch(&ceremony)).await.unwrap_err().code;
    assert_eq!(code, "ceremony_foreign");
    watch.saw_one_refusal("ceremony_foreign").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w2_ceremony_after_signing_out_and_in_again() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let ceremony = asha.begin(&held.number, "approve").await.unwrap();
    let assertion = asha.touch(&ceremony);
    asha.request(axum::http::Method::POST, "/auth/logout", None).await;
    let again = portal.browser("E-1001").await;
    let watch = portal.watch().await;
    let code = again.finish(&ceremony, &assertion).await.unwrap_err().code;
    assert!(["ceremony_foreign", "ceremony_unknown"].contains(&code.as_str()), "{code}");
    watch.saw_one_refusal(&code).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w2_same_ceremony_in_two_tabs_is_good_once() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let ceremony = asha.begin(&held.number, "reject").await.unwrap();
    let (one, two) = (asha.touch(&ceremony), asha.touch(&ceremony));
    asha.finish(&ceremony, &one).await.unwrap();
    let watch = portal.watch().await;
    assert_eq!(asha.finish(&ceremony, &two).await.unwrap_err().code, "ceremony_unknown");
    watch.saw_one_refusal("ceremony_unknown").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w9_an_approval_signature_enrols_no_key() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let approval = asha.begin(&held.number, "approve").await.unwrap();
    let body = json!({"ceremony": approval["ceremony"], "assertion": asha.touch(&approval).to_string()});
    let watch = portal.watch().await;
    assert_eq!(asha.call("finish_enrol_signature", body).await.unwrap_err().code, "ceremony_foreign");
    watch.saw_one_refusal("ceremony_foreign").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w9_a_key_signature_approves_nothing() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let enrolment = second_key(&asha).await;
    let watch = portal.watch().await;
    let refused = asha.finish(&enrolment, &asha.touch(&enrolment)).await.unwrap_err();
    assert_eq!(refused.code, "ceremony_foreign");
    watch.saw_one_refusal("ceremony_foreign").await;
    // And its challenge, signed, does not fit an approval's ceremony either.
    let (approval, enrolment) = (asha.begin(&held.number, "approve").await.unwrap(), second_key(&asha).await);
    let watch = portal.watch().await;
    assert_eq!(asha.finish(&approval, &asha.touch(&enrolment)).await.unwrap_err().code, "signature_invalid");
    watch.saw_one_refusal("signature_invalid").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w9_user_verification_missing() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let ceremony = asha.begin(&held.number, "approve").await.unwrap();
    let touch = asha.touch_with(&ceremony, |touch| touch.flags &= !crate::auth::testing::UV);
    let watch = portal.watch().await;
    assert_eq!(asha.finish(&ceremony, &touch).await.unwrap_err().code, "user_not_verified");
    watch.saw_one_refusal("user_not_verified").await;
}

/// Brings a second key's enrolment to where the first one has to sign.
async fn second_key(browser: &Browser<'_>) -> Value {
    let begun =
        browser.call("begin_enrol", json!({"request": {"name": "second", "founder_code": null}})).await.unwrap();
    let options: Value = serde_json::from_str(begun["options"].as_str().unwrap()).unwrap();
    let credential = SoftKey::new("spare").register(&options, ORIGIN);
    let step = browser
        .call("finish_enrol", json!({"ceremony": begun["ceremony"], "credential": credential.to_string()}))
        .await
        .unwrap();
    step["SignWithExisting"].clone()
}
