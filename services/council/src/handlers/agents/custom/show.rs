use witan_ids::AgentId;
use witan_pg::TenantTx;
use witan_web::{Json, Path, Problem, Result, State, Tenant};

use super::view::CustomAgent;
use crate::app::App;
use crate::store::agents::agent_find;

/// Shows an agent of the workspace's own, as it is now.
#[utoipa::path(get, path = "/api/v1/agents/custom/{agentId}", operation_id = "getAgent", tag = "agents",
    params(("agentId" = AgentId, Path, description = "The agent")),
    responses((status = 200, description = "The agent", body = CustomAgent)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<AgentId>,
) -> Result<Json<CustomAgent>> {
    let find = async |tx: &mut TenantTx<'_>| agent_find(tx, id).await;
    let found = app.pg.tenant_read("agent.show", tenant.workspace_id, find).await?;
    found.map(|current| Json(current.into())).ok_or_else(Problem::not_found)
}
