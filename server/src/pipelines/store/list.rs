//! Lists: each from an index, in its order, no further than a page.

use super::{id, job_of, run_of};
use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::pipelines::{Job, Run, RunState};
use gatehouse_domain::{RepositoryId, RunId};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row as _};
use std::collections::BTreeMap;

/// A run in a list.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) run: Run,
    pub(crate) repository: RepositoryId,
    pub(crate) service: String,
    pub(crate) state: RunState,
    /// For how long jobs of it ran that are over.
    pub(crate) busy_seconds: i64,
}

/// Which runs, newest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter<'a> {
    pub(crate) service: Option<&'a str>,
    pub(crate) state: Option<RunState>,
    pub(crate) branch: Option<&'a str>,
    /// The beginning of a commit's SHA.
    pub(crate) commit: Option<&'a str>,
    /// The last of the page before.
    pub(crate) after: Option<(DateTime<Utc>, i64)>,
}

pub(super) fn row_of(row: &PgRow) -> Result<Row, Error> {
    let state: String = row.try_get("state")?;
    Ok(Row {
        run: run_of(row)?,
        repository: RepositoryId(id(row.try_get("repository_id")?)?),
        service: row.try_get("service")?,
        state: RunState::from_code(&state).unwrap_or(RunState::Other),
        busy_seconds: row.try_get::<i64, _>("busy_seconds")?.max(0),
    })
}

pub(crate) fn query(start: &'static str, filter: &Filter<'_>, limit: i64) -> QueryBuilder<Postgres> {
    let mut query: QueryBuilder<Postgres> = QueryBuilder::new(start);
    query.push("SELECT * FROM pipelines_runs WHERE true");
    for (column, value) in [(" AND service = ", filter.service), (" AND branch = ", filter.branch)] {
        if let Some(value) = value {
            query.push(column).push_bind(value.to_owned());
        }
    }
    if let Some(state) = filter.state {
        query.push(" AND state = ").push_bind(state.code());
    }
    if let Some(commit) = filter.commit {
        // Lower-case hex only, so that nothing in it means anything to LIKE.
        query.push(" AND head_sha LIKE ").push_bind(format!("{commit}%"));
    }
    if let Some((at, run)) = filter.after {
        query.push(" AND (created_at, run_id) < (").push_bind(at).push(", ").push_bind(run).push(")");
    }
    query.push(" ORDER BY created_at DESC, run_id DESC LIMIT ").push_bind(limit);
    query
}

pub(crate) async fn list(conn: &mut PgConnection, filter: &Filter<'_>, limit: i64) -> Result<Vec<Row>, Error> {
    let rows = query("", filter, limit).build().fetch_all(conn).await?;
    rows.iter().map(row_of).collect()
}

/// The newest runs that passed, of all services, made since then.
pub(crate) async fn list_passed(conn: &mut PgConnection, since: DateTime<Utc>, limit: i64) -> Result<Vec<Row>, Error> {
    let rows = sqlx::query(
        "SELECT * FROM pipelines_runs WHERE state = 'success' AND created_at >= $1
         ORDER BY created_at DESC, run_id DESC LIMIT $2",
    )
    .bind(since)
    .bind(limit)
    .fetch_all(conn)
    .await?;
    rows.iter().map(row_of).collect()
}

/// The jobs of the newest attempt of each of these runs.
pub(crate) async fn list_jobs(conn: &mut PgConnection, runs: &[Row]) -> Result<BTreeMap<RunId, Vec<Job>>, Error> {
    let ids: Vec<i64> = runs.iter().map(|row| row.run.id.as_i64()).collect();
    let attempts: Vec<i64> = runs.iter().map(|row| row.run.attempt.as_i64()).collect();
    let rows = sqlx::query(
        "SELECT j.* FROM unnest($1::bigint[], $2::bigint[]) AS of (run_id, attempt)
         JOIN pipelines_jobs j USING (run_id, attempt) ORDER BY j.run_id, j.job_id",
    )
    .bind(ids)
    .bind(attempts)
    .fetch_all(conn)
    .await?;
    let mut jobs: BTreeMap<RunId, Vec<Job>> = BTreeMap::new();
    for row in &rows {
        jobs.entry(RunId(id(row.try_get("run_id")?)?)).or_default().push(job_of(row)?);
    }
    Ok(jobs)
}

/// For how long the last successful runs of each of these services worked.
pub(crate) async fn durations(
    conn: &mut PgConnection,
    services: &[String],
    last: i64,
) -> Result<BTreeMap<String, Vec<i64>>, Error> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT of.service, run.busy_seconds FROM unnest($1::text[]) AS of (service)
         CROSS JOIN LATERAL (SELECT busy_seconds FROM pipelines_runs
             WHERE service = of.service AND state = 'success' AND busy_seconds > 0
             ORDER BY created_at DESC, run_id DESC LIMIT $2) run",
    )
    .bind(services)
    .bind(last)
    .fetch_all(conn)
    .await?;
    let mut durations: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for (service, seconds) in rows {
        durations.entry(service).or_default().push(seconds);
    }
    Ok(durations)
}
