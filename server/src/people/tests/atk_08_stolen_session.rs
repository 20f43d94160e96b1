//! ATK-08: a session in another's hands: who may say so, and what it takes back.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use crate::testing::{Browser, TestPortal};
use gatehouse_domain::audit::Event;
use http::StatusCode;

async fn session_of(browser: &Browser<'_>) -> String {
    browser.who().await.session_id.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_reports_a_session_from_another_browser_and_approves_again() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    asha.approve(&held.number).await.unwrap();
    let session = session_of(&asha).await;
    let elsewhere = portal.browser("E-1001").await;
    let (_, seen) = elsewhere.get("/api/ui/sessions").await;
    assert_eq!((seen["sessions"].as_array().unwrap().len(), &seen["is_own"]), (2, &true.into()), "{seen}");
    let entries = portal.entries().await.len();
    elsewhere.submit("report_stolen", &[("session", &session)]).await;

    let new: Vec<Event> = portal.entries().await.split_off(entries).into_iter().map(|entry| entry.event).collect();
    assert!(
        matches!(&new[..], [Event::SessionStolen(s), Event::ApprovalVoided(v)]
            if s.session.as_str() == session && v.session == s.session && v.number == held.number),
        "{new:?}"
    );
    assert_eq!(asha.get("/api/ui/home").await.0, StatusCode::UNAUTHORIZED, "the thief is out");
    let view = leela.change(&held.number).await;
    assert_eq!(view.row.status.word, "Held · 0 of 2");
    let fell = view.approvals[0].fell_because.clone().unwrap();
    assert!(fell.contains("stolen"), "{fell}");
    // Whoever was robbed can approve again, with their own key.
    let asked = elsewhere.begin(&held.number, "approve").await.unwrap();
    elsewhere.finish(&asked, &asha.touch(&asked)).await.unwrap();
    leela.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(held.run));
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_08_nobody_but_its_owner_and_security_reports_a_session() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    asha.approve(&held.number).await.unwrap();
    let session = session_of(&asha).await;
    // An engineer, the auditor, a contractor: to see another's sessions, and to end one.
    for employee in ["E-1003", "E-1007", "E-1008"] {
        let other = portal.browser(employee).await;
        let watch = portal.watch().await;
        other.submit("report_stolen", &[("session", &session)]).await;
        watch.saw_one_refusal("role_not_held").await;
        let watch = portal.watch().await;
        let (status, said) = other.get("/api/ui/sessions?person=E-1001").await;
        assert_eq!((status, said["code"].as_str()), (StatusCode::FORBIDDEN, Some("role_not_held")));
        watch.saw_nothing().await;
    }
    // Nobody at all.
    let watch = portal.watch().await;
    Browser::anonymous(&portal).submit("report_stolen", &[("session", &session)]).await;
    watch.saw_nothing().await;
    assert_eq!(portal.counted().await, [("people.report_stolen_session".to_owned(), "not_signed_in".to_owned(), 1)]);
    assert_eq!(asha.get("/api/ui/home").await.0, StatusCode::OK);
    // Security.
    let farah = portal.browser("E-1004").await;
    let (_, seen) = farah.get("/api/ui/sessions?person=E-1001").await;
    assert_eq!((&seen["sessions"][0]["id"], &seen["is_own"]), (&session.as_str().into(), &false.into()), "{seen}");
    farah.submit("report_stolen", &[("session", &session)]).await;
    assert_eq!(asha.get("/api/ui/home").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(portal.acts_about("E-1001").await.last(), Some(&"people.session_stolen"));
    let last = portal.entries().await.pop().unwrap();
    assert_eq!((last.event.act(), last.actor.key().contains("E-1004")), ("changes.approval_voided", true));
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_08_a_session_that_is_not_or_is_reported_already_is_refused_once() {
    let portal = TestPortal::start().await;
    let asha = portal.browser("E-1001").await;
    let other = portal.browser("E-1001").await;
    let session = session_of(&other).await;
    asha.submit("report_stolen", &[("session", &session)]).await;
    let upper = session.to_uppercase();
    for unknown in ["", "x", "00000000-0000-4000-8000-000000000000", &session, &upper] {
        let watch = portal.watch().await;
        asha.submit("report_stolen", &[("session", unknown)]).await;
        watch.saw_one_refusal("session_unknown").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_can_still_be_reported_and_a_veto_and_a_release_stand() {
    let portal = TestPortal::start().await;
    let (held, vetoed) = (portal.held("score-api", "rohandas").await, portal.held("consent-service", "rohandas").await);
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1006").await);
    let released = portal.held("erp-ingestion", "rohandas").await;
    for browser in [&asha, &leela] {
        browser.approve(&released.number).await.unwrap();
    }
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(released.run));
    asha.approve(&held.number).await.unwrap();
    asha.decide(&vetoed.number, "reject").await.unwrap();
    let session = session_of(&asha).await;
    // Noticed three days later.
    portal.advance(chrono::Duration::hours(71)).await;
    crate::people::sweep(&portal.ctx).await.unwrap();
    let later = portal.browser("E-1001").await;
    let entries = portal.entries().await.len();
    later.submit("report_stolen", &[("session", &session)]).await;
    let new: Vec<&'static str> = portal.entries().await.split_off(entries).iter().map(|e| e.event.act()).collect();
    assert_eq!(new, ["people.session_stolen", "changes.approval_voided"], "of three, one was still to be executed");
    assert_eq!(later.change(&vetoed.number).await.row.status.word, "Held · rejected");
    assert_eq!(later.change(&released.number).await.row.status.word, "Released");
    assert_eq!(later.change(&held.number).await.row.status.word, "Held · 0 of 2");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_elsewhere_ends_the_others_and_their_ceremonies_and_nobody_elses() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    let (here, there) = (portal.browser("E-1001").await, portal.browser("E-1001").await);
    asha.begin(&held.number, "approve").await.unwrap();
    here.submit("sign_out_elsewhere", &[]).await;
    for gone in [&asha, &there] {
        assert_eq!(gone.get("/api/ui/home").await.0, StatusCode::UNAUTHORIZED);
    }
    for left in [&here, &leela] {
        assert_eq!(left.get("/api/ui/home").await.0, StatusCode::OK);
    }
    let ceremonies: i64 =
        sqlx::query_scalar("SELECT count(*) FROM people_ceremonies").fetch_one(&portal.db.owner).await.unwrap();
    assert_eq!(ceremonies, 0);
    let last = portal.entries().await.pop().unwrap().event;
    assert!(matches!(&last, Event::SignedOutElsewhere(e) if e.sessions == "2"), "{last:?}");
    let watch = portal.watch().await;
    here.submit("sign_out_elsewhere", &[]).await;
    watch.saw_nothing().await;
    Browser::anonymous(&portal).submit("sign_out_elsewhere", &[]).await;
    assert_eq!(portal.counted().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sign_in_and_signature_names_its_session() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    asha.approve(&held.number).await.unwrap();
    let session = session_of(&asha).await;
    let named = portal.entries().await.into_iter().filter_map(|entry| match entry.event {
        Event::SignedIn(e) => e.session,
        Event::Approved(e) => e.session,
        _ => None,
    });
    assert_eq!(named.map(|id| id.to_string()).collect::<Vec<_>>(), [session.clone(), session]);
}
