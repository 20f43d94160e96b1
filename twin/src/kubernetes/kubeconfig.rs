//! How does a person get in? A kubeconfig with a context for each cluster.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::ClusterId;
use crate::state::Shared;

/// JSON, which is YAML too.
pub(crate) fn kubeconfig(shared: &Shared) -> String {
    // kubectl shows a token only to those who speak TLS.
    let authority = STANDARD.encode(super::listener::CERTIFICATE);
    let all = ClusterId::ALL;
    let named = |id: ClusterId, key: &str, what: serde_json::Value| json!({ "name": id.name(), key: what });
    let clusters: Vec<_> = all.iter().map(|id| named(*id, "cluster", json!({ "server": shared.urls.cluster(*id).replace("http://", "https://"), "certificate-authority-data": authority }))).collect();
    let users: Vec<_> =
        all.iter().map(|id| named(*id, "user", json!({ "token": shared.secrets.cluster(*id) }))).collect();
    let context = |id: &ClusterId| json!({ "cluster": id.name(), "user": id.name(), "namespace": "altscore-api" });
    let contexts: Vec<_> = all.iter().map(|id| named(*id, "context", context(id))).collect();
    let whole = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": ClusterId::Production.name(), "clusters": clusters,
        "users": users, "contexts": contexts, "preferences": {},
    });
    format!("{whole:#}\n")
}
