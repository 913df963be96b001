//! An endpoint's own limits, which hold over all processes: how many deliveries are on their way to it, and how many are
//! begun in a time. Endpoints without them cost nothing here.

use std::time::Duration;

use chrono::{DateTime, Utc};
use witan_pg::{PgError, TenantTx};

use crate::domain::rate::{Place, Rate};
use crate::store::deliveries::DeliveryRow;
use crate::store::endpoints::EndpointRow;
use crate::store::limits::{delivery_depart, delivery_slot, limit_give, limit_lock, limit_on_their_way};

/// Whether the endpoint takes a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    Now,
    /// When one of those on their way has arrived.
    Busy,
    /// It has a place then, by the endpoint's rate.
    At(DateTime<Utc>),
    /// All places are given out for a while.
    Full,
}

/// Asks for a place. `lease` is for how long a delivery may be on its way at most.
pub(super) async fn admit(
    tx: &mut TenantTx<'_>,
    delivery: &DeliveryRow,
    endpoint: &EndpointRow,
    now: DateTime<Utc>,
    lease: Duration,
) -> Result<Admission, PgError> {
    let (rate, most) = (endpoint.rate(), endpoint.max_concurrency);
    if rate.is_none() && most.is_none() {
        return Ok(Admission::Now);
    }
    let given = limit_lock(tx, endpoint.id).await?;
    if let Some(most) = most
        && limit_on_their_way(tx, endpoint.id, delivery.id, now).await? >= i64::from(most)
    {
        return Ok(Admission::Busy);
    }
    if let Some(rate) = rate {
        match delivery.slot_at {
            Some(slot) if rate.holds(slot, now) => delivery_slot(tx, delivery.id, None).await?,
            Some(slot) if Rate::waits(slot, now) => return Ok(Admission::At(slot)),
            _ => match rate.place(given, now) {
                Place::Now(next) => limit_give(tx, endpoint.id, next).await?,
                Place::Later(next) => {
                    limit_give(tx, endpoint.id, next).await?;
                    delivery_slot(tx, delivery.id, Some(next.window)).await?;
                    return Ok(Admission::At(next.window));
                }
                Place::None => return Ok(Admission::Full),
            },
        }
    }
    if most.is_some() {
        delivery_depart(tx, delivery.id, now + lease).await?;
    }
    Ok(Admission::Now)
}
