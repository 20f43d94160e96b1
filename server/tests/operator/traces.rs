//! Traces as they leave the program: a collector's HTTP endpoint, read with OpenTelemetry's own message types.

use crate::machine::Machine;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

type Heard = Arc<Mutex<Vec<ExportTraceServiceRequest>>>;

async fn hear(State(heard): State<Heard>, headers: HeaderMap, body: Bytes) -> &'static [u8] {
    assert_eq!(headers.get("content-type").unwrap(), "application/x-protobuf");
    heard.lock().unwrap().push(ExportTraceServiceRequest::decode(body).unwrap());
    // An empty message: all of it was taken.
    b""
}

/// A collector, and what it hears.
async fn collector() -> (String, Heard) {
    let heard = Heard::default();
    let router = Router::new().route("/v1/traces", post(hear)).with_state(Arc::clone(&heard));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, router).await });
    (url, heard)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_reaches_a_collector_as_one_trace_under_our_name_and_without_a_persons() {
    let machine = Machine::new("traces").await;
    let (url, heard) = collector().await;
    let portal = machine.serve(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &url)]).await;
    machine.begin().await;
    // What is left is sent when it stops.
    portal.stop().await;
    machine.every_answer_has_its_id();

    let heard = heard.lock().unwrap();
    let mut spans: Vec<&Span> = Vec::new();
    for resource in heard.iter().flat_map(|request| &request.resource_spans) {
        let attributes = &resource.resource.as_ref().unwrap().attributes;
        let name = attributes.iter().find(|it| it.key == "service.name").unwrap().value.clone().unwrap().value;
        assert_eq!(name, Some(Value::StringValue("gatehouse".to_owned())));
        spans.extend(resource.scope_spans.iter().flat_map(|scope| &scope.spans));
    }
    for span in &spans {
        assert_eq!((span.trace_id.len(), span.span_id.len()), (16, 8), "{span:?}");
        assert!(0 < span.start_time_unix_nano && span.start_time_unix_nano <= span.end_time_unix_nano, "{span:?}");
        let said = format!("{span:?}");
        assert!(!said.contains('@') && !said.contains("Ishaan") && !said.contains("Prefer the replica"), "{said}");
    }
    let named = |name: &str| spans.iter().copied().filter(|span| span.name == name).collect::<Vec<_>>();
    let webhooks = named("POST /webhooks/github");
    let ids: BTreeSet<_> = webhooks.iter().map(|span| &span.span_id).collect();
    let read = named("read_delivery");
    assert!(!read.is_empty(), "{:?}", spans.iter().map(|span| &span.name).collect::<BTreeSet<_>>());
    for job in read {
        assert!(ids.contains(&job.parent_span_id), "a delivery is read for the webhook that brought it: {job:?}");
        assert!(webhooks.iter().any(|webhook| webhook.trace_id == job.trace_id), "{job:?}");
    }
    let answers = named("answer_github");
    let executed: BTreeSet<_> = named("execute_change").iter().map(|span| &span.trace_id).collect();
    assert!(!answers.is_empty() && answers.iter().all(|answer| executed.contains(&answer.trace_id)), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_keeps_the_portal_neither_from_working_nor_from_stopping() {
    let machine = Machine::new("untraced").await;
    // Nobody listens there any more.
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let portal = machine.serve(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("http://{gone}"))]).await;
    machine.begin().await;
    portal.stop().await;
    machine.every_answer_has_its_id();
}
