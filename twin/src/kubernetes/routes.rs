//! The cluster's wire: who asks, in which form, for what; and the answer in the form that was asked for.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::address::{self, Address, Place};
use super::apply::Manager;
use super::delete::Deleted;
use super::object::{self, Key, Object};
use super::read::{self, Query, is_true, param, partial};
use super::refusal::Refusal;
use super::write::{Act, PatchType};
use super::{Cluster, ClusterId, Shape, discovery, doors, table, watch};
use crate::faults::{self, Fault};
use crate::state::Shared;

const JSON: &str = "application/json";
const YAML: &str = "application/yaml";
/// The API server's own limit.
const LARGEST: usize = 3 * 1024 * 1024;
/// How long a pod takes to become ready when time runs by itself.
const STARTS_IN: Duration = Duration::from_millis(800);

pub(crate) fn router(shared: &Shared, cluster: ClusterId) -> Router {
    let answer = move |State(shared): State<Shared>, request: Request| answer(shared, cluster, request);
    Router::new().fallback(answer).with_state(shared.clone())
}

/// One request, taken apart.
struct Call {
    parts: Parts,
    query: Query,
    body: Bytes,
    shape: Shape,
}

async fn answer(shared: Shared, cluster: ClusterId, request: Request) -> Response {
    let place = address::parse(shared.model().clusters.get_mut(cluster), request.uri().path());
    if let Place::Unknown = place {
        return faults::unknown("kubernetes")(State(shared), request).await;
    }
    if shared.model().clusters.get_mut(cluster).is_unreachable {
        return faults::broken_off();
    }
    let (parts, body) = request.into_parts();
    let query: Query =
        url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let name = fault_name(cluster, &place, verb(&place, &parts.method, &query));
    match shared.faults.next(&name) {
        Some(Fault::Fail(code)) => Refusal::fault(code, &name).into_response(),
        fault => {
            let work = async {
                let Ok(body) = to_bytes(body, LARGEST).await else { return Refusal::too_large().into_response() };
                let call = Call { shape: Shape::Whole, parts, query, body };
                serve(&shared, cluster, place, call).await.unwrap_or_else(IntoResponse::into_response)
            };
            faults::suffer(fault, &name, work).await
        }
    }
}

fn verb(place: &Place, method: &Method, query: &Query) -> &'static str {
    let named = matches!(place, Place::Object(Address { name: Some(_), .. }));
    match (method.as_str(), named) {
        ("GET" | "HEAD", true) => "get",
        ("GET" | "HEAD", false) if is_true(query, "watch") => "watch",
        ("GET" | "HEAD", false) => "list",
        ("POST", _) => "create",
        ("PUT", _) => "update",
        ("PATCH", _) => "patch",
        ("DELETE", true) => "delete",
        ("DELETE", false) => "deletecollection",
        _ => "",
    }
}

/// `kube.deployments` a list, `kube.deployment` a read, `kube.watch.pods`, `kube.patch.deployments`; of another cluster
/// than production `kube.staging.pods`.
fn fault_name(cluster: ClusterId, place: &Place, verb: &str) -> String {
    let of = if cluster == ClusterId::Production { "kube".to_owned() } else { format!("kube.{}", cluster.name()) };
    match place {
        Place::Object(Address { kind, .. }) => match verb {
            "get" => format!("{of}.{}", kind.singular),
            "list" => format!("{of}.{}", kind.plural),
            _ => format!("{of}.{verb}.{}", kind.plural),
        },
        Place::Version => format!("{of}.version"),
        Place::Healthy => format!("{of}.healthz"),
        Place::Review => format!("{of}.review"),
        _ => format!("{of}.discovery"),
    }
}

/// Same length, same bytes, in the same time.
fn equal(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

fn let_in(shared: &Shared, cluster: ClusterId, parts: &Parts) -> Result<(), Refusal> {
    let shown = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let shown = shown.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let is_valid = equal(shown.as_bytes(), shared.secrets.cluster(cluster).as_bytes());
    if !is_valid || shared.model().clusters.get_mut(cluster).is_token_expired {
        return Err(Refusal::unauthorized());
    }
    Ok(())
}

/// The first form that is asked for and can be given.
fn shape(parts: &Parts) -> Result<(Shape, bool), Refusal> {
    let accept = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("*/*");
    for form in accept.split(',') {
        let mut words = form.split(';').map(str::trim);
        if !matches!(words.next(), Some("application/json" | "*/*" | "application/*" | "text/plain" | "")) {
            continue;
        }
        let words: Vec<&str> = words.collect();
        let asked = words.iter().find_map(|word| word.strip_prefix("as="));
        let version = words.iter().find_map(|word| word.strip_prefix("v="));
        match (asked, version) {
            (None, _) => return Ok((Shape::Whole, false)),
            (Some("Table"), Some("v1")) => return Ok((Shape::Table, false)),
            (Some("PartialObjectMetadata" | "PartialObjectMetadataList"), Some("v1")) => {
                return Ok((Shape::Partial, false));
            }
            (Some("APIGroupDiscoveryList"), Some("v2")) => return Ok((Shape::Whole, true)),
            _ => {}
        }
    }
    Err(Refusal::no_format(&[JSON]))
}

fn json(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, JSON)], value.to_string()).into_response()
}

async fn serve(shared: &Shared, cluster: ClusterId, place: Place, mut call: Call) -> Result<Response, Refusal> {
    let_in(shared, cluster, &call.parts)?;
    if let Place::Object(address) = place {
        if address.door.as_deref() != Some("log") {
            (call.shape, _) = shape(&call.parts)?;
        }
        return object(shared, cluster, address, &call);
    }
    let (_, aggregated) = shape(&call.parts)?;
    let mut model = shared.model();
    let it = &*model.clusters.get_mut(cluster);
    let found = match place {
        Place::Version => Some(discovery::version()),
        Place::Healthy => return Ok("ok".into_response()),
        Place::Core | Place::Groups if aggregated => {
            let all = discovery::aggregated(it, matches!(place, Place::Core)).to_string();
            return Ok(([(header::CONTENT_TYPE, discovery::AGGREGATED)], all).into_response());
        }
        Place::Core => Some(discovery::core()),
        Place::Groups => Some(discovery::group_list(it)),
        Place::Group(group) => discovery::group(it, &group),
        Place::Resources(group, version) => discovery::resources(it, &group, &version),
        Place::OpenApi(path) => discovery::openapi(it, &path),
        Place::Review => return review(it, &call),
        Place::Missing | Place::Unknown | Place::Object(_) => None,
    };
    found.map(|value| json(&value)).ok_or_else(Refusal::no_route)
}

/// "May I?" is answered as the request itself would be.
fn review(cluster: &Cluster, call: &Call) -> Result<Response, Refusal> {
    let mut review = decode(&call.body)?;
    let plural = object::text(&review, &["spec", "resourceAttributes", "resource"]);
    let allowed = !cluster.denied.contains(plural);
    object::set(&mut review, &["status"], json!({ "allowed": allowed }));
    Ok((StatusCode::CREATED, json(&review)).into_response())
}

/// A body is JSON, or YAML that says the same.
fn decode(body: &[u8]) -> Result<Value, Refusal> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(body).or_else(|error| {
        let text = std::str::from_utf8(body).unwrap_or_default();
        let yaml = serde_saphyr::from_str::<Value>(text).ok().filter(Value::is_object);
        yaml.ok_or_else(|| Refusal::bad(format!("the object provided is unrecognized: {error}")))
    })
}

fn act(shared: &Shared, call: &Call, options: &Value, door: Option<&str>) -> Act {
    let agent = call.parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("unknown");
    let said = param(&call.query, "fieldManager");
    let name = if said.is_empty() { agent.split('/').next().unwrap_or(agent) } else { said };
    let now = shared.now();
    let dry =
        param(&call.query, "dryRun") == "All" || object::list(options, &["dryRun"]).first() == Some(&json!("All"));
    let subresource = door.unwrap_or_default().to_owned();
    Act { manager: Manager { name: name.to_owned(), subresource, at: now }, dry_run: dry, now }
}

fn object(shared: &Shared, id: ClusterId, address: Address, call: &Call) -> Result<Response, Refusal> {
    let Address { kind, namespace, name, door } = &address;
    let (query, door) = (&call.query, door.as_deref());
    let verb = verb(&Place::Object(address.clone()), &call.parts.method, query);
    let known = match door {
        None => true,
        Some("status") => kind.has_status,
        Some("scale") => kind.has_scale,
        Some("log") => kind.plural == "pods",
        Some(_) => false,
    };
    if !known {
        return Err(Refusal::no_route());
    }
    if shared.model().clusters.get_mut(id).denied.contains(&kind.plural) {
        return Err(Refusal::forbidden(kind, verb, namespace.as_deref(), name.as_deref().unwrap_or_default()));
    }
    if verb == "watch" {
        return watch::answer(shared, id, kind, namespace.clone(), call.shape, query);
    }
    let media = call.parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if media.contains("protobuf") {
        return Err(Refusal::media_type(&[JSON, YAML]));
    }
    let body = decode(&call.body)?;
    let act = act(shared, call, &body, door);
    let mut model = shared.model();
    let cluster = model.clusters.get_mut(id);
    let key: Key = (namespace.clone().unwrap_or_default(), name.clone().unwrap_or_default());
    let show = |object: &Arc<Object>| show(shared, kind, object, call.shape);
    let response = match (verb, door) {
        ("get", Some("log")) => {
            let text = doors::log(&cluster.find(kind, &key)?.value, query)?;
            ([(header::CONTENT_TYPE, "text/plain")], text).into_response()
        }
        ("get", Some("scale")) => json(&doors::scale(&cluster.find(kind, &key)?)),
        ("get", _) => show(&cluster.find(kind, &key)?),
        ("list", _) => {
            let page = cluster.list(kind, namespace.as_deref(), query)?;
            drop(model);
            return Ok(list(shared, kind, &page, call.shape));
        }
        ("create", None) if name.is_none() && (namespace.is_some() || !kind.namespaced) => {
            let object = cluster.create(kind, &key.0, body, &act)?;
            (StatusCode::CREATED, show(&object)).into_response()
        }
        ("update", Some("scale")) => json(&doors::scale(&cluster.rescale(kind, &key, None, &body, &act)?)),
        ("update", _) if name.is_some() => show(&cluster.replace(kind, &key, body, &act)?),
        ("patch", _) if name.is_some() => {
            let how = PatchType::of(media, kind)?;
            if how == PatchType::Apply && param(query, "fieldManager").is_empty() {
                let words = "Required value: is required for apply patch".to_owned();
                return Err(Refusal::invalid(kind, "", &[("fieldManager".to_owned(), "FieldValueRequired", words)]));
            }
            if door == Some("scale") {
                json(&doors::scale(&cluster.rescale(kind, &key, Some(how), &body, &act)?))
            } else {
                let is_new = cluster.find(kind, &key).is_err();
                let object = cluster.patch(kind, &key, how, &body, is_true(query, "force"), &act)?;
                let code = if is_new { StatusCode::CREATED } else { StatusCode::OK };
                (code, show(&object)).into_response()
            }
        }
        ("delete", None) => delete(cluster, kind, &key, options(body, query), &act, &show)?,
        ("deletecollection", None) => {
            let page = cluster.list(kind, namespace.as_deref(), query)?;
            for object in &page.items {
                let key = object::key(&object.value);
                // What another one took with it is gone already, as was asked.
                let _gone = cluster.delete(kind, &key, &body, &act);
            }
            list(shared, kind, &page, call.shape)
        }
        _ => return Err(Refusal::no_method(kind)),
    };
    cluster.after_write(shared, id);
    Ok(response)
}

fn options(body: Value, query: &Query) -> Value {
    let mut options = body;
    for name in ["propagationPolicy"] {
        if !param(query, name).is_empty() {
            object::set(&mut options, &[name], json!(param(query, name)));
        }
    }
    options
}

fn delete(
    cluster: &mut Cluster,
    kind: &super::Kind,
    key: &Key,
    options: Value,
    act: &Act,
    show: &dyn Fn(&Arc<Object>) -> Response,
) -> Result<Response, Refusal> {
    Ok(match cluster.delete(kind, key, &options, act)? {
        Deleted::Waiting(object) => show(&object),
        // A pod is shown as it was, everything else is a success with its name.
        Deleted::Gone(object) if kind.plural == "pods" => show(&object),
        Deleted::Gone(object) => {
            let mut details = kind.details(&key.1);
            object::set(&mut details, &["uid"], object::get(&object.value, &["metadata", "uid"]).clone());
            json(
                &json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details }),
            )
        }
    })
}

fn show(shared: &Shared, kind: &super::Kind, object: &Arc<Object>, shape: Shape) -> Response {
    match shape {
        Shape::Whole => ([(header::CONTENT_TYPE, JSON)], Body::from(object.bytes())).into_response(),
        Shape::Partial => json(&partial(&object.value)),
        Shape::Table => {
            let metadata = json!({ "resourceVersion": object.revision.to_string() });
            json(&table::render(kind, std::slice::from_ref(object), &metadata, shared.now()))
        }
    }
}

fn list(shared: &Shared, kind: &super::Kind, page: &read::Page, shape: Shape) -> Response {
    match shape {
        Shape::Whole => ([(header::CONTENT_TYPE, JSON)], read::body(kind, page)).into_response(),
        Shape::Table => json(&table::render(kind, &page.items, &page.metadata, shared.now())),
        Shape::Partial => {
            let items: Vec<Value> = page.items.iter().map(|object| partial(&object.value)).collect();
            let head = json!({ "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": page.metadata });
            json(&crate::value::with(head, json!({ "items": items })))
        }
    }
}

impl Cluster {
    /// What follows from a write: at once when time stands still, else pods take their moment.
    pub(super) fn after_write(&mut self, shared: &Shared, id: ClusterId) {
        let now = shared.now();
        self.work(now);
        if !self.is_starting() {
            return;
        }
        if shared.clock.is_manual() {
            self.start_pods(now);
            return;
        }
        let shared = shared.clone();
        tokio::spawn(async move {
            tokio::time::sleep(STARTS_IN).await;
            let now = shared.now();
            shared.model().clusters.get_mut(id).start_pods(now);
        });
    }
}
