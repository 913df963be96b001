use witan_ids::UserId;
use witan_web::{Json, Path, Problem, State, Tenant};

use crate::app::App;
use crate::handlers::members::show::show;
use crate::handlers::members::view::{Member, MemberPath};

/// Shows a member of the caller's workspace.
#[utoipa::path(get, path = "/api/v1/admin/users/{userId}", operation_id = "getWorkspaceUser", tag = "admin",
    params(("userId" = UserId, Path)), responses((status = 200, description = "The member", body = Member)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(member): Path<MemberPath>,
) -> Result<Json<Member>, Problem> {
    show(&app, tenant.workspace_id, member.user_id).await
}
