use witan_ids::WorkspaceId;
use witan_pg::TenantTx;
use witan_web::{Caller, HttpRequest, NoContent, Path, Problem, State};

use crate::app::App;
use crate::audit::Author;
use crate::changes::{ChangeError, Wish, apply};
use crate::domain::status::MemberStatus;
use crate::store::members::member_view;
use crate::store::workspaces::workspace_lock;

/// Leaves a workspace, whatever one's role in it allows.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspaceId}/leave", operation_id = "leaveWorkspace",
    tag = "members", params(("workspaceId" = WorkspaceId, Path)),
    responses((status = 204, description = "Left"),
        (status = 409, description = "`tenancy.last_admin`: nobody else runs the workspace.")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    Path(workspace): Path<WorkspaceId>,
) -> Result<NoContent, Problem> {
    let by = Author::of(&request, caller.user_id);
    let leave = async |tx: &mut TenantTx<'_>| -> Result<(), ChangeError> {
        workspace_lock(tx).await?;
        let own = member_view(tx, caller.user_id).await?;
        // Whoever was deactivated is told no more about the workspace than a stranger.
        let own =
            own.filter(|own| own.member.status() == MemberStatus::Active).ok_or(ChangeError::Unknown)?;
        apply(tx, &app.clock, &by, own, Wish::Leave).await.map(drop)
    };
    app.pg.tenant("member.leave", workspace, leave).await?;
    app.memberships.invalidate_user(caller.user_id);
    Ok(NoContent)
}
