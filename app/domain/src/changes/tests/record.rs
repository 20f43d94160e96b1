//! The words and digests of a record, which the database and the signed subject rely on.

use super::*;

#[test]
fn a_state_is_known_by_its_word_and_no_other() {
    let codes = ["held", "executing", "released", "closed", "expired", "superseded", "cancelled"];
    assert_eq!(State::ALL.map(State::code), codes);
    assert_eq!(codes.map(State::from_code), State::ALL.map(Some));
    for other in ["", "Held", "open", "held "] {
        assert_eq!(State::from_code(other), None);
    }
}

#[test]
fn the_same_verdicts_in_any_order_have_one_digest_and_others_another() {
    let image = |c: char| format!("sha256:{}", String::from(c).repeat(64)).parse::<ImageDigest>().unwrap();
    let verdict = |check: &str, result: &str, ids: &[&str]| Verdict {
        check: check.to_owned(),
        image_digest: image('a'),
        result: result.to_owned(),
        ids: ids.iter().map(|id| (*id).to_owned()).collect(),
    };
    let (scan, smoke) = (verdict("trivy", "failure", &["CVE-1", "CVE-2"]), verdict("smoke", "success", &[]));
    let digest = evidence_digest(&[scan.clone(), smoke.clone()]).unwrap();
    let turned = verdict("trivy", "failure", &["CVE-2", "CVE-1"]);
    assert_eq!(evidence_digest(&[smoke.clone(), turned]), Some(digest.clone()));
    let others = [
        vec![scan.clone()],
        vec![verdict("trivy", "success", &["CVE-1", "CVE-2"]), smoke.clone()],
        vec![verdict("trivy", "failure", &["CVE-1"]), smoke.clone()],
        vec![Verdict { image_digest: image('b'), ..scan }, smoke],
    ];
    for other in others {
        assert_ne!(evidence_digest(&other), Some(digest.clone()), "{other:?}");
    }
}
