//! What runs left behind, and what is said of a commit. An archive's bytes are not here: the API answers with an address
//! that takes no token, as the real one does.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde_json::Value;

use super::actions::find;
use crate::github::auth::Call;
use crate::github::json as render;
use crate::github::reply::{Answer, Refusal};
use crate::state::Shared;

pub(super) async fn artifacts(call: Call, Path((owner, name, id)): Path<(String, String, u64)>) -> Answer {
    let model = call.shared.model();
    let (repo, run, _) = find(&call, &model.github, &owner, &name, id)?;
    let of_run = model.github.artifacts.iter().filter(|it| it.run == id);
    let all: Vec<Value> = of_run.map(|it| render::artifact(&call.api, repo, run, it)).collect();
    call.page().object("artifacts", all)
}

pub(super) async fn archive(
    call: Call,
    Path((owner, name, id, format)): Path<(String, String, u64, String)>,
) -> Answer {
    let model = call.shared.model();
    let repo = call.repo(&model.github, &owner, &name)?;
    let is_here = |run: &u64| model.github.runs.get(run).is_some_and(|it| it.repo == repo.id);
    let found = model.github.artifacts.iter().find(|it| it.id == id && is_here(&it.run) && format == "zip");
    let artifact = found.ok_or_else(Refusal::not_found)?;
    if artifact.expired {
        return Err(Refusal::new(StatusCode::GONE, "Artifact has expired"));
    }
    let location = call.api.url(&format!("/_stored/{id}?sig=short-lived"));
    Ok((StatusCode::FOUND, [(header::LOCATION, location)]).into_response())
}

/// The store that GitHub points at. It refuses a token that it does not know, as the real one does.
pub(super) async fn stored(State(shared): State<Shared>, Path(id): Path<u64>, headers: HeaderMap) -> Response {
    if headers.contains_key(header::AUTHORIZATION) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let archive = shared.model().github.artifacts.iter().find(|it| it.id == id).map(|it| it.archive());
    match archive {
        Some(bytes) => ([(header::CONTENT_TYPE, "application/zip")], bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

pub(super) async fn checks(call: Call, Path((owner, name, sha)): Path<(String, String, String)>) -> Answer {
    let model = call.shared.model();
    let github = &model.github;
    let repo = call.repo(github, &owner, &name)?;
    let mut all = Vec::new();
    for run in github.runs.values().filter(|run| run.repo == repo.id && run.head_sha == sha) {
        for job in run.attempts.iter().flat_map(|attempt| &attempt.jobs) {
            let details = call.api.html(&format!("/{}/actions/runs/{}/job/{}", repo.full_name(), run.id, job.id));
            let conclusion = if github.doubt_checks { job.conclusion.map(|_| "failure") } else { job.conclusion };
            all.push(render::Said {
                id: job.id,
                sha: &sha,
                app: "github-actions",
                name: job.name,
                status: job.status,
                conclusion,
                started_at: job.started_at,
                completed_at: job.completed_at,
                suite: run.id + 500_000_000,
                details,
            });
        }
    }
    for it in github.other_checks.iter().filter(|it| it.repo == repo.id && it.sha == sha) {
        let details = call.api.html(&format!("/apps/{}", it.app));
        all.push(render::Said {
            id: it.id,
            sha: &sha,
            app: it.app,
            name: it.name,
            status: "completed",
            conclusion: Some(it.conclusion),
            started_at: it.at,
            completed_at: Some(it.at),
            suite: it.id + 500_000_000,
            details,
        });
    }
    let all = all.iter().map(|it| render::check_run(&call.api, repo, it)).collect();
    call.page().object("check_runs", all)
}
