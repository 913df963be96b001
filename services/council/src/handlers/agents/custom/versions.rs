use witan_ids::AgentId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Page, Paging, Path, Problem, Result, State, Tenant};

use super::view::AgentVersion;
use crate::app::App;
use crate::store::agents::{agent_find, agent_version_list};

/// Lists what an agent of the workspace's own has been, newest first.
#[utoipa::path(get, path = "/api/v1/agents/custom/{agentId}/versions", operation_id = "listAgentVersions",
    tag = "agents", params(("agentId" = AgentId, Path, description = "The agent"), Paging),
    responses((status = 200, description = "Versions", body = Page<AgentVersion>)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<AgentId>,
    paging: Paging,
) -> Result<Page<AgentVersion>> {
    let bound = ("agent.versions", tenant.workspace_id, id);
    let before: Option<i32> = paging.position(&app.cursors, &bound)?;
    let list = async |tx: &mut TenantTx<'_>| -> std::result::Result<_, PgError> {
        if agent_find(tx, id).await?.is_none() {
            return Ok(None);
        }
        agent_version_list(tx, id, before, paging.rows()).await.map(Some)
    };
    let rows = app.pg.tenant_read("agent.versions", tenant.workspace_id, list).await?;
    let rows = rows.ok_or_else(Problem::not_found)?;
    let page = Page::of(rows, paging.limit(), |row| app.cursors.encode(&bound, &row.version));
    Ok(page.map(AgentVersion::from))
}
