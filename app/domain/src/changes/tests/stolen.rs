//! What falls when a session was stolen.

use super::super::decide::permit_void_stolen;
use super::*;

#[test]
fn an_approval_through_a_stolen_session_falls_and_nothing_else_does() {
    let change = held().approved_by(1).approved_by(2).decided_by(3, SignedDecision::Reject);
    let permit = permit_void_stolen(&change, &session(2)).unwrap();
    assert!(
        matches!(permit.events(), [Event::ApprovalVoided(e)] if e.person == person(2) && e.session == session(2)),
        "{permit:?}"
    );
    assert_eq!(permit_void_stolen(&change, &session(3)), None, "a veto stands until its signer takes it back");
    assert_eq!(permit_void_stolen(&change, &session(4)), None, "nothing was given through it");
}

#[test]
fn what_fell_already_or_is_executed_does_not_fall_again() {
    let mut fallen = held().approved_by(1);
    fallen.approvals[0].fell_because = Some("withdrawn".into());
    assert_eq!(permit_void_stolen(&fallen, &session(1)), None);
    let mut replaced = held().approved_by(1);
    replaced.subject.config_digest = Field::Known(Digest::of(b"other values"));
    replaced.subject_digest = replaced.subject.digest();
    assert_eq!(permit_void_stolen(&replaced, &session(1)), None);
    for state in State::ALL.into_iter().filter(|state| *state != State::Held) {
        let ended = Change { state, ..held().approved_by(1) };
        assert_eq!(permit_void_stolen(&ended, &session(1)), None, "{state}");
    }
    let mut unnamed = held().approved_by(1);
    unnamed.approvals[0].session = None;
    assert_eq!(permit_void_stolen(&unnamed, &session(1)), None);
}
