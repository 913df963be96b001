//! W3C Trace Context, in and out of HTTP headers, AMQP header tables and rows.

mod amqp;
mod http;

use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::TraceContextExt;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use serde::{Deserialize, Serialize};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

pub use self::amqp::{extract_amqp, inject_amqp};
pub use self::http::{extract_http, inject_http};

const TRACEPARENT: &str = "traceparent";
const TRACESTATE: &str = "tracestate";

/// A place in a trace, as it is stored and sent: the two headers of W3C Trace Context.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TraceContext {
    /// Version, trace id, span id and flags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// What vendors add.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracestate: Option<String>,
}

/// The place in the trace where the caller is; empty outside any span.
pub fn current() -> TraceContext {
    TraceContext::of(&Span::current())
}

/// The id of the trace that the caller is in, 32 hexadecimal digits.
pub fn current_trace_id() -> Option<String> {
    let context = current_context();
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| span.trace_id().to_string())
}

impl TraceContext {
    /// The place of `span`.
    pub fn of(span: &Span) -> Self {
        Self::inject(&span.context())
    }

    /// Makes `span`, which must not have been entered yet, a child of this place; without one it begins a trace.
    pub fn set_parent(&self, span: &Span) {
        if self.traceparent.is_some() {
            // Fails only when nobody records traces, or when the span has begun: then it stays where it is.
            let _ = span.set_parent(self.context());
        }
    }

    /// The id of the trace, if this is a place in one.
    pub fn trace_id(&self) -> Option<String> {
        let context = self.context();
        let span = context.span();
        let span = span.span_context();
        span.is_valid().then(|| span.trace_id().to_string())
    }

    /// Whether there is no trace.
    pub fn is_empty(&self) -> bool {
        self.traceparent.is_none()
    }

    /// OpenTelemetry's form of it, as a remote parent.
    pub fn context(&self) -> Context {
        TraceContextPropagator::new().extract_with_context(&Context::new(), self)
    }

    fn inject(context: &Context) -> Self {
        let mut place = Self::default();
        TraceContextPropagator::new().inject_context(context, &mut place);
        place
    }

    /// The headers that are set, by name.
    fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let parent = self.traceparent.as_deref().map(|value| (TRACEPARENT, value));
        let state = self.tracestate.as_deref().map(|value| (TRACESTATE, value));
        parent.into_iter().chain(state)
    }

    /// Reads the headers through `get`.
    fn from_headers<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Self {
        let value = |name| get(name).filter(|value| !value.is_empty()).map(str::to_owned);
        Self { traceparent: value(TRACEPARENT), tracestate: value(TRACESTATE) }
    }
}

impl Injector for TraceContext {
    fn set(&mut self, key: &str, value: String) {
        match key {
            TRACEPARENT => self.traceparent = Some(value),
            TRACESTATE if !value.is_empty() => self.tracestate = Some(value),
            _ => {}
        }
    }
}

impl Extractor for TraceContext {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            TRACEPARENT => self.traceparent.as_deref(),
            TRACESTATE => self.tracestate.as_deref(),
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        self.headers().map(|(name, _)| name).collect()
    }
}

/// The context of the current `tracing` span, or OpenTelemetry's own where there is none.
fn current_context() -> Context {
    let context = Span::current().context();
    if context.span().span_context().is_valid() { context } else { Context::current() }
}
