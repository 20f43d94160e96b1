//! ATK-20: two people, one moment. One seat takes one of them; two seats take both.

use super::lawful::all_is_lawful;
use crate::testing::TestPortal;

#[tokio::test(flavor = "multi_thread")]
async fn atk_20_two_approve_in_the_same_moment_for_the_last_seat() {
    let portal = TestPortal::start().await;
    let (asha, leela, vikram) =
        (portal.signer("E-1001").await, portal.signer("E-1003").await, portal.signer("E-1006").await);
    for _ in 0..3 {
        let held = portal.held("score-api", "rohandas").await;
        asha.approve(&held.number).await.unwrap();
        let (one, two) =
            (leela.begin(&held.number, "approve").await.unwrap(), vikram.begin(&held.number, "approve").await.unwrap());
        let entries = portal.entries().await.len();
        let (first, second) = tokio::join!(leela.sign(&one), vikram.sign(&two));
        let lost = match (first, second) {
            (Ok(_), Err(lost)) | (Err(lost), Ok(_)) => lost,
            other => panic!("one seat, and {other:?}"),
        };
        assert_eq!((lost.code.as_str(), lost.reasons.len()), ("no_free_seat", 1));
        let mut said: Vec<_> = portal.entries().await[entries..].iter().map(|e| e.event.act()).collect();
        said.sort_unstable();
        assert_eq!(said, ["audit.refused", "changes.approved"]);
        portal.run_jobs().await;
        assert!(portal.twin.github().job_released(held.run));
        all_is_lawful(&portal, &held).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_20_two_approve_in_the_same_moment_and_both_seats_are_free() {
    let portal = TestPortal::start().await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    // Each has signed where the other signs now: whoever locks in another order than the other waits for ever.
    let (a, b) = (portal.held("score-api", "rohandas").await, portal.held("consent-service", "rohandas").await);
    for held in [&a, &b] {
        let (one, two) =
            (asha.begin(&held.number, "approve").await.unwrap(), leela.begin(&held.number, "approve").await.unwrap());
        let (first, second) = tokio::join!(asha.sign(&one), leela.sign(&two));
        first.unwrap();
        second.unwrap();
    }
    portal.run_jobs().await;
    for held in [&a, &b] {
        all_is_lawful(&portal, held).await;
    }
}

/// Two changes, signed crosswise at the same moment: neither signature may be lost to a deadlock.
#[tokio::test(flavor = "multi_thread")]
async fn atk_20_crosswise_on_two_changes_loses_no_approval() {
    let portal = TestPortal::start().await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    let (a, b) = (portal.held("score-api", "rohandas").await, portal.held("consent-service", "rohandas").await);
    asha.approve(&a.number).await.unwrap();
    leela.approve(&b.number).await.unwrap();
    let (one, two) =
        (leela.begin(&a.number, "approve").await.unwrap(), asha.begin(&b.number, "approve").await.unwrap());
    portal.db.set_slow_clock(portal.now(), 100).await;
    let (first, second) = tokio::join!(leela.sign(&one), asha.sign(&two));
    portal.db.set_clock(portal.now()).await;
    first.unwrap();
    second.unwrap();
}
