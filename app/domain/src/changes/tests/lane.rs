//! Stops, and a newer change that takes an older one's place.

use super::*;
use crate::changes::events::{LineStopped, StopLifted};
use crate::changes::lane::{
    MAY_LIFT, MAY_STOP, Overtaking, Stop, StopDraft, decide_lift, decide_stop, decide_supersede, supersede_digest,
};

fn sealed(words: &str) -> Personal {
    Personal::seal("E-1", &[1; 32], words, &SealRandomness { salt: [0; 32], nonce: [0; 24] }).unwrap()
}

fn proof(n: u64) -> Proof {
    signed(&held(), n).proof
}

fn draft(environment: &str, until: Option<DateTime<Utc>>) -> StopDraft {
    let stop = "01890000-0000-7000-8000-0000000000aa".parse().unwrap();
    StopDraft { stop, environment: environment.parse().unwrap(), until }
}

fn stop(until: Option<DateTime<Utc>>) -> Stop {
    let StopDraft { stop, environment, until } = draft("production", until);
    Stop { stop, environment, by: person(4), since: now(), until, why: sealed("5xx everywhere") }
}

fn of_role(n: u64, role: Role) -> Signer {
    Signer { admitted_roles: BTreeSet::from([role]), group_roles: BTreeSet::from([role]), ..engineer(n) }
}

#[test]
fn a_stop_shuts_an_approved_change_until_its_time_or_its_lifting() {
    let mut change = held().approved_by(1).approved_by(2);
    let gate = |change: &Change, at| derive_gate(change, &people(), &policy(), Freshness::LastKnown, at);
    assert!(gate(&change, now()).is_open());
    change.lane.stops = vec![stop(None)];
    let shut = gate(&change, now());
    assert!(matches!(shut.reasons.as_slice(), [Reason::LineStopped { by, .. }] if *by == person(4)), "{shut:?}");
    assert!(matches!(decide_execute(&change, &people(), &policy(), now()), Decision::Refuse(_)));
    // Signatures may be given meanwhile.
    change.approvals.pop();
    assert!(matches!(sign(&change, 2, SignedDecision::Approve), Decision::Allow(_)));
    let mut timed = held().approved_by(1).approved_by(2);
    timed.lane.stops = vec![stop(Some(now() + Duration::hours(1)))];
    assert!(!gate(&timed, now() + Duration::minutes(59)).is_open());
    assert!(gate(&timed, now() + Duration::hours(1)).is_open(), "a stop outlives its time");
}

#[test]
fn who_may_stop_and_who_may_let_it_go_on() {
    for role in Role::ALL {
        let who = of_role(1, role);
        let stopped = decide_stop(&who, draft("production", None), sealed("why"), proof(1), now());
        assert_eq!(matches!(stopped, Decision::Allow(_)), MAY_STOP.contains(&role), "{role}");
        let lifted = decide_lift(&who, Some(&stop(None)), sealed("why"), proof(1), now());
        assert_eq!(matches!(lifted, Decision::Allow(_)), MAY_LIFT.contains(&role), "{role}");
    }
    let stranger = Signer { is_admitted: false, ..engineer(1) };
    assert_eq!(
        codes(decide_stop(&stranger, draft("production", None), sealed("w"), proof(1), now())),
        ["not_admitted"]
    );
    let keyless = Signer { active_keys: BTreeSet::new(), ..engineer(1) };
    assert_eq!(codes(decide_stop(&keyless, draft("production", None), sealed("w"), proof(1), now())), ["no_key"]);
    assert_eq!(
        codes(decide_stop(&engineer(1), draft("production", None), sealed("w"), proof(2), now())),
        ["key_not_active"]
    );
    assert_eq!(codes(decide_lift(&engineer(1), Some(&stop(None)), sealed("w"), proof(2), now())), ["key_not_active"]);
    let waits = Signer { waiting_roles: BTreeSet::from([Role::Engineer]), ..engineer(1) };
    assert_eq!(codes(decide_stop(&waits, draft("production", None), sealed("w"), proof(1), now())), ["role_waits"]);
}

#[test]
fn stale_facts_stop_a_line_and_do_not_let_it_go_on() {
    let stale = Signer { facts_at: Some(now() - Duration::minutes(16)), ..engineer(1) };
    assert!(matches!(decide_stop(&stale, draft("production", None), sealed("w"), proof(1), now()), Decision::Allow(_)));
    assert_eq!(codes(decide_lift(&stale, Some(&stop(None)), sealed("w"), proof(1), now())), ["role_facts_stale"]);
}

#[test]
fn a_stop_ends_ahead_and_not_too_far() {
    let at = |until| decide_stop(&engineer(1), draft("production", Some(until)), sealed("w"), proof(1), now());
    assert_eq!(codes(at(now())), ["stop_time"]);
    assert_eq!(codes(at(now() + Duration::days(90) + Duration::seconds(1))), ["stop_time"]);
    assert!(matches!(at(now() + Duration::days(90)), Decision::Allow(_)));
}

#[test]
fn what_does_not_stand_is_not_lifted() {
    assert_eq!(codes(decide_lift(&engineer(1), None, sealed("w"), proof(1), now())), ["stop_unknown"]);
    let over = stop(Some(now()));
    assert_eq!(codes(decide_lift(&engineer(1), Some(&over), sealed("w"), proof(1), now())), ["stop_unknown"]);
    let Decision::Allow(permit) = decide_lift(&engineer(1), Some(&stop(None)), sealed("w"), proof(1), now()) else {
        panic!("an engineer may")
    };
    assert!(
        matches!(permit.events(), [Event::StopLifted(StopLifted { environment, .. })] if environment.as_str() == "production")
    );
    let Decision::Allow(permit) = decide_stop(&engineer(1), draft("staging", None), sealed("w"), proof(1), now())
    else {
        panic!("an engineer may")
    };
    assert!(
        matches!(permit.events(), [Event::LineStopped(LineStopped { environment, .. })] if environment.as_str() == "staging")
    );
}

#[test]
fn a_stop_of_another_place_or_time_is_another_digest() {
    let mut digests = BTreeSet::new();
    for environment in ["production", "staging"] {
        for until in [None, Some(now()), Some(now() + Duration::seconds(1))] {
            digests.insert(draft(environment, until).digest().unwrap());
        }
    }
    let other =
        StopDraft { stop: "01890000-0000-7000-8000-0000000000ab".parse().unwrap(), ..draft("production", None) };
    digests.insert(other.digest().unwrap());
    assert_eq!(digests.len(), 7);
}

fn newer() -> Change {
    let mut newer = held();
    newer.number = "CHG-2026-000002".parse().unwrap();
    newer.key.run_id = RunId(8900);
    newer
}

fn read(older: &Change, newer: &Change) -> Overtaking {
    Overtaking {
        older: older.number.clone(),
        older_subject: older.subject_digest.clone(),
        newer: newer.number.clone(),
        newer_subject: newer.subject_digest.clone(),
    }
}

fn supersede(who: &Signer, older: &Change, newer: &Change) -> Decision {
    decide_supersede(who, older, newer, &read(older, newer), sealed("w"), proof(1))
}

#[test]
fn an_engineer_ends_an_older_run_for_a_newer_one_and_github_is_owed_no() {
    let older = held().approved_by(2);
    let Decision::Allow(permit) = supersede(&engineer(1), &older, &newer()) else { panic!("an engineer may") };
    assert_eq!(permit.events().iter().map(Event::act).collect::<Vec<_>>(), ["changes.overtaken"]);
    assert_eq!(permit.into_parts().1, [Job::AnswerGithub { number: older.number.clone() }]);
    let ended = Change { state: State::Superseded, overtaken_by: Some(newer().number), ..older.clone() };
    assert_eq!(ended.answer_owed(), Some(super::super::events::Answer::Rejected));
    // By a newer attempt of its own run: that one answers.
    assert_eq!(Change { overtaken_by: None, ..ended }.answer_owed(), None);
}

#[test]
fn nothing_else_is_superseded() {
    let (older, newer) = (held(), newer());
    let but = |edit: fn(&mut Change)| {
        let mut other = super::lane::newer();
        edit(&mut other);
        other
    };
    assert_eq!(codes(supersede(&engineer(1), &newer, &older)), ["not_behind"], "the newer one for the older");
    assert_eq!(codes(supersede(&engineer(1), &older, &older)), ["not_behind"]);
    let other_service = but(|c| c.subject.service = "consent-service".parse().unwrap());
    assert_eq!(codes(supersede(&engineer(1), &older, &other_service)), ["not_behind"]);
    let other_place = but(|c| c.key.environment = "staging".parse().unwrap());
    assert_eq!(codes(supersede(&engineer(1), &older, &other_place)), ["not_behind"]);
    let same_run = but(|c| c.key.run_id = RunId(8836));
    assert_eq!(codes(supersede(&engineer(1), &older, &same_run)), ["not_behind"]);
    assert_eq!(codes(supersede(&engineer(1), &older, &but(|c| c.state = State::Released))), ["change_not_held"]);
    let ended = Change { state: State::Executing, ..older.clone() };
    assert_eq!(codes(supersede(&engineer(1), &ended, &newer)), ["change_not_held"]);
    assert_eq!(codes(supersede(&of_role(1, Role::Oncall), &older, &newer)), ["role_not_held"]);
    assert_eq!(codes(supersede(&Signer { is_admitted: false, ..engineer(1) }, &older, &newer)), ["not_admitted"]);
    let keyless = Signer { active_keys: BTreeSet::new(), ..engineer(1) };
    assert_eq!(codes(supersede(&keyless, &older, &newer)), ["no_key"]);
    let foreign = decide_supersede(&engineer(1), &older, &newer, &read(&older, &newer), sealed("w"), proof(2));
    assert_eq!(codes(foreign), ["key_not_active"]);
    for stale in [
        Overtaking { older_subject: Digest::of(b"other"), ..read(&older, &newer) },
        Overtaking { newer_subject: Digest::of(b"other"), ..read(&older, &newer) },
    ] {
        let refused = decide_supersede(&engineer(1), &older, &newer, &stale, sealed("w"), proof(1));
        assert_eq!(codes(refused), ["subject_replaced"]);
        assert_ne!(supersede_digest(&stale).unwrap(), supersede_digest(&read(&older, &newer)).unwrap());
    }
}
