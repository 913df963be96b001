use witan_ids::{UserId, WorkspaceId};
use witan_web::{Caller, HttpRequest, Json, Path, Problem, State, Tenant};

use super::view::{Member, MemberPath};
use crate::actor::Actor;
use crate::app::App;
use crate::changes::{Wish, change};
use crate::domain::status::MemberStatus;

/// Takes a member out of action; everything of theirs is kept.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspaceId}/members/{userId}/deactivate",
    operation_id = "deactivateMember", tag = "members",
    params(("workspaceId" = WorkspaceId, Path), ("userId" = UserId, Path)),
    responses((status = 200, description = "As they are now", body = Member),
        (status = 403, description = "`tenancy.rights_exceeded`: their role allows more than the caller's own."),
        (status = 409, description = "`tenancy.last_admin`: nobody else runs the workspace.")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    tenant: Tenant,
    Path(member): Path<MemberPath>,
) -> Result<Json<Member>, Problem> {
    let actor = Actor::of(&request, &caller, &tenant);
    let changed = change(&app, &actor, member.user_id, Wish::Status(MemberStatus::Inactive)).await?;
    Ok(Json(changed.into()))
}
