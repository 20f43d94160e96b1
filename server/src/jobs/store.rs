//! Putting a job into the queue, inside the caller's transaction.

use crate::error::Error;
use crate::telemetry::traces;
use gatehouse_domain::decision::Job;
use sqlx::PgConnection;
use std::time::Duration;

/// The sweep's task, queue and key.
pub(super) const SWEEP: &str = "sweep_github";
/// The registry's.
pub(super) const SWEEP_REGISTRY: &str = "sweep_registry";
/// The same of the runs' copy: a long reading of it delays no change.
pub(super) const SWEEP_RUNS: &str = "sweep_runs";

/// Enqueues `job`; the queue's own SQL function does it, so it commits or rolls back with everything else.
///
/// The same job asked for again before it has begun is one job.
///
/// # Errors
/// When the database refuses.
pub async fn enqueue(conn: &mut PgConnection, job: &Job) -> Result<(), Error> {
    // Jobs about one change share a named queue, so that two of them never run at once.
    let (task, about, queue) = match job {
        Job::ReadDelivery { guid } => ("read_delivery", guid.clone(), None),
        Job::AssessChange { number } => ("assess_change", number.to_string(), Some(number.as_str())),
        Job::ExecuteChange { number } => ("execute_change", number.to_string(), Some(number.as_str())),
        Job::SettleDebt { number } => ("settle_debt", number.to_string(), Some(number.as_str())),
        Job::AnswerGithub { number } => ("answer_github", number.to_string(), Some(number.as_str())),
    };
    sqlx::query("SELECT jobs.add_job($1, $2::json, queue_name := $3, job_key := $4)")
        .bind(task)
        .bind(serde_json::json!({ "about": about, "trace": traces::current() }).to_string())
        .bind(queue)
        .bind(format!("{task}:{about}"))
        .execute(conn)
        .await?;
    Ok(())
}

/// What waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue {
    /// Jobs in the queue, of every replica.
    pub waiting: i64,
    /// For how long the oldest that may run has waited.
    pub oldest_due: Duration,
}

/// The queue's length and delay. By the queue's own clock, which is the database's.
///
/// # Errors
/// When the database refuses.
pub async fn waiting(conn: &mut PgConnection) -> Result<Queue, Error> {
    let (waiting, seconds): (i64, f64) = sqlx::query_as(
        "SELECT count(*), coalesce(extract(epoch FROM now() - min(run_at) FILTER (WHERE run_at <= now())), 0)::float8 FROM jobs.jobs",
    )
    .fetch_one(conn)
    .await?;
    Ok(Queue { waiting, oldest_due: Duration::from_secs_f64(seconds.max(0.0)) })
}

/// Asks for a sweep. One that has not begun is the same one; its own queue keeps two from running at once, on any
/// replica.
pub(super) async fn enqueue_sweep(conn: &mut PgConnection, sweep: &'static str) -> Result<(), Error> {
    sqlx::query("SELECT jobs.add_job($1, 'null'::json, queue_name := $1, job_key := $1)")
        .bind(sweep)
        .execute(conn)
        .await?;
    Ok(())
}
