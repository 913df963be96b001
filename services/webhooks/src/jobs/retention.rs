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
/// How often a lock on a whole table is asked for.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(500);

/// Makes the days to come, and removes what is older than `keep`. What fails keeps nothing else from being done.
pub(crate) async fn retire(pg: Pg, clock: Clock, keep: Duration) -> Result<(), PgError> {
    let now = clock.now();
    let made = make(&pg, now.date_naive()).await;
    let now = pg.tx("webhooks.retention_time", async |tx| retention_time(tx, now).await).await?;
    let Some(before) = TimeDelta::from_std(keep).ok().and_then(|keep| now.checked_sub_signed(keep)) else {
        return made;
    };
    deliveries(&pg, before).await?;
    let dropped =
        [message_days(&pg, before).await, attempt_days(&pg, before).await, strays(&pg, before).await];
    dropped.into_iter().fold(made, Result::and)
}

async fn make(pg: &Pg, today: NaiveDate) -> Result<(), PgError> {
    for table in TABLES {
        let mut patience = Patience::default();
        while let Err(error) = pg.tx("webhooks.days_make", async |tx| days_make(tx, table, today).await).await
        {
            patience.wait(error).await?;
        }
    }
    Ok(())
}

async fn message_days(pg: &Pg, before: DateTime<Utc>) -> Result<(), PgError> {
    let mut patience = Patience::default();
    loop {
        match pg.tx("webhooks.message_days", async |tx| message_days_drop(tx, before).await).await {
            Ok(days) => break told("messages", days),
            Err(error) => patience.wait(error).await?,
        }
    }
    Ok(())
}

async fn attempt_days(pg: &Pg, before: DateTime<Utc>) -> Result<(), PgError> {
    let mut patience = Patience::default();
    loop {
        match pg.tx("webhooks.attempt_days", async |tx| attempt_days_drop(tx, before).await).await {
            Ok(days) => break told("attempts", days),
            Err(error) => patience.wait(error).await?,
        }
    }
    Ok(())
}

fn told(table: &'static str, days: i32) {
    if days > 0 {
        tracing::info!(table, days, "days were dropped");
    }
}

async fn strays(pg: &Pg, before: DateTime<Utc>) -> Result<(), PgError> {
    while pg.tx("webhooks.strays_drop", async |tx| strays_drop(tx, before).await).await? {}
    Ok(())
}

/// Tables that everybody writes to are seldom free at once: a lock that was not to be had is asked for again a few times.
#[derive(Default)]
struct Patience(u32);

impl Patience {
    /// Waits before the next try, or says what went wrong the last time.
    async fn wait(&mut self, error: PgError) -> Result<(), PgError> {
        self.0 += 1;
        if self.0 == TRIES || !error.is_transient() {
            return Err(error);
        }
        tokio::time::sleep(PAUSE).await;
        Ok(())
    }
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
