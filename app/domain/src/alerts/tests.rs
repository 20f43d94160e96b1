#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use super::decide::{Word, decide_declare, decide_word};
use super::events::IncidentSigned;
use super::*;
use crate::decision::Decision;
use crate::people::events::Proof;
use crate::people::{Role, Signer};
use crate::personal::SealRandomness;
use chrono::{Duration, TimeZone};

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 22, 9, 0, 0).unwrap()
}

fn person(n: u64) -> PersonId {
    format!("E-{n}").parse().unwrap()
}

fn who(n: u64, role: Role) -> Signer {
    Signer {
        person: person(n),
        is_admitted: true,
        admitted_roles: BTreeSet::from([role]),
        group_roles: BTreeSet::from([role]),
        waiting_roles: BTreeSet::new(),
        facts_at: Some(now()),
        github_id: None,
        github_aliases: BTreeSet::new(),
        active_keys: BTreeSet::from([format!("01890000-0000-7000-8000-{n:012}").parse().unwrap()]),
    }
}

fn sealed(text: &str) -> Personal {
    Personal::seal("E-1", &[1; 32], text, &SealRandomness { salt: [0; 32], nonce: [0; 24] }).unwrap()
}

fn proof(n: u64) -> Proof {
    Proof {
        key: format!("01890000-0000-7000-8000-{n:012}").parse().unwrap(),
        act: String::new(),
        client_data_json: String::new(),
        authenticator_data: String::new(),
        signature: String::new(),
    }
}

fn declared(severity: Severity) -> Incident {
    Incident {
        declared: Declaration {
            incident: "01890000-0000-7000-8000-0000000000aa".parse().unwrap(),
            severity,
            environment: "production".parse().unwrap(),
            services: BTreeSet::from(["score-api".parse().unwrap()]),
        },
        title: sealed("5xx"),
        declared_by: person(1),
        declared_at: now(),
        confirmed: None,
        closed: None,
        reviewers: BTreeSet::new(),
    }
}

fn said(incident: &Incident, signer: &Signer, word: Word) -> Vec<String> {
    let n = signer.person.as_str().trim_start_matches("E-").parse().unwrap();
    let signed = IncidentSigned {
        incident: incident.declared.incident.clone(),
        subject_digest: incident.digest().unwrap(),
        person: signer.person.clone(),
        words: sealed("w"),
        proof: proof(n),
    };
    match decide_word(signer, incident, word, signed, now()) {
        Decision::Allow(permit) => permit.events().iter().map(|event| event.act().to_owned()).collect(),
        Decision::Refuse(reasons) => reasons.codes(),
    }
}

#[test]
fn a_p1_takes_another_person_and_only_a_p1_does() {
    let p1 = declared(Severity::P1);
    assert_eq!(said(&p1, &who(1, Role::Oncall), Word::Confirm), ["own_incident"]);
    assert_eq!(said(&p1, &who(2, Role::Engineer), Word::Confirm), ["alerts.incident_confirmed"]);
    assert_eq!(said(&p1, &who(2, Role::Dpo), Word::Confirm), ["role_not_held"]);
    let stale = Signer { facts_at: Some(now() - Duration::minutes(16)), ..who(2, Role::Engineer) };
    assert_eq!(said(&p1, &stale, Word::Confirm), ["role_facts_stale"]);
    let confirmed = Incident { confirmed: Some((person(2), now())), ..p1.clone() };
    assert_eq!(said(&confirmed, &who(3, Role::Engineer), Word::Confirm), ["already_signed"]);
    assert_eq!(said(&declared(Severity::P2), &who(2, Role::Engineer), Word::Confirm), ["incident_not_p1"]);
    let closed = Incident { closed: Some((person(3), now())), ..p1.clone() };
    assert_eq!(said(&closed, &who(2, Role::Engineer), Word::Confirm), ["incident_closed"]);
    assert!(!p1.is_live_p1() && confirmed.is_live_p1());
    assert!(!Incident { closed: Some((person(3), now())), ..confirmed }.is_live_p1());
}

#[test]
fn it_opens_its_own_service_and_place_and_not_for_whoever_made_it() {
    let live = Incident { confirmed: Some((person(2), now())), ..declared(Severity::P1) };
    let against = |incident: &Incident, service: &str, environment: &str, by| {
        let reasons = incident.against_use(&service.parse().unwrap(), &environment.parse().unwrap(), &person(by));
        reasons.iter().map(Reason::code).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(against(&live, "score-api", "production", 3), "");
    assert_eq!(against(&live, "consent-service", "production", 3), "incident_elsewhere");
    assert_eq!(against(&live, "score-api", "staging", 3), "incident_elsewhere");
    assert_eq!(against(&live, "score-api", "production", 1), "own_incident");
    assert_eq!(against(&live, "score-api", "production", 2), "own_incident");
    assert_eq!(against(&declared(Severity::P1), "score-api", "production", 3), "incident_unconfirmed");
    assert_eq!(against(&declared(Severity::P2), "score-api", "production", 3), "incident_not_p1");
    let closed = Incident { closed: Some((person(3), now())), ..live };
    assert_eq!(against(&closed, "score-api", "production", 3), "incident_closed");
}

#[test]
fn a_closed_incident_owes_a_review_by_another() {
    let open = declared(Severity::P2);
    assert_eq!(said(&open, &who(2, Role::Dpo), Word::Review), ["incident_open"]);
    assert_eq!(said(&open, &who(1, Role::Oncall), Word::Close), ["alerts.incident_closed"]);
    assert_eq!(said(&open, &who(2, Role::Auditor), Word::Close), ["role_not_held"]);
    let closed = Incident { closed: Some((person(1), now())), ..open };
    assert!(closed.owes_review());
    assert_eq!(said(&closed, &who(2, Role::Engineer), Word::Close), ["incident_closed"]);
    assert_eq!(said(&closed, &who(1, Role::Oncall), Word::Review), ["own_incident"]);
    assert_eq!(said(&closed, &who(2, Role::Auditor), Word::Review), ["role_not_held"]);
    assert_eq!(said(&closed, &who(2, Role::Dpo), Word::Review), ["alerts.incident_reviewed"]);
    let reviewed = Incident { reviewers: BTreeSet::from([person(2)]), ..closed };
    assert!(!reviewed.owes_review());
    assert_eq!(said(&reviewed, &who(2, Role::Dpo), Word::Review), ["already_signed"]);
}

#[test]
fn what_is_signed_is_this_incident_with_one_of_ones_own_keys() {
    let p1 = declared(Severity::P1);
    let bob = who(2, Role::Engineer);
    let signed = IncidentSigned {
        incident: p1.declared.incident.clone(),
        subject_digest: p1.digest().unwrap(),
        person: person(2),
        words: sealed("w"),
        proof: proof(2),
    };
    let other = IncidentSigned { subject_digest: Digest::of(b"other"), ..signed.clone() };
    let key = IncidentSigned { proof: proof(3), ..signed };
    for (signed, code) in [(other, "signature_invalid"), (key, "key_not_active")] {
        let Decision::Refuse(reasons) = decide_word(&bob, &p1, Word::Confirm, signed, now()) else { panic!("{code}") };
        assert_eq!(reasons.codes(), [code]);
    }
    for role in Role::ALL {
        let allowed =
            matches!(decide_declare(&who(1, role), p1.declared.clone(), sealed("5xx"), proof(1)), Decision::Allow(_));
        assert_eq!(allowed, decide::MAY_DECLARE.contains(&role), "{role}");
    }
    let worse = Declaration { severity: Severity::P2, ..p1.declared.clone() };
    assert_ne!(worse.digest(&p1.title.commitment).unwrap(), p1.digest().unwrap());
    assert_ne!(p1.declared.digest(&Digest::of(b"another title")).unwrap(), p1.digest().unwrap());
}
