use crate::changes::habits::{Given, Load, Pair, Seated, Share, is_too_quick, load, pairs};
use crate::ids::PersonId;
use crate::people::Role;
use chrono::Duration;
use std::collections::BTreeMap;

fn person(id: &str) -> PersonId {
    id.parse().unwrap()
}

fn given(number: u32, by: &str, makers: &[&str]) -> Given {
    Given {
        number: format!("CHG-2026-{number:06}").parse().unwrap(),
        by: person(by),
        makers: makers.iter().map(|id| person(id)).collect(),
        lines: None,
        read_for: None,
    }
}

#[test]
fn ten_lines_a_second_is_the_most_that_anybody_reads() {
    assert!(is_too_quick(101, Duration::seconds(10)) && !is_too_quick(100, Duration::seconds(10)));
    assert!(is_too_quick(21, Duration::seconds(0)) && !is_too_quick(20, Duration::seconds(0)), "a glance");
    assert!(is_too_quick(21, Duration::seconds(-5)), "a clock that was set back read nothing");
}

#[test]
fn a_pair_is_two_who_approve_each_other_and_a_change_counts_once() {
    let all = [
        given(1, "E-2", &["E-1"]),
        given(1, "E-3", &["E-1"]),
        given(2, "E-1", &["E-2"]),
        // The subject was replaced, and signed again.
        given(2, "E-1", &["E-2"]),
        given(3, "E-3", &["E-2"]),
        given(4, "E-2", &["E-1", "E-4"]),
    ];
    let expected = Pair {
        one: person("E-1"),
        other: person("E-2"),
        of_one: Share { approved: 2, all: 2 },
        of_other: Share { approved: 1, all: 2 },
    };
    assert_eq!(pairs(&all), [expected], "E-3 approved both and was approved by nobody");
}

#[test]
fn a_habit_is_four_of_five_and_at_least_three() {
    let share = |approved, all| Share { approved, all }.is_habit();
    assert!(share(3, 3) && share(4, 5) && share(8, 10));
    assert!(!share(2, 2) && !share(3, 4) && !share(7, 9));
}

#[test]
fn a_role_has_hands_and_a_usual_wait_and_no_names() {
    let seat = |by: &str, minutes| Seated { role: Role::Dpo, by: person(by), after: Duration::minutes(minutes) };
    let seated = [seat("E-5", 30), seat("E-6", 10), seat("E-5", 500)];
    let loads = load(&seated, &BTreeMap::from([(Role::Dpo, 2)]), &BTreeMap::from([(Role::Security, 4)]));
    let dpo = Load {
        role: Role::Dpo,
        holders: 2,
        given: 3,
        hands: 2,
        busiest: 2,
        waiting: 0,
        usually: Some(Duration::minutes(30)),
    };
    assert!(loads.contains(&dpo), "{loads:?}");
    let roles: Vec<(Role, u32)> = loads.iter().map(|load| (load.role, load.waiting)).collect();
    assert_eq!(roles, [(Role::Engineer, 0), (Role::Security, 4), (Role::Dpo, 0), (Role::Guardrail, 0)]);
}
