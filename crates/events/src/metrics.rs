use std::sync::LazyLock;
use std::time::Duration;

use chrono::TimeDelta;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Gauge, Histogram};
use witan_telemetry::metrics::meter;

struct Instruments {
    lag: Gauge<f64>,
    published: Counter<u64>,
    unsubscribed: Counter<u64>,
    consumed: Counter<u64>,
    age: Histogram<f64>,
}

static INSTRUMENTS: LazyLock<Instruments> = LazyLock::new(|| {
    let meter = meter("witan-events");
    Instruments {
        lag: meter
            .f64_gauge("witan_outbox_oldest")
            .with_unit("s")
            .with_description("Age of the oldest event that is not published")
            .build(),
        published: meter
            .u64_counter("witan_outbox_published")
            .with_description("Events that the broker has taken")
            .build(),
        unsubscribed: meter
            .u64_counter("witan_outbox_unsubscribed")
            .with_description("Events that no queue was bound for")
            .build(),
        consumed: meter
            .u64_counter("witan_consumer_events")
            .with_description("Events by what became of them")
            .build(),
        age: meter
            .f64_histogram("witan_consumer_event_age")
            .with_unit("s")
            .with_description("From the event to its effect")
            .build(),
    }
});

pub(crate) fn lag(service: &'static str, oldest: Option<TimeDelta>) {
    let seconds = oldest.and_then(|age| age.to_std().ok()).map_or(0.0, |age| age.as_secs_f64());
    INSTRUMENTS.lag.record(seconds, &[KeyValue::new("service", service)]);
}

pub(crate) fn published(service: &'static str, events: usize) {
    INSTRUMENTS.published.add(events as u64, &[KeyValue::new("service", service)]);
}

pub(crate) fn unsubscribed(event_type: &str) {
    INSTRUMENTS.unsubscribed.add(1, &[KeyValue::new("type", event_type.to_owned())]);
}

pub(crate) fn consumed(queue: &str, outcome: &'static str, age: Option<Duration>) {
    let queue = KeyValue::new("queue", queue.to_owned());
    INSTRUMENTS.consumed.add(1, &[queue.clone(), KeyValue::new("outcome", outcome)]);
    if let Some(age) = age {
        INSTRUMENTS.age.record(age.as_secs_f64(), &[queue]);
    }
}
