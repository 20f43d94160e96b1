//! Other rules as they should come into force.

use crate::testing::{Browser, TestPortal, put_policy, replay};
use gatehouse_domain::ChangeNumber;
use gatehouse_domain::audit::Event;

/// The default policy, and one more engineer for everything.
const STRICTER: &str = include_str!("../../../../policies/gatehouse.rego");

/// Everybody who signs for other rules, when Ishaan (E-1031) proposes them: Asha first, then Leela, security, data protection
/// and the guardrail committee.
pub(super) async fn everybody(portal: &TestPortal) -> [Browser<'_>; 5] {
    [
        portal.signer("E-1001").await,
        portal.signer("E-1003").await,
        portal.signer("E-1004").await,
        portal.signer("E-1005").await,
        portal.signer("E-1006").await,
    ]
}

/// They sign, and what follows is done.
pub(super) async fn sign(portal: &TestPortal, signers: &[Browser<'_>], number: &ChangeNumber) {
    for signer in signers {
        signer.approve(number).await.unwrap();
    }
    portal.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_rules_are_proposed_signed_by_everybody_and_in_force_and_what_was_approved_before_falls() {
    let mut portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let everybody = everybody(&portal).await;
    everybody[0].approve(&held.number).await.unwrap();
    let before = portal.ctx.policy_digest.clone();

    portal.edit_config(|text| put_policy(text, &format!("{STRICTER}\n# with a word more\n")));
    let ishaan = portal.signer("E-1031").await;
    let view = ishaan.policy().await;
    let proposal = view.proposal.unwrap();
    assert_eq!((view.digest.as_str(), view.number), (before.as_str(), None), "the file decides nothing");
    assert!(proposal.difference.files.iter().any(|file| file.name == "gatehouse.rego"), "{:?}", proposal.difference);
    let number = ishaan.propose().await.unwrap();

    let change = ishaan.change(&number).await;
    let seats: Vec<&str> = change.gate.seats.iter().map(|seat| seat.name.as_str()).collect();
    assert_eq!(seats, ["Engineer 1", "Engineer 2", "Security", "Data protection officer", "Guardrail committee"]);
    assert!(change.gate.seats.iter().all(|seat| seat.because == "the rules themselves"));
    assert_eq!(change.difference.unwrap(), proposal.difference, "what is signed is what was read");
    assert!(change.subject.iter().any(|field| field.name == "deploy values" && field.value == proposal.digest));
    sign(&portal, &everybody, &number).await;
    assert_eq!(
        portal.acts_about(number.as_str()).await,
        [
            "policy.proposed",
            "changes.approved",
            "changes.approved",
            "changes.approved",
            "changes.approved",
            "changes.approved",
            "changes.execution_intended",
            "policy.came_into_force"
        ]
    );

    // Until this process has noticed, it decides nothing; then the held change is prepared again and nobody has signed it.
    let [_, leela, ..] = everybody;
    let watch = portal.watch().await;
    assert_eq!(leela.approve(&held.number).await.unwrap_err().code, "configuration_moved");
    watch.saw_one_refusal("configuration_moved").await;
    assert!(portal.renew().await && !portal.renew().await);
    assert_eq!(portal.ctx.policy_digest.as_str(), proposal.digest);
    crate::changes::sweep(&portal.ctx).await.unwrap();
    portal.run_jobs().await;
    let asha = portal.browser("E-1001").await;
    let change = asha.change(&held.number).await;
    assert!(change.approvals.iter().all(|a| a.fell_because.as_deref() == Some("policy changed")), "{change:?}");
    assert!(!portal.twin.github().job_released(held.run));
    let view = asha.policy().await;
    assert_eq!(view.number.as_deref(), Some(number.as_str()));
    assert_eq!((view.proposal, view.history.len()), (None, 2));
    assert_eq!(asha.change(&number).await.row.status.word, "In force");

    let entries = portal.entries().await;
    assert!(matches!(&entries[0].event, Event::ConfigurationAdopted(e) if e.digest == before && e.base.is_none()));
    replay::must_rebuild(&mut portal.db.app.acquire().await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_whose_file_says_something_else_decides_by_what_is_in_force_and_says_so() {
    let mut portal = TestPortal::start().await;
    let before = portal.ctx.policy_digest.clone();
    portal.edit_config(|text| *text = text.replace("altscore-dpo", "altscore-everybody"));
    portal.restart().await;
    assert_eq!(portal.ctx.policy_digest, before);
    assert_eq!(portal.ctx.config.digest(), before, "what it decides by is what was kept, value by value");
    assert_ne!(portal.ctx.waiting.get().unwrap(), before);
    let asha = portal.browser("E-1001").await;
    let view = asha.policy().await;
    let row = &view.proposal.unwrap().difference.rows[0];
    assert_eq!((row.place.as_str(), row.after.as_deref()), ("roles.dpo", Some("altscore-everybody")));
    let (_, shell) = asha.get("/api/ui/shell").await;
    assert!(shell["notice"].as_str().unwrap().contains("see Policy"), "{shell}");
    let (_, ready) = asha.get("/readyz").await;
    assert_eq!(ready["notes"][0]["part"], "configuration", "{ready}");
    // Put back, nothing waits.
    portal.edit_config(|text| *text = text.replace("altscore-everybody", "altscore-dpo"));
    let asha = portal.browser("E-1001").await;
    assert_eq!(asha.policy().await.proposal, None);
    assert_eq!(portal.ctx.waiting.get(), None);
}

/// A veto, an expiry and a signed end are those of every change, and GitHub hears of none.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_rules_can_be_vetoed_closed_and_runs_out() {
    let portal = TestPortal::start().await;
    portal.edit_config(|text| *text = text.replace("altscore-dpo", "altscore-everybody"));
    let ishaan = portal.signer("E-1031").await;
    let number = ishaan.propose().await.unwrap();
    let [asha, leela, farah, meera, vikram] = everybody(&portal).await;
    farah.decide(&number, "reject").await.unwrap();
    sign(&portal, &[asha, leela, meera, vikram], &number).await;
    assert_eq!(farah.change(&number).await.row.status.word, "Held · rejected");
    farah.decide(&number, "close").await.unwrap();
    portal.run_jobs().await;
    assert!(!portal.acts_about(number.as_str()).await.contains(&"changes.github_answered"));

    // The same again is another change, which runs out.
    let again = ishaan.propose().await.unwrap();
    assert_ne!(again, number);
    portal.advance(chrono::Duration::hours(72)).await;
    crate::changes::expire(&portal.ctx).await.unwrap();
    crate::changes::sweep(&portal.ctx).await.unwrap();
    portal.run_jobs().await;
    assert_eq!(portal.acts_about(again.as_str()).await, ["policy.proposed", "changes.expired"]);
    assert!(portal.failed_jobs().await.is_empty());
}
