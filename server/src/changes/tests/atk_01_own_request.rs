//! ATK-01: requester approves own request, and ATK-04's first cousins: everybody who had a part.

use crate::testing::TestPortal;
use twin::{MergedPr, PushRun};

#[tokio::test(flavor = "multi_thread")]
async fn atk_01_requester_approves_own_request() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let rohan = portal.signer("E-1002").await;
    let watch = portal.watch().await;
    let refused = rohan.approve(&held.number).await.unwrap_err();
    assert_eq!((refused.code.as_str(), refused.status), ("contributed", 403));
    watch.saw_one_refusal("contributed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_01_requester_approves_from_another_browser() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let first = portal.signer("E-1002").await;
    let mut second = portal.browser("E-1002").await;
    second.key = crate::auth::testing::SoftKey::new("E-1002");
    let watch = portal.watch().await;
    assert_eq!(second.approve(&held.number).await.unwrap_err().code, "contributed");
    watch.saw_one_refusal("contributed").await;
    drop(first);
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_01_requester_signs_a_ceremony_that_another_began() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let (rohan, asha) = (portal.signer("E-1002").await, portal.signer("E-1001").await);
    let ceremony = asha.begin(&held.number, "approve").await.unwrap();
    let watch = portal.watch().await;
    let refused = rohan.finish(&ceremony, &rohan.touch(&ceremony)).await.unwrap_err();
    assert_eq!(refused.code, "ceremony_foreign");
    watch.saw_one_refusal("ceremony_foreign").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_01_co_author_opener_pusher_and_re_runner_approve() {
    let portal = TestPortal::start().await;
    let mut push = PushRun::of("score-api", "rohandas");
    push.co_authors = vec!["viyer".to_owned()];
    push.pusher = Some("leela-m".to_owned());
    push.merged_pr = Some(MergedPr {
        title: "Tighten".to_owned(),
        by: "asha-rao".to_owned(),
        merged_by: "leela-m".to_owned(),
        pushed_by: None,
    });
    let held = portal.held_by(&push).await;
    for employee in ["E-1001", "E-1002", "E-1003", "E-1006"] {
        let browser = portal.signer(employee).await;
        let watch = portal.watch().await;
        assert_eq!(browser.approve(&held.number).await.unwrap_err().code, "contributed", "{employee}");
        watch.saw_one_refusal("contributed").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_01_somebody_without_role_key_or_admission_approves() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    for (employee, code) in
        [("E-1005", "role_not_held"), ("E-1007", "role_not_held"), ("E-1001", "no_key"), ("E-1008", "not_admitted")]
    {
        let browser =
            if code == "role_not_held" { portal.signer(employee).await } else { portal.browser(employee).await };
        let watch = portal.watch().await;
        assert_eq!(browser.approve(&held.number).await.unwrap_err().code, code, "{employee}");
        watch.saw_one_refusal(code).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_01_an_author_whom_no_account_identifies_keeps_the_gate_shut_for_all() {
    let portal = TestPortal::start().await;
    let mut push = PushRun::of("score-api", "Rohan <rohan@home.example>");
    push.pusher = Some("rohandas".to_owned());
    let held = portal.held_by(&push).await;
    let asha = portal.signer("E-1001").await;
    let watch = portal.watch().await;
    assert_eq!(asha.approve(&held.number).await.unwrap_err().code, "contributors_unknown");
    watch.saw_one_refusal("contributors_unknown").await;
}

/// The commits say Vikram, the pull request was opened by Vikram; but it was Leela who pushed them there, and Rohan merged.
#[tokio::test(flavor = "multi_thread")]
async fn atk_01_who_pushed_under_anothers_name_or_merged_approves() {
    let portal = TestPortal::start().await;
    let mut push = PushRun::of("score-api", "viyer");
    push.pusher = Some("rohandas".to_owned());
    push.merged_pr = Some(MergedPr {
        title: "Tighten".to_owned(),
        by: "viyer".to_owned(),
        merged_by: "rohandas".to_owned(),
        pushed_by: Some("leela-m".to_owned()),
    });
    let held = portal.held_by(&push).await;
    for employee in ["E-1002", "E-1003", "E-1006"] {
        let browser = portal.signer(employee).await;
        let watch = portal.watch().await;
        assert_eq!(browser.approve(&held.number).await.unwrap_err().code, "contributed", "{employee}");
        watch.saw_one_refusal("contributed").await;
    }
    portal.signer("E-1001").await.approve(&held.number).await.unwrap();
}

/// A commit that lies behind what production runs lists no commits, and so no authors: nobody is certain to be uninvolved.
#[tokio::test(flavor = "multi_thread")]
async fn atk_01_going_back_hides_no_author() {
    let portal = TestPortal::start().await;
    let older = portal.twin.github().push_run(&PushRun::of("score-api", "viyer")).unwrap();
    let newer = portal.twin.github().push_run(&PushRun::of("score-api", "rohandas")).unwrap();
    let sha = portal.twin.github().head_sha(newer).unwrap();
    let digest = portal.twin.ecr().digest("altscore/score-api", &sha).unwrap();
    let image = format!("210987654321.dkr.ecr.ap-south-1.amazonaws.com/altscore/score-api@{digest}");
    portal.twin.kubernetes().set_image("altscore-api", "score-api", "score-api", &image).unwrap();
    let number = portal.ask(older).await;
    let asha = portal.signer("E-1001").await;
    assert_eq!(asha.approve(&number).await.unwrap_err().code, "contributors_unknown");
    assert!(!asha.change(&number).await.files_complete);
}
