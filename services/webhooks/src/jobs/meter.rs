//! Tells how many deliveries partners have taken: one event for each workspace every few seconds, and not one for each delivery.

use std::time::Duration;

use witan_clock::Clock;
use witan_events::contracts::webhooks::v1::DeliveriesCounted;
use witan_events::publish;
use witan_pg::{Pg, PgError, SystemTx};

use crate::store::unmetered::unmetered_take;

pub(crate) const EVERY: Duration = Duration::from_secs(2);
/// Rows of one transaction.
const BATCH: i64 = 1000;

/// Publishes what has not been told yet, each delivery in one event.
pub(crate) async fn meter(pg: Pg, clock: Clock) -> Result<(), PgError> {
    while pg.tx("webhooks.meter", async |tx| tell(tx, &clock).await).await? {}
    Ok(())
}

/// Says whether there may be more.
async fn tell(tx: &mut SystemTx<'_>, clock: &Clock) -> Result<bool, PgError> {
    let taken = unmetered_take(tx, BATCH).await?;
    for workspace in &taken {
        let event = DeliveriesCounted {
            workspace_id: workspace.tenant.to_string(),
            deliveries: u32::try_from(workspace.deliveries).unwrap_or(u32::MAX),
        };
        publish(tx, clock, &event.workspace_id, &event).await?;
    }
    Ok(taken.iter().map(|workspace| workspace.rows).sum::<i64>() == BATCH)
}
