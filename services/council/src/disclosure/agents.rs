//! What the workspace's own agents were made, and by whom.

use serde::Serialize;
use uuid::Uuid;
use witan_ids::{AgentId, UserId, WorkspaceId};
use witan_pg::TenantTx;
use witan_web::{Lines, Problem};

use crate::app::App;
use crate::handlers::agents::custom::view::AgentVersion;
use crate::store::held::{VersionPlace, held_versions};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    agent_id: AgentId,
    agent: String,
    #[serde(flatten)]
    shown: AgentVersion,
}

/// Tells all versions of agents, or those that one person made.
pub(super) async fn agents(
    app: &App,
    workspace: WorkspaceId,
    author: Option<UserId>,
    lines: &mut Lines<'_>,
) -> Result<(), Problem> {
    // A workspace that is told of itself knows which it is.
    let shown_as = author.map(|_| workspace);
    let mut after: Option<VersionPlace> = Some((AgentId::from_uuid(Uuid::nil()), 0));
    while let Some(last) = after {
        let page = async |tx: &mut TenantTx<'_>| held_versions(tx, author, last).await;
        let rows = app.pg.tenant_read("held.agents", workspace, page).await?;
        after = rows.last().map(|(_, row)| (row.agent_id, row.version));
        let told =
            rows.into_iter().map(|(agent, row)| Told { agent_id: row.agent_id, agent, shown: row.into() });
        lines.page("agent", shown_as, &told.collect::<Vec<_>>()).await?;
    }
    Ok(())
}
