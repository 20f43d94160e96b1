#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
//! The gate, case by case and by property. Fixtures are adjectives: `held().authored_by(2).approved_by(1)`.

use super::decide::{answer_owed, decide_execute, decide_sign, permit_expire, permit_open, permit_replace_subject, reasons_against};
use super::events::{Opened, Signed};
use super::*;
use crate::act::SignedDecision;
use crate::audit::Event;
use crate::decision::{Decision, Job};
use crate::ids::{Digest, GithubId, PersonId, RepositoryId, RunAttempt, RunId};
use crate::people::events::Proof;
use crate::people::{Role, Signer};
use crate::personal::{Personal, SealRandomness};
use crate::reason::Reason;
use chrono::{DateTime, Duration, TimeZone, Utc};
use std::collections::{BTreeMap, BTreeSet};

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 22, 9, 0, 0).unwrap()
}

fn policy() -> Digest {
    Digest::of(b"policy")
}

fn subject() -> Subject {
    Subject {
        service: "score-api".parse().unwrap(),
        environment: "production".parse().unwrap(),
        image_digest: Field::Known(format!("sha256:{}", "9b".repeat(32)).parse().unwrap()),
        commit_sha: "a".repeat(40).parse().unwrap(),
        base_sha: Field::Known("b".repeat(40).parse().unwrap()),
        config_digest: Field::Known(Digest::of(b"config")),
        migrations_digest: Field::Absent(Absent::NoMigrations),
        plan_digest: Field::Absent(Absent::NotInfrastructure),
        rollback_plan_digest: Field::Known(Digest::of(b"plan")),
        evidence_digest: Field::Known(Digest::of(b"evidence")),
        policy_digest: policy(),
        expires_at: now() + SUBJECT_LIFETIME,
    }
}

fn plan() -> RollbackPlan {
    let subject = subject();
    RollbackPlan::draft(&subject.service, &subject.environment, subject.image_digest, subject.base_sha, false)
}

fn person(n: u64) -> PersonId {
    format!("E-{n}").parse().unwrap()
}

fn key(n: u64) -> crate::ids::KeyId {
    format!("01890000-0000-7000-8000-{n:012}").parse().unwrap()
}

fn engineer(n: u64) -> Signer {
    Signer {
        person: person(n),
        is_admitted: true,
        admitted_roles: BTreeSet::from([Role::Engineer]),
        group_roles: BTreeSet::from([Role::Engineer]),
        facts_at: Some(now()),
        github_id: Some(GithubId(n)),
        active_keys: BTreeSet::from([key(n)]),
    }
}

/// Five engineers, E-1 … E-5, with GitHub ids 1 … 5.
fn people() -> BTreeMap<PersonId, Signer> {
    (1..=5).map(|n| (person(n), engineer(n))).collect()
}

fn held() -> Change {
    let subject = subject();
    Change {
        number: "CHG-2026-000001".parse().unwrap(),
        key: ChangeKey {
            repository_id: RepositoryId(7001),
            run_id: RunId(8836),
            attempt: RunAttempt(1),
            environment: subject.environment.clone(),
        },
        state: State::Held,
        subject_digest: subject.digest(),
        subject,
        requirement: Requirement::two_engineers(),
        contributors: Contributors::collect([(Some(GithubId(5)), Part::Author)]),
        rollback_plan: plan(),
        approvals: vec![],
    }
}

impl Change {
    fn decided_by(mut self, n: u64, decision: SignedDecision) -> Self {
        self.approvals.push(Approval {
            person: person(n),
            decision,
            subject_digest: self.subject_digest.clone(),
            key: key(n),
            signed_at: now(),
            fell_because: None,
            comment: None,
        });
        self
    }
    fn approved_by(self, n: u64) -> Self {
        self.decided_by(n, SignedDecision::Approve)
    }
    fn contributed_by(mut self, n: u64, part: Part) -> Self {
        self.contributors = Contributors::collect([(Some(GithubId(n)), part)]);
        self
    }
}

fn signed(change: &Change, n: u64) -> Signed {
    let comment =
        Personal::seal(person(n).as_str(), &[1; 32], "", &SealRandomness { salt: [0; 32], nonce: [0; 24] }).unwrap();
    let proof = Proof {
        key: key(n),
        act: String::new(),
        client_data_json: String::new(),
        authenticator_data: String::new(),
        signature: String::new(),
    };
    Signed { number: change.number.clone(), person: person(n), subject_digest: change.subject_digest.clone(), comment, proof }
}

fn codes(decision: Decision) -> Vec<String> {
    match decision {
        Decision::Allow(permit) => panic!("allowed: {permit:?}"),
        Decision::Refuse(reasons) => reasons.codes(),
    }
}

fn sign(change: &Change, n: u64, decision: SignedDecision) -> Decision {
    let people = people();
    decide_sign(change, &people[&person(n)], &people, decision, signed(change, n), &policy(), now())
}

#[test]
fn every_part_in_the_making_excludes_and_says_why() {
    for part in [
        Part::Requester, Part::Author, Part::Committer, Part::CoAuthor, Part::LastPusher, Part::Triggerer, Part::ReRunner,
        Part::PullRequestAuthor,
    ] {
        let change = held().contributed_by(1, part);
        assert_eq!(codes(sign(&change, 1, SignedDecision::Approve)), ["contributed"], "{part:?}");
        assert!(matches!(sign(&change, 2, SignedDecision::Approve), Decision::Allow(_)));
    }
}

#[test]
fn two_engineers_open_the_gate_and_one_does_not() {
    assert_eq!(codes(decide_execute(&held(), &people(), &policy(), now())), ["seat_empty", "seat_empty"]);
    assert_eq!(codes(decide_execute(&held().approved_by(1), &people(), &policy(), now())), ["seat_empty"]);
    let Decision::Allow(permit) = decide_execute(&held().approved_by(1).approved_by(2), &people(), &policy(), now()) else {
        panic!("refused")
    };
    let (events, jobs) = permit.into_parts();
    assert!(matches!(&events[..], [Event::ExecutionIntended(e)] if e.seats.len() == 2));
    assert!(matches!(&jobs[..], [Job::AnswerGithub { .. }]));
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
fn a_lost_role_key_admission_or_stale_fact_voids_an_approval_at_execution() {
    let change = held().approved_by(1).approved_by(2);
    let spoil: [(&str, fn(&mut Signer)); 5] = [
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
fn only_ones_own_decision_can_be_withdrawn() {
    let change = held().decided_by(3, SignedDecision::Reject);
    assert_eq!(codes(sign(&change, 1, SignedDecision::Withdraw)), ["nothing_to_withdraw"]);
    assert!(matches!(sign(&change, 3, SignedDecision::Withdraw), Decision::Allow(_)));
}

#[test]
fn a_signature_over_another_subject_is_worth_nothing() {
    let change = held();
    let mut other = signed(&change, 1);
    other.subject_digest = Digest::of(b"staging");
    let people = people();
    let decision =
        decide_sign(&change, &people[&person(1)], &people, SignedDecision::Approve, other, &policy(), now());
    assert_eq!(codes(decision), ["subject_replaced"]);
}

#[test]
fn an_approval_of_an_old_subject_fills_no_seat() {
    let mut change = held().approved_by(1).approved_by(2);
    change.subject.config_digest = Field::Known(Digest::of(b"other values"));
    change.subject_digest = change.subject.digest();
    assert_eq!(codes(decide_execute(&change, &people(), &policy(), now())), ["seat_empty", "seat_empty"]);
}

#[test]
fn whatever_cannot_be_read_keeps_the_gate_shut_and_is_named() {
    let mut change = held();
    change.subject.image_digest = Field::Unreadable(Source::Ecr);
    change.subject.config_digest = Field::Unreadable(Source::Github);
    change.subject_digest = change.subject.digest();
    let people = people();
    let against = reasons_against(&change, &people[&person(1)], &people, SignedDecision::Approve, &policy(), now());
    assert_eq!(against, [Reason::FieldUnreadable("image digest".into()), Reason::FieldUnreadable("deploy values".into())]);
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
        is_admitted: false, admitted_roles: BTreeSet::new(), github_id: None, active_keys: BTreeSet::new(), ..engineer(9)
    };
    let against = reasons_against(&held(), &guest, &people, SignedDecision::Approve, &policy(), now());
    assert_eq!(against, [Reason::NotAdmitted]);
    let auditor = Signer { admitted_roles: BTreeSet::from([Role::Auditor]), group_roles: BTreeSet::from([Role::Auditor]), ..engineer(8) };
    assert!(matches!(&reasons_against(&held(), &auditor, &people, SignedDecision::Approve, &policy(), now())[..], [Reason::RoleNotHeld(_)]));
    let nameless = Signer { github_id: None, ..engineer(7) };
    assert_eq!(reasons_against(&held(), &nameless, &people, SignedDecision::Approve, &policy(), now()), [Reason::NoGithubIdentity]);
}

#[test]
fn reading_the_same_world_again_changes_nothing_and_another_world_replaces_the_subject() {
    let change = held().approved_by(1);
    let later = Subject { expires_at: now() + SUBJECT_LIFETIME + Duration::hours(1), ..subject() };
    assert_eq!(permit_replace_subject(&change, later, change.contributors.clone(), plan()), None);
    let moved = Subject { image_digest: Field::Known(format!("sha256:{}", "cd".repeat(32)).parse().unwrap()), ..subject() };
    let permit = permit_replace_subject(&change, moved, change.contributors.clone(), plan()).unwrap();
    assert!(matches!(permit.events(), [Event::SubjectReplaced(e)] if e.differs == ["image digest"]));
}

#[test]
fn each_field_of_the_subject_is_in_its_digest() {
    let base = subject();
    let other = |f: fn(&mut Subject)| {
        let mut s = subject();
        f(&mut s);
        s.digest()
    };
    let digests = BTreeSet::from([
        base.digest(),
        other(|s| s.service = "consent-service".parse().unwrap()),
        other(|s| s.environment = "staging".parse().unwrap()),
        other(|s| s.image_digest = Field::Absent(Absent::FirstRelease)),
        other(|s| s.commit_sha = "c".repeat(40).parse().unwrap()),
        other(|s| s.base_sha = Field::Absent(Absent::FirstRelease)),
        other(|s| s.config_digest = Field::Unreadable(Source::Github)),
        other(|s| s.migrations_digest = Field::Known(Digest::of(b"m"))),
        other(|s| s.plan_digest = Field::Known(Digest::of(b"p"))),
        other(|s| s.rollback_plan_digest = Field::Known(Digest::of(b"r"))),
        other(|s| s.evidence_digest = Field::Known(Digest::of(b"e"))),
        other(|s| s.policy_digest = Digest::of(b"q")),
        other(|s| s.expires_at += Duration::microseconds(1)),
    ]);
    assert_eq!(digests.len(), 13);
}

#[test]
fn the_subject_vector_holds() {
    let text = include_str!("../../vectors/subject.json");
    let vector: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(String::from_utf8(subject().to_bytes().unwrap()).unwrap(), vector["bytes"].as_str().unwrap());
    assert_eq!(subject().digest().as_str(), vector["digest"].as_str().unwrap());
    let read: Subject = serde_json::from_value(serde_json::to_value(subject()).unwrap()).unwrap();
    assert_eq!(read, subject());
}

#[test]
fn a_new_attempt_ends_the_held_one_and_leaves_an_executing_one_to_its_job() {
    let opened = |change: &Change| Opened {
        number: "CHG-2026-000002".parse().unwrap(),
        key: change.key.clone(),
        subject: subject(),
        subject_digest: subject().digest(),
        requirement: Requirement::two_engineers(),
        contributors: change.contributors.clone(),
        rollback_plan: plan(),
    };
    let old = held();
    assert_eq!(permit_open(opened(&old), Some(&old)).events().len(), 2);
    let executing = Change { state: State::Executing, ..held() };
    assert_eq!(permit_open(opened(&old), Some(&executing)).events().len(), 1);
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
