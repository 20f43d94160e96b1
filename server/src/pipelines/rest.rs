//! Runs, for programs. The same reading as the pages', in another form.

use super::store::{self, Filter};
use super::view::{cursor, parse_cursor, rows_of, show};
use crate::context::Context;
use crate::error::Error;
use crate::rest::asker::{Reader, Runs};
use crate::rest::input::{Id, Nothing, Params};
use crate::rest::page;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use gatehouse_app::pipelines::shape::{AttemptView, JobView, RunRow};
use gatehouse_domain::RunId;
use gatehouse_domain::pipelines::{Outcome, Phase, RunState, Stage, StageState};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The edges of this slice.
pub fn rest() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(list_runs)).routes(routes!(read_run))
}

/// Which runs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RunParams {
    /// A service's name.
    service: Option<String>,
    /// `queued`, `waiting`, `running`, `success`, `failure`, `cancelled` or `other`.
    #[param(value_type = Option<String>)]
    state: Option<RunState>,
    /// A branch, whole.
    branch: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
    /// How many at most: 1 to 200, or 50.
    limit: Option<u16>,
}

/// One page of runs, newest first.
#[derive(Debug, Serialize, ToSchema)]
struct RunList {
    runs: Vec<RunSummary>,
    /// Give this as `after` for the next page; absent on the last one.
    next: Option<String>,
}

/// A run in a list. Titles, branches and names are from GitHub: whatever somebody wrote.
#[derive(Debug, Serialize, ToSchema)]
struct RunSummary {
    /// GitHub's number of the run.
    id: String,
    /// Its newest attempt.
    attempt: u64,
    /// Whose it is.
    service: String,
    /// The branch.
    branch: String,
    /// The commit.
    head_sha: String,
    /// What it is about.
    title: String,
    /// The login of whoever started it.
    actor: String,
    /// Where it stands.
    #[schema(value_type = String)]
    state: RunState,
    /// The five stages, in their order.
    stages: Vec<StageStands>,
    /// For how many seconds jobs of it ran.
    took_seconds: i64,
    /// For how many they usually do; absent where too few runs are known.
    usual_seconds: Option<i64>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// The number of the change that its newest attempt asked for.
    change: Option<String>,
}

/// Where a stage stands.
#[derive(Debug, Serialize, ToSchema)]
struct StageStands {
    /// `commit`, `build`, `staging`, `approval` or `production`.
    #[schema(value_type = String)]
    stage: Stage,
    /// `pending`, `waiting`, `running`, `passed`, `failed`, `refused`, `cancelled`, `not_run` or `unknown`.
    #[schema(value_type = String)]
    state: StageState,
}

impl From<RunRow> for RunSummary {
    fn from(row: RunRow) -> Self {
        let stages = Stage::ALL.into_iter().zip(row.stages).map(|(stage, state)| StageStands { stage, state });
        Self {
            id: row.id,
            attempt: row.attempt,
            service: row.service,
            branch: row.branch,
            head_sha: row.head_sha,
            title: row.title,
            actor: row.actor,
            state: row.state,
            stages: stages.collect(),
            took_seconds: row.took_seconds,
            usual_seconds: row.usual_seconds,
            created_at: row.created_at,
            change: row.change.map(|change| change.number),
        }
    }
}

/// One run, with its attempts.
#[derive(Debug, Serialize, ToSchema)]
struct RunResource {
    #[serde(flatten)]
    run: RunSummary,
    /// `owner/name`.
    repository: String,
    /// What started it, in GitHub's word.
    event: String,
    /// The run at GitHub.
    url: String,
    /// Why its change is held, each reason in one sentence; empty where it waits on none.
    waits: Vec<String>,
    /// The newest first, twenty at most.
    attempts: Vec<Attempt>,
}

/// An attempt.
#[derive(Debug, Serialize, ToSchema)]
struct Attempt {
    number: u64,
    /// The number of the change that it asked for.
    change: Option<String>,
    jobs: Vec<JobOfRun>,
}

/// A job.
#[derive(Debug, Serialize, ToSchema)]
struct JobOfRun {
    name: String,
    /// `queued`, `waiting`, `running` or `completed`.
    #[schema(value_type = String)]
    phase: Phase,
    /// How it ended: `success`, `failure`, `cancelled`, `skipped` or `other`.
    #[schema(value_type = Option<String>)]
    outcome: Option<Outcome>,
    started_at: Option<DateTime<Utc>>,
    seconds: Option<i64>,
    /// Its log at GitHub.
    log: String,
}

impl From<AttemptView> for Attempt {
    fn from(it: AttemptView) -> Self {
        let job = |job: JobView| {
            let JobView { name, phase, outcome, started_at, seconds, log, .. } = job;
            JobOfRun { name, phase, outcome, started_at, seconds, log }
        };
        Self {
            number: it.number,
            change: it.change.map(|change| change.number),
            jobs: it.jobs.into_iter().map(job).collect(),
        }
    }
}

/// List runs, newest first.
#[utoipa::path(get, path = "/runs", tag = "runs", params(RunParams),
    responses((status = 200, body = RunList)), security(("session" = []), ("token" = ["runs:read"])))]
async fn list_runs(
    State(ctx): State<Context>,
    _: Reader<Runs>,
    Params(params): Params<RunParams>,
) -> Result<Json<RunList>, Error> {
    let limit = page::limit(params.limit)?;
    let filter = Filter {
        service: params.service.as_deref(),
        state: params.state,
        branch: params.branch.as_deref(),
        commit: None,
        after: page::place(params.after.as_deref(), parse_cursor)?,
    };
    let mut conn = ctx.db.acquire().await?;
    let most = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let found = store::list(&mut conn, &filter, most).await?;
    let (found, next) = page::cut(found, limit, cursor);
    let rows = rows_of(&mut conn, &ctx, &found).await?;
    Ok(Json(RunList { runs: rows.into_iter().map(Into::into).collect(), next }))
}

/// Read one run: its jobs, and why it waits.
#[utoipa::path(get, path = "/runs/{run}", tag = "runs", params(("run" = String, Path)),
    responses((status = 200, body = RunResource)), security(("session" = []), ("token" = ["runs:read"])))]
async fn read_run(
    State(ctx): State<Context>,
    reader: Reader<Runs>,
    Id(run): Id<RunId>,
    _: Params<Nothing>,
) -> Result<Json<RunResource>, Error> {
    let view = show(&ctx, reader.person(), &run.to_string()).await?;
    Ok(Json(RunResource {
        run: view.row.into(),
        repository: view.repository,
        event: view.event,
        url: view.href,
        waits: view.why,
        attempts: view.attempts.into_iter().map(Into::into).collect(),
    }))
}
