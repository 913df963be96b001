use std::sync::LazyLock;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram};
use witan_telemetry::metrics::meter;

use crate::domain::outcome::Outcome;

static ATTEMPTS: LazyLock<Counter<u64>> = LazyLock::new(|| {
    meter("witan_webhooks")
        .u64_counter("webhooks_attempts")
        .with_description("Attempts to deliver, by what they came to")
        .build()
});

static LATENCY: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    meter("witan_webhooks")
        .f64_histogram("webhooks_attempt_duration")
        .with_unit("s")
        .with_description("From connecting to the last byte of the partner's answer")
        .build()
});

static DISABLED: LazyLock<Counter<u64>> = LazyLock::new(|| {
    meter("witan_webhooks")
        .u64_counter("webhooks_endpoints_disabled")
        .with_description("Endpoints given up, by reason")
        .build()
});

pub(crate) fn attempt(outcome: Outcome, elapsed: Duration) {
    let outcome = [KeyValue::new("outcome", outcome.as_str())];
    ATTEMPTS.add(1, &outcome);
    LATENCY.record(elapsed.as_secs_f64(), &outcome);
}

pub(crate) fn disabled(reason: &'static str) {
    DISABLED.add(1, &[KeyValue::new("reason", reason)]);
}
