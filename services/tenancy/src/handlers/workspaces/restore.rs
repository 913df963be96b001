use chrono::SubsecRound;
use witan_ids::WorkspaceId;
use witan_pg::{PgError, TenantTx};
use witan_web::{HttpRequest, Json, Problem, State, Tenant, codes};

use super::view::Workspace;
use crate::app::App;
use crate::audit::{self, Author, Entry};
use crate::events;
use crate::store::deletions::{deletion_cancel, deletion_lock};

/// Takes the deletion of a workspace back: all is as it was.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspaceId}/restore", operation_id = "restoreWorkspace",
    tag = "workspaces", params(("workspaceId" = WorkspaceId, Path, description = "The workspace")),
    responses((status = 200, description = "As it is now", body = Workspace),
        (status = 409, description = "Nobody is deleting it, or that has begun.")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    tenant: Tenant,
) -> Result<Json<Workspace>, Problem> {
    let by = Author::of(&request, tenant.user_id);
    let now = app.clock.now().trunc_subsecs(3);
    let restore = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
        match deletion_lock(tx).await? {
            None => return Ok(Err(&codes::tenancy::DELETION_NOT_PENDING)),
            Some((due, begun)) if begun || due <= now => return Ok(Err(&codes::tenancy::DELETION_BEGUN)),
            Some(_) => {}
        }
        let row = deletion_cancel(tx, now).await?;
        events::workspace_restored(tx, &app.clock).await?;
        audit::record(tx, &app.clock, &by, Entry::new("WORKSPACE_RESTORED", row.workspace_id)).await?;
        Ok(Ok(row))
    };
    let restored = app.pg.tenant("workspace.restore", tenant.workspace_id, restore).await?;
    app.memberships.invalidate_workspace(tenant.workspace_id);
    match restored {
        Ok(row) => Ok(Json(Workspace::of(row, tenant.role()))),
        Err(code) => Err(Problem::new(code)),
    }
}
