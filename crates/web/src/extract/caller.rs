use std::future::{Ready, ready};
use std::ops::Deref;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use witan_access::{Membership, Permission, Principal};
use witan_ids::{SessionId, UserId, WorkspaceId};

use crate::edge::context::RequestContext;
use crate::{Problem, codes};

/// Who is calling. For operations whose access asks for somebody to be logged in.
#[derive(Debug, Clone)]
pub struct Caller(pub Arc<Principal>);

/// The workspace that the request is about, and the caller's place in it. For operations whose access asks for a
/// permission.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// The caller.
    pub user_id: UserId,
    /// The caller's place, with role and permissions.
    pub membership: Arc<Membership>,
}

/// The service that is calling. For internal operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceCaller(pub String);

impl Tenant {
    /// The caller's role, such as `ADMIN`.
    pub fn role(&self) -> &str {
        &self.membership.role
    }

    /// What the caller may do.
    pub fn permissions(&self) -> &[String] {
        &self.membership.permissions
    }

    /// Whether the caller may do this.
    pub fn allows(&self, permission: Permission) -> bool {
        self.membership.allows(permission)
    }
}

impl Caller {
    /// The log-in that asks.
    ///
    /// # Errors
    /// When it is an API key, which has none.
    pub fn session(&self) -> Result<SessionId, Problem> {
        self.session_id().ok_or_else(|| Problem::new(&codes::SESSION_REQUIRED))
    }
}

impl Deref for Caller {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.0
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(known(request, |context| context.principal.get().cloned().map(Self)))
    }
}

impl FromRequest for Tenant {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let tenant = |membership: &Arc<Membership>| Self {
            workspace_id: membership.workspace_id,
            user_id: membership.user_id,
            membership: membership.clone(),
        };
        ready(known(request, |context| context.membership.get().map(tenant)))
    }
}

impl FromRequest for ServiceCaller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(known(request, |context| context.service.get().cloned().map(Self)))
    }
}

/// A handler that asks for more than its access promises is a mistake in the table.
fn known<T>(request: &HttpRequest, f: impl FnOnce(&RequestContext) -> Option<T>) -> Result<T, Problem> {
    let context = RequestContext::of(request);
    context.and_then(|context| f(&context)).ok_or_else(|| {
        Problem::internal("the handler wants to know more about the caller than its access asks for")
    })
}
