//! Runs, attempts, jobs, and what waits.

use axum::extract::Path;
use serde_json::Value;

use crate::github::auth::Call;
use crate::github::json as render;
use crate::github::model::{Attempt, GitHub, Repo, Run};
use crate::github::reply::{Answer, Refusal, ok};

type OfRun = Path<(String, String, u64)>;
type OfAttempt = Path<(String, String, u64, u64)>;

pub(super) fn find<'a>(
    call: &Call,
    github: &'a GitHub,
    owner: &str,
    name: &str,
    id: u64,
) -> Result<(&'a Repo, &'a Run, &'a Attempt), Refusal> {
    let repo = call.repo(github, owner, name)?;
    let run = github.runs.get(&id).filter(|run| run.repo == repo.id).ok_or_else(Refusal::not_found)?;
    Ok((repo, run, run.attempts.last().ok_or_else(Refusal::not_found)?))
}

fn numbered(run: &Run, number: u64) -> Result<&Attempt, Refusal> {
    run.attempts.iter().find(|attempt| attempt.number == number).ok_or_else(Refusal::not_found)
}

pub(super) async fn runs(call: Call, Path((owner, name)): Path<(String, String)>) -> Answer {
    let model = call.shared.model();
    let github = &model.github;
    let repo = call.repo(github, &owner, &name)?;
    let matches = |run: &Run, attempt: &Attempt| {
        let status = call
            .query
            .get("status")
            .is_none_or(|wanted| wanted == attempt.status() || Some(wanted.as_str()) == attempt.conclusion());
        let actor = call
            .query
            .get("actor")
            .is_none_or(|login| github.account_by_login(login).is_some_and(|account| account.id == run.actor));
        status
            && actor
            && call.wants("branch", &run.branch)
            && call.wants("event", &run.event)
            && call.wants("head_sha", &run.head_sha)
    };
    let newest = github.runs.values().rev().filter(|run| run.repo == repo.id);
    let found = newest.filter_map(|run| {
        run.attempts
            .last()
            .filter(|attempt| matches(run, attempt))
            .map(|attempt| render::run(&call.api, github, run, attempt))
    });
    call.page().object("workflow_runs", found.collect())
}

pub(super) async fn run(call: Call, Path((owner, name, id)): OfRun) -> Answer {
    let model = call.shared.model();
    let (_, run, attempt) = find(&call, &model.github, &owner, &name, id)?;
    ok(render::run(&call.api, &model.github, run, attempt))
}

pub(super) async fn attempt(call: Call, Path((owner, name, id, number)): OfAttempt) -> Answer {
    let model = call.shared.model();
    let (_, run, _) = find(&call, &model.github, &owner, &name, id)?;
    ok(render::run(&call.api, &model.github, run, numbered(run, number)?))
}

fn jobs_of(call: &Call, repo: &Repo, run: &Run, attempts: &[&Attempt]) -> Vec<Value> {
    let jobs = attempts.iter().flat_map(|attempt| attempt.jobs.iter().map(move |job| (attempt, job)));
    jobs.map(|(attempt, job)| render::job(&call.api, repo, run, attempt, job)).collect()
}

pub(super) async fn jobs(call: Call, Path((owner, name, id)): OfRun) -> Answer {
    let model = call.shared.model();
    let (repo, run, newest) = find(&call, &model.github, &owner, &name, id)?;
    let all: Vec<&Attempt> = if call.query.get("filter").is_some_and(|filter| filter == "all") {
        run.attempts.iter().collect()
    } else {
        vec![newest]
    };
    call.page().object("jobs", jobs_of(&call, repo, run, &all))
}

pub(super) async fn attempt_jobs(call: Call, Path((owner, name, id, number)): OfAttempt) -> Answer {
    let model = call.shared.model();
    let (repo, run, _) = find(&call, &model.github, &owner, &name, id)?;
    call.page().object("jobs", jobs_of(&call, repo, run, &[numbered(run, number)?]))
}

pub(super) async fn pending_deployments(call: Call, Path((owner, name, id)): OfRun) -> Answer {
    let model = call.shared.model();
    let (repo, _, attempt) = find(&call, &model.github, &owner, &name, id)?;
    ok(attempt.pending.keys().map(|name| render::pending_deployment(&call.api, repo, name)).collect())
}

pub(super) async fn approvals(call: Call, Path((owner, name, id)): OfRun) -> Answer {
    let model = call.shared.model();
    let (repo, run, _) = find(&call, &model.github, &owner, &name, id)?;
    ok(run.answers.iter().map(|answer| render::approval(&call.api, &model.github, repo, answer)).collect())
}
