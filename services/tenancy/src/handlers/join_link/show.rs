use witan_ids::WorkspaceId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Json, Problem, State, Tenant};

use super::view::JoinLink;
use crate::app::App;
use crate::store::join_links::join_link_find;

/// Shows a workspace's link, without its secret.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspaceId}/join-link", operation_id = "getJoinLink", tag = "join",
    params(("workspaceId" = WorkspaceId, Path)),
    responses((status = 200, description = "The link", body = JoinLink),
        (status = 404, description = "The workspace has none.")))]
pub(crate) async fn handle(app: State<App>, tenant: Tenant) -> Result<Json<JoinLink>, Problem> {
    let find = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> { join_link_find(tx).await };
    let row = app.pg.tenant_read("join_link.show", tenant.workspace_id, find).await?;
    row.map(|row| Json(JoinLink::of(row, None))).ok_or_else(Problem::not_found)
}
