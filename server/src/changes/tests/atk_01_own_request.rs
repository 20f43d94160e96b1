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
    push.merged_pr =
        Some(MergedPr { title: "Tighten".to_owned(), by: "asha-rao".to_owned(), merged_by: "leela-m".to_owned() });
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
