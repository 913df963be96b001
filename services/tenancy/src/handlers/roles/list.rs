use witan_ids::WorkspaceId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Page, Problem, State, Tenant};

use super::view::OwnRole;
use crate::app::App;
use crate::store::roles::role_list;

/// Lists the roles that the workspace made for itself, by name; at most 50, on one page.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspaceId}/roles", operation_id = "listRoles", tag = "roles",
    params(("workspaceId" = WorkspaceId, Path)),
    responses((status = 200, description = "Roles", body = Page<OwnRole>)))]
pub(crate) async fn handle(app: State<App>, tenant: Tenant) -> Result<Page<OwnRole>, Problem> {
    let list = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> { role_list(tx).await };
    let rows = app.pg.tenant_read("role.list", tenant.workspace_id, list).await?;
    Ok(Page::whole(rows).map(OwnRole::from))
}
