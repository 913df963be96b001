use std::sync::LazyLock;
use std::time::Instant;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram};
use tracing::{Instrument, Span};
use witan_telemetry::metrics::meter;

struct Instruments {
    duration: Histogram<f64>,
    retries: Counter<u64>,
}

static INSTRUMENTS: LazyLock<Instruments> = LazyLock::new(|| {
    let meter = meter("witan-pg");
    Instruments {
        duration: meter
            .f64_histogram("witan_pg_transaction_duration")
            .with_unit("s")
            .with_description("Duration of transactions by name, waiting for a connection included")
            .build(),
        retries: meter
            .u64_counter("witan_pg_transaction_retries")
            .with_description("Transactions run again because they lost against another one")
            .build(),
    }
});

/// Runs a transaction in a span of its name and measures it.
///
/// It is a part of somebody's trace or of none: what looks for work in the background, again and again, would fill the
/// trace store with traces of nothing.
pub(crate) async fn traced<T, E>(
    name: &'static str,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let span = if Span::current().is_none() { Span::none() } else { span(name) };
    let begin = Instant::now();
    let result = work.instrument(span).await;
    let attributes = [KeyValue::new("name", name), KeyValue::new("ok", result.is_ok())];
    INSTRUMENTS.duration.record(begin.elapsed().as_secs_f64(), &attributes);
    result
}

fn span(name: &'static str) -> Span {
    tracing::info_span!("transaction", otel.name = name, otel.kind = "client", db.system.name = "postgresql")
}

pub(crate) fn retried(name: &'static str) {
    tracing::debug!(name, "the transaction lost against another one and is run again");
    INSTRUMENTS.retries.add(1, &[KeyValue::new("name", name)]);
}
