use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt;
use witan_pg::Pg;

use crate::{Envelope, HandleError, SystemHandler, TenantHandler, inbox};

/// Either kind of handler, with the inbox around it.
#[async_trait]
pub(crate) trait Effect: Send + Sync + 'static {
    fn name(&self) -> &'static str;

    fn patterns(&self) -> &'static [&'static str];

    /// Applies the event once; false when it was applied before.
    async fn apply(&self, pg: &Pg, queue: &str, event: &Envelope) -> Result<bool, HandleError>;
}

pub(crate) struct Tenant<H>(pub(crate) H);
pub(crate) struct System<H>(pub(crate) H);

#[async_trait]
impl<H: TenantHandler> Effect for Tenant<H> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn patterns(&self) -> &'static [&'static str] {
        self.0.patterns()
    }

    async fn apply(&self, pg: &Pg, queue: &str, event: &Envelope) -> Result<bool, HandleError> {
        let workspace =
            event.workspace_id.ok_or_else(|| HandleError::poison("the event has no workspace"))?;
        pg.tenant(self.name(), workspace, async |tx| {
            let fresh = inbox::insert(tx, queue, event.id).await?;
            if fresh {
                self.0.handle(tx, event).await?;
            }
            Ok::<_, HandleError>(fresh)
        })
        .await
    }
}

#[async_trait]
impl<H: SystemHandler> Effect for System<H> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn patterns(&self) -> &'static [&'static str] {
        self.0.patterns()
    }

    async fn apply(&self, pg: &Pg, queue: &str, event: &Envelope) -> Result<bool, HandleError> {
        pg.tx(self.name(), async |tx| {
            let fresh = inbox::insert(tx, queue, event.id).await?;
            if fresh {
                self.0.handle(tx, event).await?;
            }
            Ok::<_, HandleError>(fresh)
        })
        .await
    }
}

/// Applies the event; a panic of the handler becomes an error like any other.
pub(crate) async fn attempt(
    effect: &Arc<dyn Effect>,
    pg: &Pg,
    queue: &str,
    event: &Envelope,
) -> Result<bool, HandleError> {
    // The transaction is rolled back by closing its connection; nothing half done is seen again.
    match AssertUnwindSafe(effect.apply(pg, queue, event)).catch_unwind().await {
        Ok(result) => result,
        Err(_) => Err(HandleError::retry("the handler panicked")),
    }
}
