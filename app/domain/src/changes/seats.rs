//! Who sits where? Persons fill seats by maximum matching, one person one seat (INV-5).
//!
//! Counting would accept one person with two roles twice, or refuse three people whose roles fit in
//! only one assignment; augmenting paths (Kuhn) do neither. A change asks for a handful of seats, so
//! the cubic worst case is nothing.

use crate::ids::PersonId;
use crate::people::Role;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One signature that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seat {
    /// What people call it: `Engineer 1`.
    pub name: String,
    /// Who may fill it.
    pub role: Role,
    /// Why it is asked.
    pub because: String,
}

/// A seat and who fills it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatFilled {
    /// The seat.
    pub seat: Seat,
    /// Nobody yet, or this person.
    pub by: Option<PersonId>,
}

/// Seats as many as can be at once. Earlier persons keep a seat when later ones come, though not always the same one.
#[must_use]
pub fn match_seats(seats: &[Seat], persons: &[(PersonId, BTreeSet<Role>)]) -> Vec<SeatFilled> {
    // A person who appears twice is still one person; sitting down twice is what this function must prevent.
    let mut seen = BTreeSet::new();
    let distinct: Vec<_> = persons.iter().filter(|(person, _)| seen.insert(person)).cloned().collect();
    let persons = distinct.as_slice();
    let mut filled: BTreeMap<usize, usize> = BTreeMap::new();
    for person in 0..persons.len() {
        augment(seats, persons, person, &mut BTreeSet::new(), &mut filled);
    }
    seats
        .iter()
        .enumerate()
        .map(|(i, seat)| SeatFilled {
            seat: seat.clone(),
            by: filled.get(&i).and_then(|p| persons.get(*p)).map(|(person, _)| person.clone()),
        })
        .collect()
}

fn augment(
    seats: &[Seat],
    persons: &[(PersonId, BTreeSet<Role>)],
    person: usize,
    tried: &mut BTreeSet<usize>,
    filled: &mut BTreeMap<usize, usize>,
) -> bool {
    let Some((_, roles)) = persons.get(person) else {
        return false;
    };
    let fitting = || seats.iter().enumerate().filter(|(_, seat)| roles.contains(&seat.role)).map(|(i, _)| i);
    // A free seat first: whoever sat down earlier is moved only when somebody could not sit otherwise.
    if let Some(free) = fitting().find(|i| !filled.contains_key(i)) {
        filled.insert(free, person);
        return true;
    }
    for i in fitting() {
        if !tried.insert(i) {
            continue;
        }
        if let Some(other) = filled.get(&i).copied()
            && augment(seats, persons, other, tried, filled)
        {
            filled.insert(i, person);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use Role::{Dpo, Engineer, Security};

    fn seat(role: Role) -> Seat {
        Seat { name: role.to_string(), role, because: String::new() }
    }
    fn person(id: &str, roles: &[Role]) -> (PersonId, BTreeSet<Role>) {
        (id.parse().unwrap(), roles.iter().copied().collect())
    }
    fn count(filled: &[SeatFilled]) -> usize {
        filled.iter().filter(|f| f.by.is_some()).count()
    }

    #[test]
    fn one_person_with_two_roles_fills_one_seat() {
        let seats = [seat(Security), seat(Dpo)];
        assert_eq!(count(&match_seats(&seats, &[person("E-1", &[Security, Dpo])])), 1);
    }

    #[test]
    fn the_same_person_listed_twice_sits_once() {
        let seats = [seat(Engineer), seat(Engineer)];
        assert_eq!(count(&match_seats(&seats, &[person("E-1", &[Engineer]), person("E-1", &[Engineer])])), 1);
    }

    #[test]
    fn whoever_signed_first_keeps_the_first_seat() {
        let seats = [seat(Engineer), seat(Engineer)];
        let filled = match_seats(&seats, &[person("E-2", &[Engineer]), person("E-1", &[Engineer])]);
        assert_eq!(filled[0].by.as_ref().map(PersonId::as_str), Some("E-2"));
    }

    #[test]
    fn three_people_who_fit_in_only_one_way_all_sit() {
        // Greedy in this order puts E-1 on Engineer and leaves E-3 standing.
        let seats = [seat(Engineer), seat(Security), seat(Dpo)];
        let persons =
            [person("E-1", &[Engineer, Security]), person("E-2", &[Security, Dpo]), person("E-3", &[Engineer])];
        assert_eq!(count(&match_seats(&seats, &persons)), 3);
    }

    proptest::proptest! {
        /// The matching is as large as brute force finds, and seats nobody twice or without the role.
        #[test]
        fn matching_is_maximum(roles in proptest::collection::vec(0_u8..8, 0..5), asked in proptest::collection::vec(0_usize..3, 0..5)) {
            let all = [Engineer, Security, Dpo];
            let persons: Vec<_> = roles.iter().enumerate().map(|(i, mask)| {
                let held: Vec<Role> = all.iter().enumerate().filter(|(b, _)| mask >> b & 1 == 1).map(|(_, r)| *r).collect();
                person(&format!("E-{i}"), &held)
            }).collect();
            let seats: Vec<Seat> = asked.iter().filter_map(|i| all.get(*i)).map(|r| seat(*r)).collect();
            let filled = match_seats(&seats, &persons);
            let seated: Vec<_> = filled.iter().filter_map(|f| f.by.clone().map(|by| (by, f.seat.role))).collect();
            let distinct: BTreeSet<_> = seated.iter().map(|(p, _)| p.clone()).collect();
            proptest::prop_assert_eq!(distinct.len(), seated.len());
            for (by, role) in &seated {
                proptest::prop_assert!(persons.iter().any(|(p, held)| p == by && held.contains(role)));
            }
            proptest::prop_assert_eq!(seated.len(), brute(&seats, &persons, 0, &mut BTreeSet::new()));
        }
    }

    fn brute(seats: &[Seat], persons: &[(PersonId, BTreeSet<Role>)], i: usize, used: &mut BTreeSet<usize>) -> usize {
        let Some(seat) = seats.get(i) else { return 0 };
        let mut best = brute(seats, persons, i + 1, used);
        for (p, (_, roles)) in persons.iter().enumerate() {
            if roles.contains(&seat.role) && used.insert(p) {
                best = best.max(1 + brute(seats, persons, i + 1, used));
                used.remove(&p);
            }
        }
        best
    }
}
