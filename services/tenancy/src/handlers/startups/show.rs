use witan_ids::StartupId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Json, Path, Problem, State, Tenant};

use super::view::Startup;
use crate::app::App;
use crate::store::startups::startup_find;

/// Shows a start-up.
#[utoipa::path(get, path = "/api/v1/startups/{startupId}", operation_id = "getStartup", tag = "startups",
    params(("startupId" = StartupId, Path, description = "The start-up")),
    responses((status = 200, description = "The start-up", body = Startup)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<StartupId>,
) -> Result<Json<Startup>, Problem> {
    let find = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> { startup_find(tx, id).await };
    let row = app.pg.tenant_read("startup.show", tenant.workspace_id, find).await?;
    row.map(|row| Json(Startup::from(row))).ok_or_else(Problem::not_found)
}
