//! Keeping what was heard.

use super::store;
use crate::config::Service;
use crate::context::Context;
use crate::error::Error;
use crate::github::RepoName;
use crate::github::pipelines::{Seen, SeenRun, Told, parse_told};
use gatehouse_domain::pipelines::{Copy, Job, Phase, Run, busy};
use gatehouse_domain::{RepositoryId, RunAttempt, RunId};

/// Whether a webhook of this name is for this slice.
#[must_use]
pub fn is_taken(event: &str) -> bool {
    matches!(event, "workflow_run" | "workflow_job")
}

/// Takes a delivery whose signature was checked. Gives what came of it, in a word.
///
/// # Errors
/// When GitHub (asked for a run that is not known) or the database does not answer; it is tried again.
pub async fn take(ctx: &Context, body: &[u8]) -> Result<&'static str, Error> {
    let told = match parse_told(body) {
        Ok(told) => told,
        Err(error) => {
            tracing::warn!(%error, "a webhook about a run cannot be read; the next reading of GitHub finds what it said");
            return Ok("unreadable");
        }
    };
    if told.installation_id != ctx.github.installation_id() || !is_ours(ctx, told.repository_id, &told.repository) {
        return Ok("ignored");
    }
    match told.about.clone() {
        Seen::Run(run) => Ok(if keep_run(ctx, &run).await? { "kept" } else { "ignored" }),
        Seen::Job(seen) => take_job(ctx, &told, seen.run_id, seen.job).await,
    }
}

fn is_ours(ctx: &Context, id: RepositoryId, name: &RepoName) -> bool {
    ctx.config.services.iter().any(|service| service.repository_id == id && service.repository == name.to_string())
}

/// The service whose workflow this is a run of.
pub(super) fn service_of<'a>(ctx: &'a Context, seen: &SeenRun) -> Option<&'a Service> {
    ctx.config.services.iter().find(|one| one.repository_id == seen.repository_id && one.workflow == seen.path)
}

/// Keeps a run; false when it is none of ours.
pub(super) async fn keep_run(ctx: &Context, seen: &SeenRun) -> Result<bool, Error> {
    let Some(service) = service_of(ctx, seen) else { return Ok(false) };
    let mut tx = ctx.db.begin().await?;
    store::insert_run(&mut tx, seen.repository_id, service.name.as_str(), &seen.run).await?;
    hear(ctx, tx, seen.run.id, Heard { run: Some(seen.run.clone()), ..Heard::default() }).await
}

async fn take_job(ctx: &Context, told: &Told, run: RunId, job: Job) -> Result<&'static str, Error> {
    let attempt = job.attempt;
    let mut conn = ctx.db.acquire().await?;
    let known = store::find_attempt(&mut conn, run).await?;
    drop(conn);
    // The word about the run itself is late or lost: a reason to look.
    if known.is_none_or(|known| known < attempt) {
        let seen = ctx.github.see_run(&told.repository, run).await?;
        if seen.repository_id != told.repository_id || !keep_run(ctx, &seen).await? {
            return Ok("ignored");
        }
    }
    let tx = ctx.db.begin().await?;
    hear(ctx, tx, run, Heard { jobs: vec![job], ..Heard::default() }).await?;
    Ok("kept")
}

/// What is heard of a run at once.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// The run.
    pub(super) run: Option<Run>,
    /// Some of its jobs.
    pub(super) jobs: Vec<Job>,
    /// The attempt whose jobs these all are, read after it was over.
    pub(super) whole: Option<RunAttempt>,
}

/// Adds what was heard to what is kept, under the run's lock. False when the run is not kept.
pub(super) async fn hear(
    ctx: &Context,
    mut tx: sqlx::Transaction<'static, sqlx::Postgres>,
    run: RunId,
    heard: Heard,
) -> Result<bool, Error> {
    let Some(store::Kept { mut copy, is_settled, is_fresh }) = store::lock(&mut tx, run).await? else {
        return Ok(false);
    };
    let is_new_run = heard.run.is_some_and(|run| copy.hear_run(run));
    let mut jobs = Vec::new();
    for job in heard.jobs {
        if copy.hear_job(job.clone()) {
            jobs.push(job);
        }
    }
    let settles = heard.whole == Some(copy.run.attempt) && copy.run.phase == Phase::Completed;
    let is_settled_now = settles || (is_settled && !is_new_run);
    if !is_fresh && !is_new_run && jobs.is_empty() && is_settled_now == is_settled {
        return Ok(true);
    }
    let current: Vec<&Job> = copy.current().collect();
    // Of what still runs, the time until now is added where it is shown.
    let took = busy(
        &current.iter().copied().filter(|job| job.phase == Phase::Completed).collect::<Vec<_>>(),
        copy.run.updated_at,
    );
    store::save(&mut tx, &copy, &jobs, took.num_seconds(), is_settled_now).await?;
    tx.commit().await?;
    ctx.live.look();
    Ok(true)
}

/// Keeps all jobs of one attempt, as they were read.
pub(super) async fn keep_jobs(
    ctx: &Context,
    run: RunId,
    jobs: Vec<Job>,
    whole: Option<RunAttempt>,
) -> Result<(), Error> {
    let tx = ctx.db.begin().await?;
    hear(ctx, tx, run, Heard { run: None, jobs, whole }).await.map(|_| ())
}

/// For the sweep: which attempts have no job here.
pub(super) fn unread_attempts(copy: &Copy) -> Vec<RunAttempt> {
    /// Earlier ones than these are history that GitHub shows.
    const LOOK_BACK: u64 = 4;
    let newest = copy.run.attempt.0;
    (newest.saturating_sub(LOOK_BACK).max(1)..newest)
        .map(RunAttempt)
        .filter(|attempt| !copy.jobs.keys().any(|(of, _)| of == attempt))
        .collect()
}
