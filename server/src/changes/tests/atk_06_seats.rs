//! ATK-06: one person, one seat, whatever roles they hold; and seats are matched, not counted.

use crate::testing::TestPortal;
use gatehouse_domain::people::Role::{Engineer, Guardrail, Oncall};

/// Vikram is an engineer and sits in the guardrail committee.
#[tokio::test(flavor = "multi_thread")]
async fn atk_06_one_person_with_two_roles_fills_both_seats() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    portal.require(&held.number, &[Engineer, Guardrail]).await;
    let vikram = portal.signer("E-1006").await;
    vikram.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run), "one person released it");
    let watch = portal.watch().await;
    assert_eq!(vikram.approve(&held.number).await.unwrap_err().code, "already_signed");
    watch.saw_one_refusal("already_signed").await;
    // A second signature written past every check fills no second seat either.
    sqlx::query(
        "INSERT INTO changes_approvals (entry_id, number, person, decision, subject_digest, key_id, proof, signed_at)
         SELECT gen_random_uuid(), number, person, decision, subject_digest, key_id, proof, signed_at FROM changes_approvals",
    )
    .execute(&portal.db.owner)
    .await
    .unwrap_err();
    crate::changes::execute(&portal.ctx, &held.number).await.unwrap();
    assert!(!portal.twin.github().job_released(held.run));
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_06_three_people_who_fit_in_only_one_way_all_sit() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    portal.require(&held.number, &[Engineer, Oncall, Guardrail]).await;
    // Asha could sit as engineer and on call, Vikram as engineer and guardrail, Leela as engineer only.
    portal.signer("E-1001").await.approve(&held.number).await.unwrap();
    portal.signer("E-1006").await.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run), "two people with four roles filled three seats");
    portal.signer("E-1003").await.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(held.run));
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_06_a_role_that_no_seat_asks_for_and_a_seat_that_is_taken() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    portal.require(&held.number, &[Oncall, Guardrail]).await;
    let (leela, asha, vikram) =
        (portal.signer("E-1003").await, portal.signer("E-1001").await, portal.signer("E-1006").await);
    let watch = portal.watch().await;
    assert_eq!(leela.approve(&held.number).await.unwrap_err().code, "role_not_held");
    watch.saw_one_refusal("role_not_held").await;
    portal.require(&held.number, &[Engineer, Guardrail]).await;
    asha.approve(&held.number).await.unwrap();
    let watch = portal.watch().await;
    assert_eq!(leela.approve(&held.number).await.unwrap_err().code, "no_free_seat");
    watch.saw_one_refusal("no_free_seat").await;
    vikram.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(held.run));
}
