//! ATK-23: it crashed after it spoke and before it wrote down that it did. What happened meanwhile must not profit.

use crate::testing::{Held, TestPortal};
use gatehouse_domain::words::six_words;
use twin::{Fault, PushRun};

/// Both have approved, the answer was sent and arrived or not, and nobody recorded what came of it.
async fn crashed_while_answering(portal: &TestPortal, how: Fault) -> Held {
    let held = portal.held("score-api", "rohandas").await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    asha.approve(&held.number).await.unwrap();
    leela.approve(&held.number).await.unwrap();
    portal.twin.faults().arm("github.callback", how, 1);
    portal.run_jobs().await;
    portal.twin.faults().clear();
    assert_eq!(portal.acts_about(held.number.as_str()).await.last(), Some(&"changes.execution_intended"));
    held
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_23_a_new_attempt_after_the_crash_is_not_released_by_the_retry() {
    for how in [Fault::Lose, Fault::Drop] {
        let portal = TestPortal::start().await;
        let held = crashed_while_answering(&portal, how).await;
        let before = portal.twin.github().answers(held.run).len();
        portal.twin.github().rerun(held.run, "rohandas").unwrap();
        let second = portal.ask(held.run).await;
        let calls = portal.twin.faults().calls("github.callback");
        portal.let_jobs_try_again().await;
        assert_eq!(portal.twin.faults().calls("github.callback"), calls, "{how:?}: the second attempt was spoken to");
        assert_eq!(portal.twin.github().answers(held.run).len(), before, "{how:?}");
        assert!(portal.twin.github().is_pending(held.run), "{how:?}: the second attempt waits no longer");
        assert_eq!(portal.acts_about(held.number.as_str()).await.last(), Some(&"changes.answer_cancelled"), "{how:?}");
        assert_eq!(portal.acts_about(second.as_str()).await, ["changes.opened"], "{how:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_23_another_run_of_the_service_is_not_released_by_the_retry() {
    let portal = TestPortal::start().await;
    let held = crashed_while_answering(&portal, Fault::Drop).await;
    let newer = portal.held_by(&PushRun::of("score-api", "rohandas")).await;
    portal.let_jobs_try_again().await;
    assert!(portal.twin.github().job_released(held.run), "the retry was lost");
    assert_eq!(portal.twin.github().answers(held.run).len(), 1);
    assert!(portal.twin.github().answers(newer.run).is_empty() && !portal.twin.github().job_released(newer.run));
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_23_words_of_a_person_in_the_runs_history_are_not_our_answer() {
    let portal = TestPortal::start().await;
    portal.twin.github().wait_for_another_rule(true);
    let held = crashed_while_answering(&portal, Fault::Drop).await;
    // Somebody who may review in GitHub writes there what Gatehouse would have written.
    let mut conn = portal.ctx.db.acquire().await.unwrap();
    let change = super::super::store::get_change(&mut conn, &held.number).await.unwrap();
    let words = format!(
        "{number} approved by 2 people. {url}/changes/{number} · {words}",
        number = held.number,
        url = portal.ctx.config.public_url,
        words = six_words(&change.subject_digest).join(" "),
    );
    portal.twin.github().review_as(held.run, "rohandas", &words).unwrap();
    portal.let_jobs_try_again().await;
    let ours = portal.twin.github().answers(held.run);
    assert_eq!(ours.len(), 1, "the answer was taken for given");
    assert_eq!(ours[0].comment, words, "the person did not write quite what Gatehouse writes");
}
