#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::act::{ActDraft, Nonce, SignedDecision};
use p256::ecdsa::{SigningKey, signature::Signer as _};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

const ORIGIN: &str = "https://gatehouse.example";

/// The subject of the committed vector.
fn vector() -> String {
    let vector: serde_json::Value = serde_json::from_str(include_str!("../../vectors/subject.json")).unwrap();
    vector["bytes"].as_str().unwrap().to_owned()
}

fn words(of: &str) -> Vec<String> {
    six_words(&Digest::of(of.as_bytes())).map(str::to_owned).to_vec()
}

fn signed() -> SignatureBytes {
    let key = SigningKey::from_slice(&[0x42; 32]).unwrap();
    let point = key.verifying_key().to_sec1_point(false);
    let (x, y) = point.as_bytes().split_at(33);
    let draft = ActDraft {
        act: Act::DecideChange,
        decision: SignedDecision::Approve,
        subject_digest: Digest::of(vector().as_bytes()),
        comment_digest: Digest::of(b""),
    };
    let act = draft.by("E-1001".parse().unwrap(), "gatehouse.example/audit", Nonce::new([7; 32])).unwrap();
    let client = format!(
        r#"{{"type":"webauthn.get","challenge":"{}","origin":"{ORIGIN}","crossOrigin":false}}"#,
        URL_SAFE_NO_PAD.encode(act.challenge())
    );
    let mut data = Sha256::digest("gatehouse.example").to_vec();
    data.extend([0b101, 0, 0, 0, 8]);
    let message = [data.as_slice(), &Sha256::digest(&client)].concat();
    let signature: p256::ecdsa::Signature = key.sign(&message);
    SignatureBytes {
        subject: vector(),
        act: String::from_utf8(act.bytes().to_vec()).unwrap(),
        key: "the-key".to_owned(),
        credential_id: URL_SAFE_NO_PAD.encode([9; 32]),
        public_key: PublicKey::Es256 { x: x.split_at(1).1.try_into().unwrap(), y: y.try_into().unwrap() },
        client_data_json: URL_SAFE_NO_PAD.encode(client),
        authenticator_data: URL_SAFE_NO_PAD.encode(data),
        signature: URL_SAFE_NO_PAD.encode(signature.to_der()),
    }
}

fn check(given: &SignatureBytes, bend: impl FnOnce(&mut Claim<'_>)) -> Result<(), NotProved> {
    let (words, digest) = (words(&vector()), Digest::of(vector().as_bytes()).to_string());
    let mut claim = Claim {
        person: "E-1001",
        decision: "approve",
        six_words: &words,
        subject_digest: Some(&digest),
        log_origin: "gatehouse.example/audit",
        origin: ORIGIN,
        rp_id: "gatehouse.example",
    };
    bend(&mut claim);
    check_signature(&claim, given)
}

#[test]
fn a_real_signature_over_what_is_shown_is_proved() {
    assert_eq!(check(&signed(), |_| {}), Ok(()));
    assert_eq!(check(&signed(), |c| c.subject_digest = None), Ok(()), "a fallen one is checked by itself");
}

#[test]
fn every_claim_that_is_not_the_signatures_is_named() {
    let step = |bend: fn(&mut Claim<'_>)| check(&signed(), bend).unwrap_err().step;
    assert_eq!(step(|c| c.person = "E-1002"), Step::Act);
    assert_eq!(step(|c| c.decision = "reject"), Step::Act);
    assert_eq!(step(|c| c.log_origin = "elsewhere.example/audit"), Step::Act);
    assert_eq!(step(|c| c.subject_digest = Some("00")), Step::Subject);
    assert_eq!(step(|c| c.six_words = &[]), Step::Subject);
    assert_eq!(step(|c| c.origin = "https://evil.example"), Step::Place);
    assert_eq!(step(|c| c.rp_id = "evil.example"), Step::Place);
}

#[test]
fn bytes_of_another_signature_prove_nothing() {
    let honest = signed();
    let bent = |bend: fn(&mut SignatureBytes)| {
        let mut given = honest.clone();
        bend(&mut given);
        check(&given, |_| {}).unwrap_err().step
    };
    assert_eq!(bent(|g| g.subject = g.subject.replace("score-api", "other-api")), Step::Subject);
    assert_eq!(bent(|g| g.act = g.act.replace("E-1001", "E-1002")), Step::Act);
    assert_eq!(bent(|g| g.act = g.act.replace("changes.decide", "people.enrol_key")), Step::Act);
    // Well formed, and names all that is claimed; only it was never signed.
    assert_eq!(bent(|g| g.act = g.act.replace("0707", "0808")), Step::Challenge);
    assert_eq!(bent(|g| g.public_key = PublicKey::Ed25519 { x: [7; 32] }), Step::Signature);
    assert_eq!(bent(|g| g.signature = "====".to_owned()), Step::Signature);
}

#[test]
fn the_subject_that_is_shown_is_the_one_behind_the_digest() {
    let bytes = vector();
    let digest = Digest::of(bytes.as_bytes()).to_string();
    let fields = subject(&bytes).unwrap().fields();
    let shown = || fields.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>();
    let check = |digest: &str, shown: Vec<(&str, &str)>| check_subject(&bytes, digest, &words(&bytes), shown);
    assert_eq!(check(&digest, shown()), Ok(()));
    assert!(check(&"0".repeat(64), shown()).is_err());
    assert!(check_subject(&bytes, &digest, &words("other"), shown()).is_err());
    assert!(check(&digest, shown().split_off(1)).is_err(), "one is not shown");
    assert!(check(&digest, [shown(), vec![("also", "this")]].concat()).is_err(), "one is not signed");
    for position in 0..fields.len() {
        let mut bent = shown();
        bent.get_mut(position).unwrap().1 = "something else";
        let why = check(&digest, bent).unwrap_err().why;
        assert!(why.contains(fields.get(position).unwrap().0), "{why}");
    }
    let spaced = bytes.replacen(':', ": ", 1);
    let digest = Digest::of(spaced.as_bytes()).to_string();
    assert!(check_subject(&spaced, &digest, &words(&spaced), shown()).is_err(), "another spelling is another thing");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_single_character_may_differ(part in 0..5_usize, position in any::<prop::sample::Index>(), other in "[A-Za-z0-9_-]") {
        let mut given = signed();
        let text = match part {
            0 => &mut given.subject,
            1 => &mut given.act,
            2 => &mut given.client_data_json,
            3 => &mut given.authenticator_data,
            _ => &mut given.signature,
        };
        let position = position.index(text.len());
        let before = text.clone();
        text.replace_range(position..=position, &other);
        prop_assume!(*text != before);
        let found = check(&given, |_| ());
        prop_assert!(found.is_err(), "{part} at {position}");
    }
}
