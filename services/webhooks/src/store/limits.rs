//! What an endpoint has given out of its limits.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{DeliveryId, EndpointId};
use witan_pg::{PgError, TenantTx, Tx as _};

use crate::domain::rate::Given;
use crate::schema::{deliveries, endpoints};

/// Reads what is given out; until the transaction ends nobody else gives anything.
pub(crate) async fn limit_lock(
    tx: &mut TenantTx<'_>,
    endpoint: EndpointId,
) -> Result<Option<Given>, PgError> {
    let (window, used): (Option<DateTime<Utc>>, i32) = endpoints::table
        .filter(endpoints::id.eq(endpoint))
        .select((endpoints::rate_window, endpoints::rate_used))
        .for_no_key_update()
        .first(tx.conn())
        .await?;
    Ok(window.map(|window| Given { window, used }))
}

pub(crate) async fn limit_give(
    tx: &mut TenantTx<'_>,
    endpoint: EndpointId,
    given: Given,
) -> Result<(), PgError> {
    let updated = diesel::update(endpoints::table.filter(endpoints::id.eq(endpoint)))
        .set((endpoints::rate_window.eq(given.window), endpoints::rate_used.eq(given.used)))
        .execute(tx.conn())
        .await?;
    witan_pg::expect_one(updated)
}

/// How many others are on their way to the endpoint, in all processes.
pub(crate) async fn limit_on_their_way(
    tx: &mut TenantTx<'_>,
    endpoint: EndpointId,
    but: DeliveryId,
    now: DateTime<Utc>,
) -> Result<i64, PgError> {
    let query = deliveries::table
        .filter(deliveries::endpoint_id.eq(endpoint))
        .filter(deliveries::sending_until.gt(now))
        .filter(deliveries::id.ne(but));
    Ok(query.count().get_result(tx.conn()).await?)
}

/// Keeps a delivery's place, or says that it was used.
pub(crate) async fn delivery_slot(
    tx: &mut TenantTx<'_>,
    id: DeliveryId,
    slot: Option<DateTime<Utc>>,
) -> Result<(), PgError> {
    diesel::update(deliveries::table.filter(deliveries::id.eq(id)))
        .set(deliveries::slot_at.eq(slot))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// It counts as on its way until it is recorded, or until `until` if that never happens.
pub(crate) async fn delivery_depart(
    tx: &mut TenantTx<'_>,
    id: DeliveryId,
    until: DateTime<Utc>,
) -> Result<(), PgError> {
    diesel::update(deliveries::table.filter(deliveries::id.eq(id)))
        .set(deliveries::sending_until.eq(until))
        .execute(tx.conn())
        .await?;
    Ok(())
}
