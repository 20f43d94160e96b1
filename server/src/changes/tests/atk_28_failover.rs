//! ATK-28: the database took a write, the world acted on it, and a failover lost it. And what else lets a run go without
//! asking: nothing of it stays unseen, and nothing is released twice.

use super::super::repair;
use crate::testing::{Held, TestPortal};
use gatehouse_domain::audit::Event;
use gatehouse_domain::changes::events::Gone;

/// Both approved.
async fn approved(portal: &TestPortal) -> Held {
    let held = portal.held("score-api", "rohandas").await;
    portal.signer("E-1001").await.approve(&held.number).await.unwrap();
    portal.signer("E-1003").await.approve(&held.number).await.unwrap();
    held
}

/// What the standby did not get before it took over: everything after the first `kept` entries about the change.
async fn fail_over(portal: &TestPortal, held: &Held, kept: usize, state: &str) {
    let number = &held.number;
    let last = format!(
        "SELECT xid::text::bigint, ord FROM audit_entries WHERE about_id = '{number}'
         AND act <> 'changes.plan_confirmed'
         ORDER BY xid::text::bigint, ord OFFSET {} LIMIT 1",
        kept - 1
    );
    portal
        .db
        .lose(&[
            format!("DELETE FROM audit_entries WHERE (xid::text::bigint, ord) > ({last})"),
            format!("UPDATE changes_changes SET state = '{state}', ended_at = NULL, answered_at = NULL WHERE number = '{number}'"),
            "DELETE FROM changes_approvals WHERE entry_id NOT IN (SELECT id FROM audit_entries)".to_owned(),
            "DELETE FROM changes_answers".to_owned(),
            "DELETE FROM jobs._private_jobs".to_owned(),
        ])
        .await;
}

async fn found(portal: &TestPortal, held: &Held) -> Option<Gone> {
    let entries = portal.entries().await;
    entries.iter().find_map(|entry| match &entry.event {
        Event::RunGone(e) if e.number == held.number => Some(e.how),
        _ => None,
    })
}

/// The intent survived; that it was being sent, and that it was, did not. GitHub's own history says that the answer was
/// given: it is not given twice, and not taken for cancelled.
#[tokio::test(flavor = "multi_thread")]
async fn atk_28_lost_answer_is_found_in_githubs_history() {
    let portal = TestPortal::start().await;
    let held = approved(&portal).await;
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(held.run));
    fail_over(&portal, &held, 4, "executing").await;
    let calls = portal.twin.faults().calls("github.callback");
    crate::changes::sweep(&portal.ctx).await.unwrap();
    portal.run_jobs().await;
    assert_eq!(portal.twin.faults().calls("github.callback"), calls, "spoken to twice");
    let acts = portal.acts_about(held.number.as_str()).await;
    assert_eq!(acts[3..], ["changes.execution_intended", "changes.github_answered"], "{acts:?}");
    assert_eq!(portal.browser("E-1003").await.change(&held.number).await.row.status.word, "Released");
    assert_eq!(portal.twin.github().answers(held.run).len(), 1);
}

/// The intent was lost, or an approval too: this log cannot say why production was released, and says so.
#[tokio::test(flavor = "multi_thread")]
async fn atk_28_orphan_dispatch_is_found_and_said_on_every_page() {
    for kept in [2, 3] {
        let portal = TestPortal::start().await;
        let held = approved(&portal).await;
        portal.run_jobs().await;
        fail_over(&portal, &held, kept, "held").await;
        repair(&portal.ctx).await.unwrap();
        assert_eq!(found(&portal, &held).await, Some(Gone::ReleasedInOurName), "{kept} entries survived");
        let leela = portal.browser("E-1003").await;
        assert_eq!(leela.change(&held.number).await.row.status.word, "Cancelled");
        let (_, shell) = leela.get("/api/ui/shell").await;
        assert!(shell["notice"].as_str().unwrap().contains(held.number.as_str()), "{shell}");
        // Once, however often it is looked for.
        let watch = portal.watch().await;
        repair(&portal.ctx).await.unwrap();
        watch.saw_nothing().await;
    }
}

/// A person who may review in GitHub cannot make their own release look like ours.
#[tokio::test(flavor = "multi_thread")]
async fn atk_28_release_by_somebody_else_is_not_taken_for_ours() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    portal.twin.github().bypass(held.run, "rohandas").unwrap();
    repair(&portal.ctx).await.unwrap();
    assert_eq!(found(&portal, &held).await, Some(Gone::ReleasedByOthers));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_cancelled_at_github_ends_its_change_calmly() {
    let portal = TestPortal::start().await;
    let (held, other) = (portal.held("score-api", "rohandas").await, portal.held("consent-service", "rohandas").await);
    portal.twin.github().cancel(held.run).unwrap();
    repair(&portal.ctx).await.unwrap();
    assert_eq!(found(&portal, &held).await, Some(Gone::Ended));
    assert_eq!(found(&portal, &other).await, None, "it waits");
    let (_, shell) = portal.browser("E-1003").await.get("/api/ui/shell").await;
    assert!(shell["notice"].is_null(), "{shell}");
}

/// What cannot be read is not gone.
#[tokio::test(flavor = "multi_thread")]
async fn a_github_that_does_not_answer_ends_nothing() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    portal.twin.github().cancel(held.run).unwrap();
    portal.twin.faults().fail("github.run", 500, 1000);
    repair(&portal.ctx).await.unwrap_err();
    assert_eq!(found(&portal, &held).await, None);
}
