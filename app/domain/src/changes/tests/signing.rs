//! Who may sign, and who may not and why.

use super::*;

#[test]
fn every_part_in_the_making_excludes_and_says_why() {
    for part in [
        Part::Requester,
        Part::Author,
        Part::Committer,
        Part::CoAuthor,
        Part::LastPusher,
        Part::Triggerer,
        Part::ReRunner,
        Part::PullRequestAuthor,
    ] {
        let change = held().contributed_by(1, part);
        assert_eq!(codes(sign(&change, 1, SignedDecision::Approve)), ["contributed"], "{part:?}");
        assert!(matches!(sign(&change, 2, SignedDecision::Approve), Decision::Allow(_)));
    }
}

#[test]
fn the_same_person_twice_is_one() {
    let change = held().approved_by(1);
    assert_eq!(codes(sign(&change, 1, SignedDecision::Approve)), ["already_signed"]);
    // Even a row that should not exist fills no second seat.
    assert_eq!(codes(decide_execute(&change.approved_by(1), &people(), &policy(), now())), ["seat_empty"]);
}

#[test]
fn a_third_engineer_finds_no_seat() {
    assert_eq!(codes(sign(&held().approved_by(1).approved_by(2), 3, SignedDecision::Approve)), ["no_free_seat"]);
}

#[test]
fn only_ones_own_decision_can_be_withdrawn() {
    let change = held().decided_by(3, SignedDecision::Reject);
    assert_eq!(codes(sign(&change, 1, SignedDecision::Withdraw)), ["nothing_to_withdraw"]);
    assert!(matches!(sign(&change, 3, SignedDecision::Withdraw), Decision::Allow(_)));
}

#[test]
fn whoever_approved_may_still_reject_and_whoever_rejected_does_not_twice() {
    assert!(matches!(sign(&held().approved_by(1), 1, SignedDecision::Reject), Decision::Allow(_)));
    let vetoed = held().decided_by(1, SignedDecision::Reject);
    assert_eq!(codes(sign(&vetoed, 1, SignedDecision::Reject)), ["already_signed"]);
}

#[test]
fn a_signature_over_another_subject_is_worth_nothing() {
    let change = held();
    let mut other = signed(&change, 1);
    other.subject_digest = Digest::of(b"staging");
    let people = people();
    let decision = decide_sign(&change, &people[&person(1)], &people, SignedDecision::Approve, other, &policy(), now());
    assert_eq!(codes(decision), ["subject_replaced"]);
}

#[test]
fn nothing_can_be_signed_after_the_end() {
    for state in State::ALL.into_iter().filter(|s| *s != State::Held) {
        let change = Change { state, ..held() };
        for decision in [SignedDecision::Approve, SignedDecision::Reject, SignedDecision::Close] {
            assert!(codes(sign(&change, 1, decision)).contains(&"change_not_held".to_owned()), "{state} {decision}");
        }
    }
    assert_eq!(answer_owed(State::Superseded), None);
}

#[test]
fn who_is_nobody_here_cannot_act_and_hears_all_reasons() {
    let people = people();
    let guest = Signer {
        is_admitted: false,
        admitted_roles: BTreeSet::new(),
        github_id: None,
        active_keys: BTreeSet::new(),
        ..engineer(9)
    };
    let against = reasons_against(&held(), &guest, &people, SignedDecision::Approve, &policy(), now());
    assert_eq!(against, [Reason::NotAdmitted]);
    let auditor = Signer {
        admitted_roles: BTreeSet::from([Role::Auditor]),
        group_roles: BTreeSet::from([Role::Auditor]),
        ..engineer(8)
    };
    assert!(matches!(
        &reasons_against(&held(), &auditor, &people, SignedDecision::Approve, &policy(), now())[..],
        [Reason::RoleNotHeld(_)]
    ));
    let nameless = Signer { github_id: None, ..engineer(7) };
    assert_eq!(
        reasons_against(&held(), &nameless, &people, SignedDecision::Approve, &policy(), now()),
        [Reason::NoGithubIdentity]
    );
}

#[test]
fn a_key_that_is_gone_signs_nothing_and_neither_does_a_person_without_one() {
    let mut people = people();
    people.get_mut(&person(1)).unwrap().active_keys = BTreeSet::from([key(9)]);
    let change = held();
    let approve = SignedDecision::Approve;
    let decided = decide_sign(&change, &people[&person(1)], &people, approve, signed(&change, 1), &policy(), now());
    assert_eq!(codes(decided), ["key_not_active"]);
    people.get_mut(&person(1)).unwrap().active_keys.clear();
    let decided = decide_sign(&change, &people[&person(1)], &people, approve, signed(&change, 1), &policy(), now());
    assert_eq!(codes(decided), ["no_key"]);
}
