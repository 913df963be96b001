//! Wraps a whole service: the request's id, its span, and what every answer carries.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::ConnectionType;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use futures_util::future::{LocalBoxFuture, Ready, ready};
use opentelemetry::trace::TraceContextExt;
use tokio::time::Instant;
use tracing::{Instrument, Span, field};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use witan_telemetry::TraceContext;

use super::limits::{POLICY_HEADER, STATE_HEADER};
use super::observed::{Observed, Record};
use super::{Edge, address, headers, request_id};
use crate::edge::context::RequestContext;
use crate::problem::openai;
use crate::{Problem, codes};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACE_ID: HeaderName = HeaderName::from_static("x-trace-id");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// The outermost layer of a service.
pub(crate) struct Observe(pub(crate) Edge);

pub(crate) struct Observing<S> {
    edge: Edge,
    inner: Rc<S>,
}

impl<S, B> Transform<S, ServiceRequest> for Observe
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<Observed>;
    type Error = Error;
    type Transform = Observing<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(Observing { edge: self.0.clone(), inner: Rc::new(inner) }))
    }
}

impl<S, B> Service<ServiceRequest> for Observing<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<Observed>;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Error>>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let (edge, inner) = (self.edge.clone(), self.inner.clone());
        Box::pin(async move {
            let context = Rc::new(begin(&edge, &request));
            context.keep(&request);
            let draining = edge.0.lifecycle.draining();
            let mut record = Record::begin(edge, context.clone(), &request);
            let answered = inner.call(request).instrument(context.span.clone()).await;
            // Handlers and guards answer problems themselves; what comes here is a layer that broke.
            let response = answered.map_err(|error| Problem::internal(error.to_string()))?;
            let mut response = presentable(&context, response.map_into_boxed_body());
            dress(&context, response.headers_mut());
            if draining.is_cancelled() {
                // Whoever keeps a connection leaves before it is closed on them (RFC 9112 section 9.6).
                response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
            }
            record.answered(response.status(), response.response().body().size());
            Ok(response.map_body(|_, body| Observed::new(body, record)))
        })
    }
}

fn begin(edge: &Edge, request: &ServiceRequest) -> RequestContext {
    let client = address::client(request.request(), &edge.0.trusted_proxies);
    let parent = parent(request.headers());
    let span = span(edge, request, client);
    parent.set_parent(&span);
    let trace_id = trace_id(&span, &parent);
    let request_id = match (request_id::given(request.headers()), &trace_id) {
        (Some(given), _) => given.to_owned(),
        (None, Some(trace_id)) => trace_id.clone(),
        (None, None) => edge.0.clock.uuid_v7().simple().to_string(),
    };
    span.record("witan.request.id", request_id.as_str());
    RequestContext {
        request_id,
        trace_id,
        client,
        origins: edge.0.origins.clone(),
        started: Instant::now(),
        span,
        endpoint: OnceCell::new(),
        principal: OnceCell::new(),
        membership: OnceCell::new(),
        service: OnceCell::new(),
        query: OnceCell::new(),
        limits: RefCell::default(),
    }
}

/// A server span by the stable HTTP conventions. It gets its name when a route has matched.
fn span(edge: &Edge, request: &ServiceRequest, client: Option<std::net::IpAddr>) -> Span {
    let text = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let span = tracing::info_span!(
        "request",
        otel.kind = "server",
        otel.name = request.method().as_str(),
        otel.status_code = field::Empty,
        http.request.method = request.method().as_str(),
        http.response.status_code = field::Empty,
        http.route = field::Empty,
        url.path = request.path(),
        url.scheme = "http",
        client.address = field::Empty,
        user_agent.original = text(actix_web::http::header::USER_AGENT),
        error.r#type = field::Empty,
        user.id = field::Empty,
        witan.request.id = field::Empty,
        witan.workspace.id = field::Empty,
        witan.service = edge.0.service.as_str(),
    );
    if let Some(client) = client {
        span.record("client.address", field::display(client));
    }
    span
}

fn parent(headers: &HeaderMap) -> TraceContext {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    match text("traceparent") {
        None => TraceContext::default(),
        parent => TraceContext { traceparent: parent, tracestate: text("tracestate") },
    }
}

/// The trace that the span is part of; the caller's own where nobody records traces here.
fn trace_id(span: &Span, parent: &TraceContext) -> Option<String> {
    let context = span.context();
    let own = context.span().span_context().trace_id();
    if own == opentelemetry::TraceId::INVALID { parent.trace_id() } else { Some(own.to_string()) }
}

/// Makes every error a problem document that names its request, and logs those that are ours.
fn presentable(context: &RequestContext, response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let render = |problem: &Problem| {
        log(context, problem);
        let path = response.request().path();
        match openai::is_spoken_at(path) {
            true => problem.render_for_openai(),
            false => problem.render(&context.place(path)),
        }
    };
    let rendered = match response.response().error() {
        Some(error) => match error.as_error::<Problem>() {
            Some(problem) => render(problem),
            // Some other layer's error: its text may be anything.
            None => render(&Problem::new(codes::of_status(status)).source(error.to_string())),
        },
        None if is_empty(response.response().body()) => render(&Problem::new(codes::of_status(status))),
        // A handler that answers an error in another standard's form knows what it does.
        None => return response,
    };
    let (request, _) = response.into_parts();
    ServiceResponse::new(request, rendered)
}

fn is_empty(body: &BoxBody) -> bool {
    body.size().is_eof()
}

fn log(context: &RequestContext, problem: &Problem) {
    let code = problem.code().code;
    context.span.record("error.type", code);
    if !problem.status().is_server_error() {
        return;
    }
    context.span.in_scope(|| match problem.cause() {
        Some(cause) => tracing::error!(code, error = chain(cause), "a request failed"),
        None => tracing::warn!(code, "a request failed"),
    });
}

/// An error with all that caused it, in one line.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        // Many errors repeat their cause.
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}

fn dress(context: &RequestContext, answer: &mut HeaderMap) {
    headers::set(answer);
    let mut set = |name: HeaderName, text: &str| {
        if let Ok(value) = HeaderValue::from_str(text) {
            answer.insert(name, value);
        }
    };
    set(REQUEST_ID, &context.request_id);
    if let Some(trace_id) = &context.trace_id {
        set(TRACE_ID, trace_id);
    }
    let took = context.started.elapsed().as_secs_f64() * 1000.0;
    set(SERVER_TIMING, &format!("app;dur={took:.2}"));
    if let Some((policy, state)) = context.limits.take() {
        answer.insert(POLICY_HEADER, policy);
        answer.insert(STATE_HEADER, state);
    }
}
