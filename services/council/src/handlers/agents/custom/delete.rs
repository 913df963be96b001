use witan_ids::AgentId;
use witan_pg::TenantTx;
use witan_web::{NoContent, Path, Problem, Result, State, Tenant};

use crate::app::App;
use crate::store::agents::agent_delete;

/// Deletes an agent of the workspace's own, with its versions. Its runs stay, and those under way go on.
#[utoipa::path(delete, path = "/api/v1/agents/custom/{agentId}", operation_id = "deleteAgent", tag = "agents",
    params(("agentId" = AgentId, Path, description = "The agent")),
    responses((status = 204, description = "Deleted")))]
pub(crate) async fn handle(app: State<App>, tenant: Tenant, Path(id): Path<AgentId>) -> Result<NoContent> {
    let delete = async |tx: &mut TenantTx<'_>| agent_delete(tx, id).await;
    let deleted = app.pg.tenant("agent.delete", tenant.workspace_id, delete).await?;
    if deleted { Ok(NoContent) } else { Err(Problem::not_found()) }
}
