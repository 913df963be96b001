//! Ordered endpoints get what happened to one thing in its order: of a subject only the first delivery that is not settled is
//! attempted, and the others wait without a time of their own.
//!
//! Who settles one begins the next in the same transaction, and who finds that it must wait says so under the same lock,
//! so that neither misses the other. The job of one that waits looks again every few minutes all the same: what was before it
//! may have been deleted, by an erasure.

use std::time::Duration;

use witan_clock::Clock;
use witan_ids::EndpointId;
use witan_pg::{PgError, TenantTx};

use super::create::enqueue;
use crate::domain::order::Position;
use crate::store::deliveries::DeliveryRow;
use crate::store::ordered::{order_advance, order_is_behind, order_lock, order_wait};

/// How often one that waits looks by itself.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_secs(300);

/// Where one transaction stands, from which on nobody else decides for the same subject. Taken before any row's lock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn {
    endpoint: EndpointId,
    at: Position,
}

impl Turn {
    /// `None` of deliveries that have no place in an order, such as tests.
    pub(crate) async fn take(tx: &mut TenantTx<'_>, delivery: &DeliveryRow) -> Result<Option<Self>, PgError> {
        let Some(at) = delivery.position() else { return Ok(None) };
        order_lock(tx, delivery.endpoint_id, at).await?;
        Ok(Some(Self { endpoint: delivery.endpoint_id, at }))
    }

    /// Whether the delivery must wait; then it does.
    pub(crate) async fn must_wait(
        self,
        tx: &mut TenantTx<'_>,
        delivery: &DeliveryRow,
    ) -> Result<bool, PgError> {
        let behind = order_is_behind(tx, self.endpoint, self.at).await?;
        if behind && delivery.next_attempt_at.is_some() {
            order_wait(tx, delivery.id).await?;
        }
        Ok(behind)
    }

    /// After a delivery was settled: the next one is begun.
    pub(crate) async fn advance(self, tx: &mut TenantTx<'_>, clock: &Clock) -> Result<(), PgError> {
        let next = order_advance(tx, self.endpoint, self.at, clock.now()).await?;
        enqueue(tx.pipeline(), clock, next.as_slice()).await
    }
}
