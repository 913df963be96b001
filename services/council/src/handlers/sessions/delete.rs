use witan_ids::AgentSessionId;
use witan_pg::TenantTx;
use witan_web::{NoContent, Path, Problem, Result, State, Tenant};

use crate::app::App;
use crate::store::sessions::session_delete;

/// Deletes one of one's sessions with all that is in it. Its runs stay.
#[utoipa::path(delete, path = "/api/v1/sessions/{sessionId}", operation_id = "deleteAgentSession", tag = "sessions",
    params(("sessionId" = AgentSessionId, Path, description = "The session")),
    responses((status = 204, description = "Deleted")))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<AgentSessionId>,
) -> Result<NoContent> {
    let delete = async |tx: &mut TenantTx<'_>| session_delete(tx, tenant.user_id, id).await;
    let deleted = app.pg.tenant("session.delete", tenant.workspace_id, delete).await?;
    if deleted { Ok(NoContent) } else { Err(Problem::not_found()) }
}
