//! Partitions: those of the next days are made ahead, and those that nobody needs any more are dropped. The active relay does it,
//! so that of a service's replicas one sweeps.

use chrono::{DateTime, Days, TimeDelta, Utc};
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use witan_pg::partitions::{Needed, Partitioned, clear_default, drop_before, earlier, make};
use witan_pg::{PgError, Session};

const EVERY: TimeDelta = TimeDelta::seconds(60);

/// A table, for how many days it is kept, and when a row of its default partition is from.
struct Kept {
    partitioned: Partitioned,
    days: u64,
    dated: &'static str,
}

const KEPT: [Kept; 2] = [
    // For so long published events can be looked at.
    Kept {
        partitioned: Partitioned { table: "outbox", needed: Needed::WhileNull("published_at"), along: &[] },
        days: 3,
        dated: "published_at",
    },
    // For so long a repetition is recognised: longer than anybody leaves a dead letter lying.
    Kept {
        partitioned: Partitioned { table: "inbox", needed: Needed::Never, along: &[] },
        days: 30,
        dated: "seen_at",
    },
];

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
        for kept in &KEPT {
            let swept = session.query(async |conn| sweep(conn, service, kept, now).await).await;
            if let Err(error) = swept {
                let table = kept.partitioned.table;
                tracing::debug!(service, table, %error, "partitions are to be made or dropped later");
                session.ping().await?;
            }
        }
        Ok(())
    }
}

async fn sweep(
    conn: &mut AsyncPgConnection,
    service: &'static str,
    kept: &Kept,
    now: DateTime<Utc>,
) -> QueryResult<()> {
    let table = kept.partitioned.table;
    let made = make(conn, table, now.date_naive()).await?;
    let before = earlier(conn, now).await? - Days::new(kept.days);
    // The oldest day is kept whole, until its last event is old enough.
    let dropped = drop_before(conn, kept.partitioned, before.date_naive()).await?;
    if made > 0 || dropped > 0 {
        tracing::info!(service, table, made, dropped, "partitions of events");
    }
    clear_default(conn, table, kept.dated, before).await.map(drop)
}
