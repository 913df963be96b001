use std::sync::LazyLock;
use std::time::Duration;

use chrono::{DateTime, Utc};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Gauge, Histogram};
use witan_telemetry::metrics::meter;

use crate::domain::outcome::Outcome;
use crate::store::backlog::{Backlog, Breakers};

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

static ARRIVAL: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    meter("witan_webhooks")
        .f64_histogram("webhooks_arrival_delay")
        .with_unit("s")
        .with_description(
            "From the event to the partner's answer, by whether the first attempt was the one that arrived",
        )
        .build()
});

static PENDING: LazyLock<Gauge<u64>> = LazyLock::new(|| {
    meter("witan_webhooks")
        .u64_gauge("webhooks_pending")
        .with_description(
            "Deliveries that are due, waiting for their time or running, live or sent again in bulk",
        )
        .build()
});

static DUE: LazyLock<Gauge<f64>> = LazyLock::new(|| {
    meter("witan_webhooks")
        .f64_gauge("webhooks_due_oldest")
        .with_unit("s")
        .with_description("How long the delivery that is due for longest has been")
        .build()
});

static UNDELIVERED: LazyLock<Gauge<f64>> = LazyLock::new(|| {
    meter("witan_webhooks")
        .f64_gauge("webhooks_undelivered_oldest")
        .with_unit("s")
        .with_description("Age of the oldest delivery that has not arrived and is still tried")
        .build()
});

static BREAKERS: LazyLock<Gauge<u64>> = LazyLock::new(|| {
    meter("witan_webhooks")
        .u64_gauge("webhooks_breakers")
        .with_description("Endpoints whose breaker is open or half open")
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

/// A live delivery has arrived. `first` says whether by its first attempt: retries wait for their schedule.
pub(crate) fn arrived(occurred_at: DateTime<Utc>, now: DateTime<Utc>, first: bool) {
    let attempt = KeyValue::new("attempt", if first { "first" } else { "later" });
    ARRIVAL.record(seconds(Some(occurred_at), now), &[attempt]);
}

pub(crate) fn backlog(kind: &'static str, backlog: &Backlog, now: DateTime<Utc>) {
    let kind = KeyValue::new("kind", kind);
    for (state, count) in [("due", backlog.due), ("waiting", backlog.waiting), ("running", backlog.running)] {
        PENDING.record(count.unsigned_abs(), &[kind.clone(), KeyValue::new("state", state)]);
    }
    DUE.record(seconds(backlog.due_since, now), std::slice::from_ref(&kind));
    UNDELIVERED.record(seconds(backlog.oldest, now), &[kind]);
}

pub(crate) fn breakers(breakers: &Breakers) {
    for (state, count) in [("open", breakers.open), ("half_open", breakers.half_open)] {
        BREAKERS.record(count.unsigned_abs(), &[KeyValue::new("state", state)]);
    }
}

fn seconds(since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> f64 {
    since.and_then(|since| (now - since).to_std().ok()).unwrap_or_default().as_secs_f64()
}
