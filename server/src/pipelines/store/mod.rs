//! The copy's rows.

mod list;

#[cfg(test)]
pub(super) use list::query;
pub(super) use list::{Filter, Row, durations, list, list_jobs, list_passed};

use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::pipelines::{Copy, Job, Outcome, Phase, Run, Step};
use gatehouse_domain::{RepositoryId, RunAttempt, RunId};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row as _};
use std::collections::BTreeMap;

/// A run with its jobs, locked.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) copy: Copy,
    pub(super) is_settled: bool,
    /// Nothing was counted for it yet.
    pub(super) is_fresh: bool,
}

pub(super) fn id(number: i64) -> Result<u64, Error> {
    u64::try_from(number).map_err(Error::internal)
}

fn as_i64(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Puts a run there, where it is not.
pub(super) async fn insert_run(
    conn: &mut PgConnection,
    repository: RepositoryId,
    service: &str,
    run: &Run,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO pipelines_runs (run_id, attempt, repository_id, service, branch, head_sha, title, event, actor, phase,
             outcome, state, created_at, started_at, updated_at, busy_seconds)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, -1) ON CONFLICT DO NOTHING",
    )
    .bind(run.id.as_i64())
    .bind(run.attempt.as_i64())
    .bind(repository.as_i64())
    .bind(service)
    .bind(&run.branch)
    .bind(run.head_sha.as_str())
    .bind(&run.title)
    .bind(&run.event)
    .bind(&run.actor)
    .bind(run.phase.rank())
    .bind(run.outcome.map(Outcome::code))
    .bind(Copy::of(run.clone()).state().code())
    .bind(run.created_at)
    .bind(run.started_at)
    .bind(run.updated_at)
    .execute(conn)
    .await?;
    Ok(())
}

/// The newest attempt of a run that is known.
pub(super) async fn find_attempt(conn: &mut PgConnection, run: RunId) -> Result<Option<RunAttempt>, Error> {
    let found: Option<i64> = sqlx::query_scalar("SELECT attempt FROM pipelines_runs WHERE run_id = $1")
        .bind(run.as_i64())
        .fetch_optional(conn)
        .await?;
    found.map(|attempt| Ok(RunAttempt(id(attempt)?))).transpose()
}

/// The run and its jobs, alone until the transaction ends.
pub(super) async fn lock(conn: &mut PgConnection, run: RunId) -> Result<Option<Kept>, Error> {
    let row = sqlx::query("SELECT * FROM pipelines_runs WHERE run_id = $1 FOR UPDATE")
        .bind(run.as_i64())
        .fetch_optional(&mut *conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let copy = Copy { run: run_of(&row)?, jobs: jobs_of(conn, run).await? };
    let busy: i64 = row.try_get("busy_seconds")?;
    Ok(Some(Kept { copy, is_settled: row.try_get("settled")?, is_fresh: busy < 0 }))
}

/// The run and its jobs, with its service and repository.
pub(super) async fn find(conn: &mut PgConnection, run: RunId) -> Result<Option<(Row, Copy)>, Error> {
    let row = sqlx::query("SELECT * FROM pipelines_runs WHERE run_id = $1")
        .bind(run.as_i64())
        .fetch_optional(&mut *conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let jobs = jobs_of(conn, run).await?;
    let row = list::row_of(&row)?;
    let copy = Copy { run: row.run.clone(), jobs };
    Ok(Some((row, copy)))
}

async fn jobs_of(conn: &mut PgConnection, run: RunId) -> Result<BTreeMap<(RunAttempt, u64), Job>, Error> {
    let rows = sqlx::query("SELECT * FROM pipelines_jobs WHERE run_id = $1").bind(run.as_i64()).fetch_all(conn).await?;
    rows.iter().map(job_of).map(|job| job.map(|job| ((job.attempt, job.id), job))).collect()
}

fn outcome_of(row: &PgRow) -> Result<Option<Outcome>, Error> {
    let word: Option<String> = row.try_get("outcome")?;
    Ok(word.map(|word| Outcome::of(&word)))
}

fn run_of(row: &PgRow) -> Result<Run, Error> {
    let sha: String = row.try_get("head_sha")?;
    Ok(Run {
        attempt: RunAttempt(id(row.try_get("attempt")?)?),
        phase: Phase::from_rank(row.try_get("phase")?),
        updated_at: row.try_get("updated_at")?,
        id: RunId(id(row.try_get("run_id")?)?),
        outcome: outcome_of(row)?,
        branch: row.try_get("branch")?,
        head_sha: sha.parse().map_err(Error::internal)?,
        title: row.try_get("title")?,
        event: row.try_get("event")?,
        actor: row.try_get("actor")?,
        created_at: row.try_get("created_at")?,
        started_at: row.try_get("started_at")?,
    })
}

fn job_of(row: &PgRow) -> Result<Job, Error> {
    let steps: Json<Vec<Step>> = row.try_get("steps")?;
    Ok(Job {
        phase: Phase::from_rank(row.try_get("phase")?),
        steps: steps.0,
        id: id(row.try_get("job_id")?)?,
        attempt: RunAttempt(id(row.try_get("attempt")?)?),
        name: row.try_get("name")?,
        outcome: outcome_of(row)?,
        started_at: row.try_get("started_at")?,
        completed_at: row.try_get("completed_at")?,
    })
}

/// Writes what became of a run that is locked, and counts it.
pub(super) async fn save(
    conn: &mut PgConnection,
    copy: &Copy,
    jobs: &[Job],
    busy_seconds: i64,
    is_settled: bool,
) -> Result<(), Error> {
    let run = &copy.run;
    for job in jobs {
        sqlx::query(
            "INSERT INTO pipelines_jobs (run_id, attempt, job_id, name, phase, outcome, started_at, completed_at, steps)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (run_id, attempt, job_id) DO UPDATE SET name = $4, phase = $5, outcome = $6, started_at = $7,
                 completed_at = $8, steps = $9",
        )
        .bind(run.id.as_i64())
        .bind(job.attempt.as_i64())
        .bind(as_i64(job.id))
        .bind(&job.name)
        .bind(job.phase.rank())
        .bind(job.outcome.map(Outcome::code))
        .bind(job.started_at)
        .bind(job.completed_at)
        .bind(Json(&job.steps))
        .execute(&mut *conn)
        .await?;
    }
    sqlx::query(
        "UPDATE pipelines_runs SET attempt = $2, branch = $3, head_sha = $4, title = $5, event = $6, actor = $7, phase = $8,
             outcome = $9, state = $10, started_at = $11, updated_at = $12, busy_seconds = $13, settled = $14
         WHERE run_id = $1",
    )
    .bind(run.id.as_i64())
    .bind(run.attempt.as_i64())
    .bind(&run.branch)
    .bind(run.head_sha.as_str())
    .bind(&run.title)
    .bind(&run.event)
    .bind(&run.actor)
    .bind(run.phase.rank())
    .bind(run.outcome.map(Outcome::code))
    .bind(copy.state().code())
    .bind(run.started_at)
    .bind(run.updated_at)
    .bind(busy_seconds)
    .bind(is_settled)
    .execute(&mut *conn)
    .await?;
    // Last, under its lock: whoever sees the count sees what was counted.
    sqlx::query("UPDATE pipelines_moves SET moved = moved + 1").execute(conn).await?;
    Ok(())
}

/// How often anything here changed; for the watch, which tells open pages.
///
/// # Errors
/// When the database does not answer.
pub async fn moved(conn: &mut PgConnection) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("SELECT moved FROM pipelines_moves").fetch_one(conn).await?)
}

/// What must be read again: whatever is not over, or was not read whole since.
pub(super) async fn list_unsettled(
    conn: &mut PgConnection,
    repository: RepositoryId,
    limit: i64,
) -> Result<Vec<RunId>, Error> {
    let found: Vec<i64> = sqlx::query_scalar(
        "SELECT run_id FROM pipelines_runs WHERE repository_id = $1 AND NOT settled ORDER BY created_at DESC, run_id DESC
         LIMIT $2",
    )
    .bind(repository.as_i64())
    .bind(limit)
    .fetch_all(conn)
    .await?;
    found.into_iter().map(|run| Ok(RunId(id(run)?))).collect()
}

/// A run that GitHub knows no more: there is nothing left to read of it.
pub(super) async fn settle(conn: &mut PgConnection, run: RunId) -> Result<(), Error> {
    sqlx::query("UPDATE pipelines_runs SET settled = true WHERE run_id = $1").bind(run.as_i64()).execute(conn).await?;
    Ok(())
}

/// How a repository was read.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading {
    pub(super) read_at: Option<DateTime<Utc>>,
    pub(super) is_filled: bool,
    pub(super) trouble: Option<String>,
}

/// How each repository was read.
pub(super) async fn readings(conn: &mut PgConnection) -> Result<BTreeMap<RepositoryId, Reading>, Error> {
    let rows = sqlx::query("SELECT repository_id, read_at, is_filled, trouble FROM pipelines_readings")
        .fetch_all(conn)
        .await?;
    rows.iter()
        .map(|row| {
            let reading = Reading {
                read_at: row.try_get("read_at")?,
                is_filled: row.try_get("is_filled")?,
                trouble: row.try_get("trouble")?,
            };
            Ok((RepositoryId(id(row.try_get("repository_id")?)?), reading))
        })
        .collect()
}

/// A repository was read: whether also back to where the first reading goes.
pub(super) async fn note_read(conn: &mut PgConnection, repository: RepositoryId, is_filled: bool) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO pipelines_readings (repository_id, read_at, is_filled) VALUES ($1, gatehouse_now(), $2)
         ON CONFLICT (repository_id) DO UPDATE
             SET read_at = gatehouse_now(), is_filled = pipelines_readings.is_filled OR $2, trouble = NULL",
    )
    .bind(repository.as_i64())
    .bind(is_filled)
    .execute(conn)
    .await?;
    Ok(())
}

/// A repository could not be read, and why.
pub(super) async fn note_trouble(conn: &mut PgConnection, repository: RepositoryId, why: &str) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO pipelines_readings (repository_id, trouble) VALUES ($1, $2)
         ON CONFLICT (repository_id) DO UPDATE SET trouble = $2",
    )
    .bind(repository.as_i64())
    .bind(why)
    .execute(&mut *conn)
    .await?;
    sqlx::query("UPDATE pipelines_moves SET moved = moved + 1").execute(conn).await?;
    Ok(())
}
