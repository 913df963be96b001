//! Ids, traces, headers and metrics of a request.

use std::sync::PoisonError;

use opentelemetry::trace::{SpanKind, TracerProvider};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use reqwest::Method;
use serde_json::json;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use witan_testkit::{Client, TestService, eventually};
use witan_web::SseEvent;

use crate::probe::{Probe, start};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

/// Records the spans of this process, which is one test's.
fn spans() -> InMemorySpanExporter {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    tracing_subscriber::registry().with(layer).try_init().unwrap();
    // Dropping it would end the recording; the process ends with the test.
    std::mem::forget(provider);
    exporter
}

async fn span_named(exporter: &InMemorySpanExporter, name: &str) -> SpanData {
    let finished = || exporter.get_finished_spans().unwrap().into_iter().find(|span| span.name == name);
    eventually("the span ends", async || finished()).await
}

fn attribute(span: &SpanData, name: &str) -> String {
    let found = span.attributes.iter().find(|attribute| attribute.key.as_str() == name);
    found.map(|attribute| attribute.value.to_string()).unwrap_or_default()
}

async fn hello(anon: &Client, name: &str, value: &str) -> witan_testkit::Answer {
    anon.send(anon.request(Method::GET, "/api/v1/hello").header(name, value)).await.expect(200)
}

#[tokio::test]
async fn a_request_id_comes_back_when_it_is_fit_to() {
    let service = TestService::<Probe>::start().await;
    let anon = service.anon();
    assert_eq!(hello(&anon, "X-Request-Id", "Abc-1_2.3").await.header("x-request-id"), "Abc-1_2.3");
    for bad in ["", "a b", "a\u{e9}", "<script>", &"x".repeat(129)] {
        let given = hello(&anon, "X-Request-Id", bad).await.header("x-request-id").to_owned();
        assert!(given.len() == 32 && given.bytes().all(|byte| byte.is_ascii_hexdigit()), "{given}");
    }
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_protect_it() {
    let service = TestService::<Probe>::start().await;
    for path in ["/api/v1/hello", "/api/v1/nothing", "/api/v1/fail/panic", "/api/v1/me"] {
        let answer = service.anon().get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
        assert!(answer.header("server-timing").starts_with("app;dur="));
        assert_eq!(answer.header("server"), "");
    }
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let service = TestService::<Probe>::start().await;
    let anon = service.anon();
    let get = anon.get("/api/v1/hello").await.expect(200);
    let head = anon.send(anon.request(Method::HEAD, "/api/v1/hello")).await.expect(200);
    assert_eq!(head.text, "");
    assert_eq!(head.header("content-length"), get.header("content-length"));
    assert_eq!(head.header("content-type"), "application/json");
}

#[tokio::test]
async fn a_span_continues_the_callers_trace_and_is_named_by_its_route() {
    let exporter = spans();
    let service = TestService::<Probe>::start().await;
    let anon = service.anon();
    let path = "/api/v1/things/stp_01h455vb4pex5vsknk084sn02q";
    let request = anon.request(Method::GET, path).header("traceparent", format!("00-{TRACE}-{PARENT}-01"));
    let answer = anon.send(request).await.expect(200);
    assert_eq!(answer.header("x-trace-id"), TRACE);
    assert_eq!(answer.header("x-request-id"), TRACE);
    let span = span_named(&exporter, "GET /api/v1/things/{thingId}").await;
    assert_eq!(span.span_context.trace_id().to_string(), TRACE);
    assert_eq!(span.parent_span_id.to_string(), PARENT);
    assert_eq!(span.span_kind, SpanKind::Server);
    assert_eq!(attribute(&span, "http.route"), "/api/v1/things/{thingId}");
    assert_eq!(attribute(&span, "http.request.method"), "GET");
    assert_eq!(attribute(&span, "http.response.status_code"), "200");
    assert_eq!(attribute(&span, "url.path"), path);
}

#[tokio::test]
async fn a_traceparent_that_is_none_begins_a_new_trace() {
    let _exporter = spans();
    let service = TestService::<Probe>::start().await;
    let answer = hello(&service.anon(), "traceparent", "00-zz-zz-01").await;
    let trace = answer.header("x-trace-id");
    assert!(trace.len() == 32 && trace != TRACE, "{trace}");
}

#[tokio::test]
async fn our_failures_are_errors_of_the_span_and_the_callers_are_not() {
    let exporter = spans();
    let service = TestService::<Probe>::start().await;
    service.anon().get("/api/v1/fail/internal").await.expect_problem(500, "system.internal");
    service.anon().get("/api/v1/me").await.expect_problem(401, "access.token_missing");
    let failed = span_named(&exporter, "GET /api/v1/fail/{how}").await;
    assert!(matches!(failed.status, opentelemetry::trace::Status::Error { .. }), "{:?}", failed.status);
    assert_eq!(attribute(&failed, "error.type"), "system.internal");
    let refused = span_named(&exporter, "GET /api/v1/me").await;
    assert!(matches!(refused.status, opentelemetry::trace::Status::Unset), "{:?}", refused.status);
}

#[tokio::test]
async fn the_span_of_a_stream_lasts_until_its_last_event() {
    let exporter = spans();
    let (service, app) = start().await;
    let mut stream = service.anon().post_stream("/api/v1/stream", ()).await;
    let sender = app.shared.streams.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap();
    sender.send(SseEvent::new("delta", &json!({ "text": "a" }))).await.unwrap();
    assert_eq!(stream.next().await.unwrap().event, "delta");
    let name = "POST /api/v1/stream";
    assert!(exporter.get_finished_spans().unwrap().iter().all(|span| span.name != name));
    sender.send(SseEvent::done(&json!({}))).await.unwrap();
    assert_eq!(stream.next().await.unwrap().event, "done");
    assert!(stream.next().await.is_none());
    span_named(&exporter, name).await;
}

#[tokio::test]
async fn requests_are_counted_by_route_and_status() {
    let service = TestService::<Probe>::start().await;
    let _ = service.anon().get("/api/v1/hello").await.expect(200);
    let _ = service.anon().get("/api/v1/surprise/1").await.expect(404);
    let metrics = service.internal_anon().get("/metrics").await.expect(200).text;
    let count = |route: &str, status: &str| {
        metrics.lines().find(|line| {
            line.starts_with("http_server_request_duration_seconds_count")
                && line.contains(&format!("http_route=\"{route}\""))
                && line.contains(&format!("http_response_status_code=\"{status}\""))
        })
    };
    assert!(count("/api/v1/hello", "200").is_some(), "{metrics}");
    assert!(count("", "404").is_some(), "{metrics}");
    assert!(!metrics.contains("surprise"));
    assert!(metrics.contains("le=\"0.005\"") && metrics.contains("le=\"10\""));
}
