use witan_ids::{RoleId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Json, Path, Problem, State, Tenant};

use super::view::{OwnRole, RolePath};
use crate::app::App;
use crate::store::roles::role_find;

/// Shows a role that the workspace made for itself.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspaceId}/roles/{roleId}", operation_id = "getRole", tag = "roles",
    params(("workspaceId" = WorkspaceId, Path), ("roleId" = RoleId, Path)),
    responses((status = 200, description = "The role", body = OwnRole)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(role): Path<RolePath>,
) -> Result<Json<OwnRole>, Problem> {
    let find = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> { role_find(tx, role.role_id).await };
    let found = app.pg.tenant_read("role.show", tenant.workspace_id, find).await?;
    found.map(|row| Json(OwnRole::from(row))).ok_or_else(Problem::not_found)
}
