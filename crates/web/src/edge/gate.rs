//! The guard of one operation: who, how often, what; all before the body is read.

use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::Error;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::header::{AUTHORIZATION, CONTENT_LENGTH, HeaderMap};
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Ready, ready};
use opentelemetry::trace::TraceContextExt;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use witan_access::{Permission, Principal};
use witan_ids::WorkspaceId;

use crate::edge::context::RequestContext;
use crate::edge::{Edge, idempotency};
use crate::routes::access::Access;
use crate::routes::endpoint::Endpoint;
use crate::{Problem, codes};

const WORKSPACE_HEADER: &str = "x-workspace-id";
const WORKSPACE_PARAMETER: &str = "workspaceId";

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
    let token = bearer(headers)?.ok_or_else(Problem::token_missing)?;
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
    let principal = authenticate(edge, endpoint.access, request.headers()).await;
    // Whoever fails to log in is limited too, by address.
    let known = principal.as_ref().ok().and_then(Option::as_deref);
    edge.0.limiter.check(endpoint.limit, context, known.map(|principal| principal.user_id)).await?;
    let Some(principal) = principal? else { return Ok(()) };
    context.span.record("user.id", tracing::field::display(principal.user_id));
    if let Some(permission) = endpoint.access.permission() {
        let selected = selected_workspace(endpoint.access, request)?;
        enter_workspace(edge, context, &principal, selected, permission).await?;
    }
    let _ = context.principal.set(principal);
    Ok(())
}

async fn authenticate(
    edge: &Edge,
    access: Access,
    headers: &HeaderMap,
) -> Result<Option<Arc<Principal>>, Problem> {
    if !access.needs_user() {
        return Ok(None);
    }
    let token = bearer(headers)?.ok_or_else(Problem::token_missing)?;
    Ok(Some(edge.0.access.verifier.verify(token).await?))
}

async fn enter_workspace(
    edge: &Edge,
    context: &RequestContext,
    principal: &Principal,
    selected: Option<WorkspaceId>,
    permission: Permission,
) -> Result<(), Problem> {
    let wanted = selected.or(principal.default_workspace);
    let found = edge.0.access.memberships.find(principal.user_id, wanted).await?;
    // Whoever was deactivated is told no more about the workspace than a stranger.
    let Some(membership) = found.filter(|membership| membership.active) else {
        let code = if wanted.is_some() { &codes::WORKSPACE_NOT_FOUND } else { &codes::NO_WORKSPACE };
        return Err(Problem::new(code));
    };
    context.span.record("witan.workspace.id", tracing::field::display(membership.workspace_id));
    if !membership.allows(permission) {
        tracing::info!(%permission, role = membership.role, "permission denied");
        return Err(
            Problem::new(&codes::PERMISSION_DENIED).detail(format!("It needs the permission {permission}."))
        );
    }
    let _ = context.membership.set(membership);
    Ok(())
}

/// The workspace that the request names. It selects and never authorises.
fn selected_workspace(access: Access, request: &ServiceRequest) -> Result<Option<WorkspaceId>, Problem> {
    let header = match request.headers().get(WORKSPACE_HEADER) {
        None => None,
        Some(value) => {
            let parsed = value.to_str().ok().and_then(|text| text.parse::<WorkspaceId>().ok());
            Some(parsed.ok_or_else(|| invalid_header("X-Workspace-Id must be the id of a workspace."))?)
        }
    };
    if !matches!(access, Access::PathWorkspace(_)) {
        return Ok(header);
    }
    let path =
        request.match_info().get(WORKSPACE_PARAMETER).and_then(|text| text.parse::<WorkspaceId>().ok());
    let path = path.ok_or_else(|| Problem::new(&codes::WORKSPACE_NOT_FOUND))?;
    match header {
        Some(header) if header != path => {
            Err(invalid_header("X-Workspace-Id names another workspace than the path."))
        }
        _ => Ok(Some(path)),
    }
}

/// The bearer token (RFC 6750 section 2.1), if there is one.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut values = headers.get_all(AUTHORIZATION);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(invalid_header("Authorization must be there once."));
    }
    let Some((scheme, token)) = value.to_str().ok().and_then(|text| text.split_once(' ')) else {
        return Ok(None);
    };
    Ok(scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()))
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
