use witan_ids::WorkspaceId;
use witan_pg::TenantTx;
use witan_web::{Caller, HttpRequest, NoContent, Problem, State, Tenant};

use crate::actor::Actor;
use crate::app::App;
use crate::linking::remove;

/// Removes a workspace's link.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspaceId}/join-link", operation_id = "deleteJoinLink",
    tag = "join", params(("workspaceId" = WorkspaceId, Path)),
    responses((status = 204, description = "Nobody joins by it any longer")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    tenant: Tenant,
) -> Result<NoContent, Problem> {
    let actor = Actor::of(&request, &caller, &tenant);
    let work = async |tx: &mut TenantTx<'_>| -> Result<_, Problem> { remove(tx, &app, &actor).await };
    app.pg.tenant("join_link.remove", tenant.workspace_id, work).await?;
    Ok(NoContent)
}
