//! Repositories, runs, jobs and what waits.

use super::super::facts::{
    Account, AccountKind, Conclusion, JobFacts, PendingDeployment, RepositoryFacts, ReviewFacts, RunFacts, RunStatus,
    StepFacts,
};
use super::super::pipelines::{SeenJob, SeenRun};
use super::{RawAccount, Unfit, link, number, parsed};
use chrono::{DateTime, Utc};
use gatehouse_domain::pipelines::{Job, Outcome, Phase, Run, Step};
use gatehouse_domain::{RepositoryId, RunAttempt, RunId};
use serde::Deserialize;

#[derive(Deserialize)]
pub(in crate::github) struct RawRepository {
    id: u64,
    full_name: String,
}

impl TryFrom<RawRepository> for RepositoryFacts {
    type Error = Unfit;
    fn try_from(raw: RawRepository) -> Result<Self, Unfit> {
        Ok(Self {
            id: RepositoryId(number(raw.id, "a repository's id is no id")?),
            full_name: parsed(&raw.full_name, "a repository's name is no name")?,
        })
    }
}

fn run_status(text: Option<String>) -> RunStatus {
    match text.as_deref() {
        Some("queued" | "requested" | "pending") => RunStatus::Queued,
        Some("in_progress") => RunStatus::InProgress,
        Some("waiting") => RunStatus::Waiting,
        Some("completed") => RunStatus::Completed,
        _ => RunStatus::Other(text.unwrap_or_default()),
    }
}

pub(super) fn conclusion(text: String) -> Conclusion {
    match text.as_str() {
        "success" => Conclusion::Success,
        "failure" => Conclusion::Failure,
        "cancelled" => Conclusion::Cancelled,
        "skipped" => Conclusion::Skipped,
        _ => Conclusion::Other(text),
    }
}

#[derive(Deserialize)]
struct RawId {
    id: u64,
}

#[derive(Deserialize)]
pub(in crate::github) struct RawRun {
    id: u64,
    run_attempt: u64,
    repository: RawId,
    head_repository: Option<RawId>,
    head_sha: String,
    head_branch: Option<String>,
    path: String,
    event: String,
    status: Option<String>,
    conclusion: Option<String>,
    display_title: Option<String>,
    actor: Option<RawAccount>,
    triggering_actor: Option<RawAccount>,
    html_url: String,
    created_at: DateTime<Utc>,
    run_started_at: Option<DateTime<Utc>>,
    updated_at: Option<DateTime<Utc>>,
}

impl TryFrom<RawRun> for RunFacts {
    type Error = Unfit;
    fn try_from(raw: RawRun) -> Result<Self, Unfit> {
        let head = raw.head_repository.map(|r| number(r.id, "a repository's id is no id")).transpose()?;
        Ok(Self {
            id: RunId(number(raw.id, "the run's id is no id")?),
            attempt: RunAttempt(number(raw.run_attempt, "the run's attempt is no attempt")?),
            repository_id: RepositoryId(number(raw.repository.id, "a repository's id is no id")?),
            head_repository_id: head.map(RepositoryId),
            head_sha: parsed(&raw.head_sha, "the run's commit is no commit SHA")?,
            head_branch: raw.head_branch,
            path: raw.path,
            event: raw.event,
            status: run_status(raw.status),
            conclusion: raw.conclusion.map(conclusion),
            title: raw.display_title.unwrap_or_default(),
            actor: raw.actor.ok_or(Unfit("the run has no actor"))?.try_into()?,
            triggering_actor: raw.triggering_actor.ok_or(Unfit("the run has no triggering actor"))?.try_into()?,
            html_url: link(&raw.html_url)?,
            created_at: raw.created_at,
            started_at: raw.run_started_at,
        })
    }
}

/// A list whose items are read one by one.
#[derive(Deserialize)]
pub(in crate::github) struct RawRuns {
    pub(in crate::github) workflow_runs: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
pub(in crate::github) struct RawJobs {
    pub(in crate::github) total_count: usize,
    pub(in crate::github) jobs: Vec<RawJob>,
}

#[derive(Deserialize)]
pub(in crate::github) struct RawJob {
    id: Option<u64>,
    run_id: Option<u64>,
    run_attempt: Option<u64>,
    started_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
    name: String,
    status: Option<String>,
    conclusion: Option<String>,
    check_run_url: Option<String>,
    #[serde(default)]
    steps: Vec<RawStep>,
}

#[derive(Deserialize)]
struct RawStep {
    name: String,
    conclusion: Option<String>,
    status: Option<String>,
    number: Option<u32>,
    started_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
}

impl From<RawJob> for JobFacts {
    fn from(raw: RawJob) -> Self {
        let step = |step: RawStep| StepFacts { name: step.name, conclusion: step.conclusion.map(conclusion) };
        Self {
            name: raw.name,
            status: run_status(raw.status),
            conclusion: raw.conclusion.map(conclusion),
            // Only the number at its end is taken; the address is never called.
            check_run: raw.check_run_url.and_then(|url| url.rsplit('/').next()?.parse().ok()),
            steps: raw.steps.into_iter().map(step).collect(),
        }
    }
}

/// Strangers' words are kept so far, and without what a database cannot hold.
const MOST_CHARS: usize = 300;

fn kept(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(MOST_CHARS).collect()
}

impl TryFrom<RawRun> for SeenRun {
    type Error = Unfit;
    fn try_from(raw: RawRun) -> Result<Self, Unfit> {
        let updated_at = raw.updated_at;
        let phase = Phase::of(raw.status.as_deref().unwrap_or_default());
        let outcome = raw.conclusion.as_deref().map(Outcome::of);
        let facts = RunFacts::try_from(raw)?;
        Ok(Self {
            repository_id: facts.repository_id,
            path: facts.path,
            run: Run {
                attempt: facts.attempt,
                phase,
                updated_at: updated_at.unwrap_or(facts.created_at),
                id: facts.id,
                outcome,
                branch: kept(facts.head_branch.as_deref().unwrap_or_default()),
                head_sha: facts.head_sha,
                title: kept(&facts.title),
                event: kept(&facts.event),
                actor: kept(&facts.triggering_actor.login),
                created_at: facts.created_at,
                started_at: facts.started_at.unwrap_or(facts.created_at),
            },
        })
    }
}

impl TryFrom<RawJob> for SeenJob {
    type Error = Unfit;
    fn try_from(raw: RawJob) -> Result<Self, Unfit> {
        const MOST_STEPS: usize = 500;
        let id = |id: Option<u64>, why| number(id.unwrap_or_default(), why);
        let step = |(step, place): (RawStep, u32)| Step {
            number: step.number.unwrap_or(place),
            name: kept(&step.name),
            phase: Phase::of(step.status.as_deref().unwrap_or_default()),
            outcome: step.conclusion.as_deref().map(Outcome::of),
            started_at: step.started_at,
            completed_at: step.completed_at,
        };
        Ok(Self {
            run_id: RunId(id(raw.run_id, "a job's run is no run")?),
            job: Job {
                phase: Phase::of(raw.status.as_deref().unwrap_or_default()),
                steps: raw.steps.into_iter().take(MOST_STEPS).zip(1..).map(step).collect(),
                id: id(raw.id, "a job's id is no id")?,
                attempt: RunAttempt(id(raw.run_attempt, "a job's attempt is no attempt")?),
                name: kept(&raw.name),
                outcome: raw.conclusion.as_deref().map(Outcome::of),
                started_at: raw.started_at,
                completed_at: raw.completed_at,
            },
        })
    }
}

#[derive(Deserialize)]
pub(in crate::github) struct RawPending {
    environment: RawEnvironment,
}

#[derive(Deserialize)]
struct RawEnvironment {
    id: u64,
    name: String,
}

impl TryFrom<RawPending> for PendingDeployment {
    type Error = Unfit;
    fn try_from(raw: RawPending) -> Result<Self, Unfit> {
        Ok(Self {
            environment_id: number(raw.environment.id, "an environment's id is no id")?,
            environment: raw.environment.name,
        })
    }
}

#[derive(Deserialize)]
pub(in crate::github) struct RawReview {
    state: String,
    comment: Option<String>,
    environments: Vec<RawReviewed>,
    user: Option<RawAccount>,
}

#[derive(Deserialize)]
struct RawReviewed {
    name: String,
}

impl TryFrom<RawReview> for ReviewFacts {
    type Error = Unfit;
    fn try_from(raw: RawReview) -> Result<Self, Unfit> {
        let by: Option<Account> = raw.user.map(TryInto::try_into).transpose()?;
        Ok(Self {
            environments: raw.environments.into_iter().map(|environment| environment.name).collect(),
            state: raw.state,
            comment: raw.comment.unwrap_or_default(),
            by: by.map_or(AccountKind::Other, |account| account.kind),
        })
    }
}
