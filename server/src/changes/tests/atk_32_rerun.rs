//! ATK-32: an old run that was approved once is run again, on another day. Approvals are used up by one execution (INV-7).

use crate::testing::TestPortal;
use chrono::Duration;

/// The same commit, image, values and people: only the attempt is another. It asks anew, and gets no old approval.
#[tokio::test(flavor = "multi_thread")]
async fn atk_32_old_approved_run_is_run_again() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    portal.signer("E-1001").await.approve(&held.number).await.unwrap();
    portal.signer("E-1003").await.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(held.run));
    for days in [1, 29] {
        portal.advance(Duration::days(days)).await;
        portal.twin.github().rerun(held.run, "rohandas").unwrap();
        let again = portal.ask(held.run).await;
        portal.run_jobs().await;
        assert!(!portal.twin.github().job_released(held.run), "released by what was approved {days} days ago");
        let asha = portal.browser("E-1001").await;
        let view = asha.change(&again).await;
        assert!(view.approvals.is_empty() && view.gate.seats.iter().all(|seat| seat.by.is_none()), "{view:?}");
        assert_eq!(portal.acts_about(again.as_str()).await, ["changes.opened"]);
        // The old change stays what it was, and takes no further signature.
        let watch = portal.watch().await;
        assert_eq!(asha.approve(&held.number).await.unwrap_err().code, "change_not_held");
        watch.saw_one_refusal("change_not_held").await;
    }
}

/// The answer of the first attempt, sent again by a job that was done twice, does not release the second.
#[tokio::test(flavor = "multi_thread")]
async fn atk_32_answer_to_the_old_attempt_is_not_given_to_the_new_one() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    portal.signer("E-1001").await.approve(&held.number).await.unwrap();
    portal.signer("E-1003").await.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    portal.twin.github().rerun(held.run, "rohandas").unwrap();
    portal.ask(held.run).await;
    let calls = portal.twin.faults().calls("github.callback");
    crate::changes::execute(&portal.ctx, &held.number).await.unwrap();
    crate::changes::answer(&portal.ctx, &held.number).await.unwrap();
    assert_eq!(portal.twin.faults().calls("github.callback"), calls);
    assert!(!portal.twin.github().job_released(held.run));
}
