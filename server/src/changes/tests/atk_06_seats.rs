//! ATK-06: one person, one seat, whatever roles they hold; and seats are matched, not counted.

use crate::testing::TestPortal;

/// A policy that asks two engineers and one of each of these roles.
fn asking(roles: &[&str]) -> String {
    let more: String = roles
        .iter()
        .map(|role| {
            format!("asks contains {{\"rule\": \"a test asks\", \"role\": \"{role}\", \"seats\": 1, \"paths\": []}}\n")
        })
        .collect();
    format!(
        "package gatehouse.promotion\n
result := {{\"schema\": \"gatehouse.policy.result/v2\", \"asks\": asks, \"freezes\": [], \"wants\": []}}\n
asks contains {{\"rule\": \"any production change\", \"role\": \"engineer\", \"seats\": 2, \"paths\": []}}\n{more}"
    )
}

/// Vikram is an engineer and sits in the guardrail committee.
#[tokio::test(flavor = "multi_thread")]
async fn atk_06_one_person_with_two_roles_fills_both_seats() {
    let portal = TestPortal::start_with_policy(&asking(&["guardrail"])).await;
    let held = portal.held("score-api", "rohandas").await;
    let vikram = portal.signer("E-1006").await;
    portal.signer("E-1001").await.approve(&held.number).await.unwrap();
    vikram.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run), "two persons filled three seats");
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
async fn atk_06_four_people_who_fit_in_only_one_way_all_sit() {
    let portal = TestPortal::start_with_policy(&asking(&["oncall", "guardrail"])).await;
    let held = portal.held("score-api", "rohandas").await;
    // Asha could sit as engineer and on call, Vikram as engineer and guardrail, Leela and Ishaan as engineers only.
    for person in ["E-1001", "E-1006", "E-1003"] {
        portal.signer(person).await.approve(&held.number).await.unwrap();
    }
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run), "three people with five roles filled four seats");
    portal.signer("E-1031").await.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(held.run));
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_06_a_role_that_no_seat_asks_for_and_a_seat_that_is_taken() {
    let portal = TestPortal::start_with_policy(&asking(&["guardrail"])).await;
    let held = portal.held("score-api", "rohandas").await;
    let farah = portal.signer("E-1004").await;
    let watch = portal.watch().await;
    assert_eq!(farah.approve(&held.number).await.unwrap_err().code, "role_not_held");
    watch.saw_one_refusal("role_not_held").await;
    portal.signer("E-1001").await.approve(&held.number).await.unwrap();
    portal.signer("E-1031").await.approve(&held.number).await.unwrap();
    let leela = portal.signer("E-1003").await;
    let watch = portal.watch().await;
    assert_eq!(leela.approve(&held.number).await.unwrap_err().code, "no_free_seat");
    watch.saw_one_refusal("no_free_seat").await;
    portal.signer("E-1006").await.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(held.run));
}
