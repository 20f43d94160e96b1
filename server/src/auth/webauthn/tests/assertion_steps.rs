//! Every step of §7.2, tried against the pure verifier alone, webauthn-rs alone, and both together.

use super::standard::{ASSERTION, Library, assert_complete};
use super::{CHALLENGE, Lost, ORIGIN, asha, enrolled, portal};
use crate::auth::testing::{AT, BE, BS, ED, SoftKey, Touch, UP, UV};
use crate::auth::webauthn::{CeremonyError, SignatureRefused, user_handle};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use gatehouse_domain::webauthn::{
    Assertion, AssertionError as E, Expectation, MalformedAssertion, PublicKey, StoredCredential, verify_assertion,
};
use serde_json::{Value, json};

/// What is tried at a step, and what comes of it.
struct Case {
    step: usize,
    tried: &'static str,
    touch: fn(&mut Touch),
    answer: fn(&mut Value),
    stored: fn(&mut StoredCredential),
    ours: Ours,
    library: Library,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ours {
    Malformed,
    Refuses(E),
}

fn case(step: usize, tried: &'static str, ours: Ours) -> Case {
    Case { step, tried, touch: |_| {}, answer: |_| {}, stored: |_| {}, ours, library: Library::Refuses }
}

fn malformed(step: usize, tried: &'static str, answer: fn(&mut Value)) -> Case {
    Case { answer, ..case(step, tried, Ours::Malformed) }
}

fn touch(step: usize, tried: &'static str, error: E, touch: fn(&mut Touch)) -> Case {
    Case { touch, ..case(step, tried, Ours::Refuses(error)) }
}

fn answer(step: usize, tried: &'static str, error: E, answer: fn(&mut Value)) -> Case {
    Case { answer, ..case(step, tried, Ours::Refuses(error)) }
}

impl Case {
    fn stored(self, stored: fn(&mut StoredCredential)) -> Self {
        Self { stored, ..self }
    }

    fn but_the_library_takes_it(self, why: &'static str) -> Self {
        Self { library: Library::Takes(why), ..self }
    }
}

/// Steps that refuse nothing, or whose refusal is elsewhere.
const NOT_TRIED: [(usize, &str); 7] = [
    (1, "options are ours; the_options_and_the_librarys_state_hold_our_challenge pins them"),
    (2, "the browser's call; what it rejects never reaches us"),
    (4, "outputs outside authData are unsigned hints, which nobody here reads; step 15 tries appid"),
    (7, "names three values; without one of them there is no response, which is step 3"),
    (20, "computes a hash; that it is over the exact bytes is tried by step 21"),
    (24, "atk_w6 in the people slice tries that the new counter is stored"),
    (25, "every case here ends in it"),
];

fn cases() -> Vec<Case> {
    let spelling = "a URL parser sees our very origin; the pure verifier compares text";
    let mut cases = vec![
        malformed(3, "a registration's response", |a| {
            a["response"] = json!({"clientDataJSON": a["response"]["clientDataJSON"], "attestationObject": "oA"});
        }),
        malformed(3, "a password credential", |a| a["type"] = json!("password")),
        malformed(3, "no signature", |a| drop(a["response"].as_object_mut().unwrap().remove("signature"))),
        malformed(5, "id and rawId are two keys'", |a| a["id"] = json!("AAAA")),
        touch(5, "another key", E::Credential, |t| t.credential_id = vec![8; 32]),
        touch(5, "its id with one byte more", E::Credential, |t| t.credential_id.push(0)),
        touch(5, "no id", E::Credential, |t| t.credential_id.clear()),
        touch(6, "another user's handle", E::UserHandle, |t| {
            t.user_handle = Some(user_handle(&"E-1002".parse().unwrap()).to_vec());
        }),
        touch(6, "an empty handle", E::UserHandle, |t| t.user_handle = Some(vec![])),
        touch(8, "bytes that are no UTF-8", E::ClientData, |t| bend_client(t, |c| c[3] = 0xff)),
        touch(8, "a byte order mark, which the standard would strip", E::ClientData, |t| {
            bend_client(t, |c| drop(c.splice(0..0, *b"\xef\xbb\xbf")));
        }),
        touch(9, "no JSON", E::ClientData, |t| bend_client(t, |c| c.truncate(c.len() - 1))),
        touch(9, "bytes after the JSON", E::ClientData, |t| bend_client(t, |c| c.push(b'}'))),
        touch(9, "no challenge", E::ClientData, |t| drop(t.client.as_object_mut().unwrap().remove("challenge"))),
        touch(9, "an origin that is no text", E::ClientData, |t| t.client["origin"] = json!([ORIGIN])),
        touch(9, "the type twice", E::ClientData, |t| {
            bend_client(t, |c| drop(c.splice(1..1, *br#""type":"webauthn.get","#)));
        }),
        touch(10, "atk_w8 a registration's type", E::Type, |t| t.client["type"] = json!("webauthn.create")),
        touch(10, "a payment's type", E::Type, |t| t.client["type"] = json!("payment.get")),
        touch(10, "another case", E::Type, |t| t.client["type"] = json!("WebAuthn.Get")),
        touch(11, "another challenge", E::Challenge, |t| t.client["challenge"] = json!(B64.encode([1; 32]))),
        touch(11, "no byte of it", E::Challenge, |t| t.client["challenge"] = json!("")),
        touch(11, "its beginning", E::Challenge, |t| t.client["challenge"] = json!(B64.encode(&CHALLENGE[..31]))),
        touch(11, "it, and one byte more", E::Challenge, |t| {
            t.client["challenge"] = json!(B64.encode([&CHALLENGE[..], &[0]].concat()));
        }),
        touch(13, "atk_w11 inside a frame", E::CrossOrigin, |t| t.client["crossOrigin"] = json!(true)),
        touch(14, "atk_w11 under another page", E::TopOrigin, |t| t.client["topOrigin"] = json!("http://evil.test")),
        touch(14, "framed by ourselves", E::TopOrigin, |t| t.client["topOrigin"] = json!(ORIGIN)),
        touch(15, "authenticator data one byte short", E::AuthenticatorData, |t| t.cut = 1),
        touch(15, "no authenticator data", E::AuthenticatorData, |t| t.cut = 37),
        touch(15, "atk_w5 a parent domain", E::RpIdHash, |t| t.rp_id = "host".into()),
        touch(15, "atk_w5 a subdomain", E::RpIdHash, |t| t.rp_id = "x.localhost".into()),
        touch(15, "the origin instead of the id", E::RpIdHash, |t| t.rp_id = ORIGIN.into()),
        Case {
            answer: |a| a["clientExtensionResults"] = json!({"appid": true}),
            ..touch(15, "an appid that was not asked for", E::RpIdHash, |t| {
                t.rp_id = "http://evil.test/appid.json".into()
            })
        },
        touch(16, "no touch", E::UserPresent, |t| t.flags &= !UP),
        touch(16, "no flag at all", E::UserPresent, |t| t.flags = 0),
        touch(17, "atk_w3 no user verification", E::UserVerified, |t| t.flags &= !UV),
        touch(18, "atk_w7 backed up, not eligible", E::BackupState, |t| t.flags |= BS),
        touch(19, "atk_w7 it became eligible", E::BackupEligible, |t| t.flags |= BE),
        touch(19, "atk_w7 it was synced", E::BackupEligible, |t| t.flags |= BE | BS),
        touch(19, "atk_w7 it was eligible when enrolled", E::BackupEligible, |_| {})
            .stored(|s| s.backup_eligible = true),
        touch(19, "reserved bit 1", E::ReservedFlag, |t| t.flags |= 1 << 1)
            .but_the_library_takes_it("the standard says what the other bits mean, not that these are 0"),
        touch(19, "reserved bit 5", E::ReservedFlag, |t| t.flags |= 1 << 5)
            .but_the_library_takes_it("the standard says what the other bits mean, not that these are 0"),
        touch(21, "one bit flipped in the signature", E::Signature, |t| t.tamper = 1),
        answer(21, "no signature", E::Signature, |a| a["response"]["signature"] = json!("")),
        answer(21, "zeros", E::Signature, |a| a["response"]["signature"] = json!(B64.encode([0; 70]))),
        answer(21, "one byte after the signature", E::Signature, |a| bend(a, "signature", |s| s.push(0))),
        answer(21, "client data changed after signing", E::Signature, |a| bend(a, "clientDataJSON", |c| c.push(b' '))),
        answer(21, "counter changed after signing", E::Signature, |a| bend(a, "authenticatorData", |d| d[33] = 1)),
        answer(21, "another key's signature", E::Signature, |_| {}).stored(|s| {
            s.public_key = enrolled(&SoftKey::new("mallory")).public_key;
        }),
        touch(22, "atk_w6 equal", E::Counter, |t| t.counter = 7).stored(|s| s.counter = 7),
        touch(22, "atk_w6 lower", E::Counter, |t| t.counter = 6).stored(|s| s.counter = 7),
        touch(22, "atk_w6 zero after it was not", E::Counter, |t| t.counter = 0).stored(|s| s.counter = 7),
        touch(22, "the highest, again", E::Counter, |t| t.counter = u32::MAX).stored(|s| s.counter = u32::MAX),
        touch(23, "a byte that nothing announces", E::Extensions, |t| t.rest = vec![0]),
        touch(23, "extension outputs", E::Extensions, |t| (t.flags, t.rest) = (UP | UV | ED, vec![0xa0])),
        touch(23, "extension outputs announced, none there", E::Extensions, |t| t.flags |= ED),
        touch(23, "a new key announced, none there", E::Extensions, |t| t.flags |= AT),
        touch(23, "a new key", E::Extensions, |t| {
            t.rest = [&[0; 16][..], &[0, 16], &[9; 16], &t.cose].concat();
            t.flags |= AT;
        }),
    ];
    cases.extend([
        touch(12, "atk_w4 host only", E::Origin, |t| t.client["origin"] = json!("localhost")),
        touch(12, "atk_w4 host and port", E::Origin, |t| t.client["origin"] = json!("localhost:8080")),
        touch(12, "atk_w4 suffix", E::Origin, |t| t.client["origin"] = json!("http://localhost.evil.test:8080")),
        touch(12, "atk_w4 prefix", E::Origin, |t| t.client["origin"] = json!("http://evil-localhost:8080")),
        touch(12, "atk_w4 subdomain", E::Origin, |t| t.client["origin"] = json!("http://x.localhost:8080")),
        touch(12, "atk_w4 port", E::Origin, |t| t.client["origin"] = json!("http://localhost:8081")),
        touch(12, "atk_w4 no port", E::Origin, |t| t.client["origin"] = json!("http://localhost")),
        touch(12, "atk_w4 scheme", E::Origin, |t| t.client["origin"] = json!("https://localhost:8080")),
        touch(12, "atk_w4 null", E::Origin, |t| t.client["origin"] = json!("null")),
        touch(12, "atk_w4 nothing", E::Origin, |t| t.client["origin"] = json!("")),
        touch(12, "atk_w4 punycode", E::Origin, |t| t.client["origin"] = json!("http://xn--lcalhost-7hb:8080")),
        touch(12, "atk_w4 a letter that looks the same", E::Origin, |t| {
            t.client["origin"] = json!("http://l\u{43e}calhost:8080")
        }),
        touch(12, "atk_w4 an app", E::Origin, |t| t.client["origin"] = json!("android:apk-key-hash:AAAA")),
        touch(12, "atk_w4 the address", E::Origin, |t| t.client["origin"] = json!("http://127.0.0.1:8080")),
        touch(12, "atk_w4 us as user and password", E::Origin, |t| {
            t.client["origin"] = json!("http://localhost:8080@evil.test")
        }),
        touch(12, "a slash", E::Origin, |t| t.client["origin"] = json!("http://localhost:8080/"))
            .but_the_library_takes_it(spelling),
        touch(12, "a path", E::Origin, |t| t.client["origin"] = json!("http://localhost:8080/x"))
            .but_the_library_takes_it(spelling),
        touch(12, "another case", E::Origin, |t| t.client["origin"] = json!("http://LOCALHOST:8080"))
            .but_the_library_takes_it(spelling),
    ]);
    cases
}

/// Changes the client data before it is signed.
fn bend_client(touch: &mut Touch, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = touch.client.to_string().into_bytes();
    change(&mut bytes);
    touch.client_bytes = Some(bytes);
}

/// Changes a member of the answer after it was signed.
fn bend(answer: &mut Value, member: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let place = &mut answer["response"][member];
    let mut bytes = B64.decode(place.as_str().unwrap()).unwrap();
    change(&mut bytes);
    *place = json!(B64.encode(bytes));
}

#[derive(Debug)]
struct Verdicts {
    ours: Result<Result<u32, E>, MalformedAssertion>,
    library: Result<u32, String>,
    together: Result<u32, SignatureRefused>,
}

fn verdicts(case: &Case) -> Verdicts {
    let (portal, key) = (portal(), SoftKey::new("asha"));
    let mut stored = enrolled(&key);
    let started = portal.start_signature(std::slice::from_ref(&stored), CHALLENGE).unwrap();
    let mut answer = key.sign_with(&started.options, ORIGIN, case.touch);
    (case.answer)(&mut answer);
    (case.stored)(&mut stored);
    let (answer, handle) = (answer.to_string(), user_handle(&asha()));
    let expect = Expectation {
        challenge: CHALLENGE,
        origin: ORIGIN,
        rp_id: "localhost",
        credential: &stored,
        user_handle: &handle,
    };
    let ours = Assertion::from_json(answer.as_bytes())
        .map(|assertion| verify_assertion(&expect, &assertion).map(|verified| verified.counter));
    let library = portal.library_verifies(&asha(), &stored, &started.state, answer.as_bytes()).unwrap();
    let together = portal.finish_signature(&asha(), &stored, CHALLENGE, &started.state, answer.as_bytes());
    Verdicts {
        ours,
        library: library.map_err(|error| error.to_string()),
        together: together.map(|verified| verified.counter),
    }
}

#[test]
fn every_step_of_verifying_an_assertion_refuses_alone_in_each_verifier() {
    let cases = cases();
    for case in &cases {
        let told = format!("step {} ({}): {}", case.step, ASSERTION[case.step - 1], case.tried);
        let Verdicts { ours, library, together } = verdicts(case);
        match case.ours {
            Ours::Malformed => assert!(ours.is_err(), "the pure verifier, {told}: {ours:?}"),
            Ours::Refuses(step) => assert_eq!(ours, Ok(Err(step)), "the pure verifier, {told}"),
        }
        assert_eq!(library.is_err(), case.library == Library::Refuses, "webauthn-rs, {told}: {library:?}");
        let refused = together.expect_err(&told);
        assert!(!matches!(refused, SignatureRefused::Disagreement { .. }), "{told}: {refused:?}");
    }
    assert!(cases.len() >= 22, "{}", cases.len());
    assert_complete(cases.iter().map(|case| case.step), &NOT_TRIED, ASSERTION.len());
}

#[test]
fn what_no_case_bends_both_verifiers_take() {
    let Verdicts { ours, library, together } = verdicts(&case(25, "nothing", Ours::Malformed));
    assert_eq!((ours, library), (Ok(Ok(2)), Ok(2)));
    assert_eq!(together.unwrap(), 2);
    // Members that browsers add, and a handle that is ours, are no reason to refuse.
    let grease = Case {
        touch: |t| {
            t.client["other_keys_can_be_added_here"] = json!("do not compare");
            t.client["topOrigin"] = Value::Null;
            t.user_handle = Some(user_handle(&asha()).to_vec());
        },
        answer: |a| a["clientExtensionResults"] = json!({"appid": false, "credProps": {"rk": true}}),
        ..case(25, "grease", Ours::Malformed)
    };
    let Verdicts { ours, library, together } = verdicts(&grease);
    assert_eq!((ours, library), (Ok(Ok(2)), Ok(2)));
    assert_eq!(together.unwrap(), 2);
}

/// ATK-W3: ceremony state lives outside the library, so what it lost on the way must not open the door.
#[test]
fn a_policy_lost_in_the_stored_state_opens_no_door() {
    let (portal, key) = (portal(), SoftKey::new("asha"));
    let stored = enrolled(&key);
    let attacks: [Lost; 2] = [
        ("policy", json!("preferred"), |t| t.flags &= !UV),
        ("allow_backup_eligible_upgrade", json!(true), |t| t.flags |= BE | BS),
    ];
    for (setting, lost, attack) in attacks {
        let mut started = portal.start_signature(std::slice::from_ref(&stored), CHALLENGE).unwrap();
        assert_ne!(started.state[setting], lost);
        started.state[setting] = lost;
        let answer = key.sign_with(&started.options, ORIGIN, attack).to_string();
        let library = portal.library_verifies(&asha(), &stored, &started.state, answer.as_bytes()).unwrap();
        assert!(library.is_err(), "{setting}: webauthn-rs");
        let together = portal.finish_signature(&asha(), &stored, CHALLENGE, &started.state, answer.as_bytes());
        assert!(matches!(together, Err(SignatureRefused::Step(_))), "{setting}: {together:?}");
    }
}

#[test]
fn a_key_that_the_library_cannot_verify_signs_nothing() {
    let (portal, key) = (portal(), SoftKey::new("asha"));
    let stored = enrolled(&key);
    let started = portal.start_signature(std::slice::from_ref(&stored), CHALLENGE).unwrap();
    let answer = key.sign(&started.options, ORIGIN).to_string();
    let eddsa = StoredCredential { public_key: PublicKey::Ed25519 { x: [9; 32] }, ..stored };
    let refused = portal.finish_signature(&asha(), &eddsa, CHALLENGE, &started.state, answer.as_bytes());
    assert!(matches!(refused, Err(SignatureRefused::Ceremony(CeremonyError::Key))), "{refused:?}");
    assert!(portal.start_signature(&[eddsa], CHALLENGE).is_err());
}
