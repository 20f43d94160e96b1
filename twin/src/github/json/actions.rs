//! Runs, jobs, environments, deployments.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Api, account, node, pull, simple_repository, time};
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

pub(in crate::github) fn job(api: &Api, repo: &Repo, run: &Run, attempt: &Attempt, it: &Job) -> Value {
    let full = repo.full_name();
    let steps: Vec<Value> = match it.status {
        "waiting" => Vec::new(),
        _ => vec![json!({
            "name": it.name, "status": it.status, "conclusion": it.conclusion, "number": 1,
            "started_at": time(it.started_at), "completed_at": it.completed_at.map(time),
        })],
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
