//! What was lost on the way? Once a minute, on one replica: each repository's newest runs, and whatever is not settled.

use super::keep::{keep_jobs, keep_run, unread_attempts};
use super::store;
use crate::context::Context;
use crate::error::{Error, chain};
use crate::github::{self, RepoName};
use chrono::TimeDelta;
use gatehouse_domain::pipelines::Phase;
use gatehouse_domain::{RepositoryId, RunId};
use std::collections::{BTreeMap, BTreeSet};

/// How far back the first reading goes.
const BACK: TimeDelta = TimeDelta::days(90);
/// GitHub lists a thousand runs at most, a hundred a page.
const MOST_PAGES: u32 = 10;
/// Runs whose jobs are read in one turn; the rest waits for the next.
const MOST_RUNS: i64 = 100;

/// Why a turn ended early.
enum Stop {
    /// GitHub's doing: the page says so.
    Github(github::Error),
    /// Ours.
    Ours(Error),
}

impl From<github::Error> for Stop {
    fn from(error: github::Error) -> Self {
        Self::Github(error)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Self {
        Self::Ours(error.into())
    }
}

/// Reads again what may have changed, repository by repository. What cannot be read stays as it was, and its page says why.
///
/// # Errors
/// When GitHub or the database does not answer; the next minute's turn begins anew.
pub async fn sweep(ctx: &Context) -> Result<(), Error> {
    let repositories: BTreeMap<RepositoryId, &str> =
        ctx.config.services.iter().map(|service| (service.repository_id, service.repository.as_str())).collect();
    let mut done = Ok(());
    for (id, name) in repositories {
        // One repository that cannot be read keeps no other from being looked at.
        let error = match read_repository(ctx, id, name).await {
            Ok(()) => continue,
            Err(Stop::Github(error)) => {
                let mut conn = ctx.db.acquire().await?;
                store::note_trouble(&mut conn, id, &words(&error)).await?;
                ctx.live.look();
                Error::from(error)
            }
            Err(Stop::Ours(error)) => error,
        };
        tracing::warn!(repository = name, error = chain(&error), "the runs could not be read");
        done = Err(error);
    }
    done
}

/// For the page: whose trouble it is, and how long it may take.
fn words(error: &github::Error) -> String {
    match error {
        github::Error::RateLimited { retry_after, .. } => {
            format!(
                "GitHub asks us to wait for {} min: our share of requests is used up.",
                retry_after.as_secs().div_ceil(60)
            )
        }
        github::Error::Unavailable { .. } => "GitHub does not answer.".to_owned(),
        github::Error::NotFound { .. } => "GitHub does not show us this repository's runs.".to_owned(),
        github::Error::Denied { status, .. } => format!("GitHub refuses us its runs ({status})."),
        github::Error::Truncated { .. } => "GitHub gives only a part of its runs.".to_owned(),
        _ => "GitHub's answer could not be read.".to_owned(),
    }
}

async fn read_repository(ctx: &Context, id: RepositoryId, name: &str) -> Result<(), Stop> {
    let repository: RepoName = name.parse().map_err(Error::internal)?;
    let mut conn = ctx.db.acquire().await?;
    let is_filled = store::readings(&mut conn).await?.get(&id).is_some_and(|reading| reading.is_filled);
    let since = ctx.now(&mut conn).await? - BACK;
    drop(conn);
    let mut seen = BTreeSet::new();
    for page in 1..=if is_filled { 1 } else { MOST_PAGES } {
        let found = ctx.github.list_runs(&repository, page).await?;
        let oldest = found.runs.iter().map(|seen| seen.run.created_at).min();
        for run in found.runs.iter().filter(|seen| seen.repository_id == id && seen.run.created_at >= since) {
            if keep_run(ctx, run).await? {
                seen.insert(run.run.id);
            }
        }
        if !found.has_more || oldest.is_none_or(|oldest| oldest < since) {
            break;
        }
    }
    let mut conn = ctx.db.acquire().await?;
    let unsettled = store::list_unsettled(&mut conn, id, MOST_RUNS).await?;
    drop(conn);
    for run in unsettled {
        read_run(ctx, &repository, run, seen.contains(&run)).await?;
    }
    let mut conn = ctx.db.acquire().await?;
    Ok(store::note_read(&mut conn, id, true).await?)
}

/// The run, unless it was just read, and after it its jobs: so the jobs of a run that is over are all over.
async fn read_run(ctx: &Context, repository: &RepoName, run: RunId, is_seen: bool) -> Result<(), Stop> {
    if !is_seen {
        match ctx.github.see_run(repository, run).await {
            Ok(seen) => drop(keep_run(ctx, &seen).await?),
            Err(github::Error::NotFound { .. }) => return forget(ctx, run).await,
            Err(error) => return Err(error.into()),
        }
    }
    let mut conn = ctx.db.acquire().await?;
    let Some((_, copy)) = store::find(&mut conn, run).await? else { return Ok(()) };
    drop(conn);
    for earlier in unread_attempts(&copy) {
        match ctx.github.see_jobs(repository, run, earlier).await {
            Ok(jobs) => keep_jobs(ctx, run, jobs.into_iter().map(|seen| seen.job).collect(), None).await?,
            // GitHub forgets attempts before it forgets runs.
            Err(github::Error::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let attempt = copy.run.attempt;
    let whole = (copy.run.phase == Phase::Completed).then_some(attempt);
    match ctx.github.see_jobs(repository, run, attempt).await {
        Ok(jobs) => {
            let jobs = jobs.into_iter().filter(|seen| seen.run_id == run && seen.job.attempt == attempt);
            Ok(keep_jobs(ctx, run, jobs.map(|seen| seen.job).collect(), whole).await?)
        }
        Err(github::Error::NotFound { .. }) => forget(ctx, run).await,
        Err(error) => Err(error.into()),
    }
}

async fn forget(ctx: &Context, run: RunId) -> Result<(), Stop> {
    let mut conn = ctx.db.acquire().await?;
    Ok(store::settle(&mut conn, run).await?)
}
