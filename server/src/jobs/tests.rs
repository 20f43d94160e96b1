#![expect(clippy::unwrap_used, reason = "tests")]
//! The queue with its own client, on a real database.

use super::enqueue;
use crate::testing::TestPortal;
use gatehouse_domain::decision::Job;

#[tokio::test(flavor = "multi_thread")]
async fn the_minutes_work_takes_the_payload_that_the_timer_gives_it() {
    let portal = TestPortal::start().await;
    sqlx::query("SELECT jobs.add_job('every_minute', 'null'::json)").execute(&portal.db.app).await.unwrap();
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
