//! Consumes what tenancy says of workspaces that are deleted: their keys do not hold until they are restored, and are removed
//! when they are purged.

use async_trait::async_trait;
use witan_clock::Clock;
use witan_events::contracts::tenancy::v1::{WorkspaceDeletionRequested, WorkspaceRestored};
use witan_events::{Envelope, Event as _, HandleError, Keeper, TenantHandler};
use witan_pg::{PgError, TenantTx};

use crate::events;
use crate::store::closed_workspaces::{workspace_close, workspace_open, workspace_remove};

/// Notes which workspaces await their deletion, and tells every process to ask for their keys anew.
pub(crate) struct Workspaces {
    pub(crate) clock: Clock,
}

#[async_trait]
impl TenantHandler for Workspaces {
    fn name(&self) -> &'static str {
        "workspaces"
    }

    fn patterns(&self) -> &'static [&'static str] {
        &[WorkspaceDeletionRequested::TYPE, WorkspaceRestored::TYPE]
    }

    async fn handle(&self, tx: &mut TenantTx<'_>, envelope: &Envelope) -> Result<(), HandleError> {
        let workspace = tx.workspace_id();
        match envelope.event_type.as_str() {
            WorkspaceRestored::TYPE => workspace_open(tx, workspace).await?,
            _ => workspace_close(tx, workspace, self.clock.now()).await?,
        }
        Ok(events::api_keys_changed(tx, &self.clock, workspace).await?)
    }
}

/// What is held of workspaces here.
pub(crate) struct Kept;

#[async_trait]
impl Keeper for Kept {
    async fn purge(&self, tx: &mut TenantTx<'_>) -> Result<i64, PgError> {
        workspace_remove(tx).await
    }
}
