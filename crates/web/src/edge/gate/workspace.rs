//! The workspace that a request is about, and the caller's place in it.

use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use witan_access::{ApiKeyGrant, Membership, Permission, Principal, Scope, permission};
use witan_ids::WorkspaceId;

use super::invalid_header;
use crate::edge::Edge;
use crate::routes::access::Access;
use crate::routes::endpoint::Endpoint;
use crate::{Problem, codes};

const HEADER: &str = "x-workspace-id";
const PARAMETER: &str = "workspaceId";

/// The caller's place in the workspace that the request is about, if it allows what the operation asks for.
pub(super) async fn enter(
    edge: &Edge,
    endpoint: &Endpoint,
    principal: &Principal,
    request: &ServiceRequest,
    permission: Permission,
) -> Result<Arc<Membership>, Problem> {
    let selected = selected(endpoint.access, request)?;
    let membership = match principal.api_key() {
        None => place_of_person(edge, principal, selected).await?,
        Some(key) => match key.workspace {
            None => within_scopes(key, &*place_of_person(edge, principal, selected).await?),
            Some(own) => place_of_key(principal, key, own, selected)?,
        },
    };
    if membership.deletion_pending && !endpoint.during_deletion {
        return Err(Problem::new(&codes::WORKSPACE_DELETION_PENDING));
    }
    if !membership.allows(permission) {
        tracing::info!(%permission, role = membership.role, "permission denied");
        let detail = format!("It needs the permission {permission}.");
        return Err(Problem::new(&codes::PERMISSION_DENIED).detail(detail));
    }
    Ok(membership)
}

async fn place_of_person(
    edge: &Edge,
    principal: &Principal,
    selected: Option<WorkspaceId>,
) -> Result<Arc<Membership>, Problem> {
    let wanted = selected.or(principal.default_workspace);
    let found = edge.0.access.memberships.find(principal.user_id, wanted).await?;
    // Whoever was deactivated is told no more about the workspace than a stranger.
    let place = found.filter(|membership| membership.active).ok_or_else(|| {
        Problem::new(if wanted.is_some() { &codes::WORKSPACE_NOT_FOUND } else { &codes::NO_WORKSPACE })
    })?;
    match place.wants_more_of(principal) {
        true => Err(Problem::new(&codes::SECOND_FACTOR_REQUIRED)),
        false => Ok(place),
    }
}

/// A workspace's key works there and nowhere else, and may do what its scopes say; administrators alone make one.
fn place_of_key(
    principal: &Principal,
    key: &ApiKeyGrant,
    own: WorkspaceId,
    selected: Option<WorkspaceId>,
) -> Result<Arc<Membership>, Problem> {
    if selected.is_some_and(|selected| selected != own) {
        return Err(Problem::new(&codes::WORKSPACE_NOT_FOUND));
    }
    let role = if key.has(Scope::Admin) { "ADMIN" } else { "MEMBER" };
    Ok(within_scopes(
        key,
        &Membership {
            workspace_id: own,
            user_id: principal.user_id,
            role: role.to_owned(),
            permissions: permission::ALL.iter().map(|permission| permission.as_str().to_owned()).collect(),
            active: true,
            // Whoever made the key met it then.
            second_factor_required: false,
            // Auth does not know the keys of a workspace that will be deleted.
            deletion_pending: false,
        },
    ))
}

/// A place, and of what it allows only what the key is for: handlers look at permissions, too.
fn within_scopes(key: &ApiKeyGrant, place: &Membership) -> Arc<Membership> {
    let covered = |text: &String| {
        let permission = permission::find(text);
        permission.is_some_and(|permission| key.scopes.iter().any(|scope| scope.covers(permission)))
    };
    let permissions = place.permissions.iter().filter(|text| covered(text)).cloned().collect();
    Arc::new(Membership { permissions, ..place.clone() })
}

/// The workspace that the request names. It selects and never authorises.
fn selected(access: Access, request: &ServiceRequest) -> Result<Option<WorkspaceId>, Problem> {
    let header = match request.headers().get(HEADER) {
        None => None,
        Some(value) => {
            let parsed = value.to_str().ok().and_then(|text| text.parse::<WorkspaceId>().ok());
            Some(parsed.ok_or_else(|| invalid_header("X-Workspace-Id must be the id of a workspace."))?)
        }
    };
    if !matches!(access, Access::PathWorkspace(_)) {
        return Ok(header);
    }
    let path = request.match_info().get(PARAMETER).and_then(|text| text.parse::<WorkspaceId>().ok());
    let path = path.ok_or_else(|| Problem::new(&codes::WORKSPACE_NOT_FOUND))?;
    match header {
        Some(header) if header != path => {
            Err(invalid_header("X-Workspace-Id names another workspace than the path."))
        }
        _ => Ok(Some(path)),
    }
}
