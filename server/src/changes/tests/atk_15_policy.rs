//! ATK-15: a policy that asks too little, or gives no answer, opens nothing; and another policy is another subject.

use crate::testing::{TestPortal, put_policy};
use gatehouse_domain::audit::Event;
use twin::{Edit, PushRun};

const DEFAULT: &str = include_str!("../../../../policies/gatehouse.rego");
const EVERYBODY: [&str; 5] = ["Engineer 1", "Engineer 2", "Security", "Data protection officer", "Guardrail committee"];

/// A policy with this result.
fn answering(result: &str) -> String {
    format!("package gatehouse.promotion\n\nresult := {result}\n")
}

fn asking(asks: &str) -> String {
    answering(&format!(
        "{{\"schema\": \"gatehouse.policy.result/v2\", \"asks\": [{asks}], \"freezes\": [], \"wants\": []}}"
    ))
}

const ENGINEERS: &str = r#"{"rule": "any", "role": "engineer", "seats": 2, "paths": []}"#;

/// One change is opened and says why; everybody is asked; whoever signs is refused in one entry; GitHub hears nothing.
async fn stays_shut(rego: &str, fault: &str) {
    let portal = TestPortal::start_with_policy(rego).await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let view = asha.change(&held.number).await;
    let names: Vec<&str> = view.gate.seats.iter().map(|seat| seat.name.as_str()).collect();
    assert_eq!(names, EVERYBODY, "{rego}");
    let told: Vec<_> = view.gate.reasons.iter().filter(|reason| reason.code == "policy_failed").collect();
    assert!(told.len() == 1 && told[0].sentence.contains(fault), "{rego}: {:?}", view.gate.reasons);
    assert_eq!(view.decided.unwrap().fault.as_deref(), Some(fault));
    let watch = portal.watch().await;
    assert_eq!(asha.approve(&held.number).await.unwrap_err().code, "policy_failed");
    watch.saw_one_refusal("policy_failed").await;
    let watch = portal.watch().await;
    portal.let_jobs_try_again().await;
    watch.saw_nothing().await;
    assert!(portal.twin.github().answers(held.run).is_empty());
    assert_eq!(portal.acts_about(held.number.as_str()).await, ["changes.opened", "audit.refused"]);
    for entry in portal.entries().await {
        if let Event::ChangeOpened(opened) = entry.event {
            assert_eq!(opened.requirement.fault().map(|fault| fault.to_string()).as_deref(), Some(fault));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_15_a_policy_that_does_not_compile() {
    stays_shut("package gatehouse.promotion\n\nresult := {", "it does not compile").await;
    stays_shut("package another\n\nresult := 1\n", "it does not compile").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_15_a_policy_that_loops() {
    let endless = "package gatehouse.promotion\n\nresult := count([1 | some a in numbers.range(1, 3000); some b in numbers.range(1, 3000); some c in numbers.range(1, 3000); a + b == c])\n";
    stays_shut(endless, "it took longer than it may").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_15_a_policy_that_asks_nobody_or_one() {
    stays_shut(&asking(""), "it asks for fewer than two engineers").await;
    stays_shut(
        &asking(r#"{"rule": "any", "role": "engineer", "seats": 1, "paths": []}"#),
        "it asks for fewer than two engineers",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_15_a_policy_that_answers_in_another_shape() {
    const SHAPE: &str = "its answer is not of the documented shape";
    stays_shut(
        &asking(&format!("{ENGINEERS}, {{\"rule\": \"any\", \"role\": \"emperor\", \"seats\": 1, \"paths\": []}}")),
        SHAPE,
    )
    .await;
    stays_shut(
        &answering(&format!(
            "{{\"schema\": \"gatehouse.policy.result/v2\", \"asks\": [{ENGINEERS}], \"freezes\": [], \"wants\": [], \"open\": true}}"
        )),
        SHAPE,
    )
    .await;
    // No value at all, where no rule holds.
    stays_shut("package gatehouse.promotion\n\nresult := 1 if input.service == \"other\"\n", SHAPE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_15_a_policy_whose_builtin_fails_is_no_rule_that_does_not_match() {
    let rego = format!(
        "package gatehouse.promotion\n\nresult := {{\"schema\": \"gatehouse.policy.result/v2\", \"asks\": asks, \"freezes\": [], \"wants\": []}}\n\nasks contains {ENGINEERS}\n\nasks contains {{\"rule\": \"x\", \"role\": \"dpo\", \"seats\": 1, \"paths\": []}} if to_number(input.service) > 0\n"
    );
    stays_shut(&rego, "it ended in an error").await;
}

/// Two engineers approved; then the policy is made to ask less for it, and again more. Each time nothing of it counts.
#[tokio::test(flavor = "multi_thread")]
async fn atk_15_the_policy_is_weakened_and_put_back() {
    let mut portal = TestPortal::start_with_policy(DEFAULT).await;
    let terraform = vec![Edit::Write("services/score-api/terraform/a.tf".to_owned(), "x\n".to_owned())];
    let held = portal.held_by(&PushRun { edits: terraform, ..PushRun::of("score-api", "rohandas") }).await;
    for person in ["E-1001", "E-1003"] {
        portal.signer(person).await.approve(&held.number).await.unwrap();
    }
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run));
    for (rego, seats, person) in [(asking(ENGINEERS), 2, "E-1031"), (DEFAULT.to_owned(), 3, "E-1032")] {
        portal.edit_config(|text| put_policy(text, &rego));
        portal.adopt_file().await;
        portal.advance(chrono::Duration::seconds(1)).await;
        crate::changes::execute(&portal.ctx, &held.number).await.unwrap();
        assert!(!portal.twin.github().job_released(held.run), "approvals under another policy counted");
        let other = portal.signer(person).await;
        let watch = portal.watch().await;
        assert_eq!(other.approve(&held.number).await.unwrap_err().code, "policy_changed");
        watch.saw_one_refusal("policy_changed").await;
        // A minute later it is prepared again, asks for what is asked now, and nobody has signed that.
        crate::changes::sweep(&portal.ctx).await.unwrap();
        portal.run_jobs().await;
        let view = other.change(&held.number).await;
        assert_eq!((view.gate.seats.len(), view.gate.seats.iter().filter(|s| s.by.is_some()).count()), (seats, 0));
        assert!(view.approvals.iter().all(|a| a.fell_because.as_deref().is_some_and(|why| why.contains("policy"))));
        assert!(!portal.twin.github().job_released(held.run));
    }
}

/// Everything is signed, and nothing goes out before the freeze is over; then it does, by itself.
#[tokio::test(flavor = "multi_thread")]
async fn atk_15_nothing_goes_out_in_a_freeze() {
    let until = crate::testing::beginning() + chrono::Duration::hours(2);
    let freeze = format!(
        "{{\"because\": \"Diwali\", \"from\": \"2026-11-01T00:00:00Z\", \"until\": \"{}\"}}",
        until.to_rfc3339()
    );
    let rego = answering(&format!(
        "{{\"schema\": \"gatehouse.policy.result/v2\", \"asks\": [{ENGINEERS}], \"freezes\": [{freeze}], \"wants\": []}}"
    ));
    let portal = TestPortal::start_with_policy(&rego).await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    asha.approve(&held.number).await.unwrap();
    portal.signer("E-1003").await.approve(&held.number).await.unwrap();
    portal.advance(chrono::Duration::hours(2) - chrono::Duration::seconds(1)).await;
    crate::changes::sweep(&portal.ctx).await.unwrap();
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run));
    portal.advance(chrono::Duration::seconds(1)).await;
    crate::changes::sweep(&portal.ctx).await.unwrap();
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(held.run));
}
