use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use lapin::types::{AMQPValue, FieldTable};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use serde_json::Value;
use tracing::subscriber::DefaultGuard;
use tracing::{Level, info_span};
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};
use witan_config::{Env, Mistakes, Reader};

use crate::propagation::{current, extract_amqp, extract_http, inject_amqp, inject_http};
use crate::*;

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl Output {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct World {
    output: Output,
    spans: InMemorySpanExporter,
    _subscriber: DefaultGuard,
    _provider: SdkTracerProvider,
}

/// The layers that `Telemetry::init` installs, for this thread only and with readable ends.
fn world(format: LogFormat) -> World {
    let (output, spans) = (Output::default(), InMemorySpanExporter::default());
    let provider = SdkTracerProvider::builder().with_simple_exporter(spans.clone()).build();
    let writer = output.clone();
    let logs = logs::layer::<Registry>(format, "unit", BoxMakeWriter::new(move || writer.clone()), false);
    let traces = tracing_opentelemetry::layer().with_tracer(provider.tracer("unit"));
    let subscriber = Registry::default()
        .with(logs.with_filter(filter::logs("info")))
        .with(traces.with_filter(filter::traces()));
    World { output, spans, _subscriber: subscriber.set_default(), _provider: provider }
}

#[test]
fn a_json_line_carries_the_trace_and_the_fields_of_its_spans() {
    let world = world(LogFormat::Json);
    let trace_id =
        info_span!("request", otel.kind = "server", request_id = "r-1", count = 1).in_scope(|| {
            tracing::info!(count = 2, ok = true, ratio = 0.5, "took \"it\"");
            current_trace_id().unwrap()
        });
    tracing::info!("outside");
    let output = world.output.text();
    let lines: Vec<Value> = output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["message"], "took \"it\"");
    assert_eq!(lines[0]["trace_id"], trace_id);
    assert_eq!(lines[0]["span_id"].as_str().unwrap().len(), 16);
    assert_eq!(lines[0]["request_id"], "r-1");
    assert_eq!(lines[0]["count"], 2);
    assert_eq!(lines[0]["ok"], true);
    assert_eq!(lines[0]["ratio"], 0.5);
    assert_eq!(lines[0]["span"], "request");
    assert_eq!(lines[0]["service"], "unit");
    assert_eq!(lines[0]["level"], "INFO");
    assert!(lines[0]["timestamp"].as_str().unwrap().ends_with('Z'));
    assert!(lines[0].get("otel.kind").is_none());
    assert!(lines[1].get("trace_id").is_none());
}

#[test]
fn a_json_line_names_every_cause_of_an_error() {
    let world = world(LogFormat::Json);
    let error = io::Error::other("disk").context_of("cannot save");
    tracing::error!(error = &error as &dyn std::error::Error, "failed");
    let line: Value = serde_json::from_str(&world.output.text()).unwrap();
    assert_eq!(line["error"], "cannot save: disk");
}

trait ContextOf {
    fn context_of(self, what: &'static str) -> Wrapped;
}

impl ContextOf for io::Error {
    fn context_of(self, what: &'static str) -> Wrapped {
        Wrapped(what, self)
    }
}

#[derive(Debug)]
struct Wrapped(&'static str, io::Error);

impl std::fmt::Display for Wrapped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Wrapped {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.1)
    }
}

#[test]
fn a_text_line_ends_with_the_trace() {
    let world = world(LogFormat::Text);
    let trace_id = info_span!("request").in_scope(|| {
        tracing::info!(count = 2, "done");
        current_trace_id().unwrap()
    });
    let line = world.output.text();
    assert!(line.contains(" INFO witan_telemetry::tests done count=2"), "{line}");
    assert!(line.contains(&format!("trace_id={trace_id}")), "{line}");
    assert!(!line.contains('\x1b'), "{line}");
}

#[test]
fn http_headers_carry_a_trace_to_the_next_process() {
    let world = world(LogFormat::Json);
    let mut headers = http::HeaderMap::new();
    let sent = info_span!("client").in_scope(|| {
        inject_http(&mut headers);
        current()
    });
    let received = extract_http(&headers);
    assert_eq!(received, sent);
    let server = info_span!("server");
    received.set_parent(&server);
    server.in_scope(|| assert_eq!(current_trace_id(), sent.trace_id()));
    drop(server);
    assert_child_of(&world, "server", "client");
}

#[test]
fn amqp_headers_carry_a_trace_to_the_consumer() {
    let world = world(LogFormat::Json);
    let mut headers = FieldTable::default();
    let sent = info_span!("publish").in_scope(|| {
        inject_amqp(&mut headers);
        current()
    });
    assert!(matches!(headers.inner()["traceparent"], AMQPValue::LongString(_)));
    let received = extract_amqp(&headers);
    assert_eq!(received, sent);
    let consumer = info_span!("process");
    received.set_parent(&consumer);
    consumer.in_scope(|| assert_eq!(current_trace_id(), sent.trace_id()));
    drop(consumer);
    assert_child_of(&world, "process", "publish");
}

#[test]
fn a_stored_context_keeps_the_senders_state_and_decision() {
    let _world = world(LogFormat::Json);
    let stored = format!(r#"{{"traceparent":"{PARENT}","tracestate":"vendor=1"}}"#);
    let context: TraceContext = serde_json::from_str(&stored).unwrap();
    assert_eq!(serde_json::to_string(&context).unwrap(), stored);
    assert_eq!(context.trace_id().as_deref(), Some(TRACE));
    let span = info_span!("continued");
    context.set_parent(&span);
    let inside = span.in_scope(current);
    assert_eq!(inside.trace_id().as_deref(), Some(TRACE));
    assert_eq!(inside.tracestate.as_deref(), Some("vendor=1"));
    assert_ne!(inside.traceparent, context.traceparent);
}

#[test]
fn nonsense_from_outside_begins_a_trace_of_its_own() {
    let _world = world(LogFormat::Json);
    for parent in ["", "nonsense", "00-00000000000000000000000000000000-b7ad6b7169203331-01"] {
        let context = TraceContext { traceparent: Some(parent.to_owned()), tracestate: None };
        assert_eq!(context.trace_id(), None, "{parent}");
        let span = info_span!("request");
        context.set_parent(&span);
        assert!(span.in_scope(current_trace_id).is_some(), "{parent}");
    }
}

#[test]
fn outside_a_span_there_is_no_trace() {
    let _world = world(LogFormat::Json);
    assert_eq!(current(), TraceContext::default());
    assert_eq!(current_trace_id(), None);
    let mut headers = http::HeaderMap::new();
    inject_http(&mut headers);
    assert!(headers.is_empty());
}

#[test]
fn what_the_broker_could_not_route_is_no_warning_of_its_library() {
    let world = world(LogFormat::Json);
    tracing::warn!(target: "lapin::returned_messages", "came back");
    tracing::warn!(target: "lapin::channel", "broke");
    let output = world.output.text();
    assert!(!output.contains("came back") && output.contains("broke"), "{output}");
}

#[test]
fn what_the_exporter_runs_through_is_never_traced() {
    let traces = filter::traces();
    for target in
        ["hyper::client", "reqwest::connect", "opentelemetry_sdk", "opentelemetry-otlp", "h2::codec"]
    {
        assert!(!traces.would_enable(target, &Level::ERROR), "{target}");
    }
    assert!(traces.would_enable("witan_web::server", &Level::INFO));
    assert!(!traces.would_enable("witan_web::server", &Level::DEBUG));
}

#[test]
fn metrics_are_rendered_with_boundaries_for_seconds() {
    let meter = metrics::meter("unit");
    meter.u64_counter("unit.requests").build().add(2, &[metrics::KeyValue::new("route", "/x")]);
    meter.f64_histogram("unit.duration").with_unit("s").build().record(0.003, &[]);
    let text = metrics::render();
    assert!(text.contains("unit_requests_total{route=\"/x\"} 2"), "{text}");
    assert!(text.contains("unit_duration_seconds_bucket{le=\"0.0025\"} 0"), "{text}");
    assert!(text.contains("unit_duration_seconds_bucket{le=\"0.005\"} 1"), "{text}");
    assert!(text.contains("service_name="), "{text}");
}

fn config(pairs: &[(&str, &str)]) -> Result<TelemetryConfig, Mistakes> {
    let env: Env = pairs.iter().copied().collect();
    let mut reader = Reader::new(&env);
    let config = TelemetryConfig::read(&mut reader);
    reader.finish(|| config)
}

#[test]
fn production_logs_json_and_development_text() {
    assert_eq!(config(&[]).unwrap().format, LogFormat::Text);
    assert_eq!(config(&[("WITAN_ENV", "production")]).unwrap().format, LogFormat::Json);
    assert_eq!(config(&[("WITAN_LOG_FORMAT", "json")]).unwrap().format, LogFormat::Json);
}

#[test]
fn every_setting_is_checked() {
    let pairs = [
        ("WITAN_LOG", "witan=loud"),
        ("WITAN_LOG_FORMAT", "xml"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("OTEL_TRACES_SAMPLER_ARG", "2"),
    ];
    assert_eq!(config(&pairs).unwrap_err().names(), pairs.map(|(name, _)| name));
    let endpoint = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/")];
    assert_eq!(config(&endpoint).unwrap().otlp_endpoint.as_deref(), Some("http://collector:4318"));
}

fn assert_child_of(world: &World, child: &str, parent: &str) {
    let spans = world.spans.get_finished_spans().unwrap();
    let find = |name: &str| spans.iter().find(|span| span.name == name).unwrap();
    let (child, parent) = (find(child), find(parent));
    assert_eq!(child.span_context.trace_id(), parent.span_context.trace_id());
    assert_eq!(child.parent_span_id, parent.span_context.span_id());
}
