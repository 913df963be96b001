use witan_ids::{DomainId, WorkspaceId};
use witan_pg::TenantTx;
use witan_web::{Json, Path, Problem, State, Tenant};

use super::view::{Domain, DomainPath};
use crate::app::App;
use crate::store::domains::domain_find;

/// Shows a domain of a workspace, with the record that proves it.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspaceId}/domains/{domainId}", operation_id = "getDomain",
    tag = "domains", params(("workspaceId" = WorkspaceId, Path), ("domainId" = DomainId, Path)),
    responses((status = 200, description = "The domain", body = Domain)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(path): Path<DomainPath>,
) -> Result<Json<Domain>, Problem> {
    let find = async |tx: &mut TenantTx<'_>| domain_find(tx, path.domain_id).await;
    let row = app.pg.tenant_read("domain.show", tenant.workspace_id, find).await?;
    row.map(|row| Json(Domain::of(row))).ok_or_else(Problem::not_found)
}
