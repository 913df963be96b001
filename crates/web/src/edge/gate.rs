//! The guard of one operation: who, how often, what; all before the body is read.

mod credential;
mod rights;
mod workspace;

use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::Error;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap};
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Ready, ready};
use opentelemetry::trace::TraceContextExt;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::edge::context::RequestContext;
use crate::edge::{Edge, idempotency};
use crate::routes::access::Access;
use crate::routes::endpoint::Endpoint;
use crate::{Problem, codes};

/// Wraps the handler of one operation.
pub(crate) struct Gate {
    edge: Edge,
    endpoint: Arc<Endpoint>,
}

pub(crate) struct Gated<S> {
    edge: Edge,
    endpoint: Arc<Endpoint>,
    inner: Rc<S>,
}

impl Gate {
    pub(crate) fn new(edge: Edge, endpoint: Arc<Endpoint>) -> Self {
        Self { edge, endpoint }
    }
}

impl<S> Transform<S, ServiceRequest> for Gate
where
    S: Service<ServiceRequest, Response = ServiceResponse, Error = Error> + 'static,
{
    type Response = ServiceResponse;
    type Error = Error;
    type Transform = Gated<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(Gated { edge: self.edge.clone(), endpoint: self.endpoint.clone(), inner: Rc::new(inner) }))
    }
}

impl<S> Service<ServiceRequest> for Gated<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse, Error = Error> + 'static,
{
    type Response = ServiceResponse;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<ServiceResponse, Error>>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let (edge, endpoint, inner) = (self.edge.clone(), self.endpoint.clone(), self.inner.clone());
        Box::pin(async move {
            let Some(context) = RequestContext::of(&request) else {
                return Ok(request.error_response(Problem::internal("the request came in past the edge")));
            };
            if let Err(problem) = admit(&edge, &endpoint, &context, &request).await {
                return Ok(request.error_response(problem));
            }
            let answer = |request: ServiceRequest| unpanicked(inner, request);
            if endpoint.idempotent {
                idempotency::once(&edge, &endpoint, &context, request, answer).await
            } else {
                answer(request).await
            }
        })
    }
}

/// A panic is our failure and the caller's 500, not a dropped connection.
async fn unpanicked<S>(inner: Rc<S>, request: ServiceRequest) -> Result<ServiceResponse, Error>
where
    S: Service<ServiceRequest, Response = ServiceResponse, Error = Error>,
{
    let kept = request.request().clone();
    // What the handler left half done is dropped with its future; shared state is behind locks that survive it.
    match AssertUnwindSafe(inner.call(request)).catch_unwind().await {
        Ok(answer) => answer,
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().copied();
            let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
            let problem =
                Problem::internal(format!("the handler panicked: {}", text.unwrap_or("no message")));
            Ok(ServiceResponse::from_err(problem, kept))
        }
    }
}

async fn admit(
    edge: &Edge,
    endpoint: &Arc<Endpoint>,
    context: &RequestContext,
    request: &ServiceRequest,
) -> Result<(), Problem> {
    // Recording `otel.name` would come too late: the span has begun with the first look at its trace id.
    context.span.context().span().update_name(endpoint.name.clone());
    context.span.record("http.route", endpoint.path.as_str());
    let _ = context.endpoint.set(endpoint.clone());
    match endpoint.access {
        Access::Internal => admit_service(edge, context, request.headers())?,
        _ => admit_person(edge, endpoint, context, request).await?,
    }
    if let Some(query) = endpoint.query.check(request.query_string())? {
        let _ = context.query.set(query);
    }
    check_length(request.headers(), endpoint.body_limit)
}

fn admit_service(edge: &Edge, context: &RequestContext, headers: &HeaderMap) -> Result<(), Problem> {
    let token = credential::bearer(headers)?.ok_or_else(Problem::token_missing)?;
    let caller = edge.0.access.verify_service(token)?;
    let _ = context.service.set(caller);
    Ok(())
}

async fn admit_person(
    edge: &Edge,
    endpoint: &Endpoint,
    context: &RequestContext,
    request: &ServiceRequest,
) -> Result<(), Problem> {
    let principal = credential::authenticate(edge, endpoint, request).await;
    // Whoever fails to log in is limited too, by address.
    let known = principal.as_ref().ok().and_then(Option::as_deref);
    edge.0.limiter.check(endpoint.limit, context, known.map(|principal| principal.user_id)).await?;
    let Some(principal) = principal? else { return Ok(()) };
    context.span.record("user.id", tracing::field::display(principal.user_id));
    rights::check(edge, endpoint, &principal)?;
    rights::require_fresh_state(edge, endpoint).await?;
    if let Some(permission) = endpoint.access.permission() {
        let membership = workspace::enter(edge, endpoint, &principal, request, permission).await?;
        context.span.record("witan.workspace.id", tracing::field::display(membership.workspace_id));
        let _ = context.membership.set(membership);
    }
    let workspace = context.membership.get().map(|membership| membership.workspace_id);
    rights::require_feature(edge, endpoint, workspace, principal.user_id)?;
    let _ = context.principal.set(principal);
    Ok(())
}

/// Refuses a body by what it says of itself, before any of it is read.
fn check_length(headers: &HeaderMap, limit: usize) -> Result<(), Problem> {
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > limit) {
        Err(crate::extract::body::too_large(limit))
    } else {
        Ok(())
    }
}

fn invalid_header(detail: &str) -> Problem {
    Problem::new(&codes::HEADER_INVALID).detail(detail)
}
