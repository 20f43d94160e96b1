//! When the gate is open at the moment of execution.

use super::*;

#[test]
fn two_engineers_open_the_gate_and_one_does_not() {
    assert_eq!(codes(decide_execute(&held(), &people(), &policy(), now())), ["seat_empty", "seat_empty"]);
    assert_eq!(codes(decide_execute(&held().approved_by(1), &people(), &policy(), now())), ["seat_empty"]);
    let Decision::Allow(permit) = decide_execute(&held().approved_by(1).approved_by(2), &people(), &policy(), now())
    else {
        panic!("refused")
    };
    let (events, jobs) = permit.into_parts();
    assert!(matches!(&events[..], [Event::ExecutionIntended(e)] if e.seats.len() == 2));
    assert!(matches!(&jobs[..], [Job::AnswerGithub { .. }]));
    let gate = |change: &Change| derive_gate(change, &people(), &policy(), Freshness::Demanded, now());
    assert!(gate(&held().approved_by(1).approved_by(2)).is_open());
    assert!(!gate(&held().approved_by(1)).is_open());
}

#[test]
fn a_lost_role_key_admission_or_stale_fact_voids_an_approval_at_execution() {
    let change = held().approved_by(1).approved_by(2);
    type Spoil = (&'static str, fn(&mut Signer));
    let spoil: [Spoil; 5] = [
        ("approval_void", |s| s.group_roles.clear()),
        ("approval_void", |s| s.admitted_roles.clear()),
        ("approval_void", |s| s.is_admitted = false),
        ("approval_void", |s| s.active_keys.clear()),
        ("role_facts_stale", |s| s.facts_at = Some(now() - Duration::minutes(15) - Duration::seconds(1))),
    ];
    for (code, spoil) in spoil {
        let mut people = people();
        spoil(people.get_mut(&person(2)).unwrap());
        assert_eq!(codes(decide_execute(&change, &people, &policy(), now())), [code, "seat_empty"]);
    }
    let mut unknown = people();
    unknown.remove(&person(2));
    assert_eq!(codes(decide_execute(&change, &unknown, &policy(), now())), ["approval_void", "seat_empty"]);
}

#[test]
fn a_veto_blocks_while_it_stands() {
    let change = held().approved_by(1).approved_by(2).decided_by(3, SignedDecision::Reject);
    assert_eq!(codes(decide_execute(&change, &people(), &policy(), now())), ["vetoed"]);
    let mut withdrawn = change;
    withdrawn.approvals[2].fell_because = Some("withdrawn".into());
    assert!(matches!(decide_execute(&withdrawn, &people(), &policy(), now()), Decision::Allow(_)));
}

#[test]
fn a_veto_outlives_the_subject_that_it_was_signed_on() {
    let mut change = held().decided_by(3, SignedDecision::Reject);
    change.subject.config_digest = Field::Known(Digest::of(b"other values"));
    change.subject_digest = change.subject.digest();
    let change = change.approved_by(1).approved_by(2);
    assert_eq!(codes(decide_execute(&change, &people(), &policy(), now())), ["vetoed"]);
}

#[test]
fn an_approval_of_an_old_subject_fills_no_seat() {
    let mut change = held().approved_by(1).approved_by(2);
    change.subject.config_digest = Field::Known(Digest::of(b"other values"));
    change.subject_digest = change.subject.digest();
    assert_eq!(codes(decide_execute(&change, &people(), &policy(), now())), ["seat_empty", "seat_empty"]);
}

#[test]
fn an_unknown_contributor_a_new_policy_and_expiry_each_shut_it() {
    let mut unknown = held().approved_by(1).approved_by(2);
    unknown.contributors.unknown.insert(Part::CoAuthor);
    assert_eq!(codes(decide_execute(&unknown, &people(), &policy(), now())), ["contributors_unknown"]);
    let change = held().approved_by(1).approved_by(2);
    assert_eq!(codes(decide_execute(&change, &people(), &Digest::of(b"new"), now())), ["policy_changed"]);
    let late = now() + SUBJECT_LIFETIME;
    let mut fresh = people();
    fresh.values_mut().for_each(|s| s.facts_at = Some(late));
    assert_eq!(codes(decide_execute(&change, &fresh, &policy(), late)), ["subject_expired"]);
    assert!(permit_expire(&change, late - Duration::microseconds(1)).is_none());
    assert!(permit_expire(&change, late).is_some());
    let ended = Change { state: State::Released, ..change };
    assert!(permit_expire(&ended, late).is_none(), "what was released expires no more");
}

proptest::proptest! {
    /// Whoever signs in whatever order and whatever became of them since: an execution that is allowed has
    /// two different, admitted, keyed, uninvolved engineers behind it, and no veto (INV-1, 3, 4, 5, 6, 8).
    #[test]
    fn permit_implies_two_good_engineers(
        acts in proptest::collection::vec((1_u64..=5, 0_u8..3), 0..8),
        spoiled in proptest::collection::vec((1_u64..=5, 0_u8..5), 0..3),
    ) {
        let mut change = held();
        for (n, what) in acts {
            change = match what {
                0 | 1 => change.approved_by(n),
                _ => change.decided_by(n, SignedDecision::Reject),
            };
        }
        let mut people = people();
        for (n, what) in spoiled {
            let s = people.get_mut(&person(n)).unwrap();
            match what {
                0 => s.group_roles.clear(),
                1 => s.is_admitted = false,
                2 => s.active_keys.clear(),
                3 => s.facts_at = None,
                _ => s.github_id = None,
            }
        }
        if let Decision::Allow(permit) = decide_execute(&change, &people, &policy(), now()) {
            let Event::ExecutionIntended(intended) = &permit.events()[0] else { panic!("wrong event") };
            let sitting: BTreeSet<_> = intended.seats.iter().map(|s| s.person.clone()).collect();
            proptest::prop_assert_eq!(sitting.len(), 2);
            for who in &sitting {
                let s = &people[who];
                proptest::prop_assert!(s.is_admitted && s.held_roles().contains(&Role::Engineer) && s.facts_are_fresh(now()));
                proptest::prop_assert!(change.contributors.parts_of(s.github_id.unwrap()).is_empty());
                proptest::prop_assert!(change.standing().any(|a| a.person == *who && a.decision == SignedDecision::Approve));
            }
            proptest::prop_assert!(change.standing().all(|a| a.decision == SignedDecision::Approve));
        }
        // Deciding twice says the same.
        proptest::prop_assert_eq!(decide_execute(&change, &people, &policy(), now()), decide_execute(&change, &people, &policy(), now()));
    }
}
