//! Runs, jobs, environments, deployments.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::people::organization_as_user;
use super::{Api, account, node, pull, simple_repository, time};
use crate::github::evidence::Artifact;
use crate::github::model::{Answer, Attempt, Deployment, DeploymentStatus, GitHub, Job, Repo, Run};
use crate::value::with;

/// A run as it stands in one of its attempts.
pub(in crate::github) fn run(api: &Api, github: &GitHub, it: &Run, attempt: &Attempt) -> Value {
    let Some(repo) = github.repo(it.repo) else {
        return Value::Null;
    };
    let full = repo.full_name();
    let url = api.url(&format!("/repos/{full}/actions/runs/{}", it.id));
    let suite = it.id + 500_000_000;
    let head = repo.git.commit(&it.head_sha);
    let who = |signature: &crate::github::git::Signature| json!({ "name": signature.name, "email": signature.email });
    let previous = (attempt.number > 1).then(|| format!("{url}/attempts/{}", attempt.number - 1));
    let pulls: Vec<Value> = github
        .pulls
        .iter()
        .filter(|known| known.repo == it.repo && Some(known.number) == it.pull)
        .map(|known| pull(api, github, known, true))
        .collect();
    json!({
        "id": it.id,
        "name": it.service,
        "node_id": node("WorkflowRun", it.id),
        "head_branch": it.branch,
        "head_sha": it.head_sha,
        "path": it.workflow,
        "display_title": it.title,
        "run_number": it.number,
        "event": it.event,
        "status": attempt.status(),
        "conclusion": attempt.conclusion(),
        "workflow_id": it.workflow_id,
        "check_suite_id": suite,
        "check_suite_node_id": node("CheckSuite", suite),
        "url": url,
        "html_url": api.html(&format!("/{full}/actions/runs/{}", it.id)),
        "pull_requests": pulls,
        "created_at": time(it.created_at),
        "updated_at": time(attempt.updated_at()),
        "actor": account(api, github, it.actor),
        "run_attempt": attempt.number,
        "referenced_workflows": [],
        "run_started_at": time(attempt.started_at),
        "triggering_actor": account(api, github, attempt.triggering_actor),
        "jobs_url": format!("{url}/jobs"),
        "logs_url": format!("{url}/logs"),
        "check_suite_url": api.url(&format!("/repos/{full}/check-suites/{suite}")),
        "artifacts_url": format!("{url}/artifacts"),
        "cancel_url": format!("{url}/cancel"),
        "rerun_url": format!("{url}/rerun"),
        "previous_attempt_url": previous,
        "workflow_url": api.url(&format!("/repos/{full}/actions/workflows/{}", it.workflow_id)),
        "head_commit": head.map(|commit| json!({
            "id": commit.sha, "tree_id": commit.tree, "message": commit.message, "timestamp": time(commit.committer.at),
            "author": who(&commit.author), "committer": who(&commit.committer),
        })),
        "repository": simple_repository(api, repo),
        "head_repository": simple_repository(api, repo),
    })
}

fn step(of: &Job, number: u64, name: &str, conclusion: Option<&str>) -> Value {
    json!({
        "name": name, "status": of.status, "conclusion": conclusion, "number": number,
        "started_at": time(of.started_at), "completed_at": of.completed_at.map(time),
    })
}

pub(in crate::github) fn job(api: &Api, repo: &Repo, run: &Run, attempt: &Attempt, it: &Job) -> Value {
    let full = repo.full_name();
    let steps: Vec<Value> = match it.status {
        "waiting" => Vec::new(),
        _ if it.steps.is_empty() => vec![step(it, 1, it.name, it.conclusion)],
        _ => it.steps.iter().zip(1..).map(|((name, ended), number)| step(it, number, name, Some(*ended))).collect(),
    };
    let runner = it.status != "waiting";
    json!({
        "id": it.id,
        "run_id": run.id,
        "workflow_name": run.service,
        "head_branch": run.branch,
        "run_url": api.url(&format!("/repos/{full}/actions/runs/{}", run.id)),
        "run_attempt": attempt.number,
        "node_id": node("CheckRun", it.id),
        "head_sha": run.head_sha,
        "url": api.url(&format!("/repos/{full}/actions/jobs/{}", it.id)),
        "html_url": api.html(&format!("/{full}/actions/runs/{}/job/{}", run.id, it.id)),
        "status": it.status,
        "conclusion": it.conclusion,
        "created_at": time(it.started_at),
        "started_at": time(it.started_at),
        "completed_at": it.completed_at.map(time),
        "name": it.name,
        "steps": steps,
        "check_run_url": api.url(&format!("/repos/{full}/check-runs/{}", it.id)),
        "labels": ["ubuntu-24.04"],
        "runner_id": runner.then_some(21),
        "runner_name": runner.then_some("GitHub Actions 21"),
        "runner_group_id": runner.then_some(2),
        "runner_group_name": runner.then_some("GitHub Actions"),
    })
}

fn environment(api: &Api, repo: &Repo, name: &str) -> Value {
    let (full, id) = (repo.full_name(), repo.environment_id(name));
    json!({
        "id": id,
        "node_id": node("Environment", id),
        "name": name,
        "url": api.url(&format!("/repos/{full}/environments/{name}")),
        "html_url": api.html(&format!("/{full}/deployments/activity_log?environments_filter={name}")),
    })
}

/// One environment that waits. The rule is the App's, so there are no human reviewers.
pub(in crate::github) fn pending_deployment(api: &Api, repo: &Repo, name: &str) -> Value {
    json!({ "environment": environment(api, repo, name), "wait_timer": 0, "wait_timer_started_at": null, "current_user_can_approve": false, "reviewers": [] })
}

/// One line of the run's review history.
pub(in crate::github) fn approval(api: &Api, github: &GitHub, repo: &Repo, it: &Answer) -> Value {
    let made = json!({ "created_at": time(repo.created_at), "updated_at": time(repo.created_at) });
    let environment = with(environment(api, repo, &it.environment), made);
    let by = github.account_by_login(&it.by).map(|by| by.id).unwrap_or_default();
    json!({ "state": it.state, "comment": it.comment, "environments": [environment], "user": account(api, github, by) })
}

pub(in crate::github) fn deployment(api: &Api, github: &GitHub, it: &Deployment) -> Value {
    let Some(repo) = github.repo(it.repo) else {
        return Value::Null;
    };
    let full = repo.full_name();
    let url = api.url(&format!("/repos/{full}/deployments/{}", it.id));
    let updated: DateTime<Utc> = it.statuses.last().map_or(it.created_at, |status| status.at);
    json!({
        "url": url,
        "id": it.id,
        "node_id": node("Deployment", it.id),
        "task": "deploy",
        "original_environment": it.environment,
        "environment": it.environment,
        "description": null,
        "created_at": time(it.created_at),
        "updated_at": time(updated),
        "statuses_url": format!("{url}/statuses"),
        "repository_url": api.url(&format!("/repos/{full}")),
        "creator": account(api, github, it.creator),
        "sha": it.sha,
        "ref": it.reference,
        "payload": {},
        "transient_environment": false,
        "production_environment": it.environment == "production",
        "performed_via_github_app": null,
    })
}

pub(in crate::github) fn deployment_status(
    api: &Api,
    github: &GitHub,
    of: &Deployment,
    it: &DeploymentStatus,
) -> Value {
    let Some(repo) = github.repo(of.repo) else {
        return Value::Null;
    };
    let full = repo.full_name();
    let deployment = api.url(&format!("/repos/{full}/deployments/{}", of.id));
    let log = api.html(&format!("/{full}/actions/runs/{}/job/{}", of.run, of.job));
    json!({
        "url": format!("{deployment}/statuses/{}", it.id),
        "id": it.id,
        "node_id": node("DeploymentStatus", it.id),
        // The list of statuses has no word for a deployment that waits; the webhook has.
        "state": if it.state == "waiting" { "pending" } else { it.state },
        "creator": account(api, github, of.creator),
        "description": it.description,
        "environment": of.environment,
        "target_url": log,
        "created_at": time(it.at),
        "updated_at": time(it.at),
        "deployment_url": deployment,
        "repository_url": api.url(&format!("/repos/{full}")),
        "log_url": log,
        "performed_via_github_app": null,
    })
}

/// One artifact of a run.
pub(in crate::github) fn artifact(api: &Api, repo: &Repo, run: &Run, it: &Artifact) -> Value {
    let (full, archive) = (repo.full_name(), it.archive());
    let url = api.url(&format!("/repos/{full}/actions/artifacts/{}", it.id));
    json!({
        "id": it.id,
        "node_id": node("Artifact", it.id),
        "name": it.name,
        "size_in_bytes": archive.len(),
        "url": url,
        "archive_download_url": format!("{url}/zip"),
        "expired": it.expired,
        "digest": format!("sha256:{}", hex::encode(Sha256::digest(&archive))),
        "created_at": time(it.created_at),
        "updated_at": time(it.created_at),
        "expires_at": time(it.created_at + TimeDelta::days(90)),
        "workflow_run": {
            "id": it.left_by, "repository_id": repo.id, "head_repository_id": repo.id,
            "head_branch": run.branch, "head_sha": run.head_sha,
        },
    })
}

/// Which App says it.
fn app(api: &Api, slug: &str) -> Value {
    let id = if slug == "github-actions" { 15_368 } else { 70_000 + slug.len() as u64 };
    json!({
        "id": id, "slug": slug, "node_id": node("App", id), "client_id": format!("Iv1.{id:016}"), "name": slug, "description": "",
        "owner": organization_as_user(api), "external_url": api.html(&format!("/apps/{slug}")),
        "html_url": api.html(&format!("/apps/{slug}")), "created_at": "2018-07-30T09:30:17Z", "updated_at": "2024-10-24T18:29:10Z",
        "permissions": { "checks": "write", "metadata": "read" }, "events": [],
    })
}

/// What an App says of a commit.
pub(in crate::github) struct Said<'a> {
    pub id: u64,
    pub sha: &'a str,
    pub app: &'a str,
    pub name: &'a str,
    pub status: &'a str,
    pub conclusion: Option<&'a str>,
    pub started_at: DateTime<Utc>,
    pub completed_at: Option<DateTime<Utc>>,
    /// The run's, where it is a job.
    pub suite: u64,
    pub details: String,
}

pub(in crate::github) fn check_run(api: &Api, repo: &Repo, it: &Said<'_>) -> Value {
    let url = api.url(&format!("/repos/{}/check-runs/{}", repo.full_name(), it.id));
    json!({
        "id": it.id,
        "name": it.name,
        "node_id": node("CheckRun", it.id),
        "head_sha": it.sha,
        "external_id": "",
        "url": url,
        "html_url": it.details,
        "details_url": it.details,
        "status": it.status,
        "conclusion": it.conclusion,
        "started_at": time(it.started_at),
        "completed_at": it.completed_at.map(time),
        "output": { "title": null, "summary": null, "text": null, "annotations_count": 0, "annotations_url": format!("{url}/annotations") },
        "check_suite": { "id": it.suite },
        "app": app(api, it.app),
        "pull_requests": [],
    })
}
