//! ATK-27: every decision is made to think for a while between what it reads and what it writes, under READ COMMITTED. Two
//! at once must still come out as one after the other: the change's row is locked before anything of it is read.

use super::super::store;
use super::lawful::{all_is_lawful, log_is_lawful};
use crate::testing::TestPortal;

const PAUSE: u32 = 120;

#[tokio::test(flavor = "multi_thread")]
async fn atk_27_two_slow_approvals_for_the_last_seat() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let (asha, leela, vikram) =
        (portal.signer("E-1001").await, portal.signer("E-1003").await, portal.signer("E-1006").await);
    asha.approve(&held.number).await.unwrap();
    let (one, two) =
        (leela.begin(&held.number, "approve").await.unwrap(), vikram.begin(&held.number, "approve").await.unwrap());
    portal.db.set_slow_clock(portal.now(), PAUSE).await;
    let (first, second) = tokio::join!(leela.sign(&one), vikram.sign(&two));
    portal.db.set_clock(portal.now()).await;
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    assert_eq!(first.and(second).unwrap_err().code, "no_free_seat");
    log_is_lawful(&portal, &held.number).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_27_one_person_twice_slowly() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let (one, two) =
        (asha.begin(&held.number, "approve").await.unwrap(), asha.begin(&held.number, "approve").await.unwrap());
    portal.db.set_slow_clock(portal.now(), PAUSE).await;
    let (first, second) = tokio::join!(asha.sign(&one), asha.sign(&two));
    portal.db.set_clock(portal.now()).await;
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    log_is_lawful(&portal, &held.number).await;
}

/// A veto that comes while the execution thinks: it is either in time, or refused because it was not.
#[tokio::test(flavor = "multi_thread")]
async fn atk_27_slow_veto_beside_a_slow_execution() {
    let portal = TestPortal::start().await;
    let (asha, leela, vikram) =
        (portal.signer("E-1001").await, portal.signer("E-1003").await, portal.signer("E-1006").await);
    for head_start in [0, 2, 4] {
        let held = portal.held("score-api", "rohandas").await;
        asha.approve(&held.number).await.unwrap();
        leela.approve(&held.number).await.unwrap();
        let veto = vikram.begin(&held.number, "reject").await.unwrap();
        portal.db.set_slow_clock(portal.now(), PAUSE).await;
        let (executed, vetoed) = tokio::join!(crate::changes::execute(&portal.ctx, &held.number), async {
            // So many of the execution's own pauses later.
            for _ in 0..head_start {
                portal.ctx.now(&mut portal.ctx.db.acquire().await.unwrap()).await.unwrap();
            }
            vikram.sign(&veto).await
        });
        portal.db.set_clock(portal.now()).await;
        executed.unwrap();
        let acts = portal.acts_about(held.number.as_str()).await;
        let (intended, rejected) = (acts.contains(&"changes.execution_intended"), acts.contains(&"changes.rejected"));
        assert!(intended != rejected, "{acts:?}");
        assert_eq!(vetoed.is_ok(), rejected);
        if let Err(refused) = vetoed {
            assert_eq!(refused.code, "change_not_held");
        }
        // Production must stand still before the next round compares with it.
        portal.run_jobs().await;
        all_is_lawful(&portal, &held).await;
    }
}

/// The image changes while somebody signs slowly: no approval stands on what nobody read.
#[tokio::test(flavor = "multi_thread")]
async fn atk_27_slow_approval_beside_a_new_subject() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let ceremony = asha.begin(&held.number, "approve").await.unwrap();
    let sha = portal.twin.github().head_sha(held.run).unwrap();
    portal.twin.ecr().move_tag("altscore/score-api", &sha, &format!("sha256:{}", "ee".repeat(32))).unwrap();
    portal.db.set_slow_clock(portal.now(), PAUSE).await;
    let (assessed, signed) = tokio::join!(crate::changes::assess(&portal.ctx, &held.number), asha.sign(&ceremony));
    portal.db.set_clock(portal.now()).await;
    assessed.unwrap();
    if let Err(refused) = signed {
        assert_eq!(refused.code, "subject_replaced");
    }
    assert_eq!(asha.change(&held.number).await.row.status.word, "Held · 0 of 2");
    log_is_lawful(&portal, &held.number).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_27_two_slow_openings_of_one_promotion() {
    let portal = TestPortal::start().await;
    let run = portal.twin.github().push_run(&twin::PushRun::of("score-api", "rohandas")).unwrap();
    let (a, b) = (portal.twin.github().build_delivery(run).unwrap(), portal.twin.github().build_delivery(run).unwrap());
    portal.deliver(&a).await;
    portal.deliver(&b).await;
    portal.db.set_slow_clock(portal.now(), PAUSE).await;
    let (one, two) = tokio::join!(
        crate::changes::read_delivery(&portal.ctx, &a.guid),
        crate::changes::read_delivery(&portal.ctx, &b.guid)
    );
    portal.db.set_clock(portal.now()).await;
    one.unwrap();
    two.unwrap();
    let opened = portal.entries().await.iter().filter(|e| e.event.act() == "changes.opened").count();
    assert_eq!(opened, 1);
}

/// A new attempt opens while the first one is being executed: one of the two ends it, not both.
#[tokio::test(flavor = "multi_thread")]
async fn atk_27_slow_new_attempt_beside_a_slow_execution() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    portal.signer("E-1001").await.approve(&held.number).await.unwrap();
    portal.signer("E-1003").await.approve(&held.number).await.unwrap();
    portal.twin.github().rerun(held.run, "rohandas").unwrap();
    let delivery = portal.twin.github().build_delivery(held.run).unwrap();
    portal.deliver(&delivery).await;
    portal.db.set_slow_clock(portal.now(), PAUSE).await;
    let (executed, read) = tokio::join!(
        crate::changes::execute(&portal.ctx, &held.number),
        crate::changes::read_delivery(&portal.ctx, &delivery.guid)
    );
    portal.db.set_clock(portal.now()).await;
    executed.unwrap();
    read.unwrap();
    let acts = portal.acts_about(held.number.as_str()).await;
    let (intended, superseded) = (acts.contains(&"changes.execution_intended"), acts.contains(&"changes.superseded"));
    assert!(intended != superseded, "{acts:?}");
    portal.run_jobs().await;
    assert!(portal.twin.github().answers(held.run).is_empty(), "the new attempt was answered in the old one's name");
    log_is_lawful(&portal, &held.number).await;
}

/// The log is in the order of transaction ids, so whoever waits for a change must not have one yet.
#[tokio::test(flavor = "multi_thread")]
async fn atk_27_whoever_waited_stands_after_the_one_it_waited_for() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let who = portal.signer("E-1001").await.who().await;
    let id = async |conn: &mut sqlx::PgConnection| -> Option<u64> {
        let id: Option<String> =
            sqlx::query_scalar("SELECT pg_current_xact_id_if_assigned()::text").fetch_one(conn).await.unwrap();
        id.map(|id| id.parse().unwrap())
    };
    let (mut first, mut second) = (portal.ctx.db.begin().await.unwrap(), portal.ctx.db.begin().await.unwrap());
    crate::people::hold_session(&mut second, &who).await.unwrap();
    store::lock_change(&mut first, &held.number).await.unwrap();
    assert_eq!(id(&mut second).await, None, "it waits, and has a place in the log already");
    let earlier = id(&mut first).await.unwrap();
    let number = held.number.clone();
    let waiting = tokio::spawn(async move {
        store::lock_change(&mut second, &number).await.unwrap();
        second
    });
    portal.db.somebody_waits().await;
    first.commit().await.unwrap();
    let mut second = waiting.await.unwrap();
    assert!(id(&mut second).await.unwrap() > earlier);
}
