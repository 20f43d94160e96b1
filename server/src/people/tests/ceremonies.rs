#![expect(clippy::unwrap_used, reason = "tests")]

use super::codes;
use crate::auth::testing::SoftKey;
use crate::error::Error;
use crate::people::session::SignedIn;
use crate::people::testing::{ORIGIN, Stage};
use crate::people::{Ceremony, Signature, begin_signature, finish_signature, service, take_ceremony};
use chrono::Duration;
use gatehouse_domain::Digest;
use gatehouse_domain::act::{Act, ActDraft, SignedDecision};
use gatehouse_domain::webauthn::{Assertion, Expectation, verify_assertion};
use http::Method;
use serde_json::{Value, json};

async fn begin(stage: &Stage, who: &SignedIn) -> Ceremony {
    let draft = ActDraft {
        act: Act::DecideChange,
        decision: SignedDecision::Approve,
        subject_digest: Digest::of(b"the subject"),
        comment_digest: Digest::of(b""),
    };
    let mut tx = stage.ctx.db.begin().await.unwrap();
    let ceremony = begin_signature(&mut tx, &stage.ctx, who, draft, json!({"number": "1"})).await.unwrap();
    tx.commit().await.unwrap();
    ceremony
}

async fn finish(stage: &Stage, who: &SignedIn, id: &str, act: Act, answer: &Value) -> Result<Signature, Error> {
    let taken = take_ceremony(&stage.ctx, who, id, act).await?;
    let mut tx = stage.ctx.db.begin().await.unwrap();
    let signature = finish_signature(&mut tx, &stage.ctx, who, taken, &answer.to_string()).await?;
    tx.commit().await.unwrap();
    Ok(signature)
}

async fn approve(stage: &Stage, who: &SignedIn, ceremony: &Ceremony, answer: &Value) -> Result<Signature, Error> {
    finish(stage, who, &ceremony.id.to_string(), Act::DecideChange, answer).await
}

#[tokio::test]
async fn a_signature_carries_its_whole_proof_and_verifies_offline() {
    let stage = Stage::new().await;
    let (_, who, key) = stage.with_key("u-1001").await;
    let ceremony = begin(&stage, &who).await;
    let answer = key.sign(&ceremony.options, ORIGIN);
    let signature = approve(&stage, &who, &ceremony, &answer).await.unwrap();
    assert_eq!(signature.context, json!({"number": "1"}));
    assert_eq!(Some(&signature.act), ceremony.act.as_ref());
    assert_eq!(signature.act.person(), &who.person);
    assert_eq!(signature.act.log_origin(), "localhost:8080/audit");
    // From the proof and the public key alone.
    let (public_key,): (Value,) =
        sqlx::query_as("SELECT public_key FROM people_keys").fetch_one(&stage.db.owner).await.unwrap();
    let credential = serde_json::from_value(json!({
        "id": hex::encode(&key.id), "public_key": public_key, "counter": "0", "backup_eligible": "false",
    }))
    .unwrap();
    let decode = |text: &str| {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).unwrap()
    };
    let assertion = Assertion {
        credential_id: key.id.clone(),
        client_data_json: decode(&signature.proof.client_data_json),
        authenticator_data: decode(&signature.proof.authenticator_data),
        signature: decode(&signature.proof.signature),
        user_handle: None,
    };
    let expect = Expectation {
        challenge: Digest::of(signature.proof.act.as_bytes()).bytes(),
        origin: ORIGIN,
        rp_id: "localhost",
        credential: &credential,
        user_handle: b"",
    };
    assert!(verify_assertion(&expect, &assertion).is_ok());
}

/// ATK-W1: the attacker's own valid assertion, presented in the victim's session, and under the victim's key id.
#[tokio::test]
async fn atk_w1_ones_own_key_does_not_sign_for_another() {
    let stage = Stage::new().await;
    let (_, asha, asha_key) = stage.with_key("u-1001").await;
    let (_, _, mallory) = stage.with_key("u-1002").await;
    for stolen_id in [false, true] {
        let ceremony = begin(&stage, &asha).await;
        let answer = mallory.sign_with(&ceremony.options, ORIGIN, |touch| {
            if stolen_id {
                touch.credential_id.clone_from(&asha_key.id);
            }
        });
        let expected = if stolen_id { "signature_invalid" } else { "key_not_active" };
        assert_eq!(codes(approve(&stage, &asha, &ceremony, &answer).await), expected);
        // The victim's right answer comes too late: the ceremony is used up.
        let right = asha_key.sign(&ceremony.options, ORIGIN);
        assert_eq!(codes(approve(&stage, &asha, &ceremony, &right).await), "ceremony_unknown");
    }
}

/// ATK-W1: the attacker's whole ceremony, presented by the attacker as the victim.
#[tokio::test]
async fn atk_w1_anothers_ceremony_is_not_ones_own() {
    let stage = Stage::new().await;
    let (_, asha, _) = stage.with_key("u-1001").await;
    let (_, rohan, rohan_key) = stage.with_key("u-1002").await;
    let ceremony = begin(&stage, &rohan).await;
    let answer = rohan_key.sign(&ceremony.options, ORIGIN);
    assert_eq!(codes(approve(&stage, &asha, &ceremony, &answer).await), "ceremony_foreign");
}

/// ATK-W2: one ceremony in two tabs, two sessions of one person, after signing out, after its time.
#[tokio::test]
async fn atk_w2_a_ceremony_is_good_once_in_one_session_for_five_minutes() {
    let stage = Stage::new().await;
    let (mut browser, who, key) = stage.with_key("u-1001").await;
    // Two tabs.
    let ceremony = begin(&stage, &who).await;
    let answer = key.sign(&ceremony.options, ORIGIN);
    approve(&stage, &who, &ceremony, &answer).await.unwrap();
    assert_eq!(codes(approve(&stage, &who, &ceremony, &answer).await), "ceremony_unknown");
    // The same person elsewhere.
    let (_, elsewhere) = stage.sign_in("u-1001").await;
    let ceremony = begin(&stage, &who).await;
    let answer = key.sign(&ceremony.options, ORIGIN);
    assert_eq!(codes(approve(&stage, &elsewhere, &ceremony, &answer).await), "ceremony_foreign");
    // Too late.
    let ceremony = begin(&stage, &who).await;
    let answer = key.sign(&ceremony.options, ORIGIN);
    stage.advance(Duration::minutes(5)).await;
    assert_eq!(codes(approve(&stage, &who, &ceremony, &answer).await), "ceremony_unknown");
    // After signing out, even by somebody who still holds the session's name.
    let ceremony = begin(&stage, &who).await;
    let answer = key.sign(&ceremony.options, ORIGIN);
    stage.send(Method::POST, "/auth/logout", &mut browser).await;
    assert_eq!(stage.who(&browser).await, None);
    assert_eq!(codes(approve(&stage, &who, &ceremony, &answer).await), "ceremony_unknown");
}

/// ATK-W2, in parallel: of many at the same moment, one.
#[tokio::test]
async fn atk_w2_of_eight_submits_at_once_one_counts() {
    let stage = Stage::new().await;
    let (_, who, key) = stage.with_key("u-1001").await;
    let ceremony = begin(&stage, &who).await;
    let answer = key.sign(&ceremony.options, ORIGIN);
    let tries = (0..8).map(|_| approve(&stage, &who, &ceremony, &answer));
    let results = futures::future::join_all(tries).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(results.into_iter().map(codes).filter(|code| code == "ceremony_unknown").count(), 7);
}

/// ATK-W9: a challenge for one purpose, answered for another.
#[tokio::test]
async fn atk_w9_a_signature_for_one_purpose_is_none_for_another() {
    let stage = Stage::new().await;
    let (_, who, key) = stage.with_key("u-1001").await;
    let own = service::keys(&stage.ctx, &who).await.unwrap().keys.first().unwrap().id.clone();
    let before = stage.governed().await;
    // An approval's ceremony, presented as a revocation and as an enrolment.
    for _ in 0..2 {
        let ceremony = begin(&stage, &who).await;
        let answer = key.sign(&ceremony.options, ORIGIN);
        let refused = finish(&stage, &who, &ceremony.id.to_string(), Act::RevokeKey, &answer).await;
        assert_eq!(codes(refused), "ceremony_foreign");
    }
    let ceremony = begin(&stage, &who).await;
    let answer = key.sign(&ceremony.options, ORIGIN).to_string();
    let refused = service::finish_enrol_signature(&stage.ctx, &who, &ceremony.id.to_string(), &answer).await;
    assert_eq!(codes(refused), "ceremony_foreign");
    // A revocation's answer, presented to an approval's ceremony: the challenge is another.
    let request = service::begin_revoke(&stage.ctx, &who, &own).await.unwrap();
    let answer = key.sign(&crate::people::testing::options(&request), ORIGIN);
    let ceremony = begin(&stage, &who).await;
    assert_eq!(codes(approve(&stage, &who, &ceremony, &answer).await), "signature_invalid");
    // A registration's answer where a signature is asked for (ATK-W8).
    let ceremony = begin(&stage, &who).await;
    let request = service::begin_enrol(&stage.ctx, &who, crate::people::testing::named("new")).await.unwrap();
    let made = SoftKey::new("new").register(&crate::people::testing::options(&request), ORIGIN);
    assert_eq!(codes(approve(&stage, &who, &ceremony, &made).await), "signature_invalid");
    assert_eq!(stage.governed().await, before);
}

/// ATK-W6 and ATK-17: an old assertion again, under a new ceremony.
#[tokio::test]
async fn an_old_assertion_does_not_answer_a_new_challenge() {
    let stage = Stage::new().await;
    let (_, who, key) = stage.with_key("u-1001").await;
    let first = begin(&stage, &who).await;
    let answer = key.sign(&first.options, ORIGIN);
    approve(&stage, &who, &first, &answer).await.unwrap();
    let second = begin(&stage, &who).await;
    assert_eq!(codes(approve(&stage, &who, &second, &answer).await), "signature_invalid");
    // A cloned key: right challenge, a counter that was seen.
    let third = begin(&stage, &who).await;
    let cloned = key.sign_with(&third.options, ORIGIN, |touch| touch.counter = 2);
    assert_eq!(codes(approve(&stage, &who, &third, &cloned).await), "signature_invalid");
}

#[tokio::test]
async fn what_is_no_ceremony_is_unknown() {
    let stage = Stage::new().await;
    let (_, who, key) = stage.with_key("u-1001").await;
    let ceremony = begin(&stage, &who).await;
    for id in ["", "x", "00000000-0000-4000-8000-000000000000", "'; DROP TABLE people_keys; --"] {
        let answer = key.sign(&ceremony.options, ORIGIN);
        assert_eq!(codes(finish(&stage, &who, id, Act::DecideChange, &answer).await), "ceremony_unknown");
    }
    let (_, keyless) = stage.sign_in("u-1003").await;
    let draft = ActDraft {
        act: Act::DecideChange,
        decision: SignedDecision::Reject,
        subject_digest: Digest::of(b"s"),
        comment_digest: Digest::of(b""),
    };
    let mut conn = stage.ctx.db.acquire().await.unwrap();
    assert_eq!(codes(begin_signature(&mut conn, &stage.ctx, &keyless, draft, json!({})).await), "no_key");
}
