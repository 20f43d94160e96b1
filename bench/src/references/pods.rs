//! How many pods are there, and how many events came? kube's watcher as its documentation shows it, over typed pods.
//!
//! Left out: every other kind, keeping anything of what was seen, objects that cannot be decoded, saying why it is behind.
//! It reads with the same chunks as the portal. A line of JSON whenever a count has changed, a hundred a second at most.

use std::time::Duration;

use anyhow::{Context, bail};
use futures::StreamExt as _;
use k8s_openapi::api::core::v1::Pod;
use kube::config::AuthInfo;
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Api, Client, Config};
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};

/// The first word of the command line that makes a process this one.
pub const COMMAND: &str = "count-pods";

/// As the portal asks for them.
const CHUNK: u32 = 500;
const LOOK: Duration = Duration::from_millis(10);

/// Counts until it is stopped.
///
/// # Errors
/// When the words are not a cluster and a file with its token, or the watch fails.
pub async fn count(words: Vec<String>) -> anyhow::Result<()> {
    let [url, token] = words.as_slice() else { bail!("{COMMAND} URL TOKEN_FILE") };
    let token = std::fs::read_to_string(token).with_context(|| format!("cannot read {token}"))?;
    // Main of the portal does the same; that there is one already would be news to nobody.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut config = Config::new(url.parse()?);
    config.auth_info = AuthInfo { token: Some(token.trim().to_owned().into()), ..AuthInfo::default() };
    let api: Api<Pod> = Api::all(Client::try_from(config)?);
    let events = watcher(api, watcher::Config::default().page_size(CHUNK));
    tokio::pin!(events);
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut pods, mut seen, mut known, mut said) = (0_u64, 0_u64, false, (0, 0));
    loop {
        tokio::select! {
            event = events.next() => match event.context("a watch does not end")?? {
                Event::Init => (pods, known) = (0, false),
                Event::InitApply(_) => pods += 1,
                Event::InitDone => known = true,
                Event::Apply(_) | Event::Delete(_) => seen += 1,
            },
            _ = look.tick() => if known && said != (pods, seen) {
                said = (pods, seen);
                println!("{}", json!({ "pods": pods, "known": true, "events": seen }));
            },
        }
    }
}
