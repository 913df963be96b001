//! Telling a workspace what is held of it: what its deletion removes.

use async_trait::async_trait;
use uuid::Uuid;
use witan_ids::{RunId, WorkspaceId};
use witan_pg::TenantTx;
use witan_web::{Lines, Problem, WorkspaceDiscloser};

use super::{agents, keys, sessions, tell};
use crate::app::App;
use crate::store::held::kept_runs;

/// All of it: its own agents, that it has keys, every session, and every question with all that the council said.
pub(crate) struct WorkspaceDisclosure(pub(crate) App);

#[async_trait]
impl WorkspaceDiscloser for WorkspaceDisclosure {
    async fn disclose(&self, workspace: WorkspaceId, lines: &mut Lines<'_>) -> Result<(), Problem> {
        agents::agents(&self.0, workspace, None, lines).await?;
        keys::keys(&self.0, workspace, None, lines).await?;
        sessions::sessions(&self.0, workspace, None, lines).await?;
        let mut after = Some(RunId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let page = async |tx: &mut TenantTx<'_>| kept_runs(tx, last).await;
            let rows = self.0.pg.tenant_read("kept.runs", workspace, page).await?;
            after = rows.last().map(|row| row.id);
            for more in rows {
                tell(&self.0, workspace, None, more, lines).await?;
            }
        }
        Ok(())
    }
}
