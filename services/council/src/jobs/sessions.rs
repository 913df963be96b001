//! Expires sessions in which nothing happened for a day.
//!
//! One replica looks at a time, which saves work. That a session expires once, and only if nobody uses it at this moment, is
//! the update's doing: it changes only what is `ACTIVE` and still idle, under the lock that whoever uses one takes.

use std::time::Duration;

use witan_clock::Clock;
use witan_pg::{Pg, PgError, SystemTx};

use crate::domain::session::oldest_active;
use crate::events;
use crate::store::live_sessions::{LiveSessionRow, live_session_idle};
use crate::store::sessions::session_expire;

/// How often it looks.
pub(crate) const EVERY: Duration = Duration::from_secs(3600);
const BATCH: i64 = 100;

/// One round.
pub(crate) async fn expire(pg: &Pg, clock: &Clock) -> Result<(), PgError> {
    let now = clock.now();
    loop {
        let idle = async |tx: &mut SystemTx<'_>| live_session_idle(tx, oldest_active(now), BATCH).await;
        let idle = pg.tx("session.idle", idle).await?;
        for session in &idle {
            let end = async |tx: &mut SystemTx<'_>| end(tx, clock, session).await;
            pg.tx("session.expire", end).await?;
        }
        if idle.len() < usize::try_from(BATCH).unwrap_or(usize::MAX) {
            return Ok(());
        }
    }
}

async fn end(tx: &mut SystemTx<'_>, clock: &Clock, session: &LiveSessionRow) -> Result<(), PgError> {
    let mut tx = tx.tenant(session.tenant);
    match session_expire(&mut tx, session.session_id, clock.now()).await? {
        Some(row) => events::session_expired(&mut tx, clock, &row).await,
        // Somebody used it, ended it or deleted it meanwhile.
        None => Ok(()),
    }
}
