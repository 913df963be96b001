//! The exporter against a collector that listens on a real socket. Telemetry can be set up once per process, which is
//! why this is one test.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use tracing::info_span;
use witan_telemetry::{Telemetry, TelemetryConfig, current_trace_id};

/// A collector that reports the path and body of each request.
fn collector() -> (String, Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (requests, received) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let requests = requests.clone();
            std::thread::spawn(move || serve(stream.unwrap(), &requests));
        }
    });
    (endpoint, received)
}

fn serve(mut stream: TcpStream, requests: &Sender<(String, Vec<u8>)>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if reader.read_until(b'\n', &mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        let head = String::from_utf8(head).unwrap();
        let length =
            head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body).unwrap();
        let path = head.split(' ').nth(1).unwrap().to_owned();
        requests.send((path, body)).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
    }
}

#[test]
fn spans_are_flushed_at_exit_from_inside_a_runtime_and_cause_no_exports_of_their_own() {
    let (endpoint, received) = collector();
    let config = TelemetryConfig { otlp_endpoint: Some(endpoint), ..TelemetryConfig::default() };
    // The exporter must work where services set it up: on a runtime.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let trace_id = runtime.block_on(async {
        let telemetry = Telemetry::init("flusher", &config);
        Telemetry::init("second", &TelemetryConfig::default()).shutdown();
        let trace_id = info_span!("work", otel.kind = "server").in_scope(|| {
            info_span!("part").in_scope(|| tracing::info!("inside"));
            current_trace_id().unwrap()
        });
        telemetry.shutdown();
        trace_id
    });
    let (path, body) = received.recv_timeout(Duration::from_secs(5)).unwrap();
    assert_eq!(path, "/v1/traces");
    let request = ExportTraceServiceRequest::decode(body.as_slice()).unwrap();
    let resource = request.resource_spans[0].resource.as_ref().unwrap();
    assert!(format!("{resource:?}").contains("flusher"));
    let mut spans: Vec<_> =
        request.resource_spans.iter().flat_map(|r| &r.scope_spans).flat_map(|s| &s.spans).collect();
    spans.sort_by_key(|span| &span.name);
    assert_eq!(spans.iter().map(|span| span.name.as_str()).collect::<Vec<_>>(), ["part", "work"]);
    let hex: String = spans[0].trace_id.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, trace_id);
    assert!(received.try_recv().is_err(), "the export was itself exported");
}
