//! The promotion as it should go.

use crate::testing::TestPortal;
use chrono::Duration;
use gatehouse_domain::audit::Event;

#[tokio::test(flavor = "multi_thread")]
async fn two_engineers_release_what_github_asked_for_and_every_step_is_in_the_log() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    assert_eq!(asha.change(&held.number).await.row.your_seat.as_deref(), Some("Engineer 1"));

    asha.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run), "one signature released it");
    let view = leela.change(&held.number).await;
    assert_eq!(view.row.status.word, "Held · 1 of 2");
    assert_eq!(view.row.your_seat.as_deref(), Some("Engineer 2"));

    leela.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(held.run));
    let answers = portal.twin.github().answers(held.run);
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(answers[0].comment.contains(held.number.as_str()), "{answers:?}");
    assert!(!answers[0].comment.contains("Asha"), "a name went to GitHub");

    assert_eq!(
        portal.acts_about(held.number.as_str()).await,
        [
            "changes.opened",
            "changes.approved",
            "changes.approved",
            "changes.execution_intended",
            "changes.github_answered"
        ]
    );
    assert_eq!(leela.change(&held.number).await.row.status.word, "Released");
    assert!(portal.failed_jobs().await.is_empty());
    // Everything again: nothing is left to do.
    let before = portal.watch().await;
    crate::changes::execute(&portal.ctx, &held.number).await.unwrap();
    crate::changes::answer(&portal.ctx, &held.number).await.unwrap();
    crate::changes::assess(&portal.ctx, &held.number).await.unwrap();
    before.saw_nothing().await;
    assert_eq!(portal.twin.github().answers(held.run).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_veto_holds_it_until_its_signer_takes_it_back() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let (asha, leela, vikram) =
        (portal.signer("E-1001").await, portal.signer("E-1003").await, portal.signer("E-1006").await);
    vikram.decide(&held.number, "reject").await.unwrap();
    asha.approve(&held.number).await.unwrap();
    leela.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run));
    let view = asha.change(&held.number).await;
    assert_eq!(view.row.status.word, "Held · rejected");
    assert!(
        view.gate.reasons.iter().any(|r| r.code == "vetoed" && r.sentence.starts_with("Vikram Iyer rejected it")),
        "{:?}",
        view.gate.reasons
    );
    assert_eq!(asha.decide(&held.number, "withdraw").await.unwrap()["message"], "Withdrawn.", "Asha's own");
    asha.approve(&held.number).await.unwrap();
    vikram.decide(&held.number, "withdraw").await.unwrap();
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(held.run));
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_tells_github_no() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    portal.signer("E-1001").await.decide(&held.number, "close").await.unwrap();
    portal.run_jobs().await;
    assert_eq!(format!("{:?}", portal.twin.github().answers(held.run)).matches("ejected").count(), 1);
    assert_eq!(
        portal.acts_about(held.number.as_str()).await,
        ["changes.opened", "changes.closed", "changes.github_answered"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_signed_for_72_hours_and_github_hears_no() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    portal.advance(Duration::hours(72) - Duration::seconds(1)).await;
    crate::changes::expire(&portal.ctx).await.unwrap();
    portal.advance(Duration::seconds(1)).await;
    crate::changes::expire(&portal.ctx).await.unwrap();
    portal.run_jobs().await;
    assert_eq!(
        portal.acts_about(held.number.as_str()).await,
        ["changes.opened", "changes.expired", "changes.github_answered"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_attempt_takes_the_place_of_the_first() {
    let portal = TestPortal::start().await;
    let first = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    asha.approve(&first.number).await.unwrap();
    portal.twin.github().rerun(first.run, "leela-m").unwrap();
    let second = portal.ask(first.run).await;
    assert_ne!(second, first.number);
    assert_eq!(asha.change(&first.number).await.row.status.word, "Superseded");
    assert_eq!(asha.change(&second).await.row.status.word, "Held · 0 of 2");
    assert!(portal.twin.github().answers(first.run).is_empty(), "the new attempt was answered in the old one's name");
    // Who started it again had a part in it.
    let leela = portal.signer("E-1003").await;
    assert_eq!(leela.approve(&second).await.unwrap_err().code, "contributed");
}

#[tokio::test(flavor = "multi_thread")]
async fn personal_text_is_in_no_entry() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    portal.signer("E-1001").await.approve(&held.number).await.unwrap();
    for entry in portal.entries().await {
        let text = String::from_utf8(entry.to_bytes().unwrap()).unwrap();
        for secret in ["Asha", "asha", "read it", "192.0.2.7", "@"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        if let Event::Approved(signed) = &entry.event {
            let mut conn = portal.ctx.db.acquire().await.unwrap();
            let opened = crate::audit::open(&mut conn, &portal.ctx, &signed.comment).await.unwrap();
            assert_eq!(opened.as_deref(), Some("read it"));
        }
    }
}
