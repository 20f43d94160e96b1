#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::auth::testing::{BE, BS, SoftKey, UP, UV};
use gatehouse_domain::Reason;
use gatehouse_domain::webauthn::AssertionError;
use serde_json::json;

const ORIGIN: &str = "http://localhost:8080";
const CHALLENGE: [u8; 32] = [0xc7; 32];

fn portal() -> Authenticators {
    Authenticators::new(&ORIGIN.parse().unwrap()).unwrap()
}

fn asha() -> PersonId {
    "E-1001".parse().unwrap()
}

fn enrolled(key: &SoftKey) -> StoredCredential {
    let started = portal().start_registration(&asha(), "Asha Rao", &[]).unwrap();
    let answer = key.register(&started.options, ORIGIN);
    portal().finish_registration(&started.state, answer.to_string().as_bytes()).unwrap()
}

fn refused_enrolment(attack: impl FnOnce(&mut crate::auth::testing::Touch)) -> RegistrationRefused {
    let started = portal().start_registration(&asha(), "Asha Rao", &[]).unwrap();
    let answer = SoftKey::new("asha").register_with(&started.options, ORIGIN, attack);
    portal().finish_registration(&started.state, answer.to_string().as_bytes()).unwrap_err()
}

#[test]
fn an_honest_key_enrols_and_signs_our_challenge() {
    let key = SoftKey::new("asha");
    let mut stored = enrolled(&key);
    assert_eq!(stored.id, key.id);
    for _ in 0..2 {
        let started = portal().start_signature(std::slice::from_ref(&stored), CHALLENGE).unwrap();
        let answer = key.sign(&started.options, ORIGIN).to_string();
        let verified =
            portal().finish_signature(&asha(), &stored, CHALLENGE, &started.state, answer.as_bytes()).unwrap();
        assert!(verified.counter > stored.counter);
        stored.counter = verified.counter;
    }
}

/// Pins what `start_signature` relies on inside webauthn-rs: where its state keeps the challenge.
#[test]
fn the_options_and_the_librarys_state_hold_our_challenge() {
    let stored = enrolled(&SoftKey::new("asha"));
    let started = portal().start_signature(&[stored], CHALLENGE).unwrap();
    let ours = json!("x8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8c");
    assert_eq!(started.options["challenge"], ours);
    assert_eq!(started.state["challenge"], ours);
    assert_eq!(started.state["policy"], "required");
    assert_eq!(started.state["allow_backup_eligible_upgrade"], false);
    assert_eq!(started.options["userVerification"], "required");
    assert_eq!(started.options["rpId"], "localhost");
}

#[test]
fn enrolment_asks_for_a_verified_user_and_one_algorithm() {
    let started = portal().start_registration(&asha(), "Asha Rao", &[enrolled(&SoftKey::new("first"))]).unwrap();
    let options = &started.options;
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(options["pubKeyCredParams"], json!([{"type": "public-key", "alg": -7}]));
    assert_eq!(options["excludeCredentials"].as_array().unwrap().len(), 1);
    assert_eq!(started.state["allow_synchronised_authenticators"], false);
    assert!(!options["user"]["id"].as_str().unwrap().contains("E-1001"));
}

#[test]
fn enrolment_refuses_what_it_must() {
    // ATK-W7, W3, W4, W8, W11, W5, and a replay of another ceremony's answer.
    assert_eq!(refused_enrolment(|t| t.flags |= BE).reason(), Reason::KeyNotDeviceBound);
    assert_eq!(refused_enrolment(|t| t.flags |= BE | BS).reason(), Reason::KeyNotDeviceBound);
    assert_eq!(refused_enrolment(|t| t.flags &= !UV).reason(), Reason::UserNotVerified);
    assert_eq!(refused_enrolment(|t| t.flags &= !UP).reason(), Reason::SignatureInvalid);
    for origin in
        ["http://localhost:8081", "https://localhost:8080", "http://localhost:8080/", "http://x.localhost:8080"]
    {
        assert!(matches!(refused_enrolment(|t| t.client["origin"] = json!(origin)), RegistrationRefused::Origin));
    }
    assert!(matches!(refused_enrolment(|t| t.client["crossOrigin"] = json!(true)), RegistrationRefused::Origin));
    assert!(matches!(refused_enrolment(|t| t.client["type"] = json!("webauthn.get")), RegistrationRefused::Library(_)));
    assert!(matches!(refused_enrolment(|t| t.client["challenge"] = json!("AAAA")), RegistrationRefused::Library(_)));
    assert!(matches!(refused_enrolment(|t| t.rp_id = "example".into()), RegistrationRefused::Library(_)));
    assert!(matches!(refused_enrolment(|t| t.credential_id = vec![1; 15]), RegistrationRefused::ShortId));
    let started = portal().start_registration(&asha(), "Asha Rao", &[]).unwrap();
    for bad in [&b"{"[..], b"{}", &[b' '; 20_000]] {
        assert!(matches!(portal().finish_registration(&started.state, bad), Err(RegistrationRefused::Malformed)));
    }
    // ATK-W13: CBOR that is no attestation.
    let mut answer = SoftKey::new("asha").register(&started.options, ORIGIN);
    answer["response"]["attestationObject"] = json!("oA");
    assert!(portal().finish_registration(&started.state, answer.to_string().as_bytes()).is_err());
}

#[test]
fn a_key_that_is_enrolled_already_is_not_enrolled_again() {
    let key = SoftKey::new("asha");
    let stored = enrolled(&key);
    let started = portal().start_registration(&asha(), "Asha Rao", &[stored]).unwrap();
    let answer = key.register(&started.options, ORIGIN);
    assert!(portal().finish_registration(&started.state, answer.to_string().as_bytes()).is_err());
}

#[test]
fn signatures_refuse_what_they_must() {
    use AssertionError as E;
    type Attack = fn(&mut crate::auth::testing::Touch);
    let attacks: [(Attack, E); 16] = [
        (|t| t.flags &= !UV, E::UserVerified),
        (|t| t.flags &= !UP, E::UserPresent),
        (|t| t.flags |= BE, E::BackupEligible),
        (|t| t.flags |= BS, E::BackupState),
        (|t| t.flags |= 2, E::ReservedFlag),
        (|t| t.client["origin"] = json!("http://localhost:8081"), E::Origin),
        (|t| t.client["origin"] = json!("http://localhost:8080/x"), E::Origin),
        (|t| t.client["origin"] = json!("null"), E::Origin),
        (|t| t.client["crossOrigin"] = json!(true), E::CrossOrigin),
        (|t| t.client["topOrigin"] = json!("http://evil.test"), E::TopOrigin),
        (|t| t.client["type"] = json!("webauthn.create"), E::Type),
        (|t| t.client["challenge"] = json!("AAAA"), E::Challenge),
        (|t| t.rp_id = "host".into(), E::RpIdHash),
        (|t| t.counter = 0, E::Counter),
        (|t| t.tamper = 1, E::Signature),
        (|t| t.user_handle = Some(user_handle(&"E-1002".parse().unwrap()).to_vec()), E::UserHandle),
    ];
    let key = SoftKey::new("asha");
    let stored = enrolled(&key);
    for (attack, expected) in attacks {
        let started = portal().start_signature(std::slice::from_ref(&stored), CHALLENGE).unwrap();
        let answer = key.sign_with(&started.options, ORIGIN, attack).to_string();
        let refused =
            portal().finish_signature(&asha(), &stored, CHALLENGE, &started.state, answer.as_bytes()).unwrap_err();
        assert!(matches!(refused, SignatureRefused::Step(step) if step == expected), "{expected:?}: {refused:?}");
    }
}

#[test]
fn another_key_does_not_sign_for_this_one() {
    let (asha_key, mallory) = (SoftKey::new("asha"), SoftKey::new("mallory"));
    let stored = enrolled(&asha_key);
    let started = portal().start_signature(std::slice::from_ref(&stored), CHALLENGE).unwrap();
    // Under her own id, and under Asha's.
    let own = mallory.sign(&started.options, ORIGIN).to_string();
    let stolen = mallory.sign_with(&started.options, ORIGIN, |t| t.credential_id = asha_key.id.clone()).to_string();
    let finish = |answer: &str| {
        portal().finish_signature(&asha(), &stored, CHALLENGE, &started.state, answer.as_bytes()).unwrap_err()
    };
    assert_eq!(finish(&own).reason(), Reason::KeyNotActive);
    assert!(matches!(finish(&stolen), SignatureRefused::Step(AssertionError::Signature)));
    assert!(matches!(finish("{}"), SignatureRefused::Malformed(_)));
}

#[test]
fn when_only_one_verifier_accepts_it_does_not_count() {
    let key = SoftKey::new("asha");
    let stored = enrolled(&key);
    let started = portal().start_signature(std::slice::from_ref(&stored), CHALLENGE).unwrap();
    let answer = key.sign(&started.options, ORIGIN).to_string();
    // The library's state is for another challenge than the act's: each alone would accept its own.
    let other = portal().start_signature(std::slice::from_ref(&stored), [1; 32]).unwrap();
    for (challenge, state) in [(CHALLENGE, &other.state), ([1; 32], &started.state)] {
        let refused = portal().finish_signature(&asha(), &stored, challenge, state, answer.as_bytes()).unwrap_err();
        assert!(matches!(refused, SignatureRefused::Disagreement { .. }), "{refused:?}");
    }
}
