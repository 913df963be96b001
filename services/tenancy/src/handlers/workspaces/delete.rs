use chrono::{SecondsFormat, SubsecRound};
use witan_ids::WorkspaceId;
use witan_pg::{PgError, TenantTx};
use witan_web::{HttpRequest, Json, Problem, State, Tenant, codes};

use super::deletion::Deletion;
use crate::app::App;
use crate::audit::{self, Author, Entry};
use crate::events;
use crate::store::deletions::deletion_request;

/// Deletes a workspace, after a grace in which nobody works in it and in which it can be restored and exported.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspaceId}/delete", operation_id = "deleteWorkspace",
    tag = "workspaces", params(("workspaceId" = WorkspaceId, Path, description = "The workspace")),
    responses((status = 200, description = "When it will be deleted", body = Deletion)))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    tenant: Tenant,
) -> Result<Json<Deletion>, Problem> {
    let by = Author::of(&request, tenant.user_id);
    let now = app.clock.now().trunc_subsecs(3);
    let due = now + app.config.deletion_grace;
    let delete = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
        let Some(row) = deletion_request(tx, tenant.user_id, now, due).await? else { return Ok(None) };
        events::workspace_deletion_requested(tx, &app.clock, due).await?;
        let entry = Entry::new("WORKSPACE_DELETION_REQUESTED", row.workspace_id);
        let entry = entry.detail("dueAt", due.to_rfc3339_opts(SecondsFormat::AutoSi, true));
        audit::record(tx, &app.clock, &by, entry).await?;
        Ok(Some(row))
    };
    let deleted = app.pg.tenant("workspace.delete", tenant.workspace_id, delete).await?;
    app.memberships.invalidate_workspace(tenant.workspace_id);
    match deleted {
        Some(row) => Ok(Json(Deletion::of(&row, false, Vec::new()))),
        None => Err(Problem::new(&codes::WORKSPACE_DELETION_PENDING)),
    }
}
