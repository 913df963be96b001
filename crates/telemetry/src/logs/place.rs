use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};

/// Where in which trace a line was written.
pub(super) struct Place {
    pub(super) trace_id: String,
    pub(super) span_id: String,
}

impl Place {
    /// The tracing layer makes the entered span OpenTelemetry's current one, which is a cheap look-up.
    pub(super) fn current() -> Option<Self> {
        Context::map_current(|context| {
            let span = context.span();
            let span = span.span_context();
            span.is_valid()
                .then(|| Self { trace_id: span.trace_id().to_string(), span_id: span.span_id().to_string() })
        })
    }
}

/// The time for a person or a machine, RFC 3339 in UTC.
pub(super) fn now() -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = SystemTime.format_time(&mut Writer::new(&mut text));
    text
}
