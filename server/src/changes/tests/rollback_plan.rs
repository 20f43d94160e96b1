//! The plan for going wrong: edited, confirmed, part of what is signed.

use super::atk_17_going_back::{deploy, released};
use crate::testing::{Browser, TestPortal};
use gatehouse_domain::ChangeNumber;

/// Sends the form of the page as it stands, with these words in it.
async fn edit(who: &Browser<'_>, number: &ChangeNumber, to: &str, note: &str) -> u16 {
    let shown = who.change(number).await.subject_digest;
    let form = [("number", number.as_str()), ("subject_digest", shown.as_str()), ("to", to), ("note", note)];
    who.form("edit_plan", &form, "application/json").await.status().as_u16()
}

async fn confirm(who: &Browser<'_>, number: &ChangeNumber, digest: &str) -> u16 {
    let form = [("number", number.as_str()), ("plan_digest", digest)];
    who.form("confirm_plan", &form, "application/json").await.status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_plan_is_another_thing_to_sign_and_leads_where_it_says() {
    let portal = TestPortal::start().await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    let first = released(&portal, "score-api", &[&asha, &leela]).await;
    released(&portal, "score-api", &[&asha, &leela]).await;
    let held = portal.held("score-api", "rohandas").await;
    asha.approve(&held.number).await.unwrap();
    let before = asha.change(&held.number).await;
    assert!(before.rollback.targets.contains(&first.number.to_string()), "{:?}", before.rollback);

    assert_eq!(edit(&leela, &held.number, first.number.as_str(), "drain+the+queue").await, 200);
    let after = asha.change(&held.number).await;
    assert_ne!(after.subject_digest, before.subject_digest);
    assert_eq!(after.approvals[0].fell_because.as_deref(), Some("the rollback plan was edited"));
    assert_eq!(after.rollback.edited_by.as_ref().and_then(|by| by.name.as_deref()), Some("Leela Menon"));
    assert_eq!(after.rollback.note.as_deref(), Some("drain the queue"));
    assert!(after.rollback.sentence.contains(first.number.as_str()), "{}", after.rollback.sentence);
    assert!(after.rollback.confirmed_by.is_none());
    for entry in portal.entries().await {
        assert!(!String::from_utf8(entry.to_bytes().unwrap()).unwrap().contains("drain the queue"));
    }

    // The world is read again and says the same: the plan stands, and nothing falls.
    asha.approve(&held.number).await.unwrap();
    crate::changes::assess(&portal.ctx, &held.number).await.unwrap();
    let again = asha.change(&held.number).await;
    assert_eq!(again.subject_digest, after.subject_digest);

    // Confirming changes nothing that is signed.
    assert_eq!(confirm(&asha, &held.number, again.rollback.plan_digest.as_deref().unwrap()).await, 200);
    let confirmed = asha.change(&held.number).await;
    assert_eq!(confirmed.subject_digest, after.subject_digest);
    assert_eq!(confirmed.rollback.confirmed_by.as_ref().map(|by| by.id.as_str()), Some("E-1001"));
    leela.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(held.run));
    let left = asha.change(&held.number).await.rollback.left.unwrap();
    assert_eq!(left.to, first.number.to_string(), "it leads elsewhere than its plan");
    let mut conn = portal.db.owner.acquire().await.unwrap();
    crate::testing::replay::must_rebuild(&mut conn).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_10_a_plan_is_drafted_anew_and_unconfirmed_when_production_moves() {
    let portal = TestPortal::start().await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    let held = portal.held("score-api", "rohandas").await;
    assert_eq!(edit(&asha, &held.number, "", "tell+support").await, 200);
    let plan = asha.change(&held.number).await.rollback.plan_digest.unwrap();
    assert_eq!(confirm(&asha, &held.number, &plan).await, 200);
    let other = released(&portal, "score-api", &[&asha, &leela]).await;
    deploy(&portal, "score-api", &other);
    // The held commit is beside what runs now, so not all is known of it; what is known is read all the same.
    drop(crate::changes::assess(&portal.ctx, &held.number).await);
    let view = asha.change(&held.number).await.rollback;
    assert!(view.edited_by.is_none() && view.confirmed_by.is_none() && view.note.is_none(), "{view:?}");
    // The plan that was read before is not the one that is confirmed now.
    let watch = portal.watch().await;
    assert_eq!(confirm(&asha, &held.number, &plan).await, 409);
    watch.saw_one_refusal("subject_replaced").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_14_plans_of_people_who_may_not_and_plans_that_lead_nowhere() {
    let portal = TestPortal::start().await;
    let (asha, farah) = (portal.signer("E-1001").await, portal.browser("E-1004").await);
    let held = portal.held("score-api", "rohandas").await;
    let other = portal.held("consent-service", "rohandas").await;
    let plan = asha.change(&held.number).await.rollback.plan_digest.unwrap();
    let watch = portal.watch().await;
    assert_eq!(confirm(&farah, &held.number, &plan).await, 403);
    watch.saw_one_refusal("role_not_held").await;
    let watch = portal.watch().await;
    assert_eq!(edit(&farah, &held.number, "", "x").await, 403);
    watch.saw_one_refusal("role_not_held").await;
    for (to, code) in [(other.number.as_str(), "plan_target"), ("CHG-2026-000099", "plan_target"), ("x", "plan_target")]
    {
        let watch = portal.watch().await;
        assert_ne!(edit(&asha, &held.number, to, "").await, 200, "{to}");
        watch.saw_one_refusal(code).await;
    }
    // What was read is not what stands.
    let form = [("number", held.number.as_str()), ("subject_digest", plan.as_str()), ("to", ""), ("note", "")];
    let watch = portal.watch().await;
    assert_eq!(asha.form("edit_plan", &form, "application/json").await.status().as_u16(), 409);
    watch.saw_one_refusal("subject_replaced").await;
    // Twice the same is once.
    assert_eq!(edit(&asha, &held.number, "", "").await, 200);
    let watch = portal.watch().await;
    assert_eq!(edit(&asha, &held.number, "", "").await, 409);
    watch.saw_one_refusal("plan_unchanged").await;
    let plan = asha.change(&held.number).await.rollback.plan_digest.unwrap();
    assert_eq!(confirm(&asha, &held.number, &plan).await, 200);
    let watch = portal.watch().await;
    assert_eq!(confirm(&asha, &held.number, &plan).await, 409);
    watch.saw_one_refusal("already_signed").await;
}
