//! What does the portal see of a cluster? The same watches, in a process that does nothing else.

use super::arguments::Arguments;
use crate::config::Config;
use crate::context::Entropy;
use crate::kube::Client;
use crate::kube::watch::{self, Mirror, Pace};
use anyhow::Context as _;
use gatehouse_domain::environments::facts::{Cluster, Kind};
use serde_json::json;
use std::io::{ErrorKind, Write as _};
use std::sync::Arc;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Prints a line whenever something moved, until nobody reads them or it is stopped.
pub(super) async fn watch(config: &Config, arguments: &Arguments) -> anyhow::Result<()> {
    let places = config.places();
    let wanted = arguments.about.first().map(String::as_str).unwrap_or_default();
    let place = places.iter().find(|place| place.name.as_str() == wanted).with_context(|| {
        let known: Vec<&str> = places.iter().map(|place| place.name.as_str()).collect();
        format!("the configuration has no environment {wanted:?}; it has {}", known.join(", "))
    })?;
    let token = place.kubernetes_token.with_context(|| format!("the configuration names no token for {wanted}"))?;
    let client = Client::connect(place.kubernetes_url.url(), token, place.kubernetes_ca.map(str::as_bytes))?;
    let entropy = Entropy::from_os().context("the operating system gives no randomness")?;
    let (moved, stop) = (Arc::new(Notify::new()), CancellationToken::new());
    let _ends = stop.clone().drop_guard();
    let mirror = Mirror::new(Arc::clone(&moved));
    tokio::spawn(watch::run(client, mirror.clone(), entropy, Pace::default(), stop));
    let mut before = Arc::<Cluster>::default();
    loop {
        moved.notified().await;
        let now = mirror.snapshot();
        let mut out = std::io::stdout().lock();
        match writeln!(out, "{}", line(&before, &now)).and_then(|()| out.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
            written => written?,
        }
        before = now;
    }
}

/// What is new. A first list names no pod: each would be.
fn line(before: &Cluster, now: &Cluster) -> String {
    let (pods, reach) = (now.pods.len(), now.reach(Kind::Pod));
    let is_first = before.reach(Kind::Pod).as_of.is_none();
    let changed = now.pods.iter().filter(|(name, pod)| {
        !is_first && before.pods.get(*name).is_none_or(|old| !Arc::ptr_eq(old, *pod) && old != *pod)
    });
    let changed: Vec<_> = changed
        .map(|(name, pod)| {
            json!({ "namespace": &*name.namespace, "name": &*name.name, "phase": pod.phase, "restarts": pod.restarts })
        })
        .collect();
    json!({ "pods": pods, "known": reach.as_of.is_some(), "trouble": reach.trouble, "changed": changed }).to_string()
}
