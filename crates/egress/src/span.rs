use http::{HeaderMap, Method};
use tracing::Span;
use witan_telemetry::propagation;

/// A CLIENT span. The path and query are left out: they are where webhook URLs carry their secret.
pub(crate) fn client(method: &Method, host: &str, peer: &str) -> Span {
    tracing::info_span!(
        "http.client",
        otel.name = %format_args!("{method} {peer}"),
        otel.kind = "client",
        otel.status_code = tracing::field::Empty,
        http.request.method = %method,
        server.address = host,
        peer.service = peer,
        http.response.status_code = tracing::field::Empty,
        error.r#type = tracing::field::Empty,
    )
}

/// Writes the span's context into the headers, over whatever the caller had put there.
pub(crate) fn inject(span: &Span, headers: &mut HeaderMap) {
    span.in_scope(|| propagation::inject_http(headers));
}

pub(crate) fn record_status(span: &Span, status: http::StatusCode) {
    span.record("http.response.status_code", status.as_u16());
    if status.is_client_error() || status.is_server_error() {
        span.record("otel.status_code", "ERROR");
        span.record("error.type", status.as_str());
    }
}

pub(crate) fn record_failure(span: &Span, kind: &str) {
    span.record("otel.status_code", "ERROR");
    span.record("error.type", kind);
}
