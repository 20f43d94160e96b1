//! Deployments and their statuses.

use axum::extract::Path;
use serde_json::Value;

use crate::github::auth::Call;
use crate::github::json as render;
use crate::github::model::{Deployment, GitHub};
use crate::github::reply::{Answer, Refusal, ok};

type OfDeployment = Path<(String, String, u64)>;

pub(super) async fn list(call: Call, Path((owner, name)): Path<(String, String)>) -> Answer {
    let model = call.shared.model();
    let repo = call.repo(&model.github, &owner, &name)?;
    let matches = |it: &&Deployment| {
        it.repo == repo.id
            && call.wants("environment", &it.environment)
            && call.wants("sha", &it.sha)
            && call.wants("ref", &it.reference)
            && call.wants("task", "deploy")
    };
    let mut found: Vec<&Deployment> = model.github.deployments.values().filter(matches).collect();
    found.sort_by_key(|it| std::cmp::Reverse((it.created_at, it.id)));
    call.page().array(found.into_iter().map(|it| render::deployment(&call.api, &model.github, it)).collect())
}

fn find<'a>(call: &Call, github: &'a GitHub, owner: &str, name: &str, id: u64) -> Result<&'a Deployment, Refusal> {
    let repo = call.repo(github, owner, name)?;
    github.deployments.get(&id).filter(|it| it.repo == repo.id).ok_or_else(Refusal::not_found)
}

pub(super) async fn one(call: Call, Path((owner, name, id)): OfDeployment) -> Answer {
    let model = call.shared.model();
    ok(render::deployment(&call.api, &model.github, find(&call, &model.github, &owner, &name, id)?))
}

pub(super) async fn statuses(call: Call, Path((owner, name, id)): OfDeployment) -> Answer {
    let model = call.shared.model();
    let it = find(&call, &model.github, &owner, &name, id)?;
    let all: Vec<Value> = it
        .statuses
        .iter()
        .rev()
        .map(|status| render::deployment_status(&call.api, &model.github, it, status))
        .collect();
    call.page().array(all)
}
