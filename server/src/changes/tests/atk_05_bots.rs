//! ATK-05: a bot is nobody. It approves nothing, and what it opens was set going by somebody.

use crate::testing::TestPortal;
use twin::world::Person;
use twin::{MergedPr, PushRun};

const ACTIONS: &str = "github-actions[bot]";

fn opened_by_a_bot(merged_by: &str) -> PushRun {
    let mut push = PushRun::of("score-api", ACTIONS);
    push.merged_pr = Some(MergedPr {
        title: "Bump a dependency".to_owned(),
        by: ACTIONS.to_owned(),
        merged_by: merged_by.to_owned(),
        pushed_by: None,
    });
    push
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_05_a_bot_opens_the_request_and_whoever_merged_it_approves() {
    let portal = TestPortal::start().await;
    let held = portal.held_by(&opened_by_a_bot("leela-m")).await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    let watch = portal.watch().await;
    assert_eq!(leela.approve(&held.number).await.unwrap_err().code, "contributed");
    watch.saw_one_refusal("contributed").await;
    asha.approve(&held.number).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_05_a_bot_pushes_and_whoever_started_the_run_approves() {
    let portal = TestPortal::start().await;
    let mut push = PushRun::of("score-api", "rohandas");
    push.author = "viyer".to_owned();
    push.pusher = Some(ACTIONS.to_owned());
    push.event = "workflow_dispatch".to_owned();
    push.triggering_actor = Some("leela-m".to_owned());
    let held = portal.held_by(&push).await;
    let leela = portal.signer("E-1003").await;
    let watch = portal.watch().await;
    assert_eq!(leela.approve(&held.number).await.unwrap_err().code, "contributed");
    watch.saw_one_refusal("contributed").await;
}

/// Who told the bot? Nothing says so, and it may be whoever approves next.
#[tokio::test(flavor = "multi_thread")]
async fn atk_05_bots_open_push_and_merge_it_and_nobody_stands_behind_them() {
    let portal = TestPortal::start().await;
    let held = portal.held_by(&opened_by_a_bot(ACTIONS)).await;
    let asha = portal.signer("E-1001").await;
    let watch = portal.watch().await;
    assert_eq!(asha.approve(&held.number).await.unwrap_err().code, "contributors_unknown");
    watch.saw_one_refusal("contributors_unknown").await;
    // Nor does a later push of a person's answer for it.
    let later = portal.held("score-api", "rohandas").await;
    let watch = portal.watch().await;
    assert_eq!(asha.approve(&later.number).await.unwrap_err().code, "contributors_unknown");
    watch.saw_one_refusal("contributors_unknown").await;
}

/// The bot signs in with an account of its own: it is no person, so it is not let in at all.
#[tokio::test(flavor = "multi_thread")]
async fn atk_05_a_bot_signs_in_to_approve() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let mut bot: Person = twin::world::people().remove(0);
    (bot.sub, bot.employee, bot.login, bot.github_id) = ("u-bot".to_owned(), None, None, None);
    portal.twin.people().add(bot);
    let watch = portal.watch().await;
    let browser = crate::testing::Browser::anonymous(&portal);
    let begun = browser.request(axum::http::Method::GET, "/auth/login?to=/", None).await;
    let provider = begun.headers()["location"].to_str().unwrap().to_owned();
    let back = portal.twin.people().sign_in(&provider, "u-bot").unwrap();
    let path = back.strip_prefix(crate::testing::ORIGIN).unwrap();
    assert_eq!(browser.request(axum::http::Method::GET, path, None).await.status(), axum::http::StatusCode::FORBIDDEN);
    let request =
        serde_json::json!({"number": held.number, "decision": "approve", "comment": "", "subject_digest": ""});
    let refused = browser.call("begin_decision", serde_json::json!({ "request": request })).await.unwrap_err();
    assert_eq!(refused.code, "not_signed_in");
    watch.saw_nothing().await;
    let counted: Vec<_> =
        portal.counted().await.into_iter().map(|(attempt, reason, n)| format!("{attempt} {reason} {n}")).collect();
    assert_eq!(counted, ["changes.decide not_signed_in 1", "people.sign_in no_employee_id 1"]);
}
