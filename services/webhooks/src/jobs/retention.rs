//! Removes what was kept long enough. One replica at a time does it; two at once would hurt nobody.

use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use witan_clock::Clock;
use witan_pg::{Pg, PgError, SystemTx, TenantTx};

use crate::store::retention::{MessageDay, message_days_before, message_days_forget, message_retire};

pub(crate) const EVERY: Duration = Duration::from_secs(3600);
/// Days that are looked at together.
const DAYS: i64 = 100;
/// Messages of one transaction: short enough to be in nobody's way.
const BATCH: i64 = 500;

/// Removes the messages of all days that are over for longer than `keep`.
pub(crate) async fn retire(pg: Pg, clock: Clock, keep: Duration) -> Result<(), PgError> {
    let keep = TimeDelta::from_std(keep).unwrap_or(TimeDelta::MAX);
    let Some(first) = clock.now().checked_sub_signed(keep).map(|time| time.date_naive()) else {
        return Ok(());
    };
    loop {
        let list = async |tx: &mut SystemTx<'_>| message_days_before(tx, first, DAYS).await;
        let days: Vec<MessageDay> = pg.tx("webhooks.retention", list).await?;
        if days.is_empty() {
            return Ok(());
        }
        for MessageDay { day, tenant } in days {
            while pg.tenant("webhooks.retire", tenant, async |tx| batch(tx, day).await).await? {}
        }
    }
}

/// Whether there is more of that day.
async fn batch(tx: &mut TenantTx<'_>, day: NaiveDate) -> Result<bool, PgError> {
    let more = message_retire(tx, day, BATCH).await? == BATCH;
    if !more {
        message_days_forget(tx, day).await?;
    }
    Ok(more)
}
