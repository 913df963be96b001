//! Removes the events of runs that ended long ago. What came of them is in their own rows.

use std::time::Duration;

use chrono::{DateTime, Utc};
use witan_pg::{Pg, PgError, SystemTx};

use crate::store::logs::log_take;
use crate::store::run_events::run_event_forget;

/// How often it looks.
pub(crate) const EVERY: Duration = Duration::from_secs(15 * 60);
const BATCH: i64 = 100;

/// Removes all that ended before this.
pub(crate) async fn sweep(pg: &Pg, before: DateTime<Utc>) -> Result<(), PgError> {
    let round = async |tx: &mut SystemTx<'_>| -> Result<usize, PgError> {
        let old = log_take(tx, before, BATCH).await?;
        for log in &old {
            let mut tenant = tx.tenant(log.tenant);
            run_event_forget(&mut tenant, log.run_id).await?;
        }
        Ok(old.len())
    };
    while pg.tx("council.retention", round).await? > 0 {}
    Ok(())
}
