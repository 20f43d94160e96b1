//! What the change page sends about signatures is enough to check them without believing the page.

use crate::testing::{ORIGIN, TestPortal};
use gatehouse_domain::proof::{Claim, Step, check_signature, check_subject};

#[tokio::test(flavor = "multi_thread")]
async fn every_signature_on_the_page_is_proved_by_its_bytes() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let (asha, vikram) = (portal.signer("E-1001").await, portal.signer("E-1006").await);
    asha.approve(&held.number).await.unwrap();
    vikram.decide(&held.number, "reject").await.unwrap();
    asha.decide(&held.number, "withdraw").await.unwrap();
    let view = asha.change(&held.number).await;
    assert_eq!(view.approvals.len(), 2, "a fallen one is still proved");
    let fields = view.subject.iter().map(|field| (field.name.as_str(), field.value.as_str()));
    assert_eq!(check_subject(&view.subject_bytes, &view.subject_digest, &view.six_words, fields), Ok(()));
    for approval in &view.approvals {
        let claim = Claim {
            person: &approval.person.id,
            decision: &approval.decision,
            six_words: &approval.six_words,
            subject_digest: Some(&view.subject_digest),
            log_origin: "localhost:8080/audit",
            origin: ORIGIN,
            rp_id: "localhost",
        };
        assert_eq!(check_signature(&claim, &approval.proof), Ok(()));
        let other = if approval.person.id == "E-1001" { "E-1006" } else { "E-1001" };
        let told = check_signature(&Claim { person: other, ..claim }, &approval.proof).unwrap_err();
        assert_eq!(told.step, Step::Act);
    }
}
