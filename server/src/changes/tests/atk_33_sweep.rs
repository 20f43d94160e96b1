//! ATK-33 over time: webhooks that are lost, late, doubled, out of order, or never made.

use super::super::open::{Asked, Stop, open};
use super::super::repair;
use crate::github::RepoName;
use crate::jobs::Runner;
use crate::testing::TestPortal;
use chrono::{DateTime, Duration, Utc};
use gatehouse_domain::audit::{Actor, Event};
use gatehouse_domain::{Reason, RunId};
use std::net::SocketAddr;
use tokio_util::sync::CancellationToken;
use twin::{Fault, PushRun};

/// A portal that GitHub reaches over HTTP.
async fn reachable() -> TestPortal {
    let portal = TestPortal::start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    portal.twin.set_portal(&format!("http://{}", listener.local_addr().unwrap()));
    let service = portal.router.clone().into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    portal
}

fn push(portal: &TestPortal) -> twin::RunId {
    portal.twin.github().push_run(&PushRun::of("score-api", "rohandas")).unwrap()
}

/// GitHub answers a redelivery before it makes it: waits until each that it was asked for is over.
async fn redelivered(portal: &TestPortal) {
    let over = async {
        let made = |d: &twin::Delivery| d.redelivery && d.settled;
        while (portal.twin.github().deliveries().iter().filter(|d| made(d)).count() as u64)
            < portal.twin.faults().calls("github.redeliver")
        {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), over).await.unwrap();
}

/// By whom changes were opened.
async fn openers(portal: &TestPortal) -> Vec<String> {
    let entries = portal.entries().await;
    let opened = entries.iter().filter(|e| matches!(e.event, Event::ChangeOpened(_)));
    opened.map(|e| e.actor.key()).collect()
}

async fn read_until(portal: &TestPortal) -> DateTime<Utc> {
    sqlx::query_scalar("SELECT read_until FROM github_sweeps").fetch_one(&portal.db.owner).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_33_missing_delivery_is_asked_for_again_and_opens_its_change() {
    // Lost on the way; or something between answered for us, so that GitHub believes that it arrived.
    for fault in [Fault::Drop, Fault::Fail(502), Fault::Fail(202)] {
        let portal = reachable().await;
        portal.twin.faults().arm("webhook", fault, 1);
        let asked_at = portal.twin.clock().now();
        portal.twin.github().ask_for_production(push(&portal)).await.unwrap();
        // The other half of the sweep does not help here: GitHub does not tell which runs wait.
        portal.twin.faults().fail("github.runs", 500, 1000);
        repair(&portal.ctx).await.unwrap_err();
        assert_eq!(portal.twin.faults().calls("github.redeliver"), 0, "it may be on its way still");
        portal.advance(Duration::minutes(1)).await;
        for _ in 0..2 {
            repair(&portal.ctx).await.unwrap_err();
            redelivered(&portal).await;
        }
        assert_eq!(portal.twin.faults().calls("github.redeliver"), 1, "asked once, {fault:?}");
        portal.run_jobs().await;
        assert_eq!(openers(&portal).await, ["github"]);
        assert!(read_until(&portal).await > asked_at, "nothing is missing any more");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_33_redelivery_that_is_lost_too_is_asked_for_later() {
    let portal = reachable().await;
    portal.twin.faults().fail("github.runs", 500, 1000);
    portal.twin.faults().arm("webhook", Fault::Drop, 3);
    let asked_at = portal.twin.clock().now();
    portal.twin.github().ask_for_production(push(&portal)).await.unwrap();
    for (minutes, asked) in [(1, 1), (1, 1), (1, 2), (3, 2), (1, 3), (8, 3)] {
        portal.advance(Duration::minutes(minutes)).await;
        repair(&portal.ctx).await.unwrap_err();
        redelivered(&portal).await;
        assert_eq!(portal.twin.faults().calls("github.redeliver"), asked);
        if asked < 3 {
            assert_eq!(read_until(&portal).await, asked_at, "the log is read from what is missing");
        }
    }
    portal.run_jobs().await;
    assert_eq!(openers(&portal).await, ["github"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_33_delivery_that_arrived_is_not_asked_for_again_whatever_github_believes() {
    let portal = reachable().await;
    portal.twin.faults().arm("webhook", Fault::Lose, 1);
    let delivery = portal.twin.github().ask_for_production(push(&portal)).await.unwrap();
    assert_eq!(delivery.response, None);
    portal.run_jobs().await;
    let watch = portal.watch().await;
    portal.advance(Duration::minutes(5)).await;
    repair(&portal.ctx).await.unwrap();
    assert_eq!(portal.twin.faults().calls("github.redeliver"), 0);
    watch.saw_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_33_delivery_that_was_never_made_is_found_among_the_waiting_runs() {
    let portal = reachable().await;
    let run = push(&portal);
    portal.twin.faults().arm("webhook", Fault::Never, 1);
    portal.twin.github().ask_for_production(run).await.unwrap();
    // Another run waits for nothing that is ours to answer yet.
    let quiet = push(&portal);
    // The log of deliveries does not help here.
    portal.twin.faults().fail("github.deliveries", 500, 2);
    repair(&portal.ctx).await.unwrap_err();
    assert_eq!(openers(&portal).await, ["gatehouse"]);
    let opened = portal.entries().await.into_iter().find_map(|e| match e.event {
        Event::ChangeOpened(opened) => Some(opened),
        _ => None,
    });
    let opened = opened.unwrap();
    assert_eq!(opened.key.run_id, RunId(run));
    assert!(opened.contributors.known.iter().any(|c| c.github_id.0 == 50002), "{:?}", opened.contributors);
    // And then there is nothing to do, and it costs nothing.
    let watch = portal.watch().await;
    repair(&portal.ctx).await.unwrap();
    let free = portal.twin.github().not_modified();
    repair(&portal.ctx).await.unwrap();
    // The lists of both repositories, and what the quiet run waits for; the log is the App's own.
    assert_eq!(portal.twin.github().not_modified(), free + 3);
    watch.saw_nothing().await;
    // Its webhook was made after all.
    portal.twin.github().ask_for_production(run).await.unwrap();
    portal.run_jobs().await;
    assert_eq!(openers(&portal).await, ["gatehouse"]);
    portal.twin.github().wait_silently(quiet).unwrap();
    repair(&portal.ctx).await.unwrap();
    assert_eq!(openers(&portal).await, ["gatehouse", "gatehouse"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_33_doubled_delivery_opens_one_change() {
    let portal = reachable().await;
    portal.twin.faults().arm("webhook", Fault::Double, 1);
    portal.twin.github().ask_for_production(push(&portal)).await.unwrap();
    portal.run_jobs().await;
    assert_eq!(openers(&portal).await, ["github"]);
    assert!(portal.failed_jobs().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_33_late_question_of_an_attempt_that_was_left_behind_opens_nothing() {
    let portal = reachable().await;
    let run = push(&portal);
    portal.twin.faults().arm("webhook", Fault::Hold, 1);
    let late = portal.twin.github().ask_for_production(run).await.unwrap();
    portal.twin.github().rerun(run, "rohandas").unwrap();
    let watch = portal.watch().await;
    // The second attempt builds still: nothing waits.
    portal.twin.github().let_go().await.unwrap();
    portal.run_jobs().await;
    assert_eq!(portal.outcome(&late.guid).await, "refused:run_moved");
    watch.saw_one_refusal("run_moved").await;
    portal.twin.github().ask_for_production(run).await.unwrap();
    portal.run_jobs().await;
    assert_eq!(openers(&portal).await, ["github"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_33_out_of_order_attempts_leave_the_later_one_as_it_is() {
    let portal = reachable().await;
    let run = push(&portal);
    portal.twin.faults().arm("webhook", Fault::Hold, 1);
    let first = portal.twin.github().ask_for_production(run).await.unwrap();
    portal.twin.github().rerun(run, "rohandas").unwrap();
    portal.twin.github().ask_for_production(run).await.unwrap();
    portal.run_jobs().await;
    assert_eq!(openers(&portal).await.len(), 1);
    let watch = portal.watch().await;
    portal.twin.github().let_go().await.unwrap();
    portal.run_jobs().await;
    assert!(portal.outcome(&first.guid).await.starts_with("known:"));
    repair(&portal.ctx).await.unwrap();
    watch.saw_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_33_attempt_that_was_read_before_a_later_one_came_opens_nothing() {
    let portal = TestPortal::start().await;
    let run = push(&portal);
    portal.twin.github().wait_silently(run).unwrap();
    let repository: RepoName = "altscore/services".parse().unwrap();
    let read_early = portal.ctx.github.read_run(&repository, RunId(run)).await.unwrap();
    portal.twin.github().rerun(run, "rohandas").unwrap();
    portal.ask(run).await;
    let watch = portal.watch().await;
    let asked = Asked {
        actor: Actor::Portal,
        service: portal.ctx.config.services.iter().find(|s| s.name.as_str() == "score-api").unwrap(),
        environment: &portal.ctx.config.environments[0],
        repository: &repository,
        run: &read_early,
        requester: super::super::making::who(&read_early.triggering_actor),
    };
    assert!(matches!(open(&portal.ctx, asked).await, Err(Stop::Refused(Reason::RunMoved))));
    watch.saw_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_33_two_replicas_sweep_once() {
    let portal = reachable().await;
    portal.twin.faults().arm("webhook", Fault::Drop, 1);
    portal.twin.github().ask_for_production(push(&portal)).await.unwrap();
    portal.advance(Duration::minutes(2)).await;
    let other = Runner::prepare(&portal.ctx, CancellationToken::new()).await.unwrap();
    // Both replicas' minutes, as the timer makes them.
    for _ in 0..2 {
        sqlx::query("SELECT jobs.add_job('every_minute', 'null'::json)").execute(&portal.db.app).await.unwrap();
    }
    let (mine, theirs) = tokio::join!(portal.run_jobs(), other.run_due());
    let ((), ()) = (mine, theirs.unwrap());
    redelivered(&portal).await;
    portal.run_jobs().await;
    assert_eq!(portal.twin.faults().calls("github.redeliver"), 1);
    assert_eq!(openers(&portal).await.len(), 1);
    assert!(portal.failed_jobs().await.is_empty(), "{:?}", portal.failed_jobs().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_33_repository_that_cannot_be_read_hides_no_other() {
    let portal = TestPortal::start().await;
    let run = portal.twin.github().push_run(&PushRun::of("scoring-engine", "rohandas")).unwrap();
    portal.twin.github().wait_silently(run).unwrap();
    // Both tries at the first repository; the second one answers.
    portal.twin.faults().fail("github.runs", 500, 2);
    repair(&portal.ctx).await.unwrap_err();
    assert_eq!(openers(&portal).await, ["gatehouse"]);
}
