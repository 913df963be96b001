use serde::Deserialize;
use utoipa::ToSchema;
use witan_ids::{UserId, WorkspaceId};
use witan_web::{Body, Caller, HttpRequest, Json, Path, Problem, State, Tenant};

use super::view::{Member, MemberPath};
use crate::actor::Actor;
use crate::app::App;
use crate::changes::{Wish, change};
use crate::domain::role::Role;

/// What to change (RFC 7396).
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UpdateMember {
    /// The role from now on: one that allows no more than the caller's own.
    role: Role,
}

/// Gives a member another role.
#[utoipa::path(patch, path = "/api/v1/workspaces/{workspaceId}/members/{userId}", operation_id = "updateMember",
    tag = "members", params(("workspaceId" = WorkspaceId, Path), ("userId" = UserId, Path)),
    request_body = UpdateMember,
    responses((status = 200, description = "As they are now", body = Member),
        (status = 403, description = "`tenancy.rights_exceeded`: one of the roles allows more than the caller's own."),
        (status = 409, description = "`tenancy.last_admin`: nobody else runs the workspace.")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    tenant: Tenant,
    Path(member): Path<MemberPath>,
    Body(wish): Body<UpdateMember>,
) -> Result<Json<Member>, Problem> {
    let actor = Actor::of(&request, &caller, &tenant);
    let changed = change(&app, &actor, member.user_id, Wish::Role(wish.role)).await?;
    Ok(Json(changed.into()))
}
