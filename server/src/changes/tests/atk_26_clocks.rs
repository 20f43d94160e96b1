//! ATK-26: whose time is it? The primary database's, and nobody else's.

use crate::testing::TestPortal;
use chrono::{Duration, TimeZone, Utc};

/// The process's clock is decades away from the database's, and has no say.
#[tokio::test(flavor = "multi_thread")]
async fn atk_26_process_clock_decades_off_has_no_say() {
    for year in [2001, 2090] {
        let portal = TestPortal::start_at(Utc.with_ymd_and_hms(year, 3, 1, 9, 0, 0).unwrap(), |_| {}).await;
        let held = portal.held("score-api", "rohandas").await;
        assert!(held.number.as_str().starts_with(&format!("CHG-{year}-")), "{}", held.number);
        let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
        asha.approve(&held.number).await.unwrap();
        leela.approve(&held.number).await.unwrap();
        portal.run_jobs().await;
        assert!(portal.twin.github().job_released(held.run), "{year}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_26_clock_jumps_an_hour_back_and_forth() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    let late = leela.begin(&held.number, "approve").await.unwrap();
    asha.approve(&held.number).await.unwrap();
    // Forward: the ceremony is over by the database's clock.
    portal.advance(Duration::hours(1)).await;
    let again = portal.browser("E-1003").await;
    drop(again);
    portal.advance(Duration::hours(-1)).await;
    // Back: it was never used, and the database says that its five minutes are not over.
    leela.sign(&late).await.unwrap();
    portal.advance(Duration::hours(-1)).await;
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(held.run), "role facts are asked for again at whatever time it is");
}

/// What the identity provider said "in an hour" is not fresh: it was said before the clock was set back, who knows when.
#[tokio::test(flavor = "multi_thread")]
async fn atk_26_role_facts_from_the_future_are_not_fresh() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    portal.signer("E-1001").await.approve(&held.number).await.unwrap();
    portal.signer("E-1003").await.approve(&held.number).await.unwrap();
    portal.advance(Duration::hours(-1)).await;
    portal.twin.people().set_up(false);
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run));
    assert!(!portal.acts_about(held.number.as_str()).await.contains(&"changes.execution_intended"));
    portal.twin.people().set_up(true);
    portal.let_jobs_try_again().await;
    assert!(portal.twin.github().job_released(held.run));
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_26_expired_by_the_database_is_expired_and_stays_so() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    portal.advance(Duration::hours(72)).await;
    let asha = portal.signer("E-1001").await;
    let watch = portal.watch().await;
    assert_eq!(asha.approve(&held.number).await.unwrap_err().code, "subject_expired");
    watch.saw_one_refusal("subject_expired").await;
    crate::changes::expire(&portal.ctx).await.unwrap();
    // The clock is set back: what has ended does not live again.
    portal.advance(Duration::hours(-2)).await;
    let asha = portal.browser("E-1001").await;
    let watch = portal.watch().await;
    assert_eq!(asha.approve(&held.number).await.unwrap_err().code, "change_not_held");
    watch.saw_one_refusal("change_not_held").await;
}

/// Two replicas ask one clock, so they cannot differ, however far their machines do.
#[tokio::test(flavor = "multi_thread")]
async fn atk_26_replicas_agree_to_the_microsecond() {
    let portal = TestPortal::start().await;
    let other = portal.replica(portal.db.app_with(1, ("timezone", "Asia/Kolkata"))).await;
    let mut ours = portal.ctx.db.acquire().await.unwrap();
    let mut theirs = other.db.acquire().await.unwrap();
    assert_eq!(portal.ctx.now(&mut ours).await.unwrap(), other.now(&mut theirs).await.unwrap());
}
