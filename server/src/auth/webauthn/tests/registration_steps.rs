//! Every step of §7.1 that a key without attestation meets, tried against the pure verifier alone,
//! webauthn-rs alone, and both together.

use super::standard::{Library, REGISTRATION, assert_complete};
use super::{Lost, ORIGIN, asha, enrolled, portal};
use crate::auth::testing::{AT, BE, BS, ED, SoftKey, Touch, UP, UV, attestation_object};
use crate::auth::webauthn::RegistrationRefused;
use crate::auth::webauthn::registration::{is_the_same, parse};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use gatehouse_domain::Reason;
use gatehouse_domain::webauthn::{AssertionError as S, RegistrationError as E};
use serde_json::{Value, json};
use webauthn_rs::prelude::COSEAlgorithm;

/// What is tried at a step, and what comes of it.
struct Case {
    step: usize,
    tried: &'static str,
    touch: fn(&mut Touch),
    answer: fn(&mut Value),
    ours: Ours,
    library: Library,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ours {
    /// It does not get as far as a verifier.
    Unreadable,
    Refuses(E),
    /// Only webauthn-rs refuses it, for this reason.
    Takes(&'static str),
}

fn touch(step: usize, tried: &'static str, error: E, touch: fn(&mut Touch)) -> Case {
    Case { step, tried, touch, answer: |_| {}, ours: Ours::Refuses(error), library: Library::Refuses }
}

fn answer(step: usize, tried: &'static str, ours: Ours, answer: fn(&mut Value)) -> Case {
    Case { step, tried, touch: |_| {}, answer, ours, library: Library::Refuses }
}

fn unreadable(step: usize, tried: &'static str, bent: fn(&mut Value)) -> Case {
    answer(step, tried, Ours::Unreadable, bent)
}

impl Case {
    fn but_the_library_takes_it(self, why: &'static str) -> Self {
        Self { library: Library::Takes(why), ..self }
    }
}

const NOT_TRIED: [(usize, &str); 10] = [
    (1, "options are ours; enrolment_asks_for_a_verified_user_and_one_algorithm pins them"),
    (2, "the browser's call; what it rejects never reaches us"),
    (4, "outputs outside authData are unsigned hints, which nobody here reads"),
    (12, "computes a hash, which only attestation statements use"),
    (22, "`none`, which is asked for, has an empty statement to verify"),
    (23, "`none` has no trust anchors"),
    (24, "`none` is acceptable: who enrols is vouched for by a founder's code or by another key, not by a maker"),
    (26, "atk_w13 in the people slice tries it: the database knows every key"),
    (27, "an_honest_key_enrols_and_signs_our_challenge reads the record"),
    (29, "atk_w13 in the people slice tries that nothing is stored"),
];

fn cases() -> Vec<Case> {
    let spelling = "a URL parser sees our very origin; the pure verifier compares text";
    let unsigned = "its parser stops where it has all it wants; nothing that follows is signed or kept";
    let attests = "what attests the key proves nothing to us, so it looks at the key alone";
    vec![
        unreadable(3, "an assertion's response", |a| {
            a["response"] = json!({"clientDataJSON": a["response"]["clientDataJSON"], "signature": "AA", "authenticatorData": "AA"});
        }),
        unreadable(3, "a password credential", |a| a["type"] = json!("password")),
        unreadable(3, "id and rawId are two keys'", |a| a["id"] = json!("AAAA")),
        touch(5, "bytes that are no UTF-8", E::Step(S::ClientData), |t| t.client_bytes = Some(vec![b'{', 0xff, b'}'])),
        touch(6, "no JSON", E::Step(S::ClientData), |t| t.client_bytes = Some(b"{".to_vec())),
        touch(6, "no origin", E::Step(S::ClientData), |t| drop(t.client.as_object_mut().unwrap().remove("origin"))),
        touch(7, "atk_w8 an assertion's type", E::Step(S::Type), |t| t.client["type"] = json!("webauthn.get")),
        touch(8, "another challenge", E::Step(S::Challenge), |t| t.client["challenge"] = json!(B64.encode([1; 32]))),
        touch(8, "no byte of it", E::Step(S::Challenge), |t| t.client["challenge"] = json!("")),
        touch(9, "atk_w4 port", E::Step(S::Origin), |t| t.client["origin"] = json!("http://localhost:8081")),
        touch(9, "atk_w4 scheme", E::Step(S::Origin), |t| t.client["origin"] = json!("https://localhost:8080")),
        touch(9, "atk_w4 subdomain", E::Step(S::Origin), |t| t.client["origin"] = json!("http://x.localhost:8080")),
        touch(9, "atk_w4 null", E::Step(S::Origin), |t| t.client["origin"] = json!("null")),
        touch(9, "a slash", E::Step(S::Origin), |t| t.client["origin"] = json!("http://localhost:8080/"))
            .but_the_library_takes_it(spelling),
        touch(10, "atk_w11 inside a frame", E::Step(S::CrossOrigin), |t| t.client["crossOrigin"] = json!(true)),
        touch(11, "atk_w11 under another page", E::Step(S::TopOrigin), |t| {
            t.client["topOrigin"] = json!("http://evil.test")
        })
        .but_the_library_takes_it("it knows no topOrigin; browsers send crossOrigin with it, which it refuses"),
        unreadable(13, "atk_w13 no CBOR", |a| object(a, |o| o.truncate(o.len() - 1))),
        unreadable(13, "atk_w13 bytes after the CBOR", |a| object(a, |o| o.push(0))),
        unreadable(13, "atk_w13 an empty map", |a| object(a, |o| *o = vec![0xa0])),
        unreadable(13, "atk_w13 no map", |a| object(a, |o| *o = vec![0x80])),
        unreadable(13, "atk_w13 nothing", |a| object(a, Vec::clear)),
        unreadable(13, "atk_w13 10,000 arrays in each other", |a| object(a, |o| *o = vec![0x81; 10_000])),
        unreadable(13, "atk_w13 a string of 2^63 bytes", |a| {
            object(a, |o| *o = [&[0x7b, 0x7f][..], &[0xff; 7]].concat())
        }),
        unreadable(13, "atk_w13 a map of 2^63 members", |a| {
            object(a, |o| *o = [&[0xbb, 0x7f][..], &[0xff; 7]].concat())
        }),
        unreadable(13, "authData is text", |a| {
            object(a, |o| *o = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x61x".to_vec())
        }),
        touch(13, "no new key", E::AttestedData, |t| t.flags &= !AT),
        touch(13, "authData ends in the id", E::AttestedData, |t| t.cut = 80),
        touch(13, "atk_w13 a byte that nothing announces", E::AttestedData, |t| t.rest = vec![0])
            .but_the_library_takes_it(unsigned),
        answer(13, "authData is empty", Ours::Refuses(E::Step(S::AuthenticatorData)), |a| {
            object(a, |o| *o = attestation_object("none", &[]));
        }),
        touch(14, "atk_w5 a parent domain", E::Step(S::RpIdHash), |t| t.rp_id = "host".into()),
        touch(15, "no touch", E::Step(S::UserPresent), |t| t.flags &= !UP),
        touch(16, "atk_w3 no user verification", E::Step(S::UserVerified), |t| t.flags &= !UV),
        touch(17, "atk_w7 backed up, not eligible", E::Step(S::BackupState), |t| t.flags |= BS),
        touch(18, "atk_w7 may be synced", E::Step(S::BackupEligible), |t| t.flags |= BE),
        touch(19, "atk_w7 is synced", E::Step(S::BackupEligible), |t| t.flags |= BE | BS),
        touch(19, "reserved bit 5", E::Step(S::ReservedFlag), |t| t.flags |= 1 << 5)
            .but_the_library_takes_it("the standard says what the other bits mean, not that these are 0"),
        touch(20, "atk_w13 an algorithm that nobody knows", E::Algorithm, |t| t.cose[4] = 0x37),
        touch(20, "atk_w13 EdDSA, not asked for", E::Algorithm, |t| {
            t.cose = [&[0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 0x20][..], &[9; 32]].concat();
        }),
        touch(20, "atk_w13 another curve", E::Algorithm, |t| t.cose[6] = 2),
        touch(20, "atk_w13 no point of the curve", E::Algorithm, |t| t.cose[10..42].fill(1)),
        touch(20, "half a key", E::Algorithm, |t| t.cut = 8),
        touch(20, "members in another order", E::Algorithm, |t| t.cose[1..5].rotate_left(2))
            .but_the_library_takes_it("any CBOR will do for it; CTAP2 allows one spelling"),
        Case {
            ours: Ours::Takes(attests),
            ..touch(21, "a format that nobody knows", E::AttestedData, |t| t.fmt = "nope".into())
        },
        Case { ours: Ours::Takes(attests), ..touch(21, "another case", E::AttestedData, |t| t.fmt = "None".into()) },
        Case {
            ours: Ours::Takes(attests),
            ..touch(21, "a format without its statement", E::AttestedData, |t| t.fmt = "packed".into())
        },
        touch(25, "an id of 15 bytes", E::CredentialId, |t| t.credential_id = vec![1; 15])
            .but_the_library_takes_it("it has no least length"),
        touch(25, "no id", E::CredentialId, |t| t.credential_id.clear())
            .but_the_library_takes_it("it has no least length"),
        touch(25, "atk_w13 an id of 1,024 bytes", E::CredentialId, |t| t.credential_id = vec![1; 1024])
            .but_the_library_takes_it("its limit is 4,096, for kinds of key to come"),
        Case {
            answer: |a| (a["id"], a["rawId"]) = (json!(B64.encode([8; 32])), json!(B64.encode([8; 32]))),
            ..touch(25, "another id than the new key's", E::CredentialId, |_| {})
                .but_the_library_takes_it("it takes the id from authData")
        },
        touch(28, "extension outputs announced, none there", E::AttestedData, |t| t.flags |= ED),
        touch(28, "extension outputs that are no CBOR", E::AttestedData, |t| {
            (t.flags, t.rest) = (t.flags | ED, vec![0xff])
        }),
        touch(28, "extension outputs that are no map", E::AttestedData, |t| {
            (t.flags, t.rest) = (t.flags | ED, vec![0x01])
        }),
        touch(28, "a byte after them", E::AttestedData, |t| (t.flags, t.rest) = (t.flags | ED, vec![0xa0, 0x00]))
            .but_the_library_takes_it(unsigned),
    ]
}

/// Changes the attestation object after it was made; nothing signs it.
fn object(answer: &mut Value, change: impl FnOnce(&mut Vec<u8>)) {
    let place = &mut answer["response"]["attestationObject"];
    let mut bytes = B64.decode(place.as_str().unwrap()).unwrap();
    change(&mut bytes);
    *place = json!(B64.encode(bytes));
}

#[test]
fn every_step_of_registering_a_key_refuses_alone_in_each_verifier() {
    let cases = cases();
    for case in &cases {
        let told = format!("step {} ({}): {}", case.step, REGISTRATION[case.step - 1], case.tried);
        let started = portal().start_registration(&asha(), "Asha Rao", &[]).unwrap();
        let mut answer = SoftKey::new("asha").register_with(&started.options, ORIGIN, case.touch);
        (case.answer)(&mut answer);
        let answer = answer.to_string();
        let parsed = parse(answer.as_bytes());
        let ours = parsed.as_ref().ok().and_then(|answer| portal().we_register(&started.state, answer).ok());
        match case.ours {
            Ours::Unreadable => assert!(ours.is_none(), "the pure verifier, {told}: {ours:?}"),
            Ours::Refuses(step) => assert_eq!(ours, Some(Err(step)), "the pure verifier, {told}"),
            Ours::Takes(why) => assert!(matches!(ours, Some(Ok(_))), "the pure verifier, {told}: not so that {why}"),
        }
        let library = parsed.as_ref().ok().map(|answer| portal().library_registers(&started.state, answer).unwrap());
        let takes = matches!(library, Some(Ok(_)));
        assert_eq!(
            !takes,
            case.library == Library::Refuses,
            "webauthn-rs, {told}: {:?}",
            library.map(|said| said.err())
        );
        let refused = portal().finish_registration(&started.state, answer.as_bytes()).expect_err(&told);
        assert!(!matches!(refused, RegistrationRefused::Disagreement), "{told}");
    }
    assert_complete(cases.iter().map(|case| case.step), &NOT_TRIED, REGISTRATION.len());
}

#[test]
fn what_browsers_add_is_no_reason_to_refuse() {
    let started = portal().start_registration(&asha(), "Asha Rao", &[]).unwrap();
    let mut answer = SoftKey::new("asha").register_with(&started.options, ORIGIN, |t| {
        t.client["other_keys_can_be_added_here"] = json!("do not compare");
        t.rest = b"\xa1\x6bcredProtect\x02".to_vec();
        t.flags |= ED;
        t.aaguid = [0xaa; 16];
    });
    answer["clientExtensionResults"] = json!({"credProps": {"rk": true}});
    answer["response"]["publicKeyAlgorithm"] = json!(-7);
    let stored = portal().finish_registration(&started.state, answer.to_string().as_bytes()).unwrap();
    assert_eq!(stored.id, SoftKey::new("asha").id);
}

/// ATK-W3, ATK-W7: ceremony state lives outside the library, so what it lost on the way must not open the door.
#[test]
fn a_policy_lost_in_the_stored_state_opens_no_door() {
    let attacks: [(Lost, Reason); 2] = [
        (("policy", json!("preferred"), |t| t.flags = AT | UP), Reason::UserNotVerified),
        (("allow_synchronised_authenticators", json!(true), |t| t.flags |= BE | BS), Reason::KeyNotDeviceBound),
    ];
    for ((setting, lost, attack), reason) in attacks {
        let mut started = portal().start_registration(&asha(), "Asha Rao", &[]).unwrap();
        assert_ne!(started.state[setting], lost);
        started.state[setting] = lost;
        let answer = SoftKey::new("asha").register_with(&started.options, ORIGIN, attack).to_string();
        let parsed = parse(answer.as_bytes()).unwrap();
        assert!(portal().library_registers(&started.state, &parsed).unwrap().is_err(), "{setting}: webauthn-rs");
        assert!(portal().we_register(&started.state, &parsed).unwrap().is_err(), "{setting}: the pure verifier");
        let refused = portal().finish_registration(&started.state, answer.as_bytes()).unwrap_err();
        assert_eq!(refused.reason(), reason, "{setting}");
    }
}

#[test]
fn one_answer_holds_one_key() {
    let answer = |key: &SoftKey| {
        let started = portal().start_registration(&asha(), "Asha Rao", &[]).unwrap();
        let answer = key.register(&started.options, ORIGIN).to_string();
        portal().library_registers(&started.state, &parse(answer.as_bytes()).unwrap()).unwrap().unwrap()
    };
    let library = answer(&SoftKey::new("asha"));
    let ours = enrolled(&SoftKey::new("asha"));
    assert!(is_the_same(&ours, &library));
    let mut other = ours.clone();
    other.id.push(0);
    assert!(!is_the_same(&other, &library), "another id");
    let other = super::StoredCredential { counter: 9, ..ours.clone() };
    assert!(!is_the_same(&other, &library), "another counter");
    let mut other = library.clone();
    other.cred.type_ = COSEAlgorithm::ES384;
    assert!(!is_the_same(&ours, &other), "another algorithm");
    let other = super::StoredCredential { public_key: enrolled(&SoftKey::new("mallory")).public_key, ..ours };
    assert!(!is_the_same(&other, &library), "another key");
}

#[test]
fn an_answer_larger_than_any_browsers_is_not_parsed() {
    let started = portal().start_registration(&asha(), "Asha Rao", &[]).unwrap();
    let mut answer = SoftKey::new("asha").register(&started.options, ORIGIN);
    answer["padding"] = json!("x".repeat(15_000));
    assert!(portal().finish_registration(&started.state, answer.to_string().as_bytes()).is_ok(), "room for a TPM's");
    answer["padding"] = json!("x".repeat(16 * 1024));
    let refused = portal().finish_registration(&started.state, answer.to_string().as_bytes());
    assert!(matches!(refused, Err(RegistrationRefused::Malformed)), "{refused:?}");
}
