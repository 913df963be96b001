use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt;
use witan_ids::WorkspaceId;
use witan_pg::{Pg, SystemTx};

use crate::{Envelope, HandleError, SystemHandler, TenantHandler, inbox};

/// Either kind of handler, with the inbox around it.
#[async_trait]
pub(crate) trait Effect: Send + Sync + 'static {
    fn name(&self) -> &'static str;

    fn patterns(&self) -> &'static [&'static str];

    /// How many events may share a transaction.
    fn most(&self) -> usize;

    /// Applies events once, all of them or none; says of each whether it was not applied before.
    async fn apply(&self, pg: &Pg, queue: &str, events: &[Envelope]) -> Result<Vec<bool>, HandleError>;
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

    fn most(&self) -> usize {
        self.0.most()
    }

    async fn apply(&self, pg: &Pg, queue: &str, events: &[Envelope]) -> Result<Vec<bool>, HandleError> {
        pg.tx(self.name(), async |tx| {
            let fresh = fresh(tx, queue, events).await?;
            for (workspace, events) in by_workspace(events, &fresh)? {
                let mut tx = tx.tenant(workspace);
                match &events[..] {
                    [event] => self.0.handle(&mut tx, event).await?,
                    events => self.0.handle_many(&mut tx, events).await?,
                }
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

    fn most(&self) -> usize {
        1
    }

    async fn apply(&self, pg: &Pg, queue: &str, events: &[Envelope]) -> Result<Vec<bool>, HandleError> {
        pg.tx(self.name(), async |tx| {
            let fresh = fresh(tx, queue, events).await?;
            for (event, _) in events.iter().zip(&fresh).filter(|(_, fresh)| **fresh) {
                self.0.handle(tx, event).await?;
            }
            Ok::<_, HandleError>(fresh)
        })
        .await
    }
}

/// Of each event whether it was not seen before; of two that are the same only the first.
async fn fresh(tx: &mut SystemTx<'_>, queue: &str, events: &[Envelope]) -> Result<Vec<bool>, HandleError> {
    let mut fresh = inbox::insert(tx, queue, events.iter().map(|event| event.id)).await?;
    Ok(events.iter().map(|event| fresh.remove(&event.id)).collect())
}

/// Those of each workspace that are fresh, in their order.
fn by_workspace<'e>(
    events: &'e [Envelope],
    fresh: &[bool],
) -> Result<BTreeMap<WorkspaceId, Vec<&'e Envelope>>, HandleError> {
    let mut places: BTreeMap<WorkspaceId, Vec<&Envelope>> = BTreeMap::new();
    for (event, _) in events.iter().zip(fresh).filter(|(_, fresh)| **fresh) {
        let workspace =
            event.workspace_id.ok_or_else(|| HandleError::poison("the event has no workspace"))?;
        places.entry(workspace).or_default().push(event);
    }
    Ok(places)
}

/// Applies the events; a panic of the handler becomes an error like any other.
pub(crate) async fn attempt(
    effect: &Arc<dyn Effect>,
    pg: &Pg,
    queue: &str,
    events: &[Envelope],
) -> Result<Vec<bool>, HandleError> {
    // The transaction is rolled back by closing its connection; nothing half done is seen again.
    match AssertUnwindSafe(effect.apply(pg, queue, events)).catch_unwind().await {
        Ok(result) => result,
        Err(_) => Err(HandleError::retry("the handler panicked")),
    }
}
