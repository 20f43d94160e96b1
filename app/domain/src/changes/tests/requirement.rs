//! What a policy may ask, and what is asked when it cannot tell.

use super::*;
use crate::changes::policy::{Ask, Demand, Freeze, PolicyAnswer, PolicyFault, RESULT_SCHEMA};

fn ask(role: Role, seats: u8, rule: &str, paths: &[&str]) -> Ask {
    Ask { role, rule: rule.to_owned(), seats, paths: paths.iter().map(|p| (*p).to_owned()).collect() }
}

fn answer(asks: &[Ask]) -> PolicyAnswer {
    let (asks, freezes, wants) = (asks.iter().cloned().collect(), BTreeSet::new(), BTreeSet::new());
    PolicyAnswer { schema: RESULT_SCHEMA.to_owned(), asks, freezes, wants }
}

fn engineers() -> Ask {
    ask(Role::Engineer, 2, "any production change", &[])
}

fn changed(paths: &[&str]) -> ChangedFiles {
    ChangedFiles::listed(paths.iter().map(|path| (*path, None)))
}

fn decided(changed: &ChangedFiles, answer: Result<PolicyAnswer, PolicyFault>) -> Requirement {
    proved(changed, answer, None)
}

fn proved(
    changed: &ChangedFiles,
    answer: Result<PolicyAnswer, PolicyFault>,
    scanned: Option<DateTime<Utc>>,
) -> Requirement {
    let (policy_digest, input_digest) = (Digest::of(b"x"), Digest::of(b"x"));
    let proved_at = scanned.into_iter().map(|at| ("trivy".to_owned(), at)).collect();
    let proved_at = &proved_at;
    Requirement::decided(Consulted { policy_digest, input_digest, engine: "test", changed, proved_at, answer })
}

fn names(requirement: &Requirement) -> Vec<&str> {
    requirement.seats.iter().map(|seat| seat.name.as_str()).collect()
}

fn demand(check: &str) -> Demand {
    let rule = format!("{check} is green");
    Demand {
        check: check.to_owned(),
        rule,
        unmet: None,
        emergency_may_skip: false,
        fresh_hours: None,
        by_person: false,
    }
}

fn wanting(demands: &[Demand]) -> PolicyAnswer {
    PolicyAnswer { wants: demands.iter().cloned().collect(), ..answer(&[engineers()]) }
}

const EVERYBODY: [&str; 5] = ["Engineer 1", "Engineer 2", "Security", "Data protection officer", "Guardrail committee"];

#[test]
fn seats_are_what_the_rules_ask_and_say_which_paths_matched() {
    let files = ["a.tf", "b.tf", "c.tf", "d.tf", "dags/x.py"];
    let asks = [
        engineers(),
        ask(Role::Security, 1, "infrastructure", &files[..4]),
        ask(Role::Security, 1, "the pipeline itself", &["a.tf"]),
        ask(Role::Dpo, 1, "data pipeline", &["dags/x.py"]),
    ];
    let requirement = decided(&changed(&files), Ok(answer(&asks)));
    assert_eq!(names(&requirement), ["Engineer 1", "Engineer 2", "Security", "Data protection officer"]);
    let because: Vec<&str> = requirement.seats.iter().map(|seat| seat.because.as_str()).collect();
    assert_eq!(
        because[1..],
        [
            "any production change",
            "infrastructure: a.tf and 3 more; the pipeline itself: a.tf",
            "data pipeline: dags/x.py"
        ]
    );
    let told = requirement.decided.clone().unwrap();
    let rule = told.rules.iter().find(|rule| rule.rule == "infrastructure").unwrap();
    assert_eq!((rule.paths.len(), rule.more.as_deref()), (3, Some("1")));
    assert!(!requirement.is_unsettled());
}

#[test]
fn a_policy_asks_more_but_never_less_and_everything_else_is_no_answer() {
    let one = ask(Role::Engineer, 1, "any", &[]);
    let cases = [
        (answer(&[]), PolicyFault::AsksTooLittle),
        (answer(std::slice::from_ref(&one)), PolicyFault::AsksTooLittle),
        (answer(&[ask(Role::Security, 2, "any", &[])]), PolicyFault::AsksTooLittle),
        // Two rules of one engineer each are one engineer.
        (answer(&[one, ask(Role::Engineer, 1, "other", &[])]), PolicyFault::AsksTooLittle),
        (answer(&[engineers(), ask(Role::Auditor, 1, "reads", &[])]), PolicyFault::WrongShape),
        (answer(&[engineers(), ask(Role::Dpo, 0, "none", &[])]), PolicyFault::WrongShape),
        (answer(&[engineers(), ask(Role::Dpo, 7, "many", &[])]), PolicyFault::WrongShape),
        (answer(&[engineers(), ask(Role::Dpo, 1, "", &[])]), PolicyFault::WrongShape),
        (answer(&[engineers(), ask(Role::Dpo, 1, "e\u{301}", &[])]), PolicyFault::WrongShape),
        (answer(&[engineers(), ask(Role::Dpo, 1, "not changed", &["b"])]), PolicyFault::WrongShape),
        (PolicyAnswer { schema: "v3".to_owned(), ..answer(&[engineers()]) }, PolicyFault::WrongShape),
        (
            PolicyAnswer { schema: "gatehouse.policy.result/v1".to_owned(), ..answer(&[engineers()]) },
            PolicyFault::WrongShape,
        ),
        (wanting(&[Demand { unmet: Some(String::new()), ..demand("a") }]), PolicyFault::WrongShape),
        (wanting(&[Demand { fresh_hours: Some(0), ..demand("a") }]), PolicyFault::WrongShape),
        (wanting(&[demand("a"), Demand { rule: "another".to_owned(), ..demand("a") }]), PolicyFault::WrongShape),
        (wanting(&(0..25).map(|n| demand(&n.to_string())).collect::<Vec<_>>()), PolicyFault::WrongShape),
    ];
    for (given, fault) in cases {
        let requirement = decided(&changed(&["a"]), Ok(given));
        assert_eq!((requirement.fault(), names(&requirement).as_slice()), (Some(fault), &EVERYBODY[..]));
        assert!(requirement.is_unsettled());
    }
    let more = decided(&changed(&["a"]), Ok(answer(&[ask(Role::Engineer, 3, "any", &["a"])])));
    assert_eq!(names(&more), ["Engineer 1", "Engineer 2", "Engineer 3"]);
}

#[test]
fn no_answer_shuts_the_gate_and_asks_everybody() {
    for fault in [PolicyFault::DoesNotCompile, PolicyFault::TookTooLong, PolicyFault::Failed] {
        let requirement = decided(&changed(&["a"]), Err(fault));
        assert_eq!(names(&requirement), EVERYBODY);
        let change = Change { requirement, ..held() };
        assert_eq!(codes(sign(&change, 1, SignedDecision::Approve)), ["policy_failed"]);
        // Saying no is nobody's to forbid.
        assert!(matches!(sign(&change, 1, SignedDecision::Reject), Decision::Allow(_)));
        assert!(codes(decide_execute(&change, &people(), &policy(), now())).contains(&"policy_failed".to_owned()));
    }
}

#[test]
fn what_cannot_be_told_asks_everybody_whatever_the_policy_says() {
    for (doubt, passes) in [
        (Doubt::NoBase, false),
        (Doubt::NotAhead, false),
        (Doubt::Unreadable, true),
        (Doubt::Truncated, false),
        (Doubt::TooMany, false),
        (Doubt::Submodule("vendor/lib".to_owned()), false),
    ] {
        let requirement = decided(&ChangedFiles::unknown(doubt.clone()), Ok(answer(&[engineers()])));
        assert_eq!((names(&requirement).as_slice(), requirement.fault()), (&EVERYBODY[..], None), "{doubt}");
        assert_eq!(requirement.is_unsettled(), passes, "{doubt}");
        assert!(requirement.seats[2].because.contains(&doubt.to_string()), "{:?}", requirement.seats[2]);
        // Their signatures open it: not knowing the files is no fault of the policy.
        assert_eq!(requirement.seats[0].because, "any production change");
    }
}

#[test]
fn a_freeze_shuts_the_gate_while_it_holds_and_forbids_no_signature() {
    let window = Freeze { from: now(), until: now() + Duration::hours(2), because: "Diwali".to_owned() };
    let given = PolicyAnswer { freezes: BTreeSet::from([window]), ..answer(&[engineers()]) };
    let requirement = decided(&changed(&[]), Ok(given));
    assert!(matches!(
        sign(&Change { requirement: requirement.clone(), ..held() }, 1, SignedDecision::Approve),
        Decision::Allow(_)
    ));
    let change = Change { requirement, ..held() }.approved_by(1).approved_by(2);
    let at = |hours: i64| {
        let now = now() + Duration::hours(hours);
        derive_gate(&change, &people(), &policy(), Freshness::LastKnown, now).reasons
    };
    let frozen = [Reason::Frozen("until 2026-11-22T11:00:00Z (Diwali)".to_owned())];
    assert_eq!((at(-1), at(0), at(1), at(2)), (vec![], frozen.to_vec(), frozen.to_vec(), vec![]));
}

#[test]
fn an_entry_holds_what_a_hostile_path_is_called_and_every_rule() {
    let paths: Vec<String> = (0..5).map(|n| format!("e\u{301}\u{7}\u{202e}{}{n}", "\u{10000}".repeat(4000))).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let asks: Vec<Ask> =
        (0..15).map(|n| ask(Role::Dpo, 6, &format!("{n}{}", "r".repeat(190)), &paths)).chain([engineers()]).collect();
    let requirement = decided(&changed(&paths), Ok(answer(&asks)));
    assert_eq!(requirement.fault(), None);
    let bytes = crate::canonical::to_bytes(&requirement).unwrap();
    assert!(bytes.len() < 20_000, "{} bytes", bytes.len());
    let read: Requirement = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(read, requirement);
}

/// What was recorded before policies were evaluated is read as it is, and written again to the byte.
#[test]
fn what_stands_in_old_entries_reads_the_same() {
    let old = r#"{"policy":"two-engineers/v1","seats":[{"name":"Engineer 1","role":"engineer","because":"any production change"},{"name":"Engineer 2","role":"engineer","because":"any production change"}]}"#;
    let read: Requirement = serde_json::from_str(old).unwrap();
    assert_eq!((serde_json::to_string(&read).unwrap().as_str(), &read), (old, &Requirement::two_engineers()));
}

#[test]
fn another_requirement_of_the_same_thing_lets_approvals_fall() {
    let change = held().approved_by(1);
    let more = decided(&changed(&["a"]), Ok(answer(&[engineers(), ask(Role::Dpo, 1, "data", &["a"])])));
    let again = |requirement: &Requirement| {
        permit_replace_subject(&change, subject(), requirement.clone(), change.contributors.clone(), plan())
    };
    assert_eq!(again(&Requirement::two_engineers()), None);
    let permit = again(&more).unwrap();
    let [Event::SubjectReplaced(e)] = permit.events() else { panic!("{permit:?}") };
    assert_eq!((e.differs.as_slice(), &e.requirement), (&["who must sign".to_owned()][..], &Some(more)));
}

#[test]
fn what_is_not_proved_shuts_the_gate_and_forbids_no_signature() {
    let unmet = Demand { unmet: Some("Staging failed. Run it again.".to_owned()), ..demand("staging") };
    let requirement = decided(&changed(&[]), Ok(wanting(&[demand("coverage"), unmet])));
    assert_eq!(requirement.wants().filter(|want| want.unmet.is_none()).count(), 1);
    let change = Change { requirement, ..held() }.approved_by(1);
    assert!(matches!(sign(&change, 2, SignedDecision::Approve), Decision::Allow(_)));
    let change = change.approved_by(2);
    let gate = derive_gate(&change, &people(), &policy(), Freshness::Demanded, now());
    let [Reason::EvidenceWanting { check, unmet }] = gate.reasons.as_slice() else { panic!("{gate:?}") };
    assert_eq!((check.as_str(), unmet.as_str()), ("staging", "Staging failed. Run it again."));
    assert_eq!(codes(decide_execute(&change, &people(), &policy(), now())), ["evidence_wanting"]);
}

#[test]
fn a_proof_is_good_for_so_long_and_a_newer_one_of_the_same_lets_nothing_fall() {
    let fresh = Demand { fresh_hours: Some(24), ..demand("trivy") };
    let at = |scanned| proved(&changed(&[]), Ok(wanting(std::slice::from_ref(&fresh))), scanned);
    let change = Change { requirement: at(Some(now())), ..held() }.approved_by(1).approved_by(2);
    let reasons = |change: &Change, hours: i64, seconds: i64| {
        let now = now() + Duration::hours(hours) + Duration::seconds(seconds);
        derive_gate(change, &people(), &policy(), Freshness::LastKnown, now).reasons
    };
    assert_eq!(reasons(&change, 24, -1), []);
    assert_eq!(reasons(&change, 24, 0), [Reason::EvidenceLapsed("trivy".to_owned())]);
    // Read again: the same, five hours later.
    let newer = at(Some(now() + Duration::hours(5)));
    let (subject, made, plan) = (subject(), change.contributors.clone(), plan());
    assert_eq!(permit_replace_subject(&change, subject, newer.clone(), made, plan), None);
    let later = now() + Duration::hours(24);
    assert_eq!(permit_renew_evidence(&change, &newer, later - Duration::seconds(1)), None, "it still holds");
    assert_eq!(permit_renew_evidence(&change, &change.requirement, later), None, "nothing newer");
    let permit = permit_renew_evidence(&change, &newer, later).unwrap();
    let [Event::EvidenceRenewed(e)] = permit.events() else { panic!("{permit:?}") };
    let renewed = Change { requirement: e.requirement.clone(), ..change.clone() };
    assert_eq!(reasons(&renewed, 24, 0), []);
    assert_eq!(reasons(&renewed, 29, 0), [Reason::EvidenceLapsed("trivy".to_owned())]);
    assert_eq!(permit_renew_evidence(&Change { state: State::Executing, ..change }, &newer, later), None);
    // Nobody says when: it is not fresh.
    assert!(at(None).wants().all(|want| want.unmet.is_some()));
}

#[test]
fn an_entry_holds_every_want_and_reads_them_the_same() {
    let unmet =
        |n: usize| Demand { unmet: Some("é".repeat(200)), fresh_hours: Some(24), ..demand(&format!("{n:02}")) };
    let wants: Vec<Demand> = (0..23).map(unmet).chain([Demand { emergency_may_skip: true, ..demand("z") }]).collect();
    let requirement = decided(&changed(&[]), Ok(wanting(&wants)));
    let bytes = crate::canonical::to_bytes(&requirement).unwrap();
    assert!(bytes.len() < 20_000, "{} bytes", bytes.len());
    let read: Requirement = serde_json::from_slice(&bytes).unwrap();
    assert_eq!((read.wants().count(), &read), (24, &requirement));
}

#[test]
fn what_a_newer_scan_finds_lets_approvals_fall_and_says_so() {
    let found = Demand { unmet: Some("CVE-2026-1 was found.".to_owned()), ..demand("trivy") };
    let change = Change { requirement: decided(&changed(&[]), Ok(wanting(&[demand("trivy")]))), ..held() };
    let change = change.approved_by(1);
    let worse = decided(&changed(&[]), Ok(wanting(&[found])));
    let permit = permit_replace_subject(&change, subject(), worse, change.contributors.clone(), plan()).unwrap();
    let [Event::SubjectReplaced(e)] = permit.events() else { panic!("{permit:?}") };
    assert_eq!(e.differs, ["what trivy found"]);
}

#[test]
fn only_the_rollback_plan_is_wanted_of_a_person_and_nobody_skips_it() {
    let plan = Demand { by_person: true, ..demand(crate::changes::policy::CONFIRMED_PLAN) };
    let fault = |want: Demand| wanting(&[want]).check(&changed(&[])).err();
    assert_eq!(fault(plan.clone()), None);
    let wrong = Some(PolicyFault::WrongShape);
    assert_eq!(fault(Demand { check: "staging".to_owned(), ..plan.clone() }), wrong);
    assert_eq!(fault(Demand { emergency_may_skip: true, ..plan.clone() }), wrong);
    assert_eq!(fault(Demand { fresh_hours: Some(1), ..plan.clone() }), wrong);
    assert_eq!(fault(Demand { unmet: Some("no".to_owned()), ..plan }), wrong);
}
