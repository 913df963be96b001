//! Events that a consumer has seen. An event's id says in which partition it is, so that a repetition meets its own row.

use std::collections::HashSet;

use diesel::QueryableByName;
use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use witan_ids::EventId;
use witan_pg::{PgError, Tx, sql};

const INSERT: &str = "
INSERT INTO inbox (consumer, event_id) SELECT $1, unnest($2::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id";

#[derive(QueryableByName)]
struct Fresh {
    #[diesel(sql_type = SqlUuid)]
    event_id: EventId,
}

/// Notes that `consumer` has seen the events, in the transaction of their effect. Those that it had not before.
///
/// A second transaction with the same events waits here for the first one to end.
pub(crate) async fn insert(
    tx: &mut impl Tx,
    consumer: &str,
    events: impl Iterator<Item = EventId>,
) -> Result<HashSet<EventId>, PgError> {
    let mut ids: Vec<_> = events.map(|event| event.uuid()).collect();
    // One order for all.
    ids.sort_unstable();
    let query = sql(INSERT).bind::<Text, _>(consumer).bind::<Array<SqlUuid>, _>(ids);
    let fresh: Vec<Fresh> = query.load(tx.conn()).await?;
    Ok(fresh.into_iter().map(|row| row.event_id).collect())
}
