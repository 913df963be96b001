use std::sync::LazyLock;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Histogram, UpDownCounter};
use witan_telemetry::metrics::meter;

/// HTTP server metrics by the stable semantic conventions of OpenTelemetry.
struct Instruments {
    duration: Histogram<f64>,
    active: UpDownCounter<i64>,
}

static INSTRUMENTS: LazyLock<Instruments> = LazyLock::new(|| {
    let meter = meter("witan.web");
    Instruments {
        duration: meter
            .f64_histogram("http.server.request.duration")
            .with_unit("s")
            .with_description("How long requests took until their last byte was sent")
            .build(),
        active: meter
            .i64_up_down_counter("http.server.active_requests")
            .with_unit("{request}")
            .with_description("How many requests are under way")
            .build(),
    }
});

pub(super) fn begin() {
    INSTRUMENTS.active.add(1, &[]);
}

pub(super) fn end(service: &str, method: &'static str, route: Option<&str>, status: u16, took: Duration) {
    INSTRUMENTS.active.add(-1, &[]);
    let attributes = [
        KeyValue::new("http.request.method", method),
        KeyValue::new("http.response.status_code", i64::from(status)),
        // A path that no route has must not become a label of its own.
        KeyValue::new("http.route", route.unwrap_or_default().to_owned()),
        KeyValue::new("witan.service", service.to_owned()),
    ];
    INSTRUMENTS.duration.record(took.as_secs_f64(), &attributes);
}
