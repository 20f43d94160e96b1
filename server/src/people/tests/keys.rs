#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use super::codes;
use crate::auth::testing::{BE, SoftKey, UV};
use crate::people::service;
use crate::people::session::SignedIn;
use crate::people::testing::{ORIGIN, Stage, named, options};
use gatehouse_app::people::shape::{EnrolStep, SignatureRequest};

async fn begin_second(stage: &Stage, who: &SignedIn, new: &SoftKey) -> SignatureRequest {
    let request = service::begin_enrol(&stage.ctx, who, named("second")).await.unwrap();
    let credential = new.register(&options(&request), ORIGIN).to_string();
    match service::finish_enrol(&stage.ctx, who, &request.ceremony, &credential).await.unwrap() {
        EnrolStep::SignWithExisting(request) => request,
        step => panic!("{step:?} without the first key"),
    }
}

#[tokio::test]
async fn a_second_key_is_signed_for_by_the_first_over_its_own_digest() {
    let stage = Stage::new().await;
    let (_, who, first) = stage.with_key("u-1001").await;
    // The newest key stands first, and two of one instant have no order.
    stage.advance(chrono::Duration::seconds(1)).await;
    let second = SoftKey::new("second");
    let request = begin_second(&stage, &who, &second).await;
    assert!(request.act.contains("\"act\":\"people.enrol_key\"") && request.six_words.len() == 6);
    let assertion = first.sign(&options(&request), ORIGIN).to_string();
    let step = service::finish_enrol_signature(&stage.ctx, &who, &request.ceremony, &assertion).await.unwrap();
    assert_eq!(step, EnrolStep::Done);
    let view = service::keys(&stage.ctx, &who).await.unwrap();
    let names: Vec<_> = view.keys.iter().map(|key| key.name.as_str()).collect();
    assert_eq!(names, ["second", "first"]);
    assert!(view.needs_first_key && !view.needs_endorsement);
    assert!(view.keys.iter().any(|key| key.last_used_at.is_some()), "the first one was used");
    assert_eq!(stage.entries().await.iter().filter(|act| *act == "people.key_enrolled").count(), 2);
}

/// ATK-W12: whoever stole a session has no key to sign with.
#[tokio::test]
async fn atk_w12_a_stolen_session_enrols_no_second_key() {
    let stage = Stage::new().await;
    let (_, who, _) = stage.with_key("u-1001").await;
    let before = stage.governed().await;
    let mallory = SoftKey::new("mallory");
    let request = begin_second(&stage, &who, &mallory).await;
    let assertion = mallory.sign(&options(&request), ORIGIN).to_string();
    let refused = service::finish_enrol_signature(&stage.ctx, &who, &request.ceremony, &assertion).await;
    assert_eq!(codes(refused), "key_not_active");
    assert_eq!(stage.governed().await, before);
    assert_eq!(stage.entries().await.last().unwrap(), "people.enrol_key: key_not_active");
}

#[tokio::test]
async fn a_revoked_key_signs_nothing_and_never_comes_back() {
    let stage = Stage::new().await;
    let (_, who, first) = stage.with_key("u-1001").await;
    let id = service::keys(&stage.ctx, &who).await.unwrap().keys.first().unwrap().id.clone();
    let request = service::begin_revoke(&stage.ctx, &who, &id).await.unwrap();
    let waiting = service::begin_revoke(&stage.ctx, &who, &id).await.unwrap();
    let assertion = first.sign(&options(&request), ORIGIN).to_string();
    service::finish_revoke(&stage.ctx, &who, &request.ceremony, &assertion).await.unwrap();
    // ATK-W10: revoked while another ceremony waited for it.
    let late = first.sign(&options(&waiting), ORIGIN).to_string();
    let refused = service::finish_revoke(&stage.ctx, &who, &waiting.ceremony, &late).await;
    assert_eq!(codes(refused), "key_not_active");
    assert_eq!(codes(service::begin_revoke(&stage.ctx, &who, &id).await), "key_not_active");
    // The demo would let a first key in again, but not this one.
    let again = service::begin_enrol(&stage.ctx, &who, named("again")).await.unwrap();
    let credential = first.register(&options(&again), ORIGIN).to_string();
    assert!(service::finish_enrol(&stage.ctx, &who, &again.ceremony, &credential).await.is_err());
    let view = service::keys(&stage.ctx, &who).await.unwrap();
    assert!(view.keys.first().unwrap().revoked_at.is_some() && !view.needs_first_key);
}

#[tokio::test]
async fn nobody_revokes_anothers_key() {
    let stage = Stage::new().await;
    let (_, asha, _) = stage.with_key("u-1001").await;
    let (_, rohan, _) = stage.with_key("u-1002").await;
    let id = service::keys(&stage.ctx, &asha).await.unwrap().keys.first().unwrap().id.clone();
    for key in [id.as_str(), "", "x", "00000000-0000-0000-0000-000000000000"] {
        assert_eq!(codes(service::begin_revoke(&stage.ctx, &rohan, key).await), "key_not_active");
    }
}

/// ATK-W13 (duplicate id): the same credential under another person.
#[tokio::test]
async fn a_key_is_one_persons_only() {
    let stage = Stage::new().await;
    let (_, _, key) = stage.with_key("u-1001").await;
    let (_, rohan) = stage.sign_in("u-1002").await;
    let request = service::begin_enrol(&stage.ctx, &rohan, named("mine too")).await.unwrap();
    let credential = key.register(&options(&request), ORIGIN).to_string();
    let refused = service::finish_enrol(&stage.ctx, &rohan, &request.ceremony, &credential).await;
    assert_eq!(codes(refused), "key_already_enrolled");
    assert_eq!(stage.entries().await.last().unwrap(), "people.enrol_key: key_already_enrolled");
}

#[tokio::test]
async fn keys_and_names_that_must_not_be_are_refused_with_one_entry_each() {
    let stage = Stage::new().await;
    let (_, who) = stage.sign_in("u-1001").await;
    let before = stage.governed().await;
    for name in ["", "  ", "a\u{202e}b", "two\nlines", &"x".repeat(65)] {
        assert_eq!(codes(service::begin_enrol(&stage.ctx, &who, named(name)).await), "text_refused", "{name:?}");
    }
    type Attack = fn(&mut crate::auth::testing::Touch);
    let attacks: [(Attack, &str); 3] = [
        (|t| t.flags |= BE, "key_not_device_bound"),
        (|t| t.flags &= !UV, "user_not_verified"),
        (|t| t.client["origin"] = "http://evil.test".into(), "signature_invalid"),
    ];
    for (attack, code) in attacks {
        let request = service::begin_enrol(&stage.ctx, &who, named("first")).await.unwrap();
        let credential = SoftKey::new("k").register_with(&options(&request), ORIGIN, attack).to_string();
        assert_eq!(codes(service::finish_enrol(&stage.ctx, &who, &request.ceremony, &credential).await), code);
        assert_eq!(stage.entries().await.last().unwrap(), &format!("people.enrol_key: {code}"));
    }
    assert_eq!(stage.governed().await, before);
    assert_eq!(stage.entries().await.len(), 3 + 5 + 3);
}

#[tokio::test]
async fn who_is_not_admitted_enrols_no_key() {
    let stage = Stage::new().await;
    let (_, who) = stage.sign_in("u-1008").await;
    assert_eq!(codes(service::begin_enrol(&stage.ctx, &who, named("mine")).await), "not_admitted");
}
