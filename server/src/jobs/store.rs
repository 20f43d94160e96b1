//! Putting a job into the queue, inside the caller's transaction.

use crate::error::Error;
use gatehouse_domain::decision::Job;
use sqlx::PgConnection;

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
        Job::AnswerGithub { number } => ("answer_github", number.to_string(), Some(number.as_str())),
    };
    sqlx::query("SELECT jobs.add_job($1, $2::json, queue_name := $3, job_key := $4)")
        .bind(task)
        .bind(serde_json::json!({ "about": about }).to_string())
        .bind(queue)
        .bind(format!("{task}:{about}"))
        .execute(conn)
        .await?;
    Ok(())
}
