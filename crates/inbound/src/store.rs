use chrono::{DateTime, TimeDelta, Utc};
use diesel::OptionalExtension as _;
use diesel::sql_types::{Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use witan_pg::{PgError, TenantTx, Tx as _, sql};

use crate::receipt::{State, Stored};
use crate::receive::Arrival;

/// For how long a repetition is recognised: no sender tries for longer.
const KEPT: TimeDelta = TimeDelta::days(30);

const INSERT: &str = "
INSERT INTO inbound_receipts (workspace_id, source, event_id, body, signed_at, received_at, state)
VALUES ($1, $2, $3, $4, $5, $6, 'PENDING') ON CONFLICT DO NOTHING";

/// Keeps it; false if the id was there. A second transaction with the same id waits here for the first one to end.
pub(crate) async fn receipt_insert(
    tx: &mut TenantTx<'_>,
    source: &str,
    arrival: &Arrival<'_>,
    now: DateTime<Utc>,
) -> Result<bool, PgError> {
    let query = sql(INSERT)
        .bind::<SqlUuid, _>(tx.workspace_id().uuid())
        .bind::<Text, _>(source)
        .bind::<Text, _>(arrival.event_id)
        .bind::<Binary, _>(arrival.body)
        .bind::<Nullable<Timestamptz>, _>(arrival.signed_at)
        .bind::<Timestamptz, _>(now);
    Ok(query.execute(tx.conn()).await? == 1)
}

const LOCK: &str = "
SELECT body, signed_at, received_at, state FROM inbound_receipts
WHERE workspace_id = $1 AND source = $2 AND event_id = $3 FOR UPDATE";

pub(crate) async fn receipt_lock(
    tx: &mut TenantTx<'_>,
    source: &str,
    event_id: &str,
) -> Result<Option<Stored>, PgError> {
    let query = sql(LOCK)
        .bind::<SqlUuid, _>(tx.workspace_id().uuid())
        .bind::<Text, _>(source)
        .bind::<Text, _>(event_id);
    Ok(query.get_result(tx.conn()).await.optional()?)
}

const FINISH: &str = "
UPDATE inbound_receipts SET state = $4, finished_at = $5, last_error = $6
WHERE workspace_id = $1 AND source = $2 AND event_id = $3";

/// Says how it ended, or with `Pending` that it begins anew.
pub(crate) async fn receipt_finish(
    tx: &mut TenantTx<'_>,
    source: &str,
    event_id: &str,
    state: State,
    now: DateTime<Utc>,
    error: Option<&str>,
) -> Result<(), PgError> {
    let query = sql(FINISH)
        .bind::<SqlUuid, _>(tx.workspace_id().uuid())
        .bind::<Text, _>(source)
        .bind::<Text, _>(event_id)
        .bind::<Text, _>(state.as_str())
        .bind::<Nullable<Timestamptz>, _>(Some(now).filter(|_| state != State::Pending))
        .bind::<Nullable<Text>, _>(error);
    witan_pg::expect_one(query.execute(tx.conn()).await?)
}

const PRUNE: &str = "
DELETE FROM inbound_receipts WHERE (workspace_id, source, event_id) IN (
    SELECT workspace_id, source, event_id FROM inbound_receipts
    WHERE workspace_id = $1 AND source = $2 AND state <> 'PENDING' AND received_at < $3 LIMIT 20)";

/// Removes some of what is old; more than one comes for each that goes, so that none is left over.
pub(crate) async fn receipt_prune(
    tx: &mut TenantTx<'_>,
    source: &str,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let query = sql(PRUNE)
        .bind::<SqlUuid, _>(tx.workspace_id().uuid())
        .bind::<Text, _>(source)
        .bind::<Timestamptz, _>(now - KEPT);
    query.execute(tx.conn()).await?;
    Ok(())
}
