//! The twin, read by the real clients: whatever they accept here is what they accept of the world.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod answers;
mod aws;
mod begin;
mod github;
mod kubectl;
mod kubernetes;
mod oidc;
mod watches;
mod webhook;
mod writes;

use chrono::{DateTime, Utc};
use twin::{Clock, Options, Ports, Twin};

/// Half past ten on a Monday in Bengaluru.
fn noon() -> DateTime<Utc> {
    "2026-05-04T05:00:00Z".parse().unwrap()
}

async fn twin() -> Twin {
    Twin::start(Options { seed: 7, clock: Clock::Manual(noon()), ports: Ports::default(), ..Options::default() })
        .await
        .unwrap()
}

#[tokio::test]
async fn an_unknown_route_answers_501_and_is_remembered() {
    let twin = twin().await;
    let urls = twin.urls();
    for url in [&urls.github, &urls.oidc, &urls.kubernetes, &urls.control] {
        let response = reqwest::get(format!("{url}/no/such/thing?x=1")).await.unwrap();
        assert_eq!(response.status(), 501);
        assert!(
            response.json::<serde_json::Value>().await.unwrap()["message"].as_str().unwrap().contains("/no/such/thing")
        );
    }
    let method = reqwest::Client::new().delete(format!("{}/app", urls.github)).send().await.unwrap();
    assert_eq!(method.status(), 501);
    let unknown = twin.unknown_routes();
    assert_eq!(unknown.len(), 5);
    assert_eq!(unknown[0], "github: GET /no/such/thing?x=1");
    assert_eq!(unknown[4], "github: DELETE /app");
}

#[tokio::test]
async fn the_same_seed_and_clock_give_the_same_world() {
    let (one, other) = (twin().await, twin().await);
    let run = one.github().push_run(&twin::PushRun::of("score-api", "rohandas")).unwrap();
    assert_eq!(other.github().push_run(&twin::PushRun::of("score-api", "rohandas")).unwrap(), run);
    assert_eq!(one.github().head_sha(run).unwrap(), other.github().head_sha(run).unwrap());
    assert_eq!(one.github().build_delivery(run).unwrap().guid, other.github().build_delivery(run).unwrap().guid);
}

#[tokio::test]
async fn the_portals_own_keys_are_kept_and_every_secret_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let dir = std::env::temp_dir().join(format!("twin-files-{}", std::process::id()));
    let twin = twin().await;
    let listen = "127.0.0.1:8080".parse().unwrap();
    let toml = twin.portal_files(&dir, "http://localhost:8080", listen).unwrap();
    std::fs::write(dir.join("secrets/token_key"), "kept").unwrap();
    twin.portal_files(&dir, "http://localhost:8080", listen).unwrap();
    assert_eq!(std::fs::read_to_string(dir.join("secrets/token_key")).unwrap(), "kept");
    for file in std::fs::read_dir(dir.join("secrets")).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.path());
    }
    let text = std::fs::read_to_string(toml).unwrap();
    assert!(text.contains(&format!("api_url = \"{}\"", twin.urls().github)));
    assert_eq!(text.matches("[[services]]").count(), 7);
    assert_eq!(text.matches("[[admitted]]").count(), 11);
    std::fs::remove_dir_all(dir).unwrap();
}
