//! The App itself: its installation, its tokens, its deliveries; and accounts.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use chrono::TimeDelta;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::github::auth::{App, Call};
use crate::github::json::{self as render, Api};
use crate::github::model::Token;
use crate::github::reply::{Answer, Refusal, after_cursor, ok};
use crate::github::webhook::{self, Delivery};
use crate::state::Shared;
use crate::value::with;
use crate::world::INSTALLATION_ID;

pub(super) async fn app(_: App, State(shared): State<Shared>) -> Answer {
    ok(render::app(&Api::new(&shared.urls.github)))
}

pub(super) async fn installations(_: App, State(shared): State<Shared>) -> Answer {
    ok(json!([render::installation(&Api::new(&shared.urls.github))]))
}

pub(super) async fn installation(_: App, State(shared): State<Shared>, Path(id): Path<u64>) -> Answer {
    if id != INSTALLATION_ID {
        return Err(Refusal::not_found());
    }
    ok(render::installation(&Api::new(&shared.urls.github)))
}

#[derive(Default, Deserialize)]
struct TokenRequest {
    repository_ids: Option<Vec<u64>>,
    repositories: Option<Vec<String>>,
    permissions: Option<Value>,
}

pub(super) async fn make_token(_: App, State(shared): State<Shared>, Path(id): Path<u64>, body: Bytes) -> Answer {
    if id != INSTALLATION_ID {
        return Err(Refusal::not_found());
    }
    let request: TokenRequest = match body.as_ref() {
        [] => TokenRequest::default(),
        body => {
            serde_json::from_slice(body).map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, "Problems parsing JSON"))?
        }
    };
    let api = Api::new(&shared.urls.github);
    let expires_at = shared.clock.wire_now() + TimeDelta::hours(1);
    let mut model = shared.model();
    let mut narrowed = request.repository_ids;
    if let Some(names) = request.repositories {
        let ids = names
            .iter()
            .filter_map(|name| model.github.repos.iter().find(|repo| repo.name == *name))
            .map(|repo| repo.id);
        narrowed.get_or_insert_default().extend(ids);
    }
    let unknown = |ids: &Vec<u64>| ids.iter().any(|id| model.github.repo(*id).is_none());
    if narrowed.as_ref().is_some_and(unknown) {
        return Err(Refusal::invalid(
            "There is at least one repository that does not exist or is not accessible to the parent installation.",
        ));
    }
    let token = model.secret("ghs_");
    model.github.tokens.insert(token.clone(), Token { expires_at, repositories: narrowed.clone() });
    let mut value = json!({
        "token": token,
        "expires_at": render::time(expires_at),
        "permissions": request.permissions.unwrap_or_else(render::permissions),
        "repository_selection": if narrowed.is_some() { "selected" } else { "all" },
    });
    if let Some(ids) = narrowed {
        let seen = model.github.repos.iter().filter(|repo| ids.contains(&repo.id));
        let seen: Vec<Value> = seen.map(|repo| render::repository(&api, repo)).collect();
        value = with(value, json!({ "repositories": seen }));
    }
    Ok((StatusCode::CREATED, Json(value)).into_response())
}

pub(super) async fn repositories(call: Call) -> Answer {
    let model = call.shared.model();
    let seen = model.github.repos.iter().filter(|repo| call.sees(repo.id));
    call.page().object("repositories", seen.map(|repo| render::repository(&call.api, repo)).collect())
}

pub(super) async fn user_by_login(call: Call, Path(login): Path<String>) -> Answer {
    let model = call.shared.model();
    let found = model.github.account_by_login(&login).ok_or_else(Refusal::not_found)?;
    ok(render::user_profile(&call.api, found))
}

pub(super) async fn user_by_id(call: Call, Path(id): Path<u64>) -> Answer {
    let model = call.shared.model();
    let found = model.github.account(id).ok_or_else(Refusal::not_found)?;
    ok(render::user_profile(&call.api, found))
}

/// GitHub keeps deliveries for redelivery this long.
const KEPT: TimeDelta = TimeDelta::days(3);

fn delivery_json(it: &Delivery, whole: bool) -> Value {
    // As in the real log: the parsed payload, not the bytes that were signed.
    let payload: Value = serde_json::from_slice(&it.body).unwrap_or_default();
    let (status, code) = match it.response {
        None => ("failed to connect to host", 0),
        Some(code @ 200..300) => ("OK", code),
        Some(code) => ("Invalid HTTP Response", code),
    };
    let value = json!({
        "id": it.id,
        "guid": it.guid,
        "delivered_at": render::time(it.at),
        "redelivery": it.redelivery,
        "duration": 0.03,
        "status": status,
        "status_code": code,
        "event": it.event,
        "action": payload.get("action"),
        "installation_id": INSTALLATION_ID,
        "repository_id": payload.pointer("/repository/id"),
        "throttled_at": null,
    });
    if whole {
        let headers: serde_json::Map<String, Value> =
            it.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let request = json!({ "headers": headers, "payload": payload });
        return with(value, json!({ "request": request, "response": { "headers": {}, "payload": "" } }));
    }
    value
}

pub(super) async fn deliveries(
    _: App,
    State(shared): State<Shared>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Answer {
    let since = shared.now() - KEPT;
    let url = format!("{}/app/hook/deliveries", shared.urls.github);
    let model = shared.model();
    // What is still on its way is not in the log yet.
    let log = model.github.deliveries.iter().rev().filter(|it| it.at >= since && it.settled);
    let (some, headers) = after_cursor(&url, &query, log, |it| it.id)?;
    let some: Vec<Value> = some.into_iter().map(|it| delivery_json(it, false)).collect();
    Ok((headers, Json(some)).into_response())
}

pub(super) async fn delivery(_: App, State(shared): State<Shared>, Path(id): Path<u64>) -> Answer {
    let model = shared.model();
    let found = model.github.deliveries.iter().find(|it| it.id == id).ok_or_else(Refusal::not_found)?;
    ok(delivery_json(found, true))
}

pub(super) async fn redeliver(_: App, State(shared): State<Shared>, Path(id): Path<u64>) -> Answer {
    let guid = shared
        .model()
        .github
        .deliveries
        .iter()
        .find(|it| it.id == id)
        .map(|it| it.guid.clone())
        .ok_or_else(Refusal::not_found)?;
    // GitHub answers at once and sends later.
    tokio::spawn(async move { webhook::redeliver(&shared, &guid).await });
    Ok((StatusCode::ACCEPTED, Json(json!({}))).into_response())
}
