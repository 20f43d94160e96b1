//! What a live P1 lets pass, for whom, and what it leaves owed.

use super::*;
use crate::alerts::{Declaration, Incident, Severity};
use crate::changes::lane::{Attaching, DEBT_TIME, Debt, Emergency, MAY_ATTACH, decide_attach, permit_pay};
use crate::ids::IncidentId;

fn sealed(words: &str) -> Personal {
    Personal::seal("E-1", &[1; 32], words, &SealRandomness { salt: [0; 32], nonce: [0; 24] }).unwrap()
}

fn id() -> IncidentId {
    "01890000-0000-7000-8000-0000000000aa".parse().unwrap()
}

/// A live P1 of this service, declared by engineer 3 and confirmed by 4.
fn fire() -> Incident {
    Incident {
        declared: Declaration {
            incident: id(),
            severity: Severity::P1,
            environment: "production".parse().unwrap(),
            services: BTreeSet::from(["score-api".parse().unwrap()]),
        },
        title: sealed("5xx"),
        declared_by: person(3),
        declared_at: now(),
        confirmed: Some((person(4), now())),
        closed: None,
        reviewers: BTreeSet::new(),
    }
}

fn attach(by: u64, change: &Change, incident: &Incident) -> Decision {
    attach_as(&engineer(by), change, incident)
}

fn attach_as(who: &Signer, change: &Change, incident: &Incident) -> Decision {
    let makers: Vec<Signer> = incident.makers().map(|maker| people()[maker].clone()).collect();
    let read = Attaching {
        number: change.number.clone(),
        subject_digest: change.subject_digest.clone(),
        incident: incident.declared.incident.clone(),
    };
    let n = who.person.as_str().trim_start_matches("E-").parse().unwrap();
    decide_attach(who, change, incident, &makers, &read, (sealed("w"), signed(change, n).proof), now())
}

fn attached(change: Change, incident: Incident) -> Change {
    let emergency = Emergency {
        incident: id(),
        by: person(1),
        key: key(1),
        subject_digest: change.subject_digest.clone(),
        facts: Some(incident),
    };
    Change { lane: Lane { emergency: Some(emergency), ..change.lane.clone() }, ..change }
}

fn wanting(emergency_may_skip: bool) -> Change {
    let mut change = held().approved_by(1).approved_by(2);
    let want = Want {
        check: "staging".to_owned(),
        rule: "green in staging".to_owned(),
        unmet: Some("Staging is red.".to_owned()),
        emergency_may_skip,
        fresh_until: None,
        by_person: false,
    };
    change.requirement.decided = Some(Decided {
        policy_digest: policy(),
        input_digest: policy(),
        engine: "test".to_owned(),
        rules: vec![],
        doubts: BTreeSet::new(),
        fault: None,
        freezes: BTreeSet::new(),
        wants: vec![want],
        data: None,
    });
    change
}

fn shut(change: &Change) -> Vec<&'static str> {
    derive_gate(change, &people(), &policy(), Freshness::Demanded, now()).reasons.iter().map(Reason::code).collect()
}

#[test]
fn a_live_p1_skips_what_may_be_skipped_and_nothing_else() {
    assert_eq!(shut(&wanting(true)), ["evidence_wanting"]);
    assert!(shut(&attached(wanting(true), fire())).is_empty());
    assert_eq!(shut(&attached(wanting(false), fire())), ["evidence_wanting"]);
    // Never the two persons, never a veto.
    let mut alone = attached(wanting(true), fire());
    alone.approvals.pop();
    assert_eq!(shut(&alone), ["seat_empty"]);
    assert!(shut(&attached(wanting(true), fire()).decided_by(5, SignedDecision::Reject)).contains(&"vetoed"));
}

#[test]
fn what_is_no_live_p1_of_this_place_skips_nothing_and_says_why() {
    type Edit = fn(&mut Incident);
    let edits: [(Edit, &str); 6] = [
        (|i| i.declared.severity = Severity::P2, "incident_not_p1"),
        (|i| i.confirmed = None, "incident_unconfirmed"),
        (|i| i.closed = Some(("E-9".parse().unwrap(), now())), "incident_closed"),
        (|i| i.declared.services = BTreeSet::from(["consent-service".parse().unwrap()]), "incident_elsewhere"),
        (|i| i.declared.environment = "staging".parse().unwrap(), "incident_elsewhere"),
        (|i| i.declared_by = "E-1".parse().unwrap(), "own_incident"),
    ];
    for (edit, code) in edits {
        let mut incident = fire();
        edit(&mut incident);
        assert_eq!(shut(&attached(wanting(true), incident.clone())), ["evidence_wanting", code]);
        assert!(codes(attach(1, &held(), &incident)).contains(&code.to_owned()), "{code}");
    }
    let mut unknown = attached(wanting(true), fire());
    unknown.lane.emergency.as_mut().unwrap().facts = None;
    assert_eq!(shut(&unknown), ["evidence_wanting", "incident_unknown"]);
    let mut other = attached(wanting(true), fire());
    other.lane.emergency.as_mut().unwrap().subject_digest = Digest::of(b"other");
    assert_eq!(shut(&other), ["evidence_wanting", "subject_replaced"]);
    // The provider has not spoken of whoever attached it for a while.
    let mut signers = people();
    signers.get_mut(&person(5)).unwrap().facts_at = Some(now() - Duration::minutes(16));
    let mut by_five = attached(wanting(true), fire());
    let emergency = by_five.lane.emergency.as_mut().unwrap();
    (emergency.by, emergency.key) = (person(5), key(5));
    let gate = |freshness| derive_gate(&by_five, &signers, &policy(), freshness, now());
    assert!(gate(Freshness::LastKnown).is_open());
    assert!(gate(Freshness::Demanded).reasons.contains(&Reason::RoleFactsStale(person(5))));
    // Whoever attached it lost the key.
    let mut voided = attached(wanting(true), fire());
    voided.lane.emergency.as_mut().unwrap().key = key(9);
    assert_eq!(shut(&voided), ["evidence_wanting", "approval_void"]);
}

#[test]
fn whoever_wants_the_door_made_no_part_of_the_key() {
    assert!(matches!(attach(1, &held(), &fire()), Decision::Allow(_)));
    assert_eq!(codes(attach(3, &held(), &fire())), ["own_incident"]);
    assert_eq!(codes(attach(4, &held(), &fire())), ["own_incident"]);
    // The confirmer wrote it.
    assert_eq!(codes(attach(1, &held().contributed_by(4, Part::Author), &fire())), ["incident_of_author"]);
    assert_eq!(codes(attach(1, &held().contributed_by(3, Part::LastPusher), &fire())), ["incident_of_author"]);
    assert_eq!(codes(attach(1, &attached(held(), fire()), &fire())), ["already_signed"]);
    assert_eq!(codes(attach(1, &Change { state: State::Released, ..held() }, &fire())), ["change_not_held"]);
    let stale = Signer { facts_at: Some(now() - Duration::minutes(16)), ..engineer(1) };
    assert_eq!(codes(attach_as(&stale, &held(), &fire())), ["role_facts_stale"]);
    for role in Role::ALL {
        let who = Signer { admitted_roles: BTreeSet::from([role]), group_roles: BTreeSet::from([role]), ..engineer(1) };
        let may = matches!(attach_as(&who, &held(), &fire()), Decision::Allow(_));
        assert_eq!(may, MAY_ATTACH.contains(&role), "{role}");
    }
}

#[test]
fn an_emergency_release_opens_its_debt_with_the_intent() {
    let events = |change: &Change| match decide_execute(change, &people(), &policy(), now()) {
        Decision::Allow(permit) => permit.into_parts().0,
        Decision::Refuse(reasons) => panic!("{reasons:?}"),
    };
    let opened = events(&attached(wanting(true), fire()));
    let [Event::ExecutionIntended(_), Event::DebtOpened(debt)] = opened.as_slice() else { panic!("{opened:?}") };
    assert_eq!((debt.due_at, &debt.attached_by, &debt.incident), (now() + DEBT_TIME, &person(1), &id()));
    assert_eq!(events(&held().approved_by(1).approved_by(2)).len(), 1, "an ordinary release owes something");
}

#[test]
fn a_debt_shuts_ordinary_releases_of_the_service_and_not_an_emergency() {
    let mut next = held().approved_by(1).approved_by(2);
    next.lane.debts = vec![Debt { number: "CHG-2026-000009".parse().unwrap(), due_at: now() + DEBT_TIME }];
    assert_eq!(shut(&next), ["debt_owed"]);
    assert!(shut(&attached(next, fire())).is_empty());
}

#[test]
fn a_debt_is_paid_by_its_proof_or_by_two_others_who_reviewed() {
    let number = held().number;
    let closed = |reviewers: &[u64]| Incident {
        closed: Some((person(3), now())),
        reviewers: reviewers.iter().map(|n| person(*n)).collect(),
        ..fire()
    };
    let pays = |is_proved, incident: Option<&Incident>| {
        permit_pay((&number, State::Released), is_proved, incident, &person(1)).is_some()
    };
    assert!(permit_pay((&number, State::Cancelled), false, None, &person(1)).is_some(), "it never went out");
    assert!(pays(true, None), "proved is proved");
    assert!(!pays(false, None) && !pays(false, Some(&closed(&[]))) && !pays(false, Some(&closed(&[2]))));
    assert!(pays(false, Some(&closed(&[2, 5]))));
    // The declarer, the confirmer and whoever attached it are not others.
    assert!(
        !pays(false, Some(&closed(&[2, 3])))
            && !pays(false, Some(&closed(&[2, 4])))
            && !pays(false, Some(&closed(&[1, 2])))
    );
    let open = Incident { closed: None, ..closed(&[2, 5]) };
    assert!(!pays(false, Some(&open)), "an incident that goes on was reviewed");
}

/// Canonical bytes hold no booleans: a want that could not be written would keep every change from being opened.
#[test]
fn what_is_wanted_can_stand_in_the_log() {
    for may_skip in [true, false] {
        let asked = wanting(may_skip).requirement;
        let bytes = crate::canonical::to_bytes(&asked).unwrap();
        assert_eq!(serde_json::from_slice::<Requirement>(&bytes).unwrap(), asked);
    }
}
