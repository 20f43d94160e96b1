//! ATK-11: a tag is a name. What was approved is a digest, and what the tag names is read again at every step.

use crate::testing::{Browser, Held, TestPortal};

const REPOSITORY: &str = "altscore/score-api";

fn other() -> String {
    format!("sha256:{}", "ee".repeat(32))
}

async fn approved(portal: &TestPortal) -> (Held, Browser<'_>, String) {
    let held = portal.held("score-api", "rohandas").await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    asha.approve(&held.number).await.unwrap();
    leela.approve(&held.number).await.unwrap();
    let sha = portal.twin.github().head_sha(held.run).unwrap();
    (held, asha, sha)
}

/// A multi-arch index is an image like another here: its own digest is what the tag names, so an index with other
/// members under the tag is another digest.
#[tokio::test(flavor = "multi_thread")]
async fn atk_11_index_swapped_under_the_tag_before_execution() {
    let portal = TestPortal::start().await;
    let (held, asha, sha) = approved(&portal).await;
    portal.twin.ecr().push_image(REPOSITORY, &sha, &other());
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run), "digest A was approved, digest B released");
    assert_eq!(asha.change(&held.number).await.row.status.word, "Held · 0 of 2");
    let acts = portal.acts_about(held.number.as_str()).await;
    assert_eq!(acts, ["changes.opened", "changes.approved", "changes.approved", "changes.subject_replaced"]);
    // Back again is not the approvals' coming back.
    let approved = asha.change(&held.number).await.approvals;
    assert!(approved.iter().all(|a| a.fell_because.as_deref().is_some_and(|why| why.contains("image digest"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_11_tag_moved_away_and_back_revives_no_approval() {
    let portal = TestPortal::start().await;
    let (held, asha, sha) = approved(&portal).await;
    let honest = portal.twin.ecr().digest(REPOSITORY, &sha).unwrap();
    portal.twin.ecr().move_tag(REPOSITORY, &sha, &other()).unwrap();
    portal.run_jobs().await;
    portal.twin.ecr().move_tag(REPOSITORY, &sha, &honest).unwrap();
    portal.advance(chrono::Duration::seconds(1)).await;
    crate::changes::assess(&portal.ctx, &held.number).await.unwrap();
    crate::changes::execute(&portal.ctx, &held.number).await.unwrap();
    assert!(!portal.twin.github().job_released(held.run));
    assert_eq!(asha.change(&held.number).await.row.status.word, "Held · 0 of 2");
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_11_tag_removed_before_execution_keeps_it_shut_until_it_is_back() {
    let portal = TestPortal::start().await;
    let (held, _, sha) = approved(&portal).await;
    let honest = portal.twin.ecr().digest(REPOSITORY, &sha).unwrap();
    portal.twin.ecr().remove_tag(REPOSITORY, &sha);
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run));
    portal.twin.ecr().push_image(REPOSITORY, &sha, &honest);
    portal.let_jobs_try_again().await;
    assert!(portal.twin.github().job_released(held.run));
}

/// The intent is recorded, GitHub is away, and meanwhile the tag is pointed elsewhere: what would be deployed now is
/// not what was approved.
#[tokio::test(flavor = "multi_thread")]
async fn atk_11_tag_moved_between_intent_and_answer() {
    let portal = TestPortal::start().await;
    let (held, asha, sha) = approved(&portal).await;
    portal.twin.faults().fail("github.pending", 503, 20);
    portal.run_jobs().await;
    assert_eq!(asha.change(&held.number).await.row.status.word, "Answering GitHub");
    portal.twin.ecr().move_tag(REPOSITORY, &sha, &other()).unwrap();
    portal.twin.faults().clear();
    portal.let_jobs_try_again().await;
    assert!(portal.twin.github().answers(held.run).is_empty());
    assert!(!portal.twin.github().job_released(held.run));
    assert_eq!(asha.change(&held.number).await.row.status.word, "Cancelled");
    assert_eq!(portal.acts_about(held.number.as_str()).await.last(), Some(&"changes.answer_cancelled"));
}
