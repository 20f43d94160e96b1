#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use serde_json::{Value, json};

/// `vectors/signed-act.json` was written by another program (Python's json and hashlib), so it checks
/// this code and not only itself.
fn vectors() -> Value {
    serde_json::from_str(include_str!("../../vectors/signed-act.json")).unwrap()
}

#[test]
fn every_vector_gives_its_bytes_and_its_challenge() {
    for vector in vectors()["accepted"].as_array().unwrap() {
        let act: SignedAct = serde_json::from_value(vector["input"].clone()).unwrap();
        let canonical = vector["canonical"].as_str().unwrap();
        assert_eq!(std::str::from_utf8(act.bytes()).unwrap(), canonical, "{}", vector["name"]);
        assert_eq!(hex::encode(act.challenge()), vector["challenge"].as_str().unwrap(), "{}", vector["name"]);
        assert_eq!(SignedAct::parse(canonical.as_bytes()).unwrap(), act);
    }
}

#[test]
fn every_refused_vector_is_refused() {
    let vectors = vectors();
    let refused = vectors["refused"].as_array().unwrap();
    assert!(refused.len() >= 15);
    for vector in refused {
        let bytes = vector["bytes"].as_str().unwrap().as_bytes();
        assert!(SignedAct::parse(bytes).is_err(), "{}", vector["name"]);
    }
}

#[test]
fn a_draft_becomes_the_act_of_one_person() {
    let draft = ActDraft {
        act: Act::DecideChange,
        decision: SignedDecision::Approve,
        subject_digest: Digest::of(b"subject"),
        comment_digest: Digest::of(b""),
    };
    let asha = draft.clone().by("E-1001".parse().unwrap(), "localhost:8080/audit", Nonce::new([7; 32])).unwrap();
    let leela = draft.clone().by("E-1003".parse().unwrap(), "localhost:8080/audit", Nonce::new([7; 32])).unwrap();
    let again = draft.clone().by("E-1001".parse().unwrap(), "localhost:8080/audit", Nonce::new([8; 32])).unwrap();
    assert_ne!(asha.challenge(), leela.challenge());
    assert_ne!(asha.challenge(), again.challenge());
    assert_eq!(SignedAct::parse(asha.bytes()).unwrap(), asha);
    assert_eq!((asha.person().as_str(), asha.log_origin()), ("E-1001", "localhost:8080/audit"));
    for bad in ["", "a b", "a\n", "e\u{301}/audit"] {
        assert!(draft.clone().by("E-1001".parse().unwrap(), bad, Nonce::new([7; 32])).is_err(), "{bad:?}");
    }
}

#[test]
fn a_decision_belongs_to_its_act() {
    for act in Act::ALL {
        for decision in SignedDecision::ALL {
            let draft = ActDraft {
                act: *act,
                decision: *decision,
                subject_digest: Digest::of(b"s"),
                comment_digest: Digest::of(b""),
            };
            let made = draft.by("E-1".parse().unwrap(), "h/audit", Nonce::new([1; 32]));
            assert_eq!(made.is_ok(), act.admits(*decision), "{act} {decision}");
            assert_eq!(json!(act), json!(act.as_str()));
            assert_eq!(json!(decision), json!(decision.as_str()));
        }
    }
}
