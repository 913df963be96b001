//! A collector that accepts and never answers must not hold up the exit of a process.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use witan_telemetry::{Telemetry, TelemetryConfig};

#[test]
fn the_last_flush_has_a_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let config = TelemetryConfig { otlp_endpoint: Some(endpoint), ..TelemetryConfig::default() };
    let telemetry = Telemetry::init("held up", &config);
    tracing::info_span!("work").in_scope(|| {});
    let begin = Instant::now();
    telemetry.shutdown_within(Duration::from_millis(300));
    assert!(begin.elapsed() < Duration::from_secs(4), "{:?}", begin.elapsed());
}
