use std::sync::LazyLock;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram};
use witan_telemetry::metrics::meter;

struct Instruments {
    attempts: Counter<u64>,
    duration: Histogram<f64>,
    expired: Counter<u64>,
}

static INSTRUMENTS: LazyLock<Instruments> = LazyLock::new(|| {
    let meter = meter("witan-jobs");
    Instruments {
        attempts: meter
            .u64_counter("witan_job_attempts")
            .with_description("Attempts at jobs by how they ended")
            .build(),
        duration: meter
            .f64_histogram("witan_job_duration")
            .with_unit("s")
            .with_description("Duration of attempts at jobs")
            .build(),
        expired: meter
            .u64_counter("witan_job_leases_expired")
            .with_description("Jobs taken from workers that gave no sign of life")
            .build(),
    }
});

pub(crate) fn attempted(kind: &'static str, outcome: &'static str, took: Duration) {
    let kind = KeyValue::new("kind", kind);
    INSTRUMENTS.attempts.add(1, &[kind.clone(), KeyValue::new("outcome", outcome)]);
    INSTRUMENTS.duration.record(took.as_secs_f64(), &[kind]);
}

pub(crate) fn expired(kind: &'static str, jobs: usize) {
    INSTRUMENTS.expired.add(jobs as u64, &[KeyValue::new("kind", kind)]);
}
