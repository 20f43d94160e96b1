//! The gate, case by case and by property. Fixtures are adjectives: `held().authored_by(2).approved_by(1)`.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod contributors;
mod emergency;
mod execution;
mod going_back;
mod habits;
mod interleavings;
mod lane;
mod record;
mod requirement;
mod seats;
mod signing;
mod stolen;
mod subject;

use super::decide::{
    answer_owed, decide_execute, decide_sign, permit_expire, permit_open, permit_renew_evidence,
    permit_replace_subject, reasons_against,
};
use super::events::{Opened, Signed};
use super::lane::Lane;
pub(super) use super::*;
use crate::act::SignedDecision;
use crate::audit::Event;
use crate::decision::{Decision, Job};
use crate::ids::{Digest, GithubId, ImageDigest, PersonId, RepositoryId, RunAttempt, RunId};
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
        waiting_roles: BTreeSet::new(),
        facts_at: Some(now()),
        github_id: Some(GithubId(n)),
        github_aliases: BTreeSet::new(),
        active_keys: BTreeSet::from([key(n)]),
    }
}

fn session(n: u64) -> crate::ids::SessionId {
    format!("01890000-0000-7000-9000-{n:012}").parse().unwrap()
}

/// Five engineers, E-1 … E-5, with GitHub ids 1 … 5.
fn people() -> BTreeMap<PersonId, Signer> {
    (1..=5).map(|n| (person(n), engineer(n))).collect()
}

/// These parts, of a run that engineer 5 started; accounts 1 … 9 are listed.
fn made_by(parts: impl IntoIterator<Item = (Who, Part)>) -> Contributors {
    let started = (Who::Human(GithubId(5)), Part::Triggerer);
    Contributors::collect(parts.into_iter().chain([started]), &(1..=9).map(GithubId).collect())
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
        proposal: None,
        state: State::Held,
        subject_digest: subject.digest(),
        subject,
        requirement: Requirement::two_engineers(),
        contributors: made_by([(Who::Human(GithubId(5)), Part::Author)]),
        rollback_plan: plan(),
        approvals: vec![],
        overtaken_by: None,
        lane: Lane::default(),
        way_back: WayBack::default(),
    }
}

impl Change {
    fn decided_by(mut self, n: u64, decision: SignedDecision) -> Self {
        self.approvals.push(Approval {
            person: person(n),
            decision,
            subject_digest: self.subject_digest.clone(),
            key: key(n),
            session: Some(session(n)),
            signed_at: now(),
            fell_because: None,
        });
        self
    }
    fn approved_by(self, n: u64) -> Self {
        self.decided_by(n, SignedDecision::Approve)
    }
    fn contributed_by(mut self, n: u64, part: Part) -> Self {
        self.contributors = made_by([(Who::Human(GithubId(n)), part)]);
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
    Signed {
        number: change.number.clone(),
        person: person(n),
        subject_digest: change.subject_digest.clone(),
        comment,
        proof,
        session: Some(session(n)),
    }
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
