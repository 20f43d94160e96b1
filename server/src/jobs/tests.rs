#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
//! The queue with its own client, on a real database.

use super::{Runner, enqueue};
use crate::testing::TestPortal;
use gatehouse_domain::decision::Job;
use tokio_util::sync::CancellationToken;

#[tokio::test(flavor = "multi_thread")]
async fn the_minutes_work_takes_the_payload_that_the_timer_gives_it() {
    let portal = TestPortal::start().await;
    sqlx::query("SELECT jobs.add_job('every_minute', 'null'::json)").execute(&portal.db.app).await.unwrap();
    // Once for the minute, once for the sweep that it asks for.
    portal.run_jobs().await;
    portal.run_jobs().await;
    assert!(portal.failed_jobs().await.is_empty(), "{:?}", portal.failed_jobs().await);
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM jobs.jobs").fetch_one(&portal.db.owner).await.unwrap();
    assert_eq!(left, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_there_when_its_transaction_committed_and_only_then() {
    let portal = TestPortal::start().await;
    let job = Job::ReadDelivery { guid: "nothing-of-that-name".into() };
    let waiting = "SELECT count(*) FROM jobs.jobs";
    let mut tx = portal.db.app.begin().await.unwrap();
    enqueue(&mut tx, &job).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(sqlx::query_scalar::<_, i64>(waiting).fetch_one(&portal.db.owner).await.unwrap(), 0);
    let mut tx = portal.db.app.begin().await.unwrap();
    enqueue(&mut tx, &job).await.unwrap();
    enqueue(&mut tx, &job).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        sqlx::query_scalar::<_, i64>(waiting).fetch_one(&portal.db.owner).await.unwrap(),
        1,
        "asked twice, done once"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_worker_held_is_taken_up_by_another() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let mut conn = portal.db.app.acquire().await.unwrap();
    enqueue(&mut conn, &Job::AnswerGithub { number: held.number.clone() }).await.unwrap();
    for statement in [
        "UPDATE jobs._private_jobs SET locked_by = 'killed', locked_at = now() - interval '5 minutes'",
        "UPDATE jobs._private_job_queues SET locked_by = 'killed', locked_at = now() - interval '5 minutes'",
        "INSERT INTO jobs._private_workers (id, last_heartbeat_at) VALUES ('killed', now() - interval '5 minutes')",
    ] {
        sqlx::query(statement).execute(&portal.db.owner).await.unwrap();
    }
    portal.run_jobs().await;
    let left = "SELECT count(*) FROM jobs.jobs WHERE task_identifier = 'answer_github'";
    assert_eq!(sqlx::query_scalar::<_, i64>(left).fetch_one(&portal.db.owner).await.unwrap(), 1, "it is locked");

    let stop = CancellationToken::new();
    let running = tokio::spawn(Runner::prepare(&portal.ctx, stop.clone()).await.unwrap().run());
    let gone = async {
        while sqlx::query_scalar::<_, i64>(left).fetch_one(&portal.db.owner).await.unwrap() > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), gone).await.expect("nobody took it up");
    stop.cancel();
    running.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_that_has_not_begun_is_one_and_two_never_run_at_once() {
    let portal = TestPortal::start().await;
    for _ in 0..2 {
        super::tasks::every_minute(&portal.ctx).await.unwrap();
    }
    let jobs: Vec<(String, Option<String>)> =
        sqlx::query_as("SELECT task_identifier, queue_name FROM jobs.jobs WHERE task_identifier = 'sweep_github'")
            .fetch_all(&portal.db.owner)
            .await
            .unwrap();
    assert_eq!(jobs, [("sweep_github".to_owned(), Some("sweep_github".to_owned()))]);
}
