#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
//! The doors, through the real router on a real database.

use super::*;
use crate::testing::{ORIGIN, TestPortal};
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use axum::routing::{get, post};
use gatehouse_domain::problem::Problem;
use tower::ServiceExt;

struct Portal {
    router: Router,
    real: TestPortal,
}

struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Portal {
    async fn start() -> Self {
        let real = TestPortal::start().await;
        let slices = Router::new()
            .route("/panic", get(|| async { panics() }))
            .route("/echo", post(|body: String| async move { body }))
            .route("/webhooks/echo", post(|body: String| async move { body.len().to_string() }));
        let site = site_options("127.0.0.1:0".parse().unwrap());
        Self { router: router(&real.ctx, slices, crate::app::backend(), site), real }
    }

    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answered {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = String::from_utf8(to_bytes(body, 10_000_000).await.unwrap().to_vec()).unwrap();
        Answered { status: parts.status, headers: parts.headers, body }
    }
}

fn panics() -> &'static str {
    panic!("secret words")
}

impl Answered {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn problem(&self) -> Problem {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.body);
        serde_json::from_str(&self.body).unwrap()
    }
}

const HTML: (&str, &str) = ("accept", "text/html");
const FROM_US: (&str, &str) = ("origin", ORIGIN);

#[tokio::test]
async fn a_page_names_its_own_nonce_and_nobody_stores_it() {
    let portal = Portal::start().await;
    let first = portal.ask("GET", "/signin", &[HTML], "").await;
    let second = portal.ask("GET", "/signin", &[HTML], "").await;
    let nonce = |page: &Answered| {
        let csp = page.header("content-security-policy").to_owned();
        let nonce = csp.split_once("'nonce-").and_then(|(_, rest)| rest.split_once('\''));
        let said = || format!("{} {:?} {}", page.status, page.headers, page.body);
        assert_eq!(page.status, StatusCode::OK, "{}", said());
        nonce.unwrap_or_else(|| panic!("no nonce: {}", said())).0.to_owned()
    };
    assert_ne!(nonce(&first), nonce(&second));
    let inline: Vec<&str> = first.body.split("<script").skip(1).collect();
    assert!(!inline.is_empty());
    for script in inline {
        assert!(script.split('>').next().unwrap().contains(&format!("nonce=\"{}\"", nonce(&first))), "{script}");
    }
    for (name, part) in [
        ("content-security-policy", "default-src 'none'"),
        ("content-security-policy", "frame-ancestors 'none'"),
        ("content-security-policy", "base-uri 'none'"),
        ("content-security-policy", "form-action 'self' http://127.0.0.1"),
        ("permissions-policy", "publickey-credentials-get=(self)"),
        ("cross-origin-opener-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
    ] {
        assert!(first.header(name).contains(part), "{name}: {}", first.header(name));
    }
    assert!(!first.header("content-security-policy").contains("unsafe-inline"));
    assert_eq!(first.header("strict-transport-security"), "", "plain HTTP on loopback only");
}

#[tokio::test]
async fn what_is_not_there_is_a_page_for_people_and_a_problem_for_programs() {
    let portal = Portal::start().await;
    let page = portal.ask("GET", "/no/such", &[HTML], "").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.header("content-type").starts_with("text/html"));
    let problem = portal.ask("GET", "/no/such", &[], "").await;
    assert_eq!((problem.status, problem.problem().code.as_str()), (StatusCode::NOT_FOUND, "not_found"));
    assert_eq!(problem.problem().request_id, problem.header("x-request-id"));
    let method = portal.ask("DELETE", "/healthz", &[FROM_US], "").await;
    assert_eq!((method.status, method.problem().code.as_str()), (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"));
    let function = portal.ask("POST", "/api/ui/no_such", &[FROM_US], "").await;
    assert_eq!(function.problem().code, "not_found");
    for outside in ["/../Cargo.toml", "/..%2fCargo.toml", "/pkg/%2e%2e/%2e%2e/Cargo.toml"] {
        let file = portal.ask("GET", outside, &[], "").await;
        assert_eq!(file.status, StatusCode::NOT_FOUND, "{outside}");
    }
}

#[tokio::test]
async fn another_sites_request_is_refused_before_it_is_read_and_counted() {
    let portal = Portal::start().await;
    for headers in [
        &[("origin", "https://evil.example")][..],
        &[("origin", "null")],
        &[],
        &[FROM_US, ("sec-fetch-site", "cross-site")],
    ] {
        let answered = portal.ask("POST", "/echo", headers, "hello").await;
        assert_eq!(
            (answered.status, answered.problem().code.as_str()),
            (StatusCode::FORBIDDEN, "cross_site_request"),
            "{headers:?}"
        );
    }
    let counted: i64 =
        sqlx::query_scalar("SELECT sum(count)::bigint FROM audit_refusal_counts WHERE reason = 'cross_site_request'")
            .fetch_one(&portal.real.db.app)
            .await
            .unwrap();
    assert_eq!(counted, 4);
    assert_eq!(portal.ask("POST", "/echo", &[FROM_US], "hello").await.body, "hello");
    assert_eq!(portal.ask("POST", "/webhooks/echo", &[], "hello").await.body, "5", "GitHub has no Origin");
}

#[tokio::test]
async fn a_body_is_capped_except_where_the_route_has_its_own_rule() {
    let portal = Portal::start().await;
    assert_eq!(portal.ask("POST", "/echo", &[FROM_US], "a".repeat(64 * 1024)).await.status, StatusCode::OK);
    let answered = portal.ask("POST", "/echo", &[FROM_US], "a".repeat(64 * 1024 + 1)).await;
    assert_eq!((answered.status, answered.problem().code.as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"));
    let counted: Vec<_> = portal.real.counted().await;
    assert_eq!(counted, [("request".to_owned(), "body_too_large".to_owned(), 1)]);
    let webhook = portal.ask("POST", "/webhooks/echo", &[], "a".repeat(1_000_000)).await;
    assert_eq!(webhook.body, "1000000");
}

#[tokio::test]
async fn a_panic_is_an_answer_without_its_words() {
    let portal = Portal::start().await;
    let answered = portal.ask("GET", "/panic", &[], "").await;
    assert_eq!(
        (answered.status, answered.problem().code.as_str()),
        (StatusCode::INTERNAL_SERVER_ERROR, "internal_error")
    );
    assert!(!answered.body.contains("secret"));
    assert_eq!(portal.ask("GET", "/healthz", &[], "").await.body, "ok", "and the portal goes on");
}

#[tokio::test]
async fn a_database_that_is_gone_is_503_and_comes_back() {
    let portal = Portal::start().await;
    let missing = |answered: &Answered| -> Vec<String> {
        let said: serde_json::Value = serde_json::from_str(&answered.body).unwrap();
        let parts = said["missing"].as_array().unwrap().iter();
        parts.map(|missing| missing["part"].as_str().unwrap().to_owned()).collect()
    };
    // This portal has no job loop, and the test's directory no site.
    let ready = portal.ask("GET", "/readyz", &[], "").await;
    assert_eq!((ready.status, missing(&ready)), (StatusCode::SERVICE_UNAVAILABLE, vec!["jobs".into(), "site".into()]));
    portal.real.ctx.job_loop.set_running(true);
    assert_eq!(missing(&portal.ask("GET", "/readyz", &[], "").await), ["site"]);
    portal.real.db.go_away().await;
    assert_eq!(missing(&portal.ask("GET", "/readyz", &[], "").await), ["database", "site"]);
    assert_eq!(portal.ask("GET", "/healthz", &[], "").await.body, "ok", "a restart would help nobody");
    let answered = portal.ask("GET", "/metrics", &[], "").await;
    assert_eq!(
        (answered.status, answered.problem().code.as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "database_unavailable")
    );
    assert_eq!(answered.header("retry-after"), "5");
    portal.real.db.come_back().await;
    assert_eq!(missing(&portal.ask("GET", "/readyz", &[], "").await), ["site"]);
}

#[tokio::test]
async fn request_ids_are_ours() {
    let portal = Portal::start().await;
    let answered = portal.ask("GET", "/healthz", &[("x-request-id", "forged\"id")], "").await;
    assert!(uuid::Uuid::parse_str(answered.header("x-request-id")).is_ok());
}
