//! GitHub hangs, refuses, asks for quiet, breaks off before or after it acted: nothing is lost, nothing is answered twice.

use crate::testing::{Browser, Held, TestPortal, is_full};
use std::time::Duration;
use twin::Fault;

/// What stands in the log of a change that went as it should.
const STORY: [&str; 5] =
    ["changes.opened", "changes.approved", "changes.approved", "changes.execution_intended", "changes.github_answered"];

/// Two engineers and a held change that both have approved; nothing has been executed yet.
async fn approved<'a>(portal: &TestPortal, by: &[Browser<'a>; 2]) -> Held {
    let held = portal.held("score-api", "rohandas").await;
    for engineer in by {
        engineer.approve(&held.number).await.unwrap();
    }
    held
}

async fn engineers(portal: &TestPortal) -> [Browser<'_>; 2] {
    [portal.signer("E-1001").await, portal.signer("E-1003").await]
}

/// Lets minutes pass until the change has left `executing`; bounded.
async fn settle(portal: &TestPortal, held: &Held) -> String {
    let settled = async {
        loop {
            // What is done each minute: whatever waits is asked for again.
            crate::changes::sweep(&portal.ctx).await.unwrap();
            portal.run_jobs().await;
            let state: String = sqlx::query_scalar("SELECT state FROM changes_changes WHERE number = $1")
                .bind(held.number.as_str())
                .fetch_one(&portal.db.owner)
                .await
                .unwrap();
            if !["held", "executing"].contains(&state.as_str()) {
                return state;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let settled = tokio::time::timeout(Duration::from_secs(40), settled).await;
    settled.unwrap_or_else(|_| panic!("{} does not settle", held.number))
}

/// The change was released, GitHub took one answer, and the log tells one story.
async fn released_once(portal: &TestPortal, held: &Held, what: &str) {
    assert_eq!(settle(portal, held).await, "released", "{what}");
    assert!(portal.twin.github().job_released(held.run), "{what}");
    assert_eq!(portal.twin.github().answers(held.run).len(), 1, "{what}");
    assert_eq!(portal.story_of(held.number.as_str()).await, STORY, "{what}");
    assert!(portal.failed_jobs().await.is_empty(), "{what}: {:?}", portal.failed_jobs().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_github_does_at_whatever_call_it_is_answered_once() {
    let portal = TestPortal::start().await;
    let engineers = engineers(&portal).await;
    let [run, pending, answer] = ["github.run", "github.pending", "github.callback"];
    let all = [500, 502, 503, 504, 408].map(Fault::Fail).into_iter().chain([Fault::Drop, Fault::Lose, Fault::Quiet(1)]);
    let every = all.flat_map(|trouble| [run, pending, answer].map(|call| (call, trouble)));
    let some = [(run, Fault::Fail(503)), (pending, Fault::Drop), (answer, Fault::Lose), (answer, Fault::Fail(408))];
    let troubles: Vec<_> = if is_full() { every.collect() } else { some.to_vec() };
    for (call, trouble) in troubles {
        let held = approved(&portal, &engineers).await;
        // Three times: a read is tried twice by the client itself.
        portal.twin.faults().arm(call, trouble, 3);
        portal.run_jobs().await;
        released_once(&portal, &held, &format!("{call} {trouble:?}")).await;
        portal.twin.faults().clear();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clear_no_ends_it_at_once_and_says_so() {
    let portal = TestPortal::start().await;
    let engineers = engineers(&portal).await;
    let clear: &[u16] = if is_full() { &[400, 403, 404, 409, 410, 422, 451, 501] } else { &[403, 404, 422] };
    for &status in clear {
        let held = approved(&portal, &engineers).await;
        portal.twin.faults().fail("github.callback", status, 1);
        portal.run_jobs().await;
        assert_eq!(settle(&portal, &held).await, "cancelled", "{status}");
        let acts = portal.acts_about(held.number.as_str()).await;
        assert_eq!(acts[3..], ["changes.execution_intended", "changes.answer_cancelled"], "{status}");
        assert!(portal.twin.github().answers(held.run).is_empty());
        assert!(portal.failed_jobs().await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_after_a_try_that_may_have_arrived_ends_it_too() {
    let portal = TestPortal::start().await;
    let engineers = engineers(&portal).await;
    let held = approved(&portal, &engineers).await;
    portal.twin.faults().fail("github.callback", 503, 1);
    portal.twin.faults().fail("github.callback", 403, 1);
    portal.run_jobs().await;
    assert_eq!(settle(&portal, &held).await, "cancelled");
    assert!(portal.twin.github().answers(held.run).is_empty());
    assert!(portal.failed_jobs().await.is_empty(), "it is tried for ever");
    let notes: i64 =
        sqlx::query_scalar("SELECT count(*) FROM changes_answers").fetch_one(&portal.db.owner).await.unwrap();
    assert_eq!(notes, 0, "GitHub said no, and the note that it may have been told stands");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_arrived_is_found_in_the_runs_history_and_not_said_again() {
    let portal = TestPortal::start().await;
    let engineers = engineers(&portal).await;
    // The run waits on, for another App's rule: that it waits does not say that our answer was lost.
    portal.twin.github().wait_for_another_rule(true);
    let held = approved(&portal, &engineers).await;
    portal.twin.faults().lose("github.callback", 1);
    portal.run_jobs().await;
    assert_eq!(settle(&portal, &held).await, "released");
    assert_eq!(portal.twin.faults().calls("github.callback"), 1, "it was said again");
    assert!(portal.twin.github().is_pending(held.run));

    // The history lags behind: it is said again, GitHub refuses, and by then the history tells.
    let held = approved(&portal, &engineers).await;
    portal.twin.faults().lose("github.callback", 1);
    portal.twin.faults().arm("github.approvals", Fault::Lag, 1);
    portal.run_jobs().await;
    assert_eq!(settle(&portal, &held).await, "released");
    assert_eq!(portal.twin.github().answers(held.run).len(), 1);
    assert_eq!(portal.twin.faults().calls("github.callback"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_github_asks_for_quiet_nothing_is_asked() {
    let portal = TestPortal::start().await;
    let engineers = engineers(&portal).await;
    let held = approved(&portal, &engineers).await;
    portal.twin.faults().arm("github.callback", Fault::Quiet(5), 1);
    portal.run_jobs().await;
    let asked = || {
        ["github.run", "github.pending", "github.approvals", "github.callback"]
            .map(|call| portal.twin.faults().calls(call))
    };
    let before = asked();
    for _ in 0..6 {
        crate::changes::sweep(&portal.ctx).await.unwrap();
        portal.run_jobs().await;
        assert_eq!(asked(), before, "GitHub was asked although it asked for quiet");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(portal.failed_jobs().await, ["answer_github"]);
    released_once(&portal, &held, "after the quiet").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_github_that_hangs_holds_up_one_change_and_is_asked_again() {
    let portal = TestPortal::start().await;
    let engineers = engineers(&portal).await;
    let held = approved(&portal, &engineers).await;
    // It did what was asked and then said nothing: only its own history can tell.
    portal.twin.github().wait_for_another_rule(true);
    portal.twin.faults().arm("github.callback", Fault::Hang(Duration::from_secs(60)), 1);
    tokio::time::timeout(Duration::from_secs(25), portal.run_jobs()).await.expect("it was waited for without end");
    assert_eq!(settle(&portal, &held).await, "released");
    assert_eq!(portal.twin.faults().calls("github.callback"), 1);
    assert_eq!(portal.acts_about(held.number.as_str()).await, STORY);
}
