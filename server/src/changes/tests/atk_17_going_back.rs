//! ATK-17 after rollback: the way back is good once, for exactly what ran before, and for nobody else's (INV-7).

use crate::testing::{Browser, Held, TestPortal};
use chrono::Duration;
use gatehouse_domain::ChangeNumber;
use serde_json::json;
use twin::PushRun;

/// What production runs from now on: the build of this run.
pub(super) fn deploy(portal: &TestPortal, service: &str, held: &Held) {
    let sha = portal.twin.github().head_sha(held.run).unwrap();
    let repository = format!("altscore/{service}");
    let digest = portal.twin.ecr().digest(&repository, &sha).unwrap();
    let row = portal.ctx.config.services.iter().find(|row| row.name.as_str() == service).unwrap();
    let old = portal.twin.kubernetes().image(&row.namespace, &row.deployment, &row.container).unwrap();
    let image = format!("{}@{digest}", old.split('@').next().unwrap());
    portal.twin.kubernetes().set_image(&row.namespace, &row.deployment, &row.container, &image).unwrap();
}

/// Pushed, approved by two, released and running.
pub(super) async fn released(portal: &TestPortal, service: &str, by: &[&Browser<'_>; 2]) -> Held {
    let held = portal.held_by(&PushRun::of(service, "rohandas")).await;
    by[0].approve(&held.number).await.unwrap();
    by[1].approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(held.run), "{:?}", by[0].change(&held.number).await.gate);
    deploy(portal, service, &held);
    held
}

/// A first release, a second one that turns out bad, and the first one's run asked for again.
async fn bad_release(portal: &TestPortal, by: &[&Browser<'_>; 2]) -> (Held, Held, ChangeNumber) {
    let first = released(portal, "score-api", by).await;
    let second = released(portal, "score-api", by).await;
    portal.twin.github().rerun(first.run, "leela-m").unwrap();
    let again = portal.ask(first.run).await;
    (first, second, again)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_touch_goes_back_to_what_ran_before_and_its_use_is_in_the_log() {
    let portal = TestPortal::start().await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    let (first, second, again) = bad_release(&portal, &[&asha, &leela]).await;
    assert_eq!(portal.acts_about(second.number.as_str()).await.last(), Some(&"changes.rollback_minted"));
    assert!(!portal.acts_about(first.number.as_str()).await.contains(&"changes.rollback_minted"));
    let left = asha.change(&second.number).await.rollback.left.unwrap();
    assert_eq!((left.to.as_str(), &left.used_by, &left.void), (first.number.as_str(), &None, &None));
    assert!(!left.run_url.is_empty());

    // Leela started the run again, so she could approve nothing of it; going back is no approval.
    let view = leela.change(&again).await;
    let back = view.rollback.go_back.unwrap();
    assert_eq!((back.to.as_str(), back.undoes.as_str()), (first.number.as_str(), second.number.as_str()));
    assert!(back.allowed.is_allowed() && !view.actions.approve.is_allowed(), "{back:?}");
    leela.decide(&again, "go_back").await.unwrap();
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(first.run));
    assert_eq!(
        portal.acts_about(again.as_str()).await,
        ["changes.opened", "changes.rolled_back", "changes.execution_intended", "changes.github_answered"]
    );
    let left = asha.change(&second.number).await.rollback.left.unwrap();
    assert_eq!(left.used_by.as_deref(), Some(again.as_str()));
    assert!(asha.change(&again).await.rollback.left.is_none(), "going back left a way to what was wrong");
    let mut conn = portal.db.owner.acquire().await.unwrap();
    crate::testing::replay::must_rebuild(&mut conn).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_17_a_way_back_is_good_once() {
    let portal = TestPortal::start().await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    let (first, second, again) = bad_release(&portal, &[&asha, &leela]).await;
    asha.decide(&again, "go_back").await.unwrap();
    portal.run_jobs().await;
    deploy(&portal, "score-api", &first);
    // The same run once more: exactly the same thing, and the token is used.
    portal.twin.github().rerun(first.run, "leela-m").unwrap();
    let third = portal.ask(first.run).await;
    let watch = portal.watch().await;
    assert_eq!(asha.decide(&third, "go_back").await.unwrap_err().code, "rollback_token_used");
    watch.saw_one_refusal("rollback_token_used").await;
    // And what was wrong has no way back either.
    portal.twin.github().rerun(second.run, "leela-m").unwrap();
    let bad = portal.ask(second.run).await;
    let watch = portal.watch().await;
    assert!(asha.decide(&bad, "go_back").await.is_err());
    watch.saw_one_refusal("rollback_token_used").await;
    assert!(!portal.twin.github().job_released(second.run));
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_17_two_go_back_at_once() {
    let portal = TestPortal::start().await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    let (_, _, again) = bad_release(&portal, &[&asha, &leela]).await;
    let (one, two) = (asha.begin(&again, "go_back").await.unwrap(), leela.begin(&again, "go_back").await.unwrap());
    let (touched, other) = (asha.touch(&one), leela.touch(&two));
    let (a, b, c) = tokio::join!(asha.finish(&one, &touched), leela.finish(&two, &other), asha.finish(&one, &touched));
    assert_eq!([&a, &b, &c].into_iter().filter(|r| r.is_ok()).count(), 1, "{a:?} {b:?} {c:?}");
    portal.run_jobs().await;
    let acts = portal.acts_about(again.as_str()).await;
    assert_eq!(acts.iter().filter(|act| **act == "changes.rolled_back").count(), 1, "{acts:?}");
    assert_eq!(acts.iter().filter(|act| **act == "changes.execution_intended").count(), 1, "{acts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_17_the_same_touch_again_after_going_back() {
    let portal = TestPortal::start().await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    let (_, _, again) = bad_release(&portal, &[&asha, &leela]).await;
    let begun = asha.begin(&again, "go_back").await.unwrap();
    let touched = asha.touch(&begun);
    asha.finish(&begun, &touched).await.unwrap();
    portal.run_jobs().await;
    let watch = portal.watch().await;
    assert_eq!(asha.finish(&begun, &touched).await.unwrap_err().code, "ceremony_unknown");
    watch.saw_one_refusal("ceremony_unknown").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_17_a_veto_is_not_turned_into_going_back() {
    let portal = TestPortal::start().await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    let (_, _, again) = bad_release(&portal, &[&asha, &leela]).await;
    // Signed was one word; what the ceremony remembers is another.
    let begun = asha.begin(&again, "reject").await.unwrap();
    let touched = asha.touch(&begun);
    sqlx::query("UPDATE people_ceremonies SET context = jsonb_set(context, '{goes_back}', 'true')")
        .execute(&portal.db.owner)
        .await
        .unwrap();
    let watch = portal.watch().await;
    assert_eq!(asha.finish(&begun, &touched).await.unwrap_err().code, "signature_invalid");
    watch.saw_one_refusal("signature_invalid").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_17_another_services_way_back_and_one_after_a_newer_release() {
    let portal = TestPortal::start().await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    let (_, _, again) = bad_release(&portal, &[&asha, &leela]).await;
    let other = portal.held("consent-service", "rohandas").await;
    let watch = portal.watch().await;
    assert_eq!(asha.decide(&other.number, "go_back").await.unwrap_err().code, "rollback_token_none");
    watch.saw_one_refusal("rollback_token_none").await;
    // A newer release has a way back of its own; the one before is over.
    released(&portal, "score-api", &[&asha, &leela]).await;
    // Who made it is not known, which is no matter here: only that it was read again is.
    drop(crate::changes::assess(&portal.ctx, &again).await);
    let watch = portal.watch().await;
    assert_eq!(asha.decide(&again, "go_back").await.unwrap_err().code, "rollback_token_none");
    watch.saw_one_refusal("rollback_token_none").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_17_going_back_after_a_veto_a_mark_and_the_subjects_end() {
    let portal = TestPortal::start().await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    let (first, _, again) = bad_release(&portal, &[&asha, &leela]).await;
    let vikram = portal.signer("E-1006").await;
    let begun = asha.begin(&again, "go_back").await.unwrap();
    vikram.decide(&again, "reject").await.unwrap();
    let watch = portal.watch().await;
    assert_eq!(asha.finish(&begun, &asha.touch(&begun)).await.unwrap_err().code, "vetoed");
    watch.saw_one_refusal("vetoed").await;
    vikram.decide(&again, "withdraw").await.unwrap();

    // The mark comes between the question and the touch.
    let begun = asha.begin(&again, "go_back").await.unwrap();
    leela.call("mark_version", json!({})).await.unwrap_err();
    let form = [("number", first.number.as_str()), ("why", "it+lost+payments")];
    assert!(leela.form("mark_version", &form, "application/json").await.status().is_success());
    assert!(leela.change(&first.number).await.row.is_marked && leela.change(&again).await.row.is_marked);
    let watch = portal.watch().await;
    assert_eq!(asha.finish(&begun, &asha.touch(&begun)).await.unwrap_err().code, "marked_do_not_return");
    watch.saw_one_refusal("marked_do_not_return").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_17_going_back_after_the_subjects_end() {
    let portal = TestPortal::start().await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    let (_, _, again) = bad_release(&portal, &[&asha, &leela]).await;
    portal.advance(Duration::hours(72)).await;
    asha.sign_in_again().await;
    let watch = portal.watch().await;
    let refused = asha.begin(&again, "go_back").await.unwrap_err();
    assert_eq!(refused.code, "subject_expired");
    watch.saw_one_refusal("subject_expired").await;
}

/// A stopped line and a shut gate hold everything but the way back; a marked version is held though two approve it.
#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_line_does_not_hold_going_back_and_a_mark_holds_an_ordinary_release() {
    let portal = TestPortal::start().await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    let (first, second, again) = bad_release(&portal, &[&asha, &leela]).await;
    let wish = json!({"wish": {"stop": {"environment": "production", "until": null, "why": "payments fail"}}});
    let begun = asha.call("begin_lane", wish).await.unwrap();
    let body = json!({"ceremony": begun["ceremony"], "assertion": asha.touch(&begun).to_string()});
    asha.call("finish_lane", body).await.unwrap();
    asha.decide(&again, "go_back").await.unwrap();
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(first.run));
    deploy(&portal, "score-api", &first);

    let form = [("number", second.number.as_str()), ("why", "it+lost+payments")];
    assert!(leela.form("mark_version", &form, "application/json").await.status().is_success());
    let text =
        portal.entries().await.iter().map(|e| String::from_utf8(e.to_bytes().unwrap()).unwrap()).collect::<String>();
    assert!(!text.contains("lost payments"), "a person's words are in the log");
    portal.twin.github().rerun(second.run, "rohandas").unwrap();
    let bad = portal.ask(second.run).await;
    let codes: Vec<String> = asha.change(&bad).await.gate.reasons.iter().map(|r| r.code.clone()).collect();
    assert!(codes.contains(&"marked_do_not_return".to_owned()), "{codes:?}");
    let watch = portal.watch().await;
    assert!(!leela.form("mark_version", &form, "application/json").await.status().is_success());
    watch.saw_one_refusal("marked_do_not_return").await;
}
