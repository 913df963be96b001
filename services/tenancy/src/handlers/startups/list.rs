use witan_ids::StartupId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Page, Paging, Problem, State, Tenant};

use super::view::Startup;
use crate::app::App;
use crate::store::startups::startup_list;

/// Lists the workspace's start-ups, newest first.
#[utoipa::path(get, path = "/api/v1/startups", operation_id = "listStartups", tag = "startups",
    params(Paging), responses((status = 200, description = "Start-ups", body = Page<Startup>)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    paging: Paging,
) -> Result<Page<Startup>, Problem> {
    let filter = ("startups", tenant.workspace_id);
    let before: Option<StartupId> = paging.position(&app.cursors, &filter)?;
    let list =
        async |tx: &mut TenantTx<'_>| -> Result<_, PgError> { startup_list(tx, before, paging.rows()).await };
    let rows = app.pg.tenant_read("startup.list", tenant.workspace_id, list).await?;
    let page = Page::of(rows, paging.limit(), |row| app.cursors.encode(&filter, &row.id));
    Ok(page.map(Startup::from))
}
