//! ATK-W8, W10, W12: the right touch in the wrong ceremony, too late, or by whoever stole the session.

use super::{begin_enrol, enrol, finish_enrol, options, sign_enrolment};
use crate::auth::testing::SoftKey;
use crate::people::service;
use crate::people::testing::{Stage, options as stage_options};
use crate::people::tests::codes;
use crate::testing::{Browser, ORIGIN, TestPortal};
use gatehouse_app::people::shape::{EnrolRequest, EnrolStep};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn atk_w8_registration_at_the_get_endpoint() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    // Of the same challenge, by the right key: as registrations are sent, and dressed up as an assertion.
    for dressed in [false, true] {
        let ceremony = asha.begin(&held.number, "approve").await.unwrap();
        let asked = options(&ceremony);
        let as_creation = json!({"challenge": asked["publicKey"]["challenge"], "rp": {"id": "localhost"}});
        let answer = if dressed {
            asha.touch_with(&ceremony, |t| t.client["type"] = json!("webauthn.create"))
        } else {
            asha.key.register(&as_creation, ORIGIN)
        };
        let watch = portal.watch().await;
        assert_eq!(asha.finish(&ceremony, &answer).await.unwrap_err().code, "signature_invalid", "{dressed}");
        watch.saw_one_refusal("signature_invalid").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w8_assertion_at_the_create_endpoint() {
    let portal = TestPortal::start().await;
    let leela = portal.browser("E-1003").await;
    let begun = begin_enrol(&leela).await;
    let as_request = json!({"challenge": options(&begun)["publicKey"]["challenge"], "rpId": "localhost"});
    let answer = leela.key.sign(&as_request, ORIGIN);
    let watch = portal.watch().await;
    assert_eq!(finish_enrol(&leela, &begun, &answer).await.unwrap_err().code, "signature_invalid");
    watch.saw_one_refusal("signature_invalid").await;
    let watch = portal.watch().await;
    let dressed = enrol(&leela, &leela.key, |t| t.client["type"] = json!("webauthn.get"), |_| {}).await;
    assert_eq!(dressed.unwrap_err().code, "signature_invalid");
    watch.saw_one_refusal("signature_invalid").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w8_ceremony_of_the_other_endpoint() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let approval = asha.begin(&held.number, "approve").await.unwrap();
    let credential = SoftKey::new("spare").register(&options(&begin_enrol(&asha).await), ORIGIN);
    let watch = portal.watch().await;
    assert_eq!(finish_enrol(&asha, &approval, &credential).await.unwrap_err().code, "ceremony_foreign");
    watch.saw_one_refusal("ceremony_foreign").await;
    let enrolment = begin_enrol(&asha).await;
    let other = asha.begin(&held.number, "approve").await.unwrap();
    let watch = portal.watch().await;
    assert_eq!(asha.finish(&enrolment, &asha.touch(&other)).await.unwrap_err().code, "ceremony_foreign");
    watch.saw_one_refusal("ceremony_foreign").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w10_key_revoked_while_an_approval_waits_for_it() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let ceremony = asha.begin(&held.number, "approve").await.unwrap();
    let answer = asha.touch(&ceremony);
    revoke_first(&asha).await;
    let watch = portal.watch().await;
    assert_eq!(asha.finish(&ceremony, &answer).await.unwrap_err().code, "key_not_active");
    watch.saw_one_refusal("key_not_active").await;
    // Nor does a new ceremony begin.
    assert!(asha.begin(&held.number, "approve").await.is_err());
    assert_eq!(asha.change(&held.number).await.row.status.word, "Held · 0 of 2");
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w10_key_revoked_while_a_second_ones_enrolment_waits_for_it() {
    let portal = TestPortal::start().await;
    let asha = portal.signer("E-1001").await;
    let asked = second_key(&asha, &SoftKey::new("second")).await;
    let assertion = asha.touch(&asked);
    revoke_first(&asha).await;
    let watch = portal.watch().await;
    assert_eq!(sign_enrolment(&asha, &asked, &assertion).await.unwrap_err().code, "key_not_active");
    watch.saw_one_refusal("key_not_active").await;
}

/// Either the approval is there and then the key goes, or the key is gone and there is no approval.
#[tokio::test(flavor = "multi_thread")]
async fn atk_w10_key_revoked_at_the_same_moment() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let approval = asha.begin(&held.number, "approve").await.unwrap();
    let revocation = begin_revoke(&asha).await;
    let (approve, revoke) = (asha.touch(&approval), asha.touch(&revocation));
    let body = json!({"ceremony": revocation["ceremony"], "assertion": revoke.to_string()});
    let (approved, revoked) = tokio::join!(asha.finish(&approval, &approve), asha.call("finish_revoke", body));
    let acts = portal.acts_about(held.number.as_str()).await;
    let counted = acts.iter().filter(|act| **act == "changes.approved").count();
    assert_eq!(counted, usize::from(approved.is_ok()), "{acts:?}");
    // The later touch has the higher counter: whichever of them is first, at least one is believed.
    assert!(approved.is_ok() || revoked.is_ok());
    if let Err(problem) = approved {
        assert!(["key_not_active", "signature_invalid"].contains(&problem.code.as_str()), "{problem:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w12_second_key_with_a_stolen_session() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let victim = portal.signer("E-1001").await;
    let thief = victim.steal();
    // Signed by the new key itself; under the victim's id; not at all; by what she signed for something else.
    let approval = victim.begin(&held.number, "approve").await.unwrap();
    let for_something_else = victim.touch(&approval);
    for (tried, code) in [
        ("the new key's own", "key_not_active"),
        ("under her id", "signature_invalid"),
        ("nothing", "signature_invalid"),
        ("her approval", "signature_invalid"),
    ] {
        let asked = second_key(&thief, &thief.key).await;
        let assertion = match tried {
            "the new key's own" => thief.touch(&asked),
            "under her id" => thief.touch_with(&asked, |t| t.credential_id.clone_from(&victim.key.id)),
            "nothing" => json!({}),
            _ => for_something_else.clone(),
        };
        let watch = portal.watch().await;
        assert_eq!(sign_enrolment(&thief, &asked, &assertion).await.expect_err(tried).code, code, "{tried}");
        watch.saw_one_refusal(code).await;
    }
}

/// She enrols a key of hers; the thief swaps in one of his for her to sign for.
#[tokio::test(flavor = "multi_thread")]
async fn atk_w12_her_signature_over_her_own_new_key() {
    let portal = TestPortal::start().await;
    let victim = portal.signer("E-1001").await;
    let thief = victim.steal();
    let hers = second_key(&victim, &SoftKey::new("second")).await;
    let his = second_key(&thief, &thief.key).await;
    let signed = victim.touch(&hers);
    let watch = portal.watch().await;
    assert_eq!(sign_enrolment(&thief, &his, &signed).await.unwrap_err().code, "signature_invalid");
    watch.saw_one_refusal("signature_invalid").await;
    // His ceremony is used up, hers is not.
    sign_enrolment(&victim, &hers, &signed).await.unwrap();
}

/// The key to be signed for is kept with the ceremony. Whoever could swap it there has not what was signed.
#[tokio::test(flavor = "multi_thread")]
async fn atk_w12_another_key_swapped_under_a_signature() {
    let portal = TestPortal::start().await;
    let victim = portal.signer("E-1001").await;
    let asked = second_key(&victim, &SoftKey::new("second")).await;
    let signed = victim.touch(&asked);
    let swapped = hex::encode(&SoftKey::new("thief").id);
    let sql = "UPDATE people_ceremonies SET context = jsonb_set(context, '{credential,id}', to_jsonb($1::text))";
    assert_eq!(sqlx::query(sql).bind(swapped).execute(&portal.db.owner).await.unwrap().rows_affected(), 1);
    let watch = portal.watch().await;
    assert_eq!(sign_enrolment(&victim, &asked, &signed).await.unwrap_err().code, "signature_invalid");
    watch.saw_one_refusal("signature_invalid").await;
}

/// A founder's code that she never used, her first key having come in another way, lets no thief's key in.
#[tokio::test]
async fn atk_w12_a_founders_code_beside_a_key() {
    let stage = Stage::with(|config| {
        config.admitted.iter_mut().filter(|row| row.person.as_str() == "E-1001").for_each(|row| row.founder = true);
    })
    .await;
    let codes_made = crate::people::init(&stage.ctx).await.unwrap();
    let (_, asha, _) = stage.with_key("u-1001").await;
    let (before, thief) = (stage.governed().await, SoftKey::new("thief"));
    let request = EnrolRequest { name: "mine".into(), founder_code: Some(codes_made[0].code.clone()) };
    let begun = service::begin_enrol(&stage.ctx, &asha, request).await.unwrap();
    let made = thief.register(&stage_options(&begun), ORIGIN).to_string();
    let step = service::finish_enrol(&stage.ctx, &asha, &begun.ceremony, &made).await.unwrap();
    let EnrolStep::SignWithExisting(asked) = step else { unreachable!("enrolled by a code beside a key") };
    let entries = stage.entries().await.len();
    let signed = thief.sign(&stage_options(&asked), ORIGIN).to_string();
    let refused = service::finish_enrol_signature(&stage.ctx, &asha, &asked.ceremony, &signed).await;
    assert_eq!(codes(refused), "key_not_active");
    assert_eq!(stage.governed().await, before);
    assert_eq!(stage.entries().await[entries..], ["people.enrol_key: key_not_active"]);
}

/// Brings a second key to where the first one has to sign for it.
async fn second_key(browser: &Browser<'_>, key: &SoftKey) -> Value {
    enrol(browser, key, |_| {}, |_| {}).await.unwrap()["SignWithExisting"].clone()
}

async fn begin_revoke(browser: &Browser<'_>) -> Value {
    let (_, keys) = browser.get("/api/ui/keys").await;
    browser.call("begin_revoke", json!({"key": keys["keys"][0]["id"]})).await.unwrap()
}

async fn revoke_first(browser: &Browser<'_>) {
    let asked = begin_revoke(browser).await;
    let body = json!({"ceremony": asked["ceremony"], "assertion": browser.touch(&asked).to_string()});
    browser.call("finish_revoke", body).await.unwrap();
}
