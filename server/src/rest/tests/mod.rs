//! The API through the real router, on a real database.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod attacks;
mod once;
mod walk;

use super::document;
use crate::testing::{Browser, TestPortal, read};
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode};
use gatehouse_domain::audit::Entry;
use serde_json::Value;

/// What is committed is what the routes say. To take a change over: `gatehouse openapi > docs/openapi.json`, or this
/// test with `GATEHOUSE_ACCEPT=1`.
#[test]
fn the_committed_description_is_the_one_that_the_routes_make() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
    let text = document::text().unwrap();
    if std::env::var_os("GATEHOUSE_ACCEPT").is_some() {
        std::fs::write(file, &text).unwrap();
    }
    let committed = std::fs::read_to_string(file);
    assert!(committed.unwrap_or_default() == text, "run `gatehouse openapi > docs/openapi.json`");
    assert!(text.starts_with("{\n  \"components\"") && text.contains("\"openapi\": \"3.1.0\""), "{text}");
}

#[test]
fn a_problem_is_described_as_it_is_sent() {
    let reasons = gatehouse_domain::Reasons::one(gatehouse_domain::Reason::NotSignedIn);
    let sent = gatehouse_domain::problem::Problem::refused(&reasons, 401, "r-1");
    let read: document::Problem = serde_json::from_value(serde_json::to_value(&sent).unwrap()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), serde_json::to_value(sent).unwrap());
}

async fn get(browser: &Browser<'_>, path: &str) -> (StatusCode, Value) {
    read(browser.request(Method::GET, path, None).await).await
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_changes_meet_without_gap_or_overlap() {
    let portal = TestPortal::start().await;
    let mut all = Vec::new();
    for service in ["score-api", "consent-service", "score-api"] {
        all.insert(0, portal.held(service, "rohandas").await.number.to_string());
    }
    let asha = portal.browser("E-1001").await;
    let watch = portal.watch().await;
    let (mut seen, mut path) = (Vec::new(), "/api/v1/changes?limit=2".to_owned());
    loop {
        let (status, page) = get(&asha, &path).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        seen.extend(page["changes"].as_array().unwrap().iter().map(|c| c["number"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => path = format!("/api/v1/changes?limit=2&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, all);
    for (query, expected) in [
        ("service=score-api", 2),
        ("state=held", 3),
        ("state=released", 0),
        ("environment=production", 3),
        ("service=score-api&environment=elsewhere", 0),
    ] {
        let (_, page) = get(&asha, &format!("/api/v1/changes?{query}")).await;
        assert_eq!(page["changes"].as_array().map(Vec::len), Some(expected), "{query}: {page}");
    }
    watch.saw_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_shows_what_is_asked_who_signed_and_why_it_is_shut() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    asha.approve(&held.number).await.unwrap();
    let (status, change) = get(&asha, &format!("/api/v1/changes/{}", held.number)).await;
    assert_eq!(status, StatusCode::OK, "{change}");
    assert_eq!((change["state"].as_str(), change["gate"]["is_open"].as_bool()), (Some("held"), Some(false)));
    let filled: Vec<_> =
        change["gate"]["requirements"].as_array().unwrap().iter().map(|r| r["filled_by"].clone()).collect();
    assert_eq!(filled, [Value::from("E-1001"), Value::Null]);
    assert_eq!(change["gate"]["reasons"][0]["code"], "seat_empty");
    assert_eq!(change["approvals"][0]["subject_digest"], change["subject"]["digest"]);
    assert_eq!(change["approvals"][0]["stands"], true);
    assert_eq!(change["contributors"][0]["github_id"].as_str().map(str::is_empty), Some(false));

    let (_, entries) = get(&asha, &format!("/api/v1/changes/{}/entries?limit=1", held.number)).await;
    assert_eq!(entries["entries"][0]["act"], "changes.approved");
    let (status, none) = get(&asha, "/api/v1/changes/CHG-2026-999999/entries").await;
    assert_eq!((status, none["code"].as_str()), (StatusCode::NOT_FOUND, Some("not_found")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_given_to_the_byte() {
    let portal = TestPortal::start().await;
    let asha = portal.browser("E-1001").await;
    let (_, page) = get(&asha, "/api/v1/audit/entries?act=people.signed_in&actor=E-1001").await;
    let listed = &page["entries"][0];
    let id = listed["id"].as_str().unwrap();
    let (_, one) = get(&asha, &format!("/api/v1/audit/entries/{id}")).await;
    assert_eq!(one, *listed);
    let response = asha.request(Method::GET, &format!("/api/v1/audit/entries/{id}/bytes"), None).await;
    assert_eq!(response.headers()["content-type"], "application/octet-stream");
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    assert_eq!(Entry::parse(&bytes).unwrap().id.to_string(), id);
    assert_eq!(Entry::leaf_hash(&bytes).as_str(), listed["leaf_hash"]);
    assert_eq!(bytes, listed["bytes"].as_str().unwrap().as_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_understood_is_refused_and_not_ignored() {
    let portal = TestPortal::start().await;
    let asha = portal.browser("E-1001").await;
    for path in [
        "/api/v1/changes?colour=red",
        "/api/v1/changes?state=held&state=released",
        "/api/v1/changes?state=",
        "/api/v1/changes?state=HELD",
        "/api/v1/changes?limit=0",
        "/api/v1/changes?limit=201",
        "/api/v1/changes?limit=-1",
        "/api/v1/changes?after=CHG-2026-000001",
        "/api/v1/people/me?person=E-1002",
        "/api/v1/audit/entries?person_id=E-1002",
    ] {
        let (status, problem) = get(&asha, path).await;
        let told = (status, problem["code"].as_str());
        assert_eq!(told, (StatusCode::BAD_REQUEST, Some("request_malformed")), "{path}");
        assert!(problem["request_id"].as_str().is_some_and(|id| id.len() == 36), "{problem}");
    }
    for path in ["/api/v1/changes/CHG-1", "/api/v1/changes/..%2f..", "/api/v1/audit/entries/x", "/api/v1/nothing"] {
        assert_eq!(get(&asha, path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_the_answer_already_gets_it_without_a_body() {
    let portal = TestPortal::start().await;
    let asha = portal.browser("E-1001").await;
    let first = asha.request(Method::GET, "/api/v1/people/me", None).await;
    let tag = first.headers()["etag"].clone();
    let ask = async |tags: String| {
        let cookies = asha.cookies();
        let request = Request::get("/api/v1/people/me").header("cookie", cookies).header("if-none-match", tags);
        portal.send(request.body(Body::empty()).unwrap()).await
    };
    let same = ask(format!("\"other\", W/{}", tag.to_str().unwrap())).await;
    assert_eq!((same.status(), &same.headers()["etag"]), (StatusCode::NOT_MODIFIED, &tag));
    assert!(to_bytes(same.into_body(), 1).await.unwrap().is_empty());
    assert_eq!(ask("\"other\"".to_owned()).await.status(), StatusCode::OK);
    let request = Request::get("/api/v1/people/me").header("if-none-match", &tag);
    let nobody = portal.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED, "a tag opens nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_can_be_read_by_whoever_is_signed_in_and_runs_nothing_inline() {
    let portal = TestPortal::start().await;
    let nobody = Browser::anonymous(&portal);
    let led_away = nobody.request(Method::GET, "/api/docs", None).await;
    assert_eq!(led_away.headers()["location"], "/auth/login?to=%2Fapi%2Fdocs");
    for name in ["openapi.json", "start.js", "theme.js", "page.css", "swagger-ui.css", "swagger-ui-bundle.js"] {
        let refused = nobody.request(Method::GET, &format!("/api/docs/{name}"), None).await;
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{name}");
    }
    let asha = portal.browser("E-1001").await;
    let page = asha.request(Method::GET, "/api/docs", None).await;
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"), "{policy}");
    let html = String::from_utf8(to_bytes(page.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap();
    assert!(!html.contains("<style") && !html.contains("style=") && !html.contains("<script>"), "{html}");
    assert!(html.contains("data-theme=\"system\""), "{html}");
    for (name, kind) in [
        ("start.js", "text/javascript"),
        ("theme.js", "text/javascript"),
        ("page.css", "text/css"),
        ("swagger-ui.css", "text/css"),
        ("swagger-ui-bundle.js", "text/javascript"),
    ] {
        let file = asha.request(Method::GET, &format!("/api/docs/{name}"), None).await;
        assert_eq!((file.status(), file.headers()["content-type"].to_str().unwrap()), (StatusCode::OK, kind));
        assert!(html.contains(name));
    }
    let (status, document) = get(&asha, "/api/docs/openapi.json").await;
    assert_eq!((status, &document["openapi"]), (StatusCode::OK, &Value::from("3.1.0")));
    assert_eq!(get(&asha, "/api/docs/swagger-initializer.js").await.0, StatusCode::NOT_FOUND);
}

/// A run that webhooks told of.
async fn told(portal: &TestPortal) -> String {
    let known: Option<i64> =
        sqlx::query_scalar("SELECT run_id FROM pipelines_runs LIMIT 1").fetch_optional(&portal.db.owner).await.unwrap();
    if let Some(run) = known {
        return run.to_string();
    }
    let run = portal.twin.github().push_run(&twin::PushRun::of("consent-service", "leela-m")).unwrap();
    for delivery in portal.twin.github().build_told(run).unwrap() {
        assert_eq!(portal.deliver(&delivery).await.status(), StatusCode::ACCEPTED);
    }
    portal.run_jobs().await;
    run.to_string()
}
