//! Metrics: one API to make them, one text to read them.

use std::sync::OnceLock;

pub use opentelemetry::KeyValue;
use opentelemetry::global;
pub use opentelemetry::metrics::{Counter, Gauge, Histogram, Meter, UpDownCounter};
use opentelemetry_sdk::metrics::{Aggregation, Instrument, SdkMeterProvider, Stream};
use prometheus::{Registry, TextEncoder};

use crate::export::resource;

/// Boundaries for durations in seconds, as the HTTP conventions name them, with two below for queries.
const SECONDS: [f64; 16] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

static REGISTRY: OnceLock<Registry> = OnceLock::new();

/// The meter of a crate. May be called before telemetry was set up, such as in a static.
pub fn meter(name: &'static str) -> Meter {
    install("witan");
    global::meter(name)
}

/// Every metric of this process in Prometheus' text format.
pub fn render() -> String {
    let families = install("witan").gather();
    TextEncoder::new().encode_to_string(&families).unwrap_or_else(|error| {
        tracing::error!(%error, "metrics cannot be rendered");
        String::new()
    })
}

/// Sets the global meter provider, once: instruments made before would count into nothing.
pub(crate) fn install(service: &str) -> &'static Registry {
    REGISTRY.get_or_init(|| {
        let registry = Registry::new();
        match opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .scope_info_enabled(false)
            .build()
        {
            Ok(exporter) => global::set_meter_provider(
                SdkMeterProvider::builder()
                    .with_resource(resource(service))
                    .with_reader(exporter)
                    .with_view(seconds)
                    .build(),
            ),
            Err(error) => tracing::error!(%error, "metrics are off"),
        }
        registry
    })
}

/// The default boundaries are meant for milliseconds and would put every request in the first bucket.
fn seconds(instrument: &Instrument) -> Option<Stream> {
    let histogram =
        Aggregation::ExplicitBucketHistogram { boundaries: SECONDS.to_vec(), record_min_max: false };
    let in_seconds = instrument.unit() == "s"
        && instrument.kind() == opentelemetry_sdk::metrics::InstrumentKind::Histogram;
    in_seconds.then(|| Stream::builder().with_aggregation(histogram).build().ok()).flatten()
}
