//! Events that a consumer has seen. An event's id says in which partition it is, so that a repetition meets its own row.

use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use witan_ids::EventId;
use witan_pg::{PgError, Tx, sql};

const INSERT: &str = "INSERT INTO inbox (consumer, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";

/// Notes that `consumer` has seen the event, in the transaction of its effect; false if it had before.
///
/// A second transaction with the same event waits here for the first one to end.
pub(crate) async fn insert(tx: &mut impl Tx, consumer: &str, event: EventId) -> Result<bool, PgError> {
    let query = sql(INSERT).bind::<Text, _>(consumer).bind::<SqlUuid, _>(event);
    Ok(query.execute(tx.conn()).await? == 1)
}
