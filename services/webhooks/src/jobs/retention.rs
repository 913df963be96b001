//! Removes what was kept long enough, and makes room for what comes.
//!
//! Messages with their mentions, and attempts, have a partition for each day, which is made ahead and dropped whole. Deliveries go
//! before their messages, in short transactions: those that arrived like those that are pending, held, or never fetched, whose jobs then
//! find nothing to do. What stops it is taken up by the next turn. One replica at a time does it; two at once would hurt nobody.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;
use witan_clock::Clock;
use witan_ids::WorkspaceId;
use witan_pg::{Pg, PgError, SystemTx, TenantTx};

use crate::store::retention::{
    TABLES, attempt_days_drop, days_make, delivery_retire, message_days_drop, retention_places,
    retention_time, strays_drop,
};

pub(crate) const EVERY: Duration = Duration::from_secs(3600);
/// Workspaces that are looked at together.
const PLACES: i32 = 100;
/// Deliveries of one transaction: short enough to be in nobody's way.
const BATCH: i64 = 500;

/// Makes the days to come, and removes what is older than `keep`.
pub(crate) async fn retire(pg: Pg, clock: Clock, keep: Duration) -> Result<(), PgError> {
    let now = clock.now();
    // A lock that is not to be had is no reason to keep what is old.
    let made = make(&pg, now.date_naive()).await;
    let now = pg.tx("webhooks.retention_time", async |tx| retention_time(tx, now).await).await?;
    if let Some(before) = TimeDelta::from_std(keep).ok().and_then(|keep| now.checked_sub_signed(keep)) {
        deliveries(&pg, before).await?;
        let messages = pg.tx("webhooks.days_drop", async |tx| message_days_drop(tx, before).await).await?;
        let attempts = pg.tx("webhooks.days_drop", async |tx| attempt_days_drop(tx, before).await).await?;
        while pg.tx("webhooks.strays_drop", async |tx| strays_drop(tx, before).await).await? {}
        if messages > 0 || attempts > 0 {
            tracing::info!(messages, attempts, "days were dropped");
        }
    }
    made
}

async fn make(pg: &Pg, today: NaiveDate) -> Result<(), PgError> {
    for table in TABLES {
        pg.tx("webhooks.days_make", async |tx| days_make(tx, table, today).await).await?;
    }
    Ok(())
}

/// Removes the deliveries from before that time, in every workspace.
async fn deliveries(pg: &Pg, before: DateTime<Utc>) -> Result<(), PgError> {
    let mut after = WorkspaceId::from_uuid(Uuid::nil());
    loop {
        let list = async |tx: &mut SystemTx<'_>| retention_places(tx, before, after, PLACES).await;
        let places = pg.tx("webhooks.retention_places", list).await?;
        for workspace in &places {
            let retire = async |tx: &mut TenantTx<'_>| delivery_retire(tx, before, BATCH).await;
            while pg.tenant("webhooks.retire", *workspace, retire).await? {}
        }
        let Some(last) = places.last() else { return Ok(()) };
        after = *last;
    }
}
