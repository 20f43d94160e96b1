//! Runs and jobs for showing: as a webhook tells them, and as GitHub lists them.
//!
//! Unlike the question of a protection rule, nothing is decided on these; what a webhook tells whole is taken as it is,
//! and never overwrites what is newer.

use super::webhook::{ParseError, check_depth};
use super::wire::{RawJob, RawJobs, RawRun, RawRuns, Unfit};
use super::{Client, Error, RepoName};
use gatehouse_domain::{RepositoryId, RunAttempt, RunId};
use serde::Deserialize;

/// 2,000 jobs are past any real run.
const MAX_JOB_PAGES: usize = 20;

/// A run as the pipelines' pages keep it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenRun {
    /// The repository it belongs to.
    pub repository_id: RepositoryId,
    /// The workflow file, as in [`super::facts::RunFacts`].
    pub path: String,
    /// What is kept.
    pub run: gatehouse_domain::pipelines::Run,
}

/// A job as the pipelines' pages keep it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenJob {
    /// The run it is of.
    pub run_id: RunId,
    /// What is kept.
    pub job: gatehouse_domain::pipelines::Job,
}

/// What a webhook about a run or a job says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Which installation of the App was told; compare with our own.
    pub installation_id: u64,
    /// Which repository it is about.
    pub repository_id: RepositoryId,
    /// Its name.
    pub repository: RepoName,
    /// About what.
    pub about: Seen,
}

/// A run or a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// A run.
    Run(SeenRun),
    /// A job.
    Job(SeenJob),
}

#[derive(Deserialize)]
struct Raw {
    repository: RawRepository,
    installation: RawId,
    workflow_run: Option<RawRun>,
    workflow_job: Option<RawJob>,
}

#[derive(Deserialize)]
struct RawRepository {
    id: u64,
    full_name: String,
}

#[derive(Deserialize)]
struct RawId {
    id: u64,
}

/// Reads the body of a `workflow_run` or `workflow_job` event, whose signature was checked.
///
/// # Errors
/// When it is none.
pub fn parse_told(body: &[u8]) -> Result<Told, ParseError> {
    let text = std::str::from_utf8(body).map_err(|_| ParseError::NotUtf8)?;
    check_depth(body)?;
    let raw: Raw = serde_json::from_str(text).map_err(|e| match e.classify() {
        serde_json::error::Category::Data => ParseError::Unfit("run or job"),
        _ => ParseError::NotJson,
    })?;
    let unfit = |unfit: Unfit| ParseError::Unfit(unfit.0);
    let about = match (raw.workflow_run, raw.workflow_job) {
        (Some(run), None) => Seen::Run(run.try_into().map_err(unfit)?),
        (None, Some(job)) => Seen::Job(job.try_into().map_err(unfit)?),
        _ => return Err(ParseError::Missing("workflow_run or workflow_job")),
    };
    Ok(Told {
        installation_id: raw.installation.id,
        repository_id: RepositoryId(raw.repository.id),
        repository: raw.repository.full_name.parse().map_err(|_| ParseError::Unfit("repository.full_name"))?,
        about,
    })
}

/// A page of a repository's runs, newest first.
#[derive(Debug)]
pub struct RunsPage {
    /// Those that can be read; of the others the log says why not.
    pub runs: Vec<SeenRun>,
    /// Whether there is another page.
    pub has_more: bool,
}

impl Client {
    /// One page of the runs of a repository, newest first. The first page costs nothing while nothing changes.
    pub async fn list_runs(&self, repo: &RepoName, page: u32) -> Result<RunsPage, Error> {
        let what = format!("the runs of {repo}");
        let route = format!("/repos/{repo}/actions/runs?per_page=100&page={page}");
        let found = self.read_page::<RawRuns>(&route, &what).await?;
        let read = |raw| {
            let run = serde_json::from_value::<RawRun>(raw).map_err(|_| "its shape");
            let run = run.and_then(|raw| SeenRun::try_from(raw).map_err(|unfit| unfit.0));
            run.inspect_err(|why| tracing::warn!(repository = %repo, why, "a run cannot be read")).ok()
        };
        let runs = found.items.workflow_runs.into_iter().filter_map(read).collect();
        Ok(RunsPage { runs, has_more: found.next_query.is_some() })
    }

    /// One run as it is now.
    pub async fn see_run(&self, repo: &RepoName, run: RunId) -> Result<SeenRun, Error> {
        let what = format!("run {run} of {repo}");
        let seen: SeenRun = self.read::<RawRun, _>(&format!("/repos/{repo}/actions/runs/{run}"), &what).await?;
        if seen.run.id == run {
            Ok(seen)
        } else {
            Err(Error::Unreadable { what, why: "it is about another one".to_owned() })
        }
    }

    /// All jobs of one attempt, with the times of their steps.
    pub async fn see_jobs(&self, repo: &RepoName, run: RunId, attempt: RunAttempt) -> Result<Vec<SeenJob>, Error> {
        let what = format!("the jobs of run {run}, attempt {attempt}, of {repo}");
        let mut jobs = Vec::new();
        for page in 1..=MAX_JOB_PAGES {
            let route = format!("/repos/{repo}/actions/runs/{run}/attempts/{attempt}/jobs?per_page=100&page={page}");
            let raw: RawJobs = self.read_page(&route, &what).await?.items;
            let (total, is_empty) = (raw.total_count, raw.jobs.is_empty());
            for raw in raw.jobs {
                jobs.push(SeenJob::try_from(raw).map_err(|unfit| unfit.about(&what))?);
            }
            if jobs.len() >= total {
                return Ok(jobs);
            }
            if is_empty {
                break;
            }
        }
        Err(Error::Truncated { what })
    }
}
