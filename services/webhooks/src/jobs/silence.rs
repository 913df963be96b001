//! Consumes what tenancy says of workspaces that will be deleted: nothing is sent for them, and what would have been is sent
//! when they are restored.

use async_trait::async_trait;
use witan_clock::Clock;
use witan_events::contracts::tenancy::v1::{WorkspaceDeletionRequested, WorkspaceRestored};
use witan_events::{Envelope, Event as _, HandleError, TenantHandler};
use witan_pg::{PgError, TenantTx};

use crate::delivery::create::enqueue;
use crate::store::deliveries::delivery_release;
use crate::store::endpoints::endpoint_enabled;
use crate::store::silences::{silence_begin, silence_end};

/// Holds deliveries back.
pub(crate) struct Silence {
    pub(crate) clock: Clock,
}

#[async_trait]
impl TenantHandler for Silence {
    fn name(&self) -> &'static str {
        "silence"
    }

    fn patterns(&self) -> &'static [&'static str] {
        &[WorkspaceDeletionRequested::TYPE, WorkspaceRestored::TYPE]
    }

    async fn handle(&self, tx: &mut TenantTx<'_>, envelope: &Envelope) -> Result<(), HandleError> {
        match envelope.event_type.as_str() {
            WorkspaceRestored::TYPE => self.end(tx).await?,
            _ => silence_begin(tx, self.clock.now()).await?,
        }
        Ok(())
    }
}

impl Silence {
    async fn end(&self, tx: &mut TenantTx<'_>) -> Result<(), PgError> {
        if !silence_end(tx).await? {
            return Ok(());
        }
        for endpoint in endpoint_enabled(tx).await? {
            let released = delivery_release(tx, endpoint, self.clock.now()).await?;
            enqueue(tx.pipeline(), &self.clock, &released).await?;
        }
        Ok(())
    }
}
