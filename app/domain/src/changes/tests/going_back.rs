//! One way back, once, for exactly what ran before (INV-7).

use super::*;
use crate::changes::going_back::{
    Earlier, RollbackToken, decide_go_back, decide_mark, reasons_against_going_back, with_token,
};
use crate::changes::lane::Stop;

fn earlier() -> Earlier {
    let subject = Subject { base_sha: Field::Absent(Absent::FirstRelease), ..subject() };
    Earlier { number: "CHG-2026-000008".parse().unwrap(), subject_digest: subject.digest(), subject, is_marked: false }
}

fn token() -> RollbackToken {
    RollbackToken { minted_by: "CHG-2026-000009".parse().unwrap(), to: earlier(), used_by: None, is_last: true }
}

fn go_back(change: &Change, token: Option<&RollbackToken>, signer: &Signer) -> Decision {
    decide_go_back(change, token, signer, signed(change, 1), &policy(), now())
}

#[test]
fn one_engineer_who_wrote_it_goes_back_by_an_unused_token_though_all_else_stands_against_it() {
    let mut change = held().contributed_by(1, Part::Author);
    change.contributors.unknown.insert(Part::CoAuthor);
    change.lane.stops.push(Stop {
        stop: "01890000-0000-7000-8000-0000000000aa".parse().unwrap(),
        environment: change.key.environment.clone(),
        by: person(3),
        since: now(),
        until: None,
        why: signed(&change, 3).comment,
    });
    let Decision::Allow(permit) = go_back(&change, Some(&token()), &engineer(1)) else { panic!("refused") };
    let (events, jobs) = permit.into_parts();
    let [Event::RolledBack(back), Event::ExecutionIntended(intended)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((back.token.as_str(), back.to.as_str()), ("CHG-2026-000009", "CHG-2026-000008"));
    assert_eq!(intended.subject_digest, change.subject_digest);
    assert!(matches!(&jobs[..], [Job::AnswerGithub { .. }]));
    // The same change takes its approvals otherwise: a token opens no gate.
    assert!(!codes(decide_execute(&change, &people(), &policy(), now())).is_empty());
}

#[test]
fn each_thing_that_stands_against_it_does_so_alone() {
    type Spoil = (&'static str, fn(&mut Change, &mut RollbackToken, &mut Signer));
    let spoil: [Spoil; 17] = [
        ("rollback_token_used", |_, t, _| t.used_by = Some("CHG-2026-000010".parse().unwrap())),
        ("rollback_token_none", |_, t, _| t.is_last = false),
        ("rollback_token_none", |_, t, _| t.to.subject.config_digest = Field::Known(Digest::of(b"other"))),
        ("rollback_token_none", |_, t, _| t.to.subject.migrations_digest = Field::Known(Digest::of(b"other"))),
        ("rollback_token_none", |_, t, _| t.to.subject.plan_digest = Field::Known(Digest::of(b"other"))),
        ("rollback_token_none", |_, t, _| t.to.subject.commit_sha = "c".repeat(40).parse().unwrap()),
        ("rollback_token_none", |_, t, _| t.to.subject.service = "consent-service".parse().unwrap()),
        ("rollback_token_none", |_, t, _| t.to.subject.environment = "staging".parse().unwrap()),
        ("rollback_token_none", |_, t, _| {
            t.to.subject.image_digest = Field::Known(format!("sha256:{}", "9c".repeat(32)).parse().unwrap());
        }),
        ("marked_do_not_return", |c, _, _| c.way_back.marked_on = Some("CHG-2026-000008".parse().unwrap())),
        ("vetoed", |c, _, _| *c = c.clone().decided_by(3, SignedDecision::Reject)),
        ("change_not_held", |c, _, _| c.state = State::Executing),
        ("role_not_held", |_, _, s| s.group_roles.clear()),
        ("not_admitted", |_, _, s| s.is_admitted = false),
        ("key_not_active", |_, _, s| s.active_keys = BTreeSet::from([key(2)])),
        ("no_key", |_, _, s| s.active_keys.clear()),
        ("role_facts_stale", |_, _, s| s.facts_at = Some(now() - Duration::minutes(16))),
    ];
    for (code, spoil) in spoil {
        let (mut change, mut token, mut signer) = (held(), token(), engineer(1));
        spoil(&mut change, &mut token, &mut signer);
        assert_eq!(codes(go_back(&change, Some(&token), &signer)), [code]);
    }
    assert_eq!(codes(go_back(&held(), None, &engineer(1))), ["rollback_token_none"]);
    let on = |policy: &Digest, at| reasons_against_going_back(&held(), Some(&token()), &engineer(1), policy, None, at);
    assert_eq!(on(&Digest::of(b"new"), now()), [Reason::PolicyChanged]);
    assert_eq!(on(&policy(), now() + SUBJECT_LIFETIME), [Reason::SubjectExpired]);
    assert!(on(&policy(), now() + SUBJECT_LIFETIME - Duration::microseconds(1)).is_empty());
    let mut blind = held();
    blind.subject.evidence_digest = Field::Unreadable(Source::Github);
    let of_blind = Signed { subject_digest: blind.subject_digest.clone(), ..signed(&blind, 1) };
    let refused = decide_go_back(&blind, Some(&token()), &engineer(1), of_blind, &policy(), now());
    assert_eq!(codes(refused), ["field_unreadable"]);
    let other = Signed { subject_digest: Digest::of(b"other"), ..signed(&held(), 1) };
    let refused = decide_go_back(&held(), Some(&token()), &engineer(1), other, &policy(), now());
    assert_eq!(codes(refused), ["subject_replaced"]);
}

#[test]
fn whoever_is_on_call_goes_back_and_security_does_not() {
    let role =
        |role| Signer { admitted_roles: BTreeSet::from([role]), group_roles: BTreeSet::from([role]), ..engineer(1) };
    assert!(matches!(go_back(&held(), Some(&token()), &role(Role::Oncall)), Decision::Allow(_)));
    assert_eq!(codes(go_back(&held(), Some(&token()), &role(Role::Security))), ["role_not_held"]);
}

#[test]
fn a_signature_to_go_back_is_no_other_decision_and_no_other_decision_goes_back() {
    assert_eq!(codes(sign(&held(), 1, SignedDecision::GoBack)), ["signature_invalid"]);
}

#[test]
fn a_release_leaves_one_token_behind_for_what_its_plan_names() {
    let answered = || crate::changes::decide::permit_answered(held().number, crate::changes::events::Answer::Approved);
    let base = Earlier { subject: Subject { commit_sha: "b".repeat(40).parse().unwrap(), ..subject() }, ..earlier() };
    let minted =
        |change: &Change, earlier: Option<&Earlier>| with_token(answered(), change, earlier).events().len() == 2;
    assert!(minted(&held(), Some(&base)));
    assert!(!minted(&held(), None), "the first release leads nowhere");
    assert!(!minted(&held(), Some(&earlier())), "what ran before is not what was released before");
    assert!(!minted(&held(), Some(&Earlier { is_marked: true, ..base.clone() })), "a marked version is led to");
    let mut undid = held();
    undid.way_back.undid = Some(base.number.clone());
    assert!(!minted(&undid, Some(&base)), "going back left a way to what was wrong");
    let other = Subject {
        image_digest: Field::Known(format!("sha256:{}", "9c".repeat(32)).parse().unwrap()),
        ..base.subject.clone()
    };
    assert!(!minted(&held(), Some(&Earlier { subject: other, ..base })), "another image of the same commit");
}

#[test]
fn a_mark_is_for_what_went_out_once_and_shuts_every_gate_that_it_comes_to() {
    let released = Change { state: State::Released, ..held() };
    let why = || signed(&held(), 1).comment;
    assert!(matches!(decide_mark(&released, &engineer(1), why()), Decision::Allow(_)));
    assert_eq!(codes(decide_mark(&held(), &engineer(1), why())), ["not_released"]);
    let auditor = Signer { group_roles: BTreeSet::from([Role::Auditor]), ..engineer(1) };
    assert_eq!(codes(decide_mark(&released, &auditor, why())), ["role_not_held"]);
    let mut marked = held().approved_by(1).approved_by(2);
    assert!(matches!(decide_execute(&marked, &people(), &policy(), now()), Decision::Allow(_)));
    marked.way_back.marked_on = Some("CHG-2026-000008".parse().unwrap());
    assert_eq!(codes(decide_execute(&marked, &people(), &policy(), now())), ["marked_do_not_return"]);
    let again = Change { state: State::Released, ..marked };
    assert_eq!(codes(decide_mark(&again, &engineer(1), why())), ["marked_do_not_return"]);
}
