use witan_ids::WorkspaceId;
use witan_pg::SystemTx;
use witan_web::{Caller, HttpRequest, Json, Path, Problem, State};

use crate::app::App;
use crate::audit::Author;
use crate::handlers::invitations::view::JoinedWorkspace;
use crate::resolving::{ROLE, join_by_domain};

/// Joins the workspace that has the domain of the caller's proved address.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspaceId}/join-by-domain", operation_id = "joinByDomain",
    tag = "domains", params(("workspaceId" = WorkspaceId, Path)),
    responses((status = 200, description = "The caller is a member", body = JoinedWorkspace),
        (status = 403, description = "`tenancy.member_inactive`: the caller was deactivated there."),
        (status = 404, description = "There is none, or the caller's domain does not lead there."),
        (status = 409, description = "`tenancy.member_exists`")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    Path(workspace): Path<WorkspaceId>,
) -> Result<Json<JoinedWorkspace>, Problem> {
    let (user, by) = (caller.user_id, Author::of(&request, caller.user_id));
    let join = async |tx: &mut SystemTx<'_>| -> Result<_, Problem> {
        join_by_domain(tx, &app, workspace, user, &by).await
    };
    let joined = app.pg.tx("domain.join", join).await?;
    app.memberships.invalidate_user(user);
    Ok(Json(JoinedWorkspace::of(joined, ROLE)))
}
