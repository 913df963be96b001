//! Removing what nobody needs any more. The active relay does it while it has nothing to send, a batch at a time,
//! so that of a service's replicas one sweeps.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::Timestamptz;
use diesel_async::RunQueryDsl;
use witan_pg::{PgError, Session, sql};

const EVERY: Duration = Duration::from_secs(60);
const BATCH: usize = 1000;

/// For how long published events can be looked at.
const OUTBOX_KEPT: TimeDelta = TimeDelta::days(3);
/// For how long a repetition is recognised: longer than anybody leaves a dead letter lying.
const INBOX_KEPT: TimeDelta = TimeDelta::days(30);

const OUTBOX: &str = "
DELETE FROM outbox WHERE position IN (SELECT position FROM outbox WHERE published_at < $1 LIMIT 1000)";
const INBOX: &str = "
DELETE FROM inbox WHERE (consumer, event_id) IN (SELECT consumer, event_id FROM inbox WHERE seen_at < $1 LIMIT 1000)";

pub(crate) struct Sweep {
    last: Instant,
}

impl Sweep {
    pub(crate) fn new() -> Self {
        Self { last: Instant::now() }
    }

    /// Sweeps if it is time; a full batch is followed by another one at the next turn.
    pub(crate) async fn turn(&mut self, session: &mut Session, now: DateTime<Utc>) -> Result<(), PgError> {
        if self.last.elapsed() >= EVERY {
            let full = remove(session, now).await?;
            if !full {
                self.last = Instant::now();
            }
        }
        Ok(())
    }
}

async fn remove(session: &mut Session, now: DateTime<Utc>) -> Result<bool, PgError> {
    let outbox = sql(OUTBOX).bind::<Timestamptz, _>(now - OUTBOX_KEPT);
    let inbox = sql(INBOX).bind::<Timestamptz, _>(now - INBOX_KEPT);
    let outbox = session.query(async move |conn| outbox.execute(conn).await).await?;
    let inbox = session.query(async move |conn| inbox.execute(conn).await).await?;
    Ok(outbox.max(inbox) == BATCH)
}
