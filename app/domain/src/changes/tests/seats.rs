//! ATK-06: the decision matches persons to seats; it counts neither roles nor signatures.

use super::*;

const ROLES: [Role; 3] = [Role::Engineer, Role::Security, Role::Dpo];

fn requirement(seats: &[usize]) -> Requirement {
    let seat = |i: &usize| Seat { name: format!("Seat {i}"), role: ROLES[*i], because: "a test".to_owned() };
    Requirement { policy: "test/v1".to_owned(), seats: seats.iter().map(seat).collect(), decided: None }
}

/// Every way to seat `persons` on the seats from `i` on: whether one of them fills all.
fn fits(seats: &[usize], persons: &[u8], used: u8) -> bool {
    let Some((first, rest)) = seats.split_first() else { return true };
    (0..persons.len()).any(|p| used >> p & 1 == 0 && persons[p] >> first & 1 == 1 && fits(rest, persons, used | 1 << p))
}

proptest::proptest! {
    /// Whatever is asked and whoever signs, in whatever order and however often: it is executed exactly when
    /// different persons can fill all seats at once.
    #[test]
    fn executed_exactly_when_different_persons_fill_all_seats(
        asked in proptest::collection::vec(0_usize..3, 0..4),
        masks in proptest::collection::vec(0_u8..8, 4),
        signed in proptest::collection::vec(1_u64..=4, 0..7),
    ) {
        let mut change = Change { requirement: requirement(&asked), ..held() };
        let mut people = people();
        for (n, mask) in (1..=4).zip(&masks) {
            let held: BTreeSet<Role> = ROLES.into_iter().enumerate().filter(|(bit, _)| mask >> bit & 1 == 1).map(|(_, r)| r).collect();
            let signer = people.get_mut(&person(n)).unwrap();
            (signer.admitted_roles, signer.group_roles) = (held.clone(), held);
        }
        for n in &signed {
            change = change.approved_by(*n);
        }
        let sitting: BTreeSet<u64> = signed.iter().copied().collect();
        let of_signed: Vec<u8> = sitting.iter().map(|n| masks[usize::try_from(*n - 1).unwrap()]).collect();
        let expected = !asked.is_empty() && fits(&asked, &of_signed, 0);
        let allowed = matches!(decide_execute(&change, &people, &policy(), now()), Decision::Allow(_));
        proptest::prop_assert_eq!(allowed, expected);
    }

    /// Who is told that there is a seat fills one; who is told that there is none would have filled none.
    #[test]
    fn a_free_seat_is_one_that_this_person_fills(
        asked in proptest::collection::vec(0_usize..3, 1..4),
        masks in proptest::collection::vec(1_u8..8, 4),
        signed in proptest::sample::subsequence(vec![1_u64, 2, 3], 0..=3),
    ) {
        let mut change = Change { requirement: requirement(&asked), ..held() };
        let mut people = people();
        for (n, mask) in (1..=4).zip(&masks) {
            let held: BTreeSet<Role> = ROLES.into_iter().enumerate().filter(|(bit, _)| mask >> bit & 1 == 1).map(|(_, r)| r).collect();
            let signer = people.get_mut(&person(n)).unwrap();
            (signer.admitted_roles, signer.group_roles) = (held.clone(), held);
        }
        for n in signed {
            change = change.approved_by(n);
        }
        let filled = |change: &Change| derive_gate(change, &people, &policy(), Freshness::LastKnown, now()).filled();
        let against = reasons_against(&change, &people[&person(4)], &people, SignedDecision::Approve, &policy(), now());
        let more = filled(&change.clone().approved_by(4)) > filled(&change);
        proptest::prop_assert_eq!(against.is_empty(), more, "{:?}", against);
    }
}
