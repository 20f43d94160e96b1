//! What does the API server say when it refuses? A `Status`, worded as kube-apiserver words it: clients act on `reason`
//! and `code`, people read `message`.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::{Value, json};

use super::kind::Kind;

/// One refusal.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub code: u16,
    pub reason: &'static str,
    pub message: String,
    pub details: Value,
}

impl Refusal {
    fn new(code: u16, reason: &'static str, message: String, details: Value) -> Self {
        Self { code, reason, message, details }
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(401, "Unauthorized", "Unauthorized".to_owned(), Value::Null)
    }

    pub(super) fn forbidden(kind: &Kind, verb: &str, namespace: Option<&str>, name: &str) -> Self {
        let subject = if name.is_empty() { kind.qualified() } else { format!("{} \"{name}\"", kind.qualified()) };
        let place = match namespace {
            Some(namespace) => format!("in the namespace \"{namespace}\""),
            None => "at the cluster scope".to_owned(),
        };
        let message = format!(
            "{subject} is forbidden: User \"gatehouse\" cannot {verb} resource \"{}\" in API group \"{}\" {place}",
            kind.plural, kind.group
        );
        Self::new(403, "Forbidden", message, kind.details(name))
    }

    pub(super) fn no_route() -> Self {
        let details = json!({ "causes": [{ "reason": "UnexpectedServerResponse", "message": "404 page not found" }] });
        Self::new(404, "NotFound", "the server could not find the requested resource".to_owned(), details)
    }

    pub(super) fn not_found(kind: &Kind, name: &str) -> Self {
        let message = format!("{} \"{name}\" not found", kind.qualified());
        Self::new(404, "NotFound", message, kind.details(name))
    }

    pub(super) fn no_method(kind: &Kind) -> Self {
        let message = "the server does not allow this method on the requested resource".to_owned();
        Self::new(405, "MethodNotAllowed", message, kind.details(""))
    }

    pub(super) fn no_format(accepted: &[&str]) -> Self {
        let message = format!("only the following media types are accepted: {}", accepted.join(", "));
        Self::new(406, "NotAcceptable", message, Value::Null)
    }

    pub(super) fn exists(kind: &Kind, name: &str) -> Self {
        let message = format!("{} \"{name}\" already exists", kind.qualified());
        Self::new(409, "AlreadyExists", message, kind.details(name))
    }

    pub(super) fn conflict(kind: &Kind, name: &str, why: &str) -> Self {
        let message = format!("Operation cannot be fulfilled on {} \"{name}\": {why}", kind.qualified());
        Self::new(409, "Conflict", message, kind.details(name))
    }

    /// Somebody else changed it since it was read.
    pub(super) fn modified(kind: &Kind, name: &str) -> Self {
        let why = "the object has been modified; please apply your changes to the latest version and try again";
        Self::conflict(kind, name, why)
    }

    /// Server-side apply meets fields of others.
    pub(super) fn owned_by_others(conflicts: &[(String, String)]) -> Self {
        let causes: Vec<Value> = conflicts
            .iter()
            .map(|(field, owner)| {
                json!({ "reason": "FieldManagerConflict", "message": format!("conflict with {owner}"), "field": field })
            })
            .collect();
        let message = match conflicts {
            [(field, owner)] => format!("Apply failed with 1 conflict: conflict with {owner}: {field}"),
            many => {
                let lines: Vec<String> =
                    many.iter().map(|(field, owner)| format!("conflict with {owner}: {field}")).collect();
                format!("Apply failed with {} conflicts: {}", many.len(), lines.join("\n"))
            }
        };
        Self::new(409, "Conflict", message, json!({ "causes": causes }))
    }

    pub(super) fn expired(message: String) -> Self {
        Self::new(410, "Expired", message, Value::Null)
    }

    pub(super) fn continue_expired() -> Self {
        Self::expired(
            "The provided continue parameter is too old to display a consistent list result. You can start a new list \
             without the continue parameter."
                .to_owned(),
        )
    }

    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message.into(), Value::Null)
    }

    pub(super) fn too_large() -> Self {
        let message = "Request entity too large: limit is 3145728".to_owned();
        Self::new(413, "RequestEntityTooLarge", message, Value::Null)
    }

    pub(super) fn media_type(accepted: &[&str]) -> Self {
        let message = format!(
            "the body of the request was in an unknown format - accepted media types include: {}",
            accepted.join(", ")
        );
        Self::new(415, "UnsupportedMediaType", message, Value::Null)
    }

    /// One or more fields are wrong: `(field, reason, words)`.
    pub(super) fn invalid(kind: &Kind, name: &str, causes: &[(String, &str, String)]) -> Self {
        let words: Vec<String> = causes.iter().map(|(field, _, words)| format!("{field}: {words}")).collect();
        let said = match words.as_slice() {
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        let message = format!("{}{} \"{name}\" is invalid: {said}", kind.kind, kind.dot_group());
        let mut details = json!({ "name": name, "group": kind.group, "kind": kind.kind });
        let list: Vec<Value> = causes
            .iter()
            .map(|(field, reason, words)| json!({ "reason": reason, "message": words, "field": field }))
            .collect();
        if let Some(details) = details.as_object_mut() {
            details.insert("causes".to_owned(), list.into());
        }
        Self::new(422, "Invalid", message, details)
    }

    /// The patch itself cannot be used.
    pub(super) fn unusable_patch(message: String) -> Self {
        Self::new(422, "Invalid", message, Value::Null)
    }

    pub(super) fn too_new(asked: u64, current: u64) -> Self {
        let message = format!("Too large resource version: {asked}, current: {current}");
        let details = json!({
            "causes": [{ "reason": "ResourceVersionTooLarge", "message": "Too large resource version" }],
            "retryAfterSeconds": 1,
        });
        Self::new(504, "Timeout", message, details)
    }

    /// What a fault made up.
    pub(super) fn fault(code: u16, name: &str) -> Self {
        let reason = match code {
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "NotFound",
            409 => "Conflict",
            410 => "Expired",
            429 => "TooManyRequests",
            503 => "ServiceUnavailable",
            504 => "Timeout",
            _ => "InternalError",
        };
        let word = StatusCode::from_u16(code).ok().and_then(|code| code.canonical_reason()).unwrap_or("Failure");
        Self::new(code, reason, format!("{word} (fault `{name}`)"), Value::Null)
    }

    /// The `Status` object itself, as a watch sends it too.
    pub(super) fn status(&self) -> Value {
        let mut body = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": self.message, "reason": self.reason, "code": self.code,
        });
        if let (Some(body), false) = (body.as_object_mut(), self.details.is_null()) {
            body.insert("details".to_owned(), self.details.clone());
        }
        body
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let code = StatusCode::from_u16(self.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (code, [(header::CONTENT_TYPE, "application/json")], Body::from(self.status().to_string())).into_response()
    }
}
