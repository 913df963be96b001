use witan_ids::{UserId, WorkspaceId};
use witan_pg::TenantTx;
use witan_web::{Json, Path, Problem, State};

use crate::app::App;
use crate::store::members::member_admins;

/// Who runs a workspace, for mails that concern all of them. Nobody does of one that is not there.
#[utoipa::path(get, path = "/internal/workspaces/{workspaceId}/admins", operation_id = "findAdmins", tag = "internal",
    params(("workspaceId" = WorkspaceId, Path, description = "The workspace")),
    responses((status = 200, description = "Their ids")))]
pub(crate) async fn handle(
    app: State<App>,
    Path(workspace): Path<WorkspaceId>,
) -> Result<Json<Vec<UserId>>, Problem> {
    let find = async |tx: &mut TenantTx<'_>| member_admins(tx).await;
    Ok(Json(app.pg.tenant_read("member.admins", workspace, find).await?))
}
