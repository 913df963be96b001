//! The tracer provider, with the exporter when there is somewhere to export to.

use opentelemetry::global;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};

use crate::TelemetryConfig;

/// The provider, and why it does not export although it should.
pub(crate) fn tracer_provider(
    service: &str,
    config: &TelemetryConfig,
) -> (SdkTracerProvider, Option<String>) {
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.sample)));
    let builder = SdkTracerProvider::builder().with_resource(resource(service)).with_sampler(sampler);
    let (builder, problem) = match config.otlp_endpoint.as_deref().map(exporter) {
        None => (builder, None),
        Some(Ok(exporter)) => (builder.with_batch_exporter(exporter), None),
        Some(Err(error)) => (builder, Some(error.to_string())),
    };
    let provider = builder.build();
    global::set_text_map_propagator(TraceContextPropagator::new());
    global::set_tracer_provider(provider.clone());
    (provider, problem)
}

pub(crate) fn resource(service: &str) -> Resource {
    Resource::builder().with_service_name(service.to_owned()).build()
}

fn exporter(endpoint: &str) -> Result<SpanExporter, opentelemetry_otlp::ExporterBuildError> {
    // The blocking client: the batch thread has no runtime, and the asynchronous client panics without one.
    let endpoint = format!("{endpoint}/v1/traces");
    SpanExporter::builder().with_http().with_protocol(Protocol::HttpBinary).with_endpoint(endpoint).build()
}
