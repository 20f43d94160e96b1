//! ATK-04: names on commits are the committer's to choose. Who pushed, merged and started is GitHub's own record.

use crate::testing::{Held, TestPortal};
use twin::{MergedPr, NewCommit, PushRun};

/// Nobody of these may approve, and each attempt is one entry that says why.
async fn all_excluded(portal: &TestPortal, held: &Held, employees: &[&str]) {
    for employee in employees {
        let browser = portal.signer(employee).await;
        let watch = portal.watch().await;
        assert_eq!(browser.approve(&held.number).await.unwrap_err().code, "contributed", "{employee}");
        watch.saw_one_refusal("contributed").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_04_co_author_committer_and_pusher_approve() {
    let portal = TestPortal::start().await;
    let mut push = PushRun::of("score-api", "rohandas");
    push.committer = Some("viyer".to_owned());
    push.co_authors = vec!["asha-rao".to_owned()];
    push.pusher = Some("leela-m".to_owned());
    let held = portal.held_by(&push).await;
    all_excluded(&portal, &held, &["E-1001", "E-1002", "E-1003", "E-1006"]).await;
}

/// `git commit --author="Vikram …"`, the committer rewritten too: nothing in the commit names Leela, who pushed it.
#[tokio::test(flavor = "multi_thread")]
async fn atk_04_author_and_committer_rewritten() {
    let portal = TestPortal::start().await;
    let mut push = PushRun::of("score-api", "viyer");
    push.committer = Some("viyer".to_owned());
    push.pusher = Some("leela-m".to_owned());
    let held = portal.held_by(&push).await;
    all_excluded(&portal, &held, &["E-1003", "E-1006"]).await;
    portal.signer("E-1001").await.approve(&held.number).await.unwrap();
}

/// Leela pushes under Vikram's name, straight to the branch; Rohan's later push starts the run that releases both.
#[tokio::test(flavor = "multi_thread")]
async fn atk_04_pushed_under_anothers_name_below_somebody_elses_push() {
    let portal = TestPortal::start().await;
    let mut hidden = PushRun::of("consent-service", "viyer");
    hidden.pusher = Some("leela-m".to_owned());
    portal.twin.github().push_run(&hidden).unwrap();
    let held = portal.held("score-api", "rohandas").await;
    all_excluded(&portal, &held, &["E-1002", "E-1003", "E-1006"]).await;
    portal.signer("E-1001").await.approve(&held.number).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_04_a_commit_further_down_rewritten_to_nobody() {
    let portal = TestPortal::start().await;
    let mut push = PushRun::of("score-api", "rohandas");
    push.earlier = vec![NewCommit {
        title: "Small thing".to_owned(),
        author: "Nobody <nobody@nowhere.example>".to_owned(),
        committer: Some("rohandas".to_owned()),
        co_authors: Vec::new(),
        edits: Vec::new(),
    }];
    let held = portal.held_by(&push).await;
    let asha = portal.signer("E-1001").await;
    let watch = portal.watch().await;
    assert_eq!(asha.approve(&held.number).await.unwrap_err().code, "contributors_unknown");
    watch.saw_one_refusal("contributors_unknown").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_04_merged_by_a_bot_for_whoever_pushed_and_opened() {
    let portal = TestPortal::start().await;
    let mut push = PushRun::of("score-api", "viyer");
    push.merged_pr = Some(MergedPr {
        title: "Tighten".to_owned(),
        by: "rohandas".to_owned(),
        merged_by: "github-actions[bot]".to_owned(),
        pushed_by: Some("leela-m".to_owned()),
    });
    let held = portal.held_by(&push).await;
    all_excluded(&portal, &held, &["E-1002", "E-1003", "E-1006"]).await;
    portal.signer("E-1001").await.approve(&held.number).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_04_who_started_an_earlier_attempt_approves_a_later_one() {
    let portal = TestPortal::start().await;
    let run = portal.twin.github().push_run(&PushRun::of("score-api", "rohandas")).unwrap();
    portal.twin.github().rerun(run, "leela-m").unwrap();
    portal.twin.github().rerun(run, "viyer").unwrap();
    let number = portal.ask(run).await;
    all_excluded(&portal, &Held { run, number: number.clone() }, &["E-1002", "E-1003", "E-1006"]).await;
    portal.signer("E-1001").await.approve(&number).await.unwrap();
}

/// GitHub's record of pushes does not reach back to what production runs: somebody is unknown.
#[tokio::test(flavor = "multi_thread")]
async fn atk_04_a_push_that_githubs_record_does_not_tell() {
    let portal = TestPortal::start().await;
    portal.twin.faults().fail("github.activity", 404, 1000);
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let watch = portal.watch().await;
    assert_eq!(asha.approve(&held.number).await.unwrap_err().code, "contributors_unknown");
    watch.saw_one_refusal("contributors_unknown").await;
    portal.twin.faults().clear();
}
