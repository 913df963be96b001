//! One trace from the request that published to the consumer's effect.

use std::collections::HashMap;

use opentelemetry::trace::{SpanKind, TracerProvider};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use tracing::Instrument;
use tracing_subscriber::layer::SubscriberExt;

use crate::ledger::{Ledger, World};
use crate::support::eventually;

/// Keeps all spans. For a test that is alone in its process, as under nextest.
pub(crate) fn watch() -> InMemorySpanExporter {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer)).unwrap();
    exporter
}

/// The traces of the spans of a name that have ended.
pub(crate) fn ended(exporter: &InMemorySpanExporter, name: &str) -> Vec<String> {
    let spans = exporter.get_finished_spans().unwrap();
    let named = spans.iter().filter(|span| span.name == name);
    named.map(|span| span.span_context.trace_id().to_string()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_consumers_span_descends_from_the_publishers() {
    let exporter = watch();
    let mut world = World::create().await;
    world.consume(Ledger::default()).await;
    world.relay();
    let request = tracing::info_span!("request");
    world.publish("one").instrument(request).await;
    world.settle(1).await;

    let mut spans = HashMap::new();
    eventually("all three spans have ended", async || {
        for span in exporter.get_finished_spans().unwrap() {
            spans.insert(span.name.to_string(), span);
        }
        ["request", "send user.registered", "process probe.ledger"]
            .iter()
            .all(|name| spans.contains_key(*name))
    })
    .await;
    let (send, process) = (&spans["send user.registered"], &spans["process probe.ledger"]);
    let request = &spans["request"];
    assert_eq!((&send.span_kind, &process.span_kind), (&SpanKind::Producer, &SpanKind::Consumer));
    for span in [send, process] {
        assert_eq!(span.span_context.trace_id(), request.span_context.trace_id());
    }
    assert_eq!(process.parent_span_id, send.span_context.span_id());
    // The row remembers the span that it was written in, which is the transaction's.
    let publish = &spans["publish"];
    assert_eq!(send.parent_span_id, publish.span_context.span_id());
    assert_eq!(publish.parent_span_id, request.span_context.span_id());
    world.stop().await;
}
