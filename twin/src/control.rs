//! How is the twin itself steered? A small JSON API of its own, for the demo and its check; no real system has it.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::faults::{self, Fault};
use crate::github::{GithubModel, PushRun};
use crate::kubernetes::ClusterId;
use crate::oidc::Lie;
use crate::state::{Model, Shared};

pub(crate) fn router(shared: &Shared) -> Router {
    Router::new()
        .route("/", get(state))
        .route("/state", get(state))
        .route("/begin", post(begin))
        .route("/runs", post(push))
        .route("/runs/{id}/ask", post(ask))
        .route("/runs/{id}/rerun", post(rerun))
        .route("/runs/{id}/deploy", post(deploy))
        .route("/webhooks/let-go", post(let_go))
        .route("/faults", post(arm).delete(clear))
        .route("/lies/{name}", post(lie))
        .route("/lies", axum::routing::delete(be_honest))
        .route("/clock", post(clock))
        .fallback(faults::unknown("control"))
        .method_not_allowed_fallback(faults::unknown("control"))
        .with_state(shared.clone())
}

fn answer(result: anyhow::Result<Value>) -> Response {
    match result {
        Ok(value) => Json(value).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, Json(json!({ "message": format!("{error:#}") }))).into_response(),
    }
}

fn run_summary(model: &Model, id: u64) -> Value {
    let Ok(run) = model.github.run(id) else {
        return Value::Null;
    };
    let Some(attempt) = run.attempts.last() else {
        return Value::Null;
    };
    let jobs: serde_json::Map<String, Value> = attempt
        .jobs
        .iter()
        .map(|job| (job.name.to_owned(), json!({ "status": job.status, "conclusion": job.conclusion })))
        .collect();
    let production = attempt.job("production");
    json!({
        "id": run.id,
        "service": run.service,
        "title": run.title,
        "repository": model.github.repo(run.repo).map(|repo| repo.full_name()),
        "head_sha": run.head_sha,
        "event": run.event,
        "actor": model.github.account(run.actor).map(|account| account.login.clone()),
        "attempt": attempt.number,
        "status": attempt.status(),
        "conclusion": attempt.conclusion(),
        "jobs": jobs,
        "released": production.is_some_and(|job| job.status == "in_progress" || job.conclusion == Some("success")),
        "pending": attempt.pending.keys().collect::<Vec<_>>(),
        "answers": run.answers,
        "status_reports": run.reports,
    })
}

async fn state(State(shared): State<Shared>) -> Json<Value> {
    let (unknown, unspent, now) = (shared.unknown_routes(), shared.faults.unspent(), shared.now());
    let mut model = shared.model();
    let runs: Vec<Value> = model.github.runs.keys().rev().map(|id| run_summary(&model, *id)).collect();
    let services = model.services.clone();
    let production = model.clusters.get_mut(ClusterId::Production);
    let production: Vec<Value> = services
        .iter()
        .filter_map(|it| {
            let containers = production.images(&it.namespace, &it.deployment)?;
            Some(json!({ "namespace": it.namespace, "deployment": it.deployment, "containers": containers }))
        })
        .collect();
    let deliveries: Vec<Value> = model
        .github
        .deliveries
        .iter()
        .map(|it| json!({ "guid": it.guid, "event": it.event, "response": it.response, "redelivery": it.redelivery }))
        .collect();
    Json(json!({
        "now": now,
        "portal": shared.portal(),
        "begun": model.github.begun,
        "runs": runs,
        "deliveries": deliveries,
        "production": production,
        "people": model.people,
        "unspent_faults": unspent,
        "unknown_routes": unknown,
    }))
}

async fn begin(State(shared): State<Shared>) -> Response {
    let is_week = shared.model().is_week && shared.model().github.begun.is_empty();
    let begun = async {
        let runs = GithubModel(shared.clone()).begin().await?;
        if is_week {
            crate::visitors::play(&shared).await?;
        }
        Ok(runs)
    };
    answer(begun.await.map(|runs| {
        let model = shared.model();
        json!({ "runs": runs.iter().map(|id| run_summary(&model, *id)).collect::<Vec<_>>() })
    }))
}

#[derive(Deserialize)]
struct PushRequest {
    service: String,
    author: String,
    title: Option<String>,
    #[serde(default)]
    co_authors: Vec<String>,
    /// Made from what production runs where it does not exist, so that nobody else's commits are in it.
    branch: Option<String>,
    /// What it changes, where that is more than a line.
    brings: Option<Brings>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Brings {
    /// Phone numbers, kept longer and given away.
    DataPipeline,
    /// Another way out of the cluster.
    Network,
}

async fn push(State(shared): State<Shared>, Json(request): Json<PushRequest>) -> Response {
    let plain = PushRun::of(&request.service, &request.author);
    let push = PushRun {
        title: request.title.unwrap_or_else(|| plain.title.clone()),
        co_authors: request.co_authors,
        branch: request.branch.unwrap_or_else(|| plain.branch.clone()),
        edits: match request.brings {
            Some(Brings::DataPipeline) => crate::history::data::pipeline(),
            Some(Brings::Network) => crate::history::files::network_edits(&request.service),
            None => Vec::new(),
        },
        ..plain
    };
    let github = GithubModel(shared);
    let pushed = async {
        github.branch_off(&push.service, &push.branch)?;
        let run = github.push_run(&push)?;
        github.0.tell_soon(run);
        let delivery = github.ask_for_production(run).await?;
        Ok(json!({ "run": run, "guid": delivery.guid, "response": delivery.response }))
    };
    answer(pushed.await)
}

async fn ask(State(shared): State<Shared>, Path(id): Path<u64>) -> Response {
    let asked = GithubModel(shared).ask_for_production(id).await;
    answer(asked.map(|delivery| json!({ "guid": delivery.guid, "response": delivery.response })))
}

async fn let_go(State(shared): State<Shared>) -> Response {
    let sent = GithubModel(shared).let_go().await;
    answer(sent.map(|sent| json!({ "sent": sent.iter().map(|delivery| &delivery.guid).collect::<Vec<_>>() })))
}

#[derive(Default, Deserialize)]
struct RerunRequest {
    by: Option<String>,
    /// Ask for production at once, as GitHub does when the earlier jobs are green again.
    ask: Option<bool>,
}

async fn rerun(State(shared): State<Shared>, Path(id): Path<u64>, request: Option<Json<RerunRequest>>) -> Response {
    let request = request.map(|Json(request)| request).unwrap_or_default();
    let github = GithubModel(shared);
    let again = async {
        let attempt = github.rerun(id, request.by.as_deref().unwrap_or("rohandas"))?;
        github.0.tell_soon(id);
        let delivery = if request.ask.unwrap_or(true) { Some(github.ask_for_production(id).await?) } else { None };
        Ok(json!({ "run": id, "attempt": attempt, "guid": delivery.map(|delivery| delivery.guid) }))
    };
    answer(again.await)
}

/// What a run built is what production runs from now on.
async fn deploy(State(shared): State<Shared>, Path(id): Path<u64>) -> Response {
    let now = shared.now();
    answer(shared.model().deploy(id, now).map(|image| json!({ "image": image })))
}

#[derive(Deserialize)]
struct FaultRequest {
    name: String,
    /// A status to fail with; without one see `kind`.
    status: Option<u16>,
    /// `drop`, `lose` or `delay`; for webhooks also `double`, `hold` or `never`.
    kind: Option<String>,
    delay_ms: Option<u64>,
    times: Option<u32>,
}

async fn arm(State(shared): State<Shared>, Json(request): Json<FaultRequest>) -> Response {
    let fault = match (request.status, request.kind.as_deref()) {
        (Some(status), _) => Fault::Fail(status),
        (None, Some("drop")) => Fault::Drop,
        (None, Some("lose")) => Fault::Lose,
        (None, Some("double")) => Fault::Double,
        (None, Some("hold")) => Fault::Hold,
        (None, Some("never")) => Fault::Never,
        (None, Some("delay")) => Fault::Delay(Duration::from_millis(request.delay_ms.unwrap_or(1000))),
        _ => {
            return answer(Err(anyhow::anyhow!(
                "say `status`, or `kind` as drop, lose, delay, or for `webhook` double, hold, never"
            )));
        }
    };
    shared.faults.arm(&request.name, fault, request.times.unwrap_or(1));
    answer(Ok(json!({ "unspent_faults": shared.faults.unspent() })))
}

async fn clear(State(shared): State<Shared>) -> Response {
    shared.faults.clear();
    answer(Ok(json!({ "unspent_faults": [] })))
}

async fn lie(State(shared): State<Shared>, Path(name): Path<String>) -> Response {
    let found = Lie::ALL.iter().copied().find(|lie| lie.name() == name);
    shared.model().oidc.lie = found;
    let names = || Lie::ALL.iter().map(|lie| lie.name()).collect::<Vec<_>>().join(", ");
    answer(found.map(|lie| json!({ "lie": lie.name() })).ok_or_else(|| anyhow::anyhow!("the lies are {}", names())))
}

async fn be_honest(State(shared): State<Shared>) -> Response {
    shared.model().oidc.lie = None;
    answer(Ok(json!({ "lie": null })))
}

#[derive(Deserialize)]
struct ClockRequest {
    advance_seconds: Option<i64>,
    set: Option<DateTime<Utc>>,
}

async fn clock(State(shared): State<Shared>, Json(request): Json<ClockRequest>) -> Response {
    if let Some(to) = request.set {
        shared.clock.set(to);
    }
    if let Some(by) = request.advance_seconds.and_then(TimeDelta::try_seconds) {
        shared.clock.advance(by);
    }
    answer(Ok(json!({ "now": shared.now() })))
}
