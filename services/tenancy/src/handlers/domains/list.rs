use witan_ids::{DomainId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Page, Paging, Problem, State, Tenant};

use super::view::Domain;
use crate::app::App;
use crate::store::domains::domain_list;

/// Lists the domains that a workspace says are its own, newest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspaceId}/domains", operation_id = "listDomains", tag = "domains",
    params(("workspaceId" = WorkspaceId, Path), Paging),
    responses((status = 200, description = "Domains", body = Page<Domain>)))]
pub(crate) async fn handle(app: State<App>, tenant: Tenant, paging: Paging) -> Result<Page<Domain>, Problem> {
    let filter = ("domains", tenant.workspace_id);
    let before: Option<DomainId> = paging.position(&app.cursors, &filter)?;
    let list =
        async |tx: &mut TenantTx<'_>| -> Result<_, PgError> { domain_list(tx, before, paging.rows()).await };
    let rows = app.pg.tenant_read("domain.list", tenant.workspace_id, list).await?;
    let page = Page::of(rows, paging.limit(), |row| app.cursors.encode(&filter, &row.id));
    Ok(page.map(Domain::of))
}
