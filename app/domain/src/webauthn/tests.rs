#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use p256::ecdsa::{SigningKey, signature::Signer as _};
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;

const ORIGIN: &str = "https://gatehouse.example";
const RP_ID: &str = "gatehouse.example";
const HANDLE: &[u8] = b"handle-of-E-1001";
const UP: u8 = 1;
const UV: u8 = 1 << 2;
const BE: u8 = 1 << 3;
const BS: u8 = 1 << 4;

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_slice(&[0x42; 32]).unwrap());

/// An assertion to be made, with every part open to the attacker.
#[derive(Clone)]
struct Making {
    client: Value,
    rp_id: String,
    flags: u8,
    counter: u32,
    tail: Vec<u8>,
    stored_counter: u32,
    stored_be: bool,
    handle: Option<Vec<u8>>,
    id: Vec<u8>,
}

fn challenge() -> [u8; 32] {
    Sha256::digest("the act").into()
}

fn honest() -> Making {
    Making {
        client: json!({"type": "webauthn.get", "challenge": B64.encode(challenge()), "origin": ORIGIN, "crossOrigin": false}),
        rp_id: RP_ID.into(),
        flags: UP | UV,
        counter: 8,
        tail: vec![],
        stored_counter: 7,
        stored_be: false,
        handle: None,
        id: vec![9; 32],
    }
}

fn es256() -> PublicKey {
    let point = KEY.verifying_key().to_sec1_point(false);
    let bytes = point.as_bytes();
    PublicKey::Es256 { x: bytes[1..33].try_into().unwrap(), y: bytes[33..].try_into().unwrap() }
}

impl Making {
    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn client(self, member: &str, value: Value) -> Self {
        self.with(|m| m.client[member] = value)
    }

    fn assertion(&self, sign: impl Fn(&[u8]) -> Vec<u8>) -> Assertion {
        let client_data_json = serde_json::to_vec(&self.client).unwrap();
        let authenticator_data =
            [&Sha256::digest(&self.rp_id)[..], &[self.flags], &self.counter.to_be_bytes(), &self.tail].concat();
        let signed = [&authenticator_data[..], &Sha256::digest(&client_data_json)].concat();
        Assertion {
            credential_id: self.id.clone(),
            client_data_json,
            authenticator_data,
            signature: sign(&signed),
            user_handle: self.handle.clone(),
        }
    }

    fn check_with(&self, assertion: &Assertion, public_key: PublicKey) -> Result<Verified, AssertionError> {
        let credential = StoredCredential {
            id: vec![9; 32],
            public_key,
            counter: self.stored_counter,
            backup_eligible: self.stored_be,
        };
        let expect = Expectation {
            challenge: challenge(),
            origin: ORIGIN,
            rp_id: RP_ID,
            credential: &credential,
            user_handle: HANDLE,
        };
        verify_assertion(&expect, assertion)
    }

    fn verify(&self) -> Result<Verified, AssertionError> {
        self.check_with(&self.assertion(es256_sign), es256())
    }
}

fn es256_sign(message: &[u8]) -> Vec<u8> {
    let signature: p256::ecdsa::Signature = KEY.sign(message);
    signature.to_der().as_bytes().to_vec()
}

#[test]
fn an_honest_assertion_verifies_and_gives_its_counter() {
    assert_eq!(honest().verify(), Ok(Verified { counter: 8 }));
    assert_eq!(honest().with(|m| m.handle = Some(HANDLE.into())).verify(), Ok(Verified { counter: 8 }));
    // A key that does not count says 0 for ever.
    let uncounted = honest().with(|m| (m.counter, m.stored_counter) = (0, 0));
    assert_eq!(uncounted.verify(), Ok(Verified { counter: 0 }));
    // Browsers add members so that nobody compares the JSON as a template.
    let grease = honest().client("other_keys_can_be_added_here", json!("do not compare"));
    assert!(grease.verify().is_ok());
}

#[test]
fn each_step_refuses_what_it_is_for() {
    use AssertionError as E;
    let h = honest;
    let origin = |origin: &str| h().client("origin", json!(origin));
    for (case, making, error) in [
        ("another key", h().with(|m| m.id = vec![8; 32]), E::Credential),
        ("a key id with one byte more", h().with(|m| m.id.push(0)), E::Credential),
        ("another user's handle", h().with(|m| m.handle = Some(b"handle-of-E-1002".into())), E::UserHandle),
        ("an empty handle", h().with(|m| m.handle = Some(vec![])), E::UserHandle),
        ("no challenge", h().with(|m| drop(m.client.as_object_mut().unwrap().remove("challenge"))), E::ClientData),
        ("an origin that is no text", h().client("origin", json!([ORIGIN])), E::ClientData),
        ("atk_w8 a registration", h().client("type", json!("webauthn.create")), E::Type),
        ("a payment", h().client("type", json!("payment.get")), E::Type),
        ("another act", h().client("challenge", json!(B64.encode([1; 32]))), E::Challenge),
        ("a padded challenge", h().client("challenge", json!(format!("{}=", B64.encode(challenge())))), E::Challenge),
        ("an empty challenge", h().client("challenge", json!("")), E::Challenge),
        ("atk_w4 suffix", origin("https://gatehouse.example.evil.test"), E::Origin),
        ("atk_w4 prefix", origin("https://evil-gatehouse.example"), E::Origin),
        ("atk_w4 subdomain", origin("https://x.gatehouse.example"), E::Origin),
        ("atk_w4 port", origin("https://gatehouse.example:8443"), E::Origin),
        ("atk_w4 default port written out", origin("https://gatehouse.example:443"), E::Origin),
        ("atk_w4 scheme", origin("http://gatehouse.example"), E::Origin),
        ("atk_w4 slash", origin("https://gatehouse.example/"), E::Origin),
        ("atk_w4 case", origin("https://Gatehouse.example"), E::Origin),
        ("atk_w4 null", origin("null"), E::Origin),
        ("atk_w4 punycode", origin("https://xn--gatehuse-c1a.example"), E::Origin),
        ("atk_w4 host only", origin("gatehouse.example"), E::Origin),
        ("atk_w11 framed", h().client("crossOrigin", json!(true)), E::CrossOrigin),
        ("atk_w11 top page", h().client("topOrigin", json!("https://evil.test")), E::TopOrigin),
        ("atk_w5 parent domain", h().with(|m| m.rp_id = "example".into()), E::RpIdHash),
        ("no touch", h().with(|m| m.flags = UV), E::UserPresent),
        ("atk_w3 no user verification", h().with(|m| m.flags = UP), E::UserVerified),
        ("atk_w7 backed up, not eligible", h().with(|m| m.flags |= BS), E::BackupState),
        ("atk_w7 became eligible", h().with(|m| m.flags |= BE), E::BackupEligible),
        ("atk_w7 synced", h().with(|m| m.flags |= BE | BS), E::BackupEligible),
        ("atk_w7 was eligible", h().with(|m| m.stored_be = true), E::BackupEligible),
        ("reserved bit 1", h().with(|m| m.flags |= 1 << 1), E::ReservedFlag),
        ("reserved bit 5", h().with(|m| m.flags |= 1 << 5), E::ReservedFlag),
        ("atk_w6 equal counter", h().with(|m| m.stored_counter = 8), E::Counter),
        ("atk_w6 lower counter", h().with(|m| m.stored_counter = 9), E::Counter),
        ("atk_w6 zero after non-zero", h().with(|m| m.counter = 0), E::Counter),
        ("trailing bytes", h().with(|m| m.tail = vec![0]), E::Extensions),
        ("extension data", h().with(|m| (m.flags, m.tail) = (UP | UV | 1 << 7, vec![0xa0])), E::Extensions),
        ("extension data announced, none there", h().with(|m| m.flags |= 1 << 7), E::Extensions),
        ("attested data flag", h().with(|m| m.flags |= 1 << 6), E::Extensions),
    ] {
        assert_eq!(making.verify(), Err(error), "{case}");
    }
}

#[test]
fn doubled_members_and_other_text_are_no_client_data() {
    for text in [r#"{"type":"webauthn.get","type":"webauthn.get","challenge":"","origin":""}"#, "\u{feff}{}", "", "[]"]
    {
        let mut assertion = honest().assertion(es256_sign);
        assertion.client_data_json = text.into();
        assert_eq!(honest().check_with(&assertion, es256()), Err(AssertionError::ClientData), "{text}");
    }
    let mut assertion = honest().assertion(es256_sign);
    assertion.authenticator_data.truncate(36);
    assert_eq!(honest().check_with(&assertion, es256()), Err(AssertionError::AuthenticatorData));
}

#[test]
fn a_signature_by_another_key_or_in_another_form_does_not_verify() {
    let other = SigningKey::from_slice(&[0x43; 32]).unwrap();
    let raw = |message: &[u8]| {
        let signature: p256::ecdsa::Signature = KEY.sign(message);
        signature.to_bytes().to_vec()
    };
    let by_other = |message: &[u8]| {
        let signature: p256::ecdsa::Signature = other.sign(message);
        signature.to_der().as_bytes().to_vec()
    };
    for assertion in [
        honest().assertion(raw),
        honest().assertion(by_other),
        honest().assertion(|_| vec![]),
        honest().assertion(|m| [&es256_sign(m)[..], &[0]].concat()),
    ] {
        assert_eq!(honest().check_with(&assertion, es256()), Err(AssertionError::Signature));
    }
    // A "key" that is no point of the curve.
    let no_key = PublicKey::Es256 { x: [1; 32], y: [1; 32] };
    assert_eq!(honest().check_with(&honest().assertion(es256_sign), no_key), Err(AssertionError::Signature));
}

#[test]
fn ed25519_keys_sign_too() {
    use ed25519_dalek::Signer as _;
    let key = ed25519_dalek::SigningKey::from_bytes(&[0x42; 32]);
    let public = || PublicKey::Ed25519 { x: key.verifying_key().to_bytes() };
    let good = honest().assertion(|m| key.sign(m).to_bytes().to_vec());
    assert_eq!(honest().check_with(&good, public()), Ok(Verified { counter: 8 }));
    assert_eq!(honest().check_with(&honest().assertion(es256_sign), public()), Err(AssertionError::Signature));
    // The identity point, under which a forged signature would verify without `verify_strict`.
    let mut identity = [0; 32];
    identity[0] = 1;
    let forged = honest().assertion(|_| [&identity[..], &[0; 32]].concat());
    assert_eq!(honest().check_with(&forged, PublicKey::Ed25519 { x: identity }), Err(AssertionError::Signature));
}

#[test]
fn a_browsers_json_is_read_and_a_strangers_is_not() {
    let made = honest().assertion(es256_sign);
    let good = json!({
        "id": B64.encode(&made.credential_id), "rawId": B64.encode(&made.credential_id), "type": "public-key",
        "authenticatorAttachment": "cross-platform", "clientExtensionResults": {},
        "response": {
            "clientDataJSON": B64.encode(&made.client_data_json), "signature": B64.encode(&made.signature),
            "authenticatorData": B64.encode(&made.authenticator_data), "userHandle": null,
        },
    });
    assert_eq!(Assertion::from_json(good.to_string().as_bytes()), Ok(made));
    let bad = |pointer: &str, value: Value| {
        let mut json = good.clone();
        *json.pointer_mut(pointer).unwrap() = value;
        Assertion::from_json(json.to_string().as_bytes()).unwrap_err()
    };
    use MalformedAssertion as M;
    assert!(matches!(bad("/type", json!("password")), M::Contradiction(_)));
    assert!(matches!(bad("/id", json!("AAAA")), M::Contradiction(_)));
    assert_eq!(bad("/response/signature", json!("a+/=")), M::Base64("signature"));
    assert_eq!(bad("/response/signature", json!("A".repeat(172))), M::TooLarge("signature"));
    assert_eq!(bad("/response/clientDataJSON", json!("A".repeat(8000))), M::TooLarge("clientDataJSON"));
    assert_eq!(bad("/response", json!({})), M::Json);
    assert_eq!(Assertion::from_json(&[b' '; 17_000]), Err(M::TooLarge("the credential")));
    assert_eq!(Assertion::from_json(b"{"), Err(M::Json));
}

#[test]
fn a_stored_credential_is_text_and_has_one_spelling() {
    let stored = StoredCredential { id: vec![9; 16], public_key: es256(), counter: 7, backup_eligible: false };
    let value = serde_json::to_value(&stored).unwrap();
    assert_eq!(value["counter"], "7");
    assert_eq!(value["public_key"]["alg"], "ES256");
    assert!(crate::canonical::to_bytes(&value).is_ok());
    assert_eq!(serde_json::from_value::<StoredCredential>(value.clone()).unwrap(), stored);
    for (member, bad) in [
        ("counter", json!("07")),
        ("counter", json!(7)),
        ("id", json!("zz")),
        ("id", json!("AB")),
        ("extra", json!("1")),
    ] {
        let mut value = value.clone();
        value[member] = bad;
        assert!(serde_json::from_value::<StoredCredential>(value).is_err(), "{member}");
    }
}

proptest! {
    // Fixed seed and few cases here; each flips one bit of 1,600 or so.
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_single_bit_may_flip(part in 0..3_usize, position in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let mut assertion = honest().assertion(es256_sign);
        let bytes = match part {
            0 => &mut assertion.signature,
            1 => &mut assertion.authenticator_data,
            _ => &mut assertion.client_data_json,
        };
        let at = position.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(honest().check_with(&assertion, es256()).is_err());
    }

    #[test]
    fn no_bytes_make_it_panic(json in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Assertion::from_json(&json);
        let assertion = Assertion {
            credential_id: vec![9; 32], client_data_json: json.clone(), authenticator_data: json.clone(),
            signature: json, user_handle: None,
        };
        prop_assert!(honest().check_with(&assertion, es256()).is_err());
    }
}
