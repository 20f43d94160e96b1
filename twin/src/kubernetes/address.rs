//! What does a path name? `/api/v1/namespaces/a/pods/b/log`, and the few places that are no objects.

use std::sync::Arc;

use super::Cluster;
use super::kind::Kind;

/// A collection, an object of it, or a door of the object.
#[derive(Clone, Debug)]
pub(super) struct Address {
    pub kind: Arc<Kind>,
    /// Absent: all namespaces, or a kind of the cluster's own.
    pub namespace: Option<String>,
    pub name: Option<String>,
    pub door: Option<String>,
}

/// What a path names.
#[derive(Debug)]
pub(super) enum Place {
    Object(Address),
    Version,
    Healthy,
    /// `/api`
    Core,
    /// `/apis`
    Groups,
    /// `/apis/apps`
    Group(String),
    /// `/apis/apps/v1`: group and version.
    Resources(String, String),
    /// `/openapi/v3` and what is below it.
    OpenApi(String),
    /// "May I?", asked by `kubectl auth can-i`.
    Review,
    /// Kubernetes' own paths, but nothing is there: a kind that nobody defined.
    Missing,
    /// Nothing that an API server has.
    Unknown,
}

fn decoded(segment: &str) -> String {
    let mut pairs = url::form_urlencoded::parse(segment.as_bytes());
    pairs.next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

/// Reads a path in the light of the kinds that this cluster has.
pub(super) fn parse(cluster: &Cluster, path: &str) -> Place {
    let segments: Vec<String> = path.split('/').filter(|part| !part.is_empty()).map(decoded).collect();
    let words: Vec<&str> = segments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["version"] => Place::Version,
        ["healthz" | "readyz" | "livez", ..] => Place::Healthy,
        ["api"] => Place::Core,
        ["apis"] => Place::Groups,
        ["api", version] => Place::Resources(String::new(), (*version).to_owned()),
        ["apis", group] => Place::Group((*group).to_owned()),
        ["apis", group, version] => Place::Resources((*group).to_owned(), (*version).to_owned()),
        ["openapi", "v3", rest @ ..] => Place::OpenApi(rest.join("/")),
        ["apis", "authorization.k8s.io", "v1", "selfsubjectaccessreviews"] => Place::Review,
        ["api", version, rest @ ..] => object(cluster, "", version, rest),
        ["apis", group, version, rest @ ..] => object(cluster, group, version, rest),
        ["openapi", ..] => Place::Missing,
        _ => Place::Unknown,
    }
}

fn object(cluster: &Cluster, group: &str, version: &str, rest: &[&str]) -> Place {
    let owned = |text: &&str| Some((*text).to_owned());
    let (namespace, plural, rest) = match rest {
        // A namespace itself, and its own doors.
        ["namespaces"] | ["namespaces", _] | ["namespaces", _, "status" | "finalize"] if group.is_empty() => {
            (None, "namespaces", rest.get(1..).unwrap_or_default())
        }
        ["namespaces", namespace, plural, rest @ ..] => (owned(namespace), *plural, rest),
        [plural, rest @ ..] => (None, *plural, rest),
        [] => return Place::Missing,
    };
    let Some(kind) = cluster.kinds.get(&(group.to_owned(), plural.to_owned())).filter(|kind| kind.version == version)
    else {
        return Place::Missing;
    };
    if (namespace.is_some() && !kind.namespaced) || (namespace.is_none() && kind.namespaced && !rest.is_empty()) {
        return Place::Missing;
    }
    let (name, door) = match rest {
        [] => (None, None),
        [name] => (owned(name), None),
        [name, door] => (owned(name), owned(door)),
        _ => return Place::Missing,
    };
    Place::Object(Address { kind: kind.clone(), namespace, name, door })
}
