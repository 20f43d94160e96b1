//! Which objects does a list hold? In chunks if so asked: every chunk shows the collection as it was when the first was
//! read, or says 410 when that is too long ago to know.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Cluster;
use super::kind::Kind;
use super::object::{self, Key, Object};
use super::refusal::Refusal;
use super::selector::Selector;

/// The query of a request.
pub(super) type Query = BTreeMap<String, String>;

pub(super) fn param<'a>(query: &'a Query, name: &str) -> &'a str {
    query.get(name).map(String::as_str).unwrap_or_default()
}

pub(super) fn is_true(query: &Query, name: &str) -> bool {
    matches!(param(query, name), "true" | "1")
}

/// A revision that was asked for; `None` where none was.
pub(super) fn revision_of(query: &Query) -> Result<Option<u64>, Refusal> {
    let said = param(query, "resourceVersion");
    if said.is_empty() {
        return Ok(None);
    }
    said.parse()
        .map(Some)
        .map_err(|_| Refusal::bad(format!("Invalid value: \"{said}\": strconv.ParseUint: invalid syntax")))
}

/// Where the next chunk begins.
#[derive(Deserialize, Serialize)]
struct Continue {
    rv: u64,
    namespace: String,
    name: String,
}

impl Continue {
    fn parse(token: &str) -> Result<Self, Refusal> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok();
        let read = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        read.ok_or_else(|| Refusal::bad(format!("continue key is not valid: {token}")))
    }

    fn token(&self) -> String {
        URL_SAFE_NO_PAD.encode(json!(self).to_string())
    }
}

/// One answer to a list.
pub(super) struct Page {
    pub items: Vec<Arc<Object>>,
    pub metadata: Value,
}

impl Cluster {
    /// What a list asks for.
    pub(super) fn list(&self, kind: &Kind, namespace: Option<&str>, query: &Query) -> Result<Page, Refusal> {
        let (labels, fields, token) =
            (param(query, "labelSelector"), param(query, "fieldSelector"), param(query, "continue"));
        let selector = Selector::parse(kind, labels, fields)?;
        let limit: usize = param(query, "limit").parse().ok().filter(|limit| *limit > 0).unwrap_or(usize::MAX);
        let (asked, how) = (revision_of(query)?, param(query, "resourceVersionMatch"));
        if !how.is_empty() && asked.is_none() {
            return Err(Refusal::bad("resourceVersionMatch is forbidden unless resourceVersion is provided"));
        }
        let current = self.store.revision();
        let (revision, after) = if token.is_empty() {
            let revision = asked.filter(|_| how == "Exact").unwrap_or(current);
            if let Some(asked) = asked.filter(|asked| *asked > current) {
                return Err(Refusal::too_new(asked, current));
            }
            (revision, None)
        } else {
            if asked.is_some_and(|asked| asked > 0) {
                return Err(Refusal::bad("specifying resource version is not allowed when using continue"));
            }
            let from = Continue::parse(token)?;
            (from.rv, Some((from.namespace, from.name)))
        };
        let is_first = token.is_empty();
        let expired = |_| {
            let message = format!("The resourceVersion for the provided list is too old: {revision}");
            if is_first { Refusal::expired(message) } else { Refusal::continue_expired() }
        };
        let mut items = self.store.at(&kind.id(), namespace, after.as_ref(), revision).map_err(expired)?;
        items.retain(|object| selector.takes(&object.value));
        let mut metadata = json!({ "resourceVersion": revision.to_string() });
        if items.len() > limit {
            let left = items.len() - limit;
            items.truncate(limit);
            let (namespace, name): Key = items.last().map(|last| object::key(&last.value)).unwrap_or_default();
            object::set(&mut metadata, &["continue"], json!(Continue { rv: revision, namespace, name }.token()));
            // How many are left is not told where a selector chose them: nobody counted.
            if labels.is_empty() && fields.is_empty() {
                object::set(&mut metadata, &["remainingItemCount"], json!(left));
            }
        }
        Ok(Page { items, metadata })
    }
}

/// `{"kind":"PodList",…,"items":[…]}`, put together from bytes that are there already.
pub(super) fn body(kind: &Kind, page: &Page) -> Vec<u8> {
    let head =
        json!({ "kind": format!("{}List", kind.kind), "apiVersion": kind.api_version(), "metadata": page.metadata });
    let mut all = head.to_string().into_bytes();
    all.pop();
    all.extend_from_slice(b",\"items\":[");
    for (index, object) in page.items.iter().enumerate() {
        if index > 0 {
            all.push(b',');
        }
        all.extend_from_slice(&object.bytes());
    }
    all.extend_from_slice(b"]}\n");
    all
}

/// Only the metadata, for those who want no more.
pub(super) fn partial(object: &Value) -> Value {
    json!({
        "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object::get(object, &["metadata"]),
    })
}
