//! The cluster's wire: discovery, read and list. Anything that would change it is unknown here, on purpose: the portal
//! has no business writing to Kubernetes yet.

use std::collections::BTreeMap;

use axum::extract::{FromRequestParts, Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use axum::{Json, Router};
use http::request::Parts;
use http::{StatusCode, header};
use serde_json::{Value, json};

use super::{Deployment, json as render};
use crate::faults::{self, named};
use crate::state::Shared;
use crate::value::{at, with};

pub(crate) fn router(shared: &Shared) -> Router {
    let route = |name: &'static str, method: MethodRouter<Shared>| named(shared, name, method);
    Router::new()
        .route("/version", route("kube.version", get(version)))
        .route("/api", route("kube.discovery", get(api)))
        .route("/apis", route("kube.discovery", get(apis)))
        .route("/api/v1", route("kube.discovery", get(core)))
        .route("/apis/apps/v1", route("kube.discovery", get(apps)))
        .route("/apis/apps/v1/deployments", route("kube.deployments", get(all_deployments)))
        .route("/apis/apps/v1/namespaces/{namespace}/deployments", route("kube.deployments", get(deployments)))
        .route("/apis/apps/v1/namespaces/{namespace}/deployments/{name}", route("kube.deployment", get(deployment)))
        .route("/api/v1/namespaces", route("kube.namespaces", get(namespaces)))
        .route("/api/v1/namespaces/{namespace}/pods", route("kube.pods", get(pods)))
        .fallback(faults::unknown("kubernetes"))
        .method_not_allowed_fallback(faults::unknown("kubernetes"))
        .with_state(shared.clone())
}

/// Proof that the caller showed the cluster's token.
struct Bearer;

impl FromRequestParts<Shared> for Bearer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Response> {
        let shown = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        if shown.and_then(|value| value.strip_prefix("Bearer ")) == Some(shared.secrets.kubernetes.as_str()) {
            Ok(Self)
        } else {
            Err(status(StatusCode::UNAUTHORIZED, "Unauthorized", "Unauthorized", Value::Null))
        }
    }
}

fn status(code: StatusCode, reason: &str, message: &str, details: Value) -> Response {
    let body = json!({
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code.as_u16(),
    });
    let more = if details.is_null() { Value::Null } else { json!({ "details": details }) };
    (code, Json(with(body, more))).into_response()
}

async fn version(_: Bearer) -> Json<Value> {
    Json(json!({
        "major": "1", "minor": "33", "gitVersion": "v1.33.4-eks-ba24e9c", "gitCommit": "ba24e9c47a1e7c2b9e9c5fd6c1b9e0c2f4f2b7a1", "gitTreeState": "clean",
        "buildDate": "2026-02-17T00:00:00Z", "goVersion": "go1.24.4", "compiler": "gc", "platform": "linux/amd64",
    }))
}

async fn api(_: Bearer) -> Json<Value> {
    Json(json!({ "kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [] }))
}

async fn apis(_: Bearer) -> Json<Value> {
    let version = json!({ "groupVersion": "apps/v1", "version": "v1" });
    Json(
        json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": [{ "name": "apps", "versions": [version], "preferredVersion": version }] }),
    )
}

fn resource(name: &str, kind: &str, namespaced: bool) -> Value {
    let singular = kind.to_lowercase();
    json!({ "name": name, "singularName": singular, "namespaced": namespaced, "kind": kind, "verbs": ["get", "list"] })
}

async fn core(_: Bearer) -> Json<Value> {
    let resources = [resource("namespaces", "Namespace", false), resource("pods", "Pod", true)];
    Json(json!({ "kind": "APIResourceList", "groupVersion": "v1", "resources": resources }))
}

async fn apps(_: Bearer) -> Json<Value> {
    Json(
        json!({ "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "apps/v1", "resources": [resource("deployments", "Deployment", true)] }),
    )
}

type Params = Query<BTreeMap<String, String>>;

/// `labelSelector` and `fieldSelector` in their equality forms, which are all the portal uses.
fn selected(it: &Deployment, params: &BTreeMap<String, String>) -> bool {
    let labels = render::labels(it);
    let label = params.get("labelSelector").map(String::as_str).unwrap_or_default();
    let field = params.get("fieldSelector").map(String::as_str).unwrap_or_default();
    let mut wanted = label.split(',').filter_map(|part| part.split_once('='));
    wanted.all(|(key, value)| at(&labels, key).as_str() == Some(value.trim_start_matches('=')))
        && field.strip_prefix("metadata.name=").is_none_or(|name| name.trim_start_matches('=') == it.name)
}

fn list(
    shared: &Shared,
    params: &BTreeMap<String, String>,
    namespace: Option<&str>,
    kind: &str,
    version: &str,
    render: impl Fn(&Deployment) -> Vec<Value>,
) -> Response {
    if params.get("watch").is_some_and(|value| value == "true" || value == "1") {
        shared.note_unknown(format!("kubernetes: watch {kind}"));
        return status(
            StatusCode::NOT_IMPLEMENTED,
            "NotImplemented",
            "the twin does not model watches yet",
            Value::Null,
        );
    }
    let model = shared.model();
    let here =
        model.cluster.deployments.values().filter(|it| namespace.is_none_or(|namespace| it.namespace == namespace));
    let items: Vec<Value> = here.filter(|it| selected(it, params)).flat_map(render).collect();
    let metadata = json!({ "resourceVersion": model.cluster.resource_version.to_string() });
    Json(json!({ "kind": kind, "apiVersion": version, "metadata": metadata, "items": items })).into_response()
}

async fn all_deployments(_: Bearer, State(shared): State<Shared>, Query(params): Params) -> Response {
    list(&shared, &params, None, "DeploymentList", "apps/v1", |it| vec![render::deployment(it)])
}

async fn deployments(
    _: Bearer,
    State(shared): State<Shared>,
    Path(namespace): Path<String>,
    Query(params): Params,
) -> Response {
    list(&shared, &params, Some(&namespace), "DeploymentList", "apps/v1", |it| vec![render::deployment(it)])
}

async fn pods(
    _: Bearer,
    State(shared): State<Shared>,
    Path(namespace): Path<String>,
    Query(params): Params,
) -> Response {
    list(&shared, &params, Some(&namespace), "PodList", "v1", render::pods)
}

async fn deployment(
    _: Bearer,
    State(shared): State<Shared>,
    Path((namespace, name)): Path<(String, String)>,
) -> Response {
    let model = shared.model();
    match model.cluster.deployments.get(&(namespace, name.clone())) {
        Some(it) => Json(render::deployment(it)).into_response(),
        None => {
            let details = json!({ "name": name, "group": "apps", "kind": "deployments" });
            status(StatusCode::NOT_FOUND, "NotFound", &format!("deployments.apps \"{name}\" not found"), details)
        }
    }
}

async fn namespaces(_: Bearer, State(shared): State<Shared>) -> Json<Value> {
    let model = shared.model();
    let mut names: Vec<&str> = model.cluster.deployments.keys().map(|(namespace, _)| namespace.as_str()).collect();
    names.dedup();
    let item = |name: &&str| json!({ "metadata": { "name": name, "labels": { "kubernetes.io/metadata.name": name } }, "status": { "phase": "Active" } });
    let items: Vec<Value> = names.iter().map(item).collect();
    Json(json!({ "kind": "NamespaceList", "apiVersion": "v1", "metadata": { "resourceVersion": "1" }, "items": items }))
}
