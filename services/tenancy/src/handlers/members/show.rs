use witan_ids::{UserId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Json, Path, Problem, State, Tenant};

use super::view::{Member, MemberPath};
use crate::app::App;
use crate::store::members::member_view;

/// Shows a member.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspaceId}/members/{userId}", operation_id = "getMember",
    tag = "members", params(("workspaceId" = WorkspaceId, Path), ("userId" = UserId, Path)),
    responses((status = 200, description = "The member", body = Member)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(member): Path<MemberPath>,
) -> Result<Json<Member>, Problem> {
    show(&app, tenant.workspace_id, member.user_id).await
}

/// The member of this workspace.
pub(crate) async fn show(app: &App, workspace: WorkspaceId, user: UserId) -> Result<Json<Member>, Problem> {
    let find = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> { member_view(tx, user).await };
    let found = app.pg.tenant_read("member.show", workspace, find).await?;
    found.map(|view| Json(Member::from(view))).ok_or_else(Problem::not_found)
}
