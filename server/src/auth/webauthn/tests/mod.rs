//! Both ceremonies as they should go, and what our part of them must refuse.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod assertion_steps;
mod registration_steps;
mod standard;

use super::*;
use crate::auth::testing::{SoftKey, Touch};
use gatehouse_domain::Reason;
use gatehouse_domain::webauthn::AssertionError;
use serde_json::json;

const ORIGIN: &str = "http://localhost:8080";
/// A setting of the stored state, what it is lost to, and what would then come in.
type Lost = (&'static str, Value, fn(&mut Touch));

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
fn a_key_that_is_enrolled_already_is_not_enrolled_again() {
    let key = SoftKey::new("asha");
    let stored = enrolled(&key);
    let started = portal().start_registration(&asha(), "Asha Rao", &[stored]).unwrap();
    let answer = key.register(&started.options, ORIGIN);
    let refused = portal().finish_registration(&started.state, answer.to_string().as_bytes()).unwrap_err();
    assert_eq!(refused.reason(), Reason::KeyAlreadyEnrolled);
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
