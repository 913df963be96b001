//! Deliveries of ordered endpoints: who is before whom.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use witan_ids::{DeliveryId, EndpointId};
use witan_pg::{PgError, TenantTx, Tx as _, sql};

use super::deliveries::DeliveryRow;
use crate::domain::order::Position;
use crate::domain::state::DeliveryState;
use crate::schema::deliveries;

const OPEN: [&str; 2] = [DeliveryState::Pending.as_str(), DeliveryState::Held.as_str()];

/// Until the transaction ends nobody else decides who is next there.
pub(crate) async fn order_lock(
    tx: &mut TenantTx<'_>,
    endpoint: EndpointId,
    at: Position,
) -> Result<(), PgError> {
    let key = endpoint.uuid().as_u64_pair().1.cast_signed() ^ at.key;
    sql("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(key).execute(tx.conn()).await?;
    Ok(())
}

/// Whether one that comes before is not settled yet.
pub(crate) async fn order_is_behind(
    tx: &mut TenantTx<'_>,
    endpoint: EndpointId,
    at: Position,
) -> Result<bool, PgError> {
    let earlier = deliveries::table
        .filter(deliveries::endpoint_id.eq(endpoint))
        .filter(deliveries::order_key.eq(at.key))
        .filter(deliveries::state.eq_any(OPEN))
        .filter(deliveries::sequence.lt(at.sequence));
    Ok(diesel::select(diesel::dsl::exists(earlier)).get_result(tx.conn()).await?)
}

/// It has no time of its own until those before it are settled.
pub(crate) async fn order_wait(tx: &mut TenantTx<'_>, id: DeliveryId) -> Result<(), PgError> {
    diesel::update(deliveries::table.filter(deliveries::id.eq(id)))
        .set(deliveries::next_attempt_at.eq(None::<DateTime<Utc>>))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Begins the one that is first now, if it has been waiting for that, in a new round: the job with which it waits is outdated.
pub(crate) async fn order_advance(
    tx: &mut TenantTx<'_>,
    endpoint: EndpointId,
    at: Position,
    now: DateTime<Utc>,
) -> Result<Option<DeliveryRow>, PgError> {
    let first: Option<DeliveryRow> = deliveries::table
        .filter(deliveries::endpoint_id.eq(endpoint))
        .filter(deliveries::order_key.eq(at.key))
        .filter(deliveries::state.eq_any(OPEN))
        .order(deliveries::sequence)
        .select(DeliveryRow::as_select())
        .first(tx.conn())
        .await
        .optional()?;
    let Some(first) = first.filter(DeliveryRow::waits_for_its_turn) else { return Ok(None) };
    let row = diesel::update(deliveries::table.filter(deliveries::id.eq(first.id)))
        .set((deliveries::round.eq(deliveries::round + 1), deliveries::next_attempt_at.eq(now)))
        .returning(DeliveryRow::as_returning())
        .get_result(tx.conn())
        .await?;
    Ok(Some(row))
}
