//! ATK-10: another commit, another tree, another base, after somebody approved.

use crate::testing::{Browser, Held, TestPortal};
use gatehouse_domain::changes::Change;
use twin::{Edit, MergedPr, PushRun};

async fn change(portal: &TestPortal, held: &Held) -> Change {
    let mut conn = portal.ctx.db.acquire().await.unwrap();
    crate::changes::store::get_change(&mut conn, &held.number).await.unwrap()
}

/// Two approvals, and no job has run yet: the worst moment for the world to move.
async fn approved(portal: &TestPortal) -> (Held, Browser<'_>, Browser<'_>) {
    let held = portal.held("score-api", "rohandas").await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    asha.approve(&held.number).await.unwrap();
    leela.approve(&held.number).await.unwrap();
    (held, asha, leela)
}

/// Nothing was released, and every approval fell for this cause.
async fn all_fell(portal: &TestPortal, held: &Held, cause: &str) {
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run), "released what nobody approved");
    assert!(portal.twin.github().answers(held.run).is_empty());
    let approvals = change(portal, held).await.approvals;
    assert_eq!(approvals.len(), 2);
    for approval in approvals {
        let why = approval.fell_because.unwrap();
        assert!(why.contains(cause), "{why}");
    }
    let acts = portal.acts_about(held.number.as_str()).await;
    assert_eq!(acts, ["changes.opened", "changes.approved", "changes.approved", "changes.subject_replaced"]);
}

/// The same tree in another commit: `git commit --amend` of the message, or a rebase onto the same place.
#[tokio::test(flavor = "multi_thread")]
async fn atk_10_same_tree_under_another_sha() {
    let portal = TestPortal::start().await;
    let same =
        || Edit::Write("services/score-api/deploy/values-production.yaml".to_owned(), "replicas: 4\n".to_owned());
    let mut push = PushRun::of("score-api", "rohandas");
    push.edits = vec![same()];
    let first = portal.held_by(&push).await;
    push.title = "The same, said better".to_owned();
    let second = portal.held_by(&push).await;
    let (one, two) = (change(&portal, &first).await.subject, change(&portal, &second).await.subject);
    assert_eq!(one.config_digest, two.config_digest, "the trees differ");
    assert_ne!(one.commit_sha, two.commit_sha);
    let asha = portal.signer("E-1001").await;
    let ceremony = asha.begin(&first.number, "approve").await.unwrap();
    let body = asha.begin(&second.number, "approve").await.unwrap();
    let watch = portal.watch().await;
    assert_eq!(asha.finish(&body, &asha.touch(&ceremony)).await.unwrap_err().code, "signature_invalid");
    watch.saw_one_refusal("signature_invalid").await;
}

/// A push or force-push after the approvals is another run: it begins with none, and the old run is not its.
#[tokio::test(flavor = "multi_thread")]
async fn atk_10_pushed_again_after_one_approval_each() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    asha.approve(&held.number).await.unwrap();
    let run = portal.twin.github().push_again(held.run, "rohandas").unwrap();
    let again = Held { run, number: portal.ask(run).await };
    assert_eq!(leela.change(&again.number).await.row.status.word, "Held · 0 of 2");
    leela.approve(&again.number).await.unwrap();
    portal.run_jobs().await;
    for held in [&held, &again] {
        assert!(!portal.twin.github().job_released(held.run), "one approval of each released {}", held.number);
        assert_eq!(portal.acts_about(held.number.as_str()).await, ["changes.opened", "changes.approved"]);
    }
}

/// The run says that it is about another commit now.
#[tokio::test(flavor = "multi_thread")]
async fn atk_10_head_of_the_run_moved_before_execution() {
    let portal = TestPortal::start().await;
    let (held, ..) = approved(&portal).await;
    let other = portal.twin.github().push_again(held.run, "rohandas").unwrap();
    portal.twin.github().move_head(held.run, &portal.twin.github().head_sha(other).unwrap()).unwrap();
    all_fell(&portal, &held, "commit").await;
}

/// The same between the recorded intent and the answer: nothing is said.
#[tokio::test(flavor = "multi_thread")]
async fn atk_10_head_of_the_run_moved_before_the_answer() {
    let portal = TestPortal::start().await;
    let (held, asha, _) = approved(&portal).await;
    portal.twin.faults().fail("github.callback", 503, 20);
    portal.run_jobs().await;
    let other = portal.twin.github().push_again(held.run, "rohandas").unwrap();
    portal.twin.github().move_head(held.run, &portal.twin.github().head_sha(other).unwrap()).unwrap();
    portal.twin.faults().clear();
    portal.let_jobs_try_again().await;
    assert!(portal.twin.github().answers(held.run).is_empty());
    assert_eq!(asha.change(&held.number).await.row.status.word, "Cancelled");
    assert_eq!(portal.acts_about(held.number.as_str()).await.last(), Some(&"changes.answer_cancelled"));
}

/// Production moved on meanwhile: what the approvers compared with is not what would be replaced.
#[tokio::test(flavor = "multi_thread")]
async fn atk_10_base_moved_after_approval() {
    let portal = TestPortal::start().await;
    let between = portal.twin.github().push_run(&PushRun::of("score-api", "rohandas")).unwrap();
    let (held, ..) = approved(&portal).await;
    let sha = portal.twin.github().head_sha(between).unwrap();
    let digest = portal.twin.ecr().digest("altscore/score-api", &sha).unwrap();
    let image = format!("210987654321.dkr.ecr.ap-south-1.amazonaws.com/altscore/score-api@{digest}");
    portal.twin.kubernetes().set_image("altscore-api", "score-api", "score-api", &image).unwrap();
    all_fell(&portal, &held, "what production runs now").await;
}

/// Another tree comes by a pull request of the same title, branch and people.
#[tokio::test(flavor = "multi_thread")]
async fn atk_10_another_tree_by_the_same_pull_request() {
    let portal = TestPortal::start().await;
    let mut push = PushRun::of("score-api", "rohandas");
    push.merged_pr = Some(MergedPr {
        title: "Tighten".to_owned(),
        by: "rohandas".to_owned(),
        merged_by: "viyer".to_owned(),
        pushed_by: None,
    });
    let first = portal.held_by(&push).await;
    push.edits =
        vec![Edit::Write("services/score-api/deploy/values-production.yaml".to_owned(), "replicas: 99\n".to_owned())];
    let second = portal.held_by(&push).await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    asha.approve(&first.number).await.unwrap();
    let digest_of_first = asha.change(&first.number).await.subject_digest;
    let request = serde_json::json!({"number": second.number, "decision": "approve", "comment": "", "subject_digest": digest_of_first});
    let watch = portal.watch().await;
    let refused = leela.call("begin_decision", serde_json::json!({ "request": request })).await.unwrap_err();
    assert_eq!(refused.code, "subject_replaced");
    watch.saw_one_refusal("subject_replaced").await;
    assert_eq!(leela.change(&second.number).await.row.status.word, "Held · 0 of 2");
}
