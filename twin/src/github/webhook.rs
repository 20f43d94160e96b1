//! How does GitHub ask? Signed deliveries with a GUID that a redelivery keeps; nothing is redelivered by itself.

use anyhow::Context;
use axum::body::Bytes;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::json::{self, Api};
use super::model::RunId;
use super::story::PRODUCTION;
use crate::faults::Fault;
use crate::state::{Model, Shared};
use crate::world::{HOOK_ID, INSTALLATION_ID};

/// The event that asks.
const ASKS: &str = "deployment_protection_rule";

/// One webhook delivery: what went out, byte for byte, and what came back.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The delivery's number in GitHub's log.
    pub id: u64,
    /// `X-GitHub-Delivery`; a redelivery has the same.
    pub guid: String,
    /// `X-GitHub-Event`.
    pub event: String,
    /// The raw body that the signature covers.
    pub body: Bytes,
    /// All headers as sent.
    pub headers: Vec<(String, String)>,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// The portal's status; `None` where it could not be reached or was not sent.
    pub response: Option<u16>,
    /// Whether it is a second sending of the same GUID.
    pub redelivery: bool,
    /// Whether its sending is over, however it ended.
    pub settled: bool,
}

/// `X-Hub-Signature-256` of a raw body.
#[must_use]
pub fn sign(secret: &str, body: &[u8]) -> String {
    // HMAC takes keys of every length, so there is no failure to report.
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes());
    mac.map(|mac| format!("sha256={}", hex::encode(mac.chain_update(body).finalize().into_bytes()))).unwrap_or_default()
}

/// The payload of `deployment_protection_rule` for a run whose production job waits.
fn protection_rule(model: &Model, api: &Api, run: RunId, deployment: u64) -> anyhow::Result<Value> {
    let github = &model.github;
    let it = github.run(run)?;
    let repo = github.repo(it.repo).context("a run has a repository")?;
    let sender = it.attempts.last().map(|attempt| attempt.triggering_actor).unwrap_or(it.actor);
    let deployment = github.deployments.get(&deployment).context("no such deployment")?;
    let pulls: Vec<Value> = github
        .pulls
        .iter()
        .filter(|pull| pull.repo == it.repo && Some(pull.number) == it.pull)
        .map(|pull| json::pull(api, github, pull, false))
        .collect();
    let name = repo.full_name();
    Ok(json!({
        "action": "requested",
        "environment": PRODUCTION,
        "event": it.event,
        "deployment_callback_url": api.url(&format!("/repos/{name}/actions/runs/{run}/deployment_protection_rule")),
        "deployment": json::deployment(api, github, deployment),
        "pull_requests": pulls,
        "repository": json::repository(api, repo),
        "organization": json::organization(api),
        "installation": { "id": INSTALLATION_ID, "node_id": json::node("Integration", INSTALLATION_ID) },
        "sender": json::account(api, github, sender),
    }))
}

/// Makes (and logs, unsent) the delivery of the question for a run.
pub(super) fn build(shared: &Shared, run: RunId) -> anyhow::Result<Delivery> {
    let now = shared.now();
    let mut model = shared.model();
    let deployment = model.ask(now, run)?;
    let payload = protection_rule(&model, &Api::new(&shared.urls.github), run, deployment)?;
    crate::record::webhook(shared, ASKS, &payload);
    make(shared, &mut model, ASKS, &payload)
}

/// What GitHub says of a run and its jobs as they stand: one delivery each, the run's first, unsent.
pub(super) fn build_told(shared: &Shared, run: RunId) -> anyhow::Result<Vec<Delivery>> {
    let mut model = shared.model();
    let payloads = told(&model, &Api::new(&shared.urls.github), run)?;
    payloads.into_iter().map(|(event, payload)| make(shared, &mut model, event, &payload)).collect()
}

fn told(model: &Model, api: &Api, run: RunId) -> anyhow::Result<Vec<(&'static str, Value)>> {
    let github = &model.github;
    let it = github.run(run)?;
    let repo = github.repo(it.repo).context("a run has a repository")?;
    let attempt = it.attempts.last().context("a run has an attempt")?;
    let about = |action: &str, name: &str, part: Value| {
        json!({
            "action": action,
            name: part,
            "repository": json::repository(api, repo),
            "organization": json::organization(api),
            "installation": { "id": INSTALLATION_ID, "node_id": json::node("Integration", INSTALLATION_ID) },
            "sender": json::account(api, github, attempt.triggering_actor),
        })
    };
    // The event about a run has no word for one that waits.
    let action = if attempt.status() == "completed" { "completed" } else { "in_progress" };
    let mut payloads = vec![("workflow_run", about(action, "workflow_run", json::run(api, github, it, attempt)))];
    for job in &attempt.jobs {
        payloads.push(("workflow_job", about(job.status, "workflow_job", json::job(api, repo, it, attempt, job))));
    }
    Ok(payloads)
}

/// Signs a payload, and logs it.
fn make(shared: &Shared, model: &mut Model, event: &str, payload: &Value) -> anyhow::Result<Delivery> {
    let now = shared.now();
    let guid = model.uuid().to_string();
    let id = model.github.id();
    let body = Bytes::from(serde_json::to_vec(payload)?);
    let event = event.to_owned();
    let header = |name: &str, value: String| (name.to_owned(), value);
    let headers = vec![
        header("Accept", "*/*".to_owned()),
        header("Content-Type", "application/json".to_owned()),
        header("User-Agent", "GitHub-Hookshot/7d1f0c2".to_owned()),
        header("X-GitHub-Delivery", guid.clone()),
        header("X-GitHub-Event", event.clone()),
        header("X-GitHub-Hook-ID", HOOK_ID.to_string()),
        header("X-GitHub-Hook-Installation-Target-ID", crate::world::APP_ID.to_string()),
        header("X-GitHub-Hook-Installation-Target-Type", "integration".to_owned()),
        header("X-Hub-Signature-256", sign(&shared.secrets.webhook, &body)),
    ];
    let delivery =
        Delivery { id, guid, event, body, headers, at: now, response: None, redelivery: false, settled: false };
    model.github.deliveries.push(delivery.clone());
    Ok(delivery)
}

/// Sends a delivery as it is to the portal, and notes what came back. An unreachable portal is noted, not an error:
/// GitHub does not care either. The fault `webhook` decides what happens on the way.
pub(super) async fn send(shared: &Shared, mut delivery: Delivery) -> anyhow::Result<Delivery> {
    // What goes wrong with a question goes wrong with that one, not with what is told of runs beside it.
    let fault = if delivery.event == ASKS { "webhook" } else { "webhook.runs" };
    delivery.response = match shared.faults.next(fault) {
        // A receiver neither lags nor asks for quiet.
        None | Some(Fault::Quiet(_) | Fault::Lag) => post(shared, &delivery).await?,
        // Lost on the way, or something in between answered for the portal.
        Some(Fault::Drop) => None,
        Some(Fault::Fail(status)) => Some(status),
        Some(Fault::Lose) => post(shared, &delivery).await?.and(None),
        Some(Fault::Delay(time) | Fault::Hang(time)) => {
            tokio::time::sleep(time).await;
            post(shared, &delivery).await?
        }
        Some(Fault::Double) => {
            post(shared, &delivery).await?;
            post(shared, &delivery).await?
        }
        Some(Fault::Hold) => {
            shared.model().github.held_back.push(delivery.clone());
            return Ok(delivery);
        }
        Some(Fault::Never) => {
            shared.model().github.deliveries.retain(|logged| logged.id != delivery.id);
            return Ok(delivery);
        }
    };
    note(shared, &delivery);
    Ok(delivery)
}

/// Sends what was held back, in the order in which it was made.
pub(super) async fn let_go(shared: &Shared) -> anyhow::Result<Vec<Delivery>> {
    let held = std::mem::take(&mut shared.model().github.held_back);
    let mut sent = Vec::new();
    for mut delivery in held {
        delivery.response = post(shared, &delivery).await?;
        note(shared, &delivery);
        sent.push(delivery);
    }
    Ok(sent)
}

fn note(shared: &Shared, delivery: &Delivery) {
    let mut model = shared.model();
    if let Some(logged) = model.github.deliveries.iter_mut().find(|logged| logged.id == delivery.id) {
        (logged.response, logged.settled) = (delivery.response, true);
    }
}

async fn post(shared: &Shared, delivery: &Delivery) -> anyhow::Result<Option<u16>> {
    let portal = shared
        .portal()
        .context("the twin does not know the portal's address: call `set_portal` or `portal_files` first")?;
    let mut request = shared.http.post(format!("{portal}/webhooks/github"));
    for (name, value) in &delivery.headers {
        request = request.header(name, value);
    }
    Ok(match request.body(delivery.body.to_vec()).send().await {
        Ok(response) => Some(response.status().as_u16()),
        Err(error) => {
            tracing::warn!(guid = delivery.guid, error = %error, "delivery failed");
            None
        }
    })
}

/// Sends a logged delivery again: same GUID, same bytes, a new line in the log.
pub(super) async fn redeliver(shared: &Shared, guid: &str) -> anyhow::Result<Delivery> {
    let again = {
        let mut model = shared.model();
        let id = model.github.id();
        let known = model.github.deliveries.iter().find(|delivery| delivery.guid == guid).cloned();
        let known = known.with_context(|| format!("no delivery {guid}"))?;
        let again = Delivery { id, at: shared.now(), response: None, redelivery: true, settled: false, ..known };
        model.github.deliveries.push(again.clone());
        again
    };
    send(shared, again).await
}

#[cfg(test)]
mod tests {
    #[test]
    fn signature_is_that_of_githubs_documentation() {
        let expected = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert_eq!(super::sign("It's a Secret to Everybody", b"Hello, World!"), expected);
    }
}
