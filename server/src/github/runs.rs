//! Repositories and runs: what asks, what waits, and the answer.

use super::client::As;
use super::facts::{JobFacts, PendingDeployment, RepositoryFacts, ReviewFacts, RunFacts};
use super::wire::{RawJobs, RawPending, RawRepository, RawReview, RawRun, RawRuns, number};
use super::{Client, Error, RepoName};
use gatehouse_domain::{RepositoryId, RunAttempt, RunId};
use serde_json::json;

/// GitHub allows 256 jobs a matrix and more through reusable workflows; 2,000 is past any real run.
const MAX_JOB_PAGES: usize = 20;
/// GitHub gives at most 1,000 runs of a filtered list.
const MAX_RUN_PAGES: usize = 10;
/// GitHub's limit for the comment of a protection rule.
const COMMENT_LIMIT: usize = 1024;

/// What a protection rule is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The job may go on.
    Approve,
    /// The job fails.
    Reject,
}

impl Answer {
    /// GitHub's own word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approved",
            Self::Reject => "rejected",
        }
    }
}

impl Client {
    /// The repository with this number, under its name of today.
    pub async fn read_repository(&self, id: RepositoryId) -> Result<RepositoryFacts, Error> {
        let what = format!("repository {id}");
        let facts: RepositoryFacts = self.read::<RawRepository, _>(&format!("/repositories/{id}"), &what).await?;
        if facts.id == id { Ok(facts) } else { Err(foreign(&what)) }
    }

    /// The run as it is now: its latest attempt.
    pub async fn read_run(&self, repo: &RepoName, run: RunId) -> Result<RunFacts, Error> {
        let what = format!("run {run} of {repo}");
        let facts: RunFacts = self.read::<RawRun, _>(&format!("/repos/{repo}/actions/runs/{run}"), &what).await?;
        if facts.id == run { Ok(facts) } else { Err(foreign(&what)) }
    }

    /// One attempt of a run, the current or an earlier one.
    pub async fn read_run_attempt(&self, repo: &RepoName, run: RunId, attempt: RunAttempt) -> Result<RunFacts, Error> {
        let what = format!("attempt {attempt} of run {run} of {repo}");
        let route = format!("/repos/{repo}/actions/runs/{run}/attempts/{attempt}");
        let facts: RunFacts = self.read::<RawRun, _>(&route, &what).await?;
        if facts.id == run && facts.attempt == attempt { Ok(facts) } else { Err(foreign(&what)) }
    }

    /// All jobs of one attempt. Says [`Error::Truncated`] rather than leave one out.
    pub async fn list_jobs(&self, repo: &RepoName, run: RunId, attempt: RunAttempt) -> Result<Vec<JobFacts>, Error> {
        let what = format!("the jobs of run {run}, attempt {attempt}, of {repo}");
        let mut jobs = Vec::new();
        for page in 1..=MAX_JOB_PAGES {
            let route = format!("/repos/{repo}/actions/runs/{run}/attempts/{attempt}/jobs?per_page=100&page={page}");
            let raw: RawJobs = self.read_page(&route, &what).await?.items;
            let total = raw.total_count;
            let empty = raw.jobs.is_empty();
            jobs.extend(raw.jobs.into_iter().map(JobFacts::from));
            if jobs.len() >= total {
                return Ok(jobs);
            }
            if empty {
                break;
            }
        }
        Err(Error::Truncated { what })
    }

    /// Every run of the repository that waits for something, as its latest attempt. One that cannot be read is left
    /// out, so that it does not hide the others; the log says so.
    pub async fn list_waiting_runs(&self, repo: &RepoName) -> Result<Vec<RunFacts>, Error> {
        let what = format!("the waiting runs of {repo}");
        let mut runs = Vec::new();
        for page in 1..=MAX_RUN_PAGES {
            let route = format!("/repos/{repo}/actions/runs?status=waiting&per_page=100&page={page}");
            let found = self.read_page::<RawRuns>(&route, &what).await?;
            runs.extend(found.items.workflow_runs.into_iter().filter_map(|raw| {
                let run = serde_json::from_value::<RawRun>(raw).map_err(|_| "its shape");
                let run = run.and_then(|raw| RunFacts::try_from(raw).map_err(|unfit| unfit.0));
                run.inspect_err(|why| tracing::warn!(repository = %repo, why, "a waiting run cannot be read")).ok()
            }));
            if found.next_query.is_none() {
                return Ok(runs);
            }
        }
        Err(Error::Truncated { what })
    }

    /// The environments that this run waits for, whatever holds them.
    pub async fn list_pending_deployments(&self, repo: &RepoName, run: RunId) -> Result<Vec<PendingDeployment>, Error> {
        let what = format!("what run {run} of {repo} waits for");
        let route = format!("/repos/{repo}/actions/runs/{run}/pending_deployments");
        let raw: Vec<RawPending> = self.read_page(&route, &what).await?.items;
        raw.into_iter().map(|r| r.try_into().map_err(|e: super::wire::Unfit| e.about(&what))).collect()
    }

    /// Who answered what on this run, in whatever attempt: the one place that tells an answer that arrived from one
    /// that was lost on the way.
    pub async fn list_reviews(&self, repo: &RepoName, run: RunId) -> Result<Vec<ReviewFacts>, Error> {
        let what = format!("the review history of run {run} of {repo}");
        let route = format!("/repos/{repo}/actions/runs/{run}/approvals");
        let raw: Vec<RawReview> = self.read_page(&route, &what).await?.items;
        raw.into_iter().map(|r| r.try_into().map_err(|e: super::wire::Unfit| e.about(&what))).collect()
    }

    /// Tells GitHub to let the job go on, or to fail it. Tried once: GitHub's answer names no attempt, so
    /// whoever repeats this re-reads run, attempt and pending deployment first. The comment is cut at
    /// GitHub's 1,024 characters; the whole of it is in the audit log.
    pub async fn answer_rule(
        &self,
        repo: &RepoName,
        run: RunId,
        environment: &str,
        answer: Answer,
        comment: &str,
    ) -> Result<(), Error> {
        let body = json!({"environment_name": environment, "state": answer.as_str(), "comment": clip(comment)});
        let what = format!("the answer to run {run} of {repo}");
        self.write(As::Installation, &rule_route(repo, run)?, Some(&body), &what).await
    }

    /// Shows a word on the held job's page and decides nothing. GitHub takes at most ten a rule.
    pub async fn report_status(
        &self,
        repo: &RepoName,
        run: RunId,
        environment: &str,
        comment: &str,
    ) -> Result<(), Error> {
        let body = json!({"environment_name": environment, "comment": clip(comment)});
        let what = format!("a status report on run {run} of {repo}");
        self.write(As::Installation, &rule_route(repo, run)?, Some(&body), &what).await
    }
}

fn rule_route(repo: &RepoName, run: RunId) -> Result<String, Error> {
    number(run.0, "the run's id is no id").map_err(|e| e.about("a run"))?;
    Ok(format!("/repos/{repo}/actions/runs/{run}/deployment_protection_rule"))
}

/// Asked for one thing, given another.
fn foreign(what: &str) -> Error {
    Error::Unreadable { what: what.to_owned(), why: "it is about another one".to_owned() }
}

fn clip(comment: &str) -> String {
    match comment.char_indices().nth(COMMENT_LIMIT) {
        None => comment.to_owned(),
        Some(_) => comment.chars().take(COMMENT_LIMIT - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_cut_at_githubs_limit_between_characters() {
        let exact = "é".repeat(COMMENT_LIMIT);
        assert_eq!(clip(&exact), exact);
        let cut = clip(&format!("{exact}x"));
        assert_eq!(cut.chars().count(), COMMENT_LIMIT);
        assert!(cut.ends_with("é…"));
    }
}
