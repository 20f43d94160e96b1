#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use super::decide::{Candidate, can_be_replaced, decide_propose, permit_outrun, reasons_against_proposing};
use super::events::Proposed;
use super::*;
use crate::audit::Event;
use crate::changes::decide::{decide_execute, permit_expire};
use crate::changes::lane::Lane;
use crate::changes::{Approval, Change, Requirement, State};
use crate::decision::Decision;
use crate::ids::{KeyId, PersonId};
use crate::people::events::Proof;
use crate::people::{Role, Signer};
use crate::reason::Reason;
use chrono::{Duration, TimeZone};
use std::collections::BTreeMap;

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 22, 9, 0, 0).unwrap()
}

fn proposal() -> Proposal {
    Proposal { base: Digest::of(b"base"), proposed: Digest::of(b"other") }
}

fn person(n: u64) -> PersonId {
    format!("E-{n}").parse().unwrap()
}

fn key(n: u64) -> KeyId {
    format!("01890000-0000-7000-8000-{n:012}").parse().unwrap()
}

fn signer(n: u64, roles: &[Role]) -> Signer {
    Signer {
        person: person(n),
        is_admitted: true,
        admitted_roles: roles.iter().copied().collect(),
        group_roles: roles.iter().copied().collect(),
        waiting_roles: BTreeSet::new(),
        facts_at: Some(now()),
        github_id: Some(GithubId(n)),
        github_aliases: BTreeSet::new(),
        active_keys: BTreeSet::from([key(n)]),
    }
}

/// Whom a list admits: one person for each of these roles.
fn admitted(roles: &[Role]) -> BTreeMap<PersonId, BTreeSet<Role>> {
    roles.iter().zip(1..).map(|(role, n)| (person(n), BTreeSet::from([*role]))).collect()
}

const ENOUGH: [Role; 6] = [Role::Engineer, Role::Engineer, Role::Security, Role::Dpo, Role::Guardrail, Role::Engineer];

fn candidate() -> Candidate {
    Candidate {
        proposal: proposal(),
        in_force: proposal().base,
        faults: Some(vec![]),
        admitted: admitted(&ENOUGH),
        open: None,
    }
}

fn proposed() -> Proposed {
    let subject = proposal().subject(now()).unwrap();
    Proposed {
        number: "CHG-2026-000007".parse().unwrap(),
        proposal: proposal(),
        person: person(6),
        session: "01890000-0000-7000-9000-000000000006".parse().unwrap(),
        proof: Proof {
            key: key(6),
            act: String::new(),
            client_data_json: String::new(),
            authenticator_data: String::new(),
            signature: String::new(),
        },
        subject_digest: subject.digest(),
        subject,
        requirement: Requirement::for_the_rules(),
        contributors: contributors(&BTreeSet::from([GithubId(6)])),
        rollback_plan: proposal().rollback_plan().unwrap(),
    }
}

/// A change of the rules that these persons approved.
fn held(by: &[u64]) -> Change {
    let Proposed { number, subject, subject_digest, requirement, contributors, rollback_plan, .. } = proposed();
    let approved = |n: &u64| Approval {
        person: person(*n),
        decision: crate::act::SignedDecision::Approve,
        subject_digest: subject_digest.clone(),
        key: key(*n),
        session: None,
        signed_at: now(),
        fell_because: None,
    };
    Change {
        key: key_of(&number).unwrap(),
        number,
        proposal: Some(proposal()),
        state: State::Held,
        approvals: by.iter().map(approved).collect(),
        overtaken_by: None,
        lane: Lane::default(),
        way_back: crate::changes::WayBack::default(),
        subject,
        subject_digest,
        requirement,
        contributors,
        rollback_plan,
    }
}

fn signers() -> BTreeMap<PersonId, Signer> {
    ENOUGH.iter().zip(1..).map(|(role, n)| (person(n), signer(n, &[*role]))).collect()
}

fn codes(decision: Decision) -> Vec<String> {
    match decision {
        Decision::Refuse(reasons) => reasons.codes(),
        Decision::Allow(permit) => panic!("allowed: {permit:?}"),
    }
}

#[test]
fn everybody_but_the_proposer_brings_other_rules_into_force_in_one_entry_with_the_intent() {
    let Decision::Allow(permit) = decide_execute(&held(&[1, 2, 3, 4, 5]), &signers(), &proposal().base, now()) else {
        panic!("refused");
    };
    let (events, jobs) = permit.into_parts();
    assert!(
        matches!(&events[..], [Event::ExecutionIntended(_), Event::ConfigurationCameIntoForce(e)] if e.proposal == proposal())
    );
    assert!(jobs.is_empty(), "GitHub was not asked, and is told nothing: {jobs:?}");
    // One of them less, or the proposer in the place of one, is not everybody.
    for by in [&[1, 2, 3, 4][..], &[1, 2, 3, 5], &[1, 2, 4, 5], &[1, 3, 4, 5], &[1, 6, 3, 4, 5]] {
        let codes = codes(decide_execute(&held(by), &signers(), &proposal().base, now()));
        assert!(codes.contains(&"seat_empty".to_owned()), "{by:?}: {codes:?}");
    }
}

#[test]
fn what_was_signed_is_from_rules_to_rules_and_nothing_else() {
    let other = Digest::of(b"third");
    let open = codes(decide_execute(&held(&[1, 2, 3, 4, 5]), &signers(), &other, now()));
    assert_eq!(open, ["policy_changed"]);
    let back = Proposal { base: proposal().proposed, proposed: proposal().base };
    assert_ne!(back.digest(), proposal().digest(), "the way back is another thing to sign");
    assert_ne!(back.subject(now()).unwrap().digest(), proposal().subject(now()).unwrap().digest());
    let bytes = String::from_utf8(proposal().subject(now()).unwrap().to_bytes().unwrap()).unwrap();
    assert!(bytes.contains("\"image_digest\":\"absent:not_a_build\"") && bytes.contains(proposal().proposed.as_str()));
}

#[test]
fn a_change_of_the_rules_ends_with_the_rules_that_it_starts_from() {
    let by = "CHG-2026-000008".parse().unwrap();
    let other = Digest::of(b"third");
    assert!(permit_outrun(&held(&[]), &proposal().base, Some(&by)).is_none());
    assert!(permit_outrun(&held(&[]), &other, None).is_none(), "adopted: there is no change that took its place");
    assert!(permit_outrun(&Change { state: State::Closed, ..held(&[]) }, &other, Some(&by)).is_none());
    assert!(permit_outrun(&Change { proposal: None, ..held(&[]) }, &other, Some(&by)).is_none());
    let permit = permit_outrun(&held(&[]), &other, Some(&by)).unwrap();
    assert!(matches!(permit.events(), [Event::Superseded(e)] if e.by == by));
    let expired = permit_expire(&held(&[]), now() + Duration::hours(72)).unwrap();
    assert!(expired.into_parts().1.is_empty(), "GitHub was not asked");
}

#[test]
fn everything_against_a_proposal_is_told_at_once() {
    let allowed = signer(6, &[Role::Engineer]);
    assert!(matches!(decide_propose(&allowed, &candidate(), proposed()), Decision::Allow(_)));
    let against = |signer: &Signer, candidate: &Candidate| -> Vec<&'static str> {
        reasons_against_proposing(signer, candidate).iter().map(Reason::code).collect()
    };
    assert_eq!(against(&Signer { is_admitted: false, ..allowed.clone() }, &candidate()), ["not_admitted"]);
    assert_eq!(against(&Signer { active_keys: BTreeSet::new(), ..allowed.clone() }, &candidate()), ["no_key"]);
    assert_eq!(against(&Signer { group_roles: BTreeSet::new(), ..allowed.clone() }, &candidate()), ["role_not_held"]);
    assert_eq!(against(&signer(6, &[Role::Auditor]), &candidate()), ["role_not_held"]);
    let bad = Candidate {
        in_force: proposal().proposed,
        faults: Some(vec!["a".to_owned(), "b".to_owned()]),
        open: Some("CHG-2026-000007".parse().unwrap()),
        ..candidate()
    };
    let all = ["configuration_moved", "proposal_in_force", "proposal_open", "proposal_faulty", "proposal_faulty"];
    assert_eq!(against(&allowed, &bad), all);
    assert_eq!(against(&allowed, &Candidate { faults: None, ..candidate() }), ["proposal_unknown"]);
    assert_eq!(codes(decide_propose(&signer(7, &[Role::Engineer]), &candidate(), proposed())), ["key_not_active"]);
}

#[test]
fn rules_that_nobody_could_replace_are_none() {
    assert!(can_be_replaced(&admitted(&ENOUGH)));
    for missing in 0..5 {
        let mut roles = ENOUGH.to_vec();
        roles[missing] = Role::Oncall;
        let still = matches!(ENOUGH[missing], Role::Engineer);
        assert_eq!(can_be_replaced(&admitted(&roles)), still, "{roles:?}");
    }
    // Five who could sign, and nobody else who could propose.
    assert!(!can_be_replaced(&admitted(&ENOUGH[..5])));
    let mut one = admitted(&ENOUGH[..5]);
    one.insert(person(9), BTreeSet::from([Role::Auditor]));
    assert!(!can_be_replaced(&one), "whoever reads only proposes nothing");
    one.insert(person(9), BTreeSet::from([Role::Oncall]));
    assert!(can_be_replaced(&one));
}
