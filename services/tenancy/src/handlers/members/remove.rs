use witan_ids::{UserId, WorkspaceId};
use witan_web::{Caller, HttpRequest, NoContent, Path, Problem, State, Tenant};

use super::view::MemberPath;
use crate::actor::Actor;
use crate::app::App;
use crate::changes::{Wish, change};

/// Removes a member from a workspace.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspaceId}/members/{userId}", operation_id = "removeMember",
    tag = "members", params(("workspaceId" = WorkspaceId, Path), ("userId" = UserId, Path)),
    responses((status = 204, description = "Removed"),
        (status = 403, description = "`tenancy.rights_exceeded`: their role allows more than the caller's own."),
        (status = 409, description = "`tenancy.last_admin`: nobody else runs the workspace.")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    tenant: Tenant,
    Path(member): Path<MemberPath>,
) -> Result<NoContent, Problem> {
    let actor = Actor::of(&request, &caller, &tenant);
    change(&app, &actor, member.user_id, Wish::Remove).await?;
    Ok(NoContent)
}
