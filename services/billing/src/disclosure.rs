//! Telling a workspace what is held of it: what its deletion removes.

use async_trait::async_trait;
use witan_ids::WorkspaceId;
use witan_pg::{Pg, PgError, TenantTx};
use witan_web::{Lines, Problem, WorkspaceDiscloser};

use crate::store::held::{held_subscription, held_usage};

/// All of it. Reservations are left out: they are gone in minutes.
pub(crate) struct WorkspaceDisclosure(pub(crate) Pg);

#[async_trait]
impl WorkspaceDiscloser for WorkspaceDisclosure {
    async fn disclose(&self, workspace: WorkspaceId, lines: &mut Lines<'_>) -> Result<(), Problem> {
        let held = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
            Ok((held_subscription(tx).await?, held_usage(tx).await?))
        };
        let (subscription, usage) = self.0.tenant_read("held.workspace", workspace, held).await?;
        lines.page("subscription", None, subscription.as_slice()).await?;
        lines.page("usage", None, &usage).await?;
        Ok(())
    }
}
