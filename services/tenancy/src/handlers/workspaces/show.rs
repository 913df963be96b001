use witan_pg::{PgError, TenantTx};
use witan_web::{Json, Problem, State, Tenant};

use super::view::Workspace;
use crate::app::App;
use crate::store::workspaces::workspace_find;

/// Shows a workspace.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspaceId}", operation_id = "getWorkspace", tag = "workspaces",
    params(("workspaceId" = witan_ids::WorkspaceId, Path, description = "The workspace")),
    responses((status = 200, description = "The workspace", body = Workspace)))]
pub(crate) async fn handle(app: State<App>, tenant: Tenant) -> Result<Json<Workspace>, Problem> {
    let find = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> { workspace_find(tx).await };
    let row = app.pg.tenant_read("workspace.show", tenant.workspace_id, find).await?;
    let row = row.ok_or_else(Problem::not_found)?;
    Ok(Json(Workspace::of(row, tenant.role())))
}
