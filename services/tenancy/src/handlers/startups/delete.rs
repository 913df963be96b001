use witan_ids::StartupId;
use witan_pg::{PgError, TenantTx};
use witan_web::{HttpRequest, NoContent, Path, Problem, State, Tenant};

use crate::app::App;
use crate::audit::{self, Author, Entry};
use crate::events;
use crate::store::startups::startup_delete;

/// Deletes a start-up. What was asked about it stays.
#[utoipa::path(delete, path = "/api/v1/startups/{startupId}", operation_id = "deleteStartup", tag = "startups",
    params(("startupId" = StartupId, Path, description = "The start-up")),
    responses((status = 204, description = "Deleted")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    tenant: Tenant,
    Path(id): Path<StartupId>,
) -> Result<NoContent, Problem> {
    let by = Author::of(&request, tenant.user_id);
    let delete = async |tx: &mut TenantTx<'_>| -> Result<(), PgError> {
        if !startup_delete(tx, id, app.clock.now()).await? {
            return Err(PgError::NotFound);
        }
        events::startup_deleted(tx, &app.clock, id).await?;
        audit::record(tx, &app.clock, &by, Entry::new("STARTUP_DELETED", id)).await
    };
    app.pg.tenant("startup.delete", tenant.workspace_id, delete).await?;
    Ok(NoContent)
}
