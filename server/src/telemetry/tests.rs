#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
//! A whole promotion, heard by everything that listens.

use super::*;
use crate::testing::{Browser, TestPortal};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

/// Listens beside the one that counts. With one listener only, `tracing` asks whichever thread comes to an event first
/// whether anybody listens, and remembers a no for ever; another test's thread would say no.
fn second_listener() -> tracing::Dispatch {
    tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new())
}

/// Keeps every line.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, said: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(said);
        Ok(said.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Paper {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
    fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// Keeps every span.
#[derive(Debug, Clone, Default)]
struct Drawer(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Drawer {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().extend(batch);
        Ok(())
    }
}

/// Everything that a person could be known by, and everything that opens a door.
async fn secrets(portal: &TestPortal) -> BTreeSet<String> {
    let mut all = BTreeSet::from([
        "read it".to_owned(),
        "key of the talkative one".to_owned(),
        // Where requests come from in these tests.
        "192.0.2.7".to_owned(),
    ]);
    for query in [
        "SELECT name FROM people_profiles",
        "SELECT email FROM people_profiles",
        "SELECT encode(token_hash, 'hex') FROM people_sessions",
    ] {
        let found: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_all(&portal.db.owner).await.unwrap();
        assert!(!found.is_empty(), "{query}");
        all.extend(found);
    }
    let dir = portal.ctx.config.source.parent().unwrap().join("secrets");
    for file in std::fs::read_dir(dir).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let told = text.lines().find(|line| !line.starts_with("-----")).unwrap();
        all.extend(told.split(':').filter(|part| part.len() >= 16).map(str::to_owned));
    }
    all
}

/// What goes well and what goes wrong, from sign-in to GitHub's answer.
async fn week(portal: &TestPortal) {
    let held = portal.held("score-api", "rohandas").await;
    let mut forged = portal.twin.github().build_delivery(held.run).unwrap();
    let author = Browser::sign_in(portal, "E-1002").await;
    author.enrol("key of the talkative one").await.unwrap();
    assert!(author.approve(&held.number).await.is_err(), "nobody approves what is theirs");
    for person in ["E-1001", "E-1003"] {
        portal.signer(person).await.approve(&held.number).await.unwrap();
    }
    portal.run_jobs().await;
    // Forged, foreign and lost.
    forged.body = [&forged.body[..], b" "].concat().into();
    assert_eq!(portal.deliver(&forged).await.status(), StatusCode::UNAUTHORIZED);
    let callback = Request::get("/auth/callback?code=a-secret-code&state=a-secret-state").body(Body::empty()).unwrap();
    portal.send(callback).await;
    portal.db.go_away().await;
    portal.send(Request::get("/changes").header("accept", "text/html").body(Body::empty()).unwrap()).await;
    portal.db.come_back().await;
}

#[tokio::test]
async fn a_promotion_is_told_in_json_lines_with_ids_and_without_a_name_or_secret() {
    let paper = Paper::default();
    let out = paper.clone();
    let filter = EnvFilter::new("trace");
    let heard = Registry::default().with(lines(false, filter, move || out.clone()));
    let _second = second_listener();
    let _listening = tracing::subscriber::set_default(heard);
    let portal = TestPortal::start().await;
    week(&portal).await;

    let (text, lines) = (paper.text(), paper.lines());
    for secret in secrets(&portal).await {
        assert!(!text.contains(&secret), "{secret:?} is in the log:\n{text}");
    }
    for secret in ["a-secret-code", "a-secret-state", "gatehouse_session", "Bearer e"] {
        assert!(!text.contains(secret), "{secret:?} is in the log:\n{text}");
    }
    let answered: Vec<&Value> = lines.iter().filter(|line| line["message"] == "answered").collect();
    assert!(answered.len() > 10, "{answered:?}");
    for line in answered {
        let span = &line["span"];
        assert!(uuid::Uuid::parse_str(span["request_id"].as_str().unwrap()).is_ok(), "{line}");
        assert!(span["route"].is_string() && span["status"].is_number(), "{line}");
    }
    let of_requests = lines.iter().filter(|line| line["span"]["name"] == "request");
    assert!(of_requests.clone().any(|line| line["message"] != "answered"), "what happens inside carries the id too");
    let others = lines.iter().filter(|line| !line["target"].as_str().unwrap().starts_with("gatehouse"));
    for line in others.filter(|line| line["target"] != "people") {
        assert!(!["DEBUG", "TRACE"].contains(&line["level"].as_str().unwrap()), "{line}");
    }
}

#[tokio::test]
async fn one_promotion_is_one_trace_through_its_jobs() {
    let spans = Drawer::default();
    let exporter = traces::Exporter::of(SdkTracerProvider::builder().with_simple_exporter(spans.clone()));
    let _second = second_listener();
    let _listening = tracing::subscriber::set_default(Registry::default().with(exporter.layer()));
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    for person in ["E-1001", "E-1003"] {
        portal.signer(person).await.approve(&held.number).await.unwrap();
    }
    portal.run_jobs().await;

    let spans = spans.0.lock().unwrap().clone();
    let named = |name: &str| -> Vec<&SpanData> { spans.iter().filter(|span| span.name == name).collect() };
    let webhook = named("POST /webhooks/github")[0];
    let read = named("read_delivery")[0];
    assert_eq!(read.span_context.trace_id(), webhook.span_context.trace_id(), "the job continues the webhook's trace");
    assert!(read.parent_span_is_remote);
    let execute = named("execute_change");
    let answer = named("answer_github")[0];
    let enqueued_by = execute.iter().find(|span| span.span_context.trace_id() == answer.span_context.trace_id());
    assert!(enqueued_by.is_some(), "the answer belongs to the execution: {spans:#?}");
    for span in &spans {
        let said = format!("{:?}", span.attributes);
        assert!(!said.contains("@"), "{said}");
    }
}

#[tokio::test]
async fn the_figures_are_for_whoever_has_the_token() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let ask = |token: Option<String>| {
        let mut request = Request::get("/metrics");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        portal.send(request.body(Body::empty()).unwrap())
    };
    for wrong in [None, Some(String::new()), Some("0".repeat(64))] {
        assert_eq!(ask(wrong).await.status(), StatusCode::UNAUTHORIZED);
    }
    assert_eq!(portal.counted().await, [("metrics".to_owned(), "not_signed_in".to_owned(), 3)]);
    let file = portal.ctx.config.source.parent().unwrap().join("secrets/metrics_token");
    let answer = ask(Some(std::fs::read_to_string(file).unwrap())).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let text = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    let text = String::from_utf8(text.to_vec()).unwrap();
    for figure in [
        "gatehouse_http_request_duration_seconds_count{method=\"POST\",route=\"/webhooks/github\",status=\"202\"}",
        "gatehouse_job_duration_seconds_count{task=\"read_delivery\",outcome=\"done\"}",
        "gatehouse_audit_entries_total{act=\"changes.opened\"}",
        "gatehouse_refusals_total{code=\"not_signed_in\"}",
        "gatehouse_jobs_waiting ",
        "gatehouse_database_connections{state=\"idle\"}",
    ] {
        assert!(text.contains(figure), "{figure} is not in\n{text}");
    }
    assert!(!text.contains(held.number.as_str()) && !text.contains("E-1001"), "{text}");
}
