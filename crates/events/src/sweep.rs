//! Partitions: those of the next days are made ahead, and those that nobody needs any more are dropped. The active relay does it,
//! so that of a service's replicas one sweeps.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use diesel::sql_types::{Date, Integer, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use witan_pg::{PgError, Session, sql};

const EVERY: TimeDelta = TimeDelta::seconds(60);

/// For how many days published events can be looked at.
const OUTBOX_KEPT: u64 = 3;
/// For how many days a repetition is recognised: longer than anybody leaves a dead letter lying.
const INBOX_KEPT: u64 = 30;

const MAKE: &str = "SELECT make_partitions($1) AS count";
const DROP: &str = "SELECT drop_partitions($1, $2) AS count";
/// What came too early for its partition, or is of a day that had none, goes row by row.
const OUTBOX: &str = "
DELETE FROM outbox_default WHERE id IN (SELECT id FROM outbox_default WHERE published_at < $1 LIMIT 1000)";
const INBOX: &str = "
DELETE FROM inbox_default WHERE (consumer, event_id) IN (
    SELECT consumer, event_id FROM inbox_default WHERE seen_at < $1 LIMIT 1000)";

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = Integer)]
    count: i32,
}

/// When to sweep again.
pub(crate) struct Sweep {
    next: DateTime<Utc>,
}

impl Sweep {
    pub(crate) fn new() -> Self {
        Self { next: DateTime::UNIX_EPOCH }
    }

    /// Sweeps if it is time. What fails, because somebody holds a lock for long, is tried again the next time.
    ///
    /// # Errors
    /// When the session is lost.
    pub(crate) async fn turn(
        &mut self,
        session: &mut Session,
        service: &'static str,
        now: DateTime<Utc>,
    ) -> Result<(), PgError> {
        if now < self.next {
            return Ok(());
        }
        self.next = now + EVERY;
        if let Err(error) = sweep(session, service, now).await {
            tracing::debug!(service, %error, "partitions are to be made or dropped later");
            session.ping().await?;
        }
        Ok(())
    }
}

async fn sweep(session: &mut Session, service: &'static str, now: DateTime<Utc>) -> Result<(), PgError> {
    let today = now.date_naive();
    let make = sql(MAKE).bind::<Date, _>(today);
    let made: Count = session.query(async move |conn| make.get_result(conn).await).await?;
    let mut dropped = 0;
    for (table, kept) in [("outbox", OUTBOX_KEPT), ("inbox", INBOX_KEPT)] {
        let drop = sql(DROP).bind::<Text, _>(table).bind::<Date, _>(before(today, kept));
        let count: Count = session.query(async move |conn| drop.get_result(conn).await).await?;
        dropped += count.count;
    }
    if made.count > 0 || dropped > 0 {
        tracing::info!(service, made = made.count, dropped, "partitions of events");
    }
    for (statement, kept) in [(OUTBOX, OUTBOX_KEPT), (INBOX, INBOX_KEPT)] {
        let delete = sql(statement).bind::<Timestamptz, _>(now - Days::new(kept));
        session.query(async move |conn| delete.execute(conn).await).await?;
    }
    Ok(())
}

/// The first day that is kept. The oldest one is kept whole, until its last event is old enough.
fn before(today: NaiveDate, kept: u64) -> NaiveDate {
    today - Days::new(kept)
}
